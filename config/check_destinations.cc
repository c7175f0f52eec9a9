// Destinations: encrypted wherever anything leaves this machine, and approved. What ask_way and
// ask_approval of router/gate.cc refuse is told here first: a missing approval, and one that is over,
// as a warning.
#include "config/build_retry.h"
#include "config/check_parts.h"
#include "config/words.h"
#include "core/base/counted.h"

namespace veilroute::config {

namespace {

/// Renewing an agreement takes a hospital weeks.
constexpr int kWarningDays = 60;
/// Treatment between providers needs no agreement (45 CFR 164.502(e)(1)(ii)(A)).
constexpr const char* kNeedsNoDocument = "treatment";

/// endpoints stand in place of host and port.
void check_endpoints_alone(const TableReader& table, const Destination& destination) {
  if (!table.has("endpoints") || destination.protocol == Protocol::stow) return;
  for (const char* key : {"host", "port"}) {
    if (!table.has(key)) continue;
    table.problem(table.place(key), "\"endpoints\" say where it is; leave this out",
                  "destination.address-twice");
  }
  if (table.is_faulty("endpoints") || !table.list("endpoints").empty()) return;
  table.problem(table.place("endpoints"), "\"endpoints\" is empty: nobody can be reached",
                "destination.no-endpoint");
}

void check_way(const TableReader& table, const Destination& destination) {
  const std::string protocol = table.text("protocol");
  const char* key = protocol == "stow" ? "url" : table.has("endpoints") ? "endpoints" : "host";
  bool leaves = false;
  const auto check_host = [&](const std::string& host) {
    if (is_any_address(host)) {
      table.problem(table.place(key),
                    "this address means every address of this machine; nobody can be reached there",
                    "destination.unusable-host");
    } else {
      leaves = leaves || (!host.empty() && !is_loopback(host));
    }
  };
  check_host(destination.address.host);
  for (const Endpoint& other : destination.others) check_host(other.host);
  if (protocol == "dicom" && leaves) {
    table.problem(table.place("protocol"),
                  "plain \"dicom\" is for this machine alone (localhost); to send to another, use "
                  "\"dicom+tls\"",
                  "destination.not-encrypted");
  }
  if (protocol == "dicom" && table.has("cert_sha256")) {
    table.problem(table.place("cert_sha256"),
                  "a certificate is only shown with dicom+tls, but \"protocol\" is \"dicom\"",
                  "destination.pin-without-tls");
  }
}

std::string in_days(int days) {
  if (days == 0) return "today";
  return "in " + counted(static_cast<std::uint64_t>(days), "day");
}

/// The last day counts whole, in UTC, as in router/gate.cc.
void check_validity(const TableReader& gate, const Gate& approval, TimePoint now) {
  if (!approval.valid_until.ok()) return;
  const auto left = std::chrono::sys_days(approval.valid_until) -
                    std::chrono::floor<std::chrono::days>(now);
  const auto days = static_cast<int>(left.count());
  if (days < 0) {
    // The gate stays shut whatever the node does; that one agreement ended must not keep the others'
    // studies from going, nor a node that was restarted from receiving.
    gate.problem(gate.place("valid_until"),
                 "this approval is over, nothing is sent there; renew the agreement and then the "
                 "date, or take the destination and its routes out",
                 "gate.expired", true);
  } else if (days <= kWarningDays) {
    gate.problem(gate.place("valid_until"),
                 "this approval ends " + in_days(days) +
                     "; after that nothing is sent, so renew the agreement and then the date",
                 "gate.expires-soon", true);
  }
}

void check_gate(const TableReader& table, const Destination& destination, TimePoint now) {
  if (!table.has("gate")) {
    table.problem(table.place(),
                  "nothing is sent there until it is approved: write gate = { basis, document, "
                  "valid_until, approved_by }",
                  "gate.missing", true);
    return;
  }
  if (table.is_faulty("gate") || !destination.gate) return;
  const TableReader gate = table.below("gate");
  const Gate& approval = *destination.gate;
  if (gate.has("approved_by") && !gate.is_faulty("approved_by") && approval.approved_by.empty()) {
    gate.problem(gate.place("approved_by"), "\"approved_by\" is empty: nobody has approved it",
                 "gate.missing-approver");
  }
  const bool needed = !approval.basis.empty() && approval.basis != kNeedsNoDocument;
  if (needed && approval.document.empty() && !gate.is_faulty("document")) {
    gate.problem(gate.place("document"),
                 "\"document\" is missing: basis \"" + approval.basis +
                     "\" needs the agreement or ruling that allows it",
                 "gate.missing-document");
  }
  check_validity(gate, approval, now);
}

}  // namespace

void check_destinations(const Draft& draft, TimePoint now) {
  check_names(draft.destinations, "destination.repeated-name");
  for (std::size_t i = 0; i < draft.destinations.size(); ++i) {
    const TableReader& table = draft.destinations[i];
    const Destination& destination = draft.config.destinations[i];
    check_endpoints_alone(table, destination);
    check_way(table, destination);
    check_stow(table, destination);
    check_tls(table,
              {"ca", "destination.missing-tls-file", "destination.needless-tls-file", false});
    check_gate(table, destination, now);
    check_retry(table);
  }
}

}  // namespace veilroute::config

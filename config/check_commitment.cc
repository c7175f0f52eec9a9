// Storage commitment: can what it promises be kept, and can sources be told?
#include <algorithm>

#include "config/check_parts.h"
#include "config/words.h"

namespace veilroute::config {

namespace {

/// Does everything of this source come in over TLS? Then nothing of it may go back without. False
/// where that cannot be told.
bool comes_encrypted(const Draft& draft, const Source& source) {
  if (!source.cert_sha256.empty()) return true;
  const auto& listeners = draft.listeners;
  const bool unread = std::any_of(listeners.begin(), listeners.end(), [](const auto& one) {
    return one.is_faulty("name") || one.is_faulty("protocol");
  });
  if (unread) return false;
  std::vector<Listener> ways = draft.config.listeners;
  std::erase_if(ways, [&](const Listener& one) {
    return !source.listener.empty() && source.listener != one.name.value;
  });
  return !ways.empty() && std::none_of(ways.begin(), ways.end(), [](const Listener& one) {
    return one.protocol == Protocol::dicom;
  });
}

void check_report_place(const Draft& draft, const TableReader& table, const Source& source) {
  const ReportPlace& place = *source.report;
  if (is_any_address(place.address.host)) {
    table.problem(table.place("host"),
                  "this address means every address of this machine; nobody can be reached there",
                  "source.unusable-host");
  }
  check_tls(table, {"ca", "source.missing-tls-file", "source.needless-tls-file", false});
  if (table.text("protocol") != "dicom" || table.is_faulty("protocol")) return;
  if (table.has("cert_sha256")) {
    table.problem(table.place("cert_sha256"),
                  "a certificate is only shown with dicom+tls, but \"protocol\" is \"dicom\"",
                  "source.pin-without-tls");
  }
  if (is_loopback(place.address.host) || !comes_encrypted(draft, source)) return;
  table.problem(table.place("protocol"),
                "this source comes over TLS; what is told it about its objects must go the same "
                "way, so use \"dicom+tls\"",
                "source.report-not-encrypted");
}

void check_archives(const Draft& draft, const TableReader& table) {
  if (draft.config.commitment.mode != CommitmentSettings::Mode::archive) return;
  const auto& all = draft.config.destinations;
  const bool unread = std::any_of(draft.destinations.begin(), draft.destinations.end(),
                                  [](const auto& one) { return one.is_faulty("archive"); });
  const bool some =
      std::any_of(all.begin(), all.end(), [](const Destination& one) { return one.archive; });
  if (some || unread) return;
  table.problem(table.place("mode"),
                "no destination is an archive, so every request would fail; write archive = true "
                "in the one that keeps objects for good, or use \"custody\"",
                "commitment.no-archive");
}

}  // namespace

void check_commitment(const Draft& draft) {
  const auto& sources = draft.config.sources;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!sources[i].report || draft.sources[i].is_faulty("report")) continue;
    check_report_place(draft, draft.sources[i].below("report"), sources[i]);
  }
  if (draft.commitment.empty()) return;
  const TableReader& table = draft.commitment.front();
  if (table.is_faulty("mode")) return;
  check_archives(draft, table);
  const bool told = std::any_of(draft.sources.begin(), draft.sources.end(),
                                [](const TableReader& one) { return one.has("report"); });
  if (told || draft.config.commitment.mode == CommitmentSettings::Mode::off) return;
  table.problem(table.place("mode"),
                "no source says where it takes reports: one that does not wait on the association "
                "that asks is never told; write report = { host, port } in the source",
                "commitment.nowhere-to-report", true);
}

}  // namespace veilroute::config

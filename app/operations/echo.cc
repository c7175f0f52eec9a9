// echo: asks a destination whether it is there, takes us, and what it would take.
#include <algorithm>

#include "app/operations/operation.h"
#include "config/words.h"
#include "core/base/clock.h"
#include "core/dicom/uid.h"
#include "router/dicom_echo.h"
#include "router/sender.h"

namespace veilroute::app {
namespace {

json certificates_of(const dicom::TlsFacts& tls, TimePoint now) {
  json chain = json::array();
  for (const dicom::CertificateFacts& each : tls.chain) {
    const auto left = std::chrono::floor<std::chrono::days>(each.expires - now);
    chain.push_back({{"subject", each.subject},
                     {"issuer", each.issuer},
                     {"expires", to_text(each.expires)},
                     {"days_left", left.count()}});
  }
  return chain;
}

json taken_of(const router::EchoReport& report) {
  json rows = json::array();
  for (const router::EchoReport::Taken& each : report.asked) {
    json syntaxes = json::array();
    for (const Uid& uid : each.transfer_syntaxes) {
      syntaxes.push_back({{"uid", uid.value}, {"name", router::name_of_transfer_syntax(uid)}});
    }
    rows.push_back({{"sop_class", each.sop_class.value},
                    {"name", std::string(dicom::name_of_storage_class(each.sop_class.value))},
                    {"transfer_syntaxes", std::move(syntaxes)}});
  }
  return rows;
}

}  // namespace

Result<json> echo(const Settings& settings, const json& arguments) {
  VR_TRY(const std::string name, text_argument(arguments, "destination"));
  const auto* destination = settings.config->find(DestinationName{name});
  if (destination == nullptr) {
    return make_error(
        ErrorKind::invalid, "destination.unknown",
        "there is no destination of this name; `veilroute destination list` shows all");
  }
  VR_TRY(const auto sender, router::make_sender(*destination));
  VR_TRY(const router::EchoReport report, sender->echo());
  json answer{{"destination", name},
              {"address", report.address},
              {"protocol", report.protocol},
              {"reached_ms", report.reached.count()},
              {"answered_ms", report.answered.count()},
              {"peer", report.peer},
              {"tls", report.tls.suite},
              {"certificate_sha256", report.tls.peer_sha256},
              {"certificates", certificates_of(report.tls, SystemClock().now())},
              {"takes", taken_of(report)}};
  if (!report.note.empty()) answer["note"] = report.note;
  if (!report.asked_until.empty()) answer["takes_unknown_after"] = report.asked_until;
  return answer;
}

}  // namespace veilroute::app

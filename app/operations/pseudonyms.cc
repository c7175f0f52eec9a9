#include "app/operations/pseudonyms.h"

#include <algorithm>

#include "app/operations/operation.h"
#include "core/base/crypto.h"
#include "core/dicom/uid.h"

namespace veilroute::app {
namespace {

constexpr std::size_t kLongestValue = 1024;  // what the scanner captures at most
constexpr const char* kSiteScope = "site";

std::string in_hex(const std::string& value) { return to_hex(as_bytes(value)); }

Result<std::string> from_hex_argument(const json& arguments, const char* name) {
  const auto bytes = from_hex(optional_text(arguments, name));
  if (bytes.ok() && bytes->size() <= kLongestValue) return std::string(as_text(*bytes));
  return make_error(ErrorKind::invalid, "argument.wrong-kind",
                    std::string("the argument `") + name + "` is not hexadecimal, or too long");
}

/// A misspelt scope would quietly give every patient a second pseudonym.
Result<Scope> scope_argument(const config::Config& config, const json& arguments) {
  VR_TRY(const std::string name, text_argument(arguments, "scope"));
  const bool known = name == kSiteScope ||
                     std::any_of(config.destinations.begin(), config.destinations.end(),
                                 [&name](const auto& each) { return each.scope.value == name; });
  if (known) return Scope{name};
  return make_error(ErrorKind::invalid, "scope.unknown",
                    "no destination of this site has this scope; write `site`, "
                    "`destination:NAME`, or a project that a destination names");
}

Result<store::PseudonymSubject> subject_of(const json& arguments) {
  VR_TRY(std::string issuer, from_hex_argument(arguments, "issuer"));
  VR_TRY(std::string patient_id, from_hex_argument(arguments, "patient_id"));
  VR_TRY(std::string study, from_hex_argument(arguments, "study"));
  if (!dicom::is_valid_uid(study)) {
    return make_error(ErrorKind::invalid, "argument.wrong-kind",
                      "the argument `study` is not a UID");
  }
  return store::PseudonymSubject{Phi<std::string>(std::move(issuer)),
                                 Phi<std::string>(std::move(patient_id)), Uid{std::move(study)}};
}

}  // namespace

Result<json> pseudonyms(Site& site, Request& request, Caller&) {
  VR_TRY(const Scope scope, scope_argument(site.config(), request.arguments));
  VR_TRY(const auto subject, subject_of(request.arguments));
  VR_TRY(const auto row, site.catalog().pseudonyms_for(subject, scope));
  return json{{"pseudonym", row.pseudonym.reveal()},
              {"accession", row.accession.reveal()},
              {"date_offset_days", row.date_offset_days.reveal()},
              {"secret", to_hex(row.secret.view())}};
}

json pseudonym_arguments(const store::PseudonymSubject& subject, const Scope& scope) {
  return {{"issuer", in_hex(subject.issuer.reveal())},
          {"patient_id", in_hex(subject.patient_id.reveal())},
          {"study", in_hex(subject.study.value)},
          {"scope", scope.value}};
}

Result<store::PseudonymRow> read_pseudonyms(json& answer) {
  store::PseudonymRow row;
  row.pseudonym = Phi<std::string>(optional_text(answer, "pseudonym"));
  row.accession = Phi<std::string>(optional_text(answer, "accession"));
  const auto offset = answer.find("date_offset_days");
  if (offset != answer.end() && offset->is_number_integer()) {
    row.date_offset_days = Phi<int>(offset->get<int>());
  }
  if (const auto secret = answer.find("secret"); secret != answer.end() && secret->is_string()) {
    auto bytes = from_hex(secret->get_ref<const std::string&>());
    if (bytes.ok()) row.secret = Secret(std::move(bytes).value());
  }
  wipe(answer);
  if (!row.pseudonym.reveal().empty() && row.secret.view().size() == crypto::kKeyBytes) return row;
  return make_error(ErrorKind::internal, "pseudonyms.unreadable-answer",
                    "the site's answer is no pseudonym row");
}

}  // namespace veilroute::app

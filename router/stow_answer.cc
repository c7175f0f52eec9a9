// What a STOW-RS or QIDO-RS server says, in DICOM JSON (PS3.18 annex F).
#include "router/stow_answer.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/dicom/command.h"
#include "router/bounded_json.h"

namespace veilroute::router {
namespace {

using nlohmann::json;

constexpr const char* kFailed = "00081198";
constexpr const char* kReferenced = "00081199";
constexpr const char* kReferencedInstance = "00081155";
constexpr const char* kWarningReason = "00081196";
constexpr const char* kFailureReason = "00081197";
constexpr const char* kInstance = "00080018";
constexpr std::uint16_t kProcessingFailure = 0x0110;

/// The values of an attribute; null where it is absent or of another shape.
const json* values_of(const json& object, const char* tag) {
  if (!object.is_object()) return nullptr;
  const auto attribute = object.find(tag);
  if (attribute == object.end() || !attribute->is_object()) return nullptr;
  const auto values = attribute->find("Value");
  return values != attribute->end() && values->is_array() ? &*values : nullptr;
}

std::string text_of(const json& object, const char* tag) {
  const json* values = values_of(object, tag);
  if (values == nullptr || values->size() != 1 || !values->front().is_string()) return {};
  return values->front().get_ref<const std::string&>();
}

/// Some servers write numbers as text.
std::optional<std::uint16_t> code_of(const json& object, const char* tag) {
  const json* values = values_of(object, tag);
  if (values == nullptr || values->size() != 1) return std::nullopt;
  const json& value = values->front();
  std::uint64_t number = 0;
  if (value.is_number_unsigned()) {
    number = value.get<std::uint64_t>();
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  } else {
    return std::nullopt;
  }
  if (number > 0xFFFFU) return std::nullopt;
  return static_cast<std::uint16_t>(number);
}

void take_items(StowAnswer& answer, const json& whole, bool stored) {
  const json* items = values_of(whole, stored ? kReferenced : kFailed);
  if (items == nullptr) return;
  for (const json& item : *items) {
    const auto code = code_of(item, stored ? kWarningReason : kFailureReason);
    note_instance(answer, text_of(item, kReferencedInstance), stored, code.value_or(0));
  }
}

}  // namespace

Error unreadable_answer() {
  return make_error(ErrorKind::invalid, "http.answer-unreadable",
                    "the receiver's answer does not say how the objects fared: DICOM JSON or the "
                    "Native DICOM Model was expected");
}

void note_instance(StowAnswer& answer, std::string_view uid, bool stored, std::uint16_t status) {
  while (!uid.empty() && (uid.back() == ' ' || uid.back() == '\0')) uid.remove_suffix(1);
  if (uid.empty()) return;
  InstanceAnswer& instance = answer[std::string(uid)];
  (stored ? instance.stored : instance.failed) = true;
  if (instance.status == 0) instance.status = status;
}

store::Outcome outcome_of(const InstanceAnswer& answer) {
  using store::Outcome;
  if (answer.stored == answer.failed) return Outcome::unknown;
  if (answer.stored) return Outcome::sent;
  if (answer.status == 0 || answer.status == kProcessingFailure) return Outcome::deferred;
  const bool busy = dicom::store_answer(answer.status) == dicom::StoreAnswer::busy;
  return busy ? Outcome::deferred : Outcome::refused;
}

Result<StowAnswer> read_stow_answer(std::string_view body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first == std::string_view::npos) return unreadable_answer();
  if (body[first] == '<') return read_stow_answer_xml(body.substr(first));
  const auto parsed = parse_json(body.substr(first));
  if (!parsed) return unreadable_answer();
  // The data set, or as some servers have it a list of this one.
  const bool listed = parsed->is_array() && parsed->size() == 1;
  const json& whole = listed ? parsed->front() : *parsed;
  if (!whole.is_object()) return unreadable_answer();
  StowAnswer answer;
  take_items(answer, whole, true);
  take_items(answer, whole, false);
  return answer;
}

Result<bool> names_instance(std::string_view body, const Uid& instance) {
  const auto parsed = parse_json(body);
  if (!parsed || !parsed->is_array()) return unreadable_answer();
  return std::any_of(parsed->begin(), parsed->end(), [&](const json& match) {
    return text_of(match, kInstance) == instance.value;
  });
}

}  // namespace veilroute::router

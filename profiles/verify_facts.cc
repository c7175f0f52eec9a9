// What verify's rules take for granted about tags, texts and a profile's own rules.
#include <algorithm>
#include <array>

#include "core/dicom/padding.h"
#include "profiles/verify_rules.h"
#include "profiles/verify_table.h"

namespace veilroute::profiles {

using dicom::Tag;
using dicom::Vr;
namespace vr = dicom::vr;

bool names_a_class(Tag tag) {
  return tag == Tag{0x0008, 0x0016} || tag == Tag{0x0008, 0x1150} || tag == Tag{0x0008, 0x001A} ||
         tag == Tag{0x0008, 0x001B} || tag == Tag{0x0008, 0x0062} || tag == Tag{0x0008, 0x115A} ||
         tag == Tag{0x3010, 0x0052} || tag == Tag{0x3010, 0x0053};
}

bool must_be_mapped(Tag tag) {
  return tag == Tag{0x0008, 0x0018} || tag == Tag{0x0008, 0x1155} || tag == Tag{0x0020, 0x000D} ||
         tag == Tag{0x0020, 0x000E};
}

std::vector<std::string_view> components(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find('\\');
    std::string_view part = text.substr(0, end);
    while (!part.empty() && (part.front() == ' ')) part.remove_prefix(1);
    parts.push_back(dicom::trimmed(part));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view text_of(const Seen& seen) { return dicom::trimmed(seen.value); }

bool is_dummy(std::string_view text) {
  static constexpr std::array<std::string_view, 8> kDummies{
      "REMOVED", "19000101", "000000", "19000101000000", "0", "000Y", "urn:removed", "2.25.0"};
  return std::find(kDummies.begin(), kDummies.end(), text) != kDummies.end();
}

const Rule* rule_in(const Place& place, const Profile& profile) {
  if (is_beyond_rules(place.tag)) return nullptr;
  const Rule* rule = profile.rules.find(place);
  if (rule == nullptr) return nullptr;
  return rule->action == Action::keep && claims_deidentified(profile) ? nullptr : rule;
}

const Rule* rule_that_decides(Tag tag, const Profile& profile) {
  const dicom::DictionaryEntry* entry = dicom::find(tag);
  return rule_in({{}, tag, entry == nullptr ? Vr::none : entry->vr, {}, {}}, profile);
}

bool passes_as_it_came(Tag tag, const Profile& profile) {
  if (const Rule* rule = rule_that_decides(tag, profile)) return rule->action == Action::keep;
  return demand_for(tag, profile.options).is_retained;
}

bool is_permitted_date(const Seen& seen, const Permitted& permitted) {
  if (seen.vr != vr::DA && seen.vr != vr::DT) return false;
  const Profile& profile = *permitted.profile;
  const Rule* rule = rule_that_decides(seen.tag, profile);
  if (rule == nullptr && profile.options.has(Option::retain_full_dates)) return true;
  const bool year = rule != nullptr && rule->action == Action::year;
  const bool shift = rule != nullptr ? rule->action == Action::shift
                                     : profile.options.has(Option::retain_modified_dates);
  const std::vector<std::string_view> values = components(text_of(seen));
  return (year || shift) && std::all_of(values.begin(), values.end(), [&](std::string_view value) {
           return year ? is_year_alone(seen.vr, value) : permitted.shifted.allow(seen.vr, value);
         });
}

bool is_understood_bulk(Tag tag) {
  if (tag.group == 0x7FE0) return tag.element <= 0x0010 && tag.element != 0;
  if (tag.group == 0x0028) {
    return (tag.element >= 0x1201 && tag.element <= 0x1224) || tag.element == 0x1408 ||
           tag.element == 0x3006;
  }
  if (tag.group == 0x5400) return tag.element >= 0x0110 && tag.element <= 0x1010;
  return tag.group == 0x0066 || tag.group == 0x5600 || tag.group == 0x0064 || tag.group == 0x0080 ||
         tag == Tag{0x006A, 0x0011} || tag == Tag{0x0018, 0x1638} || tag == Tag{0x0022, 0x1531} ||
         tag == Tag{0x003A, 0x032E} || tag == Tag{0x0070, 0x150D} || tag == Tag{0x0070, 0x1808} ||
         tag == Tag{0x0070, 0x1A07} || tag == Tag{0x300A, 0x0664} || tag == Tag{0x300A, 0x0665} ||
         tag == Tag{0x300A, 0x066B};
}

bool is_creator_that_may_stay(std::string_view creator, const Profile& profile) {
  if (profile.options.has(Option::retain_safe_private) && is_creator_of_safe(creator)) return true;
  const auto& rules = profile.rules.all();
  return std::any_of(rules.begin(), rules.end(), [creator](const Rule& rule) {
    return rule.selector.kind == Selector::Kind::block && rule.selector.text == creator &&
           rule.action != Action::remove;
  });
}

}  // namespace veilroute::profiles

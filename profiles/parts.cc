// Dates, ages, hashes and cleaned texts of one object.
#include "profiles/parts.h"

#include <algorithm>

#include "core/base/crypto.h"
#include "core/dicom/padding.h"
#include "profiles/words.h"

namespace veilroute::profiles {
namespace {

using dicom::Element;
using dicom::Holds;
using dicom::Tag;
namespace vr = dicom::vr;

constexpr Tag kStudyDate{0x0008, 0x0020}, kZoneOfObject{0x0008, 0x0201},
    kBirthDate{0x0010, 0x0030}, kAge{0x0010, 0x1010};

bool uses(const Profile& profile, Action action) {
  const auto& rules = profile.rules.all();
  return std::any_of(rules.begin(), rules.end(),
                     [action](const Rule& rule) { return rule.action == action; });
}

bool cleans_texts(const Profile& profile) {
  return profile.options.has(Option::clean_descriptors) ||
         profile.options.has(Option::retain_device) ||
         profile.options.has(Option::retain_patient_characteristics) ||
         uses(profile, Action::clean);
}

void see_date_times(const dicom::Item& item, ObjectZone& zone) {
  for (const Element& element : item.elements) {
    for (const dicom::Item& each : element.items) see_date_times(each, zone);
    const dicom::DictionaryEntry* entry = dicom::find(element.tag);
    const bool date_time = element.vr == vr::DT || (entry != nullptr && entry->vr == vr::DT);
    if (date_time && element.holds == Holds::value) zone.see(dicom::trimmed(element.value));
  }
}

DateShift shift_of(const dicom::Dataset& object, const Profile& profile,
                   const Pseudonyms& pseudonyms) {
  ObjectZone zone(object.text(kZoneOfObject).reveal());
  const bool shifts =
      profile.options.has(Option::retain_modified_dates) || uses(profile, Action::shift);
  if (shifts) see_date_times(object.root(), zone);
  return DateShift(std::chrono::days(pseudonyms.date_offset_days.reveal()), zone.get());
}

}  // namespace

Parts::Parts(const dicom::Dataset& object, const Profile& profile, const Pseudonyms& pseudonyms)
    : pseudonyms_(pseudonyms), shift_(shift_of(object, profile, pseudonyms)) {
  if (uses(profile, Action::year)) {
    const std::string birth = object.text(kBirthDate).reveal();
    const std::string age = object.text(kAge).reveal();
    const std::string study = object.text(kStudyDate).reveal();
    birth_year_reveals_age_ = birth_year_reveals_age({birth, age, study});
  }
  if (cleans_texts(profile)) own_terms_.collect(object);
}

std::optional<std::string> Parts::shifted(std::string_view text, dicom::Vr which) const {
  if (which == vr::DA) return shift_.date(text);
  if (which == vr::DT) return shift_.date_time(text);
  return keep_time(text);
}

std::optional<std::string> Parts::year_of(std::string_view text, const Element& element,
                                          dicom::Vr which) const {
  if (element.tag == kBirthDate && birth_year_reveals_age_) return std::nullopt;
  return which == vr::DA ? date_to_year(text) : date_time_to_year(text);
}

/// Keyed by the patient's secret, so that nobody can try out values; its own domain beside the
/// UIDs.
std::string Parts::hashed(std::string_view text) const {
  constexpr std::size_t kDigits = 16;  // of an SH value
  const std::string message = "veilroute hash of a value\n" + std::string(text);
  std::string hex = to_hex(crypto::hmac_sha256(pseudonyms_.secret, as_bytes(message)));
  hex.resize(kDigits);
  for (char& c : hex) {
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  }
  return hex;
}

bool Parts::names_someone(std::string_view word) const {
  const IdentityTerms::State& own = own_terms_.state();
  const std::string key(word);
  return own.terms.contains(key) || own.words.contains(key);
}

std::optional<std::string> Parts::leave(Action action, const Element& element,
                                        dicom::Vr which) const {
  const std::string_view text = dicom::trimmed(element.value);
  switch (action) {
    case Action::shift:
      return shifted(text, which);
    case Action::year:
      return year_of(text, element, which);
    case Action::age:
      return cap_age(text);
    case Action::hash:
      return hashed(text);
    case Action::clean:
      return clean_words(text, {[this](std::string_view word) { return names_someone(word); }, {}})
          .text;
    default:
      return std::nullopt;
  }
}

}  // namespace veilroute::profiles

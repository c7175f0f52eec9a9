// Patient Identity Removed and what belongs to it.
#include "profiles/method.h"

#include <algorithm>

#include "core/dicom/padding.h"
#include "profiles/shapes.h"
#include "profiles/standard_table.h"

namespace veilroute::profiles {
namespace {

using dicom::Dataset;
using dicom::Tag;
namespace vr = dicom::vr;

constexpr Tag kPatientIdentityRemoved{0x0012, 0x0062}, kMethod{0x0012, 0x0063},
    kMethodCodeSequence{0x0012, 0x0064}, kLongitudinalModified{0x0028, 0x0303};
constexpr Tag kMethodCode{0x0008, 0x0100}, kScheme{0x0008, 0x0102}, kMeaning{0x0008, 0x0104};
constexpr std::string_view kBasicProfileCode = "113100";  // CID 7050

std::string_view text_in(const dicom::Item& item, Tag tag) {
  const dicom::Element* element = Dataset::find(item, tag);
  return element == nullptr ? std::string_view{} : dicom::trimmed(element->value);
}

bool has_code(const dicom::Element& sequence, std::string_view code) {
  for (const dicom::Item& item : sequence.items) {
    if (text_in(item, kMethodCode) == code && text_in(item, kScheme) == "DCM") return true;
  }
  return false;
}

void add_code(Dataset& object, dicom::Element& sequence, std::string_view code) {
  if (has_code(sequence, code)) return;
  dicom::Item item;
  object.put_text(item, kMethodCode, vr::SH, code);
  object.put_text(item, kScheme, vr::SH, "DCM");
  object.put_text(item, kMeaning, vr::LO, method_meaning(code));
  sequence.items.push_back(std::move(item));
}

}  // namespace

std::string method_text(const Profile& profile) {
  constexpr std::size_t kDigits = 12;
  constexpr std::size_t kLongestName = 32;  // the whole is one LO value of at most 64
  return "Veilroute " + profile.name.value.substr(0, kLongestName) + " " +
         profile.version.value.substr(0, kDigits);
}

void write_method(Dataset& object, const Profile& profile) {
  object.put_text(kPatientIdentityRemoved, vr::CS, "YES");
  const std::string ours = method_text(profile);
  std::string text = object.text(kMethod).reveal();
  const bool said = !all_components(text, [&ours](std::string_view part) { return part != ours; });
  if (!said) text += text.empty() ? ours : "\\" + ours;
  object.put_text(kMethod, vr::LO, text);
  dicom::Element* sequence = Dataset::find(object.root(), kMethodCodeSequence);
  if (sequence == nullptr || sequence->holds != dicom::Holds::sequence) {
    sequence = &object.put_sequence(object.root(), kMethodCodeSequence);
  }
  add_code(object, *sequence, kBasicProfileCode);
  for (const Option option : all_options()) {
    if (profile.options.has(option)) add_code(object, *sequence, code_of(option));
  }
  object.put_text(kLongitudinalModified, vr::CS, longitudinal_word(profile));
}

}  // namespace veilroute::profiles

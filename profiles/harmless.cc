// How a finding that was named harmless is known again.
#include "profiles/harmless.h"

#include "core/base/unicode.h"

namespace veilroute::profiles {

std::string path_without_items(std::string_view path) {
  std::string plain;
  bool in_number = false;
  for (const char c : path) {
    in_number = in_number || c == '[';
    if (!in_number) plain += c;
    in_number = in_number && c != ']';
  }
  return plain;
}

std::optional<std::string> value_to_compare(ByteView value, dicom::Vr vr,
                                            const dicom::CharacterSet& set) {
  if (!dicom::is_text(vr)) return std::nullopt;
  const auto decoded = dicom::decode_text(value, vr, set);
  if (!decoded) return std::nullopt;
  return comparable(*decoded);
}

}  // namespace veilroute::profiles

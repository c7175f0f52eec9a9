// What fills a value up to an even length (PS3.5 6.2), and a fixed field to its end (PS3.8 9.3.2):
// spaces, or NULs, whichever a device chose.
#pragma once

#include <string_view>

#include "core/base/bytes.h"

namespace veilroute::dicom {

inline bool is_padding(char c) { return c == ' ' || c == '\0'; }

/// A text without the padding behind it.
inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_padding(text.back())) text.remove_suffix(1);
  return text;
}
inline std::string_view trimmed(ByteView value) { return trimmed(as_text(value)); }

/// The same with what stands in front, which does not count in most VRs either.
inline std::string_view trimmed_both(std::string_view text) {
  while (!text.empty() && is_padding(text.front())) text.remove_prefix(1);
  return trimmed(text);
}

}  // namespace veilroute::dicom

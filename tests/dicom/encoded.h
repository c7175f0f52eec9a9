// Data sets written byte by byte, so that tests can write what no writer would.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.h"
#include "core/dicom/dictionary.h"

namespace veilroute::dicom::testing {

inline constexpr std::uint32_t kUndefined = 0xFFFFFFFF;

inline void put(Bytes& out, std::uint32_t number, unsigned width, bool big = false) {
  for (unsigned i = 0; i < width; ++i) {
    const unsigned shift = 8U * (big ? width - 1 - i : i);
    out.push_back(static_cast<std::uint8_t>((number >> shift) & 0xFFU));
  }
}

inline Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline Bytes raw(std::string_view text) { return {text.begin(), text.end()}; }

/// tag ‖ length: items, delimiters, implicit VR headers.
inline Bytes head(Tag tag, std::uint32_t length, bool big = false) {
  Bytes out;
  put(out, tag.group, 2, big);
  put(out, tag.element, 2, big);
  put(out, length, 4, big);
  return out;
}
inline Bytes implicit(Tag tag, std::string_view value) {
  return head(tag, static_cast<std::uint32_t>(value.size())) + raw(value);
}
inline Bytes item(const Bytes& content) {
  return head(tags::Item, static_cast<std::uint32_t>(content.size())) + content;
}
inline Bytes open_item(const Bytes& content) {
  return head(tags::Item, kUndefined) + content + head(tags::ItemDelimitation, 0);
}
inline Bytes sequence_end() { return head(tags::SequenceDelimitation, 0); }

/// Explicit VR header with any two letters and any length.
inline Bytes explicit_head(Tag tag, std::string_view letters, std::uint32_t length,
                           bool big = false) {
  Bytes out;
  put(out, tag.group, 2, big);
  put(out, tag.element, 2, big);
  out = out + raw(letters);
  const bool wide = has_long_length(vr_of(letters[0], letters[1]));
  if (wide) put(out, 0, 2);
  put(out, length, wide ? 4 : 2, big);
  return out;
}
inline Bytes element(Tag tag, std::string_view letters, std::string_view value, bool big = false) {
  return explicit_head(tag, letters, static_cast<std::uint32_t>(value.size()), big) + raw(value);
}
inline Bytes sequence(Tag tag, const Bytes& items) {
  return explicit_head(tag, "SQ", static_cast<std::uint32_t>(items.size())) + items;
}
inline Bytes open_sequence(Tag tag, const Bytes& items) {
  return explicit_head(tag, "SQ", kUndefined) + items + sequence_end();
}

}  // namespace veilroute::dicom::testing

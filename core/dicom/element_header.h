// The few bytes in front of each value (PS3.5 7.1, 7.5): read the same way by the scanner and by
// read_dataset, so that one never accepts what the other would not see.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/dicom/dictionary.h"

namespace veilroute::dicom {

inline constexpr std::uint32_t kUndefinedLength = 0xFFFFFFFFU;
inline constexpr std::uint32_t kItemHeaderBytes = 8;
inline constexpr std::uint32_t kLongestHeaderBytes = 12;
/// The end of a container that nothing around it bounds.
inline constexpr std::uint64_t kNoBound = std::numeric_limits<std::uint64_t>::max();

/// How elements are laid out at some place of a data set.
struct Encoding {
  bool implicit_vr = false;
  bool big_endian = false;
  bool operator==(const Encoding&) const = default;
};
/// What stands inside UN of undefined length (PS3.5 6.2.2).
inline constexpr Encoding kInsideUn{true, false};

/// What follows a header.
enum class Content : std::uint8_t {
  value,              ///< `length` bytes
  sequence,           ///< items
  fragments,          ///< encapsulated Pixel Data: items of bytes
  item,               ///< elements of an item
  item_end,           ///< nothing: a delimitation item
  sequence_end,
};

struct ElementHeader {
  Tag tag;
  Vr vr = Vr::none;
  Content content = Content::value;
  bool nested_implicit = false;  ///< the content is kInsideUn whatever is around it
  std::uint32_t length = 0;
  std::string_view problem;      ///< a slug; empty: none
  [[nodiscard]] bool undefined_length() const { return length == kUndefinedLength; }
};

std::uint16_t read_u16(const std::uint8_t* at, bool big_endian);
std::uint32_t read_u32(const std::uint8_t* at, bool big_endian);

/// 8 or 12, told from the first eight bytes.
std::uint32_t header_size_bytes(const std::uint8_t* first_eight, const Encoding& encoding);
/// `bytes` holds header_size_bytes(). The tags of items and delimiters are recognised in any place;
/// whether they may stand there is for the caller to say.
ElementHeader read_header(const std::uint8_t* bytes, const Encoding& encoding);

/// Where only an item or a delimiter may stand (inside a sequence or Pixel Data): eight bytes.
/// Anything else is "dataset.length-lies", since a wrong length is what leads there.
ElementHeader read_item_header(const std::uint8_t* bytes, const Encoding& encoding);

/// True for the three kinds of Pixel Data (PS3.3 C.7.6.3, C.7.6.24).
constexpr bool is_pixel_data(Tag tag) {
  return tag == tags::PixelData || tag == tags::FloatPixelData || tag == tags::DoubleFloatPixelData;
}
/// Groups that never stand in a data set: the command set and file meta information.
constexpr bool is_foreign_group(Tag tag) { return tag.group == 0x0000 || tag.group == 0x0002; }
/// True for a value that is only ever known as a range (scanner.h, LargeValue).
bool is_large(Tag tag, std::uint32_t length, bool top_level);

}  // namespace veilroute::dicom

#include "core/dicom/element_header.h"

#include "core/dicom/scanner.h"

namespace veilroute::dicom {
namespace {

constexpr std::string_view kUnknownVr = "dataset.unknown-vr";
constexpr std::string_view kLengthLies = "dataset.length-lies";
constexpr std::string_view kBadFragments = "dataset.bad-fragments";
constexpr std::string_view kCommandGroup = "dataset.command-group";
constexpr std::string_view kStrayDelimiter = "dataset.stray-delimiter";

Content content_of_undefined(ElementHeader& header, const Encoding& encoding) {
  if (header.vr == vr::SQ) return Content::sequence;
  const bool bytes = header.vr == vr::OB || header.vr == vr::OW;
  if (header.tag == tags::PixelData && (bytes || encoding.implicit_vr)) return Content::fragments;
  if (header.vr == vr::UN) {
    header.nested_implicit = true;
    return Content::sequence;
  }
  header.problem = bytes ? kBadFragments : kLengthLies;
  return Content::value;
}

}  // namespace

std::uint16_t read_u16(const std::uint8_t* at, bool big_endian) {
  const unsigned value = big_endian ? (static_cast<unsigned>(at[0]) << 8U) | at[1]
                                    : (static_cast<unsigned>(at[1]) << 8U) | at[0];
  return static_cast<std::uint16_t>(value);
}

std::uint32_t read_u32(const std::uint8_t* at, bool big_endian) {
  const std::uint32_t first = read_u16(at, big_endian);
  const std::uint32_t second = read_u16(at + 2, big_endian);
  return big_endian ? (first << 16U) | second : (second << 16U) | first;
}

std::uint32_t header_size_bytes(const std::uint8_t* first_eight, const Encoding& encoding) {
  if (encoding.implicit_vr) return 8;
  if (read_u16(first_eight, encoding.big_endian) == tags::Item.group) return 8;
  const Vr stated = vr_of(static_cast<char>(first_eight[4]), static_cast<char>(first_eight[5]));
  return has_long_length(stated) ? 12 : 8;
}

ElementHeader read_item_header(const std::uint8_t* bytes, const Encoding& encoding) {
  ElementHeader header;
  header.tag = {read_u16(bytes, encoding.big_endian), read_u16(bytes + 2, encoding.big_endian)};
  header.length = read_u32(bytes + 4, encoding.big_endian);
  if (header.tag == tags::Item) {
    header.content = Content::item;
  } else if (header.tag == tags::ItemDelimitation) {
    header.content = Content::item_end;
  } else if (header.tag == tags::SequenceDelimitation) {
    header.content = Content::sequence_end;
  } else {
    header.problem = header.tag.group == tags::Item.group ? kStrayDelimiter : kLengthLies;
  }
  if (header.content != Content::value && header.content != Content::item && header.length != 0) {
    header.problem = kLengthLies;
  }
  return header;
}

ElementHeader read_header(const std::uint8_t* bytes, const Encoding& encoding) {
  const Tag tag{read_u16(bytes, encoding.big_endian), read_u16(bytes + 2, encoding.big_endian)};
  if (tag.group == tags::Item.group) return read_item_header(bytes, encoding);
  ElementHeader header;
  header.tag = tag;
  if (is_foreign_group(tag)) {
    header.problem = kCommandGroup;
    return header;
  }
  if (encoding.implicit_vr) {
    header.vr = implicit_vr(tag);
    header.length = read_u32(bytes + 4, encoding.big_endian);
  } else {
    header.vr = vr_of(static_cast<char>(bytes[4]), static_cast<char>(bytes[5]));
    if (!is_known(header.vr)) {
      header.problem = kUnknownVr;
      return header;
    }
    header.length = has_long_length(header.vr) ? read_u32(bytes + 8, encoding.big_endian)
                                               : read_u16(bytes + 6, encoding.big_endian);
  }
  if (header.undefined_length()) {
    header.content = content_of_undefined(header, encoding);
  } else if (header.vr == vr::SQ) {
    header.content = Content::sequence;
  }
  return header;
}

bool is_large(Tag tag, std::uint32_t length, bool top_level) {
  return length >= kLargeValueBytes || (top_level && is_pixel_data(tag));
}

}  // namespace veilroute::dicom

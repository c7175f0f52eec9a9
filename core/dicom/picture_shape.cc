#include "core/dicom/picture_shape.h"

#include <charconv>

namespace veilroute::dicom {
namespace {

/// An integer string (PS3.5 6.2).
std::uint64_t frames_in(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '+')) text.remove_prefix(1);
  std::uint64_t frames = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), frames);
  return read.ec == std::errc{} && frames > 0 ? frames : 1;
}

std::uint16_t unsigned_short_in(ByteView raw, bool big_endian) {
  if (raw.size() < 2) return 0;
  return static_cast<std::uint16_t>(big_endian ? (raw[0] << 8U) | raw[1] : (raw[1] << 8U) | raw[0]);
}

}  // namespace

bool PictureShape::is_asked(Tag tag) {
  return tag == tags::NumberOfFrames || tag == tags::Rows || tag == tags::Columns;
}

void PictureShape::note(Tag tag, ByteView raw, bool big_endian) {
  if (tag == tags::NumberOfFrames) frames = frames_in(as_text(raw));
  if (tag == tags::Rows) rows = unsigned_short_in(raw, big_endian);
  if (tag == tags::Columns) columns = unsigned_short_in(raw, big_endian);
}

}  // namespace veilroute::dicom

#include "core/dicom/box_walk.h"

#include <string_view>

namespace veilroute::dicom {
namespace {

std::uint64_t number_at(const std::uint8_t* bytes, unsigned count) {
  std::uint64_t number = 0;
  for (unsigned i = 0; i < count; ++i) number = (number << 8U) | bytes[i];
  return number;
}

}  // namespace

void BoxWalk::begin() {
  held_ = 0;
  left_ = 0;
  any_ = false;
  changes_samples_ = false;
}

BoxWalk::Found BoxWalk::feed(std::uint8_t byte) {
  if (left_ > 0) {
    --left_;
    return Found::boxes;
  }
  header_[held_++] = byte;
  if (held_ < kHeaderBytes) return Found::boxes;
  constexpr std::uint64_t kLengthFollows = 1;
  const bool is_long = number_at(header_.data(), 4) == kLengthFollows;
  if (is_long && held_ < kLongHeaderBytes) return Found::boxes;
  return on_header();
}

BoxWalk::Found BoxWalk::on_header() {
  const bool is_long = held_ == kLongHeaderBytes;
  const std::uint64_t length =
      is_long ? number_at(header_.data() + kHeaderBytes, 8) : number_at(header_.data(), 4);
  const std::string_view type = as_text(ByteView(header_).subspan(4, 4));
  // The signature box comes first (T.800 I.5.1); a length of 0 is for the codestream alone.
  if (!any_ && type != "jP  ") return Found::unread;
  any_ = true;
  if (type == "jp2c") return Found::codestream;
  if (length < held_) return Found::unread;
  if (type == "pclr" || type == "cmap" || type == "cdef") changes_samples_ = true;
  // What the header box holds are boxes: they are looked at one by one.
  if (type != "jp2h") left_ = length - held_;
  held_ = 0;
  return Found::boxes;
}

}  // namespace veilroute::dicom

#include "core/dicom/rle_walk.h"

#include <algorithm>
#include <limits>

namespace veilroute::dicom {
namespace {

/// A control byte that stands for nothing (PS3.5 G.3.2).
constexpr std::uint8_t kNoOperation = 128;

std::uint32_t little_endian_at(const std::uint8_t* bytes) {
  return bytes[0] | (std::uint32_t{bytes[1]} << 8U) | (std::uint32_t{bytes[2]} << 16U) |
         (std::uint32_t{bytes[3]} << 24U);
}

}  // namespace

void RleWalk::begin_frame() {
  found_ = Found::clean;
  at_ = 0;
  segments_ = 0;
}

void RleWalk::note(Found worse) { found_ = std::max(found_, worse); }

void RleWalk::feed(ByteView bytes) {
  if (at_ < kHeaderBytes && !bytes.empty()) {
    const std::size_t some = std::min<std::size_t>(kHeaderBytes - at_, bytes.size());
    std::copy_n(bytes.begin(), some, header_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += some;
    bytes = bytes.subspan(some);
    if (at_ == kHeaderBytes) read_header();
  }
  while (!bytes.empty() && found_ != Found::unread) {
    const std::uint64_t end =
        segment_ + 1 < segments_
            ? little_endian_at(header_.data() + std::size_t{4} * (segment_ + 2))
            : std::numeric_limits<std::uint64_t>::max();
    const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(end - at_, bytes.size()));
    walk_runs(bytes.first(some));
    at_ += some;
    bytes = bytes.subspan(some);
    if (at_ < end) continue;
    if (literal_ > 0) return note(Found::unread);
    ++segment_;
    begin_segment();
  }
}

void RleWalk::read_header() {
  segments_ = little_endian_at(header_.data());
  segment_ = 0;
  begin_segment();
  if (plane_pixels_ == 0 || segments_ == 0 || segments_ > kMostSegments) {
    return note(Found::unread);
  }
  std::uint32_t last = 0;
  for (std::uint32_t i = 0; i < kMostSegments; ++i) {
    const std::uint32_t offset = little_endian_at(header_.data() + std::size_t{4} * (i + 1));
    const bool fits = i == 0 ? offset == kHeaderBytes : i < segments_ ? offset > last : offset == 0;
    if (!fits) return note(i < segments_ ? Found::unread : Found::surplus);
    last = offset;
  }
}

void RleWalk::begin_segment() {
  decoded_ = 0;
  literal_ = 0;
  tail_bytes_ = 0;
}

void RleWalk::walk_runs(ByteView bytes) {
  while (!bytes.empty()) {
    if (literal_ > 0) {
      const std::size_t some = std::min<std::size_t>(literal_, bytes.size());
      literal_ -= static_cast<std::uint32_t>(some);
      bytes = bytes.subspan(some);
      continue;
    }
    if (decoded_ < plane_pixels_) {
      on_control(bytes.front());
    } else {
      on_tail(bytes.front());
    }
    bytes = bytes.subspan(1);
  }
}

void RleWalk::on_control(std::uint8_t control) {
  if (control == kNoOperation) return;
  const bool repeats = control > kNoOperation;
  decoded_ += repeats ? 257U - control : control + 1U;
  literal_ = repeats ? 1 : control + 1U;
  // A run that goes beyond the picture carries what no picture shows.
  if (decoded_ > plane_pixels_) note(Found::surplus);
}

/// Segments are padded to an even length (PS3.5 G.3.1). One byte of padding may be anything; more
/// than one that is neither zero nor without meaning is something else.
void RleWalk::on_tail(std::uint8_t byte) {
  if (byte != 0 && byte != kNoOperation && byte != 0xFF) ++tail_bytes_;
  if (tail_bytes_ > 1) note(Found::surplus);
}

}  // namespace veilroute::dicom

#include "core/dicom/rle_walk.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace veilroute::dicom {
namespace {

/// A control byte that stands for nothing (PS3.5 G.3.2).
constexpr std::uint8_t kNoOperation = 128;

std::uint32_t little_endian_at(const std::uint8_t* bytes) {
  return bytes[0] | (std::uint32_t{bytes[1]} << 8U) | (std::uint32_t{bytes[2]} << 16U) |
         (std::uint32_t{bytes[3]} << 24U);
}

}  // namespace

void RleWalk::begin_frame(std::uint64_t position) {
  found_ = Found::clean;
  begin_ = position;
  at_ = 0;
  segments_ = 0;
  removed_bytes_ = 0;
  is_edited_ = false;
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
    const std::uint64_t end = segment_end();
    const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(end - at_, bytes.size()));
    walk_runs(bytes.first(some));
    bytes = bytes.subspan(some);
    if (at_ < end) continue;
    if (literal_ > 0) return note(Found::unread);
    end_segment(false);
    ++segment_;
    begin_segment();
  }
}

/// Of the last segment nobody says where it ends.
std::uint64_t RleWalk::segment_end() const {
  return segment_ + 1 < segments_
             ? little_endian_at(header_.data() + std::size_t{4} * (segment_ + 2))
             : std::numeric_limits<std::uint64_t>::max();
}

void RleWalk::read_header() {
  segments_ = little_endian_at(header_.data());
  segment_ = 0;
  begin_segment();
  if (plane_pixels_ == 0 || segments_ == 0 || segments_ > kMostSegments) {
    return note(Found::unread);
  }
  std::uint32_t last = 0;
  for (std::uint32_t i = 0; i < segments_; ++i) {
    const std::uint32_t offset = little_endian_at(header_.data() + std::size_t{4} * (i + 1));
    if (i == 0 ? offset != kHeaderBytes : offset <= last) return note(Found::unread);
    last = offset;
  }
  clear_unused_offsets();
}

void RleWalk::clear_unused_offsets() {
  for (std::uint32_t i = segments_; i < kMostSegments; ++i) {
    const std::uint32_t at = 4 * (i + 1);
    if (little_endian_at(header_.data() + at) == 0) continue;
    note(Found::surplus);
    if (edits_ != nullptr) replace(at, at + 4, std::array<std::uint8_t, 4>{});
  }
}

void RleWalk::begin_segment() {
  decoded_ = 0;
  literal_ = 0;
  tail_bytes_ = 0;
  has_tail_ = false;
  segment_begin_ = at_;
  if (removed_bytes_ == 0) return;
  const std::uint64_t offset = at_ - removed_bytes_;
  std::array<std::uint8_t, 4> stated{};
  for (unsigned i = 0; i < 4; ++i) {
    stated[i] = static_cast<std::uint8_t>((offset >> (8U * i)) & 0xFFU);
  }
  const std::uint64_t at = 4ULL * (segment_ + 1);
  replace(at, at + 4, stated);
}

/// Offsets are within the frame.
void RleWalk::replace(std::uint64_t begin, std::uint64_t end, ByteView by) {
  edits_->replace(begin_ + begin, begin_ + end, by);
  is_edited_ = true;
}

void RleWalk::end_segment(bool last) {
  // A frame that changes gets padding of its own.
  const bool cut = tail_bytes_ > 1 || (last && has_tail_ && is_edited_);
  if (edits_ == nullptr || !cut) return;
  // The next segment begins at an even offset (PS3.5 G.3.1).
  const bool pad = !last && (tail_begin_ - segment_begin_) % 2 != 0;
  replace(tail_begin_, at_, Bytes(pad ? 1 : 0, 0));
  removed_bytes_ += at_ - tail_begin_ - (pad ? 1 : 0);
}

void RleWalk::end_frame() {
  if (edits_ == nullptr || at_ == 0) return;
  const bool whole =
      segments_ > 0 && segment_ + 1 == segments_ && literal_ == 0 && decoded_ >= plane_pixels_;
  // Padding behind runs that end too early would be taken for more of them.
  if (!whole) edits_->give_up();
  end_segment(true);
}

void RleWalk::walk_runs(ByteView bytes) {
  while (!bytes.empty()) {
    std::size_t some = 1;
    if (literal_ > 0) {
      some = std::min<std::size_t>(literal_, bytes.size());
      literal_ -= static_cast<std::uint32_t>(some);
    } else if (decoded_ < plane_pixels_) {
      on_control(bytes.front());
    } else {
      on_tail(bytes.front());
    }
    at_ += some;
    bytes = bytes.subspan(some);
  }
}

void RleWalk::on_control(std::uint8_t control) {
  if (control == kNoOperation) return;
  const bool repeats = control > kNoOperation;
  decoded_ += repeats ? 257U - control : control + 1U;
  literal_ = repeats ? 1 : control + 1U;
  if (decoded_ <= plane_pixels_) return;
  // A run that goes beyond the picture carries what no picture shows. Runs are never rewritten.
  note(Found::surplus);
  if (edits_ != nullptr) edits_->give_up();
}

/// Segments are padded to an even length (PS3.5 G.3.1). One byte of padding may be anything; more
/// than one that is neither zero nor without meaning is something else.
void RleWalk::on_tail(std::uint8_t byte) {
  if (!std::exchange(has_tail_, true)) tail_begin_ = at_;
  if (byte != 0 && byte != kNoOperation && byte != 0xFF) ++tail_bytes_;
  if (tail_bytes_ > 1) note(Found::surplus);
}

}  // namespace veilroute::dicom

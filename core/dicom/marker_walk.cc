#include "core/dicom/marker_walk.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/dicom/codestream_segments.h"

namespace veilroute::dicom {
namespace {

/// As much of a segment as is judged; what is longer is no technical one.
constexpr std::size_t kLongestJudged = 1024;
constexpr std::uint8_t kStartOfImage = 0xD8, kEndOfImage = 0xD9, kStartOfScan = 0xDA;
constexpr std::uint8_t kStartOfCodestream = 0x4F, kStartOfTilePart = 0x90, kStartOfData = 0x93,
                       kEndOfCodestream = 0xD9, kTileLengths = 0x55, kJpeg2000Comment = 0x64,
                       kJpegComment = 0xFE;

}  // namespace

void MarkerWalk::note(Found worse) { found_ = std::max(found_, worse); }

void MarkerWalk::give_up() {
  note(Found::unread);
  at_ = At::given_up;
}

void MarkerWalk::begin_frame() {
  any_ = false;
  begun_ = 0;
  rest_bytes_ = 0;
  in_tile_part_ = false;
  tile_left_ = 0;
  lists_tile_lengths_ = false;
  is_edited_ = false;
  at_ = At::start;
}

void MarkerWalk::feed(ByteView bytes) {
  while (!bytes.empty() && at_ != At::given_up) step(bytes);
}

void MarkerWalk::step(ByteView& bytes) {
  if (at_ == At::segment) return skip_segment(bytes);
  if (at_ == At::entropy) return skip_entropy(bytes);
  if (at_ == At::tile_data) return skip_tile_data(bytes);
  on_byte(take(bytes, 1).front());
}

/// Up to so many of the bytes, which are then behind us.
ByteView MarkerWalk::take(ByteView& bytes, std::uint64_t most) {
  const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(most, bytes.size()));
  const ByteView taken = bytes.first(some);
  bytes = bytes.subspan(some);
  position_ += some;
  return taken;
}

void MarkerWalk::on_byte(std::uint8_t byte) {
  switch (at_) {
    case At::start:
      return on_start(byte);
    case At::boxes:
      return on_box(byte);
    case At::marker:
      count_tile(2);
      if (at_ == At::given_up) return;
      if (byte != 0xFF) return give_up();
      marker_begin_ = position_ - 1;
      at_ = At::marker_code;
      return;
    case At::marker_code:
      return on_marker(byte);
    case At::length_high:
      left_ = static_cast<std::uint32_t>(byte) << 8U;
      at_ = At::length_low;
      return;
    case At::length_low:
      left_ |= byte;
      count_tile(left_);
      if (at_ != At::given_up) on_segment_begin();
      return;
    case At::entropy_mark:
      return on_entropy_mark(byte);
    default:
      return on_rest(byte);
  }
}

void MarkerWalk::on_start(std::uint8_t byte) {
  if (!any_) frame_begin_ = position_ - 1;
  const std::uint8_t second = coding_ == Coding::jpeg_2000 ? kStartOfCodestream : kStartOfImage;
  if (byte != (begun_ == 0 ? 0xFF : second)) {
    // A JP2 file around the codestream begins with the length of its first box.
    if (any_ || byte != 0 || coding_ != Coding::jpeg_2000) return give_up();
    note(Found::metadata);
    any_ = true;
    at_ = At::boxes;
    boxes_.begin();
    return on_box(byte);
  }
  any_ = true;
  if (++begun_ == 2) at_ = At::marker;
}

void MarkerWalk::on_box(std::uint8_t byte) {
  switch (boxes_.feed(byte)) {
    case BoxWalk::Found::boxes:
      return;
    case BoxWalk::Found::unread:
      return give_up();
    case BoxWalk::Found::codestream:
      break;
  }
  if (edits_ != nullptr) {
    replace(frame_begin_, position_, {});
    if (boxes_.changes_samples()) edits_->give_up();
  }
  at_ = At::start;
}

void MarkerWalk::on_marker(std::uint8_t code) {
  marker_ = code;
  if (code == 0xFF && coding_ != Coding::jpeg_2000) return;  // fill byte (T.81 B.1.1.2)
  if (coding_ == Coding::jpeg_2000) return on_jpeg_2000_marker(code);
  on_jpeg_marker(code);
}

void MarkerWalk::on_jpeg_marker(std::uint8_t code) {
  if (code == kEndOfImage) {
    on_end();
  } else if (code >= 0xD0 && code <= kStartOfImage) {
    give_up();
  } else if (code >= 0xC0) {
    at_ = At::length_high;
  } else {
    give_up();
  }
}

void MarkerWalk::on_jpeg_2000_marker(std::uint8_t code) {
  if (code == kEndOfCodestream) {
    on_end();
  } else if (code == kStartOfData && in_tile_part_) {
    begin_tile_data();
  } else if (code >= 0x4F && code <= 0x93 && code != kStartOfCodestream && code != kStartOfData) {
    at_ = At::length_high;
  } else {
    give_up();
  }
}

void MarkerWalk::on_segment_begin() {
  if (left_ < 2) return give_up();
  left_ -= 2;
  content_begin_ = position_;
  judged_.clear();
  whole_judged_ = left_ <= kLongestJudged;
  at_ = At::segment;
  if (left_ == 0) on_segment_end();
}

void MarkerWalk::on_segment_end() {
  at_ = At::marker;
  if (coding_ == Coding::jpeg_2000) return on_jpeg_2000_segment();
  on_jpeg_segment();
}

void MarkerWalk::on_jpeg_segment() {
  if (marker_ == kStartOfScan) {
    at_ = At::entropy;
  } else if (marker_ == kJpegComment) {
    if (!whole_judged_ || !is_encoder_comment(judged_)) drop_segment();
  } else if (marker_ >= 0xE0 && marker_ <= 0xEF) {
    if (!whole_judged_ || !is_technical_application(marker_, judged_)) on_application();
  } else if (!is_technical_jpeg(marker_)) {
    note(Found::unread);
  }
}

/// Some application segments begin with what a decoder needs to get the colours right.
void MarkerWalk::on_application() {
  const NeededApplication needed = needed_of_application(marker_, judged_);
  if (needed.length == 0) return drop_segment();
  shorten_segment(needed.length, as_bytes(needed.instead));
}

void MarkerWalk::on_jpeg_2000_segment() {
  if (marker_ == kStartOfTilePart) return on_tile_part();
  if (marker_ == kTileLengths) lists_tile_lengths_ = true;
  if (marker_ == kJpeg2000Comment) {
    // Rcom 1: text. Binary comments are an encoder's own and cannot be judged.
    const bool text = judged_.starts_with(std::string_view("\0\1", 2));
    const std::string_view all = judged_;
    const std::string_view comment = all.substr(std::min<std::size_t>(2, all.size()));
    const bool known = comment.empty() || (text && whole_judged_ && is_encoder_comment(comment));
    if (!known) drop_segment();
  } else if (!is_technical_jpeg_2000(marker_)) {
    note(Found::unread);
  }
}

void MarkerWalk::drop_segment() {
  note(Found::metadata);
  if (edits_ == nullptr) return;
  replace(marker_begin_, position_, {});
  if (in_tile_part_) tile_cut_ += position_ - marker_begin_;
}

/// The first bytes of the segment stay, the last of them as `instead` has them; its length is made
/// new.
void MarkerWalk::shorten_segment(std::size_t needed, ByteView instead) {
  note(Found::metadata);
  if (edits_ == nullptr) return;
  const std::size_t length = needed + 2;
  const std::array<std::uint8_t, 2> stated{static_cast<std::uint8_t>(length >> 8U),
                                           static_cast<std::uint8_t>(length & 0xFFU)};
  replace(content_begin_ - 2, content_begin_, stated);
  replace(content_begin_ + needed - instead.size(), position_, instead);
}

/// SOT: index, length of the whole tile-part from its own marker on (0: up to the end), part,
/// parts.
void MarkerWalk::on_tile_part() {
  constexpr std::uint64_t kSegmentBytes = 12;  // marker, length and these eight bytes
  if (judged_.size() != 8) return give_up();
  std::uint64_t length = 0;
  for (std::size_t i = 2; i < 6; ++i) {
    length = (length << 8U) | static_cast<std::uint8_t>(judged_[i]);
  }
  in_tile_part_ = true;
  tile_open_ended_ = length == 0;
  if (!tile_open_ended_ && length < kSegmentBytes) return give_up();
  tile_left_ = tile_open_ended_ ? 0 : length - kSegmentBytes;
  tile_length_ = length;
  tile_length_at_ = content_begin_ + 2;
  tile_cut_ = 0;
}

void MarkerWalk::begin_tile_data() {
  in_tile_part_ = false;
  if (tile_cut_ > 0 && !tile_open_ended_) {
    const std::uint64_t length = tile_length_ - tile_cut_;
    std::array<std::uint8_t, 4> stated{};
    for (unsigned i = 0; i < 4; ++i) {
      stated[i] = static_cast<std::uint8_t>((length >> (24U - 8U * i)) & 0xFFU);
    }
    replace(tile_length_at_, tile_length_at_ + 4, stated);
    // The main header says the old length too.
    if (lists_tile_lengths_) edits_->give_up();
  }
  if (tile_open_ended_) {
    at_ = At::entropy;
  } else {
    at_ = tile_left_ == 0 ? At::marker : At::tile_data;
  }
}

/// JPEG 2000: bytes of the tile-part at hand go by.
void MarkerWalk::count_tile(std::uint64_t bytes) {
  if (!in_tile_part_ || tile_open_ended_) return;
  if (bytes > tile_left_) return give_up();
  tile_left_ -= bytes;
}

void MarkerWalk::on_entropy_mark(std::uint8_t byte) {
  const bool restart = byte >= 0xD0 && byte <= 0xD7 && coding_ != Coding::jpeg_2000;
  // JPEG 2000: packets may be marked by SOP and EPH (T.800 A.8).
  const bool stuffed = coding_ == Coding::jpeg_ls ? byte < 0x80
                       : coding_ == Coding::jpeg_2000
                           ? byte < kStartOfTilePart || byte == 0x91 || byte == 0x92
                           : byte == 0;
  if (byte == 0xFF) return;
  if (stuffed || restart) {
    at_ = At::entropy;
  } else {
    on_marker(byte);
  }
}

void MarkerWalk::on_end() {
  at_ = At::after_end;
  picture_end_ = position_;
}

/// One byte of padding may be anything (PS3.5 A.4 asks for zero; encoders differ); more than one
/// that is neither zero nor FF is something else.
void MarkerWalk::on_rest(std::uint8_t byte) {
  if (byte != 0 && byte != 0xFF) ++rest_bytes_;
  if (rest_bytes_ > 1) note(Found::surplus);
}

void MarkerWalk::replace(std::uint64_t begin, std::uint64_t end, ByteView by) {
  edits_->replace(begin, end, by);
  is_edited_ = true;
}

void MarkerWalk::end_fragment() {
  // A frame that changes gets padding of its own.
  const bool cut = rest_bytes_ > 1 || (is_edited_ && position_ > picture_end_);
  if (edits_ != nullptr && at_ == At::after_end && cut) replace(picture_end_, position_, {});
  rest_bytes_ = 0;
}

void MarkerWalk::finish() {
  // A frame that never ends may be all there is of a damaged picture; nothing follows it.
  if (at_ == At::segment || at_ == At::length_low) note(Found::unread);
  // Padding behind coded data that do not end would be taken for more of them.
  if (edits_ != nullptr && any_ && at_ != At::after_end) edits_->give_up();
}

void MarkerWalk::skip_segment(ByteView& bytes) {
  const ByteView some = take(bytes, left_);
  const std::size_t room = kLongestJudged - std::min(judged_.size(), kLongestJudged);
  judged_.append(as_text(some.first(std::min(some.size(), room))));
  left_ -= static_cast<std::uint32_t>(some.size());
  if (left_ == 0) on_segment_end();
}

void MarkerWalk::skip_entropy(ByteView& bytes) {
  const void* mark = std::memchr(bytes.data(), 0xFF, bytes.size());
  if (mark == nullptr) {
    take(bytes, bytes.size());
    return;
  }
  const auto* here = static_cast<const std::uint8_t*>(mark);
  take(bytes, static_cast<std::uint64_t>(here - bytes.data()) + 1);
  marker_begin_ = position_ - 1;
  at_ = At::entropy_mark;
}

void MarkerWalk::skip_tile_data(ByteView& bytes) {
  tile_left_ -= take(bytes, tile_left_).size();
  if (tile_left_ == 0) at_ = At::marker;
}

}  // namespace veilroute::dicom

#include "core/dicom/codestream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/dicom/codestream_segments.h"
#include "core/dicom/rle_walk.h"

namespace veilroute::dicom {
namespace {

/// As much of a segment as is judged; what is longer is no technical one.
constexpr std::size_t kLongestJudged = 1024;
constexpr std::uint8_t kStartOfImage = 0xD8, kEndOfImage = 0xD9, kStartOfScan = 0xDA;
constexpr std::uint8_t kStartOfCodestream = 0x4F, kStartOfTilePart = 0x90, kStartOfData = 0x93,
                       kEndOfCodestream = 0xD9, kJpeg2000Comment = 0x64, kJpegComment = 0xFE;

enum class Family : std::uint8_t { jpeg, jpeg_ls, jpeg_2000, rle, unknown };

Family family_of(std::string_view uid) {
  constexpr std::string_view kRoot = "1.2.840.10008.1.2.";
  if (uid == "1.2.840.10008.1.2.5") return Family::rle;
  if (!uid.starts_with(kRoot)) return Family::unknown;
  const std::string_view rest = uid.substr(kRoot.size());
  if (rest == "4.80" || rest == "4.81") return Family::jpeg_ls;
  if (rest.size() == 4 && (rest.starts_with("4.5") || rest.starts_with("4.6") || rest == "4.70")) {
    return Family::jpeg;
  }
  constexpr std::array<std::string_view, 7> kJpeg2000{"4.90",  "4.91",  "4.92", "4.93",
                                                      "4.201", "4.202", "4.203"};
  const bool known = std::find(kJpeg2000.begin(), kJpeg2000.end(), rest) != kJpeg2000.end();
  return known ? Family::jpeg_2000 : Family::unknown;
}

}  // namespace

std::string_view to_string(Codestream found) {
  static constexpr std::array<std::string_view, 4> kWords{"clean", "surplus", "metadata", "unread"};
  return kWords.at(static_cast<std::size_t>(found));
}

Codestream codestream_of(std::uint8_t stored) {
  return stored <= static_cast<std::uint8_t>(Codestream::unread) ? static_cast<Codestream>(stored)
                                                                 : Codestream::unread;
}

struct CodestreamWalk::State {
  /// What the next byte is.
  enum class At : std::uint8_t {
    start,        ///< of a frame
    marker,       ///< its FF
    marker_code,  ///< behind FF
    length_high,
    length_low,
    segment,
    entropy,       ///< JPEG: coded data, up to the next marker
    entropy_mark,  ///< behind an FF in it
    tile_data,     ///< JPEG 2000: `left` bytes of coded data
    after_end,
    given_up,
  };

  State(Family which, const PictureShape& its_shape)
      : family(which), shape(its_shape), rle(its_shape.plane_pixels()) {}

  void note(Codestream worse) { found = std::max(found, worse); }
  void give_up() {
    note(Codestream::unread);
    at = At::given_up;
  }
  /// The first byte of a frame is here.
  void count_frame() {
    if (++frames > shape.frames) note(Codestream::surplus);
  }
  void feed_rle(ByteView bytes);
  void feed_offset_table(ByteView bytes);
  void begin_frame() {
    begun = 0;
    rest_bytes = 0;
    in_tile_part = false;
    tile_left = 0;
    at = At::start;
  }

  void step(ByteView& bytes);
  void on_byte(std::uint8_t byte);
  void on_start(std::uint8_t byte);
  void on_marker(std::uint8_t code);
  void on_jpeg_marker(std::uint8_t code);
  void on_jpeg_2000_marker(std::uint8_t code);
  void on_segment_begin();
  void on_segment_end();
  void on_tile_part();
  void begin_tile_data();
  void on_entropy_mark(std::uint8_t byte);
  void on_rest(std::uint8_t byte);
  void skip_segment(ByteView& bytes);
  void skip_entropy(ByteView& bytes);
  void skip_tile_data(ByteView& bytes);
  /// JPEG 2000: bytes of the tile-part at hand go by.
  void count_tile(std::uint64_t bytes) {
    if (!in_tile_part || tile_open_ended) return;
    if (bytes > tile_left) return give_up();
    tile_left -= bytes;
  }

  Family family;
  PictureShape shape;
  bool in_offset_table = false;
  std::uint64_t table_bytes = 0;
  std::uint32_t table_entry = 0;
  std::uint32_t last_entry = 0;
  RleWalk rle;
  bool rle_begun = false;  // the fragment at hand has bytes
  std::uint64_t frames = 0;
  Codestream found = Codestream::clean;
  At at = At::after_end;
  unsigned begun = 0;  // bytes of the start marker seen
  std::uint8_t marker = 0;
  std::uint32_t left = 0;  // of the segment
  std::string judged;      // the beginning of the segment
  bool whole_judged = true;
  bool in_tile_part = false;
  bool tile_open_ended = false;  // Psot 0: up to the end of the codestream
  std::uint64_t tile_left = 0;
  std::uint64_t rest_bytes = 0;  // behind the end, but for padding
};

/// Where each frame begins: the first at zero, each behind the one before it. Anything else could
/// be text, and leaves as it is.
void CodestreamWalk::State::feed_offset_table(ByteView bytes) {
  for (const std::uint8_t byte : bytes) {
    table_entry = (table_entry >> 8U) | (std::uint32_t{byte} << 24U);
    if (++table_bytes % 4 != 0) continue;
    const bool fits = table_bytes == 4 ? table_entry == 0 : table_entry > last_entry;
    if (!fits) note(Codestream::unread);
    last_entry = table_entry;
  }
}

void CodestreamWalk::State::feed_rle(ByteView bytes) {
  if (bytes.empty()) return;
  if (!std::exchange(rle_begun, true)) count_frame();
  rle.feed(bytes);
  if (rle.found() == RleWalk::Found::surplus) note(Codestream::surplus);
  if (rle.found() == RleWalk::Found::unread) note(Codestream::unread);
}

void CodestreamWalk::State::on_start(std::uint8_t byte) {
  if (begun == 0) count_frame();
  const std::uint8_t second = family == Family::jpeg_2000 ? kStartOfCodestream : kStartOfImage;
  if (byte != (begun == 0 ? 0xFF : second)) {
    // A JP2 file around the codestream begins with the length of its first box.
    if (begun != 0 || byte != 0) return give_up();
    note(Codestream::metadata);
    at = At::given_up;
    return;
  }
  if (++begun == 2) at = At::marker;
}

void CodestreamWalk::State::on_marker(std::uint8_t code) {
  marker = code;
  if (code == 0xFF && family != Family::jpeg_2000) return;  // fill byte (T.81 B.1.1.2)
  if (family == Family::jpeg_2000) return on_jpeg_2000_marker(code);
  on_jpeg_marker(code);
}

void CodestreamWalk::State::on_jpeg_marker(std::uint8_t code) {
  if (code == kEndOfImage) {
    at = At::after_end;
  } else if (code >= 0xC0 && (code < 0xD0 || code > kStartOfImage)) {
    at = At::length_high;
  } else {
    give_up();
  }
}

void CodestreamWalk::State::on_jpeg_2000_marker(std::uint8_t code) {
  if (code == kEndOfCodestream) {
    at = At::after_end;
  } else if (code == kStartOfData && in_tile_part) {
    begin_tile_data();
  } else if (code >= 0x4F && code <= 0x93 && code != kStartOfCodestream && code != kStartOfData) {
    at = At::length_high;
  } else {
    give_up();
  }
}

void CodestreamWalk::State::on_segment_begin() {
  if (left < 2) return give_up();
  left -= 2;
  judged.clear();
  whole_judged = left <= kLongestJudged;
  at = At::segment;
  if (left == 0) on_segment_end();
}

void CodestreamWalk::State::on_segment_end() {
  at = At::marker;
  if (family == Family::jpeg_2000) {
    if (marker == kStartOfTilePart) return on_tile_part();
    if (marker == kJpeg2000Comment) {
      // Rcom 1: text. Binary comments are an encoder's own and cannot be judged.
      const bool text = judged.starts_with(std::string_view("\0\1", 2));
      const std::string_view all = judged;
      const std::string_view comment = all.substr(std::min<std::size_t>(2, all.size()));
      const bool known = comment.empty() || (text && whole_judged && is_encoder_comment(comment));
      if (!known) note(Codestream::metadata);
    } else if (!is_technical_jpeg_2000(marker)) {
      note(Codestream::unread);
    }
    return;
  }
  if (marker == kStartOfScan) {
    at = At::entropy;
  } else if (marker == kJpegComment) {
    if (!whole_judged || !is_encoder_comment(judged)) note(Codestream::metadata);
  } else if (marker >= 0xE0 && marker <= 0xEF) {
    if (!whole_judged || !is_technical_application(marker, judged)) note(Codestream::metadata);
  } else if (!is_technical_jpeg(marker)) {
    note(Codestream::unread);
  }
}

/// SOT: index, length of the whole tile-part from its own marker on (0: up to the end), part,
/// parts.
void CodestreamWalk::State::on_tile_part() {
  constexpr std::uint64_t kSegmentBytes = 12;  // marker, length and these eight bytes
  if (judged.size() != 8) return give_up();
  std::uint64_t length = 0;
  for (std::size_t i = 2; i < 6; ++i) {
    length = (length << 8U) | static_cast<std::uint8_t>(judged[i]);
  }
  in_tile_part = true;
  tile_open_ended = length == 0;
  if (!tile_open_ended && length < kSegmentBytes) return give_up();
  tile_left = tile_open_ended ? 0 : length - kSegmentBytes;
}

void CodestreamWalk::State::begin_tile_data() {
  in_tile_part = false;
  if (tile_open_ended) {
    at = At::entropy;
  } else {
    at = tile_left == 0 ? At::marker : At::tile_data;
  }
}

void CodestreamWalk::State::on_entropy_mark(std::uint8_t byte) {
  const bool restart = byte >= 0xD0 && byte <= 0xD7 && family != Family::jpeg_2000;
  // JPEG 2000: packets may be marked by SOP and EPH (T.800 A.8).
  const bool stuffed = family == Family::jpeg_ls ? byte < 0x80
                       : family == Family::jpeg_2000
                           ? byte < kStartOfTilePart || byte == 0x91 || byte == 0x92
                           : byte == 0;
  if (byte == 0xFF) return;
  if (stuffed || restart) {
    at = At::entropy;
  } else {
    on_marker(byte);
  }
}

/// One byte of padding may be anything (PS3.5 A.4 asks for zero; encoders differ); more than one
/// that is neither zero nor FF is something else.
void CodestreamWalk::State::on_rest(std::uint8_t byte) {
  if (byte != 0 && byte != 0xFF) ++rest_bytes;
  if (rest_bytes > 1) note(Codestream::surplus);
}

void CodestreamWalk::State::on_byte(std::uint8_t byte) {
  switch (at) {
    case At::start:
      return on_start(byte);
    case At::marker:
      count_tile(2);
      if (at == At::given_up) return;
      if (byte != 0xFF) return give_up();
      at = At::marker_code;
      return;
    case At::marker_code:
      return on_marker(byte);
    case At::length_high:
      left = static_cast<std::uint32_t>(byte) << 8U;
      at = At::length_low;
      return;
    case At::length_low:
      left |= byte;
      count_tile(left);
      if (at != At::given_up) on_segment_begin();
      return;
    case At::entropy_mark:
      return on_entropy_mark(byte);
    default:
      return on_rest(byte);
  }
}

void CodestreamWalk::State::skip_segment(ByteView& bytes) {
  const auto some = std::min<std::size_t>(left, bytes.size());
  const std::size_t room = kLongestJudged - std::min(judged.size(), kLongestJudged);
  judged.append(as_text(bytes.first(std::min(some, room))));
  left -= static_cast<std::uint32_t>(some);
  bytes = bytes.subspan(some);
  if (left == 0) on_segment_end();
}

void CodestreamWalk::State::skip_entropy(ByteView& bytes) {
  const void* mark = std::memchr(bytes.data(), 0xFF, bytes.size());
  if (mark == nullptr) {
    bytes = {};
    return;
  }
  const auto* here = static_cast<const std::uint8_t*>(mark);
  bytes = bytes.subspan(static_cast<std::size_t>(here - bytes.data()) + 1);
  at = At::entropy_mark;
}

void CodestreamWalk::State::skip_tile_data(ByteView& bytes) {
  const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(tile_left, bytes.size()));
  tile_left -= some;
  bytes = bytes.subspan(some);
  if (tile_left == 0) at = At::marker;
}

void CodestreamWalk::State::step(ByteView& bytes) {
  if (at == At::segment) return skip_segment(bytes);
  if (at == At::entropy) return skip_entropy(bytes);
  if (at == At::tile_data) return skip_tile_data(bytes);
  on_byte(bytes.front());
  bytes = bytes.subspan(1);
}

CodestreamWalk::CodestreamWalk(const Uid& transfer_syntax, const PictureShape& shape)
    : state_(std::make_unique<State>(family_of(transfer_syntax.value), shape)) {
  if (state_->family == Family::unknown) state_->give_up();
}
CodestreamWalk::~CodestreamWalk() = default;
CodestreamWalk::CodestreamWalk(CodestreamWalk&&) noexcept = default;

void CodestreamWalk::begin_offset_table(std::uint32_t length_bytes) {
  state_->in_offset_table = true;
  if (length_bytes != 0 && length_bytes != 4 * state_->shape.frames) {
    state_->note(Codestream::unread);
  }
}

void CodestreamWalk::begin_fragment() {
  state_->in_offset_table = false;
  if (state_->family == Family::rle) {
    state_->rle_begun = false;
    return state_->rle.begin_frame();
  }
  // A fragment that comes in the middle of a frame goes on with it.
  if (state_->at == State::At::after_end) state_->begin_frame();
}

void CodestreamWalk::feed(ByteView bytes) {
  if (state_->in_offset_table) return state_->feed_offset_table(bytes);
  if (state_->family == Family::rle) return state_->feed_rle(bytes);
  while (!bytes.empty() && state_->at != State::At::given_up) state_->step(bytes);
}

Codestream CodestreamWalk::finish() {
  // A frame that never ends may be all there is of a damaged picture; nothing follows it.
  if (state_->at == State::At::segment || state_->at == State::At::length_low) {
    state_->note(Codestream::unread);
  }
  return state_->found;
}

}  // namespace veilroute::dicom

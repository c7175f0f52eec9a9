// Frames of JPEG, JPEG-LS, JPEG 2000 and HTJ2K marker by marker (ITU-T T.81 B, T.87 C, T.800 A):
// what stands in them beside the picture, and where. Nothing is decoded, nothing is kept but a few
// bytes of a segment that must be judged.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/bytes.h"
#include "core/dicom/box_walk.h"
#include "core/dicom/codestream_edits.h"

namespace veilroute::dicom {

/// One thread.
class MarkerWalk {
 public:
  enum class Coding : std::uint8_t { jpeg, jpeg_ls, jpeg_2000 };
  /// Ascending: the worst of all frames counts.
  enum class Found : std::uint8_t { clean, surplus, metadata, unread };

  /// `edits`: gets what takes out whatever is found; may be null; outlives the walk.
  MarkerWalk(Coding coding, CodestreamEdits* edits) : coding_(coding), edits_(edits) {}

  /// True before the first frame, and behind the end of each.
  [[nodiscard]] bool is_between_frames() const { return at_ == At::after_end; }
  void begin_frame();
  void feed(ByteView bytes);
  /// The fragment at hand is over; a frame may go on in the next.
  void end_fragment();
  /// There is nothing more.
  void finish();
  [[nodiscard]] Found found() const { return found_; }

 private:
  /// What the next byte is.
  enum class At : std::uint8_t {
    start,        ///< of a codestream
    boxes,        ///< JP2: in front of it
    marker,       ///< its FF
    marker_code,  ///< behind FF
    length_high,
    length_low,
    segment,
    entropy,       ///< coded data, up to the next marker
    entropy_mark,  ///< behind an FF in it
    tile_data,     ///< JPEG 2000: coded data of stated length
    after_end,
    given_up,
  };

  void note(Found worse);
  void give_up();
  void step(ByteView& bytes);
  ByteView take(ByteView& bytes, std::uint64_t most);
  void on_byte(std::uint8_t byte);
  void on_start(std::uint8_t byte);
  void on_box(std::uint8_t byte);
  void on_marker(std::uint8_t code);
  void on_jpeg_marker(std::uint8_t code);
  void on_jpeg_2000_marker(std::uint8_t code);
  void on_segment_begin();
  void on_segment_end();
  void on_jpeg_segment();
  void on_jpeg_2000_segment();
  void on_application();
  void drop_segment();
  void shorten_segment(std::size_t needed, ByteView instead);
  void replace(std::uint64_t begin, std::uint64_t end, ByteView by);
  void on_tile_part();
  void begin_tile_data();
  void count_tile(std::uint64_t bytes);
  void on_entropy_mark(std::uint8_t byte);
  void on_end();
  void on_rest(std::uint8_t byte);
  void skip_segment(ByteView& bytes);
  void skip_entropy(ByteView& bytes);
  void skip_tile_data(ByteView& bytes);

  Coding coding_;
  CodestreamEdits* edits_;
  Found found_ = Found::clean;
  At at_ = At::after_end;
  std::uint64_t position_ = 0;  // behind the byte at hand, over all fragments
  bool any_ = false;
  unsigned begun_ = 0;  // bytes of the start marker seen
  std::uint64_t frame_begin_ = 0;
  BoxWalk boxes_;
  std::uint8_t marker_ = 0;
  std::uint64_t marker_begin_ = 0;
  std::uint64_t content_begin_ = 0;  // of the segment
  std::uint32_t left_ = 0;           // of the segment
  std::string judged_;               // the beginning of the segment
  bool whole_judged_ = true;
  bool in_tile_part_ = false;     // in its header
  bool tile_open_ended_ = false;  // Psot 0: up to the end of the codestream
  std::uint64_t tile_left_ = 0;
  std::uint64_t tile_length_ = 0;  // Psot
  std::uint64_t tile_length_at_ = 0;
  std::uint64_t tile_cut_ = 0;       // of its header
  bool lists_tile_lengths_ = false;  // TLM: each tile-part's length, once more
  bool is_edited_ = false;           // the frame at hand
  std::uint64_t picture_end_ = 0;
  std::uint64_t rest_bytes_ = 0;  // behind the end, but for padding
};

}  // namespace veilroute::dicom

// One frame of DICOM RLE (PS3.5 annex G) while its bytes arrive: is there anything beside the
// picture? Nothing is decoded; the runs are only counted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.h"
#include "core/dicom/codestream_edits.h"

namespace veilroute::dicom {

/// A frame is one fragment: a header of 64 bytes, then a segment for each byte plane. Bytes that a
/// decoder never looks at (the header's unused offsets, runs beyond the picture, a tail) could be
/// anything. One thread.
class RleWalk {
 public:
  enum class Found : std::uint8_t {
    clean,
    surplus,  ///< bytes that are no part of the picture
    unread,   ///< the frame breaks its own rules
  };
  /// `plane_pixels`: Rows x Columns, what each segment decodes to; 0, unknown: every frame is
  /// unread. `edits`: gets what takes out whatever is found; may be null; outlives the walk.
  RleWalk(std::uint64_t plane_pixels, CodestreamEdits* edits)
      : plane_pixels_(plane_pixels), edits_(edits) {}
  /// `position`: of its first byte, over all fragments.
  void begin_frame(std::uint64_t position);
  void feed(ByteView bytes);
  /// There is nothing more of this frame.
  void end_frame();
  /// Of the frame so far. A frame that ends too early is clean: what is missing tells nothing.
  [[nodiscard]] Found found() const { return found_; }

 private:
  static constexpr std::size_t kHeaderBytes = 64;
  static constexpr std::size_t kMostSegments = 15;

  void note(Found worse);
  void read_header();
  void clear_unused_offsets();
  void replace(std::uint64_t begin, std::uint64_t end, ByteView by);
  void begin_segment();
  void end_segment(bool last);
  [[nodiscard]] std::uint64_t segment_end() const;
  /// Up to the end of the segment at hand.
  void walk_runs(ByteView bytes);
  void on_control(std::uint8_t control);
  void on_tail(std::uint8_t byte);

  std::uint64_t plane_pixels_;
  CodestreamEdits* edits_;
  Found found_ = Found::clean;
  std::array<std::uint8_t, kHeaderBytes> header_{};
  std::uint64_t begin_ = 0;  // of the frame, over all fragments
  std::uint64_t at_ = 0;     // bytes of the frame seen
  std::uint32_t segments_ = 0;
  std::uint32_t segment_ = 0;  // the one at hand, from 0
  std::uint64_t decoded_ = 0;  // pixels of it
  std::uint32_t literal_ = 0;  // bytes left of the run at hand
  std::uint64_t segment_begin_ = 0;
  bool has_tail_ = false;
  std::uint64_t tail_begin_ = 0;     // behind the segment's picture
  std::uint64_t tail_bytes_ = 0;     // from there on, but for padding
  std::uint64_t removed_bytes_ = 0;  // of earlier segments, by edits
  bool is_edited_ = false;
};

}  // namespace veilroute::dicom

// What stands in encapsulated Pixel Data beside the picture: comments, application segments, boxes,
// bytes after the end (deid.md traps 50 to 52). One pass while the fragments arrive; nothing is
// decoded, nothing is kept but a few bytes of a segment that must be judged.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/dicom/codestream_edits.h"
#include "core/dicom/picture_shape.h"

namespace veilroute::dicom {

/// The worst that was found; later ones are worse. Nothing but `clean` may leave: surplus and
/// metadata can be taken out (strip_fragments.h), unless something stands in the way.
enum class Codestream : std::uint8_t {
  clean,     ///< nothing but the picture and what a decoder needs, or not encapsulated
  surplus,   ///< bytes after the end of a frame: they could be anything
  metadata,  ///< a comment, an application segment or boxes that are not on our list of technical
             ///< ones
  unread,    ///< a layout that is not walked here, or a frame that breaks its own rules
};
std::string_view to_string(Codestream found);
/// The inverse for what is stored; `unread` for anything else: it fails closed.
Codestream codestream_of(std::uint8_t stored);

/// JPEG, JPEG-LS, JPEG 2000 and HTJ2K are walked marker by marker (ITU-T T.81 B, T.87 C, T.800 A),
/// RLE run by run (PS3.5 annex G). Frames may be split over fragments, but begin with one; a frame
/// of RLE is one fragment (PS3.5 A.4). What stands behind the last frame of the data set is
/// surplus, whatever it is. One thread.
class CodestreamWalk {
 public:
  /// `edits`: gets what takes out surplus and metadata, but for fragments behind the last frame;
  /// may be null; outlives the walk.
  CodestreamWalk(const Uid& transfer_syntax, const PictureShape& shape,
                 CodestreamEdits* edits = nullptr);
  ~CodestreamWalk();
  CodestreamWalk(CodestreamWalk&&) noexcept;
  /// The first item begins: the offset table, of so many bytes; feed() gives them (PS3.5 A.4).
  void begin_offset_table(std::uint32_t length_bytes);
  /// A fragment begins.
  void begin_fragment();
  void feed(ByteView bytes);
  [[nodiscard]] Codestream finish();
  /// Frames of which bytes have come, those of the data set at most.
  [[nodiscard]] std::uint64_t frames() const;
  /// True while the fragment at hand stands behind the last frame.
  [[nodiscard]] bool is_behind_last_frame() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace veilroute::dicom

// A second reading of compressed frames, for verification (walk step 7): what a decoder makes the
// picture of. Written apart from codestream.h and strip_fragments.h, which decide what goes.
#pragma once

#include <vector>

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/dicom/picture_shape.h"

namespace veilroute::dicom {

struct PictureReading {
  /// Over all frames: frame headers, tables, scans and coded data, and what colours need; without
  /// comments, application data, boxes, padding, and lengths that tell of them.
  Digest digest{};
  std::uint64_t frames = 0;
  /// True when there is no offset table, or it says where each frame begins.
  bool offset_table_is_true = false;
};

/// Reads the fragments that stand in [begin, end) of `source`, from the offset table's item to the
/// delimitation item, up to as many frames as `shape` says. `invalid`, "picture.unreadable", for
/// what is no such sequence or no such frame. Memory: 64 KiB, and 8 bytes a frame. Any thread.
Result<PictureReading> read_picture(ByteSource& source, std::uint64_t begin, std::uint64_t end,
                                    const Uid& transfer_syntax, const PictureShape& shape);

}  // namespace veilroute::dicom

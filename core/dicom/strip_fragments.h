// Takes out of encapsulated Pixel Data what stands beside the picture (deid.md traps 50 to 52): the
// copy's own item headers and offset table, and between them extents of the source. Coded data stay
// where they are, bit for bit.
#pragma once

#include <memory>

#include "core/base/bytes.h"
#include "core/dicom/dataset.h"
#include "core/dicom/picture_shape.h"

namespace veilroute::dicom {

/// A second walk over the fragments of `pixels`, a range of `source`, which is the data set as it
/// was received. Comments, application segments but what colours need, JP2 boxes, bytes behind the
/// end of a frame, and fragments behind the last one are cut; the lengths that tell of them are
/// made new. A frame that changes becomes one fragment. An offset table that is there is made new.
///
/// Null when that cannot be done without harm: a layout that is not walked, a frame that breaks its
/// own rules or does not end, runs of RLE beyond the picture, a JP2 file with a palette, less
/// frames than `shape` says, or more than a million fragments or edits. Memory: 16 bytes a
/// fragment, 32 an edit, 24 a piece. `corrupt`, "dataset.ranges-disagree", when there are no
/// fragments in the range. Any thread.
Result<std::shared_ptr<const PiecedValue>> strip_fragments(ByteSource& source,
                                                           const LargeValue& pixels,
                                                           const TransferSyntax& syntax,
                                                           const PictureShape& shape);

}  // namespace veilroute::dicom

// Compressed pixels without what devices write beside the picture: comments, EXIF, thumbnails,
// boxes, bytes behind the end (deid.md traps 50 to 52). Walk step 6, before deidentify().
#pragma once

#include "core/base/bytes.h"
#include "core/dicom/dataset.h"
#include "profiles/profile.h"

namespace veilroute::profiles {

/// Puts what is left of the fragments in place of Pixel Data (Element::pieced), where the scanner
/// found something beside the picture and the profile claims to de-identify; extended offset
/// tables, which would be wrong then, go. Coded data stay bit-exact. What cannot be taken out is
/// left, and deidentify() refuses it. `open` opens the data set as it was received; it is called
/// only when the fragments must be read again. Errors are the source's. One thread per object.
Result<void> strip_pixels(dicom::Dataset& object, const Profile& profile, const OpenSource& open);

}  // namespace veilroute::profiles

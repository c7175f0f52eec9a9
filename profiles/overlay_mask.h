// Overlays of the old style, which stand in the bits of Pixel Data that no picture uses, and would
// stay there when their group is removed (deid.md trap 48; PS3.3 C.9.2, retired).
#pragma once

#include <optional>

#include "core/dicom/dataset.h"

namespace veilroute::profiles {

struct OverlayInPixels {
  dicom::Tag tag;          ///< the attribute that says so
  dicom::SampleMask mask;  ///< takes it out; none: that cannot be done without harm to the picture
};

/// The first overlay that the header says to stand in the pixels; empty: there is none.
std::optional<OverlayInPixels> find_overlay_in_pixels(const dicom::Dataset& object);

/// Puts the mask on native Pixel Data, where it can be done: their bits outside Bits Stored and
/// High Bit leave as zero, or as the sign. True when there was something to mask.
bool mask_overlay_in_pixels(dicom::Dataset& object);

}  // namespace veilroute::profiles

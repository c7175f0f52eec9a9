// Whether an object's pixels may show a patient's identity, judged by its header alone, before
// anything is removed from it (deid.md C.2, decisions 8); and where its native pixels end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/dicom/dataset.h"

namespace veilroute::profiles {

/// `reason` is a slug, "pixels.secondary-capture"; empty: nothing is suspicious.
struct PixelVerdict {
  bool has_pixels = false;
  std::string reason;
};

/// Clean by nature are pixels straight from a detector or scanner: primary, monochrome, of a class
/// that no screen capture uses, with no sign of one. All the rest is suspicious. A value of NO in
/// Burned In Annotation never lowers suspicion.
PixelVerdict judge_pixels(const dicom::Dataset& object);

/// Number of Frames, 1 where it is absent; empty when it is there and no number, or zero.
std::optional<std::uint64_t> stated_frames(const dicom::Dataset& object);

/// Bytes that native Pixel Data of this element must have by Rows, Columns, samples, bits and
/// frames, even length; empty when the header does not say, or says zero (PS3.5 8.1, 8.2).
std::optional<std::uint64_t> native_length_bytes(const dicom::Dataset& object, dicom::Tag tag);

/// The same if the chroma were not subsampled, whatever Photometric Interpretation says: devices
/// write whole colour under YBR_FULL_422.
std::optional<std::uint64_t> full_colour_length_bytes(const dicom::Dataset& object, dicom::Tag tag);

/// One sentence for a person about a reason slug.
std::string advice_for_pixels(std::string_view reason);

}  // namespace veilroute::profiles

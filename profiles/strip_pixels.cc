#include "profiles/strip_pixels.h"

#include "core/dicom/strip_fragments.h"
#include "profiles/pixels.h"

namespace veilroute::profiles {
namespace {

using dicom::Codestream;
using dicom::Dataset;
using dicom::Element;
using dicom::Holds;
using dicom::Tag;

/// Where each frame begins, in 64 bits, and how long all are (PS3.3 C.7.6.3.1.8).
constexpr Tag kExtendedOffsetTable{0x7FE0, 0x0001}, kExtendedLengths{0x7FE0, 0x0002},
    kTotalLength{0x7FE0, 0x0003};

bool is_to_be_stripped(const Element& pixels) {
  if (pixels.holds != Holds::range || pixels.range.fragments == 0) return false;
  return pixels.range.codestream == Codestream::surplus ||
         pixels.range.codestream == Codestream::metadata;
}

dicom::PictureShape picture_shape_of(const Dataset& object) {
  dicom::PictureShape shape;
  for (const Element& element : object.elements()) {
    if (element.holds == Holds::value) {
      shape.note(element.tag, element.value, object.syntax().big_endian);
    }
  }
  return shape;
}

}  // namespace

Result<void> strip_pixels(Dataset& object, const Profile& profile, const OpenSource& open) {
  Element* pixels = Dataset::find(object.root(), dicom::tags::PixelData);
  if (!profile.deidentifies || pixels == nullptr || !is_to_be_stripped(*pixels)) return {};
  // Nobody says which of the frames belong to the object.
  if (!stated_frames(object)) return {};
  VR_TRY(const std::unique_ptr<ByteSource> source, open());
  VR_TRY(pixels->pieced,
         dicom::strip_fragments(*source, pixels->range, object.syntax(), picture_shape_of(object)));
  if (!pixels->pieced) return {};
  for (const Tag tag : {kExtendedOffsetTable, kExtendedLengths, kTotalLength}) {
    Dataset::remove(object.root(), tag);
  }
  return {};
}

}  // namespace veilroute::profiles

#include "profiles/overlay_mask.h"

namespace veilroute::profiles {
namespace {

using dicom::Dataset;
using dicom::Element;
using dicom::Holds;
using dicom::Tag;

constexpr std::uint16_t kOverlayBitsAllocated = 0x0100, kOverlayBitPosition = 0x0102;
constexpr Tag kSampleBitsAllocated{0x0028, 0x0100}, kSampleBitsStored{0x0028, 0x0101},
    kSampleHighBit{0x0028, 0x0102}, kPixelRepresentation{0x0028, 0x0103};

bool is_overlay(Tag tag) { return (tag.group & 0xFF01U) == 0x6000U; }

/// Empty where it is absent, or no single number.
std::optional<unsigned> number_of(const Element* element, bool big_endian) {
  if (element == nullptr || element->holds != Holds::value || element->value.size() != 2) {
    return std::nullopt;
  }
  const unsigned first = element->value[0];
  const unsigned second = element->value[1];
  return big_endian ? (first << 8U) | second : (second << 8U) | first;
}

/// The attribute that says that this overlay shares the words of the pixels.
bool says_in_pixels(const Element& element, bool big_endian) {
  if (!is_overlay(element.tag)) return false;
  const std::optional<unsigned> number = number_of(&element, big_endian);
  const bool empty = element.holds == Holds::value && element.value.empty();
  if (element.tag.element == kOverlayBitPosition) return !empty && number != 0U;
  if (element.tag.element == kOverlayBitsAllocated) return !empty && number != 1U;
  return false;
}

dicom::SampleMask mask_by_header(const Dataset& object) {
  const bool big = object.syntax().big_endian;
  const auto allocated = number_of(object.find(kSampleBitsAllocated), big);
  const auto stored = number_of(object.find(kSampleBitsStored), big);
  const auto high = number_of(object.find(kSampleHighBit), big);
  const auto representation = number_of(object.find(kPixelRepresentation), big);
  if (!allocated || !stored || !high || !representation) return {};
  const bool whole = (*allocated == 8 || *allocated == 16) && *high<*allocated&& * stored> 0 &&
                     *stored <= *high + 1 && *representation <= 1;
  if (!whole) return {};
  dicom::SampleMask mask;
  mask.sample_bytes = static_cast<std::uint8_t>(*allocated / 8);
  mask.bits_stored = static_cast<std::uint8_t>(*stored);
  mask.high_bit = static_cast<std::uint8_t>(*high);
  mask.is_signed = *representation == 1;
  mask.big_endian = big;
  return mask;
}

/// False where an overlay would stand in bits of the picture, or nobody knows where.
bool stands_beside(const Dataset& object, const dicom::SampleMask& mask) {
  for (const Element& element : object.elements()) {
    const bool position = is_overlay(element.tag) && element.tag.element == kOverlayBitPosition;
    if (!position || !says_in_pixels(element, object.syntax().big_endian)) continue;
    const auto bit = number_of(&element, object.syntax().big_endian);
    const unsigned lowest = mask.high_bit + 1U - mask.bits_stored;
    if (!bit || *bit >= 8U * mask.sample_bytes) return false;
    if (*bit >= lowest && *bit <= mask.high_bit) return false;
  }
  return true;
}

bool is_native(const Dataset& object) {
  const Element* pixels = object.find(dicom::tags::PixelData);
  return pixels != nullptr && !object.syntax().encapsulated && pixels->holds != Holds::sequence &&
         pixels->range.fragments == 0 && !pixels->undefined_length;
}

}  // namespace

std::optional<OverlayInPixels> find_overlay_in_pixels(const Dataset& object) {
  for (const Element& element : object.elements()) {
    if (!says_in_pixels(element, object.syntax().big_endian)) continue;
    OverlayInPixels found{element.tag, {}};
    const dicom::SampleMask mask = mask_by_header(object);
    if (!mask.is_none() && is_native(object) && stands_beside(object, mask)) found.mask = mask;
    return found;
  }
  return std::nullopt;
}

bool mask_overlay_in_pixels(Dataset& object) {
  const std::optional<OverlayInPixels> found = find_overlay_in_pixels(object);
  if (!found || found->mask.is_none()) return false;
  Element& pixels = *Dataset::find(object.root(), dicom::tags::PixelData);
  if (pixels.holds == Holds::range) {
    pixels.mask = found->mask;
    return true;
  }
  Bytes masked(pixels.value.begin(), pixels.value.end());
  found->mask.apply(masked);
  pixels.value = object.keep(std::move(masked));
  return true;
}

}  // namespace veilroute::profiles

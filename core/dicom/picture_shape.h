// PictureShape: how much of Pixel Data is picture, as the attributes before it say (PS3.3 C.7.6.3).
#pragma once

#include <cstdint>

#include "core/base/bytes.h"
#include "core/dicom/dictionary.h"

namespace veilroute::dicom {

struct PictureShape {
  std::uint64_t frames = 1;  ///< Number of Frames; 1 where it is absent or unreadable
  std::uint16_t rows = 0;    ///< 0: not said
  std::uint16_t columns = 0;

  [[nodiscard]] std::uint64_t plane_pixels() const { return std::uint64_t{rows} * columns; }
  /// True for an attribute that note() reads.
  static bool is_asked(Tag tag);
  /// Takes the value of such an attribute of the data set's top level, as it is encoded.
  void note(Tag tag, ByteView raw, bool big_endian);
};

}  // namespace veilroute::dicom

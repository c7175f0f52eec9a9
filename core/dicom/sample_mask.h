// SampleMask: native pixels without the bits that are no part of the picture (deid.md trap 48).
#pragma once

#include <cstdint>
#include <span>

namespace veilroute::dicom {

/// Which bits of each sample leave. The others become zero, or the sign above it (PS3.5 8.1.1).
struct SampleMask {
  std::uint8_t sample_bytes = 0;  ///< Bits Allocated / 8: 1 or 2; 0: no mask, all bits leave
  std::uint8_t bits_stored = 0;   ///< 1 up to high_bit + 1
  std::uint8_t high_bit = 0;      ///< below Bits Allocated
  bool is_signed = false;         ///< Pixel Representation
  bool big_endian = false;
  bool operator==(const SampleMask&) const = default;

  [[nodiscard]] bool is_none() const { return sample_bytes == 0; }
  /// Masks whole samples in place; what is left over at the end stays.
  void apply(std::span<std::uint8_t> samples) const;
  /// In one number, for what is stored; not zero for a mask.
  [[nodiscard]] std::uint32_t packed() const;
  /// The inverse; what packed() does not give becomes a mask that packs to another number.
  static SampleMask unpacked(std::uint32_t stored);
};

}  // namespace veilroute::dicom

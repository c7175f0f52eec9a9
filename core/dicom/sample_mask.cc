#include "core/dicom/sample_mask.h"

#include <cstddef>

namespace veilroute::dicom {

void SampleMask::apply(std::span<std::uint8_t> samples) const {
  if (is_none()) return;
  const unsigned above = high_bit + 1U;
  const std::uint32_t stored = ((1U << bits_stored) - 1U) << (above - bits_stored);
  const std::uint32_t sign = is_signed ? 1U << high_bit : 0;
  const std::uint32_t extension = ~((1U << above) - 1U);
  const auto masked = [&](std::uint32_t sample) {
    return (sample & stored) | ((sample & sign) != 0 ? extension : 0U);
  };
  if (sample_bytes == 1) {
    for (std::uint8_t& sample : samples) sample = static_cast<std::uint8_t>(masked(sample) & 0xFFU);
    return;
  }
  const std::size_t low = big_endian ? 1 : 0;
  for (std::size_t at = 0; at + 1 < samples.size(); at += 2) {
    std::uint8_t& low_byte = samples[at + low];
    std::uint8_t& high_byte = samples[at + 1 - low];
    const std::uint32_t sample = masked(low_byte | (std::uint32_t{high_byte} << 8U));
    low_byte = static_cast<std::uint8_t>(sample & 0xFFU);
    high_byte = static_cast<std::uint8_t>((sample >> 8U) & 0xFFU);
  }
}

std::uint32_t SampleMask::packed() const {
  return sample_bytes | (std::uint32_t{bits_stored} << 8U) | (std::uint32_t{high_bit} << 16U) |
         (is_signed ? 1U << 24U : 0U) | (big_endian ? 1U << 25U : 0U);
}

SampleMask SampleMask::unpacked(std::uint32_t stored) {
  SampleMask mask;
  mask.sample_bytes = static_cast<std::uint8_t>(stored & 0xFFU);
  mask.bits_stored = static_cast<std::uint8_t>((stored >> 8U) & 0xFFU);
  mask.high_bit = static_cast<std::uint8_t>((stored >> 16U) & 0xFFU);
  mask.is_signed = ((stored >> 24U) & 1U) != 0;
  mask.big_endian = ((stored >> 25U) & 1U) != 0;
  const bool whole = (mask.sample_bytes == 1 || mask.sample_bytes == 2) &&
                     mask.high_bit < 8U * mask.sample_bytes && mask.bits_stored > 0 &&
                     mask.bits_stored <= mask.high_bit + 1U;
  return whole ? mask : SampleMask{};
}

}  // namespace veilroute::dicom

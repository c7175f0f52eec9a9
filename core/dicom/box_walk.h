// The boxes of a JP2 file (ITU-T T.800 I) in front of its codestream, while their bytes arrive.
// Such files have no place in DICOM (PS3.5 8.2.4), but some devices write them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.h"

namespace veilroute::dicom {

/// One thread.
class BoxWalk {
 public:
  enum class Found : std::uint8_t {
    boxes,       ///< so far
    codestream,  ///< the next byte is its first
    unread,      ///< no box that could be stepped over
  };
  void begin();
  /// The next byte.
  Found feed(std::uint8_t byte);
  /// True when a box says that the samples are not what the codestream gives: a palette, or another
  /// order or meaning of the channels. A reader of the bare codestream would show another picture.
  [[nodiscard]] bool changes_samples() const { return changes_samples_; }

 private:
  static constexpr std::size_t kHeaderBytes = 8;
  static constexpr std::size_t kLongHeaderBytes = 16;

  Found on_header();

  std::array<std::uint8_t, kLongHeaderBytes> header_{};
  std::size_t held_ = 0;
  std::uint64_t left_ = 0;  // of the box that is stepped over
  bool any_ = false;
  bool changes_samples_ = false;
};

}  // namespace veilroute::dicom

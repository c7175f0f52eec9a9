// Which segments of a compressed frame hold what a decoder needs, and nothing that identifies
// (deid.md traps 50 to 52). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/bytes.h"

namespace veilroute::dicom {

/// Markers of frames, scans and tables (ITU-T T.81 B, T.87 C; T.800 A).
bool is_technical_jpeg(std::uint8_t marker);
bool is_technical_jpeg_2000(std::uint8_t marker);

/// An application segment of JPEG with this content: JFIF without a thumbnail, Adobe's colour
/// transform, SPIFF's fixed header and end of directory, HP's colour transform of JPEG-LS.
bool is_technical_application(std::uint8_t marker, std::string_view text);

/// How much of an application segment must stay, so that a decoder takes the colours for what they
/// are.
struct NeededApplication {
  std::size_t length = 0;    ///< of its content, from its beginning; 0: none of it
  std::string_view instead;  ///< what the last bytes of these become
};
/// For a segment that is not technical as it is: JFIF without its thumbnail (that it is there says
/// YCbCr), Adobe's colour transform without what follows. `text` may be cut off after 1024 bytes.
NeededApplication needed_of_application(std::uint8_t marker, std::string_view text);

/// True for a comment that an encoder known to us writes of itself, with nothing but its version.
bool is_encoder_comment(std::string_view text);

}  // namespace veilroute::dicom

// Transfer syntaxes: how a data set is laid out. Any UID is carried; only some are understood.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/result.h"

namespace veilroute::dicom {

struct TransferSyntax {
  Uid uid;
  bool implicit_vr = false;
  bool big_endian = false;
  bool deflated = false;      ///< the whole data set (PS3.5 A.5), not deflated frames
  bool encapsulated = false;  ///< Pixel Data comes in fragments
};

/// What is known of a UID. Standard encapsulated syntaxes that are newer than our codecs (HTJ2K,
/// JPEG XL, deflated frames, SMPTE 2110) are known: their data sets are explicit little endian.
/// 1.2.840.113619.5.2 (GE) is known. Anything else is `invalid` ("transfer-syntax.unknown"): the
/// object is spooled as it is and held.
Result<TransferSyntax> find_transfer_syntax(const Uid& uid);

inline constexpr std::string_view kImplicitLittleEndian = "1.2.840.10008.1.2";
inline constexpr std::string_view kExplicitLittleEndian = "1.2.840.10008.1.2.1";
inline constexpr std::string_view kDeflated = "1.2.840.10008.1.2.1.99";
inline constexpr std::string_view kExplicitBigEndian = "1.2.840.10008.1.2.2";

}  // namespace veilroute::dicom

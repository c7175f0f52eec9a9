// The Retain Safe Private Option (PS3.15 E.3.10): which private attributes of an item may stay.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/bytes.h"
#include "core/dicom/dataset.h"

namespace veilroute::profiles {

/// What becomes of one private attribute, and why.
struct PrivateVerdict {
  bool keep = false;
  std::string_view rule;  ///< static
};

/// For an attribute of the block that `creator` owns (padding is no part of a name); not for
/// creators themselves. The key is the creator, to the letter one of standard/safe-private.tsv, the
/// group and the low byte of the element (PS3.5 7.8.1), so a block may stand anywhere. Kept is what
/// is listed, is stated under a listed VR or none, and looks like a value of it that can name
/// nobody: no sentences, no calendar dates, no instants, no bulk, no sequences. `big_endian`: of
/// the data set. Pure; any thread.
PrivateVerdict judge_private_value(std::string_view creator, const dicom::Element& element,
                                   bool big_endian);

/// Rows of the list, and SHA-256 of the table, for a profile's version.
std::size_t safe_private_count();
const Digest& safe_private_digest();

}  // namespace veilroute::profiles

// The Retain Safe Private Option (PS3.15 E.3.10): which private attributes of an item may stay.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/dicom/dataset.h"

namespace veilroute::profiles {

/// What becomes of one private attribute, and why: "safe private" and "safe private creator" keep.
struct PrivateVerdict {
  std::size_t index = 0;  ///< into Item::elements
  bool keep = false;
  std::string_view rule;  ///< static
};

/// One verdict for each private attribute of an item, in its order; nested items are not looked
/// into, since no private sequence is kept. The key of an attribute is its block's creator, the
/// group and the low byte of the element (PS3.5 7.8.1), so a block may stand anywhere; the creator
/// must be, to the letter, one of standard/safe-private.tsv. A creator stays exactly where an
/// attribute of its block does. `big_endian`: of the data set. Pure; any thread.
std::vector<PrivateVerdict> judge_safe_private(const dicom::Item& item, bool big_endian);

/// The same for one attribute whose block is owned by `creator` (padding is no part of a name).
/// Not for creators. Kept is what is listed, is stated under a listed VR or none, and looks like a
/// value of it that can name nobody: no sentences, no calendar dates, no instants, no bulk.
PrivateVerdict judge_private_value(std::string_view creator, const dicom::Element& element,
                                   bool big_endian);

/// Rows of the list, and SHA-256 of the table, for a profile's version.
std::size_t safe_private_count();
const Digest& safe_private_digest();

}  // namespace veilroute::profiles

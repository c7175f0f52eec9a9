// Objects that this engine must not let leave, whatever becomes of their attributes: found before
// anything is changed (deid.md A.10, A.11, traps 48, 53, 55, 56, 66).
#pragma once

#include <vector>

#include "core/dicom/dataset.h"
#include "profiles/deidentify.h"

namespace veilroute::profiles {

/// All reasons to hold the object; empty: none.
std::vector<Problem> find_refusals(const dicom::Dataset& object);

}  // namespace veilroute::profiles

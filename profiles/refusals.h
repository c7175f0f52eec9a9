// Objects that this engine must not let leave, whatever becomes of their attributes: found before
// anything is changed (deid.md A.10, A.11, traps 48, 53, 55, 56, 66).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/dicom/dataset.h"
#include "profiles/deidentify.h"

namespace veilroute::profiles {

/// The kinds of objects that are refused unless a profile allows them: "raw-data". Reports are
/// allowed by the option clean-structured-content alone.
std::span<const std::string_view> refusable_kinds();

/// All reasons to hold the object; empty: none.
std::vector<Problem> find_refusals(const dicom::Dataset& object, const Profile& profile);

}  // namespace veilroute::profiles

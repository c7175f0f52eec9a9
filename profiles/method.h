// What a de-identified object says about itself (PS3.15 E.1.1 items 6 and 7, deid.md A.1, A.2).
#pragma once

#include <string>

#include "core/dicom/dataset.h"
#include "profiles/profile.h"

namespace veilroute::profiles {

/// "Veilroute basic 0123456789ab": the profile and the first digits of its version.
std::string method_text(const Profile& profile);

/// Writes Patient Identity Removed, De-identification Method and its code, and Longitudinal
/// Temporal Information Modified: REMOVED, or UNMODIFIED where a rule of the profile keeps dates or
/// times. Methods that are there already stay; ours is added once.
void write_method(dicom::Dataset& object, const Profile& profile);

}  // namespace veilroute::profiles

// A profile as one text without parents, and the version that is its digest.
#pragma once

#include <string>
#include <string_view>

#include "profiles/profile.h"

namespace veilroute::profiles {

/// Parse it again to get the same profile; stored with each transfer (TransferPlan::profile_text).
std::string canonical_text(const Profile& profile);

/// Digest of text, standard tables, edition and engine version.
ProfileVersion version_of(std::string_view canonical_text);

}  // namespace veilroute::profiles

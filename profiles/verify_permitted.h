// What a copy may hold in place of what identified, from the pseudonym row it was made with.
#pragma once

#include "profiles/verify_rules.h"

namespace veilroute::profiles {

/// `profile` outlives the answer.
Permitted permitted_for(const Profile& profile, const IdentityTerms& terms,
                        const Pseudonyms& pseudonyms);

}  // namespace veilroute::profiles

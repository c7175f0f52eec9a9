// How far a rule goes beyond what safe harbor leaves: the reason to refuse it, and to warn of it.
#pragma once

#include <string>

#include "profiles/profile.h"

namespace veilroute::profiles {

/// Why a rule cannot stand in a profile that claims "de-identified"; empty: it can. Written to
/// follow the rule's name: "keeps (0010,0040), which the standard's tables change".
std::string breach_of(const Rule& rule);

}  // namespace veilroute::profiles

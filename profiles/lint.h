// What a valid profile still lets happen that its author may not have meant.
#pragma once

#include <string>
#include <vector>

#include "profiles/profile.h"

namespace veilroute::profiles {

struct Warning {
  std::string slug;  ///< "lint.rule-unreached"
  std::string what;  ///< what it means for the person in the image, and what to do
};

/// Every doubt about a profile, in the order of its text. Empty: none. Any thread.
std::vector<Warning> lint(const Profile& profile);

}  // namespace veilroute::profiles

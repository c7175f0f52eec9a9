// [[rule]] tables to rules, or every problem with its place.
#pragma once

#include <vector>

#include "profiles/problem_list.h"

namespace veilroute::profiles {

struct PlacedRule {
  Rule rule;
  toml::Place place;
};

/// The rules of one profile's own text, in their order. `profile` names those without a name.
std::vector<PlacedRule> parse_rules(const toml::Node& root, const ProfileName& profile,
                                    ProblemList& problems);

}  // namespace veilroute::profiles

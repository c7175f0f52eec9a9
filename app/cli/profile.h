// What the verbs of `veilroute profile` share.
#pragma once

#include "app/cli/verbs.h"
#include "app/settings.h"

namespace veilroute::app::cli {

/// The settings of the site that was named or is here; else the shipped profiles alone.
Result<Settings> settings_for_profiles(const Common& common);

/// lint, test, diff, explain.
void add_profile_work(Verb& group, Common& common, Chosen& chosen);

}  // namespace veilroute::app::cli

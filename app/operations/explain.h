// explain: why did a study go where it went; where would a file go.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/message.h"
#include "app/settings.h"

namespace veilroute::app {

/// Files that are not in the site, asked about as one study from `source`. Reads headers only;
/// changes nothing and needs no lock. `invalid` when they are of more than one study.
Result<json> explain_files(const Settings& settings,
                           const std::vector<std::filesystem::path>& files,
                           const std::string& source, TimePoint now);

}  // namespace veilroute::app

// Settings: a site's configuration and profiles, read and checked. Needs no lock.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "config/load.h"
#include "profiles/profile.h"

namespace veilroute::app {

/// What the operator wrote, whole and valid. Copied freely; immutable behind the pointers.
struct Settings {
  std::shared_ptr<const config::Config> config;
  std::shared_ptr<const profiles::Library> library;
};

/// Everything that is wrong with it, in order; or nothing, and the settings.
struct LoadedSettings {
  Settings settings;  ///< null pointers when there is an error among the problems
  std::vector<config::Problem> problems;
  [[nodiscard]] bool ok() const { return settings.config != nullptr; }
};

/// Reads SITE/site.toml, conf.d/ and profiles/.
LoadedSettings load_settings(const std::filesystem::path& site, TimePoint now);

/// The same for callers that stop at the first error: it tells how many there are and the first.
Result<Settings> require_settings(const std::filesystem::path& site, TimePoint now);

/// Digests of the files that were read, for the ledger: "site.toml" → hexadecimal SHA-256.
std::map<std::string, std::string> settings_digests(const std::filesystem::path& site);

}  // namespace veilroute::app

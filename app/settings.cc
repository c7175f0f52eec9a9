#include "app/settings.h"

#include <algorithm>

#include "core/base/crypto.h"
#include "core/base/files.h"

namespace veilroute::app {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> toml_files(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code ignored;  // a folder that is not there holds no files; load() reports the rest
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".toml") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

LoadedSettings load_settings(const fs::path& site, TimePoint now) {
  LoadedSettings out;
  auto [library, profile_problems] = profiles::Library::load(site / "profiles");
  std::vector<config::KnownProfile> known;
  for (const auto& profile : library.all()) known.push_back({profile->name, profile->bases});
  auto loaded = config::load(site, known, now);
  out.problems = std::move(loaded.problems);
  for (const auto& problem : profile_problems) {
    out.problems.push_back({problem.place, problem.what, problem.slug, false});
  }
  if (loaded.config && profile_problems.empty()) {
    out.settings.config = std::move(loaded.config);
    out.settings.library = std::make_shared<const profiles::Library>(std::move(library));
  }
  return out;
}

Result<Settings> require_settings(const fs::path& site, TimePoint now) {
  LoadedSettings loaded = load_settings(site, now);
  if (loaded.ok()) return std::move(loaded.settings);
  std::size_t errors = 0;
  std::string first;
  for (const auto& problem : loaded.problems) {
    if (problem.warning) continue;
    if (errors == 0) first = problem.text();
    ++errors;
  }
  std::string what = "the configuration of this site cannot be used: " + first;
  if (errors > 1) what += " (and " + std::to_string(errors - 1) + " more)";
  return make_error(ErrorKind::invalid, "site.configuration-invalid",
                    what + "; `veilroute check` lists all of them");
}

std::map<std::string, std::string> settings_digests(const fs::path& site) {
  std::map<std::string, std::string> digests;
  std::vector<fs::path> files{site / "site.toml"};
  for (const char* folder : {"conf.d", "profiles"}) {
    const auto more = toml_files(site / folder);
    files.insert(files.end(), more.begin(), more.end());
  }
  for (const auto& file : files) {
    const auto text = read_text_file(file);
    if (!text.ok()) continue;
    digests[file.lexically_relative(site).generic_string()] =
        to_hex(crypto::sha256(as_bytes(text.value())));
  }
  return digests;
}

}  // namespace veilroute::app

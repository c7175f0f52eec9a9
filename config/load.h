// Files to Config, or every problem at once with its place and the nearest valid word.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace veilroute::config {

/// One thing that is wrong: "config/site.toml:41:3  route "ct": profile "basci" does not exist; did
/// you mean "basic"?   [route.unknown-profile]". A warning does not stop the node.
struct Problem {
  toml::Place place;
  std::string what;
  std::string slug;
  bool warning = false;
  [[nodiscard]] std::string text() const;
};

struct Loaded {
  std::shared_ptr<const Config> config;  ///< null when there is an error among the problems
  std::vector<Problem> problems;         ///< in order of files and lines
};

/// What load needs to know of the profiles without leaning on that room.
struct KnownProfile {
  ProfileName name;
  std::vector<std::string> bases;  ///< the bases it is strict enough for
};

/// Reads SITE/site.toml and SITE/conf.d/*.toml in order of names, and checks all of it, also what one
/// line cannot show: destination and profile exist, names and AE titles are unique, files are
/// there, every destination that leaves uses TLS (plain DICOM only to loopback), every gate
/// is whole. Warnings: a destination without a gate, one whose `valid_until` is over or will be within
/// 60 days. Places name files relative to the site. Durations: "30s", "15min", "2h", "7d". Sizes: "512MiB", "2GB".
Loaded load(const std::filesystem::path& site, const std::vector<KnownProfile>& profiles,
            TimePoint now);

/// One key of the reference, for reference.md and its test.
struct KeyInfo {
  std::string table;     ///< "listener", "destination.gate"
  std::string key;       ///< "bind"
  std::string type;      ///< "text", "duration", ...
  std::string range;     ///< "1s to 1h", "dicom | dicom+tls"; of a table: whose keys it has, where
                         ///< several have the same; empty: none
  std::string fallback;  ///< as written in TOML, "required", or "none" where leaving it out means so
  std::string what;      ///< one sentence
};
/// Every key the loader knows; the loader is driven by this very table.
const std::vector<KeyInfo>& keys();

/// The candidate nearest to a misspelt word, or nothing when none is near: at most one edit for
/// every three letters, at least one, letters' case ignored. For "did you mean".
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// The commented site.toml of examples/, compiled in.
std::string_view example_site();

}  // namespace veilroute::config

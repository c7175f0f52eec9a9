// init: makes a site: commented configuration, keys, development certificates, an empty catalog.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace veilroute::app {

struct NewSite {
  std::filesystem::path folder;        ///< must be empty or absent
  std::string name = "my-site";        ///< lower-case letters, digits and hyphens
  std::string ae_title = "VEILROUTE";  ///< 1 to 16 characters
  std::string listen = "127.0.0.1:11112";
  bool demo = false;                          ///< a source, a destination and a route to try it with
  std::string partner = "127.0.0.1:2763";     ///< where the demo destination listens
};

/// `invalid` for a bad name, `refused` ("site.folder-not-empty") for a folder with anything in it.
/// Returns the files that were made, relative to the folder.
Result<std::vector<std::string>> init_site(const NewSite& wanted);

/// The text of each configuration file, for init and its tests: path relative to the site → text.
std::vector<std::pair<std::string, std::string>> site_texts(const NewSite& wanted);

}  // namespace veilroute::app

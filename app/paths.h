// Files that an operator names, and those in the folders they name.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "core/base/result.h"

namespace veilroute::app {

struct FoundFile {
  std::filesystem::path path;
  std::filesystem::path relative;  ///< to the folder that was named; the file name for a named file
  bool named = false;              ///< named itself, not found in a folder
  std::optional<Error> failure;    ///< a path that is not there, a folder that cannot be read, a link
};

/// In the order named; inside a folder in the order of names, at every depth. Symbolic links inside
/// folders are not followed: they are in the list with a failure (`refused`, "file.symbolic-link"), as
/// is what cannot be read: nothing is left out without a word.
std::vector<FoundFile> find_files(const std::vector<std::filesystem::path>& paths);

}  // namespace veilroute::app

// A token or a password in a file of its own.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.h"

namespace veilroute::app {

/// The file's text without the line feed at its end; read anew each time, so that it is changed
/// without a restart. `invalid`, `slug`, when there is nothing in it; files' own errors. It is
/// never logged.
Result<std::string> read_secret_line(const std::filesystem::path& file, const char* slug);

}  // namespace veilroute::app

// profile lint | test | diff | explain: work on profiles before a route uses them. No site, no
// node.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "app/message.h"
#include "profiles/profile.h"

namespace veilroute::app {

/// A profile by its name, or by the path of its file (with a '/' or the ending ".toml"), whose
/// parents may be in `library`. `invalid` ("profile.unknown"; for a file "profile.not-valid", with
/// every problem and its place in the text).
Result<std::shared_ptr<const profiles::Profile>> find_profile(const profiles::Library& library,
                                                              const std::string& name_or_file);

/// {"profile", "version", "problems": [{"place", "what", "slug"}], "warnings": [{"slug", "what"}]}:
/// of a file that is not valid the problems alone. `invalid` when the file cannot be read.
Result<json> lint_profile(const profiles::Library& library, const std::string& name_or_file);

/// Runs the cases of a file: {"profile", "passed", "failed", "cases": [{"case", "place",
/// "failures"}]}.
Result<json> test_profile(const profiles::Library& library, const std::string& name_or_file,
                          const std::filesystem::path& cases);

/// What the second profile does otherwise than the first: {"options": {"added", "dropped"},
/// "rules":
/// {...}, "attributes": [{"tag", "keyword", "before", "after"}]}: every attribute of PS3.6 by what
/// becomes of its best-looking value at top level.
Result<json> diff_profiles(const profiles::Profile& before, const profiles::Profile& after);

/// What a profile would do with each attribute of a file, and by which rule; never a value:
/// {"attributes": [{"path", "keyword", "action", "rule"}], "held": [{"path", "rule", "advice"}]}.
Result<json> explain_attributes(const profiles::Profile& profile,
                                const std::filesystem::path& file);

}  // namespace veilroute::app

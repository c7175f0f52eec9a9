// Where the pseudonym rows of a run beside the node come from: the site's catalog, or a secret.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "app/cli/verbs.h"
#include "app/operations/deidentify.h"

namespace veilroute::app::cli {

struct RowsWanted {
  std::string scope = "site";
  std::string source;
  std::filesystem::path secret_file;
  /// Without site and file: a fresh secret, and a file that is not there is made. Else no rows, and
  /// the file must be there.
  bool make_secret = true;
};

struct ChosenRows {
  std::shared_ptr<const profiles::Profile> profile;  ///< null when none was named
  std::string default_issuer;
  PseudonymsFor rows;  ///< null: none are known
};

/// `invalid` for options that do not go together, and for names that nobody has.
Result<ChosenRows> choose_rows(const Common& common, const std::string& profile,
                               const RowsWanted& wanted);

}  // namespace veilroute::app::cli

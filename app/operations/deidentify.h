// deidentify: de-identified copies of files, beside the node: the same engine, the same checks, no
// transfer.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/operations/source_studies.h"
#include "core/store/catalog.h"
#include "profiles/profile.h"

namespace veilroute::app {

struct DeidentifyWanted {
  std::shared_ptr<const profiles::Profile> profile;
  std::vector<std::filesystem::path> paths;
  std::filesystem::path out;
  std::filesystem::path report;  ///< empty: none
  std::filesystem::path map;     ///< empty: none
  std::string pixel_trust;       ///< document; empty: suspicious pixels hold an object
  std::string default_issuer;    ///< of Patient IDs whose objects name none
  bool keep_names = false;
};

/// Where pseudonym rows come from: a site's catalog, or the secret of the run. One row a subject,
/// in order; asked once, before the first copy, so that a site is not kept waiting while we write.
using PseudonymsFor = std::function<Result<std::vector<store::PseudonymRow>>(
    const std::vector<store::PseudonymSubject>& subjects)>;

/// Who watches. All are called.
struct DeidentifyWatch {
  TellOutcome outcome;
  TellProgress scanned;
  TellProgress copied;
};

struct DeidentifyTally {
  std::size_t written = 0;
  std::size_t held = 0;
  std::size_t left_out = 0;
};

/// Reads every file twice, the pixels once more to copy them; nothing large is ever in memory.
/// Objects of a study share a pseudonym row. Errors are about the run: `invalid`
/// ("deidentify.no-files", "output.inside-source", "output.record-inside"), or what the disk or the site said; objects that
/// may not be copied are outcomes.
Result<DeidentifyTally> deidentify_files(const DeidentifyWanted& wanted,
                                         const PseudonymsFor& pseudonyms,
                                         const DeidentifyWatch& watch);

}  // namespace veilroute::app

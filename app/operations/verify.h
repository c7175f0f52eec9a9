// verify: copies that lie in files, ours or another tool's, against the objects they were made
// from. Nothing is written, and no value is told.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/message.h"
#include "app/operations/deidentify.h"

namespace veilroute::app {

struct VerifyWanted {
  std::filesystem::path source;                      ///< a file, or a folder of them
  std::filesystem::path output;                      ///< the same
  std::filesystem::path map;                         ///< rows of id_old,id_new; empty: none
  std::shared_ptr<const profiles::Profile> profile;  ///< null: another tool's copies
  std::string default_issuer;                        ///< as for `deidentify`
};

/// What was found in one copy, or that a source cannot be read.
struct VerifyOutcome {
  std::filesystem::path source;  ///< empty: none is known
  std::filesystem::path output;  ///< empty: this is about the source
  std::vector<store::Finding> findings;
};
json describe(const VerifyOutcome& outcome);

struct VerifyWatch {
  std::function<void(const VerifyOutcome&)> outcome;  ///< of every copy, clean ones as well
  TellProgress read;
  TellProgress verified;
};

struct VerifyTally {
  std::size_t verified = 0;      ///< copies looked at
  std::size_t found = 0;         ///< outcomes with findings
  std::size_t without_copy = 0;  ///< sources of which there is no copy: held, or left out
  std::string paired_by;         ///< "map", "name", "order"
};

/// Two files are a pair. In folders a copy belongs to the source that the map says, without a map
/// to the one of the same name; where no name is the same, to the one at its place in the order of
/// names. A copy is held against the words of its whole study; one whose source is not known, or
/// only by order, against those of all sources. What cannot be read is a finding: nobody knows what
/// it holds. `pseudonyms`: rows of the copies, null where they are not known. Errors are about the
/// run: `invalid` ("verify.no-files", "verify.cannot-pair", "verify.no-source",
/// "verify.map-unreadable"), or what the site said of its rows.
Result<VerifyTally> verify_files(const VerifyWanted& wanted, const PseudonymsFor& pseudonyms,
                                 const VerifyWatch& watch);

}  // namespace veilroute::app

// De-identify one object: walk every attribute at every depth, exactly one action for each.
// Walk step 6. PS3.15 E.1.1, E.3.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/phi.h"
#include "core/dicom/dataset.h"
#include "profiles/profile.h"

namespace veilroute::profiles {

/// A pseudonym row as the engine needs it (core/store/catalog.h stores it).
struct Pseudonyms {
  Phi<std::string> pseudonym;
  Phi<std::string> accession;
  Phi<int> date_offset_days;
  ByteView secret;  ///< 32 bytes; outlives the call
};

/// What happened to one attribute; never its value.
struct Change {
  std::string path;
  Action action = Action::keep;
  std::string rule;  ///< "E.1-1 X", "gap short-text", "private", "unlisted UI", "basic:12"
};

/// Why an object cannot be de-identified by this profile: held in quarantine.
struct Problem {
  std::string path;
  std::string rule;  ///< slug: "deid.encapsulated-document", "pixels.colour", ...
  std::string advice;
};

struct UidChange {
  Phi<std::string> original;
  Uid replacement;
  std::string kind;  ///< study | series | instance | other
};

struct DeidReport {
  std::vector<Change> changes;                 ///< everything but keep; with `trace` keep as well
  std::vector<Problem> problems;               ///< not empty: must not leave
  std::vector<UidChange> uids;                 ///< each old UID once
  std::map<std::string, std::string> restore;  ///< keyword → value as it came (decisions 15)
  /// "none", "clean-by-nature", "trusted", "suspicious: reason"; "as they came" where the profile
  /// does not de-identify.
  std::string pixels;
};

struct DeidSettings {
  std::string pixel_trust;  ///< document; empty: suspicious pixels are a problem (decisions 8)
  bool trace = false;       ///< report what is kept as well, and by which rule
};

/// Changes `object` in place. The same object, profile version and pseudonyms give the same bytes
/// (law 6). Group lengths, groups 0000, 0002, 0004, trailing padding and private attributes go;
/// unlisted UI values are mapped; (0012,0062/0063/0064) and (0028,0303)
/// are written. Options and rules of the profile change that, attribute by attribute (decide.h).
/// `internal` only for our own bugs. One thread per object.
Result<DeidReport> deidentify(dicom::Dataset& object, const Profile& profile,
                              const Pseudonyms& pseudonyms, const DeidSettings& settings);

}  // namespace veilroute::profiles

// Verification of a copy that lies in a file, by whatever tool it was made, against what its source
// said. Needs no transfer and gives no clearance; the search and the rules are those of verify.h.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/dicom/manifest.h"
#include "profiles/verify.h"

namespace veilroute::profiles {

/// A file as verification looks at it. `record` says what the file says of itself: classes, UIDs,
/// transfer syntax, and pieces: the large values of the file, and its other bytes, which are `own`.
struct OutputCopy {
  dicom::OutboxRecord record;
  Bytes own;
  std::vector<dicom::LargeValue> large;
  Bytes head;        ///< all before the data set: preamble and file meta information
  std::string name;  ///< path within the folder of copies; names of files carry names of people
};

/// The object it was made from, where that is known.
struct SourceOfCopy {
  Uid sop_class;
  Uid sop_instance;
};

/// What the copies were made with, as far as it is known.
struct MadeWith {
  std::shared_ptr<const Profile> profile;  ///< null: another tool's copies
  std::optional<Pseudonyms> pseudonyms;    ///< of the patient; its secret outlives the verifier
};

/// One study's copies. Immutable; any thread.
class OutputVerifier {
 public:
  /// `terms` of all source objects of the study; not needed later. The search automaton is built
  /// here.
  OutputVerifier(const IdentityTerms& terms, MadeWith made);
  ~OutputVerifier();
  /// Any copy: what of the source stands in values, file meta information and file name; UIDs that
  /// were not replaced; a preamble, file meta information or groups that no copy may have; private
  /// attributes and large values whose text nobody can vouch for; what stands beside the picture in
  /// compressed pixels; that it says that and how it was de-identified (PS3.15 E.1.1).
  /// With a profile, all of its rules; without the pseudonym row, what needs it is checked for
  /// agreement within the copy alone. Findings name path and rule, never a value.
  [[nodiscard]] std::vector<Problem> check(const OutputCopy& copy,
                                           const std::optional<SourceOfCopy>& source) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace veilroute::profiles

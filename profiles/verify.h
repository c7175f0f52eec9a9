// Verify: an independent reading of the finished copies, by rules written apart from deidentify.cc
// and a reader other than its own (DCMTK). Alone can make a Clearance. Walk step 7.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/clearance.h"
#include "core/base/phi.h"
#include "core/dicom/manifest.h"
#include "profiles/deidentify.h"
#include "profiles/harmless.h"
#include "profiles/profile.h"

namespace veilroute::profiles {

/// What of the source may not be found in a copy: collected from every object of a (study, patient)
/// before it is de-identified. Four characters and more match anywhere, unless they are a common
/// token. Common tokens, and two or three characters, match where they are a whole value of a text
/// (no code, no device's name), and only if they are the patient's own name or number (decisions
/// 9). A study with more terms than can be searched for is not cleared.
class IdentityTerms {
 public:
  IdentityTerms();
  ~IdentityTerms();
  IdentityTerms(IdentityTerms&&) noexcept;
  /// Reads names, ids, dates, addresses, UIDs, institution and operator terms at every depth.
  void collect(const dicom::Dataset& source);
  struct State;
  [[nodiscard]] const State& state() const { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// One transfer's verification. Check every record, then ask for the clearance. One thread.
class Verifier {
 public:
  /// The search automaton is built once, here.
  /// `harmless` excuses single values that the site has looked at (harmless.h).
  Verifier(const Profile& profile, const IdentityTerms& terms, const Pseudonyms& pseudonyms,
           HarmlessValue harmless = {});
  ~Verifier();
  /// Before check, with the source as it came: what its IOD requires of a copy (PS3.5 7.4), once
  /// for each check of that object. An object of which nothing was noted is not asked for it.
  void note_source(ObjectId object, const dicom::Dataset& source);
  /// Reads the own block (and where pieces point: `source_large` are the ranges of the source that
  /// may be referred to, nothing else). `open` opens the data set as it was received: it is called
  /// when the record refers to parts of compressed pixels, which do not pass without it. Findings
  /// name path and rule, never a value. Empty: passed.
  Result<std::vector<Problem>> check(const dicom::OutboxRecord& record, ByteView own,
                                     const std::vector<dicom::LargeValue>& source_large,
                                     const OpenSource& open = {});
  /// Only when every record of the manifest passed check() here, byte for byte the same, and the
  /// manifest names this profile's version: else `refused`.
  Result<Clearance> clear(const dicom::Manifest& manifest) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace veilroute::profiles

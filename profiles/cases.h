// The cases that stand beside a profile (NAME.cases.toml): what must become of given values. For
// `veilroute profile test`, and for our own tests of the shipped profiles.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/toml.h"
#include "profiles/profile.h"

namespace veilroute::profiles {

struct CaseOutcome {
  std::string name;
  toml::Place place;
  std::vector<std::string> failures;  ///< "PatientSex: expected "" and got "F""; empty: passed
};

/// Runs every [[case]] of a text on a small digital X-ray object with the given values in it:
///   [[case]]
///   name = "…"
///   given = { PatientName = "A^B", "RequestAttributesSequence.RequestedProcedureID" = "7" }
///   expect = { PatientName = "{pseudonym}" }
/// "{pseudonym}", "{accession}", "{uid}" and "{shifted}" stand for what the test's pseudonym row
/// makes of the given value, "{absent}" for gone, "" for present and empty. What has no `expect`
/// may become anything. `invalid` when the text cannot be read ("profile.cases"); its message names
/// the place.
Result<std::vector<CaseOutcome>> run_cases(const Profile& profile, std::string_view text,
                                           const std::string& file);

}  // namespace veilroute::profiles

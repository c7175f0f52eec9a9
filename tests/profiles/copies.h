// A finished copy as prepare hands it to verify.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/base/crypto.h"
#include "core/dicom/manifest.h"
#include "core/dicom/scanner.h"
#include "profiles/verify.h"
#include "tests/profiles/objects.h"

namespace veilroute::profiles::testing {

struct Copy {
  dicom::OutboxRecord record;
  Bytes own;
  std::vector<dicom::LargeValue> large;
};

inline Copy copy_of(const Dataset& object, std::vector<dicom::LargeValue> large = {}) {
  Copy copy;
  auto written = dicom::write_dataset(object);
  EXPECT_TRUE(written.ok());
  if (!written.ok()) return copy;
  copy.own = std::move(written->own);
  copy.record.object = {7};
  copy.record.pieces = std::move(written->pieces);
  copy.record.own_digest = crypto::sha256(copy.own);
  copy.record.sop_class = {object.text(dicom::tags::SOPClassUID).reveal()};
  copy.record.sop_instance = {object.text(dicom::tags::SOPInstanceUID).reveal()};
  copy.record.transfer_syntax = object.syntax().uid;
  copy.large = std::move(large);
  return copy;
}

inline std::vector<std::string> rules_of(const std::vector<Problem>& problems) {
  std::vector<std::string> rules;
  for (const Problem& problem : problems) rules.push_back(problem.rule);
  return rules;
}

inline std::vector<Problem> check(Verifier& verifier, const Copy& copy,
                                  const OpenSource& open = {}) {
  auto findings = verifier.check(copy.record, copy.own, copy.large, open);
  EXPECT_TRUE(findings.ok());
  return findings.ok() ? *findings : std::vector<Problem>{};
}

/// The rules of what verify finds in a copy whose source had these terms.
inline std::vector<std::string> findings_in(const Dataset& copy, const IdentityTerms& terms,
                                            const Profile& profile = *basic()) {
  Verifier verifier(profile, terms, pseudonyms());
  return rules_of(check(verifier, copy_of(copy)));
}

inline bool has(const std::vector<std::string>& rules, std::string_view rule) {
  return std::find(rules.begin(), rules.end(), rule) != rules.end();
}

}  // namespace veilroute::profiles::testing

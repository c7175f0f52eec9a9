// One object as the node prepares it: scanned, read, de-identified, written, verified; and the
// bytes that would leave.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "profiles/strip_pixels.h"
#include "tests/profiles/copies.h"
#include "tests/support/corpus.h"

namespace veilroute::profiles::proof {

struct Prepared {
  std::string unusable;           ///< the scanner's or the reader's slug; the rest is then empty
  std::vector<Problem> problems;  ///< of the engine
  std::vector<Problem> findings;  ///< of the verifier; asked whatever the engine says
  Bytes bytes;                    ///< the data set as it would leave
  std::optional<dicom::Dataset> copy;  ///< `bytes`, read again
  [[nodiscard]] bool leaves() const {
    return unusable.empty() && problems.empty() && findings.empty();
  }
  /// Why it does not leave: the first reason. Empty: it leaves.
  [[nodiscard]] std::string held_by() const {
    if (!unusable.empty()) return unusable;
    if (!problems.empty()) return problems.front().rule;
    return findings.empty() ? std::string() : findings.front().rule;
  }
};

/// The pseudonym row of these tests: dates move by 37 days.
inline Pseudonyms row() {
  // No word of any source: what MIDI-B takes for a remainder.
  return {Phi<std::string>("ZQ-48151-XQ"), Phi<std::string>("ZQ-62342-XQ"), Phi<int>(-37),
          testing::secret()};
}

struct Preparation {
  std::shared_ptr<const Profile> profile;
  std::string pixel_trust = "a document";
  /// What the verifier searches for; null: the terms of the object itself.
  const IdentityTerms* terms = nullptr;
  bool only_engine = false;  ///< `problems` alone are asked for
};

inline Prepared prepare(ByteView dataset, const dicom::TransferSyntax& syntax,
                        const Preparation& how) {
  Prepared prepared;
  const dicom::ScanFacts facts = support::scan(dataset, syntax);
  if (facts.problem) {
    prepared.unusable = facts.problem->slug;
    return prepared;
  }
  MemorySource source(dataset);
  auto object = dicom::read_dataset(source, syntax, facts.large);
  if (!object.ok()) {
    prepared.unusable = object.error().slug;
    return prepared;
  }
  IdentityTerms own;
  own.collect(*object);
  const OpenSource open = [dataset]() -> Result<std::unique_ptr<ByteSource>> {
    return std::unique_ptr<ByteSource>(std::make_unique<MemorySource>(dataset));
  };
  EXPECT_TRUE(strip_pixels(*object, *how.profile, open).ok());
  auto report = deidentify(*object, *how.profile, row(), {how.pixel_trust});
  EXPECT_TRUE(report.ok());
  if (!report.ok()) return prepared;
  prepared.problems = std::move(report->problems);
  if (how.only_engine) return prepared;
  auto written = dicom::write_dataset(*object);
  EXPECT_TRUE(written.ok());
  if (!written.ok()) return prepared;
  prepared.bytes = support::materialise(*written, dataset);
  const testing::Copy copy = testing::copy_of(*object, facts.large);
  Verifier verifier(*how.profile, how.terms == nullptr ? own : *how.terms, row());
  prepared.findings = testing::check(verifier, copy, open);
  const dicom::ScanFacts again = support::scan(prepared.bytes, syntax);
  MemorySource written_source(prepared.bytes);
  auto copied = dicom::read_dataset(written_source, syntax, again.large);
  EXPECT_TRUE(copied.ok()) << "the engine wrote what cannot be read";
  if (copied.ok()) prepared.copy.emplace(std::move(*copied));
  return prepared;
}

/// Of an object made in memory: written first, so that it goes the way of one that was received.
inline Prepared prepare(const dicom::Dataset& object, const Preparation& how) {
  auto written = dicom::write_dataset(object);
  EXPECT_TRUE(written.ok());
  return written.ok() ? prepare(written->own, object.syntax(), how) : Prepared{};
}

}  // namespace veilroute::profiles::proof

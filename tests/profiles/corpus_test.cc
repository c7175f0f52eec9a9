// Every object of the corpus through "basic" and verify. What becomes of each stands in
// corpus_expected.tsv; VEILROUTE_UPDATE_GOLDEN=1 rewrites it, and the commit says why.
#include "tests/support/corpus.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "profiles/strip_pixels.h"
#include "tests/profiles/copies.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

constexpr const char* kExpected = VEILROUTE_SOURCE_DIR "/tests/profiles/corpus_expected.tsv";

struct Outcome {
  std::string word;  ///< "passed", "unusable:slug", "quarantined:slug", "found:rule"
  Bytes own;
};

Outcome outcome_of(const support::CorpusFile& file, std::string pixel_trust) {
  const ByteView bytes = file.dataset();
  const dicom::ScanFacts facts = support::scan(bytes, file.syntax);
  if (facts.problem) return {"unusable:" + facts.problem->slug, {}};
  MemorySource source(bytes);
  auto object = dicom::read_dataset(source, file.syntax, facts.large);
  if (!object.ok()) return {"unusable:" + object.error().slug, {}};
  if (object->find(dicom::tags::SOPInstanceUID) == nullptr) return {"unusable:no-instance-uid", {}};
  IdentityTerms terms;
  terms.collect(*object);
  Verifier verifier(*basic(), terms, pseudonyms());
  verifier.note_source({7}, *object);
  const OpenSource open = [bytes]() -> Result<std::unique_ptr<ByteSource>> {
    return std::unique_ptr<ByteSource>(std::make_unique<MemorySource>(bytes));
  };
  const auto stripped = strip_pixels(*object, *basic(), open);
  if (!stripped.ok()) return {"error:" + stripped.error().slug, {}};
  const auto report = deidentify(*object, *basic(), pseudonyms(), {std::move(pixel_trust)});
  if (!report.ok()) return {"error:" + report.error().slug, {}};
  if (!report->problems.empty()) return {"quarantined:" + report->problems.front().rule, {}};
  Copy copy = copy_of(*object, facts.large);
  const auto findings = check(verifier, copy, open);
  if (!findings.empty()) {
    return {"found:" + findings.front().rule + " " + findings.front().path, {}};
  }
  return {"passed", std::move(copy.own)};
}

std::map<std::string, std::string> expected() {
  std::map<std::string, std::string> rows;
  std::ifstream in(kExpected);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    const std::size_t tab = line.find('\t');
    if (tab != line.npos) rows.emplace(line.substr(0, tab), line.substr(tab + 1));
  }
  return rows;
}

// The few rows "found:" are right to be there: the source has the same single word, or the same
// number, as an institution's name or patient's ID and as its maker's or series number, and nobody
// but a person can tell which of the two it means.
TEST(Corpus, EveryObjectEndsAsExpected) {
  std::map<std::string, std::string> outcomes;
  for (const support::CorpusFile& file : support::corpus_files()) {
    outcomes.emplace(file.name, outcome_of(file, "").word + "\t" +
                                    outcome_of(file, "a document that trusts the pixels").word);
  }
  if (std::getenv("VEILROUTE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream out(kExpected);
    out << "file\toutcome\tpixels_trusted\n";
    for (const auto& [name, word] : outcomes) out << name << '\t' << word << '\n';
    return;
  }
  EXPECT_EQ(outcomes, expected());
}

TEST(Corpus, ASecondRunGivesTheSameBytes) {
  std::size_t passed = 0;
  for (const support::CorpusFile& file : support::corpus_files()) {
    const Outcome first = outcome_of(file, "");
    if (first.word != "passed") continue;
    ++passed;
    EXPECT_EQ(outcome_of(file, "").own, first.own) << file.name;
  }
  EXPECT_GT(passed, 100U);
}

}  // namespace
}  // namespace veilroute::profiles

// verify: what of a source is still in a copy, by whatever tool it was made.
#include "app/operations/verify.h"

#include <set>

#include "tests/app/copies.h"

namespace veilroute::app {
namespace {

using namespace testing;

struct Verified {
  Result<VerifyTally> tally = VerifyTally{};
  std::map<std::string, std::set<std::string>> rules;  ///< by the name of the copy, else the source
  [[nodiscard]] std::set<std::string> all() const {
    std::set<std::string> every;
    for (const auto& [name, some] : rules) every.insert(some.begin(), some.end());
    return every;
  }
};

Verified verify(const VerifyWanted& wanted, const PseudonymsFor& pseudonyms = nullptr) {
  Verified done;
  VerifyWatch watch;
  watch.read = watch.verified = [](std::size_t, std::size_t) {};
  watch.outcome = [&done](const VerifyOutcome& outcome) {
    const auto& file = outcome.output.empty() ? outcome.source : outcome.output;
    for (const auto& each : outcome.findings) {
      done.rules[file.filename().string()].insert(each.rule);
      EXPECT_FALSE(each.advice.empty()) << each.rule;
    }
  };
  done.tally = verify_files(wanted, pseudonyms, watch);
  return done;
}

class Verify : public DeidentifyRoom {
 protected:
  /// Phantoms of two patients, and their copies by a shipped profile.
  void make_copies(const char* profile) {
    PhantomsWanted two;
    two.studies = 2;
    two.count = 2;
    phantoms(in(), two);
    DeidentifyWanted what = all();
    what.profile = profiles::Library::shipped().find({profile});
    what.map = map();
    ASSERT_EQ(run(what).tally->written, 4U);
  }
  [[nodiscard]] fs::path map() const { return folder_.path() / "map.csv"; }
  [[nodiscard]] VerifyWanted pair(const char* profile = nullptr) const {
    VerifyWanted wanted{in(), out(), map(), nullptr, ""};
    if (profile != nullptr) wanted.profile = profiles::Library::shipped().find({profile});
    return wanted;
  }
};

TEST_F(Verify, FindsNothingInOurOwnCopies) {
  for (const char* profile : {"basic", "research", "limited-data-set", "safe-harbor"}) {
    SCOPED_TRACE(profile);
    fs::remove_all(in());
    fs::remove_all(out());
    fs::remove(map());
    make_copies(profile);
    EXPECT_EQ(verify(pair(profile), rows()).all(), std::set<std::string>{});
    EXPECT_EQ(verify(pair(profile)).all(), std::set<std::string>{}) << "without the row";
  }
}

TEST_F(Verify, FindsNothingInOurOwnCopiesAsAnothersToo) {
  make_copies("basic");
  const Verified done = verify(pair());
  ASSERT_TRUE(done.tally.ok());
  EXPECT_EQ(done.tally->verified, 4U);
  EXPECT_EQ(done.tally->found, 0U);
  EXPECT_EQ(done.tally->without_copy, 0U);
  EXPECT_EQ(done.tally->paired_by, "map");
  EXPECT_EQ(done.all(), std::set<std::string>{});
}

TEST_F(Verify, FindsWhatACopyOfTheSourceStillSays) {
  const auto files = phantoms(in());
  fs::create_directories(out());
  fs::copy_file(files.at(0), out() / files.at(0).filename());
  VerifyWanted wanted = pair();
  wanted.map.clear();
  const Verified done = verify(wanted);
  ASSERT_TRUE(done.tally.ok());
  EXPECT_EQ(done.tally->paired_by, "name");
  for (const char* rule :
       {"verify.identity-found", "verify.uid-not-replaced", "verify.not-declared"}) {
    EXPECT_TRUE(done.all().contains(rule)) << rule;
  }
}

TEST_F(Verify, FindsOneWordThatWasPutBack) {
  make_copies("basic");
  const fs::path copy = copies().at(0);
  const std::string pseudonym(scanned(copy).value(dicom::tags::PatientName));
  overwrite(copy, pseudonym,
            std::string("PHANTOM^ALSO^ONE                        ").substr(0, pseudonym.size()));
  const Verified done = verify(pair("basic"), rows());
  EXPECT_TRUE(done.all().contains("verify.identity-found"));
  EXPECT_TRUE(done.all().contains("verify.not-the-pseudonym"));
  EXPECT_EQ(done.rules.size(), 1U) << "the other copies are clean";
}

TEST_F(Verify, TellsCopiesMadeWithAnotherSecret) {
  make_copies("basic");
  const Verified done = verify(pair("basic"), rows(9));
  EXPECT_TRUE(done.all().contains("verify.not-the-pseudonym"));
  EXPECT_TRUE(done.all().contains("verify.uid-not-replaced"));
}

TEST_F(Verify, LooksBeforeTheDataSetAndAtTheName) {
  make_copies("basic");
  const fs::path copy = copies().at(0);
  std::string bytes = test::read_file(copy);
  bytes.replace(0, 8, "CAMERA 7");
  const fs::path named = copy.parent_path() / "phantom_also_one.dcm";
  std::ofstream(named, std::ios::binary) << bytes;
  fs::remove(copy);
  const auto rules = verify(pair()).rules;
  ASSERT_TRUE(rules.contains(named.filename().string()));
  EXPECT_TRUE(rules.at(named.filename().string()).contains("verify.preamble"));
  EXPECT_TRUE(rules.at(named.filename().string()).contains("verify.file-name"));
}

TEST_F(Verify, CallsAFileThatCannotBeReadAFinding) {
  make_copies("basic");
  folder_.write("out/letter.dcm", std::string(300, 'a'));
  const Verified done = verify(pair());
  ASSERT_TRUE(done.tally.ok());
  EXPECT_EQ(done.rules.at("letter.dcm"), std::set<std::string>{"verify.unreadable"});
}

TEST_F(Verify, NeedsToKnowWhatBelongsTogether) {
  make_copies("basic");
  VerifyWanted unpaired = pair("basic");
  unpaired.map.clear();
  EXPECT_EQ(verify(unpaired, rows()).tally.error().slug, "verify.cannot-pair");
  EXPECT_TRUE(verify(unpaired).tally.ok()) << "held against the words of all sources";
  fs::remove(copies().at(0));
  EXPECT_EQ(verify(unpaired).tally.error().slug, "verify.cannot-pair");
  VerifyWanted unmapped = pair();
  unmapped.map = folder_.write("odd.csv", "1.2.3 and no comma\n");
  EXPECT_EQ(verify(unmapped).tally.error().slug, "verify.map-unreadable");
  VerifyWanted nothing = pair();
  nothing.output = folder_.path() / "nowhere";
  EXPECT_FALSE(verify(nothing).tally.ok() && verify(nothing).tally->found == 0U);
  folder_.write("map.csv", "id_old,id_new\n");
  const Verified strangers = verify(pair());
  ASSERT_TRUE(strangers.tally.ok());
  EXPECT_TRUE(strangers.all().contains("verify.no-source"));
}

}  // namespace
}  // namespace veilroute::app

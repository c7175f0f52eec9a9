// deidentify: what must not be written, and that it is said.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/app/copies.h"

namespace veilroute::app {
namespace {

using namespace testing;

class DeidentifyHeld : public DeidentifyRoom {};

TEST_F(DeidentifyHeld, DoesNotWriteOverSources) {
  phantoms(in());
  for (const fs::path& where : {in(), in() / "below", folder_.path()}) {
    const Done done = run(wanted({in()}, where));
    ASSERT_FALSE(done.tally.ok()) << where;
    EXPECT_EQ(done.tally.error().slug, "output.inside-source");
  }
  EXPECT_EQ(test::files_below(folder_.path()).size(), 1U);
}

TEST_F(DeidentifyHeld, NeedsFiles) {
  fs::create_directories(in());
  const Done done = run(all());
  ASSERT_FALSE(done.tally.ok());
  EXPECT_EQ(done.tally.error().slug, "deidentify.no-files");
}

TEST_F(DeidentifyHeld, EndsWhenTheSiteGivesNoPseudonyms) {
  phantoms(in());
  const Done done = run(all(), [](const auto&) {
    return Result<std::vector<store::PseudonymRow>>(
        make_error(ErrorKind::unavailable, "control.lost", "gone"));
  });
  ASSERT_FALSE(done.tally.ok());
  EXPECT_EQ(done.tally.error().slug, "control.lost");
  EXPECT_TRUE(copies().empty());
}

TEST_F(DeidentifyHeld, EndsBeforeTheFirstCopyWhenAPseudonymIsIncomplete) {
  phantoms(in());
  for (const std::size_t rows : {0U, 1U}) {
    const Done done = run(all(), [rows](const auto&) {
      return Result<std::vector<store::PseudonymRow>>(std::vector<store::PseudonymRow>(rows));
    });
    ASSERT_FALSE(done.tally.ok());
    EXPECT_EQ(done.tally.error().slug, "pseudonyms.unreadable-answer");
    EXPECT_TRUE(copies().empty());
  }
}

TEST_F(DeidentifyHeld, HoldsWhatIsNoObjectAndSaysWhy) {
  phantoms(in());
  const std::string whole = test::read_file(in() / "dx-0001-0001.dcm");
  folder_.write("in/letter.txt", "Dear colleague, this is long enough to be looked at as a file. ");
  folder_.write("in/empty.dcm", "");
  folder_.write("in/cut.dcm", std::string_view(whole).substr(0, whole.size() - 700));
  ASSERT_EQ(::mkfifo((in() / "pipe").c_str(), 0600), 0);
  DeidentifyWanted what = all();
  what.paths.push_back(folder_.path() / "not-there");
  const Done done = run(what);
  ASSERT_TRUE(done.tally.ok());
  EXPECT_EQ(done.rule("letter.txt"), "file.not-dicom");
  EXPECT_EQ(done.kind("empty.dcm"), FileOutcome::Kind::held);
  EXPECT_EQ(done.rule("cut.dcm"), "dataset.truncated");
  EXPECT_EQ(done.rule("pipe"), "file.not-regular");
  EXPECT_EQ(done.rule("not-there"), "file.unreadable");
  EXPECT_EQ(done.rule("dx-0001-0001.dcm"), "written");
  EXPECT_EQ(done.tally->held, 5U);
  EXPECT_EQ(done.tally->written, 1U);
  EXPECT_EQ(copies().size(), 1U);
}

TEST_F(DeidentifyHeld, HoldsSuspiciousPixelsUnlessADocumentTrustsThem) {
  PhantomsWanted us;
  us.kind = dicom::PhantomKind::us;
  phantoms(in(), us);
  EXPECT_EQ(run(all()).rule("us-0001-0001.dcm"), "pixels.ultrasound");
  EXPECT_TRUE(copies().empty());
  DeidentifyWanted trusting = all();
  trusting.pixel_trust = "pixel review 7";
  EXPECT_EQ(run(trusting).rule("us-0001-0001.dcm"), "written");
}

TEST_F(DeidentifyHeld, HoldsAFileThatIsWrittenToMeanwhile) {
  const auto files = phantoms(in());
  const Done done = run(all(), rows(), [&files](std::size_t, std::size_t) {
    std::ofstream(files[0], std::ios::app) << "more";
  });
  EXPECT_EQ(done.rule("dx-0001-0001.dcm"), "file.changed-meanwhile");
  EXPECT_TRUE(copies().empty());
}

TEST_F(DeidentifyHeld, HoldsAStudyOfTwoPatients) {
  PhantomsWanted two;
  two.count = 2;
  const auto files = phantoms(in(), two);
  overwrite(files[1], "PHANTOM-0001", "PHANTOM-0002");
  const Done done = run(all());
  EXPECT_EQ(done.rule("dx-0001-0001.dcm"), "study.two-patients");
  EXPECT_EQ(done.rule("dx-0001-0002.dcm"), "study.two-patients");
  EXPECT_TRUE(copies().empty());
}

TEST_F(DeidentifyHeld, HoldsTwoVersionsOfAnObjectButNotTheOthers) {
  PhantomsWanted two;
  two.count = 2;
  const auto files = phantoms(in(), two);
  const fs::path other = in() / "version-2.dcm";
  fs::copy_file(files[0], other);
  overwrite(other, "PHANTOM STEP", "PHANTOM STOP");
  const Done done = run(all());
  EXPECT_EQ(done.rule("dx-0001-0001.dcm"), "object.two-versions");
  EXPECT_EQ(done.rule("version-2.dcm"), "object.two-versions");
  EXPECT_EQ(done.rule("dx-0001-0002.dcm"), "written");
}

TEST_F(DeidentifyHeld, HoldsAnObjectThatStandsInTwoStudies) {
  const auto files = phantoms(in());
  const fs::path other = in() / "other-study.dcm";
  fs::copy_file(files[0], other);
  const std::string uid(scanned(other).value(dicom::tags::StudyInstanceUID));
  std::string changed = uid;
  changed.back() = changed.back() == '1' ? '2' : '1';
  overwrite(other, uid, changed);
  const Done done = run(all());
  EXPECT_EQ(done.rule("dx-0001-0001.dcm"), "study.instance-in-two-studies");
  EXPECT_EQ(done.rule("other-study.dcm"), "study.instance-in-two-studies");
}

TEST_F(DeidentifyHeld, LeavesSecondCopiesAndFoundDirectoriesOut) {
  const auto files = phantoms(in());
  fs::copy_file(files[0], in() / "z-again.dcm");
  const fs::path media = fs::path(VEILROUTE_CORPUS_DIR) / "study-tiny" / "TINY_ALPHA" / "DICOMDIR";
  fs::copy_file(media, in() / "DICOMDIR");
  const Done done = run(all());
  EXPECT_EQ(done.kind("z-again.dcm"), FileOutcome::Kind::left_out);
  EXPECT_EQ(done.rule("z-again.dcm"), "object.same-bytes");
  EXPECT_EQ(done.kind("DICOMDIR"), FileOutcome::Kind::left_out);
  EXPECT_EQ(done.tally->left_out, 2U);
  EXPECT_EQ(done.tally->held, 0U);
  // Named itself, somebody wanted it: then it is not passed over.
  EXPECT_EQ(run(wanted({in() / "DICOMDIR"}, out())).kind("DICOMDIR"), FileOutcome::Kind::held);
}

TEST_F(DeidentifyHeld, NeverReplacesAFile) {
  phantoms(in());
  const Done first = run(all());
  const fs::path copy = first.output("dx-0001-0001.dcm");
  std::ofstream(copy) << "what a person put there";
  const Done second = run(all());
  EXPECT_EQ(second.rule("dx-0001-0001.dcm"), "output.exists");
  EXPECT_EQ(test::read_file(copy), "what a person put there");
  EXPECT_EQ(copies().size(), 1U) << "no half copies stay behind";
}

TEST_F(DeidentifyHeld, NeverReplacesAReportOrAMap) {
  phantoms(in());
  const auto mine = folder_.write("mine.txt", "mine");
  for (fs::path DeidentifyWanted::*which : {&DeidentifyWanted::report, &DeidentifyWanted::map}) {
    DeidentifyWanted what = all();
    what.*which = mine;
    const Done done = run(what);
    ASSERT_FALSE(done.tally.ok());
    EXPECT_EQ(done.tally.error().slug, "file.exists");
    EXPECT_EQ(test::read_file(mine), "mine");
    EXPECT_TRUE(copies().empty());
  }
}

TEST_F(DeidentifyHeld, EndsWhenItsFolderTakesNoFiles) {
  phantoms(in());
  folder_.write("out", "a file where a folder should be");
  const Done done = run(all());
  EXPECT_FALSE(done.tally.ok());
}

}  // namespace
}  // namespace veilroute::app

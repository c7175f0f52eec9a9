// phantom: objects that a site can be tried with, and that never replace anybody's.
#include "app/operations/phantom.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "tests/app/copies.h"

namespace veilroute::app {
namespace {

using namespace testing;

TEST(Phantoms, NeverReplaceAFile) {
  const TemporaryFolder folder;
  const auto mine = folder.write("dx-0001-0001.dcm", "mine");
  PhantomsWanted wanted;
  wanted.out = folder.path();
  const auto made = write_phantoms(wanted);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().slug, "file.exists");
  EXPECT_EQ(test::read_file(mine), "mine");
}

TEST(Phantoms, RefuseWishesThatMakeNoSense) {
  struct Case {
    const char* what;
    void (*spoil)(PhantomsWanted&);
  };
  const Case cases[] = {
      {"no patient", [](PhantomsWanted& wish) { wish.first = 0; }},
      {"a picture of one pixel", [](PhantomsWanted& wish) { wish.rows = 1; }},
      {"compressed pixels",
       [](PhantomsWanted& wish) { wish.transfer_syntax = "1.2.840.10008.1.2.4.70"; }},
      {"a transfer syntax that does not exist",
       [](PhantomsWanted& wish) { wish.transfer_syntax = "1.2.3"; }},
  };
  for (const Case& one : cases) {
    const TemporaryFolder folder;
    PhantomsWanted wanted;
    wanted.out = folder.path();
    one.spoil(wanted);
    EXPECT_FALSE(write_phantoms(wanted).ok()) << one.what;
    EXPECT_TRUE(test::files_below(folder.path()).empty()) << one.what;
  }
}

TEST(Phantoms, AreObjectsOfEveryKind) {
  for (const char* word : {"dx", "cr", "ct", "us"}) {
    const TemporaryFolder folder;
    PhantomsWanted wanted;
    wanted.kind = *dicom::parse_phantom_kind(word);
    wanted.studies = 2;
    wanted.count = 3;
    const auto files = phantoms(folder.path(), wanted);
    ASSERT_EQ(files.size(), 6U);
    std::set<std::string> studies;
    std::set<std::string> instances;
    for (const auto& file : files) {
      const ObjectFile object = scanned(file);
      studies.insert(std::string(object.value(dicom::tags::StudyInstanceUID)));
      instances.insert(std::string(object.value(dicom::tags::SOPInstanceUID)));
      EXPECT_TRUE(object.value(dicom::tags::PatientName).starts_with("PHANTOM^"));
    }
    EXPECT_EQ(studies.size(), 2U) << word;
    EXPECT_EQ(instances.size(), 6U) << word;
  }
}

TEST(Phantoms, AreTheSameForTheSameSeed) {
  const TemporaryFolder one;
  const TemporaryFolder two;
  const TemporaryFolder three;
  PhantomsWanted wanted;
  wanted.seed = "a";
  const auto a = phantoms(one.path(), wanted);
  const auto b = phantoms(two.path(), wanted);
  wanted.seed = "b";
  const auto c = phantoms(three.path(), wanted);
  EXPECT_EQ(test::read_file(a[0]), test::read_file(b[0]));
  EXPECT_NE(test::read_file(a[0]), test::read_file(c[0]));
}

TEST(Phantoms, ThatAreCanariesCarryEveryMarkerThatTheyName) {
  const TemporaryFolder folder;
  PhantomsWanted wanted;
  wanted.canary = true;
  wanted.rows = wanted.columns = 32;
  wanted.out = folder.path();
  const auto made = write_phantoms(wanted);
  ASSERT_TRUE(made.ok());
  EXPECT_GT(made->front().markers.size(), 400U);
  const std::string bytes = test::read_file(made->front().file);
  for (const auto& marker : made->front().markers) {
    EXPECT_NE(bytes.find(marker), std::string::npos) << marker;
  }
}

TEST(Phantoms, ThatAreCanariesCoverTheTableOfTheStandard) {
  const auto tags = canary_tags();
  // 657 rows, less those for whole groups, and less the two that hold an object back.
  EXPECT_GT(tags.size(), 640U);
  EXPECT_EQ(std::count(tags.begin(), tags.end(), dicom::tags::PatientName), 1);
  EXPECT_EQ(std::count(tags.begin(), tags.end(), dicom::Tag{0x0040, 0xA730}), 0);
}

}  // namespace
}  // namespace veilroute::app

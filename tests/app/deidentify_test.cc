// deidentify: copies that are clean, whole, verified and named by nobody.
#include "app/operations/deidentify.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>
#include <sstream>

#include "app/message.h"
#include "core/dicom/phantom.h"
#include "tests/app/copies.h"

namespace veilroute::app {
namespace {

using namespace testing;

unsigned mode_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777U;
}

/// Nothing stands beside the picture in the fragments, or there are none.
bool is_clean(const ObjectFile& file) {
  return std::all_of(file.facts.large.begin(), file.facts.large.end(), [](const auto& large) {
    return large.codestream == dicom::Codestream::clean;
  });
}

/// (old, new), as the file says; each stands there once.
std::set<std::pair<std::string, std::string>> read_map(const fs::path& file) {
  std::set<std::pair<std::string, std::string>> map;
  std::istringstream lines(test::read_file(file));
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "id_old,id_new");
  while (std::getline(lines, line)) {
    const std::size_t comma = line.find(',');
    EXPECT_TRUE(map.emplace(line.substr(0, comma), line.substr(comma + 1)).second) << line;
  }
  return map;
}

/// All that look like UIDs of ours, wherever they stand.
std::set<std::string> new_uids_in(const fs::path& copy) {
  std::set<std::string> uids;
  const std::string bytes = test::read_file(copy);
  for (std::size_t at = bytes.find("2.25."); at != std::string::npos;
       at = bytes.find("2.25.", at + 1)) {
    const std::size_t end = bytes.find_first_not_of("0123456789.", at);
    const std::string uid = bytes.substr(at, end - at);
    if (uid != dicom::kImplementationClassUid) uids.insert(uid);
  }
  return uids;
}

class Deidentify : public DeidentifyRoom {};

TEST_F(Deidentify, NamesCopiesByTheirNewUids) {
  PhantomsWanted more;
  more.studies = 2;
  more.count = 2;
  const auto files = phantoms(in(), more);
  const Done done = run(all());
  ASSERT_TRUE(done.tally.ok());
  EXPECT_EQ(done.tally->written, 4U);
  for (const auto& file : files) {
    const fs::path copy = done.output(file.filename().string());
    const ObjectFile object = scanned(copy);
    EXPECT_EQ(copy, out() / std::string(object.value(dicom::tags::StudyInstanceUID)) /
                        std::string(object.value(dicom::Tag{0x0020, 0x000E})) /
                        (std::string(object.value(dicom::tags::SOPInstanceUID)) + ".dcm"));
    EXPECT_NE(object.value(dicom::tags::StudyInstanceUID),
              scanned(file).value(dicom::tags::StudyInstanceUID));
  }
}

TEST_F(Deidentify, CopiesPixelsBitForBit) {
  for (const auto kind : {dicom::PhantomKind::dx, dicom::PhantomKind::cr, dicom::PhantomKind::ct}) {
    PhantomsWanted what;
    what.kind = kind;
    what.rows = what.columns = 256;
    phantoms(in(), what);
  }
  const Done done = run(all());
  ASSERT_EQ(done.tally->written, 3U);
  for (const auto& [name, outcome] : done.outcomes) {
    EXPECT_GE(pixels(outcome.output).size(), 256U * 256U) << name;
    EXPECT_EQ(pixels(in() / name), pixels(outcome.output)) << name;
  }
}

TEST_F(Deidentify, IsCleanAndExactOnRealObjects) {
  const fs::path corpus = VEILROUTE_CORPUS_DIR;
  const std::vector<fs::path> sources = {corpus / "cr-dx-mg", corpus / "ct", corpus / "study-tiny"};
  const Done done = run(wanted(sources, out()));
  ASSERT_TRUE(done.tally.ok());
  EXPECT_GT(done.tally->written, 15U);
  std::size_t with_pixels = 0, stripped = 0;
  for (const auto& [name, outcome] : done.outcomes) {
    if (outcome.kind != FileOutcome::Kind::written) continue;
    const ObjectFile before = scanned(outcome.source);
    const ObjectFile after = scanned(outcome.output);
    with_pixels += pixels(outcome.output).empty() ? 0 : 1;
    if (is_clean(before)) {
      EXPECT_EQ(pixels(outcome.source), pixels(outcome.output)) << name;
    } else {
      // What a device wrote beside the picture is gone.
      EXPECT_LT(pixels(outcome.output).size(), pixels(outcome.source).size()) << name;
      EXPECT_TRUE(is_clean(after)) << name;
      ++stripped;
    }
    EXPECT_TRUE(after.value(dicom::tags::PatientName).starts_with("VR-")) << name;
    EXPECT_EQ(before.head.transfer_syntax, after.head.transfer_syntax) << name;
    const std::string header = test::read_file(outcome.output).substr(0, 2000);
    const std::string person(before.value(dicom::tags::PatientName));
    if (person.size() > 5) {
      EXPECT_EQ(header.find(person), std::string::npos) << name;
    }
  }
  EXPECT_GE(with_pixels, 7U);
  EXPECT_GE(stripped, 1U);
}

TEST_F(Deidentify, LeavesNoMarkerOfACanaryAnywhere) {
  PhantomsWanted canary;
  canary.canary = true;
  canary.studies = 2;
  phantoms(in(), canary);
  DeidentifyWanted what = all();
  what.pixel_trust = "test";
  what.report = folder_.path() / "report.jsonl";
  const Done done = run(what);
  ASSERT_EQ(done.tally->written, 2U);
  for (const auto& file : copies()) {
    const std::string bytes = test::read_file(file);
    EXPECT_EQ(bytes.find("CANARY-"), std::string::npos) << file;
    EXPECT_EQ(bytes.find(dicom::kCanaryUidRoot), std::string::npos) << file;
    EXPECT_EQ(file.string().find("CANARY"), std::string::npos);
  }
  EXPECT_EQ(test::read_file(what.report).find("CANARY"), std::string::npos);
}

TEST_F(Deidentify, KeepsFilesToTheirOwner) {
  phantoms(in());
  DeidentifyWanted what = all();
  what.report = folder_.path() / "report.jsonl";
  what.map = folder_.path() / "map.csv";
  const mode_t before = ::umask(0);  // not by the umask alone
  const Done done = run(what);
  ::umask(before);
  const fs::path copy = done.output("dx-0001-0001.dcm");
  for (const fs::path& file : {copy, what.report, what.map}) EXPECT_EQ(mode_of(file), 0600U);
  for (const fs::path& folder : {out(), copy.parent_path(), copy.parent_path().parent_path()}) {
    EXPECT_EQ(mode_of(folder), 0700U);
  }
}

TEST_F(Deidentify, KeepsRelativeNamesWhenAsked) {
  phantoms(in() / "ward" / "a");
  DeidentifyWanted what = all();
  what.keep_names = true;
  EXPECT_EQ(run(what).output("dx-0001-0001.dcm"), out() / "ward" / "a" / "dx-0001-0001.dcm");
}

TEST_F(Deidentify, LeavesSourcesAsTheyWere) {
  const auto files = phantoms(in());
  const std::string before = test::read_file(files[0]);
  const auto time = fs::last_write_time(files[0]);
  ASSERT_EQ(run(all()).tally->written, 1U);
  EXPECT_EQ(test::read_file(files[0]), before);
  EXPECT_EQ(fs::last_write_time(files[0]), time);
}

TEST_F(Deidentify, RepeatsWithTheSameSecretAndOnlyWithThat) {
  phantoms(in());
  const fs::path again = folder_.path() / "again";
  const fs::path other = folder_.path() / "other";
  const Done one = run(all(), rows(1));
  const Done two = run(wanted({in()}, again), rows(1));
  const Done three = run(wanted({in()}, other), rows(2));
  const std::string name = "dx-0001-0001.dcm";
  EXPECT_EQ(one.output(name).lexically_relative(out()), two.output(name).lexically_relative(again));
  EXPECT_EQ(test::read_file(one.output(name)), test::read_file(two.output(name)));
  EXPECT_NE(one.output(name).filename(), three.output(name).filename());
  EXPECT_NE(scanned(one.output(name)).value(dicom::tags::PatientID),
            scanned(three.output(name)).value(dicom::tags::PatientID));
}

TEST_F(Deidentify, GivesAPatientOnePseudonymAndStudiesTheirOwnAccession) {
  PhantomsWanted two;
  two.studies = 2;
  const auto files = phantoms(in(), two);
  // The second study becomes one of the first patient.
  overwrite(files[1], "PHANTOM-0002", "PHANTOM-0001");
  const Done done = run(all());
  const ObjectFile one = scanned(done.output("dx-0001-0001.dcm"));
  const ObjectFile other = scanned(done.output("dx-0002-0001.dcm"));
  EXPECT_EQ(one.value(dicom::tags::PatientID), other.value(dicom::tags::PatientID));
  const dicom::Tag accession{0x0008, 0x0050};
  EXPECT_NE(one.value(accession), other.value(accession));
  EXPECT_TRUE(one.value(accession).starts_with("VRA-"));
}

TEST_F(Deidentify, ReportsEveryFileOnALineOfItsOwn) {
  phantoms(in());
  folder_.write("in/letter.txt", "Dear colleague, this is long enough to be looked at as a file. ");
  DeidentifyWanted what = all();
  what.report = folder_.path() / "report.jsonl";
  const Done done = run(what);
  std::istringstream lines(test::read_file(what.report));
  std::map<std::string, json> rows;
  for (std::string line; std::getline(lines, line);) {
    const json row = json::parse(line);
    rows[fs::path(row["source"].get<std::string>()).filename().string()] = row;
  }
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows["dx-0001-0001.dcm"]["output"], done.output("dx-0001-0001.dcm").string());
  EXPECT_EQ(rows["letter.txt"]["held"], "file.not-dicom");
  EXPECT_FALSE(rows["letter.txt"]["findings"][0]["advice"].get<std::string>().empty());
}

TEST_F(Deidentify, MapsThePatientAndEveryUidThatWasReplaced) {
  const auto files = phantoms(in());
  DeidentifyWanted what = all();
  what.map = folder_.path() / "map.csv";
  const fs::path copy = run(what).output("dx-0001-0001.dcm");
  const auto map = read_map(what.map);
  const ObjectFile before = scanned(files[0]);
  const ObjectFile after = scanned(copy);
  for (const dicom::Tag tag : {dicom::tags::PatientID, dicom::tags::StudyInstanceUID,
                               dicom::tags::SOPInstanceUID, dicom::Tag{0x0020, 0x000E}}) {
    EXPECT_TRUE(map.contains({std::string(before.value(tag)), std::string(after.value(tag))}))
        << dicom::to_text(tag);
  }
  // Each new UID of the copy has its row.
  std::set<std::string> known;
  for (const auto& [old_id, new_id] : map) known.insert(new_id);
  for (const std::string& uid : new_uids_in(copy)) EXPECT_TRUE(known.contains(uid)) << uid;
}

TEST_F(Deidentify, MapsEveryPatientAndUidOfRealObjects) {
  std::vector<fs::path> sources;
  for (const char* folder : {"mr", "rt", "sc", "study-dcmqi"}) {
    sources.push_back(fs::path(VEILROUTE_CORPUS_DIR) / folder);
  }
  DeidentifyWanted what = wanted(sources, out());
  what.map = folder_.path() / "map.csv";
  const Done done = run(what);
  const auto map = read_map(what.map);
  std::set<std::string> known;
  for (const auto& [old_id, new_id] : map) known.insert(new_id);
  std::size_t uids = 0, patients = 0;
  for (const auto& [name, outcome] : done.outcomes) {
    if (outcome.kind != FileOutcome::Kind::written) continue;
    for (const std::string& uid : new_uids_in(outcome.output)) {
      EXPECT_TRUE(known.contains(uid)) << name << ": " << uid;
      ++uids;
    }
    const std::string patient(scanned(outcome.source).value(dicom::tags::PatientID));
    if (patient.empty()) continue;
    const std::string pseudonym(scanned(outcome.output).value(dicom::tags::PatientID));
    EXPECT_TRUE(map.contains({patient, pseudonym})) << name;
    ++patients;
  }
  EXPECT_GT(uids, 300U);
  EXPECT_GT(patients, 20U);
}

TEST_F(Deidentify, HasNoMapRowForWhatWasHeld) {
  PhantomsWanted us;
  us.kind = dicom::PhantomKind::us;
  phantoms(in(), us);
  DeidentifyWanted what = all();
  what.map = folder_.path() / "map.csv";
  ASSERT_EQ(run(what).tally->held, 1U);
  EXPECT_EQ(test::read_file(what.map), "id_old,id_new\n");
}

TEST_F(Deidentify, TellsHowFarItIs) {
  PhantomsWanted three;
  three.count = 3;
  phantoms(in(), three);
  std::vector<std::pair<std::size_t, std::size_t>> scanned_steps;
  std::vector<std::pair<std::size_t, std::size_t>> copied_steps;
  const DeidentifyWatch watch{
      [](const FileOutcome&) {},
      [&](std::size_t done, std::size_t total) { scanned_steps.emplace_back(done, total); },
      [&](std::size_t done, std::size_t total) { copied_steps.emplace_back(done, total); }};
  ASSERT_TRUE(deidentify_files(all(), rows(), watch).ok());
  const std::vector<std::pair<std::size_t, std::size_t>> expected = {{1, 3}, {2, 3}, {3, 3}};
  EXPECT_EQ(scanned_steps, expected);
  EXPECT_EQ(copied_steps, expected);
}

}  // namespace
}  // namespace veilroute::app

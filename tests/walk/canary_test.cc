// The test that matters most: objects with a marker in every attribute of Table E.1-1, in private
// attributes, in UN and four sequences deep go through the whole node; then everything that the node
// wrote or sent is searched for the markers.
#include <gtest/gtest.h>

#include <set>

#include "profiles/standard_table.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

/// What holds an object back by being there at all is left out: this test is about what leaves.
std::vector<dicom::Tag> tags_of_table() {
  std::vector<dicom::Tag> tags;
  for (const auto& entry : dicom::all_entries()) {
    const auto* row = profiles::find_standard_row(entry.tag);
    const bool holds =
        entry.tag == dicom::Tag{0x0040, 0xA730} || entry.tag == dicom::Tag{0x0042, 0x0011};
    if (row != nullptr && row->tag == entry.tag && !holds) tags.push_back(entry.tag);
  }
  return tags;
}

constexpr const char* kUltrasoundRoute = R"([[route]]
name = "ultrasound"
when = 'source = "demo-modality" and Modality = "US"'
destination = "demo-partner"
profile = "basic"
basis = "de-identified"
consent = { required = false, reason = "de-identified data" }
)";

/// What to look for: the phantom's own markers, and the roots all of them grow from. Digits alone
/// say nothing in sealed bytes: six of them turn up in a megabyte by chance.
std::set<std::string> markers_of(const std::vector<Sample>& samples) {
  std::set<std::string> markers{"CANARY-", "PHANTOM^", "PHANTOM-0",
                                std::string(dicom::kCanaryUidRoot)};
  for (const Sample& sample : samples) {
    for (const std::string& marker : sample.phantom.markers) {
      if (marker.size() >= 10) markers.insert(marker);
    }
    for (const auto tag : {dicom::tags::PatientID, dicom::tags::PatientName,
                           dicom::tags::StudyInstanceUID, dicom::tags::SOPInstanceUID}) {
      markers.insert(read_copy(sample.path).text(tag));
    }
  }
  markers.erase(std::string());
  return markers;
}

void expect_no_marker(const std::string& text, const std::set<std::string>& markers,
                      const std::string& where) {
  for (const std::string& marker : markers) {
    EXPECT_EQ(text.find(marker), std::string::npos) << marker << " stands in " << where;
  }
}

void expect_nothing_said(const test::Node& node, const std::set<std::string>& markers) {
  for (const std::vector<std::string>& verb :
       {std::vector<std::string>{"ledger", "export"}, {"ledger", "show"}, {"ledger", "inspect"},
        {"study", "list"}, {"queue", "list", "--all"}, {"quarantine", "list"}}) {
    const auto said = node.verb(verb);
    EXPECT_EQ(said.exit_code, 0) << said.output;
    expect_no_marker(said.output, markers, verb[0] + " " + verb[1]);
  }
  for (const auto& [number, view] : studies_of(node)) {
    expect_no_marker(view.dump(), markers, "study show");
    expect_no_marker(node.verb({"explain", std::to_string(number)}).output, markers, "explain");
  }
}

void expect_nothing_written(const test::Node& node, const std::set<std::string>& markers) {
  std::size_t searched = 0;
  for (const fs::path& file : test::files_below(node.site())) {
    expect_no_marker(file.string(), markers, "a file name");
    if (file.parent_path().filename() == "keys") continue;  // no data there, and none is read
    expect_no_marker(test::read_file(file), markers, file.lexically_relative(node.site()).string());
    ++searched;
  }
  EXPECT_GT(searched, 5U);
}

TEST(Canary, NoMarkerIsInAnythingThatTheNodeWroteOrSent) {
  const TemporaryFolder folder;
  test::Node node;
  node.edit("site.toml", "[completion]", "[log]\nlevel = \"debug\"\n\n[completion]");
  // Markers in the attributes of capture devices make any picture suspicious: here a document says that
  // these are not. Ultrasound stays suspicious, so that something is in quarantine, too.
  node.edit("conf.d/20-demo-route.toml", "source = \"demo-modality\"",
            "source = \"demo-modality\" and Modality = \"DX\"");
  node.append("conf.d/20-demo-route.toml", "pixels = { trust = \"a document\" }\n");
  node.append("conf.d/30-ultrasound.toml", kUltrasoundRoute);
  node.start_partner();
  ASSERT_TRUE(node.start()) << test::read_file(node.log_file());

  std::vector<Sample> samples;
  for (const std::string_view syntax :
       {dicom::kExplicitLittleEndian, dicom::kImplicitLittleEndian, dicom::kExplicitBigEndian}) {
    auto options = small(dicom::PhantomKind::dx, static_cast<unsigned>(samples.size()) + 1);
    options.canary = true;
    options.canary_tags = tags_of_table();
    options.transfer_syntax = std::string(syntax);
    samples.push_back(write_phantom(folder.path(), options));
  }
  // One that stays in quarantine: reasons and findings must not tell either.
  samples.push_back(write_phantom(folder.path(), small(dicom::PhantomKind::us, 9)));
  // One after the other: canary phantoms share marked UIDs and may be newer versions of one another.
  for (const Sample& sample : samples) {
    const auto sent = node.send(names_of({sample}));
    ASSERT_EQ(sent.exit_code, 0) << sent.output;
    ASSERT_TRUE(node.wait_until_settled(60s));
  }
  const auto markers = markers_of(samples);
  ASSERT_GT(markers.size(), 100U);
  EXPECT_NE(test::read_file(samples.front().path).find("CANARY-"), std::string::npos);
  ASSERT_EQ(node.received_files().size(), 3U)
      << node.verb({"quarantine", "list"}).output << node.verb({"study", "list"}).output;

  for (const fs::path& file : node.received_files()) {
    expect_no_marker(test::read_file(file), markers, "what the partner received");
  }
  expect_nothing_said(node, markers);
  // Twice: with the write-ahead log as it is while the node runs, and after it has stopped.
  expect_nothing_written(node, markers);
  ASSERT_EQ(node.stop(), 0);
  expect_nothing_written(node, markers);
  expect_no_marker(test::read_file(node.log_file()), markers, "the log");
}

}  // namespace
}  // namespace veilroute::walk

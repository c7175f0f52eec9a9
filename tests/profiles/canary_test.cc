// Canary phantoms: a marker in every attribute of a table, private, in UN, four sequences deep.
// None may be left, and verify must agree.
#include <gtest/gtest.h>

#include "profiles/standard_table.h"
#include "tests/profiles/phantoms.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

/// Attributes that hold an object back by being there at all.
bool holds_the_object(Tag tag) { return tag == Tag{0x0040, 0xA730} || tag == Tag{0x0042, 0x0011}; }

/// What the object is, and how its pixels lie: a marker there would make it another object.
bool is_frame_of_pixels(Tag tag) {
  return tag == dicom::tags::SOPClassUID || tag == Tag{0x0008, 0x0008} ||
         tag == Tag{0x0008, 0x0005} || tag == dicom::tags::Modality || tag.group == 0x7FE0 ||
         (tag.group == 0x0028 && (tag.element <= 0x0103 || tag.element == 0x0301)) ||
         (tag.group & 0xFF00U) == 0x6000U || (tag.group & 0xFF00U) == 0x5000U;
}

std::vector<Tag> tags_of_table() {
  std::vector<Tag> tags;
  for (const auto& entry : dicom::all_entries()) {
    const StandardRow* row = find_standard_row(entry.tag);
    if (row != nullptr && row->tag == entry.tag && !holds_the_object(entry.tag)) {
      tags.push_back(entry.tag);
    }
  }
  return tags;
}

std::vector<Tag> tags_of_dictionary() {
  std::vector<Tag> tags;
  for (const auto& entry : dicom::all_entries()) {
    if (!holds_the_object(entry.tag) && !is_frame_of_pixels(entry.tag)) tags.push_back(entry.tag);
  }
  return tags;
}

void expect_clean(const dicom::PhantomOptions& options, bool all_markers) {
  Loaded loaded = load(options);
  IdentityTerms terms;
  terms.collect(loaded.object);
  const DeidReport report = run(loaded.object, *basic(), {"a document"});
  EXPECT_TRUE(report.problems.empty()) << report.problems.front().rule;
  const Copy copy = copy_of(loaded.object, loaded.facts.large);
  const std::string_view own = as_text(copy.own);
  ASSERT_GT(loaded.phantom.markers.size(), 100U);
  for (const std::string& marker : loaded.phantom.markers) {
    // Code strings are the standard's own words, and stay where the table does not name them.
    const bool words =
        marker.find("CANARY-") != marker.npos || marker.starts_with(dicom::kCanaryUidRoot);
    EXPECT_FALSE((words || all_markers) && own.find(marker) != own.npos) << marker;
  }
  EXPECT_EQ(own.find("CANARY-"), own.npos);
  EXPECT_EQ(own.find(dicom::kCanaryUidRoot), own.npos);
  if (!all_markers) return;  // verify would rightly find "CANARY" in code strings
  Verifier verifier(*basic(), terms, pseudonyms());
  for (const Problem& finding : check(verifier, copy)) {
    ADD_FAILURE() << finding.rule << " " << finding.path;
  }
}

TEST(Canary, NoMarkerOfTheStandardsTableIsLeft) {
  for (const std::string_view syntax : {dicom::kExplicitLittleEndian, dicom::kImplicitLittleEndian,
                                        dicom::kExplicitBigEndian, dicom::kDeflated}) {
    SCOPED_TRACE(syntax);
    dicom::PhantomOptions options;
    options.rows = options.columns = 16;
    options.canary = true;
    options.canary_tags = tags_of_table();
    options.transfer_syntax = std::string(syntax);
    EXPECT_GT(options.canary_tags.size(), 600U);
    expect_clean(options, true);
  }
}

TEST(Canary, NoMarkedTextOfTheWholeDictionaryIsLeft) {
  for (const std::string_view syntax :
       {dicom::kExplicitLittleEndian, dicom::kImplicitLittleEndian}) {
    SCOPED_TRACE(syntax);
    dicom::PhantomOptions options;
    options.rows = options.columns = 16;
    options.canary = true;
    options.canary_tags = tags_of_dictionary();
    options.transfer_syntax = std::string(syntax);
    EXPECT_GT(options.canary_tags.size(), 4000U);
    expect_clean(options, false);
  }
}

TEST(Canary, OrdinaryPhantomsOfEveryKindPass) {
  for (const auto kind : {dicom::PhantomKind::dx, dicom::PhantomKind::cr, dicom::PhantomKind::ct}) {
    SCOPED_TRACE(dicom::to_string(kind));
    dicom::PhantomOptions options;
    options.kind = kind;
    Loaded loaded = load(options);
    IdentityTerms terms;
    terms.collect(loaded.object);
    const DeidReport report = run(loaded.object);
    EXPECT_TRUE(report.problems.empty()) << report.problems.front().rule;
    EXPECT_EQ(report.pixels, "clean-by-nature");
    Verifier verifier(*basic(), terms, pseudonyms());
    EXPECT_TRUE(check(verifier, copy_of(loaded.object, loaded.facts.large)).empty());
  }
  dicom::PhantomOptions ultrasound;
  ultrasound.kind = dicom::PhantomKind::us;
  Loaded us = load(ultrasound);
  EXPECT_EQ(rules_of(run(us.object)), std::vector<std::string>{"pixels.ultrasound"});
}

}  // namespace
}  // namespace veilroute::profiles

// What verify searches for beyond the plain cases: words too short or too common to search
// anywhere, more terms than can be searched for, and large values that nobody reads.
#include <gtest/gtest.h>

#include "tests/profiles/phantoms.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

TEST(Leaks, AShortOrCommonNameOrNumberCountsWhereItIsAWholeValue) {
  struct Case {
    const char* what;
    Tag source;
    dicom::Vr source_vr;
    std::string_view before;
    Tag tag;
    dicom::Vr vr;
    std::string_view after;
    bool found;
  };
  const Tag kName = dicom::tags::PatientName;
  const Tag kId = dicom::tags::PatientID;
  const Tag kPositionReference{0x0020, 0x1040};
  const Tag kSequenceName{0x0018, 0x0024};
  const Case kCases[] = {
      {"a short ID", kId, vr::LO, "123", kPositionReference, vr::LO, "123", true},
      {"among values", kId, vr::LO, "123", kPositionReference, vr::LO, "NASION\\123 ", true},
      {"inside a number", kId, vr::LO, "123", kPositionReference, vr::LO, "1234", false},
      {"inside a text", kId, vr::LO, "123", kPositionReference, vr::LO, "at 123", false},
      {"as a number", kId, vr::LO, "123", {0x0018, 0x0060}, vr::DS, "123", false},
      {"one digit", kId, vr::LO, "1", kPositionReference, vr::LO, "1", false},
      {"a short name", kName, vr::PN, "LI^WU", kSequenceName, vr::SH, "wu", true},
      {"a common name", kName, vr::PN, "CHEST^ANN", kSequenceName, vr::SH, "Chest", true},
      {"in a device's name", kName, vr::PN, "CHEST^ANN", {0x0008, 0x1090}, vr::LO, "Chest", false},
      {"as a code string", kName, vr::PN, "CHEST^ANN", {0x0018, 0x0015}, vr::CS, "CHEST", false},
      {"a place's", {0x0008, 0x1010}, vr::SH, "CT1", kSequenceName, vr::SH, "CT1", false},
  };
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.what);
    Dataset object = xray();
    object.put_text(each.source, each.source_vr, each.before);
    IdentityTerms terms;
    terms.collect(object);
    run(object);
    EXPECT_TRUE(findings_in(object, terms).empty());
    object.put_text(each.tag, each.vr, each.after);
    EXPECT_EQ(has(findings_in(object, terms), "verify.identity-found"), each.found);
  }
}

TEST(Leaks, AMeaningOfAPublishedCodeIsNoName) {
  Dataset object = xray();
  object.put_text(dicom::tags::PatientName, vr::PN, "CHEST^ANN");
  Item& item = object.put_sequence(object.root(), {0x0008, 0x2218}).items.emplace_back();
  object.put_text(item, {0x0008, 0x0100}, vr::SH, "T-D3000");
  object.put_text(item, {0x0008, 0x0102}, vr::SH, "SRT");
  object.put_text(item, {0x0008, 0x0104}, vr::LO, "Chest");
  IdentityTerms terms;
  terms.collect(object);
  run(object);
  EXPECT_TRUE(findings_in(object, terms).empty());
}

TEST(Leaks, TheStandardsWordsForTheMethodAreNoName) {
  for (const char* name : {"research", "limited-data-set"}) {
    SCOPED_TRACE(name);
    const auto profile = Library::shipped().find({name});
    Dataset object = xray();
    object.put_text(dicom::tags::PatientName, vr::PN, "TEMPORAL^OPTION");
    IdentityTerms terms;
    terms.collect(object);
    ASSERT_TRUE(deidentify(object, *profile, pseudonyms(), {"a document"}).ok());
    EXPECT_EQ(findings_in(object, terms, *profile), std::vector<std::string>{});
    Item& method = Dataset::find(object.root(), {0x0012, 0x0064})->items.front();
    object.put_text(method, {0x0008, 0x0104}, vr::LO, "Temporal Option");
    EXPECT_TRUE(has(findings_in(object, terms, *profile), "verify.identity-found"));
  }
}

TEST(Leaks, WhatAnOptionKeepsMayBeRepeatedByPrivateHeadersAndByNothingElse) {
  const Tag kSerial{0x0018, 0x1000}, kHeaderOwner{0x0029, 0x0010}, kHeader{0x0029, 0x1020},
      kMatrixOwner{0x0051, 0x0010}, kMatrix{0x0051, 0x100B}, kProtocol{0x0018, 0x1030};
  const auto research = Library::shipped().find({"research"});
  const auto findings = [&](Tag also, std::string_view value) {
    Dataset object = xray();
    object.put_text(kSerial, vr::LO, "60204177");
    object.put_text(kHeaderOwner, vr::LO, "SIEMENS CSA HEADER");
    object.put_bytes(object.root(), kHeader, vr::OB, as_bytes("tDevice = 60204177, 160p*160 "));
    object.put_text(kMatrixOwner, vr::LO, "SIEMENS MR HEADER");
    object.put_text(kMatrix, vr::LO, "160p*160");
    if (also != Tag{}) object.put_text(also, vr::LO, value);
    IdentityTerms terms;
    terms.collect(object);
    EXPECT_TRUE(deidentify(object, *research, pseudonyms(), {"a document"}).ok());
    EXPECT_EQ(object.text(kSerial).reveal(), "60204177");
    EXPECT_EQ(object.text(kMatrix).reveal(), "160p*160");
    EXPECT_EQ(object.find(kHeader), nullptr);
    return findings_in(object, terms, *research);
  };
  EXPECT_EQ(findings(Tag{}, ""), std::vector<std::string>{});
  // A person's number, or a place's, is found there as well.
  EXPECT_EQ(findings(dicom::tags::PatientID, "60204177"),
            std::vector<std::string>{"verify.identity-found"});
  EXPECT_EQ(findings({0x0008, 0x0080}, "60204177"),
            std::vector<std::string>{"verify.identity-found"});
  // And the device's number where no option keeps it.
  Dataset object = xray();
  object.put_text(kSerial, vr::LO, "60204177");
  IdentityTerms terms;
  terms.collect(object);
  EXPECT_TRUE(deidentify(object, *basic(), pseudonyms(), {"a document"}).ok());
  object.put_text(kProtocol, vr::LO, "Hand 60204177");
  EXPECT_TRUE(has(findings_in(object, terms), "verify.identity-found"));
}

TEST(Leaks, AStudyWithMoreTermsThanAreSearchedForIsNotCleared) {
  constexpr unsigned kMoreThanAreHeld = 20'001;
  Dataset source = xray();
  std::string ids;
  for (unsigned i = 0; i < kMoreThanAreHeld; ++i) {
    ids += (i == 0 ? "ID" : "\\ID") + std::to_string(1'000'000 + i);
  }
  source.put_text({0x0010, 0x1000}, vr::LO, ids);
  IdentityTerms terms;
  terms.collect(source);
  Dataset object = xray();
  run(object);
  EXPECT_EQ(findings_in(object, terms), std::vector<std::string>{"verify.too-many-terms"});
}

/// A copy that refers to a large value of the source, under a tag, before its pixels.
Copy with_large_value(Tag tag, dicom::Vr vr) {
  dicom::PhantomOptions options;
  options.rows = options.columns = 256;
  Loaded loaded = load(options);
  run(loaded.object);
  const std::uint64_t shift = 100'000;
  const dicom::LargeValue large{0, 70'000, tag, 0, dicom::Codestream::clean};
  EXPECT_EQ(loaded.facts.large.size(), 1U);
  loaded.facts.large.front().begin += shift;
  loaded.facts.large.front().end += shift;
  Dataset::find(loaded.object.root(), dicom::tags::PixelData)->range = loaded.facts.large.front();
  loaded.object.put_bytes(loaded.object.root(), tag, vr, {});
  Element* element = Dataset::find(loaded.object.root(), tag);
  element->holds = dicom::Holds::range;
  element->range = large;
  return copy_of(loaded.object, {large, loaded.facts.large.front()});
}

TEST(Leaks, ALargeValuePassesOnlyWhereItsLayoutHoldsNoText) {
  struct Case {
    const char* what;
    Tag tag;
    dicom::Vr vr;
    const char* action;
    bool passes;
  };
  const Case kCases[] = {
      {"a look-up table", {0x0028, 0x3006}, vr::OW, "", true},
      {"an unlisted long text", {0x0018, 0x9901}, vr::UT, "", false},
      {"an unlimited text", {0x0008, 0x0119}, vr::UC, "", false},
      {"a listed text", {0x0040, 0xA160}, vr::UT, "", false},
      {"where a rule empties it", {0x0028, 0x3006}, vr::OW, "empty", false},
      {"where a rule empties a text", {0x0018, 0x9901}, vr::UT, "empty", false},
      {"where a rule keeps it", {0x0018, 0x9901}, vr::UT, "keep", true},
  };
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.what);
    Copy copy = with_large_value(each.tag, each.vr);
    std::string profile_text = "name = \"basic\"\nbases = [\"limited-data-set\"]\n";
    if (each.action[0] != '\0') {
      profile_text += "[[rule]]\nattribute = \"" + dicom::to_text(each.tag) + "\"\naction = \"" +
                      each.action + "\"\n";
    }
    const ParsedProfile parsed = parse_profile(profile_text, "p.toml", nullptr, nullptr);
    ASSERT_NE(parsed.profile, nullptr);
    IdentityTerms none;
    Profile profile = *parsed.profile;
    profile.version = basic()->version;  // what the copy says of itself
    Verifier verifier(profile, none, pseudonyms());
    const auto rules = rules_of(check(verifier, copy));
    EXPECT_EQ(has(rules, "verify.unread-bulk"), !each.passes) << ::testing::PrintToString(rules);
    EXPECT_FALSE(has(rules, "verify.unreadable"));
  }
}

}  // namespace
}  // namespace veilroute::profiles

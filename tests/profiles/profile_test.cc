// Reading profiles: every problem with its place, and texts that come back as they were.
#include "profiles/profile.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace veilroute::profiles {
namespace {

std::shared_ptr<const Profile> shipped(const ProfileName& name, void*) {
  return Library::shipped().find(name);
}

ParsedProfile parse(std::string_view text) {
  return parse_profile(text, "p.toml", shipped, nullptr);
}

constexpr std::string_view kRuleAt4 = "name = \"p\"\n\n\n[[rule]]\n";

TEST(ParseProfile, NamesEveryProblemItsPlaceAndTheNearestWord) {
  struct Case {
    std::string text;
    const char* slug;
    unsigned line;
    const char* says;
  };
  const std::string rule(kRuleAt4);
  const Case kCases[] = {
      {"name = ", "profile.syntax", 1, ""},
      {"", "profile.name", 1, "name"},
      {"name = \"No Spaces\"", "profile.name", 1, "small letters"},
      {"name = 3", "profile.wrong-kind", 1, "text"},
      {"name = \"p\"\nbase = []", "profile.unknown-key", 2, "\"bases\""},
      {"name = \"p\"\nextends = \"nobody\"", "profile.unknown-parent", 2, "nobody"},
      {"name = \"p\"\nbases = [\"deidentified\"]", "profile.unknown-basis", 2, "de-identified"},
      {rule + "attribute = \"PatientNam\"\naction = \"keep\"", "profile.unknown-attribute", 5,
       "PatientName"},
      {rule + "attribute = \"PatientSex\"\naction = \"kep\"", "profile.unknown-action", 6, "keep"},
      {rule + "action = \"keep\"", "profile.missing-key", 4, "attribute"},
      {rule + "attribute = \"PatientSex\"", "profile.missing-key", 4, "action"},
      {rule + "attribute = \"PatientSex\"\nactoin = \"keep\"\naction = \"keep\"",
       "profile.unknown-key", 6, "action"},
      {rule + "attribute = \"(0009,1001)\"\naction = \"keep\"", "profile.fixed-attribute", 4, ""},
      {rule + "attribute = \"SOPClassUID\"\naction = \"remove\"", "profile.fixed-attribute", 4, ""},
      {rule + "attribute = \"PatientIdentityRemoved\"\naction = \"keep\"",
       "profile.fixed-attribute", 4, ""},
      {rule + "attribute = \"PatientSex\"\naction = \"uid\"", "profile.action-does-not-fit", 4,
       "CS"},
      {rule + "attribute = \"StudyInstanceUID\"\naction = \"empty\"", "profile.action-does-not-fit",
       4, "UI"},
      {rule + "attribute = \"StudyID\"\naction = \"replace\"", "profile.value", 4, "replace"},
      {rule + "attribute = \"StudyID\"\naction = \"remove\"\nvalue = \"x\"", "profile.value", 4,
       "replace"},
      {rule + "attribute = \"StudyID\"\naction = \"replace\"\nvalue = \"a\\\\b\"", "profile.value",
       4, "ASCII"},
      {rule + "attribute = \"StudyID\"\naction = \"remove\"\n" +
           "[[rule]]\nattribute = \"StudyID\"\naction = \"empty\"",
       "profile.repeated-rule", 7, "second"},
      {"name = \"p\"\nbases = [\"de-identified\"]\ndeidentifies = false", "profile.basis-broken", 2,
       "de-identified"},
      {rule + "attribute = \"PatientID\"\naction = \"keep\"", "profile.fixed-attribute", 4,
       "pseudonym"},
      {rule + "attribute = \"PatientName\"\naction = \"empty\"", "profile.fixed-attribute", 4,
       "pseudonym"},
      {"name = \"p\"\ndeidentifies = false\n[[rule]]\nattribute = \"PatientComments\"\n"
       "action = \"remove\"",
       "profile.rules-without-effect", 2, "drop the rules"},
  };
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.text);
    const ParsedProfile parsed = parse(each.text);
    EXPECT_EQ(parsed.profile, nullptr);
    ASSERT_FALSE(parsed.problems.empty());
    EXPECT_EQ(parsed.problems.front().slug, each.slug);
    EXPECT_EQ(parsed.problems.front().place.line, each.line);
    EXPECT_NE(parsed.problems.front().what.find(each.says), std::string::npos)
        << parsed.problems.front().what;
  }
}

TEST(ParseProfile, AProfileThatKeepsWhatTheStandardChangesCannotClaimToDeIdentify) {
  struct Case {
    const char* attribute;
    bool breaks;
  };
  const Case kCases[] = {
      {"PatientSex", true},                // E.1-1 Z
      {"StudyDescription", true},          // E.1-1 X
      {"StudyInstanceUID", true},          // E.1-1 U
      {"SeriesDate", true},                // E.1-1 X/D
      {"SegmentLabel", true},              // not listed, free text
      {"Manufacturer", true},              // not listed, kept only by shape
      {"TableFrameOfReferenceUID", true},  // not listed, a UID
      {"CodingSchemeURL", true},           // not listed, UR
      {"PixelData", false},
      {"BodyPartExamined", false},
      {"KVP", false},
  };
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.attribute);
    const std::string rule =
        "[[rule]]\nattribute = \"" + std::string(each.attribute) + "\"\naction = \"keep\"\n";
    const ParsedProfile claims = parse("name = \"p\"\nbases = [\"de-identified\"]\n" + rule);
    ASSERT_EQ(claims.profile == nullptr, each.breaks);
    if (each.breaks) {
      EXPECT_EQ(claims.problems.front().slug, "profile.basis-broken");
      EXPECT_NE(claims.problems.front().what.find("p:3"), std::string::npos);
      EXPECT_EQ(claims.problems.front().place.line, 3U);
    }
    EXPECT_NE(parse("name = \"p\"\nbases = [\"treatment\"]\n" + rule).profile, nullptr);
    // A child may not claim by its parent's bases what its own rule breaks.
    EXPECT_EQ(parse("name = \"p\"\nextends = \"basic\"\n" + rule).profile == nullptr, each.breaks);
  }
}

TEST(ParseProfile, ListsAllProblemsAtOnce) {
  const ParsedProfile parsed = parse(
      "name = \"P\"\nbases = [\"x\"]\nfoo = 1\n[[rule]]\nattribute = \"y\"\naction = \"z\"\n");
  EXPECT_EQ(parsed.problems.size(), 5U);
}

TEST(ParseProfile, CanonicalTextIsAFixedPointAndReopens) {
  const ParsedProfile parsed = parse(
      "name = \"site\"\nextends = \"basic\"\ndescription = \"says \\\"x\\\"\"\n"
      "bases = [\"treatment\"]\n[[rule]]\nattribute = \"PatientSex\"\naction = \"keep\"\n"
      "reason = \"needed\"\n[[rule]]\nattribute = \"StudyID\"\naction = \"replace\"\n"
      "value = \"a\\\"b\"\n");
  ASSERT_NE(parsed.profile, nullptr);
  const auto again = reopen_profile(parsed.profile->text, parsed.profile->version);
  ASSERT_TRUE(again.ok()) << again.error().text();
  EXPECT_EQ((*again)->text, parsed.profile->text);
  EXPECT_EQ((*again)->rules.size(), 2U);
  EXPECT_EQ((*again)->rules.all().front().name, "site:5");
  const auto other = reopen_profile(parsed.profile->text, {std::string(64, '0')});
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().kind, ErrorKind::refused);
}

TEST(Library, ShipsBasic) {
  const auto basic = Library::shipped().find({"basic"});
  ASSERT_NE(basic, nullptr);
  EXPECT_TRUE(basic->deidentifies);
  EXPECT_TRUE(basic->rules.empty());
  EXPECT_EQ(basic->bases.front(), "de-identified");
  EXPECT_EQ(basic->version.value.size(), 64U);
  EXPECT_EQ(Library::shipped().find({"nobody"}), nullptr);
}

TEST(Library, LoadsASitesProfilesWhateverTheirOrder) {
  const TemporaryFolder folder;
  folder.write("a.toml", "name = \"child\"\nextends = \"parent\"\n");
  folder.write("b.toml", "name = \"parent\"\nextends = \"basic\"\n");
  folder.write("c.toml", "name = \"basic\"\n");
  folder.write("d.toml", "name = \"orphan\"\nextends = \"nobody\"\n");
  folder.write("e.cases.toml", "not a profile");
  const auto [library, problems] = Library::load(folder.path());
  EXPECT_NE(library.find({"child"}), nullptr);
  EXPECT_NE(library.find({"parent"}), nullptr);
  EXPECT_EQ(library.find({"orphan"}), nullptr);
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].slug, "profile.name-taken");
  EXPECT_EQ(problems[1].slug, "profile.unknown-parent");
  EXPECT_TRUE(Library::load(folder.path() / "none").second.empty());
}

}  // namespace
}  // namespace veilroute::profiles

// Which rule decides for an attribute: selectors, order, inheritance, and the text that comes back.
#include "profiles/rules.h"

#include <gtest/gtest.h>

#include "tests/profiles/objects.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

std::shared_ptr<const Profile> shipped_or_null(const ProfileName& name, void*) {
  return Library::shipped().find(name);
}

std::shared_ptr<const Profile> site_profile(const std::string& rules,
                                            const std::string& head = "bases = [\"treatment\"]\n") {
  ParsedProfile parsed =
      parse_profile("name = \"site\"\n" + head + rules, "p.toml", shipped_or_null, nullptr);
  for (const ProfileProblem& problem : parsed.problems) ADD_FAILURE() << problem.what;
  return parsed.profile;
}

std::string rule_text(const std::string& selector, const std::string& action,
                      const std::string& name) {
  return "[[rule]]\n" + selector + "\naction = \"" + action + "\"\nname = \"" + name + "\"\n";
}

TEST(Rules, TheFirstThatMatchesDecides) {
  const auto profile = site_profile(
      rule_text("path = \"RequestAttributesSequence.RequestedProcedureID\"", "keep", "path") +
      rule_text("attribute = \"RequestedProcedureID\"", "empty", "attribute") +
      rule_text("attribute = \"StudyDate\"", "keep", "date") +
      rule_text("vr = \"DA\"", "year", "vr") + rule_text("group = \"0008\"", "remove", "group") +
      rule_text("creator = \"ACME\"\ngroup = \"0019\"\nelement = \"10\"", "keep", "one") +
      rule_text("creator = \"ACME\"", "remove", "block") +
      rule_text("code = \"DCM:121106\"", "clean", "code"));
  ASSERT_NE(profile, nullptr);
  const Tag requests{0x0040, 0x0275};
  const Tag within[] = {requests};
  const Tag deeper[] = {requests, {0x0040, 0x0008}};
  const struct {
    const char* what;
    Place place;
    const char* rule;
  } kRows[] = {
      {"by path", {within, {0x0040, 0x1001}, vr::SH, {}, {}}, "path"},
      {"a path is exact", {deeper, {0x0040, 0x1001}, vr::SH, {}, {}}, "attribute"},
      {"not at top level", {{}, {0x0040, 0x1001}, vr::SH, {}, {}}, "attribute"},
      {"an attribute before its VR and group", {{}, {0x0008, 0x0020}, vr::DA, {}, {}}, "date"},
      {"at any depth", {within, {0x0008, 0x0020}, vr::DA, {}, {}}, "date"},
      {"a VR before its group", {{}, {0x0008, 0x0021}, vr::DA, {}, {}}, "vr"},
      {"a VR of another group", {{}, {0x0040, 0x0002}, vr::DA, {}, {}}, "vr"},
      {"a group", {{}, {0x0008, 0x1030}, vr::LO, {}, {}}, "group"},
      {"one private attribute", {{}, {0x0019, 0x1210}, vr::LO, "ACME", {}}, "one"},
      {"others of the block", {{}, {0x0019, 0x1211}, vr::LO, "ACME", {}}, "block"},
      {"the same block in another group", {{}, {0x0021, 0x1010}, vr::LO, "ACME", {}}, "block"},
      {"another creator", {{}, {0x0019, 0x1210}, vr::LO, "ACME 2", {}}, nullptr},
      {"a VR is not for private ones", {{}, {0x0019, 0x1210}, vr::DA, "X", {}}, nullptr},
      {"a content item's value", {{}, {0x0040, 0xA160}, vr::UT, {}, "DCM:121106"}, "code"},
      {"of another concept", {{}, {0x0040, 0xA160}, vr::UT, {}, "DCM:121107"}, nullptr},
      {"not its relationship", {{}, {0x0040, 0xA010}, vr::CS, {}, "DCM:121106"}, nullptr},
      {"an action that cannot be done does not match",
       {{}, {0x0040, 0xA124}, vr::UI, {}, "DCM:121106"},
       nullptr},
      {"none", {{}, {0x0010, 0x0040}, vr::CS, {}, {}}, nullptr},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.what);
    const Rule* rule = profile->rules.find(row.place);
    ASSERT_EQ(rule == nullptr, row.rule == nullptr);
    if (rule == nullptr) continue;
    EXPECT_EQ(rule->name, row.rule);
  }
}

TEST(Rules, AChildsRulesStandBeforeItsParentsAndReplaceThoseForTheSame) {
  const auto profile = site_profile(rule_text("attribute = \"StudyDate\"", "remove", "own") +
                                        rule_text("vr = \"DT\"", "remove", "own times"),
                                    "extends = \"safe-harbor\"\n");
  ASSERT_NE(profile, nullptr);
  EXPECT_EQ(profile->rules.find({{}, {0x0008, 0x0020}, vr::DA, {}, {}})->name, "own");
  EXPECT_EQ(profile->rules.find({{}, {0x0008, 0x0021}, vr::DA, {}, {}})->name, "years of dates");
  EXPECT_EQ(profile->rules.find({{}, {0x0008, 0x002A}, vr::DT, {}, {}})->name, "own times");
  EXPECT_EQ(profile->rules.size(), 3U);
  EXPECT_TRUE(profile->options.has(Option::clean_descriptors));
}

TEST(Rules, ATextComesBackAsTheSameProfileWhateverItSelects) {
  const auto profile = site_profile(
      rule_text("path = \"RequestAttributesSequence.(0040,1001)\"", "accession", "a") +
          rule_text("group = \"0018\"", "keep", "b") + rule_text("vr = \"SH\"", "hash", "c") +
          rule_text("creator = \"AC\\\"ME\"\ngroup = \"0019\"\nelement = \"0a\"", "keep", "d") +
          rule_text("creator = \"SIEMENS\"", "empty", "e") +
          rule_text("code = \"99X:1.2\"", "remove", "f") +
          rule_text("attribute = \"PatientAge\"", "age", "g"),
      "bases = [\"treatment\", \"baa\"]\noptions = [\"retain-uids\", \"clean-graphics\"]\n"
      "allow = [\"raw-data\", \"voice-audio\"]\n");
  ASSERT_NE(profile, nullptr);
  const auto again = reopen_profile(profile->text, profile->version);
  ASSERT_TRUE(again.ok()) << again.error().detail;
  EXPECT_EQ((*again)->text, profile->text);
  EXPECT_EQ((*again)->options, profile->options);
  EXPECT_EQ((*again)->allowed, profile->allowed);
  ASSERT_EQ((*again)->rules.size(), profile->rules.size());
  for (std::size_t i = 0; i < profile->rules.size(); ++i) {
    EXPECT_EQ((*again)->rules.all()[i].selector, profile->rules.all()[i].selector);
  }
}

TEST(Rules, APrivateAttributeIsKeptWithItsCreatorAndNoOther) {
  const auto profile = site_profile(
      rule_text("creator = \"ACME\"\ngroup = \"0019\"\nelement = \"10\"", "keep", "one"));
  ASSERT_NE(profile, nullptr);
  Dataset object = xray();
  object.put_text({0x0019, 0x0010}, vr::LO, "OTHER");
  object.put_text({0x0019, 0x0011}, vr::LO, "ACME");
  object.put_text({0x0019, 0x1010}, vr::LO, "no");
  object.put_text({0x0019, 0x1110}, vr::LO, "yes");
  object.put_text({0x0019, 0x1111}, vr::LO, "no");
  object.put_text({0x0019, 0x1210}, vr::LO, "no creator");
  object.put_text({0x0021, 0x0010}, vr::LO, "ACME");
  object.put_text({0x0021, 0x1010}, vr::LO, "other group");
  EXPECT_TRUE(run(object, *profile).problems.empty());
  std::vector<std::string> left;
  for (const Element& element : object.elements()) {
    if (element.tag.is_private()) left.push_back(dicom::to_text(element.tag));
  }
  EXPECT_EQ(left, (std::vector<std::string>{"(0019,0011)", "(0019,1110)"}));
}

TEST(Rules, ARuleForAConceptTakesTheWholeContentItem) {
  const auto profile =
      site_profile(rule_text("code = \"DCM:121106\"", "remove", "comments"),
                   "bases = [\"treatment\"]\noptions = [\"clean-structured-content\"]\n");
  ASSERT_NE(profile, nullptr);
  Dataset object = xray();
  Element& content = object.put_sequence(object.root(), {0x0040, 0xA730});
  for (const char* code : {"121106", "121107"}) {
    Item& item = content.items.emplace_back();
    object.put_text(item, {0x0040, 0xA040}, vr::CS, "TEXT");
    Element& name = object.put_sequence(item, {0x0040, 0xA043});
    Item& coded = name.items.emplace_back();
    object.put_text(coded, {0x0008, 0x0100}, vr::SH, code);
    object.put_text(coded, {0x0008, 0x0102}, vr::SH, "DCM");
    object.put_text(coded, {0x0008, 0x0104}, vr::LO, "Comment");
    object.put_text(item, {0x0040, 0xA160}, vr::UT, "said by Mr Someone");
  }
  EXPECT_TRUE(run(object, *profile).problems.empty());
  const Element* left = object.find({0x0040, 0xA730});
  ASSERT_NE(left, nullptr);
  ASSERT_EQ(left->items.size(), 1U);
  EXPECT_EQ(text(left->items[0], {0x0040, 0xA160}), "REMOVED");
}

}  // namespace
}  // namespace veilroute::profiles

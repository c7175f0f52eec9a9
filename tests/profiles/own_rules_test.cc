// What the rules of a profile's own may do, and what they may not: spare a value its check, hide a
// word from the search, or make a copy say what is not so.
#include <gtest/gtest.h>

#include "tests/profiles/copies.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

/// Each rule as "Keyword action" or "Keyword replace VALUE".
std::shared_ptr<const Profile> profile_of(std::string_view basis,
                                          const std::vector<std::array<std::string, 3>>& rules) {
  std::string text = "name = \"site\"\nbases = [\"" + std::string(basis) + "\"]\n";
  for (const auto& [attribute, action, value] : rules) {
    text += "[[rule]]\nattribute = \"" + attribute + "\"\naction = \"" + action + "\"\n";
    if (!value.empty()) text += "value = \"" + value + "\"\n";
  }
  ParsedProfile parsed = parse_profile(text, "p.toml", nullptr, nullptr);
  EXPECT_TRUE(parsed.problems.empty()) << parsed.problems.front().what;
  return parsed.profile;
}

IdentityTerms terms_of(const Dataset& object) {
  IdentityTerms terms;
  terms.collect(object);
  return terms;
}

TEST(OwnRules, KeepSparesNoValueItsCheckWhereDeIdentificationIsPromised) {
  const auto profile = profile_of(
      "de-identified", {{"BodyPartExamined", "keep", ""}, {"PixelData", "keep", ""}});
  ASSERT_NE(profile, nullptr);
  Dataset object = xray();
  object.put_text(dicom::tags::PatientName, vr::PN, "ZEPHYRINE^ONE");
  object.put_text({0x0018, 0x0015}, vr::CS, "ZEPHYRINE^ONE");
  Element& sequence = object.put_sequence(object.root(), {0x0008, 0x1115});
  Item& item = sequence.items.emplace_back();
  object.put_bytes(item, dicom::tags::PixelData, vr::OW, object.keep(Bytes(8, 1)));
  const IdentityTerms terms = terms_of(object);
  EXPECT_TRUE(run(object, *profile).problems.empty());
  EXPECT_EQ(object.find({0x0018, 0x0015}), nullptr);
  EXPECT_EQ(Dataset::find(object.find({0x0008, 0x1115})->items[0], dicom::tags::PixelData),
            nullptr);
  EXPECT_TRUE(findings_in(object, terms, *profile).empty());

  object.put_text({0x0018, 0x0015}, vr::CS, "ZEPHYRINE^ONE");
  EXPECT_TRUE(has(findings_in(object, terms, *profile), "verify.odd-value"));
  object.put_text({0x0018, 0x0015}, vr::CS, "ZEPHYRINE");
  EXPECT_TRUE(has(findings_in(object, terms, *profile), "verify.identity-found"));
  object.put_text({0x0018, 0x0015}, vr::CS, "HAND");
  EXPECT_TRUE(findings_in(object, terms, *profile).empty());
  Element* kept = Dataset::find(object.root(), {0x0008, 0x1115});
  object.put_bytes(kept->items[0], dicom::tags::PixelData, vr::OW, object.keep(Bytes(8, 1)));
  EXPECT_TRUE(has(findings_in(object, terms, *profile), "verify.nested-pixel-data"));
}

TEST(OwnRules, AWordIsSearchedUnlessOnlyKeptAttributesHoldIt) {
  struct Case {
    const char* what;
    const char* action;
    const char* value;
    const char* patient;
    const char* word;
    bool found;
  };
  const Case kCases[] = {
      {"what a rule replaces", "replace", "SITE A", "PHANTOM^ONE", "for Wright Memorial", true},
      {"the patient's name in a kept name", "keep", "", "WRIGHT^ANN", "for Wright", true},
      {"what is kept anyway", "keep", "", "PHANTOM^ONE", "for Wright Memorial", false},
  };
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.what);
    const auto profile =
        profile_of("limited-data-set", {{"InstitutionName", each.action, each.value}});
    ASSERT_NE(profile, nullptr);
    Dataset object = xray();
    object.put_text({0x0008, 0x0080}, vr::LO, "Wright Memorial");
    object.put_text(dicom::tags::PatientName, vr::PN, each.patient);
    const IdentityTerms terms = terms_of(object);
    run(object, *profile);
    EXPECT_TRUE(findings_in(object, terms, *profile).empty());
    object.put_text({0x0020, 0x1040}, vr::LO, each.word);
    EXPECT_EQ(has(findings_in(object, terms, *profile), "verify.identity-found"), each.found);
  }
}

TEST(OwnRules, ACopyThatKeepsADateDoesNotSayThatDatesAreGone) {
  struct Case {
    const char* attribute;
    const char* says;
  };
  for (const Case& each : {Case{"StudyDate", "UNMODIFIED"}, Case{"SeriesTime", "UNMODIFIED"},
                           Case{"AcquisitionDateTime", "UNMODIFIED"}, Case{"PatientSex", "REMOVED"}}) {
    SCOPED_TRACE(each.attribute);
    const auto profile = profile_of("limited-data-set", {{each.attribute, "keep", ""}});
    ASSERT_NE(profile, nullptr);
    Dataset object = xray();
    const IdentityTerms terms = terms_of(object);
    run(object, *profile);
    EXPECT_EQ(text(object, {0x0028, 0x0303}), each.says);
    EXPECT_TRUE(findings_in(object, terms, *profile).empty());
    object.put_text({0x0028, 0x0303}, vr::CS, "MODIFIED");
    EXPECT_TRUE(has(findings_in(object, terms, *profile), "verify.not-declared"));
  }
}

TEST(OwnRules, InstancesGetNewUidsWhateverRootTheyStandUnder) {
  constexpr std::string_view kUnderTheStandard = "1.2.840.10008.5.1.4.1.1.2.1.45";
  ASSERT_TRUE(dicom::is_structural_uid(kUnderTheStandard));
  for (const Tag tag : {dicom::tags::StudyInstanceUID, dicom::tags::SeriesInstanceUID,
                        dicom::tags::SOPInstanceUID, Tag{0x0008, 0x1155}}) {
    SCOPED_TRACE(dicom::to_text(tag));
    Dataset object = xray();
    object.put_text(tag, vr::UI, kUnderTheStandard);
    const IdentityTerms terms = terms_of(object);
    run(object);
    EXPECT_EQ(text(object, tag), dicom::mapped_uid(secret(), kUnderTheStandard).value);
    EXPECT_TRUE(findings_in(object, terms, *basic()).empty());
    object.put_text(tag, vr::UI, kUnderTheStandard);
    EXPECT_TRUE(has(findings_in(object, terms, *basic()), "verify.uid-not-replaced"));
    // Where nobody collected it, as when two readers disagree.
    EXPECT_TRUE(has(findings_in(object, terms_of(xray()), *basic()), "verify.uid-not-replaced"));
  }
}

}  // namespace
}  // namespace veilroute::profiles

// What an IOD requires and the source had must be in the copy: verify's own reading of the Types.
#include "profiles/verify_types.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/profiles/copies.h"
#include "tests/profiles/phantoms.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

constexpr std::string_view kCtClass = "1.2.840.10008.5.1.4.1.1.2";
constexpr std::string_view kEnhancedCtClass = "1.2.840.10008.5.1.4.1.1.2.1";
constexpr std::string_view kPetClass = "1.2.840.10008.5.1.4.1.1.128";

/// A copy as prepare makes it, changed by `change` before verify sees it: its findings of Types.
std::vector<std::string> type_findings(Dataset source, const std::function<void(Dataset&)>& change,
                                       const Profile& profile = *basic()) {
  IdentityTerms terms;
  terms.collect(source);
  Verifier verifier(profile, terms, pseudonyms());
  verifier.note_source({7}, source);
  run(source, profile);
  change(source);
  std::vector<std::string> found;
  for (const Problem& problem : check(verifier, copy_of(source))) {
    if (problem.rule.starts_with("verify.type-"))
      found.push_back(problem.rule + " " + problem.path);
  }
  return found;
}

/// A CT image that has whatever the tests take away.
Dataset ct_image() {
  Dataset object = xray();
  object.put_text(dicom::tags::SOPClassUID, vr::UI, kCtClass);
  object.put_text({0x0020, 0x0010}, vr::SH, "ST1");
  object.put_text({0x0020, 0x0052}, vr::UI, "1.2.3.4.5.6.7.4");
  object.put_text({0x0018, 0x0010}, vr::LO, "Agent X");
  Element& references = object.put_sequence(object.root(), {0x0008, 0x1140});
  for (const char* uid : {"1.2.3.4.5.6.7.11", "1.2.3.4.5.6.7.12"}) {
    Item& item = references.items.emplace_back();
    object.put_text(item, {0x0008, 0x1150}, vr::UI, kCtClass);
    object.put_text(item, {0x0008, 0x1155}, vr::UI, uid);
  }
  return object;
}

const auto kNoChange = [](Dataset&) {};
std::function<void(Dataset&)> without(Tag tag) {
  return [tag](Dataset& copy) { Dataset::remove(copy.root(), tag); };
}
std::function<void(Dataset&)> emptied(Tag tag, dicom::Vr which) {
  return [tag, which](Dataset& copy) { copy.put_text(tag, which, ""); };
}

using Findings = std::vector<std::string>;

TEST(VerifyTypes, FindNothingInWhatTheEngineMade) {
  EXPECT_EQ(type_findings(ct_image(), kNoChange), Findings{});
  for (const auto kind : {dicom::PhantomKind::dx, dicom::PhantomKind::cr, dicom::PhantomKind::ct}) {
    dicom::PhantomOptions options;
    options.kind = kind;
    options.rows = options.columns = 16;
    EXPECT_EQ(type_findings(std::move(load(options).object), kNoChange), Findings{});
  }
}

TEST(VerifyTypes, FindAType1AttributeThatWasLost) {
  constexpr Tag kFrameOfReference{0x0020, 0x0052};
  const Findings expected{"verify.type-1-empty (0020,0052)"};
  EXPECT_EQ(type_findings(ct_image(), without(kFrameOfReference)), expected);
  EXPECT_EQ(type_findings(ct_image(), emptied(kFrameOfReference, vr::UI)), expected);
  EXPECT_EQ(
      type_findings(ct_image(), [](Dataset& copy) { copy.put_text(kFrameOfReference, vr::UI, "  "); }),
      expected);
}

TEST(VerifyTypes, FindAType2AttributeThatIsGoneButNotOneThatIsEmpty) {
  EXPECT_EQ(type_findings(ct_image(), without({0x0008, 0x0020})),
            Findings{"verify.type-2-absent (0008,0020)"});
  EXPECT_EQ(type_findings(ct_image(), without({0x0018, 0x0010})),
            Findings{"verify.type-2-absent (0018,0010)"});
  EXPECT_EQ(type_findings(ct_image(), emptied({0x0018, 0x0010}, vr::LO)), Findings{});
}

TEST(VerifyTypes, AskOnlyWhatTheSourceHad) {
  Dataset poor = ct_image();
  Dataset::remove(poor.root(), {0x0020, 0x0052});
  Dataset::remove(poor.root(), {0x0020, 0x0010});
  poor.put_text({0x0018, 0x0010}, vr::LO, "");
  EXPECT_EQ(type_findings(std::move(poor), kNoChange), Findings{});
  Dataset blank = ct_image();
  blank.put_text({0x0020, 0x0052}, vr::UI, "");
  EXPECT_EQ(type_findings(std::move(blank), emptied({0x0020, 0x0052}, vr::UI)), Findings{});
}

TEST(VerifyTypes, AskWhatTheIodOfTheObjectAsks) {
  constexpr Tag kSeriesDate{0x0008, 0x0021};
  for (const auto& [sop_class, expected] :
       {std::pair{kCtClass, Findings{}},
        std::pair{kPetClass, Findings{"verify.type-1-empty (0008,0021)"}},
        std::pair{std::string_view("1.2.3.4"), Findings{}}}) {
    Dataset source = ct_image();
    source.put_text(dicom::tags::SOPClassUID, vr::UI, sop_class);
    source.put_text(kSeriesDate, vr::DA, "20260110");
    EXPECT_EQ(type_findings(std::move(source), without(kSeriesDate)), expected) << sop_class;
  }
}

TEST(VerifyTypes, LookIntoItems) {
  constexpr Tag kReferences{0x0008, 0x1140}, kInstance{0x0008, 0x1155};
  const Findings expected{"verify.type-1-empty (0008,1140).(0008,1155)"};
  for (const std::size_t which : {0U, 1U}) {
    EXPECT_EQ(type_findings(ct_image(),
                            [&](Dataset& copy) {
                              Dataset::remove(
                                  Dataset::find(copy.root(), kReferences)->items.at(which),
                                  kInstance);
                            }),
              expected);
  }
  // An item whose every attribute is gone shows by the next one's number.
  EXPECT_EQ(type_findings(ct_image(),
                          [&](Dataset& copy) {
                            Dataset::find(copy.root(), kReferences)->items.at(0).elements.clear();
                          }),
            expected);
}

TEST(VerifyTypes, LetWholeItemsAndSequencesGo) {
  constexpr Tag kReferences{0x0008, 0x1140};
  EXPECT_EQ(type_findings(ct_image(), without(kReferences)), Findings{});
  EXPECT_EQ(
      type_findings(
          ct_image(), [&](Dataset& copy) { Dataset::find(copy.root(), kReferences)->items.pop_back(); }),
      Findings{});
  EXPECT_EQ(
      type_findings(ct_image(),
                    [&](Dataset& copy) { Dataset::find(copy.root(), kReferences)->items.clear(); }),
      Findings{});
}

TEST(VerifyTypes, CountFramesOneByOne) {
  constexpr Tag kFrames{0x5200, 0x9230}, kContent{0x0020, 0x9111}, kStart{0x0018, 0x9074};
  constexpr std::size_t kFrameCount = 40;
  const auto enhanced = [&] {
    Dataset object = ct_image();
    object.put_text(dicom::tags::SOPClassUID, vr::UI, kEnhancedCtClass);
    Element& frames = object.put_sequence(object.root(), kFrames);
    for (std::size_t i = 0; i < kFrameCount; ++i) {
      Item& frame = frames.items.emplace_back();
      Item& content = object.put_sequence(frame, kContent).items.emplace_back();
      // Every other frame has none: Type 1C.
      if (i % 2 == 0) object.put_text(content, kStart, vr::DT, "20260110101112");
      object.put_text(content, {0x0020, 0x9057}, vr::UL, "\1\0\0\0");
    }
    return object;
  };
  EXPECT_EQ(type_findings(enhanced(), kNoChange), Findings{});
  EXPECT_EQ(type_findings(enhanced(),
                          [&](Dataset& copy) {
                            Item& frame = Dataset::find(copy.root(), kFrames)->items.at(38);
                            Dataset::remove(Dataset::find(frame, kContent)->items.at(0), kStart);
                          }),
            Findings{"verify.type-1-empty (5200,9230).(0020,9111).(0018,9074)"});
}

TEST(VerifyTypes, LeaveTheTablesOwnXAndAProfilesRulesAlone) {
  Dataset source = ct_image();
  source.put_text({0x0010, 0x2297}, vr::PN, "KEEPER^KIM");  // 2C, and X in Table E.1-1
  EXPECT_EQ(type_findings(std::move(source), kNoChange), Findings{});
  Profile strict = *basic();
  ASSERT_EQ(type_findings(ct_image(), without({0x0018, 0x0010}), strict).size(), 1U);
  const ParsedProfile parsed = parse_profile(
      "name = \"strict\"\nextends = \"basic\"\n"
      "[[rule]]\nattribute = \"ContrastBolusAgent\"\naction = \"remove\"\n",
      "strict.toml", [](const ProfileName& name, void*) { return Library::shipped().find(name); },
      nullptr);
  for (const ProfileProblem& problem : parsed.problems) ADD_FAILURE() << problem.what;
  ASSERT_NE(parsed.profile, nullptr);
  EXPECT_EQ(type_findings(ct_image(), kNoChange, *parsed.profile), Findings{});
}

TEST(VerifyTypes, AreAskedOfTheObjectTheyWereNotedFor) {
  Dataset source = ct_image();
  IdentityTerms terms;
  terms.collect(source);
  Verifier verifier(*basic(), terms, pseudonyms());
  verifier.note_source({8}, source);
  run(source);
  Dataset::remove(source.root(), {0x0008, 0x0020});
  EXPECT_FALSE(has(rules_of(check(verifier, copy_of(source))), "verify.type-2-absent"));
  verifier.note_source({7}, ct_image());
  EXPECT_TRUE(has(rules_of(check(verifier, copy_of(source))), "verify.type-2-absent"));
}

}  // namespace
}  // namespace veilroute::profiles

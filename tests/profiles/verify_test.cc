// Verify against copies in which something was put back: each must be found. A rule of verify that
// is taken out makes one of these fail.
#include "profiles/verify.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/profiles/phantoms.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

/// A phantom through "basic", with its terms; the copy passes as it is.
class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest() : loaded_(load(options())) {
    terms_.collect(loaded_.object);
    original_study_ = loaded_.object.text(dicom::tags::StudyInstanceUID).reveal();
    EXPECT_TRUE(run(loaded_.object).problems.empty());
  }

  static dicom::PhantomOptions options() {
    dicom::PhantomOptions options;
    options.rows = options.columns = 256;  // more than 64 KiB of pixels: a range of the source
    return options;
  }

  Dataset& object() { return loaded_.object; }
  Copy copy() { return copy_of(loaded_.object, loaded_.facts.large); }
  std::vector<Problem> findings(const Copy& copy) {
    Verifier verifier(*basic(), terms_, pseudonyms());
    return check(verifier, copy);
  }
  std::vector<std::string> rules() { return rules_of(findings(copy())); }
  void put(Tag tag, dicom::Vr vr, std::string_view text) { object().put_text(tag, vr, text); }
  Item& nested(Tag sequence) {
    Element& element = object().put_sequence(object().root(), sequence);
    return element.items.emplace_back();
  }

  Loaded loaded_;
  IdentityTerms terms_;
  std::string original_study_;
};

TEST_F(VerifyTest, PassesWhatTheEngineMade) { EXPECT_TRUE(findings(copy()).empty()); }

TEST_F(VerifyTest, RefusesPixelsWithSomethingBesideThePicture) {
  for (const auto found : {dicom::Codestream::surplus, dicom::Codestream::metadata,
                           dicom::Codestream::unread}) {
    Copy changed = copy();
    ASSERT_EQ(changed.large.size(), 1U);
    changed.large.front().codestream = found;
    EXPECT_TRUE(has(rules_of(findings(changed)), "verify.codestream"));
  }
}

struct Mutation {
  const char* what;
  const char* rule;
  std::function<void(Dataset&)> change;
};

Mutation text_mutation(const char* what, const char* rule, Tag tag, dicom::Vr vr,
                       std::string text) {
  return {what, rule, [=](Dataset& object) { object.put_text(tag, vr, text); }};
}

Mutation bytes_mutation(const char* what, const char* rule, Tag tag, dicom::Vr vr,
                        std::string text) {
  return {what, rule, [=](Dataset& object) {
            object.put_bytes(object.root(), tag, vr, object.keep(as_bytes(text)));
          }};
}

std::vector<Mutation> values_put_back() {
  return {
      text_mutation("the patient's name", "verify.not-the-pseudonym", {0x0010, 0x0010}, vr::PN,
                    "PHANTOM^ONE"),
      text_mutation("another's ID", "verify.not-the-pseudonym", {0x0010, 0x0020}, vr::LO, "X1"),
      text_mutation("an accession number", "verify.not-the-pseudonym", {0x0008, 0x0050}, vr::SH,
                    "A1"),
      text_mutation("a birth date", "verify.listed-filled", {0x0010, 0x0030}, vr::DA, "19610203"),
      text_mutation("a study date", "verify.listed-filled", {0x0008, 0x0020}, vr::DA, "20260110"),
      text_mutation("a series date", "verify.listed-filled", {0x0008, 0x0021}, vr::DA, "20260110"),
      text_mutation("a sex", "verify.listed-filled", {0x0010, 0x0040}, vr::CS, "F"),
      text_mutation("an age", "verify.listed-present", {0x0010, 0x1010}, vr::AS, "064Y"),
      text_mutation("an institution", "verify.listed-filled", {0x0008, 0x0080}, vr::LO, "Hill"),
      text_mutation("a description", "verify.listed-present", {0x0008, 0x1030}, vr::LO, "HAND"),
      text_mutation("a UID of nobody", "verify.uid-not-replaced", {0x0020, 0x0052}, vr::UI,
                    "2.25.1234567"),
      text_mutation("an unlisted UID", "verify.uid-not-replaced", {0x0008, 0x1167}, vr::UI,
                    "1.2.3.4.5"),
      text_mutation("a private attribute", "verify.private", {0x0009, 0x0010}, vr::LO, "ACME"),
      text_mutation("an unlisted comment", "verify.unlisted-text", {0x0018, 0x9901}, vr::UT, "x"),
      text_mutation("an unlisted address", "verify.unlisted-text", {0x0008, 0x1190}, vr::UR, "u:x"),
      text_mutation("an unlisted date", "verify.unlisted-text", {0x0008, 0x0416}, vr::DT, "2026"),
      text_mutation("a name in a maker's field", "verify.unlisted-text", {0x0008, 0x0070}, vr::LO,
                    "DOE^J"),
      text_mutation("a telephone number", "verify.unlisted-text", {0x0008, 0x1090}, vr::LO,
                    "5551234567"),
      text_mutation("a sentence as a code string", "verify.odd-value", {0x0018, 0x0015}, vr::CS,
                    "hand of Ann"),
      text_mutation("a word as a number", "verify.odd-value", {0x0018, 0x0060}, vr::DS, "kV x"),
      text_mutation("the wrong class", "verify.other-object", {0x0008, 0x0016}, vr::UI,
                    "1.2.840.10008.5.1.4.1.1.2"),
      text_mutation("not said to be removed", "verify.not-declared", {0x0012, 0x0062}, vr::CS,
                    "NO"),
      text_mutation("dates said to be kept", "verify.not-declared", {0x0028, 0x0303}, vr::CS,
                    "UNMODIFIED"),
      text_mutation("another's method", "verify.not-declared", {0x0012, 0x0063}, vr::LO, "by hand"),
      bytes_mutation("an overlay", "verify.forbidden-group", {0x6000, 0x3000}, vr::OW, "bits"),
      bytes_mutation("an overlay's label", "verify.forbidden-group", {0x6002, 0x1500}, vr::LO,
                     "x "),
      bytes_mutation("a curve", "verify.forbidden-group", {0x5000, 0x3000}, vr::OW, "bits"),
      bytes_mutation("trailing padding", "verify.forbidden-group", {0xFFFC, 0xFFFC}, vr::OB, "xx"),
      bytes_mutation("an unknown attribute", "verify.unknown-attribute", {0x0010, 0x5554}, vr::LO,
                     "xx"),
      bytes_mutation("an unread value", "verify.unread-value", {0x0018, 0x0015}, vr::UN, "HAND"),
      bytes_mutation("an ICC profile", "verify.unread-bulk", {0x0028, 0x2000}, vr::OB, "bits"),
      bytes_mutation("a document", "verify.encapsulated-document", {0x0042, 0x0011}, vr::OB,
                     "%PDF"),
  };
}

TEST_F(VerifyTest, FindsWhateverIsPutBack) {
  for (const Mutation& mutation : values_put_back()) {
    SCOPED_TRACE(mutation.what);
    Loaded fresh = load(options());
    run(fresh.object);
    Copy changed = copy_of(fresh.object, fresh.facts.large);
    const Uid sop_class = changed.record.sop_class;
    mutation.change(fresh.object);
    changed = copy_of(fresh.object, fresh.facts.large);
    changed.record.sop_class = sop_class;
    EXPECT_TRUE(has(rules_of(findings(changed)), mutation.rule));
  }
}

TEST_F(VerifyTest, FindsAUidOfTheSourceAnywhere) {
  put(dicom::tags::StudyInstanceUID, vr::UI, original_study_);
  const auto found = rules();
  EXPECT_TRUE(has(found, "verify.uid-not-replaced"));
  EXPECT_TRUE(has(found, "verify.identity-found"));
}

TEST_F(VerifyTest, FindsIdentityInsideItems) {
  object().put_text(nested({0x0008, 0x1115}), {0x0010, 0x0010}, vr::PN, "PHANTOM^ONE");
  EXPECT_TRUE(has(rules(), "verify.not-the-pseudonym"));
}

TEST_F(VerifyTest, FindsFilledSequencesThatMustGoOrBeEmpty) {
  object().put_text(nested({0x0008, 0x1110}), {0x0008, 0x1150}, vr::UI, "1.2.840.10008.3.1.2.3.1");
  EXPECT_TRUE(has(rules(), "verify.listed-filled"));
  Dataset::remove(object().root(), {0x0008, 0x1110});
  nested({0x0040, 0x0275});
  EXPECT_TRUE(has(rules(), "verify.listed-present"));
  Dataset::remove(object().root(), {0x0040, 0x0275});
  nested({0x0040, 0xA730});
  EXPECT_TRUE(has(rules(), "verify.report-content"));
  Dataset::remove(object().root(), {0x0040, 0xA730});
  nested({0x0400, 0x0500});
  EXPECT_TRUE(has(rules(), "verify.forbidden-group"));
}

TEST_F(VerifyTest, FindsCodesOfPersonsAndPlaces) {
  Item& item = nested({0x0008, 0x0082});
  object().put_text(item, {0x0008, 0x0100}, vr::SH, "H12");
  object().put_text(item, {0x0008, 0x0102}, vr::SH, "99LOCAL");
  object().put_text(item, {0x0008, 0x0104}, vr::LO, "Hill");
  EXPECT_TRUE(has(rules(), "verify.listed-filled"));
}

TEST_F(VerifyTest, FindsPixelsInsideItems) {
  Item& item = nested({0x0008, 0x1115});
  object().put_bytes(item, dicom::tags::PixelData, vr::OW, object().keep(Bytes(8, 1)));
  EXPECT_TRUE(has(rules(), "verify.nested-pixel-data"));
}

TEST_F(VerifyTest, FindsMissingDeclarations) {
  for (const Tag tag :
       {Tag{0x0012, 0x0062}, Tag{0x0012, 0x0063}, Tag{0x0012, 0x0064}, Tag{0x0028, 0x0303}}) {
    Loaded fresh = load(options());
    run(fresh.object);
    Dataset::remove(fresh.object.root(), tag);
    EXPECT_EQ(rules_of(findings(copy_of(fresh.object, fresh.facts.large))),
              std::vector<std::string>{"verify.not-declared"})
        << dicom::to_text(tag);
  }
  Dataset::remove(object().root(), dicom::tags::PatientID);
  EXPECT_TRUE(has(rules(), "verify.not-the-pseudonym"));
}

TEST_F(VerifyTest, FindsWordsOfTheSourceInKeptTexts) {
  struct Case {
    const char* what;
    Tag tag;
    dicom::Vr vr;
    std::string_view text;
    bool found;
  };
  const Case kCases[] = {
      {"a name as people write it", {0x0008, 0x1090}, vr::LO, "for Zephyrine Q", true},
      {"in capitals", {0x0008, 0x1090}, vr::LO, "ZEPHYRINE", true},
      {"a record number", {0x0018, 0x1020}, vr::LO, "9-4711X", true},
      {"a short name is no evidence", {0x0008, 0x1090}, vr::LO, "Li 9", false},
      {"a common word is no evidence", {0x0008, 0x1090}, vr::LO, "Medical 3", false},
      {"a word in a code string", {0x0018, 0x0015}, vr::CS, "ZEPHYRINE", true},
      {"part of a word in a code string", {0x0018, 0x0015}, vr::CS, "ZEPHYRINES", false},
      {"the whole institution", {0x0008, 0x0070}, vr::LO, "Wobbly Medical", true},
      {"one word of it in a maker's name", {0x0008, 0x0070}, vr::LO, "Wobbly Imaging", false},
      {"one word of it elsewhere", {0x0018, 0x1210}, vr::SH, "Wobbly", true},
  };
  Dataset source = xray();
  source.put_text(dicom::tags::PatientName, vr::PN, "ZEPHYRINE^LI");
  source.put_text(dicom::tags::PatientID, vr::LO, "9-4711X");
  source.put_text({0x0008, 0x0080}, vr::LO, "Wobbly Medical");
  IdentityTerms terms;
  terms.collect(source);
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.what);
    Dataset object = xray();
    terms.collect(object);
    run(object);
    object.put_text(each.tag, each.vr, each.text);
    Verifier verifier(*basic(), terms, pseudonyms());
    EXPECT_EQ(has(rules_of(check(verifier, copy_of(object))), "verify.identity-found"),
              each.found);
  }
}

TEST_F(VerifyTest, TreatsNumbersInsideLongerNumbersAsOthers) {
  Dataset source = xray();
  source.put_text(dicom::tags::PatientID, vr::LO, "703125");
  IdentityTerms terms;
  terms.collect(source);
  const auto found = [&](std::string_view spacing) {
    Dataset object = xray();
    terms.collect(object);
    run(object);
    object.put_text({0x0018, 0x1164}, vr::DS, spacing);
    Verifier verifier(*basic(), terms, pseudonyms());
    return !check(verifier, copy_of(object)).empty();
  };
  EXPECT_FALSE(found("0.703125\\0.703125"));
  EXPECT_FALSE(found("17031250"));
  EXPECT_TRUE(found("703125"));
  EXPECT_TRUE(found("000703125"));
}

TEST_F(VerifyTest, RefusesPiecesThatDoNotFit) {
  const Copy good = copy();
  std::size_t range = 0;
  while (range < good.record.pieces.size() && good.record.pieces[range].own) ++range;
  ASSERT_LT(range, good.record.pieces.size());
  struct Case {
    const char* what;
    const char* rule;
    std::function<void(Copy&)> change;
  };
  const Case kCases[] = {
      {"pixels left out", "verify.pixels-missing",
       [&](Copy& c) { c.record.pieces.erase(c.record.pieces.begin() + std::ptrdiff_t(range)); }},
      {"another place of the source", "verify.pieces",
       [&](Copy& c) { c.record.pieces[range].offset -= 2; }},
      {"a longer range", "verify.pieces", [&](Copy& c) { c.record.pieces[range].length += 2; }},
      {"a range twice", "verify.pieces",
       [&](Copy& c) { c.record.pieces.push_back(c.record.pieces[range]); }},
      {"a range nobody knows", "verify.pieces", [](Copy& c) { c.large.clear(); }},
      {"an own piece beyond the block", "verify.pieces",
       [](Copy& c) { c.record.pieces[0].length += 1000; }},
      {"own bytes that no piece covers", "verify.pieces",
       [](Copy& c) {
         c.own.push_back(0);
         c.record.own_digest = crypto::sha256(c.own);
       }},
      {"a cut that the header does not know of", "verify.unreadable",
       [&](Copy& c) { c.record.pieces[range].length -= 2; }},
  };
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.what);
    Copy bad = good;
    each.change(bad);
    EXPECT_EQ(rules_of(findings(bad)), std::vector<std::string>{each.rule});
  }
}

TEST_F(VerifyTest, RefusesOwnBytesOfAnotherDigest) {
  Copy changed = copy();
  changed.own[changed.own.size() / 2] ^= 1U;
  Verifier verifier(*basic(), terms_, pseudonyms());
  const auto outcome = verifier.check(changed.record, changed.own, changed.large);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind, ErrorKind::corrupt);
}

TEST_F(VerifyTest, RefusesWhatTheSecondReaderCannotAccountFor) {
  Dataset small = xray();
  IdentityTerms terms;
  terms.collect(small);
  run(small);
  const Copy good = copy_of(small);
  const auto found = [&](const std::function<void(Bytes&)>& change) {
    Copy bad = good;
    change(bad.own);
    bad.record.own_digest = crypto::sha256(bad.own);
    bad.record.pieces = {{true, 0, bad.own.size()}};
    Verifier verifier(*basic(), terms, pseudonyms());
    return rules_of(check(verifier, bad));
  };
  EXPECT_TRUE(found([](Bytes&) {}).empty());
  const std::vector<std::string> unreadable{"verify.unreadable"};
  const Bytes name{0x10, 0x00, 0x10, 0x00, 'P', 'N', 4, 0, 'D', 'O', 'E', ' '};
  EXPECT_EQ(found([&](Bytes& own) { own.insert(own.end(), name.begin(), name.end()); }),
            unreadable);
  EXPECT_EQ(found([](Bytes& own) { own.insert(own.end(), {'D', 'O', 'E', ' '}); }), unreadable);
  EXPECT_EQ(found([](Bytes& own) { own.resize(own.size() - 3); }), unreadable);
  const Bytes group_length{0x08, 0x00, 0x00, 0x00, 'U', 'L', 4, 0, 1, 0, 0, 0};
  EXPECT_EQ(
      found([&](Bytes& own) { own.insert(own.begin(), group_length.begin(), group_length.end()); }),
      std::vector<std::string>{"verify.forbidden-group"});
}

TEST_F(VerifyTest, ClearsOnlyTheManifestItHasChecked) {
  const Copy good = copy();
  dicom::Manifest manifest{{1}, basic()->version, {good.record}};
  Verifier verifier(*basic(), terms_, pseudonyms());
  EXPECT_EQ(verifier.clear(manifest).error().slug, "verify.not-checked");
  ASSERT_TRUE(check(verifier, good).empty());
  const auto clearance = verifier.clear(manifest);
  ASSERT_TRUE(clearance.ok());
  EXPECT_EQ(clearance->manifest(), dicom::digest_of(manifest));
  dicom::Manifest other = manifest;
  other.profile_version = {"another"};
  EXPECT_EQ(verifier.clear(other).error().slug, "verify.other-profile");
  other = manifest;
  other.records.clear();
  EXPECT_EQ(verifier.clear(other).error().slug, "verify.nothing-to-send");
  other = manifest;
  other.records[0].own_digest[0] ^= 1U;
  EXPECT_EQ(verifier.clear(other).error().slug, "verify.not-checked");
  other = manifest;
  other.records.push_back(good.record);
  other.records.back().object = {8};
  EXPECT_EQ(verifier.clear(other).error().slug, "verify.not-checked");
}

TEST_F(VerifyTest, NeverClearsACopyWithFindings) {
  put({0x0010, 0x1010}, vr::AS, "064Y");
  const Copy bad = copy();
  Verifier verifier(*basic(), terms_, pseudonyms());
  ASSERT_FALSE(check(verifier, bad).empty());
  EXPECT_FALSE(verifier.clear({{1}, basic()->version, {bad.record}}).ok());
}

TEST_F(VerifyTest, AllowsWhatAProfilesOwnRuleKeeps) {
  const ParsedProfile parsed = parse_profile(
      "name = \"site\"\nbases = [\"treatment\"]\n[[rule]]\nattribute = \"InstitutionName\"\n"
      "action = \"keep\"\n[[rule]]\nattribute = \"StudyID\"\naction = \"replace\"\n"
      "value = \"S1\"\n",
      "p.toml", nullptr, nullptr);
  ASSERT_NE(parsed.profile, nullptr);
  Dataset object = xray();
  object.put_text({0x0020, 0x0010}, vr::SH, "4711");
  IdentityTerms terms;
  terms.collect(object);
  run(object, *parsed.profile);
  EXPECT_EQ(text(object, {0x0008, 0x0080}), "Nowhere Hill Infirmary");
  Verifier verifier(*parsed.profile, terms, pseudonyms());
  EXPECT_TRUE(check(verifier, copy_of(object)).empty());
  object.put_text({0x0020, 0x0010}, vr::SH, "S2");
  EXPECT_EQ(rules_of(check(verifier, copy_of(object))),
            std::vector<std::string>{"verify.profile-rule"});
}

}  // namespace
}  // namespace veilroute::profiles

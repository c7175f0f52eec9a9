// The engine on single hard cases: first those where data would leak.
#include "profiles/deidentify.h"

#include <gtest/gtest.h>

#include "profiles/pixels.h"
#include "tests/profiles/objects.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

TEST(Deidentify, HoldsWhatNoRuleCanClean) {
  struct Case {
    const char* what;
    std::string_view sop_class;
    const char* rule;
  };
  const Case kCases[] = {
      {"an encapsulated PDF", "1.2.840.10008.5.1.4.1.1.104.1", "deid.encapsulated-document"},
      {"an encapsulated MTL", "1.2.840.10008.5.1.4.1.1.104.5", "deid.encapsulated-document"},
      {"a structured report", "1.2.840.10008.5.1.4.1.1.88.33", "deid.structured-report"},
      {"a key object note", "1.2.840.10008.5.1.4.1.1.88.59", "deid.structured-report"},
      {"raw data", "1.2.840.10008.5.1.4.1.1.66", "deid.raw-data"},
      {"a voice", "1.2.840.10008.5.1.4.1.1.9.4.1", "deid.voice-audio"},
      {"a private class", "1.3.12.2.1107.5.9.1", "deid.unknown-sop-class"},
      {"a hanging protocol", "1.2.840.10008.5.1.4.38.1", "deid.unknown-sop-class"},
      {"a class that does not exist", "1.2.840.10008.5.1.4.1.1.999", "deid.unknown-sop-class"},
      {"no class at all", "", "deid.unknown-sop-class"},
  };
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.what);
    Dataset object = xray();
    Dataset::remove(object.root(), dicom::tags::PixelData);
    object.put_text(dicom::tags::SOPClassUID, vr::UI, each.sop_class);
    EXPECT_EQ(rules_of(run(object)), std::vector<std::string>{each.rule});
  }
}

TEST(Deidentify, HoldsReportContentAndDocumentsInAnyClass) {
  Dataset report = xray();
  report.put_sequence(report.root(), {0x0040, 0xA730});
  EXPECT_EQ(rules_of(run(report)), std::vector<std::string>{"deid.structured-report"});
  Dataset document = xray();
  document.put_bytes(document.root(), {0x0042, 0x0011}, vr::OB,
                     document.keep(ByteView(as_bytes("%PDF"))));
  EXPECT_EQ(rules_of(run(document)), std::vector<std::string>{"deid.encapsulated-document"});
}

TEST(Deidentify, HoldsOverlaysInTheHighBitsOfPixels) {
  Dataset object = xray();
  put_short(object, {0x6000, 0x0102}, 12);
  EXPECT_EQ(rules_of(run(object)), std::vector<std::string>{"deid.overlay-in-pixels"});
  Dataset separate = xray();
  put_short(separate, {0x6000, 0x0100}, 1);
  put_short(separate, {0x6000, 0x0102}, 0);
  separate.put_text({0x6000, 0x0022}, vr::LO, "drawn for PHANTOM ONE");
  EXPECT_TRUE(run(separate).problems.empty());
  EXPECT_EQ(separate.find({0x6000, 0x0100}), nullptr);
  EXPECT_EQ(separate.find({0x6000, 0x0022}), nullptr);
}

TEST(Deidentify, CutsBytesBehindTheLastPixel) {
  Dataset object = xray(40);
  const DeidReport report = run(object);
  EXPECT_TRUE(report.problems.empty());
  EXPECT_EQ(object.find(dicom::tags::PixelData)->value.size(), 16U);
  Dataset unknown = xray();
  Dataset::remove(unknown.root(), {0x0028, 0x0010});
  EXPECT_EQ(rules_of(run(unknown)), std::vector<std::string>{"deid.pixel-length-unknown"});
}

TEST(Deidentify, CutsNoPixelsThatTheHeaderMisstates) {
  struct Case {
    const char* what;
    std::size_t bytes;
    const char* frames;
    const char* photometric;
    std::uint16_t samples;
    bool held;
    std::size_t left;
  };
  const Case kCases[] = {
      {"no frames", 16, "0", "MONOCHROME2", 1, true, 16},
      {"whole colour said to be subsampled", 48, "", "YBR_FULL_422", 3, true, 48},
      {"and more", 60, "", "YBR_FULL_422", 3, true, 60},
      {"subsampled colour", 32, "", "YBR_FULL_422", 3, false, 32},
      {"subsampled colour with surplus", 40, "", "YBR_FULL_422", 3, false, 32},
      {"colour with surplus", 60, "", "RGB", 3, false, 48},
  };
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.what);
    Dataset object = xray(each.bytes);
    object.put_text({0x0028, 0x0008}, vr::IS, each.frames);
    object.put_text({0x0028, 0x0004}, vr::CS, each.photometric);
    put_short(object, {0x0028, 0x0002}, each.samples);
    const auto rules = rules_of(run(object, *basic(), {"a document"}));
    EXPECT_EQ(rules, each.held ? std::vector<std::string>{"deid.pixel-length-unknown"}
                               : std::vector<std::string>{});
    EXPECT_EQ(object.find(dicom::tags::PixelData)->value.size(), each.left);
  }
}

TEST(Deidentify, RefusesAnIncompletePseudonymRow) {
  Dataset object = xray();
  Pseudonyms row = pseudonyms();
  row.secret = row.secret.first(16);
  const auto report = deidentify(object, *basic(), row, {});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().kind, ErrorKind::internal);
}

TEST(Deidentify, RemovesWhatItDoesNotUnderstand) {
  Dataset object = xray();
  const auto put = [&object](Tag tag, dicom::Vr vr, std::string_view bytes) {
    object.put_bytes(object.root(), tag, vr, object.keep(as_bytes(bytes)));
  };
  put({0x0009, 0x0010}, vr::LO, "ACME 1.1");
  put({0x0009, 0x1001}, vr::UN, "PHANTOM ONE ");
  put({0x0008, 0x9FFE}, vr::LO, "unknown public");
  put({0x0028, 0x2000}, vr::OB, "icc profile text");
  put({0x0018, 0x9073}, vr::FD, "four");
  put({0x0018, 0x0060}, vr::DS, "born 1961 ");
  put({0x0018, 0x0015}, vr::CS, "hand of Phantom ");
  put({0x0400, 0x0500}, vr::UN, "hidden");
  put({0x0008, 0x1167}, vr::UN, "1.2.3.99");
  const DeidReport report = run(object);
  for (const Tag tag :
       {Tag{0x0009, 0x0010}, Tag{0x0009, 0x1001}, Tag{0x0008, 0x9FFE}, Tag{0x0028, 0x2000},
        Tag{0x0018, 0x9073}, Tag{0x0018, 0x0060}, Tag{0x0018, 0x0015}, Tag{0x0400, 0x0500}}) {
    EXPECT_EQ(object.find(tag), nullptr) << dicom::to_text(tag);
  }
  // UN hides a UID that the registry knows: it is mapped, and written as UI.
  EXPECT_EQ(text(object, {0x0008, 0x1167}), dicom::mapped_uid(secret(), "1.2.3.99").value);
  EXPECT_EQ(object.find({0x0008, 0x1167})->vr, vr::UI);
}

TEST(Deidentify, KeepsOnlyTextsOfKnownShape) {
  struct Case {
    const char* what;
    Tag tag;
    dicom::Vr vr;
    std::string_view before;
    std::string_view after;
  };
  const Case kCases[] = {
      {"a maker", {0x0008, 0x0070}, vr::LO, "GE MEDICAL SYSTEMS", "GE MEDICAL SYSTEMS"},
      {"a maker's field used for a name", {0x0008, 0x0070}, vr::LO, "PHANTOM^ONE", "REMOVED"},
      {"a telephone number", {0x0008, 0x1090}, vr::LO, "call 5551234567", "REMOVED"},
      {"letters beyond ASCII", {0x0008, 0x1090}, vr::LO, "Mod\xE8le", "REMOVED"},
      {"text after a NUL", {0x0008, 0x1090}, vr::LO, std::string_view("CT1\0ANNA", 8), "REMOVED"},
      {"one bad value of two", {0x0018, 0x1020}, vr::LO, "1.0\\for Phantom", "REMOVED"},
      {"a version", {0x0018, 0x1020}, vr::LO, "VB20A_HF04", "VB20A_HF04"},
      {"a kernel", {0x0018, 0x1210}, vr::SH, "B30f", "B30f"},
      {"a birth date in another calendar", {0x0010, 0x0033}, vr::LO, "13390214", "(absent)"},
      {"a web address", {0x0008, 0x1190}, vr::UR, "http://x.example/1", "(absent)"},
      {"an unlisted date", {0x0008, 0x0416}, vr::DT, "20260110", "(absent)"},
      {"a plain code string", {0x0018, 0x0015}, vr::CS, "HAND", "HAND"},
      {"a number", {0x0018, 0x0060}, vr::DS, "52.5", "52.5"},
      {"an empty text", {0x0018, 0x0030}, vr::LO, "", ""},
      {"a device id", {0x0018, 0x1003}, vr::LO, "DEV-1", "(absent)"},
  };
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.what);
    Dataset object = xray();
    object.put_text(each.tag, each.vr, each.before);
    run(object);
    EXPECT_EQ(text(object, each.tag), each.after);
  }
}

TEST(Deidentify, KeepsPublishedCodesAndReplacesLocalOnes) {
  struct Case {
    std::string_view value, scheme, meaning;
    bool kept;
  };
  const Case kCases[] = {
      {"T-D8810", "SRT", "Hand", true},         {"113100", "DCM", "Basic", true},
      {"85151006", "SCT", "Structure", true},   {"X1", "99LOCAL", "Dr Phantom's room", false},
      {"T-D8810", "SRT", "PHANTOM^ONE", false}, {"T-D8810", "SRT", "born 19610203", false},
      {"room 3, call", "SRT", "Hand", false},   {"X1", "", "Hand", false},
  };
  for (const Case& each : kCases) {
    SCOPED_TRACE(std::string(each.scheme) + " " + std::string(each.meaning));
    Dataset object = xray();
    Element& sequence = object.put_sequence(object.root(), {0x0008, 0x2218});
    Item item;
    object.put_text(item, {0x0008, 0x0100}, vr::SH, each.value);
    object.put_text(item, {0x0008, 0x0102}, vr::SH, each.scheme);
    object.put_text(item, {0x0008, 0x0104}, vr::LO, each.meaning);
    sequence.items.push_back(std::move(item));
    run(object);
    const Item& after = object.find({0x0008, 0x2218})->items.at(0);
    EXPECT_EQ(text(after, {0x0008, 0x0100}), each.kept ? each.value : "REMOVED");
    EXPECT_EQ(text(after, {0x0008, 0x0104}), each.kept ? each.meaning : "REMOVED");
  }
}

TEST(Deidentify, NeverMapsStructuralUids) {
  Dataset object = xray();
  object.put_text({0x0020, 0x0052}, vr::UI, "1.2.840.10008.1.4.1.1");  // Talairach atlas
  object.put_text({0x0008, 0x010C}, vr::UI, "1.2.3.4.77");             // a site's coding scheme
  run(object);
  EXPECT_EQ(text(object, dicom::tags::SOPClassUID), kDxClass);
  EXPECT_EQ(text(object, {0x0020, 0x0052}), "1.2.840.10008.1.4.1.1");
  EXPECT_EQ(text(object, {0x0008, 0x010C}), dicom::mapped_uid(secret(), "1.2.3.4.77").value);
}

TEST(Deidentify, ActsOnEveryValueOfAUidList) {
  Dataset object = xray();
  object.put_text({0x0008, 0x0058}, vr::UI, "1.2.3.1\\1.2.3.2");
  run(object);
  EXPECT_EQ(text(object, {0x0008, 0x0058}), dicom::mapped_uid(secret(), "1.2.3.1").value + "\\" +
                                                dicom::mapped_uid(secret(), "1.2.3.2").value);
}

TEST(Deidentify, SaysWhatItDidAndKeepsWhatOthersSaid) {
  Dataset object = xray();
  object.put_text({0x0012, 0x0063}, vr::LO, "Tool A");
  run(object);
  const std::string ours = "Veilroute basic " + basic()->version.value.substr(0, 12);
  EXPECT_EQ(text(object, {0x0012, 0x0062}), "YES");
  EXPECT_EQ(text(object, {0x0012, 0x0063}), "Tool A\\" + ours);
  EXPECT_EQ(text(object, {0x0028, 0x0303}), "REMOVED");
  ASSERT_EQ(object.find({0x0012, 0x0064})->items.size(), 1U);
  EXPECT_EQ(text(object.find({0x0012, 0x0064})->items[0], {0x0008, 0x0100}), "113100");
  run(object);  // again, as a second node would
  EXPECT_EQ(text(object, {0x0012, 0x0063}), "Tool A\\" + ours);
  EXPECT_EQ(object.find({0x0012, 0x0064})->items.size(), 1U);
}

TEST(Deidentify, GivesNameIdAndAccessionTheirPseudonyms) {
  Dataset object = xray();
  Dataset::remove(object.root(), dicom::tags::PatientName);
  const DeidReport report = run(object);
  EXPECT_EQ(text(object, dicom::tags::PatientName), "VR-TEST-0001");
  EXPECT_EQ(text(object, dicom::tags::PatientID), "VR-TEST-0001");
  EXPECT_EQ(text(object, dicom::tags::AccessionNumber), "ACC-TEST-1");
  EXPECT_EQ(report.restore.at("PatientID"), "MRN-554433");
  EXPECT_EQ(report.restore.at("AccessionNumber"), "A998877");
}

TEST(Deidentify, GivesTheSameBytesForTheSameInput) {
  Dataset first = xray();
  Dataset second = xray();
  run(first);
  run(second);
  const auto a = dicom::write_dataset(first);
  const auto b = dicom::write_dataset(second);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->own, b->own);
}

TEST(Deidentify, LeavesIdentifiedTreatmentAlone) {
  Profile identified;
  identified.deidentifies = false;
  Dataset object = xray();
  object.put_text({0x0009, 0x0010}, vr::LO, "ACME 1.1");
  EXPECT_TRUE(run(object, identified).changes.empty());
  EXPECT_EQ(text(object, dicom::tags::PatientName), "PHANTOM^ONE");
  EXPECT_EQ(text(object, {0x0009, 0x0010}), "ACME 1.1");
}

}  // namespace
}  // namespace veilroute::profiles

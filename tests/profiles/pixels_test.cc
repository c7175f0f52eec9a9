// The header triage of pixels, by table; and where native pixels end.
#include "profiles/pixels.h"

#include <gtest/gtest.h>

#include "tests/profiles/objects.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

constexpr std::string_view kCtStorage = "1.2.840.10008.5.1.4.1.1.2";

Dataset ct() {
  Dataset object = xray();
  object.put_text(dicom::tags::SOPClassUID, vr::UI, kCtStorage);
  object.put_text(dicom::tags::Modality, vr::CS, "CT");
  object.put_text({0x0008, 0x0008}, vr::CS, "ORIGINAL\\PRIMARY\\AXIAL");
  return object;
}

struct Sign {
  const char* what;
  const char* reason;
  Tag tag;
  dicom::Vr vr;
  std::string_view value;
};

const Sign kSigns[] = {
    {"text is said to be burned in",
     "pixels.burned-in-annotation",
     {0x0028, 0x0301},
     vr::CS,
     "YES"},
    {"an odd word about it", "pixels.burned-in-annotation", {0x0028, 0x0301}, vr::CS, "MAYBE"},
    {"NO lowers nothing and raises nothing", "", {0x0028, 0x0301}, vr::CS, "NO"},
    {"secondary capture",
     "pixels.secondary-capture",
     {0x0008, 0x0016},
     vr::UI,
     "1.2.840.10008.5.1.4.1.1.7"},
    {"multi-frame secondary capture",
     "pixels.secondary-capture",
     {0x0008, 0x0016},
     vr::UI,
     "1.2.840.10008.5.1.4.1.1.7.4"},
    {"ultrasound", "pixels.ultrasound", {0x0008, 0x0016}, vr::UI, "1.2.840.10008.5.1.4.1.1.6.1"},
    {"ultrasound, multi-frame",
     "pixels.ultrasound",
     {0x0008, 0x0016},
     vr::UI,
     "1.2.840.10008.5.1.4.1.1.3.1"},
    {"angiography", "pixels.angiography", {0x0008, 0x0016}, vr::UI, "1.2.840.10008.5.1.4.1.1.12.1"},
    {"fluoroscopy", "pixels.angiography", {0x0008, 0x0016}, vr::UI, "1.2.840.10008.5.1.4.1.1.12.2"},
    {"a photograph",
     "pixels.visible-light",
     {0x0008, 0x0016},
     vr::UI,
     "1.2.840.10008.5.1.4.1.1.77.1.4"},
    {"a class nobody knows", "pixels.unknown-class", {0x0008, 0x0016}, vr::UI, "1.2.3"},
    {"mammography", "", {0x0008, 0x0016}, vr::UI, "1.2.840.10008.5.1.4.1.1.1.2"},
    {"computed radiography", "", {0x0008, 0x0016}, vr::UI, "1.2.840.10008.5.1.4.1.1.1"},
    {"derived for presentation, as DX may be", "", {0x0008, 0x0008}, vr::CS, "DERIVED\\PRIMARY"},
    {"secondary", "pixels.image-type-secondary", {0x0008, 0x0008}, vr::CS, "DERIVED\\SECONDARY"},
    {"a screen save",
     "pixels.image-type-screen",
     {0x0008, 0x0008},
     vr::CS,
     "ORIGINAL\\PRIMARY\\SCREEN SAVE"},
    {"a dose page",
     "pixels.image-type-dose",
     {0x0008, 0x0008},
     vr::CS,
     "ORIGINAL\\PRIMARY\\DOSE_INFO"},
    {"a drawn localizer",
     "pixels.image-type-localizer",
     {0x0008, 0x0008},
     vr::CS,
     "DERIVED\\PRIMARY\\LOCALIZER"},
    {"a localizer from the detector", "", {0x0008, 0x0008}, vr::CS, "ORIGINAL\\PRIMARY\\LOCALIZER"},
    {"an odd image type", "pixels.image-type-odd", {0x0008, 0x0008}, vr::CS, "COPY\\PRIMARY"},
    {"colour", "pixels.colour", {0x0028, 0x0004}, vr::CS, "RGB"},
    {"palette colour", "pixels.colour", {0x0028, 0x0004}, vr::CS, "PALETTE COLOR"},
    {"a conversion", "pixels.conversion-type", {0x0008, 0x0064}, vr::CS, "DF"},
    {"a capture device", "pixels.capture-device", {0x0018, 0x1016}, vr::LO, "ACME"},
    {"a modality of captures", "pixels.modality", {0x0008, 0x0060}, vr::CS, "OT"},
    {"a series of reports", "pixels.description", {0x0008, 0x103E}, vr::LO, "Dose Report"},
    {"a series of screens", "pixels.description", {0x0008, 0x103E}, vr::LO, "screen captures"},
    {"screening is no screen", "", {0x0008, 0x103E}, vr::LO, "Screening left"},
};

TEST(Pixels, EachSignInAProjectionXrayHasItsReason) {
  for (const Sign& sign : kSigns) {
    SCOPED_TRACE(sign.what);
    Dataset object = xray();
    object.put_text(sign.tag, sign.vr, sign.value);
    EXPECT_EQ(judge_pixels(object).reason, sign.reason);
  }
}

TEST(Pixels, ScannersAreHeldToMore) {
  EXPECT_EQ(judge_pixels(ct()).reason, "");
  Dataset object = ct();
  put_short(object, {0x0028, 0x0101}, 8);
  EXPECT_EQ(judge_pixels(object).reason, "pixels.eight-bit");
  object = ct();
  Dataset::remove(object.root(), {0x0008, 0x0008});
  EXPECT_EQ(judge_pixels(object).reason, "pixels.image-type-missing");
  Dataset projection = xray();
  Dataset::remove(projection.root(), {0x0008, 0x0008});
  put_short(projection, {0x0028, 0x0101}, 8);
  EXPECT_EQ(judge_pixels(projection).reason, "");
}

TEST(Pixels, NuclearMedicineIsLookedAtLikeAnXray) {
  Dataset page = ct();
  page.put_text(dicom::tags::SOPClassUID, vr::UI, "1.2.840.10008.5.1.4.1.1.20");
  page.put_text(dicom::tags::Modality, vr::CS, "NM");
  page.put_text({0x0008, 0x0008}, vr::CS, "ORIGINAL\\PRIMARY\\WHOLE BODY\\EMISSION");
  EXPECT_EQ(judge_pixels(page).reason, "");
  page.put_text({0x0008, 0x103E}, vr::LO, "Report");
  EXPECT_EQ(judge_pixels(page).reason, "pixels.description");
  page.put_text({0x0008, 0x0008}, vr::CS, "DERIVED\\SECONDARY\\RESULT");
  EXPECT_EQ(judge_pixels(page).reason, "pixels.image-type-secondary");
}

TEST(Pixels, SuspicionHoldsTheObjectUnlessADocumentTrustsTheSource) {
  Dataset object = xray();
  object.put_text({0x0028, 0x0301}, vr::CS, "YES");
  const DeidReport held = run(object);
  EXPECT_EQ(held.pixels, "suspicious: pixels.burned-in-annotation");
  EXPECT_EQ(rules_of(held), std::vector<std::string>{"pixels.burned-in-annotation"});
  object = xray();
  object.put_text({0x0028, 0x0301}, vr::CS, "YES");
  const DeidReport trusted = run(object, *basic(), {"DUA 1"});
  EXPECT_EQ(trusted.pixels, "trusted");
  EXPECT_TRUE(trusted.problems.empty());
  object = xray();
  Dataset::remove(object.root(), dicom::tags::PixelData);
  EXPECT_EQ(run(object).pixels, "none");
}

TEST(Pixels, NativeLengthFollowsTheHeader) {
  struct Case {
    const char* what;
    std::uint16_t rows, columns, samples, bits;
    const char* frames;
    const char* photometric;
    std::optional<std::uint64_t> bytes;
  };
  const Case kCases[] = {
      {"16 bits", 2, 4, 1, 16, "", "MONOCHROME2", 16},
      {"an odd number of bytes is padded", 3, 3, 1, 8, "", "MONOCHROME2", 10},
      {"single bits over all frames", 3, 3, 1, 1, "2", "MONOCHROME2", 4},
      {"frames", 2, 4, 1, 16, "3", "MONOCHROME2", 48},
      {"colour", 2, 4, 3, 8, "", "RGB", 24},
      {"subsampled colour", 2, 4, 3, 8, "", "YBR_FULL_422", 16},
      {"twelve bits packed", 2, 4, 1, 12, "", "MONOCHROME2", 12},
      {"no number of frames", 2, 4, 1, 16, "many", "MONOCHROME2", std::nullopt},
      {"more frames than there can be", 2, 4, 1, 16, "99999999999", "MONOCHROME2", std::nullopt},
      {"no frame", 2, 4, 1, 16, "0", "MONOCHROME2", std::nullopt},
      {"no row", 0, 4, 1, 16, "", "MONOCHROME2", std::nullopt},
      {"no column", 2, 0, 1, 16, "", "MONOCHROME2", std::nullopt},
      {"no sample", 2, 4, 0, 16, "", "MONOCHROME2", std::nullopt},
      {"no bit", 2, 4, 1, 0, "", "MONOCHROME2", std::nullopt},
      {"an absurd depth", 2, 4, 1, 4096, "", "MONOCHROME2", std::nullopt},
  };
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.what);
    Dataset object = xray();
    put_short(object, {0x0028, 0x0002}, each.samples);
    put_short(object, {0x0028, 0x0010}, each.rows);
    put_short(object, {0x0028, 0x0011}, each.columns);
    put_short(object, {0x0028, 0x0100}, each.bits);
    object.put_text({0x0028, 0x0004}, vr::CS, each.photometric);
    object.put_text({0x0028, 0x0008}, vr::IS, each.frames);
    EXPECT_EQ(native_length_bytes(object, dicom::tags::PixelData), each.bytes);
  }
}

}  // namespace
}  // namespace veilroute::profiles

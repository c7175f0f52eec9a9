// Overlays in the unused bits of pixels: masked where that is safe, else the object stays.
#include "profiles/overlay_mask.h"

#include <gtest/gtest.h>

#include "tests/profiles/stripped.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

constexpr Tag kPosition{0x6000, 0x0102}, kAllocated{0x6000, 0x0100}, kHighBit{0x0028, 0x0102},
    kRepresentation{0x0028, 0x0103}, kStored{0x0028, 0x0101};

struct Header {
  std::uint16_t stored = 12;
  std::uint16_t high = 11;
  std::uint16_t representation = 0;
  std::uint16_t position = 12;
};

/// Eight samples of 16 bits, as they are encoded, in a data set of that syntax.
Bytes xray_with(const Header& header, const std::vector<std::uint16_t>& samples,
                std::string_view syntax, std::size_t surplus = 0) {
  const auto found = dicom::find_transfer_syntax({std::string(syntax)}).value();
  Dataset object(found);
  const Dataset source = xray();
  for (const Element& element : source.elements()) {
    if (element.vr == vr::US || element.tag == dicom::tags::PixelData) continue;
    object.put_bytes(object.root(), element.tag, element.vr, element.value);
  }
  const auto put = [&object](Tag tag, std::uint16_t number) {
    object.put_u16(object.root(), tag, vr::US, number);
  };
  put({0x0028, 0x0002}, 1);
  put({0x0028, 0x0010}, 2);
  put({0x0028, 0x0011}, 4);
  put({0x0028, 0x0100}, 16);
  put(kStored, header.stored);
  put(kHighBit, header.high);
  put(kRepresentation, header.representation);
  put(kAllocated, 16);
  put(kPosition, header.position);
  Bytes pixels;
  for (const std::uint16_t sample : samples) {
    const auto low = static_cast<std::uint8_t>(sample & 0xFFU);
    const auto high = static_cast<std::uint8_t>(sample >> 8U);
    pixels.push_back(found.big_endian ? high : low);
    pixels.push_back(found.big_endian ? low : high);
  }
  pixels.resize(pixels.size() + surplus, 0xEE);
  object.put_bytes(object.root(), dicom::tags::PixelData, vr::OW, pixels);
  return dicom::write_dataset(object).value().own;
}

std::vector<std::uint16_t> last_samples(const Bytes& sent, bool big_endian) {
  std::vector<std::uint16_t> samples;
  for (std::size_t at = sent.size() - 16; at < sent.size(); at += 2) {
    samples.push_back(static_cast<std::uint16_t>(big_endian ? (sent[at] << 8U) | sent[at + 1]
                                                            : (sent[at + 1] << 8U) | sent[at]));
  }
  return samples;
}

TEST(OverlayMask, LetsOnlyThePicturesBitsLeave) {
  struct {
    const char* what;
    Header header;
    std::vector<std::uint16_t> before;
    std::vector<std::uint16_t> after;
  } const kCases[] = {
      {"high bits of unsigned samples",
       {12, 11, 0, 12},
       {0x0000, 0xF000, 0x1FFF, 0x0ABC, 0x8ABC, 0x7001, 0xFFFF, 0x0FFF},
       {0x0000, 0x0000, 0x0FFF, 0x0ABC, 0x0ABC, 0x0001, 0x0FFF, 0x0FFF}},
      {"high bits of signed samples",
       {12, 11, 1, 15},
       {0x0000, 0xF000, 0x1FFF, 0x0ABC, 0x87BC, 0x7800, 0xFFFF, 0x07FF},
       {0x0000, 0x0000, 0xFFFF, 0xFABC, 0x07BC, 0xF800, 0xFFFF, 0x07FF}},
      {"low bits",
       {12, 15, 0, 0},
       {0x0000, 0x000F, 0xFFF1, 0xABC5, 0x1230, 0x8008, 0xFFFF, 0xFFF0},
       {0x0000, 0x0000, 0xFFF0, 0xABC0, 0x1230, 0x8000, 0xFFF0, 0xFFF0}},
  };
  for (const auto& one : kCases) {
    for (const std::string_view syntax : {dicom::kExplicitLittleEndian, dicom::kExplicitBigEndian,
                                          dicom::kImplicitLittleEndian, dicom::kDeflated}) {
      // "low bits" has position 0, which says that the overlay stands apart; allocated says not.
      SCOPED_TRACE(std::string(one.what) + ", " + std::string(syntax));
      const auto found = dicom::find_transfer_syntax({std::string(syntax)}).value();
      Received received(found, xray_with(one.header, one.before, syntax, found.deflated ? 0 : 10));
      const DeidReport report = received.prepare();
      ASSERT_TRUE(report.problems.empty()) << report.problems.front().rule;
      EXPECT_TRUE(std::any_of(report.changes.begin(), report.changes.end(), [](const Change& each) {
        return each.rule == "overlay in the pixels";
      }));
      EXPECT_EQ(received.verify(), std::vector<std::string>{});
      EXPECT_EQ(received.object.find(kPosition), nullptr);
      if (found.deflated) {
        Bytes pixels(received.object.find(dicom::tags::PixelData)->value.begin(),
                     received.object.find(dicom::tags::PixelData)->value.end());
        EXPECT_EQ(last_samples(pixels, false), one.after);
      } else {
        EXPECT_EQ(last_samples(received.sent(), found.big_endian), one.after);
      }
    }
  }
}

TEST(OverlayMask, LeavesToRefusalWhatCannotBeToldFromThePicture) {
  struct {
    const char* what;
    Header header;
    std::function<void(Dataset&)> change;
  } const kCases[] = {
      {"a bit of the picture", {12, 11, 0, 11}, {}},
      {"a bit that there is not", {12, 11, 0, 16}, {}},
      {"more bits stored than there are", {12, 10, 0, 12}, {}},
      {"no bits stored", {0, 11, 0, 12}, {}},
      {"neither signed nor unsigned", {12, 11, 2, 12}, {}},
      {"no high bit",
       {12, 11, 0, 12},
       [](Dataset& object) { Dataset::remove(object.root(), kHighBit); }},
      {"samples of 32 bits",
       {12, 11, 0, 12},
       [](Dataset& object) {
         put_short(object, {0x0028, 0x0100}, 32);
       }},
      {"a second overlay in the picture",
       {12, 11, 0, 12},
       [](Dataset& object) {
         put_short(object, {0x6002, 0x0102}, 3);
       }},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.what);
    Received received(
        dicom::find_transfer_syntax({std::string(dicom::kExplicitLittleEndian)}).value(),
        xray_with(one.header, std::vector<std::uint16_t>(8, 0xFFFF), dicom::kExplicitLittleEndian));
    if (one.change) one.change(received.object);
    EXPECT_TRUE(has(rules_of(received.prepare()), "deid.overlay-in-pixels"));
  }
  Received compressed(test::kBaseline, test::fragments_of({{test::jpeg("")}}, false), "1",
                      [](Dataset& object) { put_short(object, kPosition, 12); });
  EXPECT_TRUE(has(rules_of(compressed.prepare()), "deid.overlay-in-pixels"));
}

TEST(OverlayMask, IsHeldToWhatTheHeaderSays) {
  const auto syntax =
      dicom::find_transfer_syntax({std::string(dicom::kExplicitLittleEndian)}).value();
  Received received(
      syntax, xray_with({}, std::vector<std::uint16_t>(8, 0xFFFF), dicom::kExplicitLittleEndian));
  ASSERT_TRUE(received.prepare().problems.empty());
  ASSERT_EQ(received.verify(), std::vector<std::string>{});
  const auto pixels =
      std::find_if(received.copy.record.pieces.begin(), received.copy.record.pieces.end(),
                   [](const dicom::Piece& piece) { return !piece.own; });
  ASSERT_NE(pixels, received.copy.record.pieces.end());
  const dicom::SampleMask right = pixels->mask;
  for (const auto& change : std::vector<std::function<void(dicom::SampleMask&)>>{
           [](dicom::SampleMask& mask) { mask.bits_stored = 11; },
           [](dicom::SampleMask& mask) { mask.high_bit = 12; },
           [](dicom::SampleMask& mask) { mask.sample_bytes = 1; },
           [](dicom::SampleMask& mask) { mask.is_signed = true; },
           [](dicom::SampleMask& mask) { mask.big_endian = true; }}) {
    pixels->mask = right;
    change(pixels->mask);
    EXPECT_EQ(received.verify(), std::vector<std::string>{"verify.pieces"});
  }
  pixels->mask = right;
  received.copy.record.pieces.front().mask = right;  // bytes of our own
  EXPECT_EQ(received.verify(), std::vector<std::string>{"verify.pieces"});
}

}  // namespace
}  // namespace veilroute::profiles

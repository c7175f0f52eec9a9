// The second reading of compressed frames: it sees every byte of a picture, and none beside it.
#include "core/dicom/picture_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/codestreams.h"
#include "tests/support/encapsulated.h"
#include "tests/support/mutate.h"

namespace veilroute::dicom {
namespace {

using namespace test;

Result<PictureReading> reading_of(const char* syntax, const std::string& fragments,
                                  std::uint64_t frames) {
  MemorySource source(as_bytes(fragments));
  return read_picture(source, 0, fragments.size(), Uid{syntax}, {frames, 2, 4});
}

PictureReading read(const char* syntax, const std::vector<FrameParts>& frames) {
  const auto reading = reading_of(syntax, fragments_of(frames, true), frames.size());
  EXPECT_TRUE(reading.ok());
  return reading.ok() ? *reading : PictureReading{};
}

std::string open_ended() {
  std::string stream = jpeg_2000("");
  return stream.replace(stream.find("\xFF\x90") + 6, 4, "\0\0\0\0"s);
}

struct Picture {
  const char* syntax;
  std::string frame;
};

const std::vector<Picture>& pictures() {
  static const std::vector<Picture> kPictures = {
      {kBaseline,
       jpeg(segment(0xE0, "JFIF\0\1\1\0\0\1\0\1\0\0"s) + segment(0xEE, "Adobe\0d\0\0\0\0\1"s))},
      {kJpegLs, "\xFF\xD8"s + segment(0xE8, "mrfx\1") + segment(0xF7, "frame") +
                    segment(0xDA, "scan") + "data\xFF\x7F\xFF\1more"s + kEnd},
      {kJpeg2000, jpeg_2000(segment(0x55, "tile lengths"), segment(0x58, "packet lengths"))},
      {kJpeg2000, open_ended()},
      {kRle, rle({kPlane, kPlane})},
  };
  return kPictures;
}

TEST(PictureReader, SeesEveryByteOfAPicture) {
  for (const Picture& picture : pictures()) {
    const Digest whole = read(picture.syntax, {{picture.frame}}).digest;
    for (std::size_t i = 0; i < picture.frame.size(); ++i) {
      std::string changed = picture.frame;
      changed[i] ^= 1;
      const auto reading = reading_of(picture.syntax, fragments_of({{changed}}, true), 1);
      // JFIF says no more to a decoder in the two bytes of an empty thumbnail.
      const std::size_t jfif = picture.frame.find("JFIF");
      const bool thumbnail = jfif != picture.frame.npos && i >= jfif + 12 && i < jfif + 14;
      // Nor does RLE in the offsets of segments that there are not.
      const bool unused = picture.syntax == std::string(kRle) && i >= 12 && i < 64;
      if (thumbnail || unused) continue;
      EXPECT_TRUE(!reading.ok() || reading->digest != whole) << picture.syntax << ", byte " << i;
    }
  }
}

TEST(PictureReader, SeesFramesApartAndInOrder) {
  const std::string one = jpeg(""), other = jpeg(segment(0xEE, "Adobe\0d\0\0\0\0\1"s));
  const Digest both = read(kBaseline, {{one}, {other}}).digest;
  EXPECT_NE(both, read(kBaseline, {{other}, {one}}).digest);
  EXPECT_NE(both, read(kBaseline, {{one}}).digest);
  EXPECT_EQ(both, read(kBaseline, {{one.substr(0, 20), one.substr(20)}, {other}}).digest);
  EXPECT_EQ(read(kBaseline, {{one}, {other}}).frames, 2U);
  // What stands behind the last frame is not looked at.
  const auto reading = reading_of(kBaseline, fragments_of({{one}, {other}}, false, {"text"}), 2);
  ASSERT_TRUE(reading.ok());
  EXPECT_EQ(reading->digest, both);
}

TEST(PictureReader, TellsAnOffsetTableThatLies) {
  const std::vector<FrameParts> frames = {{jpeg("")}, {jpeg("")}};
  EXPECT_TRUE(reading_of(kBaseline, fragments_of(frames, false), 2)->offset_table_is_true);
  EXPECT_TRUE(reading_of(kBaseline, fragments_of(frames, true), 2)->offset_table_is_true);
  for (std::size_t i = 8; i < 16; ++i) {
    std::string changed = fragments_of(frames, true);
    changed[i] ^= 2;
    EXPECT_FALSE(reading_of(kBaseline, changed, 2)->offset_table_is_true) << i;
  }
}

TEST(PictureReader, FailsForWhatHasNoFrames) {
  const std::string whole = fragments_of({{jpeg("")}}, true);
  for (const std::string& broken :
       {""s, whole.substr(0, 7), whole.substr(0, whole.size() - 8), whole + "\0"s,
        whole.substr(0, whole.size() - 1), "text that is no item at all"s,
        fragments_of({{"\xFF\xD8\xFF\xDA\0\1"s}}, false), fragments_of({{"text"}}, false)}) {
    const auto reading = reading_of(kBaseline, broken, 2);
    ASSERT_FALSE(reading.ok());
    EXPECT_EQ(reading.error().slug, "picture.unreadable");
  }
}

TEST(PictureReader, SaysTheDisksErrors) {
  class Broken final : public ByteSource {
   public:
    [[nodiscard]] std::uint64_t size_bytes() const override { return 100; }
    Result<void> read_at(std::uint64_t, std::span<std::uint8_t>) override {
      return make_error(ErrorKind::unavailable, "file.failed", "error 5");
    }
  } broken;
  const auto reading = read_picture(broken, 0, 100, Uid{kBaseline}, {1, 2, 4});
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.error().slug, "file.failed");
}

TEST(PictureReader, ComesToAnEndWithAnything) {
  std::mt19937 random(52);
  for (const Picture& picture : pictures()) {
    const std::string whole = fragments_of({{picture.frame}, {picture.frame}}, true);
    for (int round = 0; round < 1000; ++round) {
      const Bytes damaged = mutated(Bytes(whole.begin(), whole.end()), random);
      MemorySource source(damaged);
      const auto reading = read_picture(source, 0, damaged.size(), Uid{picture.syntax}, {2, 2, 4});
      EXPECT_TRUE(!reading.ok() || reading->frames <= 2);
    }
  }
}

}  // namespace
}  // namespace veilroute::dicom

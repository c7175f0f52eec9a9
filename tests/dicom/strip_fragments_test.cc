// Fragments without what stands beside the picture: byte for byte those of a device that never
// wrote it.
#include "core/dicom/strip_fragments.h"

#include <gtest/gtest.h>

#include <ctime>
#include <random>

#include "core/dicom/picture_reader.h"
#include "tests/support/codestreams.h"
#include "tests/support/encapsulated.h"
#include "tests/support/mutate.h"

namespace veilroute::dicom {
namespace {

using namespace test;

struct Planted {
  const char* name;
  const char* syntax;
  std::vector<FrameParts> frames;
  std::vector<FrameParts> left;  ///< empty: it cannot be done
  FrameParts behind{};
};

const std::string kJfif = segment(0xE0, "JFIF\0\1\1\0\0\1\0\1\0\0"s);
const std::string kAdobe = segment(0xEE, "Adobe\0d\0\0\0\0\1"s);
const std::string kExif = segment(0xE1, "Exif\0\0MM\0*PHANTOM^ONE"s);
const std::string kLong = segment(0xE2, "ICC_PROFILE\0"s + std::string(60'000, 'P'));
const std::string kWords = segment(0xFE, "PHANTOM^ONE");
const std::string kName2000 = segment(0x64, "\0\1PHANTOM^ONE"s);

std::string jpeg_ls(const std::string& segments, const std::string& rest = "") {
  return "\xFF\xD8"s + segments + segment(0xF7, "frame") + segment(0xDA, "scan") +
         "data\xFF\x7F\xFF\1more"s + kEnd + rest;
}

std::string open_ended(const std::string& tile) {
  std::string stream = jpeg_2000("", tile);
  stream.replace(jpeg_2000("").find("\xFF\x90") + 6, 4, "\0\0\0\0"s);
  return stream;
}

std::vector<Planted> jpeg_cases() {
  return {
      {"EXIF", kBaseline, {{jpeg(kExif)}}, {{jpeg("")}}},
      {"a comment", kBaseline, {{jpeg(kWords)}}, {{jpeg("")}}},
      {"all at once",
       kBaseline,
       {{jpeg(kJfif + kExif + kLong + kWords + kAdobe + kWords, "PHANTOM")}},
       {{jpeg(kJfif + kAdobe)}}},
      {"JFIF with a thumbnail",
       kBaseline,
       {{jpeg(segment(0xE0, "JFIF\0\1\1\0\0\1\0\1\2\2PHANTOM^ONE+"s))}},
       {{jpeg(kJfif)}}},
      {"JFIF's extension with a thumbnail",
       kBaseline,
       {{jpeg(kJfif + segment(0xE0, "JFXX\0\x10PHANTOM"s))}},
       {{jpeg(kJfif)}}},
      {"a JFIF too short to be one", kBaseline, {{jpeg(segment(0xE0, "JFIF\0\1\1"s))}}, {{jpeg("")}}},
      {"Adobe and a little more",
       kBaseline,
       {{jpeg(segment(0xEE, "Adobe\0d\0\0\0\0\1PHANTOM"s))}},
       {{jpeg(kAdobe)}}},
      {"another's application segment 14",
       kBaseline,
       {{jpeg(segment(0xEE, "PHANTOM"))}},
       {{jpeg("")}}},
      {"a segment with fill bytes before it",
       kBaseline,
       {{"\xFF\xD8"s + "\xFF\xFF" + kWords + jpeg("").substr(2)}},
       {{jpeg("")}}},
      {"a comment between scans",
       kBaseline,
       {{"\xFF\xD8"s + segment(0xC2, "frame") + kScan + kWords + kScan + kEnd}},
       {{"\xFF\xD8"s + segment(0xC2, "frame") + kScan + kScan + kEnd}}},
      {"an encoder's comment stays",
       kBaseline,
       {{jpeg(segment(0xFE, "LEAD Technologies Inc. V1.01\0"s) + kWords)}},
       {{jpeg(segment(0xFE, "LEAD Technologies Inc. V1.01\0"s))}}},
  };
}

std::vector<Planted> frame_cases() {
  return {
      {"bytes behind the end", kBaseline, {{jpeg("", "PHANTOM^ONE")}}, {{jpeg("")}}},
      {"the second of three frames",
       kBaseline,
       {{jpeg("")}, {jpeg(kWords)}, {jpeg("")}},
       {{jpeg("")}, {jpeg("")}, {jpeg("")}}},
      {"every frame",
       kBaseline,
       {{jpeg(kWords)}, {jpeg(kExif, "PHANTOM")}, {jpeg(kWords + kExif)}},
       {{jpeg("")}, {jpeg("")}, {jpeg("")}}},
      {"a frame of one byte's padding",
       kBaseline,
       {{jpeg("", "\x20")}, {jpeg(kWords)}},
       {{jpeg("", "\x20")}, {jpeg("")}}},
      {"a comment over three fragments",
       kBaseline,
       {{jpeg(kWords).substr(0, 6), jpeg(kWords).substr(6, 6), jpeg(kWords).substr(12)},
        {jpeg("").substr(0, 30), jpeg("").substr(30)}},
       {{jpeg("")}, {jpeg("").substr(0, 30), jpeg("").substr(30)}}},
      {"two fragments, and an empty one between them",
       kBaseline,
       {{jpeg(kWords).substr(0, 30), "", jpeg(kWords).substr(30)}},
       {{jpeg("")}}},
      {"a fragment behind the last frame",
       kBaseline,
       {{jpeg("")}, {jpeg("")}},
       {{jpeg("")}, {jpeg("")}},
       {"PHANTOM^ONE"}},
      {"frames behind the last frame",
       kBaseline,
       {{jpeg(kWords)}},
       {{jpeg("")}},
       {jpeg(""), "", "PHANTOM"}},
      {"a frame that does not end", kBaseline, {{"\xFF\xD8"s + kWords + kScan}}, {}},
      {"an unknown marker", kBaseline, {{jpeg(kWords + segment(0xF3, "PHANTOM"))}}, {}},
      {"JPEG-LS with a SPIFF entry",
       kJpegLs,
       {{jpeg_ls(segment(0xE8, "SPIFF\0"s + std::string(24, '\1')) +
                 segment(0xE8, "\0\0\0\4PHANTOM"s) + segment(0xE8, "\0\0\0\1\xFF\xD8"s))}},
       {{jpeg_ls(segment(0xE8, "SPIFF\0"s + std::string(24, '\1')) +
                 segment(0xE8, "\0\0\0\1\xFF\xD8"s))}}},
      {"JPEG-LS with HP's colours and a comment",
       kJpegLs,
       {{jpeg_ls(segment(0xE8, "mrfx\2") + kWords, "PHANTOM")}},
       {{jpeg_ls(segment(0xE8, "mrfx\2"))}}},
  };
}

std::vector<Planted> other_cases() {
  return {
      {"JPEG 2000 with a comment", kJpeg2000, {{jpeg_2000(kName2000)}}, {{jpeg_2000("")}}},
      {"JPEG 2000 with a binary one",
       kJpeg2000,
       {{jpeg_2000(segment(0x64, "\0\0\1\2\3"s))}},
       {{jpeg_2000("")}}},
      {"JPEG 2000 with comments in a tile-part",
       kJpeg2000,
       {{jpeg_2000(kName2000, kName2000 + segment(0x58, "lengths") + kName2000)}},
       {{jpeg_2000("", segment(0x58, "lengths"))}}},
      {"a tile-part up to the end", kJpeg2000, {{open_ended(kName2000)}}, {{open_ended("")}}},
      {"tile-parts whose lengths are listed",
       kJpeg2000,
       {{jpeg_2000(segment(0x55, "lengths"), kName2000)}},
       {}},
      {"lengths are listed, the comment is elsewhere",
       kJpeg2000,
       {{jpeg_2000(segment(0x55, "lengths") + kName2000)}},
       {{jpeg_2000(segment(0x55, "lengths"))}}},
      {"HTJ2K",
       kHtj2k,
       {{jpeg_2000(segment(0x50, "caps") + kName2000) + "PHANTOM"}},
       {{jpeg_2000(segment(0x50, "caps"))}}},
      {"a JP2 file",
       kJpeg2000,
       {{jp2(jpeg_2000(kName2000), box("res ", "PHANTOM")) + box("xml ", "<PHANTOM/>")}},
       {{jpeg_2000("")}}},
      {"a JP2 file with boxes of 64-bit lengths",
       kJpeg2000,
       {{box("jP  ", "\r\n\x87\n") + "\0\0\0\1uuid\0\0\0\0\0\0\0\x17PHANTOM"s +
         box("jp2c", jpeg_2000(""))}},
       {{jpeg_2000("")}}},
      {"a JP2 file over two fragments",
       kJpeg2000,
       {{jp2(jpeg_2000("")).substr(0, 34), jp2(jpeg_2000("")).substr(34)}},
       {{jpeg_2000("")}}},
      {"a JP2 file with a palette", kJpeg2000, {{jp2(jpeg_2000(""), box("pclr", "colours"))}}, {}},
      {"a JP2 file with its channels in another order",
       kJpeg2000,
       {{jp2(jpeg_2000(""), box("cdef", "bgr"))}},
       {}},
      {"a JP2 file without a codestream", kJpeg2000, {{box("jP  ", "\r\n\x87\n")}}, {}},
      {"RLE with a name behind it", kRle, {{rle({kPlane + "PHANTOM^ONE"})}}, {{rle({kPlane})}}},
      {"RLE with names between planes",
       kRle,
       {{rle({kPlane + "PHANTOM^ONE", kPlane + "\0PHANTOM"s, kPlane})}, {rle({kPlane})}},
       {{rle({kPlane, kPlane, kPlane})}, {rle({kPlane})}}},
      {"RLE whose planes are odd",
       kRle,
       {{rle({"\x80"s + kPlane + "PHANTOM", "\x80"s + kPlane + "PHANTOM"})}},
       {{rle({"\x80"s + kPlane + "\0"s, "\x80"s + kPlane})}}},
      {"RLE with a name in its header", kRle, {{rle({kPlane}, "PHANTOM^")}}, {{rle({kPlane})}}},
      {"RLE with a run beyond the picture", kRle, {{rle({"\xFC\x11\x0DPHANTOM^ONE+++"s})}}, {}},
      {"RLE with a fragment behind it", kRle, {{rle({kPlane})}}, {{rle({kPlane})}}, {"PHANTOM"}},
      {"a syntax that is not walked", "1.2.840.10008.1.2.4.110", {{"\xFF\x0APHANTOM"}}, {}},
  };
}

/// The data set around the fragments, and what the scanner says of it.
struct Scanned {
  Scanned(const char* uid, const std::string& fragments, std::uint64_t frames)
      : syntax(find_transfer_syntax(Uid{uid}).value()),
        bytes(encapsulated(fragments, frames)),
        shape{frames, 2, 4} {
    const ScanFacts facts = support::scan(bytes, syntax);
    EXPECT_FALSE(facts.problem.has_value());
    if (!facts.large.empty()) pixels = facts.large.front();
  }
  std::shared_ptr<const PiecedValue> strip() const {
    MemorySource source(bytes);
    const auto stripped = strip_fragments(source, pixels, syntax, shape);
    EXPECT_TRUE(stripped.ok());
    return stripped.ok() ? *stripped : nullptr;
  }
  std::string put_together(const PiecedValue& value) const {
    const Bytes all = support::materialise({value.own, value.pieces}, bytes);
    return std::string(as_text(all));
  }
  PictureReading read() const {
    MemorySource source(bytes);
    const auto reading = read_picture(source, pixels.begin, pixels.end, syntax.uid, shape);
    EXPECT_TRUE(reading.ok());
    return reading.ok() ? *reading : PictureReading{};
  }
  TransferSyntax syntax;
  Bytes bytes;
  PictureShape shape;
  LargeValue pixels;
};

TEST(StripFragments, LeavesWhatACleanDeviceWouldHaveWritten) {
  std::vector<Planted> all = jpeg_cases();
  for (Planted& more : frame_cases()) all.push_back(std::move(more));
  for (Planted& more : other_cases()) all.push_back(std::move(more));
  for (const Planted& one : all) {
    for (const bool table : {false, true}) {
      SCOPED_TRACE(std::string(one.name) + (table ? ", with an offset table" : ""));
      const std::uint64_t frames = one.frames.size();
      const Scanned before(one.syntax, fragments_of(one.frames, table, one.behind), frames);
      EXPECT_NE(before.pixels.codestream, Codestream::clean);
      const auto stripped = before.strip();
      ASSERT_EQ(stripped != nullptr, !one.left.empty());
      if (stripped == nullptr) continue;
      const std::string bytes = before.put_together(*stripped);
      EXPECT_EQ(stripped->length_bytes(), bytes.size());
      EXPECT_EQ(bytes.find("PHANTOM"), bytes.npos);
      EXPECT_EQ(bytes, fragments_of(one.left, table));
      const Scanned after(one.syntax, bytes, frames);
      EXPECT_EQ(to_string(after.pixels.codestream), "clean");
      const PictureReading reading = after.read();
      EXPECT_EQ(reading.digest, before.read().digest);
      EXPECT_EQ(reading.frames, frames);
      EXPECT_TRUE(reading.offset_table_is_true);
    }
  }
}

TEST(StripFragments, DoesNothingWhereFramesAreMissing) {
  // The second picture of the fragment may be the second frame.
  const Scanned pair(kBaseline, fragments_of({{jpeg("", jpeg(""))}}, false), 2);
  EXPECT_EQ(pair.pixels.codestream, Codestream::surplus);
  EXPECT_EQ(pair.strip(), nullptr);
}

TEST(StripFragments, LeavesCleanFragmentsAsTheyAre) {
  const std::string clean = fragments_of({{jpeg(""), ""}, {jpeg(kJfif)}}, false);
  const Scanned scanned(kBaseline, clean, 2);
  EXPECT_EQ(scanned.pixels.codestream, Codestream::clean);
  EXPECT_EQ(scanned.put_together(*scanned.strip()), clean);
}

TEST(StripFragments, RefersToTheSourceForAllThatIsCoded) {
  const Scanned scanned(kBaseline, fragments_of({{jpeg(kExif)}, {jpeg(kWords)}}, true), 2);
  const auto stripped = scanned.strip();
  ASSERT_NE(stripped, nullptr);
  EXPECT_EQ(as_text(stripped->own).find("coded"), std::string_view::npos);
  // Offset table, two item headers, padding, delimiter.
  EXPECT_LE(stripped->own.size(), 8U + 8U + 2 * 9U + 8U);
}

/// Segments that a device may write, at every place where a marker may stand.
std::string with_segments(const std::string& frame, std::mt19937& random) {
  const std::string planted = "PHANTOM" + std::string(random() % 300, '+');
  std::string out = frame.substr(0, 2);
  std::size_t at = 2;
  const auto plant = [&] {
    for (auto count = random() % 3; count > 0; --count) {
      const auto marker = random() % 4 == 0 ? 0xFEU : 0xE0U + random() % 16;
      out += segment(static_cast<unsigned char>(marker), planted);
    }
  };
  while (at < frame.size() && frame.compare(at, 2, kEnd) != 0) {
    plant();
    const auto length =
        static_cast<std::uint8_t>(frame[at + 2]) * 256U + static_cast<std::uint8_t>(frame[at + 3]);
    const bool scan = frame[at + 1] == '\xDA';
    const std::size_t end = scan ? frame.size() - 2 : at + 2 + length;
    out += frame.substr(at, end - at);
    at = end;
  }
  plant();
  return out + frame.substr(at) + (random() % 2 == 0 ? planted : "");
}

TEST(StripFragments, NoSegmentSurvivesAndNoneDamages) {
  std::mt19937 random(50);
  for (int round = 0; round < 300; ++round) {
    std::vector<FrameParts> planted, clean;
    for (auto frame = 1 + random() % 4; frame > 0; --frame) {
      const std::string bare = random() % 2 == 0 ? jpeg("") : jpeg(kJfif + kAdobe);
      const std::string dirty = with_segments(bare, random);
      const std::size_t cut = random() % dirty.rfind(kEnd);
      planted.push_back(random() % 2 == 0 ? FrameParts{dirty}
                                          : FrameParts{dirty.substr(0, cut), dirty.substr(cut)});
      clean.push_back({bare});
    }
    // A part of odd length would be padded in the middle of its frame.
    const bool even = std::all_of(planted.begin(), planted.end(), [](const FrameParts& frame) {
      return frame.size() == 1 || frame.front().size() % 2 == 0;
    });
    if (!even) continue;
    const bool table = random() % 2 == 0;
    const Scanned before(kBaseline, fragments_of(planted, table), planted.size());
    const auto stripped = before.strip();
    ASSERT_NE(stripped, nullptr) << round;
    const std::string bytes = before.put_together(*stripped);
    EXPECT_EQ(bytes.find("PHANTOM"), bytes.npos) << round;
    const Scanned after(kBaseline, bytes, planted.size());
    EXPECT_EQ(to_string(after.pixels.codestream), "clean") << round;
    EXPECT_EQ(after.read().digest,
              Scanned(kBaseline, fragments_of(clean, false), clean.size()).read().digest)
        << round;
  }
}

TEST(StripFragments, GivesNothingButCleanFragmentsForDamage) {
  std::mt19937 random(51);
  std::vector<Planted> all = jpeg_cases();
  for (Planted& more : other_cases()) all.push_back(std::move(more));
  for (const Planted& one : all) {
    for (int round = 0; round < 100; ++round) {
      std::vector<FrameParts> frames = one.frames;
      for (FrameParts& frame : frames) {
        for (std::string& part : frame) {
          const Bytes damaged = mutated(Bytes(part.begin(), part.end()), random);
          part.assign(damaged.begin(), damaged.end());
        }
      }
      const Scanned before(one.syntax, fragments_of(frames, random() % 2 == 0, one.behind),
                           frames.size());
      const auto stripped = before.strip();
      if (stripped == nullptr) continue;
      const Scanned after(one.syntax, before.put_together(*stripped), frames.size());
      EXPECT_EQ(to_string(after.pixels.codestream), "clean") << one.name << ", " << round;
    }
  }
}

std::string items(std::size_t count, const std::string& content) {
  std::string one, all;
  append_item(one, 0xE000, content);
  all.reserve(count * one.size());
  for (; count > 0; --count) all += one;
  return all;
}

TEST(StripFragments, TakesHalfAMillionFragments) {
  constexpr std::size_t kFrames = 500'000;
  const std::string end("\xFE\xFF\xDD\xE0\0\0\0\0", 8);
  const Scanned scanned(kBaseline, items(1, "") + items(kFrames, jpeg(kWords)) + end, kFrames);
  // Of this process: others may be busy.
  const std::clock_t begun = std::clock();
  const auto stripped = scanned.strip();
  EXPECT_LT((std::clock() - begun) / CLOCKS_PER_SEC, 60);
  ASSERT_NE(stripped, nullptr);
  EXPECT_LE(stripped->pieces.size(), 3 * kFrames + 2);
  EXPECT_LE(stripped->own.size(), 9 * kFrames + 16);
}

TEST(StripFragments, GivesUpOnMoreThanItCanHold) {
  const std::string end("\xFE\xFF\xDD\xE0\0\0\0\0", 8);
  for (const std::size_t fills : {std::size_t{1000}, std::size_t{1} << 20U}) {
    // One frame over many fragments of fill bytes.
    const std::string frame =
        items(1, "\xFF\xD8") + items(fills, "\xFF\xFF") + items(1, jpeg("", "PHANTOM").substr(2));
    const Scanned scanned(kBaseline, items(1, "") + frame + end, 1);
    EXPECT_EQ(scanned.pixels.codestream, Codestream::surplus);
    EXPECT_EQ(scanned.strip() != nullptr, fills == 1000) << fills;
  }
}

TEST(StripFragments, SaysWhatTheDiskSays) {
  const Scanned scanned(kBaseline, fragments_of({{jpeg(kWords)}}, false), 1);
  MemorySource shorter(ByteView(scanned.bytes).first(scanned.bytes.size() - 20));
  EXPECT_FALSE(strip_fragments(shorter, scanned.pixels, scanned.syntax, scanned.shape).ok());
  MemorySource source(scanned.bytes);
  LargeValue elsewhere = scanned.pixels;
  elsewhere.begin += 2;
  const auto outcome = strip_fragments(source, elsewhere, scanned.syntax, scanned.shape);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().slug, "dataset.ranges-disagree");
}

}  // namespace
}  // namespace veilroute::dicom

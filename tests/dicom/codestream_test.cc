// What stands in fragments beside the picture, frame by frame, in any pieces.
#include "core/dicom/codestream.h"

#include <gtest/gtest.h>

#include <random>

#include "core/dicom/codestream_segments.h"
#include "tests/support/codestreams.h"
#include "tests/support/mutate.h"

namespace veilroute::dicom {
namespace {

using namespace test;

struct Case {
  const char* name;
  const char* syntax;
  std::vector<std::string> fragments;
  Codestream found;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {"a bare JPEG", kBaseline, {jpeg("")}, Codestream::clean},
      {"padding of any one byte", kBaseline, {jpeg("", " ")}, Codestream::clean},
      {"zeros behind the end", kBaseline, {jpeg("", "\0\0\0\0"s)}, Codestream::clean},
      {"two frames", kBaseline, {jpeg(""), jpeg("")}, Codestream::clean},
      {"a frame over three fragments", kBaseline,
       {jpeg("").substr(0, 30), jpeg("").substr(30, 1), jpeg("").substr(31)}, Codestream::clean},
      {"JFIF without a thumbnail", kBaseline,
       {jpeg(segment(0xE0, "JFIF\0\1\1\0\0\1\0\1\0\0"s))}, Codestream::clean},
      {"JFIF with a thumbnail", kBaseline,
       {jpeg(segment(0xE0, "JFIF\0\1\1\0\0\1\0\1\1\1rgb"s))}, Codestream::metadata},
      {"Adobe's colour transform", kBaseline,
       {jpeg(segment(0xEE, "Adobe\0d\0\0\0\0\1"s))}, Codestream::clean},
      {"Adobe and a little more", kBaseline,
       {jpeg(segment(0xEE, "Adobe\0d\0\0\0\0\1PHANTOM"s))}, Codestream::metadata},
      {"EXIF", kBaseline, {jpeg(segment(0xE1, "Exif\0\0MM\0*PHANTOM"s))}, Codestream::metadata},
      {"a comment with a name", kBaseline, {jpeg(segment(0xFE, "PHANTOM^ONE"))},
       Codestream::metadata},
      {"a comment of an encoder", kBaseline, {jpeg(segment(0xFE, "LEAD Technologies Inc. V1.01\0"s))},
       Codestream::clean},
      {"an encoder's comment and a name", kBaseline,
       {jpeg(segment(0xFE, "LEAD Technologies Inc. V1.01 PHANTOM"))}, Codestream::metadata},
      {"a comment in the second frame", kBaseline, {jpeg(""), jpeg(segment(0xFE, "PHANTOM"))},
       Codestream::metadata},
      {"a comment behind the first scan", kBaseline,
       {"\xFF\xD8"s + segment(0xC2, "frame") + kScan + segment(0xFE, "PHANTOM") + kScan + kEnd},
       Codestream::metadata},
      {"a segment longer than any technical one", kBaseline,
       {jpeg(segment(0xFE, "Created with GIMP" + std::string(2000, ' ')))}, Codestream::metadata},
      {"bytes behind the end", kBaseline, {jpeg("", "PHANTOM")}, Codestream::surplus},
      {"a second picture in the same fragment", kBaseline, {jpeg("", jpeg(""))},
       Codestream::surplus},
      {"no picture at all", kBaseline, {"PHANTOM^ONE"}, Codestream::unread},
      {"an unknown marker", kBaseline, {jpeg(segment(0xF3, "PHANTOM"))}, Codestream::unread},
      {"a segment of no length", kBaseline, {"\xFF\xD8\xFF\xDB\0\0"s}, Codestream::unread},
      {"a segment that goes on beyond the end", kBaseline, {"\xFF\xD8\xFF\xFE\x40\0PHANTOM"s},
       Codestream::unread},
      {"JPEG-LS, where FF 7F is data", kJpegLs,
       {"\xFF\xD8"s + segment(0xF7, "frame") + segment(0xDA, "scan") + "data\xFF\x7F\xFF\1more"s +
        kEnd},
       Codestream::clean},
      {"JPEG-LS with SPIFF's header", kJpegLs,
       {"\xFF\xD8"s + segment(0xE8, "SPIFF\0"s + std::string(24, '\1')) +
        segment(0xE8, "\0\0\0\1\xFF\xD8"s) + segment(0xF7, "frame") + segment(0xDA, "scan") + "d" +
        kEnd},
       Codestream::clean},
      {"JPEG-LS with a SPIFF entry", kJpegLs,
       {"\xFF\xD8"s + segment(0xE8, "\0\0\0\4PHANTOM"s) + segment(0xDA, "scan") + kEnd},
       Codestream::metadata},
      {"a bare JPEG 2000", kJpeg2000, {jpeg_2000("")}, Codestream::clean},
      {"HTJ2K with its capabilities", kHtj2k, {jpeg_2000(segment(0x50, "caps"))},
       Codestream::clean},
      {"JPEG 2000 with an encoder's comment", kJpeg2000,
       {jpeg_2000(segment(0x64, "\0\1Kakadu-v7.3.3"s))}, Codestream::clean},
      {"JPEG 2000 with a name", kJpeg2000, {jpeg_2000(segment(0x64, "\0\1PHANTOM^ONE"s))},
       Codestream::metadata},
      {"JPEG 2000 with a binary comment", kJpeg2000,
       {jpeg_2000(segment(0x64, "\0\0Kakadu-v7.3.3"s))}, Codestream::metadata},
      {"JPEG 2000 with a name in a tile-part", kJpeg2000,
       {jpeg_2000("", segment(0x64, "\0\1PHANTOM"s))}, Codestream::metadata},
      {"a tile-part that ends with the codestream", kJpeg2000,
       {jpeg_2000("", "", -1'000'000).replace(jpeg_2000("").find("\xFF\x90") + 6, 4, "\0\0\0\0"s)},
       Codestream::clean},
      {"a tile-part too short for itself", kJpeg2000, {jpeg_2000("", segment(0x64, "\0\1x"s), -20)},
       Codestream::unread},
      {"an unknown segment of JPEG 2000", kJpeg2000, {jpeg_2000(segment(0x70, "PHANTOM"))},
       Codestream::unread},
      {"a JP2 file", kJpeg2000, {jp2(jpeg_2000(""))},
       Codestream::metadata},
      {"a JP2 file without a codestream", kJpeg2000, {"\0\0\0\x0CjP  \r\n\x87\n"s},
       Codestream::metadata},
      {"boxes that are not those of a JP2 file", kJpeg2000, {"\0\0\0\x0CPHANTOM^"s},
       Codestream::unread},
      {"text behind the last frame", kBaseline, {jpeg(""), jpeg(""), "PHANTOM^ONE"},
       Codestream::surplus},
      {"more frames than the data set has", kBaseline, {jpeg(""), jpeg(""), jpeg("")},
       Codestream::surplus},
      {"RLE of one plane", kRle, {rle({kPlane})}, Codestream::clean},
      {"RLE of three planes and two frames", kRle,
       {rle({kPlane, kPlane, kPlane}), rle({kPlane, kPlane, kPlane})}, Codestream::clean},
      {"RLE padded", kRle, {rle({kPlane + "\0"s, kPlane + "\x80"s})}, Codestream::clean},
      {"RLE with operations that do nothing", kRle, {rle({"\x80\x80"s + kPlane})},
       Codestream::clean},
      {"RLE that ends too early", kRle, {rle({"\xFC\x11\2a"s})}, Codestream::clean},
      {"RLE with a name behind its last segment", kRle, {rle({kPlane + "PHANTOM^ONE"})},
       Codestream::surplus},
      {"RLE with a name between two segments", kRle, {rle({kPlane + "PHANTOM^ONE", kPlane})},
       Codestream::surplus},
      {"RLE with a run beyond the picture", kRle, {rle({"\xFC\x11\x0DPHANTOM^ONE+++"s})},
       Codestream::surplus},
      {"RLE with a name in its header", kRle, {rle({kPlane}, "PHANTOM^")}, Codestream::surplus},
      {"RLE with one fragment too many", kRle, {rle({kPlane}), rle({kPlane}), rle({kPlane})},
       Codestream::surplus},
      {"a fragment of text", kRle, {rle({kPlane}), std::string(80, 'P')}, Codestream::unread},
      {"RLE without segments", kRle, {rle({})}, Codestream::unread},
      {"RLE whose segment ends within a run", kRle, {rle({"\xFC\x11\7abc"s, kPlane})},
       Codestream::unread},
      {"a syntax that is not walked", "1.2.840.10008.1.2.4.110", {"\xFF\x0A"s},
       Codestream::unread},
      {"an empty fragment between frames", kBaseline, {jpeg(""), "", jpeg("")}, Codestream::clean},
  };
  return kCases;
}

Codestream walk(const char* syntax, const std::vector<std::string>& fragments, std::size_t piece) {
  CodestreamWalk walk{Uid{syntax}, kShape};
  for (const std::string& fragment : fragments) {
    walk.begin_fragment();
    for (std::size_t at = 0; at < fragment.size(); at += piece) {
      walk.feed(as_bytes(std::string_view(fragment).substr(at, piece)));
    }
  }
  return walk.finish();
}

TEST(Codestream, TellsWhatStandsBesideThePicture) {
  for (const Case& one : cases()) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{100'000}}) {
      EXPECT_EQ(to_string(walk(one.syntax, one.fragments, piece)), to_string(one.found))
          << one.name << ", " << piece;
    }
  }
}

TEST(Codestream, TellsAnOffsetTableFromText) {
  struct {
    std::string table;
    Codestream found;
  } const kTables[] = {
      {"", Codestream::clean},
      {"\0\0\0\0\x40\0\0\0"s, Codestream::clean},
      {"\0\0\0\0"s, Codestream::unread},
      {"\x40\0\0\0\x40\0\0\0"s, Codestream::unread},
      {"\0\0\0\0\0\0\0\0"s, Codestream::unread},
      {"PHANTOM^"s, Codestream::unread},
      {"\0\0\0\0\x40\0\0\0PHANTOM^"s, Codestream::unread},
  };
  for (const auto& one : kTables) {
    CodestreamWalk walk{Uid{kBaseline}, kShape};
    walk.begin_offset_table(static_cast<std::uint32_t>(one.table.size()));
    for (const char byte : one.table) walk.feed(as_bytes(std::string_view(&byte, 1)));
    for (unsigned frame = 0; frame < kShape.frames; ++frame) {
      walk.begin_fragment();
      walk.feed(as_bytes(jpeg("")));
    }
    EXPECT_EQ(to_string(walk.finish()), to_string(one.found)) << one.table;
  }
}

TEST(Codestream, SaysTheSameOfDamageInAnyPieces) {
  std::mt19937 random(11);
  for (const Case& one : cases()) {
    for (int round = 0; round < 200; ++round) {
      std::vector<std::string> fragments;
      for (const std::string& fragment : one.fragments) {
        const Bytes damaged =
            test::mutated(Bytes(fragment.begin(), fragment.end()), random);
        fragments.emplace_back(damaged.begin(), damaged.end());
      }
      EXPECT_EQ(walk(one.syntax, fragments, 1), walk(one.syntax, fragments, 100'000)) << one.name;
    }
  }
}

TEST(Codestream, KnowsEncodersByTheirWholeComment) {
  for (const char* text : {"Kakadu-v7.3.3", "Kakadu-2.2", "Created by OpenJPEG version 2.5.2",
                           "OpenJPH Ver 0.7.3.", "Created by Grok     version 2.3.0"}) {
    EXPECT_TRUE(is_encoder_comment(text)) << text;
  }
  for (const char* text : {"", "Kakadu", "Kakadu-v7.3.3 ONE", "Created by OpenJPEG version PHANTOM",
                           "OpenJPH Ver 19610203194502", "PHANTOM Kakadu-v7"}) {
    EXPECT_FALSE(is_encoder_comment(text)) << text;
  }
}

TEST(Codestream, ReadsAsUnreadWhateverItDidNotWrite) {
  for (unsigned stored = 0; stored < 256; ++stored) {
    const Codestream read = codestream_of(static_cast<std::uint8_t>(stored));
    EXPECT_EQ(static_cast<unsigned>(read), stored <= 3 ? stored : 3U);
  }
}

}  // namespace
}  // namespace veilroute::dicom

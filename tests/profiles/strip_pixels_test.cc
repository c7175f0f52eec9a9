// Compressed pixels through strip, engine and verify: what leaves, and what verify says when
// something else does.
#include "profiles/strip_pixels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "tests/profiles/stripped.h"

namespace veilroute::profiles {
namespace {

using namespace testing;
using namespace test;

const std::string kExif = segment(0xE1, "Exif\0\0MM\0*PHANTOM^ONE"s);
const std::string kComment = segment(0xFE, "PHANTOM^ONE");
const std::string kComment2000 = segment(0x64, "\0\1PHANTOM^ONE"s);

struct Stripped {
  const char* name;
  const char* syntax;
  std::vector<FrameParts> frames;
  std::vector<FrameParts> left;
  FrameParts behind{};
};

const std::vector<Stripped>& stripped_cases() {
  static const std::vector<Stripped> kCases = {
      {"EXIF and a comment",
       kBaseline,
       {{jpeg(kExif)}, {jpeg(kComment)}},
       {{jpeg("")}, {jpeg("")}}},
      {"bytes behind the end", kBaseline, {{jpeg("", "PHANTOM^ONE")}}, {{jpeg("")}}},
      {"fragments behind the last frame",
       kBaseline,
       {{jpeg("")}},
       {{jpeg("")}},
       {jpeg(kComment), "PHANTOM"}},
      {"a frame in two fragments",
       kBaseline,
       {{jpeg(kComment).substr(0, 40), jpeg(kComment).substr(40)}},
       {{jpeg("")}}},
      {"JPEG 2000 in all places",
       kJpeg2000,
       {{jp2(jpeg_2000(kComment2000, kComment2000)) + box("xml ", "PHANTOM")}},
       {{jpeg_2000("")}}},
      {"HTJ2K", kHtj2k, {{jpeg_2000(kComment2000)}}, {{jpeg_2000("")}}},
      {"RLE",
       kRle,
       {{rle({kPlane + "PHANTOM^ONE", kPlane}, "PHANTOM^")}},
       {{rle({kPlane, kPlane})}}},
  };
  return kCases;
}

TEST(StripPixels, LetsNothingLeaveButThePicture) {
  for (const Stripped& one : stripped_cases()) {
    for (const bool table : {false, true}) {
      SCOPED_TRACE(std::string(one.name) + (table ? ", with an offset table" : ""));
      Received received(one.syntax, fragments_of(one.frames, table, one.behind),
                        std::to_string(one.frames.size()));
      const DeidReport report = received.prepare();
      ASSERT_TRUE(report.problems.empty()) << report.problems.front().rule;
      EXPECT_TRUE(std::any_of(report.changes.begin(), report.changes.end(), [](const Change& each) {
        return each.path == "(7FE0,0010)" && each.rule == "beside the picture";
      }));
      EXPECT_EQ(received.verify(), std::vector<std::string>{});
      const Bytes sent = received.sent();
      EXPECT_EQ(as_text(sent).find("PHANTOM"), std::string_view::npos);
      EXPECT_TRUE(as_text(sent).ends_with(fragments_of(one.left, table)));
      const dicom::ScanFacts facts = support::scan(sent, received.syntax);
      EXPECT_FALSE(facts.problem.has_value());
      EXPECT_EQ(facts.large.back().codestream, dicom::Codestream::clean);
    }
  }
}

TEST(StripPixels, GivesTheSameBytesEachTime) {
  const std::string fragments = fragments_of({{jpeg(kExif)}, {jpeg(kComment)}}, true);
  Received first(kBaseline, fragments, "2");
  Received second(kBaseline, fragments, "2");
  first.prepare();
  second.prepare();
  EXPECT_EQ(first.copy.record, second.copy.record);
  EXPECT_EQ(first.sent(), second.sent());
  EXPECT_EQ(first.sent(), first.sent());
}

TEST(StripPixels, ReadsTheSourceOnlyWhereSomethingMustGo) {
  Received clean(kBaseline, fragments_of({{jpeg("")}}, true), "1");
  EXPECT_TRUE(clean.prepare().problems.empty());
  EXPECT_EQ(clean.verify(), std::vector<std::string>{});
  EXPECT_EQ(clean.opened, 0U);
  Profile as_it_is = *basic();
  as_it_is.deidentifies = false;
  Received kept(kBaseline, fragments_of({{jpeg(kComment)}}, true), "1");
  EXPECT_TRUE(kept.prepare(as_it_is).problems.empty());
  EXPECT_EQ(kept.opened, 0U);
  EXPECT_NE(as_text(kept.sent()).find("PHANTOM^ONE"), std::string_view::npos);
}

TEST(StripPixels, TakesAHundredThousandFrames) {
  constexpr std::size_t kFrames = 100'000;
  const std::vector<FrameParts> frames(kFrames, {jpeg(kComment)});
  Received received(kBaseline, fragments_of(frames, true), std::to_string(kFrames));
  const std::clock_t begun = std::clock();  // of this process: others may be busy
  ASSERT_TRUE(received.prepare().problems.empty());
  EXPECT_EQ(received.verify(), std::vector<std::string>{});
  EXPECT_LT((std::clock() - begun) / CLOCKS_PER_SEC, 60);
  EXPECT_LE(received.copy.record.pieces.size(), 3 * kFrames + 2);
}

TEST(StripPixels, LeavesToRefusalWhatCannotBeTakenOut) {
  struct {
    const char* what;
    const char* syntax;
    std::string fragments;
    const char* frames;
    const char* rule;
  } const kCases[] = {
      {"frames that nobody can count", kBaseline, fragments_of({{jpeg("")}, {jpeg("")}}, false),
       "1A", "deid.pixel-surplus"},
      {"no frames", kBaseline, fragments_of({{jpeg(kComment)}}, false), "0", "deid.pixel-metadata"},
      {"two pictures in one fragment", kBaseline, fragments_of({{jpeg("", jpeg(""))}}, false), "2",
       "deid.pixel-surplus"},
      {"a palette", kJpeg2000, fragments_of({{jp2(jpeg_2000(""), box("pclr", "red"))}}, false), "1",
       "deid.pixel-metadata"},
      {"text for an offset table", kBaseline,
       std::string("\xFE\xFF\0\xE0\x0C\0\0\0PHANTOM^ONE ", 20) +
           fragments_of({{jpeg(kComment)}}, false).substr(8),
       "1", "deid.pixel-unread"},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.what);
    Received received(one.syntax, one.fragments, one.frames);
    EXPECT_EQ(rules_of(received.prepare()), std::vector<std::string>{one.rule});
  }
  // Not asked to strip: as before.
  Received received(kBaseline, fragments_of({{jpeg(kComment)}}, false), "1");
  EXPECT_EQ(rules_of(run(received.object)), std::vector<std::string>{"deid.pixel-metadata"});
}

TEST(StripPixels, LeavesNoExtendedOffsetTableBehind) {
  constexpr std::array kTables = {Tag{0x7FE0, 0x0001}, Tag{0x7FE0, 0x0002}};
  Profile keeps = *basic();
  for (const Tag tag : kTables) {
    Rule rule;
    rule.selector.tag = tag;
    rule.action = Action::keep;
    rule.name = "keeps";
    keeps.rules.add(std::move(rule));
  }
  const auto with_table = [&kTables](Dataset& head) {
    for (const Tag tag : kTables) head.put_bytes(head.root(), tag, vr::OV, Bytes(8, 0));
  };
  Received received(kBaseline, fragments_of({{jpeg(kComment)}}, false), "1", with_table);
  EXPECT_TRUE(received.prepare(keeps).problems.empty());
  for (const Tag tag : kTables) EXPECT_EQ(received.object.find(tag), nullptr);
}

TEST(StripPixels, SaysWhatTheSourceSays) {
  Received received(kBaseline, fragments_of({{jpeg(kComment)}}, false), "1");
  const OpenSource broken = []() -> Result<std::unique_ptr<ByteSource>> {
    return make_error(ErrorKind::unavailable, "file.failed", "error 5");
  };
  const auto outcome = strip_pixels(received.object, *basic(), broken);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().slug, "file.failed");
}

/// A comment that takes an even number of bytes, as a frame without it does.
const std::string kEvenComment = segment(0xFE, "PHANTOM^ONE+");

/// Two frames with a comment each, through the engine. Own pieces: the header of each item among
/// others; of the source: SOI, and what is behind the comment.
class StrippedCopyTest : public ::testing::Test {
 protected:
  StrippedCopyTest()
      : received_(kBaseline, fragments_of({{jpeg(kEvenComment)}, {jpeg(kEvenComment)}}, true),
                  "2") {
    EXPECT_TRUE(received_.prepare().problems.empty());
    EXPECT_EQ(received_.verify(), std::vector<std::string>{});
  }
  std::vector<dicom::Piece>& pieces() { return received_.copy.record.pieces; }
  Bytes& own() { return received_.copy.own; }
  /// The n-th piece of the source.
  std::size_t extent(std::size_t number) {
    for (std::size_t i = 0; i < pieces().size(); ++i) {
      if (!pieces()[i].own && number-- == 0) return i;
    }
    return pieces().size();
  }
  /// The item's length, which ends the own piece before that one; all lengths are below 256.
  std::uint8_t& item_length(std::size_t soi) {
    const dicom::Piece& header = pieces()[soi - 1];
    return own()[static_cast<std::size_t>(header.offset + header.length - 4)];
  }
  void erase_pieces(std::size_t begin, std::size_t end) {
    pieces().erase(pieces().begin() + static_cast<std::ptrdiff_t>(begin),
                   pieces().begin() + static_cast<std::ptrdiff_t>(end));
  }
  std::vector<std::string> findings() {
    received_.copy.record.own_digest = crypto::sha256(own());
    return received_.verify();
  }

  Received received_;
};

TEST_F(StrippedCopyTest, HasTwoExtentsOfEachFrame) {
  EXPECT_EQ(extent(4), pieces().size());
  EXPECT_EQ(pieces()[extent(0)].length, 2U);
  EXPECT_EQ(item_length(extent(2)), jpeg("").size());
}

TEST_F(StrippedCopyTest, IsHeldWhenACommentIsPutBack) {
  dicom::Piece& soi = pieces()[extent(2)];
  soi.length += kEvenComment.size();
  EXPECT_EQ(findings(), std::vector<std::string>{"verify.unreadable"});
  item_length(extent(2)) = static_cast<std::uint8_t>(item_length(extent(2)) + kEvenComment.size());
  EXPECT_EQ(findings(), std::vector<std::string>{"verify.codestream"});
}

TEST_F(StrippedCopyTest, IsHeldWhenFramesAreNotInTheirOrder) {
  std::swap(pieces()[extent(1)], pieces()[extent(3)]);
  EXPECT_EQ(findings(), std::vector<std::string>{"verify.pieces"});
}

TEST_F(StrippedCopyTest, IsHeldWhenAFrameIsMissing) {
  const std::size_t header = extent(2) - 1;
  const dicom::Piece gone = pieces()[header];
  ASSERT_EQ(gone.length, 8U);
  erase_pieces(header, extent(3) + 1);
  own().erase(own().begin() + static_cast<std::ptrdiff_t>(gone.offset),
              own().begin() + static_cast<std::ptrdiff_t>(gone.offset + gone.length));
  pieces().back().offset -= gone.length;
  EXPECT_EQ(findings(), std::vector<std::string>{"verify.picture-changed"});
}

TEST_F(StrippedCopyTest, IsHeldWhenBytesOfThePictureAreMissing) {
  // Two bytes of "coded" in the second frame, and all lengths agree.
  const std::size_t rest = extent(3);
  const std::uint64_t at = as_text(received_.bytes).rfind("coded") + 1;
  const dicom::Piece behind{false, at + 2, pieces()[rest].offset + pieces()[rest].length - at - 2};
  pieces()[rest].length = at - pieces()[rest].offset;
  pieces().insert(pieces().begin() + static_cast<std::ptrdiff_t>(rest) + 1, behind);
  item_length(extent(2)) = static_cast<std::uint8_t>(item_length(extent(2)) - 2);
  EXPECT_EQ(findings(), std::vector<std::string>{"verify.picture-changed"});
}

TEST_F(StrippedCopyTest, IsHeldWhenItsOffsetTableLies) {
  // The last entry stands in front of the first item's header.
  const dicom::Piece& header = pieces()[extent(0) - 1];
  own()[static_cast<std::size_t>(header.offset + header.length) - 8 - 4] ^= 2U;
  EXPECT_EQ(findings(), std::vector<std::string>{"verify.offset-table"});
}

TEST_F(StrippedCopyTest, IsHeldWhenItRefersToMoreThanThePixels) {
  pieces()[extent(3)].length += 9;
  EXPECT_EQ(findings(), std::vector<std::string>{"verify.pieces"});
}

TEST_F(StrippedCopyTest, IsHeldWhenNobodyCanReadTheSource) {
  Verifier verifier(*basic(), received_.terms, pseudonyms());
  const auto without =
      verifier.check(received_.copy.record, received_.copy.own, received_.copy.large);
  ASSERT_TRUE(without.ok());
  EXPECT_EQ(rules_of(*without), std::vector<std::string>{"verify.pieces"});
  const auto broken =
      verifier.check(received_.copy.record, received_.copy.own, received_.copy.large,
                     []() -> Result<std::unique_ptr<ByteSource>> {
                       return make_error(ErrorKind::unavailable, "file.failed", "error 5");
                     });
  EXPECT_FALSE(broken.ok());
}

}  // namespace
}  // namespace veilroute::profiles

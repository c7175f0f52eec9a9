// Hexadecimal, secrets, sources, and the encoding that sealed records are written in.
#include "core/base/bytes.h"

#include <gtest/gtest.h>

#include <random>
#include <type_traits>

namespace veilroute {
namespace {

TEST(Hex, TurnsBytesIntoLowerCasePairsAndBack) {
  const Bytes bytes = {0x00, 0x7F, 0xAB, 0xFF};
  EXPECT_EQ(to_hex(bytes), "007fabff");
  EXPECT_EQ(*from_hex("007fabff"), bytes);
  EXPECT_EQ(*from_hex("007FABFF"), bytes);
  EXPECT_TRUE(from_hex("")->empty());
}

TEST(Hex, RefusesAnythingButPairsOfDigits) {
  for (const char* text : {"0", "0g", "g0", " 00", "0x", "00 ", "-1", "\xC3\xA4"}) {
    const auto outcome = from_hex(text);
    ASSERT_FALSE(outcome.ok()) << text;
    EXPECT_EQ(outcome.error().kind, ErrorKind::invalid);
  }
}

TEST(Hex, DoesNotRepeatTheDigitsItRefuses) {
  EXPECT_EQ(from_hex("c0ffeeXX").error().text().find("XX"), std::string::npos);
}

TEST(SecretTest, IsMovedButNeverCopiedByAccident) {
  static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
  Secret first(Bytes{1, 2, 3});
  Secret second = std::move(first);
  EXPECT_TRUE(first.empty());  // NOLINT: the moved-from secret is what is tested
  EXPECT_EQ(second.view().size(), 3U);
  Secret third(4);
  third = std::move(second);
  EXPECT_EQ(third.view()[2], 3);
}

TEST(MemorySourceTest, ReadsOnlyWhatIsThere) {
  const Bytes bytes = {1, 2, 3, 4};
  MemorySource source(bytes);
  EXPECT_EQ(source.size_bytes(), 4U);
  std::array<std::uint8_t, 2> out{};
  ASSERT_TRUE(source.read_at(2, out).ok());
  EXPECT_EQ(out[1], 4);
  EXPECT_EQ(source.read_at(3, out).error().kind, ErrorKind::invalid);
  EXPECT_FALSE(source.read_at(~std::uint64_t{0}, out).ok());
  EXPECT_TRUE(source.read_at(4, {}).ok());
}

TEST(Encoding, IsLittleEndianWithLengthPrefixes) {
  Encoder encoder;
  encoder.u8(1).u32(0x04030201).u64(5).text("ab");
  EXPECT_EQ(to_hex(encoder.out()), "01010203040500000000000000020000006162");
}

TEST(Encoding, GivesBackWhatWasWritten) {
  Digest digest{};
  digest[31] = 9;
  Encoder encoder;
  encoder.u8(200)
      .u32(~0U)
      .u64(~std::uint64_t{0})
      .i64(-5)
      .text("")
      .bytes(Bytes{7, 8})
      .digest(digest);
  Decoder decoder(encoder.out());
  EXPECT_EQ(decoder.u8(), 200);
  EXPECT_EQ(decoder.u32(), ~0U);
  EXPECT_EQ(decoder.u64(), ~std::uint64_t{0});
  EXPECT_EQ(decoder.i64(), -5);
  EXPECT_EQ(decoder.text(), "");
  EXPECT_EQ(decoder.bytes()[1], 8);
  EXPECT_EQ(decoder.digest(), digest);
  EXPECT_TRUE(decoder.at_end());
  EXPECT_TRUE(decoder.finish("record").ok());
}

TEST(Encoding, EveryCutMakesTheDecoderFailAndStayFailed) {
  Encoder encoder;
  encoder.u8(1).u32(2).u64(3).text("PHANTOM").digest(Digest{});
  for (std::size_t length = 0; length < encoder.out().size(); ++length) {
    Decoder decoder(ByteView(encoder.out()).first(length));
    decoder.u8();
    decoder.u32();
    decoder.u64();
    decoder.text();
    decoder.digest();
    EXPECT_FALSE(decoder.ok()) << length;
    EXPECT_EQ(decoder.u8(), 0);
    EXPECT_FALSE(decoder.at_end());
    EXPECT_EQ(decoder.finish("record").error().kind, ErrorKind::corrupt);
  }
}

TEST(Encoding, ALengthLargerThanTheRestIsNotBelieved) {
  const Bytes hostile = {0xFF, 0xFF, 0xFF, 0xFF, 'a', 'b'};
  Decoder decoder(hostile);
  EXPECT_TRUE(decoder.bytes().empty());
  EXPECT_FALSE(decoder.ok());
  EXPECT_EQ(decoder.text(), "");
}

TEST(Encoding, LeftOverBytesAreCorrupt) {
  const Bytes bytes = {1, 2};
  Decoder decoder(bytes);
  decoder.u8();
  EXPECT_TRUE(decoder.ok());
  EXPECT_EQ(decoder.finish("record").error().text(),
            "record: bytes are left over [record.malformed]");
}

TEST(Encoding, RandomBytesNeverDoMoreThanFail) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    Bytes bytes(random() % 40);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    Decoder decoder(bytes);
    for (int i = 0; i < 10; ++i) {
      switch (random() % 4) {
        case 0:
          decoder.u64();
          break;
        case 1:
          EXPECT_LE(decoder.bytes().size(), bytes.size());
          break;
        case 2:
          decoder.digest();
          break;
        default:
          EXPECT_LE(decoder.text().size(), bytes.size());
      }
    }
  }
}

}  // namespace
}  // namespace veilroute

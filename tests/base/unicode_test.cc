// Two ways of writing one word become equal, and what differs stays different.
#include "core/base/unicode.h"

#include <gtest/gtest.h>

#include <random>

namespace veilroute {
namespace {

TEST(Unicode, WaysOfWritingOneWordBecomeEqual) {
  struct Case {
    const char* what;
    std::string_view one;
    std::string_view other;
  };
  const Case kCases[] = {
      {"case", "Doe", "dOE"},
      {"an accent, composed or not", "J\u00E9r\u00F4me", "Je\u0301ro\u0302me"},
      {"an accent left out", "J\u00E9r\u00F4me", "Jerome"},
      {"capitals with accents", "\u00C4NEAS", "\u00E4neas"},
      {"sharp s", "Stra\u00DFe", "STRASSE"},
      {"full width", "\uFF24\uFF4F\uFF45\u3000\uFF11\uFF12", "Doe 12"},
      {"a ligature", "\uFB01nger", "finger"},
      {"a soft hyphen", "Dop\u00ADpler", "Doppler"},
      {"zero width", "Do\u200Be\u200D\uFEFF", "Doe"},
      {"half-width kana", "\uFF94\uFF8F\uFF80\uFF9E", "\u3084\u307E\u3060"},
      {"katakana", "\u30E4\u30DE\u30C0", "\u3084\u307E\u3060"},
      {"Cyrillic that looks Latin", "\u0420\u0410ST\u0415R", "Paster"},
      {"Greek that looks Latin", "\u039A\u0391RL", "Karl"},
      {"a stroke", "S\u00F8ren \u0141ukasz", "Soren Lukasz"},
      {"Turkish i", "\u0130zmir", "izmir"},
      {"Turkish i without a dot", "Y\u0131ld\u0131z", "YILDIZ"},
      {"any dash", "Smith\u2010Jones", "SMITH-JONES"},
      {"any quote", "O\u2019Brien", "o'brien"},
      {"any blank", "de\u00A0la\u2009Rue", "de la Rue"},
      {"digits of a script", "\u0661\u0662\u0663", "123"},
      {"Hebrew points", "\u05E9\u05B8\u05E8\u05D5\u05B9\u05DF", "\u05E9\u05E8\u05D5\u05DF"},
      {"Arabic vowels and tatweel", "\u0642\u064E\u0628\u0640\u0627\u0646\u064A",
       "\u0642\u0628\u0627\u0646\u064A"},
      {"Hangul, composed or not", "\u1112\u1169\u11BC", "\uD64D"},
  };
  for (const Case& each : kCases) EXPECT_EQ(comparable(each.one), comparable(each.other)) << each.what;
}

TEST(Unicode, DifferentWordsStayDifferent) {
  EXPECT_NE(comparable("M\u00FCller"), comparable("Miller"));
  EXPECT_NE(comparable("\u5C71\u7530"), comparable("\u5C71\u672C"));
  EXPECT_NE(comparable("12"), comparable("1 2"));
  EXPECT_EQ(comparable("doe\\^="), "DOE\\^=");
}

TEST(Unicode, BytesThatAreNoTextStayAsTheyAre) {
  EXPECT_EQ(comparable("a\xFF\xC3z"), "A\xFF\xC3Z");
  EXPECT_FALSE(is_utf8("\xC3"));
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));  // a surrogate
  EXPECT_FALSE(is_utf8("\xC0\xAF"));      // overlong
  EXPECT_TRUE(is_utf8("\xF0\xA0\x80\x80"));
}

TEST(Unicode, ComparingIsStableOnAnyBytes) {
  std::mt19937 random(5);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::size_t length = random() % 6; length > 0; --length) {
      append_code_point(text, static_cast<char32_t>(random() % 0xD800));
    }
    if (random() % 8 == 0) text += static_cast<char>(random() % 256);
    const std::string once = comparable(text);
    EXPECT_EQ(comparable(once), once) << ::testing::PrintToString(text);
  }
}

TEST(Unicode, SpellsUmlautsOut) {
  EXPECT_EQ(with_umlauts_spelt_out("M\u00FCller-Bo\u0308hm"), "Mueller-Boehm");
  EXPECT_EQ(with_umlauts_spelt_out("\u00C5se S\u00F8rensen"), "Aase Soerensen");
}

TEST(Unicode, WeighsWhatATextSays) {
  EXPECT_EQ(weight_in_thirds("four"), 12U);
  EXPECT_EQ(weight_in_thirds("\u5C71\u7530"), 12U);
  EXPECT_EQ(weight_in_thirds("\uD64D"), 6U);
  EXPECT_EQ(weight_in_thirds("\u3084\u307E\u3060"), 12U);
}

}  // namespace
}  // namespace veilroute

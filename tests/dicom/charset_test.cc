// Text under each character set: the examples of PS3.5 Annexes H, I, J and K, what devices write, and
// what does not decode.
#include "core/dicom/charset.h"

#include <gtest/gtest.h>

#include <random>

#include "core/base/unicode.h"
#include "core/dicom/charset_tables.h"

namespace veilroute::dicom {
namespace {

std::optional<std::string> decoded(std::string_view bytes, Vr which, std::string_view set) {
  return decode_text(as_bytes(bytes), which, parse_character_set(set));
}

struct Case {
  const char* what;
  std::string_view set;
  Vr vr;
  std::string_view bytes;
  std::string_view text;
};

void expect_all(std::initializer_list<Case> cases) {
  for (const Case& each : cases) {
    SCOPED_TRACE(each.what);
    const auto text = decoded(each.bytes, each.vr, each.set);
    ASSERT_TRUE(text.has_value());
    EXPECT_EQ(*text, each.text);
  }
}

TEST(Charset, ReadsTheExamplesOfTheStandard) {
  expect_all({
      {"H.3.1", "\\ISO 2022 IR 87", vr::PN,
       "Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B=\x1B$B$d$^$@\x1B(B^\x1B$B$?$m$&\x1B(B",
       "Yamada^Tarou=\u5C71\u7530^\u592A\u90CE=\u3084\u307E\u3060^\u305F\u308D\u3046"},
      {"H.3.2", "ISO 2022 IR 13\\ISO 2022 IR 87", vr::PN,
       "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=\x1B$B;3ED\x1B(J^\x1B$BB@O:\x1B(J=\x1B$B$d$^$@\x1B(J^"
       "\x1B$B$?$m$&\x1B(J",
       "\uFF94\uFF8F\uFF80\uFF9E^\uFF80\uFF9B\uFF73=\u5C71\u7530^\u592A\u90CE=\u3084\u307E\u3060^"
       "\u305F\u308D\u3046"},
      {"I.2", "\\ISO 2022 IR 149", vr::PN,
       "Hong^Gildong=\x1B$)C\xFB\xF3^\x1B$)C\xD1\xCE\xD4\xD7=\x1B$)C\xC8\xAB^\x1B$)C\xB1\xE6\xB5\xBF",
       "Hong^Gildong=\u6D2A^\u5409\u6D1E=\uD64D^\uAE38\uB3D9"},
      {"I.3", "\\ISO 2022 IR 149", vr::LT,
       "\x1B$)CThe first line, \xB1\xE6\r\n\x1B$)C\xB5\xBF and 2\r\n",
       "The first line, \uAE38\r\n\uB3D9 and 2\r\n"},
      {"J.1", "ISO_IR 192", vr::PN, "Wang^XiaoDong=\xE7\x8E\x8B^\xE5\xB0\x8F\xE6\x9D\xB1=",
       "Wang^XiaoDong=\u738B^\u5C0F\u6771="},
      {"J.3", "GB18030", vr::PN, "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB=",
       "Wang^XiaoDong=\u738B^\u5C0F\u4E1C="},
      {"K.2", "\\ISO 2022 IR 58", vr::PN,
       "Zhang^XiaoDong=\x1B$)A\xD5\xC5^\x1B$)A\xD0\xA1\xB6\xAB=",
       "Zhang^XiaoDong=\u5F20^\u5C0F\u4E1C="},
      {"K.3", "\\ISO 2022 IR 58", vr::LT, "1. \x1B$)A\xB5\xDA\xD2\xBB\r\n2. \x1B$)A\xB5\xDA\xB6\xFE\r\n",
       "1. \u7B2C\u4E00\r\n2. \u7B2C\u4E8C\r\n"},
      {"Latin 1", "ISO_IR 100", vr::PN, "Buc^J\xE9r\xF4me", "Buc^J\u00E9r\u00F4me"},
      {"Latin 1, German", "ISO_IR 100", vr::PN, "\xC4neas^R\xFC" "diger", "\u00C4neas^R\u00FCdiger"},
      {"Latin 2", "ISO_IR 101", vr::PN, "Wa\xB3\xEAsa", "Wa\u0142\u0119sa"},
      {"Latin 3", "ISO_IR 109", vr::PN, "\xD8u", "\u011Cu"},
      {"Latin 4", "ISO_IR 110", vr::PN, "B\xEBrzi\xF2\xB9", "B\u00EBrzi\u014D\u0161"},
      {"Latin 5", "ISO_IR 148", vr::PN, "\xC7" "avu\xFE^\xDDnci", "\u00C7avu\u015F^\u0130nci"},
      {"Latin 9", "ISO_IR 203", vr::PN, "\xBC" "dipe^\xA4", "\u0152dipe^\u20AC"},
      {"Greek", "ISO_IR 126", vr::PN, "\xC4\xE9\xEF\xED\xF5\xF3\xE9\xEF\xF2",
       "\u0394\u03B9\u03BF\u03BD\u03C5\u03C3\u03B9\u03BF\u03C2"},
      {"Cyrillic", "ISO_IR 144", vr::PN, "\xBB\xEEkce\xDC\xD1yp\xD3",
       "\u041B\u044Ekce\u043C\u0431yp\u0433"},
      {"Arabic", "ISO_IR 127", vr::PN, "\xE2\xC8\xC7\xE6\xEA^\xE4\xE6\xD2\xC7\xD1",
       "\u0642\u0628\u0627\u0646\u064A^\u0644\u0646\u0632\u0627\u0631"},
      {"Hebrew", "ISO_IR 138", vr::PN, "\xF9\xF8\xE5\xEF^\xE3\xE1\xE5\xF8\xE4",
       "\u05E9\u05E8\u05D5\u05DF^\u05D3\u05D1\u05D5\u05E8\u05D4"},
      {"Thai", "ISO_IR 166", vr::PN, "\xB9\xD1\xB9^\xB9\xD2", "\u0E19\u0E31\u0E19^\u0E19\u0E32"},
      {"katakana", "ISO_IR 13", vr::LO, "\xD4\xCF\xC0\xDE", "\uFF94\uFF8F\uFF80\uFF9E"},
      {"JIS X 0212", "\\ISO 2022 IR 87\\ISO 2022 IR 159", vr::PN,
       "Mori=\x1B$B?9\x1B$(Dl?\x1B(B^\x1B$(D0!\x1B(B", "Mori=\u68EE\u9DD7^\u4E02"},
      {"two sets of single bytes", "ISO 2022 IR 100\\ISO 2022 IR 144", vr::LO,
       "\xE9 \x1B-L\xBB\xEE\\\xE9", "\u00E9 \u041B\u044E\\\u00E9"},
  });
}

TEST(Charset, TakesABackslashForADelimiterOnlyWhereItIsOne) {
  expect_all({
      {"a second byte of GBK", "GBK", vr::LO, "A\x81\x5C" "B\\C", "A\u4E57B\\C"},
      {"a second byte of GB18030", "GB18030", vr::LO, "\xD5\x5C\\\xCD\xF5", "\u8AA0\\\u738B"},
      {"a caret of GBK", "GBK", vr::PN, "\x81\x5E^X", "\u4E5B^X"},
      {"JIS in the left half", "\\ISO 2022 IR 87", vr::LO, "\x1B$B%\\\x1B(B\\x", "\u30DC\\x"},
      {"an equals sign of JIS", "\\ISO 2022 IR 87", vr::PN, "\x1B$B==\x1B(B=x", "\u5341=x"},
      {"a yen sign in a text", "ISO_IR 13", vr::LT, "5\\", "5\u00A5"},
      {"a yen sign between values", "ISO_IR 13", vr::LO, "5\\6", "5\\6"},
  });
  EXPECT_EQ(values_of("\u4E57 \\b", vr::LO), (std::vector<std::string_view>{"\u4E57", "b"}));
  EXPECT_EQ(values_of("C:\\b", vr::LT), (std::vector<std::string_view>{"C:\\b"}));
}

TEST(Charset, FallsBackToTheFirstSetAfterEachDelimiter) {
  constexpr std::string_view kSets = "ISO 2022 IR 100\\ISO 2022 IR 144";
  struct Reset {
    Vr vr;
    char delimiter;
    bool resets;
  };
  const Reset kResets[] = {
      {vr::LO, '\\', true},  {vr::PN, '\\', true},  {vr::PN, '^', true},   {vr::PN, '=', true},
      {vr::LO, '^', false},  {vr::LT, '=', false},  {vr::LT, '\\', false}, {vr::LT, '\r', true},
      {vr::UT, '\n', true},  {vr::ST, '\f', true},  {vr::LT, '\t', true},
  };
  for (const Reset& each : kResets) {
    const std::string bytes = std::string("\x1B-L\xD4") + each.delimiter + "\xD4";
    const std::string text =
        std::string("\u0434") + each.delimiter + (each.resets ? "\u00D4" : "\u0434");
    EXPECT_EQ(decoded(bytes, each.vr, kSets), text) << to_text(each.vr) << int(each.delimiter);
  }
}

TEST(Charset, UnderstandsHowDevicesSpellIt) {
  const CharacterSet latin = parse_character_set("ISO_IR 100");
  for (const char* spelling : {"ISO IR 100", "ISO-IR 100", "ISO_IR_100", "iso_ir 100 ", "ISO_IR100"}) {
    EXPECT_EQ(parse_character_set(spelling), latin) << spelling;
  }
  EXPECT_EQ(decoded("\xE9", vr::LO, "ISO 2022 IR 100"), "\u00E9");
  EXPECT_EQ(decoded("\xB1\xE6", vr::LO, "ISO 2022 IR 149"), "\uAE38");
  EXPECT_EQ(decoded("\xD5\xC5", vr::LO, "ISO 2022 IR 58"), "\u5F20");
  EXPECT_EQ(decoded("A", vr::LO, ""), "A");
  EXPECT_EQ(parse_character_set(" \0"), CharacterSet{});
}

TEST(Charset, SaysWhenBytesAreNotOfTheSet) {
  struct Bad {
    const char* what;
    std::string_view set;
    Vr vr;
    std::string bytes;
  };
  const Bad kBad[] = {
      {"a high byte without a set", "", vr::LO, "\xE9"},
      {"a control character of Latin 1", "ISO_IR 100", vr::LO, "\x92"},
      {"no character of that set", "ISO_IR 127", vr::LO, "\xA1"},
      {"broken UTF-8", "ISO_IR 192", vr::LO, "\xC3"},
      {"overlong UTF-8", "ISO_IR 192", vr::LO, "\xC0\xAF"},
      {"a NUL inside", "ISO_IR 192", vr::LO, std::string("a\0b", 3)},
      {"a bell", "ISO_IR 100", vr::LO, "\x07"},
      {"an escape without extensions", "ISO_IR 100", vr::LO, "\x1B$B;3"},
      {"an escape into nothing", "\\ISO 2022 IR 87", vr::LO, "\x1B"},
      {"an unknown escape", "\\ISO 2022 IR 87", vr::LO, "\x1B(Z"},
      {"half a character", "\\ISO 2022 IR 87", vr::LO, "\x1B$B;"},
      {"no such row", "\\ISO 2022 IR 87", vr::LO, "\x1B$B~~"},
      {"Korean without its escape", "\\ISO 2022 IR 149", vr::LO, "\xB1\xE6"},
      {"Korean after a delimiter", "\\ISO 2022 IR 149", vr::PN, "\x1B$)C\xB1\xE6^\xB1\xE6"},
      {"half a character of GBK", "GBK", vr::LO, "\x81"},
      {"an escape in GB18030", "GB18030", vr::LO, "\x1B(B"},
      {"an unknown set", "ISO_IR 999", vr::LO, "\xE9"},
      {"a set that stands alone, and another", "ISO_IR 192\\ISO 2022 IR 87", vr::LO, "\xC3\xA9"},
      {"a code string in another set", "ISO_IR 100", vr::CS, "\xE9"},
  };
  for (const Bad& each : kBad) {
    EXPECT_FALSE(decoded(each.bytes, each.vr, each.set).has_value()) << each.what;
  }
  EXPECT_EQ(decoded("plain", vr::LO, "ISO_IR 999"), "plain");
  EXPECT_EQ(decoded(std::string_view("padded \0", 8), vr::LO, "ISO_IR 100"), "padded");
}

TEST(Charset, GovernsTheTextThatTheStandardSays) {
  for (const Vr which : {vr::SH, vr::LO, vr::ST, vr::LT, vr::UC, vr::UT, vr::PN}) {
    EXPECT_TRUE(is_in_character_set(which)) << to_text(which);
  }
  for (const Vr which : {vr::CS, vr::AE, vr::UI, vr::DA, vr::UR, vr::DS, vr::UN, vr::OB}) {
    EXPECT_FALSE(is_in_character_set(which)) << to_text(which);
  }
}

TEST(Charset, PlainAsciiReadsAlikeInEverySet) {
  EXPECT_TRUE(is_plain_ascii(as_bytes("Doe^John=\\ \r\n\t~")));
  EXPECT_TRUE(is_plain_ascii(as_bytes(std::string_view("1.2\0", 4))));
  for (const std::string_view other : {"\x1B(B", "\xE9", "\x7F", "\x07"}) {
    EXPECT_FALSE(is_plain_ascii(as_bytes(other)));
  }
  EXPECT_FALSE(is_plain_ascii(as_bytes(std::string_view("a\0b", 3))));
}

TEST(Charset, ItemsInheritIt) {
  Item item;
  const CharacterSet around = parse_character_set("ISO_IR 144");
  EXPECT_EQ(character_set_of(item, around), around);
  Element own;
  own.tag = tags::SpecificCharacterSet;
  own.vr = vr::CS;
  own.value = as_bytes("ISO_IR 192");
  item.elements.push_back(own);
  EXPECT_EQ(character_set_of(item, around), parse_character_set("ISO_IR 192"));
}

TEST(Charset, AWalkFollowsItThroughItems) {
  CharacterSetWalk walk;
  const CharacterSet ascii;
  const CharacterSet greek = parse_character_set("ISO_IR 126");
  const CharacterSet utf8 = parse_character_set("ISO_IR 192");
  EXPECT_EQ(walk.enter("", 0), ascii);
  walk.declare("ISO_IR 126");
  EXPECT_EQ(walk.enter("", 0), greek);
  EXPECT_EQ(walk.enter("(0040,0275)[1].", 1), greek);
  walk.declare("ISO_IR 192");
  EXPECT_EQ(walk.enter("(0040,0275)[1].", 1), utf8);
  EXPECT_EQ(walk.enter("(0040,0275)[1].(0040,0008)[1].", 2), utf8);
  EXPECT_EQ(walk.enter("(0040,0275)[2].", 1), greek);
  EXPECT_EQ(walk.enter("(0040,0275)[2].(0040,0008)[1].", 2), greek);
  EXPECT_EQ(walk.enter("", 0), greek);
}

TEST(Charset, WritesANameInEveryEncodingThatHasIt) {
  const auto holds = [](std::string_view text, std::string_view form) {
    const auto forms = byte_forms(text);
    return std::find(forms.begin(), forms.end(), form) != forms.end();
  };
  EXPECT_TRUE(holds("J\u00E9r\u00F4me", "J\xE9r\xF4me"));
  EXPECT_TRUE(holds("J\u00E9r\u00F4me", "Je\u0301ro\u0302me"));
  EXPECT_TRUE(holds("\u5C71\u7530", "\x1B$B;3ED"));
  EXPECT_TRUE(holds("\u5C71\u7530", "\xBB\xB3\xC5\xC4"));
  EXPECT_TRUE(holds("\uD64D", "\xC8\xAB"));
  EXPECT_TRUE(holds("\u738B", "\xCD\xF5"));
  EXPECT_TRUE(holds("Doe", std::string_view("D\0o\0e\0", 6)));
  EXPECT_TRUE(holds("Doe", std::string_view("\0D\0o\0e", 6)));
}

/// Whatever the bytes: an answer, and then it is UTF-8.
TEST(Charset, AnswersForAnyBytes) {
  std::mt19937 random(17);
  const char* kSets[] = {"",          "ISO_IR 100", "ISO_IR 13", "ISO_IR 192",
                         "GB18030",   "GBK",        "x",         "\\ISO 2022 IR 87\\ISO 2022 IR 159",
                         "\\ISO 2022 IR 149", "ISO 2022 IR 58\\ISO 2022 IR 100"};
  const std::string_view pieces[] = {"\x1B$B", "\x1B(B", "\x1B$)C", "\x1B$(D", "^", "\\", "=", "\r"};
  std::size_t decoded_texts = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string bytes;
    for (auto length = random() % 8; length > 0; --length) {
      if (random() % 3 == 0) {
        bytes += pieces[random() % std::size(pieces)];
      } else {
        bytes += static_cast<char>(random() % 256);
      }
    }
    const Vr which = std::array{vr::PN, vr::LO, vr::LT, vr::CS}[random() % 4];
    const auto text = decoded(bytes, which, kSets[random() % std::size(kSets)]);
    if (!text) continue;
    ++decoded_texts;
    EXPECT_TRUE(is_utf8(*text));
  }
  EXPECT_GT(decoded_texts, 1'000U);
}

}  // namespace
}  // namespace veilroute::dicom

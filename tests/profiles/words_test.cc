// The cleaner of descriptors: what stays, what goes, and what must hold for any text.
#include "profiles/words.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace veilroute::profiles {
namespace {

TEST(Words, StayWhereTheVocabularyHasThem) {
  const struct {
    const char* text;
    const char* clean;
  } kRows[] = {
      {"CHEST PA", "CHEST PA"},
      {"MR BRAIN W/O CONTRAST DR.SMITH 3/4/21", "MR BRAIN W/O CONTRAST"},
      {"T2 TSE AX FS", "T2 TSE AX FS"},
      {"Axial 5.0 mm", "Axial 5.0 mm"},
      {"post op 3/4/21", "post op"},
      {"Abdomen of Maria Gonzalez-Kowalska", "Abdomen of"},
      {"call 555-123-4567", ""},
      {"MRN 4711081", ""},
      {"Knee left 2026-01-10", "Knee left"},
      {"Thorax ap stehend", "Thorax ap stehend"},
      {"Dr. Hand", ""},
      {"HAND LEFT\\Kowalski", "HAND LEFT\\"},
      {"Kowalski\\Gonzalez", ""},
      {"", ""},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(clean_words(row.text).text, row.clean);
  }
}

TEST(Words, AKnownWordGoesWhereItNamesThePatient) {
  const WordLists lists{[](std::string_view word) { return word == "HAND"; }, {}};
  EXPECT_EQ(clean_words("HAND LEFT for Hand", lists).text.find("HAND"), std::string::npos);
  EXPECT_EQ(clean_words("HAND LEFT", lists).text, "LEFT");
}

TEST(Words, ASiteMayAddItsOwn) {
  const WordLists lists{{}, [](std::string_view word) { return word == "KNIESERIE"; }};
  EXPECT_EQ(clean_words("Knieserie", lists).text, "Knieserie");
  EXPECT_EQ(clean_words("Knieserie").text, "");
}

TEST(Words, ChangesNameWhatWentInTheOriginal) {
  const std::string text = "CHEST Kowalski PA";
  const CleanText clean = clean_words(text);
  EXPECT_EQ(clean.text, "CHEST PA");
  ASSERT_FALSE(clean.changes.empty());
  const auto covers = [&](std::size_t at) {
    return std::any_of(clean.changes.begin(), clean.changes.end(), [at](const TextSpan& span) {
      return span.begin <= at && at < span.begin + span.length;
    });
  };
  for (std::size_t at = text.find("Kowalski"); at < text.find("PA") - 1; ++at)
    EXPECT_TRUE(covers(at));
  EXPECT_FALSE(covers(0));
}

TEST(Words, TheVocabularyIsSortedInCapitalsAndOfSomeSize) {
  std::vector<std::string_view> words;
  for (std::string_view text = vocabulary_text(); !text.empty();) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (text.front() != '#') words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  EXPECT_GT(words.size(), 1'500U);
  EXPECT_TRUE(std::is_sorted(words.begin(), words.end()));
  for (const std::string_view word : words) {
    EXPECT_TRUE(is_vocabulary_word(word)) << word;
    EXPECT_EQ(word.find_first_of("abcdefghijklmnopqrstuvwxyz "), std::string_view::npos) << word;
  }
}

/// For any text: never longer, the same when cleaned again, and without any name or long number.
TEST(Words, NoTextLetsANameThrough) {
  std::mt19937 random(4711);
  const std::vector<std::string> pieces{
      "CHEST",  "left", "Kowalski", "Nguyen", "T1",    "3mm",  "/",         " ",
      "^",      ".",    "-",        "\\",     "12345", "2026", "Zephyrine", "\xc3\xa9",
      "\x1b$B", "of",   "x",        "(",      ")",     ",",    "  ",        "01.02.2026"};
  for (int i = 0; i < 5'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 12; n > 0; --n) text += pieces[random() % pieces.size()];
    SCOPED_TRACE(text);
    const std::string clean = clean_words(text).text;
    ASSERT_LE(clean.size(), text.size());
    ASSERT_EQ(clean_words(clean).text, clean);
    for (const char* name : {"owalski", "guyen", "ephyrine", "12345"}) {
      ASSERT_EQ(clean.find(name), std::string::npos) << clean;
    }
    ASSERT_TRUE(
        std::all_of(clean.begin(), clean.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  }
}

}  // namespace
}  // namespace veilroute::profiles

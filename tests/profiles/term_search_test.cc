// The search automaton beside a search without one.
#include "profiles/term_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <set>

namespace veilroute::profiles {
namespace {

using Hits = std::set<std::pair<std::size_t, std::size_t>>;

Hits found_by(const std::vector<std::string>& terms, const std::string& text) {
  Hits hits;
  TermSearch(terms).find(as_bytes(text),
                         [&](std::size_t term, std::size_t at) { hits.emplace(term, at); });
  return hits;
}

std::string in_capitals(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

TEST(TermSearch, FindsOverlappingRepeatedAndNestedTerms) {
  EXPECT_EQ(found_by({"he", "she", "hers", "HE", ""}, "uSHErs"),
            (Hits{{0, 2}, {1, 1}, {2, 2}, {3, 2}}));
  EXPECT_EQ(found_by({"aa"}, "aaaa"), (Hits{{0, 0}, {0, 1}, {0, 2}}));
  EXPECT_TRUE(found_by({}, "anything").empty());
}

TEST(TermSearch, AgreesWithAPlainSearchOnRandomTexts) {
  std::mt19937 random(11);
  const auto text = [&random](std::size_t longest) {
    std::string out(1 + random() % longest, ' ');
    for (char& c : out) c = "abAB\xC3"[random() % 5];
    return out;
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> terms;
    for (int i = 0; i < 8; ++i) terms.push_back(text(5));
    const std::string where = text(80);
    Hits expected;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      for (std::size_t at = 0; at + terms[i].size() <= where.size(); ++at) {
        if (in_capitals(where.substr(at, terms[i].size())) == in_capitals(terms[i])) expected.emplace(i, at);
      }
    }
    EXPECT_EQ(found_by(terms, where), expected);
  }
}

}  // namespace
}  // namespace veilroute::profiles

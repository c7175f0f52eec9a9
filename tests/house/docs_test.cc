// The pages for people are true where a machine can tell: what they point at exists, and every
// decision page has its four parts.
#include <gtest/gtest.h>

#include <regex>

#include "tests/house/sources.h"

namespace veilroute::house {
namespace {

std::vector<std::filesystem::path> decision_pages() {
  std::vector<std::filesystem::path> pages;
  for (const auto& entry : std::filesystem::directory_iterator(root() / "docs/adr")) {
    pages.push_back(entry.path());
  }
  std::sort(pages.begin(), pages.end());
  return pages;
}

TEST(Decisions, AreNumberedWithoutGaps) {
  const auto pages = decision_pages();
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const std::string digits = std::to_string(i + 1);
    const std::string number = std::string(4 - digits.size(), '0') + digits;
    EXPECT_EQ(pages[i].filename().string().substr(0, 5), number + "-");
    const auto lines = lines_of(pages[i]);
    ASSERT_FALSE(lines.empty()) << pages[i];
    EXPECT_TRUE(lines.front().starts_with("# " + number + " ")) << pages[i];
  }
  EXPECT_GE(pages.size(), 8U);
}

TEST(Decisions, SayQuestionChoiceAndWhatWouldChangeThem) {
  for (const auto& page : decision_pages()) {
    std::string text;
    for (const std::string& line : lines_of(page)) text += line + "\n";
    for (const char* part :
         {"**Question.**", "**Choice.**", "**Turned down.**"}) {
      EXPECT_NE(text.find(part), std::string::npos) << page << " lacks " << part;
    }
    EXPECT_LE(lines_of(page).size(), 30U) << page << " is more than a page";
  }
}

TEST(Decisions, ThatCodeNamesExist) {
  static const std::regex named("docs/adr/([0-9]{4})");
  for (const SourceFile& file : sources()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_search(file.lines[i], match, named)) continue;
      const std::string number = match[1];
      const auto pages = decision_pages();
      EXPECT_TRUE(std::any_of(pages.begin(), pages.end(), [&](const auto& page) {
        return page.filename().string().starts_with(number);
      })) << file.at(i);
    }
  }
}

/// `core/base/crypto.cc`, `tests/run`, `docs/adr/`: quoted, with a slash, of this repository.
TEST(Pages, PointAtThingsThatExist) {
  static const std::regex quoted("`([A-Za-z_.]+/[A-Za-z0-9_./-]*)`");
  std::size_t checked = 0;
  for (const char* page : {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"}) {
    const auto lines = lines_of(root() / page);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      for (std::sregex_iterator it(lines[i].begin(), lines[i].end(), quoted), last; it != last; ++it) {
        std::string path = (*it)[1];
        const std::string top = path.substr(0, path.find('/'));
        if (top == "build" || !std::filesystem::exists(root() / top)) continue;
        ++checked;
        EXPECT_TRUE(std::filesystem::exists(root() / path))
            << page << ":" << i + 1 << " points at `" << path << "`";
      }
    }
  }
  EXPECT_GT(checked, 20U);
}

}  // namespace
}  // namespace veilroute::house

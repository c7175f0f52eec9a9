// ARCHITECTURE.md's walk of one study is true: each function it names is declared in a header of
// the room it names.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "tests/house/sources.h"

namespace veilroute::house {
namespace {

/// "scp::admit" and the like from the third column of the table's rows, in the order of the walk.
std::vector<std::string> functions_of_the_walk() {
  std::vector<std::string> names;
  static const std::regex quoted("`([A-Za-z_:]+)`");
  bool in_walk = false;
  for (const std::string& line : lines_of(root() / "ARCHITECTURE.md")) {
    if (line.starts_with("## ")) in_walk = line.starts_with("## The walk of one study");
    if (!in_walk) continue;
    std::string text = line;
    if (line.starts_with("| ")) {
      std::size_t from = 0;
      for (int column = 0; column < 3 && from != std::string::npos; ++column) {
        from = line.find('|', from + (column == 0 ? 0 : 1));
      }
      const std::size_t end = from == std::string::npos ? from : line.find('|', from + 1);
      if (end == std::string::npos) continue;
      text = line.substr(from, end - from);
    }
    for (std::sregex_iterator it(text.begin(), text.end(), quoted), last; it != last; ++it) {
      const std::string name = (*it)[1];
      // States are words in lower case without "::"; functions and types are qualified.
      if (name.find("::") != std::string::npos || std::isupper(static_cast<unsigned char>(name[0])))
        names.push_back(name);
    }
  }
  return names;
}

bool has_word(const SourceFile& file, const std::string& word) {
  const std::regex whole("\\b" + word + "\\b");
  return std::any_of(file.lines.begin(), file.lines.end(), [&](const std::string& line) {
    return line.find(word) != std::string::npos && std::regex_search(line, whole);
  });
}

const std::map<std::string, std::string>& folder_of_namespace() {
  static const std::map<std::string, std::string> table = {
      {"scp", "scp/"},         {"router", "router/"},     {"profiles", "profiles/"},
      {"dicom", "core/dicom/"}, {"store", "core/store/"}, {"ledger", "core/store/ledger/"},
      {"app", "app/"}};
  return table;
}

bool is_declared(const std::string& name, const std::vector<SourceFile>& files) {
  const std::size_t cut = name.rfind("::");
  const std::string last = cut == std::string::npos ? name : name.substr(cut + 2);
  const std::string before = cut == std::string::npos ? std::string() : name.substr(0, cut);
  const std::string outer = before.substr(0, before.find("::"));
  const auto folder = folder_of_namespace().find(outer);
  for (const SourceFile& file : files) {
    if (!file.is_header() || file.path.starts_with("tests/") || !has_word(file, last)) continue;
    if (folder != folder_of_namespace().end()) {
      if (file.path.starts_with(folder->second)) return true;
    } else if (before.empty() || has_word(file, "class " + before)) {
      return true;
    }
  }
  return false;
}

TEST(Walk, NamesFunctionsThatExist) {
  const auto files = sources();
  const auto names = functions_of_the_walk();
  ASSERT_GE(names.size(), 20U) << "the table of the walk could not be read";
  for (const std::string& name : names) {
    EXPECT_TRUE(is_declared(name, files)) << "ARCHITECTURE.md names `" << name << "`";
  }
  EXPECT_FALSE(is_declared("scp::never_written", files));
  EXPECT_FALSE(is_declared("Spool::never_written", files));
}

TEST(Walk, HasARoomOfEveryFolderThatHoldsCode) {
  std::string text;
  for (const std::string& line : lines_of(root() / "ARCHITECTURE.md")) text += line + "\n";
  std::set<std::string> rooms;
  for (const SourceFile& file : sources()) {
    if (file.path.starts_with("tests/")) continue;
    const std::size_t first = file.path.find('/');
    const bool core = file.path.starts_with("core/");
    rooms.insert(file.path.substr(0, core ? file.path.find('/', first + 1) : first));
  }
  for (const std::string& room : rooms) {
    EXPECT_NE(text.find("| `" + room + "/` |"), std::string::npos)
        << "ARCHITECTURE.md does not say what " << room << " is for";
  }
}

}  // namespace
}  // namespace veilroute::house

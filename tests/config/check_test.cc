// What problems.txt cannot show: that one mistake is one problem, and that nothing is touched.
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "core/base/files.h"
#include "tests/config/site.h"

namespace veilroute::config {
namespace {

using namespace testing;

/// The example as lines, with `key` of `table` set to a value of the wrong kind where it first
/// stands; the number of that line, or 0.
std::size_t spoil(std::string& text, const KeyInfo& info) {
  std::istringstream lines(text);
  const std::regex header(R"(\[+([a-z.]+)\]+\s*)");
  std::string table;
  std::string spoilt;
  std::size_t found = 0;
  std::size_t number = 0;
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (std::regex_match(line, match, header)) table = match[1];
    const bool is_it = found == 0 && table == info.table && line.starts_with(info.key + " = ") &&
                       line.find("'''") == std::string::npos;
    if (is_it) {
      found = number;
      line = info.key + " = " + (info.type == "true or false" ? "5" : "true");
    }
    spoilt += line + "\n";
  }
  text = spoilt;
  return found;
}

TEST(Check, ReportsABrokenValueOnceAndNothingThatOnlyFollows) {
  const SiteFolder site;
  for (const char* name : {"partners-ca.crt", "bone-ca.crt", "web-ca.crt"}) {
    fs::copy_file(site.path() / "keys/ca.crt", site.path() / "keys" / name);
  }
  fs::copy_file(site.path() / "keys/node.key", site.path() / "keys/web-secret");
  const std::string kClassTable = "destination.retry.CLASS";
  std::size_t spoilt = 0;
  std::size_t shared = 0;
  for (const KeyInfo& info : keys()) {
    // Which class a table is of makes no difference, and the example writes few of them.
    if (info.range == kClassTable || info.table == kClassTable) ++shared;
    std::string text(example_site());
    const std::size_t line = spoil(text, info);
    if (line == 0) continue;  // written in another way, or commented out
    ++spoilt;
    const Loaded loaded = site.load_alone(text);
    EXPECT_EQ(loaded.config, nullptr);
    ASSERT_EQ(loaded.problems.size(), 1U)
        << info.table << "." << info.key << "\n" << lines_of(loaded.problems);
    EXPECT_EQ(loaded.problems[0].slug, "config.wrong-kind");
    EXPECT_EQ(loaded.problems[0].place.line, line);
  }
  EXPECT_GE(spoilt + shared + 16, keys().size());
}

TEST(Check, SeesTheSameTwiceAndTouchesNothing) {
  const SiteFolder site;
  const auto listing = [&] {
    std::string all;
    for (const auto& entry : fs::recursive_directory_iterator(site.path())) {
      all += entry.path().string() + "\n";
    }
    return all;
  };
  const std::string first = lines_of(site.load_beside("[log]\nlevl = 1\n[speol]\n").problems);
  const std::string before = listing();
  EXPECT_EQ(lines_of(site.load_beside("[log]\nlevl = 1\n[speol]\n").problems), first);
  EXPECT_EQ(listing(), before);
}

TEST(Check, ListsWhatThereIsInsteadButNotWithoutEnd) {
  const SiteFolder site;
  site.write("site.toml", kWholeSite);
  EXPECT_EQ(lines_of(load(site.path(), {}, now()).problems),
            "site.toml:33:11  route \"hands\": profile \"basic\" does not exist; there is none   "
            "[route.unknown-profile]\n");
  std::vector<KnownProfile> many;
  for (char c = 'a'; c <= 'z'; ++c) many.push_back({ProfileName{std::string(9, c)}, {}});
  const std::string said = lines_of(load(site.path(), many, now()).problems);
  EXPECT_NE(said.find(", lllllllll and 14 more"), std::string::npos) << said;
}

TEST(Check, AsksThatKeysAreClosedToOthers) {
  const SiteFolder site;
  site.write("site.toml", kWholeSite);
  EXPECT_EQ(lines_of(load(site.path(), profiles(), now()).problems), "");
  SiteFolder::set_mode(site.path() / "keys/node.key", 0604);
  const std::string said = lines_of(load(site.path(), profiles(), now()).problems);
  EXPECT_NE(said.find("run: chmod 600 keys/node.key"), std::string::npos) << said;
  SiteFolder::set_mode(site.path() / "keys/node.key", 0400);
  EXPECT_EQ(lines_of(load(site.path(), profiles(), now()).problems), "");
  SiteFolder::set_mode(site.path() / "keys/master.key", 0440);
  const std::string of_master = lines_of(load(site.path(), profiles(), now()).problems);
  EXPECT_NE(of_master.find("run: chmod 400 keys/master.key"), std::string::npos) << of_master;
}

}  // namespace
}  // namespace veilroute::config

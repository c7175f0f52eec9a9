// The example is right, complete, and no damage to it ends the process.
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

#include "tests/config/site.h"
#include "tests/support/mutate.h"

namespace veilroute::config {
namespace {

using namespace testing;

constexpr int kMutations = 2000;

/// The site of the tests with the files that the example names.
class ExampleSite : public SiteFolder {
 public:
  ExampleSite() {
    for (const char* name : {"partners-ca.crt", "bone-ca.crt", "web-ca.crt"}) {
      fs::copy_file(path() / "keys/ca.crt", path() / "keys" / name);
    }
    write("keys/web-secret", "a secret");
    set_mode(path() / "keys/web-secret", 0600);
  }
};

TEST(Example, LoadsWithoutAProblem) {
  const ExampleSite site;
  const Loaded loaded = site.load_alone(example_site());
  EXPECT_EQ(lines_of(loaded.problems), "");
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->listeners.size(), 2U);
  EXPECT_EQ(loaded.config->sources.size(), 3U);
  EXPECT_EQ(loaded.config->destinations.size(), 3U);
  EXPECT_EQ(loaded.config->routes.size(), 2U);
  EXPECT_EQ(loaded.config->routes[1].pixel_trust, "pixel review ER_CR1, 2026-10");
}

/// "table.key" of everything that stands in the tree.
void collect(const toml::Node& table, const std::string& name, std::set<std::string>& found) {
  for (const auto& [key, value] : table.members) {
    found.insert(name + "." + key);
    if (value.kind == toml::Kind::table) collect(value, name + "." + key, found);
  }
}

TEST(Example, ShowsEveryKey) {
  const toml::Parsed parsed = toml::parse(example_site(), "site.toml");
  ASSERT_FALSE(parsed.error);
  std::set<std::string> found;
  for (const auto& [name, value] : parsed.root.members) {
    if (value.kind == toml::Kind::table) collect(value, name, found);
    for (const toml::Node& item : value.items) collect(item, name, found);
  }
  // An alternative may be commented out: it counts under the last table above it.
  std::istringstream lines{std::string(example_site())};
  const std::regex header(R"(\[+([a-z.]+)\]+\s*)");
  const std::regex alternative("# ([a-z_0-9-]+) = .*");
  std::string table;
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_match(line, match, header)) table = match[1];
    if (std::regex_match(line, match, alternative)) found.insert(table + "." + match[1].str());
  }
  for (const KeyInfo& info : keys()) {
    if (info.table == "destination.retry.CLASS") {
      // One class shows what the tables of all may have.
      EXPECT_TRUE(found.contains("destination.retry.busy." + info.key)) << info.key;
      continue;
    }
    EXPECT_TRUE(found.contains(info.table + "." + info.key)) << info.table << "." << info.key;
  }
}

TEST(Example, GivesAConfigurationOrAProblemHoweverItIsDamaged) {
  const ExampleSite site;
  const Bytes example(example_site().begin(), example_site().end());
  std::mt19937 random(1);
  int good = 0;
  for (int i = 0; i < kMutations; ++i) {
    const Bytes damaged = test::mutated(example, random);
    const Loaded loaded = site.load_alone(as_text(damaged));
    const bool has_errors = std::any_of(loaded.problems.begin(), loaded.problems.end(),
                                        [](const Problem& one) { return !one.warning; });
    ASSERT_EQ(loaded.config == nullptr, has_errors) << as_text(damaged);
    for (const Problem& one : loaded.problems) {
      ASSERT_EQ(one.place.file, "site.toml");
      ASSERT_FALSE(one.what.empty() || one.slug.empty());
    }
    good += has_errors ? 0 : 1;
  }
  // Both must have happened, else the damage is too little or too much to prove anything.
  EXPECT_GT(good, kMutations / 100);
  EXPECT_LT(good, kMutations / 2);
}

}  // namespace
}  // namespace veilroute::config

// init: a site that is right from the first moment, and nothing of anybody's overwritten.
#include "app/operations/init.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "app/settings.h"
#include "app/site.h"
#include "tests/support/node.h"

namespace veilroute::app {
namespace {

namespace fs = std::filesystem;

unsigned mode_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777U;
}

NewSite site_in(const TemporaryFolder& folder, bool demo) {
  NewSite wanted;
  wanted.folder = folder.path() / "site";
  wanted.demo = demo;
  return wanted;
}

TEST(Init, RefusesAFolderWithAnythingInIt) {
  const TemporaryFolder folder;
  const auto file = folder.write("site/notes.txt", "mine");
  const auto made = init_site(site_in(folder, false));
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().slug, "site.folder-not-empty");
  EXPECT_EQ(test::read_file(file), "mine");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path() / "site"), {}), 1);
}

TEST(Init, RefusesAFileInPlaceOfAFolder) {
  const TemporaryFolder folder;
  folder.write("site", "a file");
  const auto made = init_site(site_in(folder, false));
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().slug, "site.folder-not-empty");
  EXPECT_EQ(test::read_file(folder.path() / "site"), "a file");
}

TEST(Init, RefusesNamesThatWouldNotLoad) {
  struct Case {
    const char* what;
    void (*spoil)(NewSite&);
  };
  const Case cases[] = {
      {"capitals", [](NewSite& site) { site.name = "North"; }},
      {"no name", [](NewSite& site) { site.name = ""; }},
      {"a quotation mark", [](NewSite& site) { site.name = "a\"b"; }},
      {"an AE title of 17", [](NewSite& site) { site.ae_title = "12345678901234567"; }},
      {"an AE title with a backslash", [](NewSite& site) { site.ae_title = "A\\B"; }},
      {"no port", [](NewSite& site) { site.listen = "127.0.0.1"; }},
      {"a port too high", [](NewSite& site) { site.listen = "127.0.0.1:65536"; }},
      {"a host with a quotation mark", [](NewSite& site) { site.partner = "a\"b:104"; }},
      {"a line break", [](NewSite& site) { site.partner = "a\nb:104"; }},
  };
  for (const Case& one : cases) {
    const TemporaryFolder folder;
    NewSite wanted = site_in(folder, true);
    one.spoil(wanted);
    const auto made = init_site(wanted);
    ASSERT_FALSE(made.ok()) << one.what;
    EXPECT_EQ(made.error().kind, ErrorKind::invalid) << one.what;
    EXPECT_FALSE(fs::exists(wanted.folder)) << one.what << ": nothing may stay behind";
  }
}

class InitBoth : public testing::TestWithParam<bool> {};

TEST_P(InitBoth, MakesASiteWithoutAnyProblem) {
  const TemporaryFolder folder;
  const NewSite wanted = site_in(folder, GetParam());
  const auto made = init_site(wanted);
  ASSERT_TRUE(made.ok()) << made.error().text();
  const auto loaded = load_settings(wanted.folder, SystemClock().now());
  // A plain site says what is still to be filled in, and nothing else.
  const std::set<std::string> to_do = {"config.no-sources", "config.no-routes"};
  for (const auto& problem : loaded.problems) {
    EXPECT_TRUE(!GetParam() && problem.warning && to_do.contains(problem.slug)) << problem.text();
  }
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.settings.config->routes.size(), GetParam() ? 1U : 0U);
  EXPECT_EQ(loaded.settings.config->destinations.size(), GetParam() ? 1U : 0U);
}

TEST_P(InitBoth, MakesASiteThatOpens) {
  const TemporaryFolder folder;
  const NewSite wanted = site_in(folder, GetParam());
  ASSERT_TRUE(init_site(wanted).ok());
  SystemClock clock;
  const auto site = Site::open(wanted.folder, clock);
  ASSERT_TRUE(site.ok()) << site.error().text();
  const auto inspected = (*site)->catalog().inspect_ledger();
  ASSERT_TRUE(inspected.ok());
  EXPECT_TRUE(inspected->ok);
}

TEST_P(InitBoth, KeepsSecretsToItsOwner) {
  const TemporaryFolder folder;
  const NewSite wanted = site_in(folder, GetParam());
  const auto made = init_site(wanted);
  ASSERT_TRUE(made.ok());
  for (const auto& name : *made) {
    const unsigned mode = mode_of(wanted.folder / name);
    if (name.ends_with(".crt")) continue;  // certificates are for showing
    EXPECT_EQ(mode & 077U, 0U) << name;
  }
  for (const char* name : {"keys", "state", "state/spool", "state/outbox", "conf.d", "log"}) {
    EXPECT_EQ(mode_of(wanted.folder / name), 0700U) << name;
  }
  EXPECT_EQ(mode_of(wanted.folder / "keys/master.key"), 0400U);
}

TEST_P(InitBoth, TellsOfEveryFileThatItMade) {
  const TemporaryFolder folder;
  const NewSite wanted = site_in(folder, GetParam());
  const auto made = init_site(wanted);
  ASSERT_TRUE(made.ok());
  std::vector<std::string> told = *made;
  std::vector<std::string> there;
  for (const auto& file : test::files_below(wanted.folder)) {
    there.push_back(file.lexically_relative(wanted.folder).string());
  }
  std::sort(told.begin(), told.end());
  std::sort(there.begin(), there.end());
  EXPECT_EQ(told, there);
}

TEST_P(InitBoth, MakesDifferentKeysEachTime) {
  const TemporaryFolder one;
  const TemporaryFolder two;
  ASSERT_TRUE(init_site(site_in(one, GetParam())).ok());
  ASSERT_TRUE(init_site(site_in(two, GetParam())).ok());
  for (const char* name : {"site/keys/master.key", "site/keys/node.key"}) {
    EXPECT_NE(test::read_file(one.path() / name), test::read_file(two.path() / name)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutDemo, InitBoth, testing::Bool(),
                         [](const auto& param) { return param.param ? "Demo" : "Plain"; });

TEST(Init, WritesWhatWasAskedFor) {
  const TemporaryFolder folder;
  NewSite wanted = site_in(folder, true);
  wanted.name = "north-radiology";
  wanted.ae_title = "NORTH 1";
  wanted.listen = "0.0.0.0:10400";
  wanted.partner = "127.0.0.1:2799";
  ASSERT_TRUE(init_site(wanted).ok());
  const auto settings = require_settings(wanted.folder, SystemClock().now());
  ASSERT_TRUE(settings.ok()) << settings.error().text();
  EXPECT_EQ(settings->config->site.name, "north-radiology");
  EXPECT_EQ(settings->config->site.ae_title.value, "NORTH 1");
  EXPECT_EQ(settings->config->listeners[0].bind.port, 10400);
  EXPECT_EQ(settings->config->destinations[0].address.port, 2799);
}

TEST(Init, LeavesExamplesThatLoadOnceTheyAreFilledIn) {
  const TemporaryFolder folder;
  const NewSite wanted = site_in(folder, true);
  ASSERT_TRUE(init_site(wanted).ok());
  const auto conf = wanted.folder / "conf.d";
  fs::copy_file(conf / "destination.toml.example", conf / "bone.toml");
  fs::copy_file(conf / "route.toml.example", conf / "hands.toml");
  fs::copy_file(wanted.folder / "keys/development-ca.crt", wanted.folder / "keys/bone-ca.crt");
  // The one thing that the examples cannot know: the site's sources.
  std::string route = test::read_file(conf / "hands.toml");
  const std::string source = "er-xray";
  route.replace(route.find(source), source.size(), "demo-modality");
  std::ofstream(conf / "hands.toml") << route;
  const auto loaded = load_settings(wanted.folder, SystemClock().now());
  for (const auto& problem : loaded.problems) {
    if (!problem.warning) ADD_FAILURE() << problem.text();
  }
}

}  // namespace
}  // namespace veilroute::app

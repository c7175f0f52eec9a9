// What load() says of each mistake, where, and that nothing it can say is untested.
#include "config/load.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "core/base/files.h"
#include "tests/config/site.h"

namespace veilroute::config {
namespace {

using namespace testing;

const fs::path kSource = VEILROUTE_SOURCE_DIR;
const fs::path kCases = kSource / "tests/config/problems.txt";

struct Case {
  std::string name;
  std::string text;
  std::string problems;
};

/// problems.txt: what stands before the first case, and the cases.
std::pair<std::string, std::vector<Case>> read_cases() {
  std::pair<std::string, std::vector<Case>> read;
  std::ifstream in(kCases);
  std::string* part = &read.first;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("=== ")) {
      read.second.push_back({line.substr(4), "", ""});
      part = &read.second.back().text;
    } else if (line == "---") {
      part = &read.second.back().problems;
    } else if (part == &read.first || part == &read.second.back().text || !line.empty()) {
      *part += line + "\n";
    }
  }
  return read;
}

TEST(Load, SaysOfEachMistakeWhatAndWhere) {
  const SiteFolder site;
  auto [head, cases] = read_cases();
  ASSERT_GT(cases.size(), 40U);
  std::string golden = head;
  const bool update = std::getenv("VEILROUTE_UPDATE_GOLDEN") != nullptr;
  for (const Case& one : cases) {
    const bool alone = one.name.starts_with("site.toml");
    const Loaded loaded = alone ? site.load_alone(one.text) : site.load_beside(one.text);
    const std::string problems = lines_of(loaded.problems);
    const bool has_errors = std::any_of(loaded.problems.begin(), loaded.problems.end(),
                                        [](const Problem& problem) { return !problem.warning; });
    EXPECT_EQ(loaded.config == nullptr, has_errors) << one.name;
    if (!update) {
      EXPECT_EQ(problems, one.problems) << one.name;
    }
    golden += "=== " + one.name + "\n" + one.text + "---\n" + problems + "\n";
  }
  if (update) std::ofstream(kCases) << golden;
}

TEST(Load, SaysWhenFilesCannotBeRead) {
  const SiteFolder site;
  const auto only = [&] {
    const Loaded loaded = load(site.path(), profiles(), now());
    EXPECT_EQ(loaded.config, nullptr);
    EXPECT_EQ(loaded.problems.size(), 1U) << lines_of(loaded.problems);
    return lines_of(loaded.problems);
  };
  // [config.unreadable]: and nothing that would only follow from the missing file.
  EXPECT_NE(only().find("site.toml:1:1  this file cannot be read: "), std::string::npos);
  fs::create_directory(site.path() / "site.toml");
  EXPECT_NE(only().find("[config.unreadable]"), std::string::npos);
  fs::remove(site.path() / "site.toml");
  site.write("site.toml", kWholeSite);
  site.write("conf.d", "a file");
  EXPECT_EQ(only(), "conf.d:1:1  this folder cannot be read   [config.unreadable]\n");
  fs::remove(site.path() / "conf.d");
  site.write("conf.d/a.toml", std::string((4U << 20U) + 1, '#'));
  EXPECT_NE(only().find("conf.d/a.toml:1:1  this file cannot be read: "), std::string::npos);
}

TEST(Load, RefusesConditionsThatNobodyCanFollow) {
  const SiteFolder site;
  const auto said = [&](const std::string& condition) {
    return lines_of(site.load_beside("[[route]]\nname = \"x\"\nwhen = '" + condition +
                                     "'\ndestination = \"bone\"\nprofile = \"basic\"\nbasis = "
                                     "\"de-identified\"\nconsent = { required = false, reason = "
                                     "\"none\" }\n")
                        .problems);
  };
  std::string many = "Rows = 1";
  for (int i = 0; i < 255; ++i) many += " or Rows = 1";
  EXPECT_EQ(said(many), "");
  EXPECT_EQ(said(many + " or Rows = 1"),
            "conf.d/a.toml:3:3081  route \"x\": \"when\" - more comparisons than anybody can "
            "follow   [condition.too-long]\n");
  EXPECT_EQ(said("Rows = 1" + std::string(16'377, ' ')),
            "conf.d/a.toml:3:9  route \"x\": \"when\" - a condition of more than 16384 characters  "
            " [condition.too-long]\n");
  std::string list = "Rows in [1";
  for (int i = 0; i < 999; ++i) list += ",1";
  EXPECT_EQ(said(list + "]"), "");
  EXPECT_EQ(said(list + ",1]"),
            "conf.d/a.toml:3:2018  route \"x\": \"when\" - more than 1000 values in one list   "
            "[condition.too-long]\n");
}

TEST(Load, ReadsFilesInOrderAndListsProblemsInOrder) {
  const SiteFolder site;
  site.write("site.toml", "[site]\nname = \"north\"\nae_title = \"\"\n");
  site.write("conf.d/20-b.toml", "[log]\nlevl = 1\n");
  site.write("conf.d/10-a.toml", "[spool]\nx = 1\n\n[completion]\ny = 1\n");
  site.write("conf.d/.hidden.toml", "not TOML");
  site.write("conf.d/30-c.toml.example", "not TOML");
  std::vector<std::string> places;
  for (const Problem& one : load(site.path(), profiles(), now()).problems) {
    if (!one.warning) places.push_back(one.place.text());
  }
  EXPECT_EQ(places, (std::vector<std::string>{"site.toml:3:12", "conf.d/10-a.toml:2:1",
                                              "conf.d/10-a.toml:5:1", "conf.d/20-b.toml:2:1"}));
}

TEST(Load, HandsOutWhatWasWritten) {
  const SiteFolder site;
  const Loaded loaded = site.load_beside(
      "[completion]\nquiet = \"250ms\"\nlongest = \"2h\"\n[spool]\nreserve = \"3GiB\"\n[log]\n"
      "level = \"debug\"\njson = true\n");
  ASSERT_NE(loaded.config, nullptr) << lines_of(loaded.problems);
  const Config& config = *loaded.config;
  EXPECT_EQ(config.folder, site.path());
  EXPECT_EQ(config.completion.quiet, std::chrono::milliseconds(250));
  EXPECT_EQ(config.completion.longest, std::chrono::hours(2));
  EXPECT_EQ(config.spool.reserve_bytes, 3ULL << 30U);
  EXPECT_EQ(config.log.level, "debug");
  EXPECT_TRUE(config.log.json);
  ASSERT_EQ(config.listeners.size(), 2U);
  EXPECT_EQ(config.listeners[0].protocol, Protocol::dicom);
  EXPECT_EQ(config.listeners[0].bind.port, 11112);
  EXPECT_EQ(config.listeners[1].protocol, Protocol::dicom_tls);
  EXPECT_EQ(config.listeners[1].key, site.path() / "keys/node.key");
  EXPECT_EQ(config.sources.at(0).addresses, std::vector<std::string>{"10.20.0.0/16"});
  const Destination* bone = config.find(DestinationName{"bone"});
  ASSERT_NE(bone, nullptr);
  EXPECT_EQ(bone->address.host, "pacs.bone.example");
  ASSERT_TRUE(bone->gate);
  EXPECT_EQ(bone->gate->document, "DUA-2026-014");
  EXPECT_EQ(bone->gate->valid_until, std::chrono::year(2099) / 12 / 31);
  const Route* hands = config.find(RouteName{"hands"});
  ASSERT_NE(hands, nullptr);
  EXPECT_EQ(hands->when.text(), "source = \"er\" and BodyPartExamined = \"HAND\"");
  EXPECT_FALSE(hands->consent.required);
  EXPECT_EQ(config.find(RouteName{"absent"}), nullptr);
  EXPECT_EQ(config.find(DestinationName{"absent"}), nullptr);
}

TEST(Load, HandsOutADestinationByStow) {
  const SiteFolder site;
  const Loaded loaded = site.load_beside(
      "[[destination]]\nname = \"web\"\nprotocol = \"stow\"\nurl = \"https://[::1]:8443/dicom-web/\"\n"
      "ca = \"keys/ca.crt\"\nbatch_bytes = \"2MiB\"\nqido = true\n"
      "oauth = { token_url = \"https://login.example\", client_id = \"us\", "
      "client_secret_file = \"keys/group.key\" }\n");
  ASSERT_NE(loaded.config, nullptr) << lines_of(loaded.problems);
  const Destination* web = loaded.config->find(DestinationName{"web"});
  ASSERT_TRUE(web != nullptr && web->stow);
  EXPECT_EQ(web->protocol, Protocol::stow);
  EXPECT_TRUE(is_encrypted(*web));
  EXPECT_EQ(web->address.host, "::1");
  EXPECT_EQ(web->address.port, 8443);
  EXPECT_EQ(web->stow->url, "https://[::1]:8443/dicom-web");
  EXPECT_EQ(web->stow->batch_bytes, 2ULL << 20U);
  EXPECT_EQ(web->stow->batch_objects, 50U);
  EXPECT_TRUE(web->stow->qido);
  ASSERT_TRUE(web->stow->oauth);
  EXPECT_EQ(web->stow->oauth->ca, site.path() / "keys/ca.crt");
  EXPECT_FALSE(loaded.config->find(DestinationName{"bone"})->stow);
}

TEST(Load, FillsInTheDefaultsOfTheReference) {
  const SiteFolder site;
  const Loaded loaded = site.load_beside("");
  ASSERT_NE(loaded.config, nullptr) << lines_of(loaded.problems);
  const Config& config = *loaded.config;
  EXPECT_EQ(config.site.data_dir, site.path() / "state");
  EXPECT_EQ(config.site.master_key, "file:keys/master.key");
  EXPECT_EQ(config.completion.quiet, std::chrono::seconds(30));
  EXPECT_EQ(config.completion.longest, std::chrono::minutes(15));
  EXPECT_EQ(config.spool.reserve_bytes, 512ULL << 20U);
  EXPECT_EQ(config.log.level, "info");
  const Listener& ward = config.listeners.at(0);
  EXPECT_EQ(ward.most_associations, 64U);
  EXPECT_EQ(ward.idle, std::chrono::seconds(60));
  EXPECT_TRUE(ward.cert.empty() && ward.health_ae.value.empty() && !ward.private_classes);
  const Destination& bone = config.destinations.at(0);
  EXPECT_EQ(bone.calling_ae.value, "VEILROUTE");
  EXPECT_EQ(bone.scope.value, "destination:bone");
  EXPECT_EQ(bone.associations, 2U);
  const RetryPolicy& off = bone.retry.at(FailureClass::refused_connection);
  EXPECT_EQ(off.first_delay, std::chrono::seconds(30));
  EXPECT_EQ(off.longest_delay, std::chrono::minutes(10));
  EXPECT_EQ(off.most_attempts, 0U);
  EXPECT_EQ(bone.connect_timeout, std::chrono::seconds(15));
  EXPECT_EQ(bone.answer_timeout, std::chrono::seconds(60));
  EXPECT_TRUE(config.routes.at(0).enabled);
  EXPECT_TRUE(config.routes.at(0).include.text().empty());
  EXPECT_TRUE(config.routes.at(0).pixel_trust.empty());
}

TEST(Load, LaysRetriesOfAClassOverThoseOfAllOverTheDefaults) {
  using std::chrono::minutes;
  using std::chrono::seconds;
  const SiteFolder site;
  const Loaded loaded = site.load_beside(R"(
[[destination]]
name = "slow"
protocol = "dicom"
host = "localhost"
port = 106
called_ae = "C"
gate = { basis = "treatment", valid_until = 2099-12-31, approved_by = "board" }
[destination.retry]
longest_delay = "45s"
most_attempts = 7
factor = 3
[destination.retry.busy]
longest_delay = "2h"
jitter = 0
at_end = "refuse"
[destination.retry.tls-trust]
first_delay = "5min"
)");
  ASSERT_NE(loaded.config, nullptr) << lines_of(loaded.problems);
  const RetryPolicies& retry = loaded.config->find(DestinationName{"slow"})->retry;
  struct ClassCase {
    FailureClass one;
    seconds first, longest;
    unsigned most;
    double factor, jitter;
    AtEnd at_end;
  };
  const ClassCase kClassCases[] = {
      {FailureClass::refused_connection, seconds(30), seconds(45), 7, 3, 0.2, AtEnd::hold},
      {FailureClass::timeout, seconds(45), seconds(45), 7, 3, 0.2, AtEnd::hold},
      {FailureClass::busy, seconds(45), minutes(120), 7, 3, 0, AtEnd::refuse},
      {FailureClass::own_fault, seconds(30), seconds(45), 0, 3, 0.2, AtEnd::hold},
      {FailureClass::tls_trust, minutes(5), minutes(15), 0, 1, 0.2, AtEnd::hold},
      {FailureClass::object_refused, seconds(45), seconds(45), 7, 3, 0.2, AtEnd::refuse},
  };
  for (const ClassCase& c : kClassCases) {
    const RetryPolicy& policy = retry.at(c.one);
    EXPECT_EQ(policy.first_delay, c.first) << to_string(c.one);
    EXPECT_EQ(policy.longest_delay, c.longest) << to_string(c.one);
    EXPECT_EQ(policy.most_attempts, c.most) << to_string(c.one);
    EXPECT_EQ(policy.factor, c.factor) << to_string(c.one);
    EXPECT_EQ(policy.jitter, c.jitter) << to_string(c.one);
    EXPECT_EQ(policy.at_end, c.at_end) << to_string(c.one);
  }
  EXPECT_EQ(retry.longest_delay(), minutes(120));
}

std::set<std::string> found_in(const fs::path& file, const std::regex& form) {
  const auto text = read_text_file(file);
  EXPECT_TRUE(text.ok()) << file;
  std::set<std::string> found;
  for (std::sregex_iterator at(text->begin(), text->end(), form), end; at != end; ++at) {
    found.insert((*at)[1]);
  }
  return found;
}

TEST(Load, HasACaseForEverySlug) {
  const std::string rooms = "config|completion|listener|source|destination|gate|route|condition";
  std::set<std::string> slugs;
  for (const auto& entry : fs::directory_iterator(kSource / "config")) {
    if (entry.path().extension() != ".cc") continue;
    slugs.merge(found_in(entry.path(), std::regex("\"((?:" + rooms + ")\\.[a-z-]+)\"")));
  }
  EXPECT_GT(slugs.size(), 40U);
  const std::regex shown("\\[((?:" + rooms + ")\\.[a-z-]+)\\]");
  std::set<std::string> tested = found_in(kCases, shown);
  tested.merge(found_in(kSource / "tests/config/load_test.cc", shown));
  // Tables inside tables are named in the same way.
  for (const KeyInfo& info : keys()) {
    slugs.erase(info.table);
    tested.erase(info.table);
  }
  for (const std::string& slug : slugs) {
    EXPECT_TRUE(tested.contains(slug)) << slug << " can be reported, and no case shows it";
  }
  for (const std::string& slug : tested) {
    EXPECT_TRUE(slugs.contains(slug)) << slug << " is in a case, and nothing reports it";
  }
}

}  // namespace
}  // namespace veilroute::config

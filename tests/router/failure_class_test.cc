// Every word that the way out can end with has a class, and each class does what its policy says.
#include "router/failure_class.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>

#include "router/next_step.h"

namespace veilroute::router {
namespace {

namespace fs = std::filesystem;
using Class = config::FailureClass;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr TimePoint kNow = TimePoint(seconds(1'800'000'000));

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Files whose errors can become an attempt's slug: the upper layer, TLS, and the senders.
bool is_on_the_way_out(const fs::path& file) {
  const std::string name = file.filename().string();
  if (!name.ends_with(".cc") && !name.ends_with(".h")) return false;
  const std::string room = file.parent_path().filename().string();
  for (const char* beginning : {"upper_layer", "transport", "tls", "pdu", "command"}) {
    if (room == "dicom" && name.starts_with(beginning)) return true;
  }
  for (const char* beginning : {"dicom_sender", "stow_", "http", "bearer_", "send."}) {
    if (room == "router" && name.starts_with(beginning)) return true;
  }
  return false;
}

/// Slug → a file that names it.
std::map<std::string, std::string> slugs_of_the_way_out() {
  const std::regex slug(
      R"re("((?:network|tls|association|pdu|command|sender|http|peer)\.[a-z0-9-]+)")re");
  std::map<std::string, std::string> found;
  const fs::path root = VEILROUTE_SOURCE_DIR;
  for (const char* room : {"core/dicom", "router"}) {
    for (const auto& entry : fs::directory_iterator(root / room)) {
      if (!is_on_the_way_out(entry.path())) continue;
      const std::string text = read(entry.path());
      for (std::sregex_iterator at(text.begin(), text.end(), slug), end; at != end; ++at) {
        found.emplace((*at)[1].str(), entry.path().filename().string());
      }
    }
  }
  return found;
}

TEST(FailureClass, IsKnownForEverySlugOfTheWayOut) {
  const auto found = slugs_of_the_way_out();
  ASSERT_GT(found.size(), 55U) << "the search finds too little to mean anything";
  for (const auto& [slug, file] : found) {
    EXPECT_TRUE(known_class(slug).has_value()) << slug << " of " << file << " has no class";
  }
  EXPECT_FALSE(known_class("weather.rain").has_value());
  EXPECT_EQ(class_of("weather.rain"), Class::other);
}

TEST(FailureClass, IsThatOfTheTable) {
  struct Case {
    const char* slug;
    Class one;
    bool gone;
  };
  const Case kCases[] = {
      {"network.unreachable", Class::refused_connection, true},
      {"network.unknown-host", Class::refused_connection, true},
      {"tls.wrong-host", Class::tls_trust, true},
      {"tls.wrong-pin", Class::tls_trust, true},
      {"tls.certificate-expired", Class::tls_trust, true},
      {"tls.certificate-revoked", Class::tls_trust, true},
      {"tls.no-common-version", Class::tls_other, true},
      {"tls.a-word-of-tomorrow", Class::tls_other, true},
      {"association.rejected", Class::rejected_for_good, true},
      {"association.rejected-for-now", Class::rejected_transient, true},
      {"association.aborted", Class::aborted, false},
      {"network.lost", Class::aborted, false},
      {"network.timeout", Class::timeout, true},
      {"sender.receiver-busy", Class::busy, false},
      {"http.too-many-requests", Class::busy, false},
      {"sender.object-refused", Class::object_refused, false},
      {"file.failed", Class::own_fault, false},
      {"outbox.broken", Class::own_fault, false},
      {"catalog.failed", Class::own_fault, false},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(class_of(c.slug), c.one) << c.slug;
    EXPECT_EQ(is_peer_gone(class_of(c.slug)), c.gone) << c.slug;
  }
}

TEST(NextStep, IsThatOfTheClass) {
  using What = NextStep::What;
  struct Case {
    const char* name;
    store::FailureRun before;
    Class failure;
    What what;
    seconds delay;
    std::uint32_t count;
  };
  const Case kCases[] = {
      {"a receiver that is off, first", {}, Class::refused_connection, What::again, seconds(30), 1},
      {"and third",
       {"refused-connection", 2},
       Class::refused_connection,
       What::again,
       seconds(120),
       3},
      {"and after a month",
       {"refused-connection", 5000},
       Class::refused_connection,
       What::again,
       minutes(10),
       5001},
      {"distrust", {"tls-trust", 9}, Class::tls_trust, What::again, minutes(15), 10},
      {"rejected for good, first", {}, Class::rejected_for_good, What::again, minutes(1), 1},
      {"rejected for good after a night without the receiver",
       {"refused-connection", 300},
       Class::rejected_for_good,
       What::again,
       minutes(1),
       1},
      {"rejected for good a third time",
       {"rejected-for-good", 2},
       Class::rejected_for_good,
       What::hold,
       minutes(9),
       3},
      {"no room, for weeks", {"busy", 800}, Class::busy, What::again, minutes(30), 801},
      {"aborted a tenth time", {"aborted", 9}, Class::aborted, What::hold, minutes(30), 10},
      {"objects refused a third time",
       {"object-refused", 2},
       Class::object_refused,
       What::refuse,
       minutes(4),
       3},
      {"our disk, for ever", {"own-fault", 4000}, Class::own_fault, What::again, minutes(10), 4001},
  };
  const config::RetryPolicies policies;
  for (const Case& c : kCases) {
    const NextStep step = next_step(c.before, c.failure, policies, kNow, 0);
    EXPECT_EQ(step.what, c.what) << c.name;
    EXPECT_EQ(step.due_at - kNow, c.delay) << c.name;
    EXPECT_EQ(step.failures,
              (store::FailureRun{std::string(config::to_string(c.failure)), c.count}))
        << c.name;
  }
}

TEST(NextStep, AddsTheJitterOfThePolicy) {
  config::RetryPolicies policies;
  policies.at(Class::busy).jitter = 0.5;
  const NextStep step = next_step({}, Class::busy, policies, kNow, 1024);
  EXPECT_EQ(step.due_at, kNow + seconds(90));
}

}  // namespace
}  // namespace veilroute::router

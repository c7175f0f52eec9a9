// Which changes of the site's conditions become a message, and when.
#include "app/watch/alert_digest.h"

#include <gtest/gtest.h>

namespace veilroute::app {
namespace {

using namespace std::chrono_literals;

const TimePoint kStart = std::chrono::sys_days(std::chrono::year(2026) / 11 / 28);
const Condition kFull{"watch.disk-full", Severity::critical, "spool", "0 MiB free"};
const Condition kLow{"watch.disk-low", Severity::warning, "spool", "900 MiB free"};
const Condition kAway{"watch.destination-away", Severity::warning, "destination bone", ""};
const Condition kSoon{"watch.approval-ends", Severity::notice, "destination bone", "50 days left"};

std::string slugs(const std::vector<Condition>& conditions) {
  std::string text;
  for (const Condition& each : conditions) text += (text.empty() ? "" : " ") + each.slug;
  return text;
}

class DigestTest : public ::testing::Test {
 protected:
  /// "raised | standing | cleared" of what is told at this time; empty: nothing is.
  std::string at(Duration after, const std::vector<Condition>& conditions, bool arrives = true) {
    const auto bulletin = digest_.look(kStart + after, conditions);
    if (!bulletin) return {};
    if (arrives) digest_.sent(kStart + after);
    return slugs(bulletin->raised) + " | " + slugs(bulletin->standing) + " | " +
           slugs(bulletin->cleared);
  }
  AlertDigest digest_{15min, 24h};
};

TEST_F(DigestTest, SaysNothingWhileAllIsWell) {
  EXPECT_EQ(at(0min, {}), "");
  EXPECT_EQ(at(48h, {kSoon}), "");
}

TEST_F(DigestTest, GathersWhatIsNotUrgent) {
  EXPECT_EQ(at(0min, {kLow}), "watch.disk-low |  | ");
  EXPECT_EQ(at(5min, {kLow, kAway}), "");
  EXPECT_EQ(at(10min, {kAway}), "");
  EXPECT_EQ(at(15min, {kAway}), "watch.destination-away |  | watch.disk-low");
  EXPECT_EQ(at(16min, {kAway}), "");
  EXPECT_EQ(at(60min, {}), " |  | watch.destination-away");
}

TEST_F(DigestTest, TellsWhatIsCriticalAtOnceButNoFlood) {
  EXPECT_EQ(at(0min, {kLow}), "watch.disk-low |  | ");
  EXPECT_EQ(at(1min, {kLow, kFull}), "watch.disk-full | watch.disk-low | ");
  EXPECT_EQ(at(2min, {kLow}), "");
  EXPECT_EQ(at(3min, {kLow, kFull}), "");  // told two minutes ago
  EXPECT_EQ(at(4min, {kLow}), "");
  EXPECT_EQ(at(16min, {kLow}), " | watch.disk-low | watch.disk-full");
  EXPECT_EQ(at(17min, {kLow, kFull}), "watch.disk-full | watch.disk-low | ");
}

TEST_F(DigestTest, TellsOfAConditionThatBecameGraver) {
  Condition away = kAway;
  EXPECT_EQ(at(0min, {away}), "watch.destination-away |  | ");
  away.severity = Severity::critical;
  EXPECT_EQ(at(1min, {away}), "watch.destination-away |  | ");
}

TEST_F(DigestTest, RemindsOfWhatStands) {
  EXPECT_EQ(at(0min, {kAway}), "watch.destination-away |  | ");
  EXPECT_EQ(at(23h, {kAway}), "");
  EXPECT_EQ(at(24h, {kAway}), " | watch.destination-away | ");
  EXPECT_EQ(at(25h, {kAway}), "");
}

TEST_F(DigestTest, TellsAgainWhatDidNotArrive) {
  EXPECT_EQ(at(0min, {kFull}, false), "watch.disk-full |  | ");
  EXPECT_EQ(at(1min, {kFull}, false), "watch.disk-full |  | ");
  EXPECT_EQ(at(2min, {kFull}), "watch.disk-full |  | ");
  EXPECT_EQ(at(3min, {kFull}), "");
}

}  // namespace
}  // namespace veilroute::app

#include "config/backoff.h"

#include <gtest/gtest.h>

namespace veilroute::config {
namespace {

using std::chrono::seconds;

constexpr TimePoint kNow = TimePoint(seconds(1'800'000'000));

struct BackoffCase {
  const char* name;
  unsigned attempt;
  seconds first;
  seconds longest;
  seconds expected;
};

const BackoffCase kBackoffCases[] = {
    {"attempt zero, which does not exist, waits the first delay", 0, seconds(60), seconds(3600),
     seconds(60)},
    {"first retry waits the first delay", 1, seconds(60), seconds(3600), seconds(60)},
    {"second retry waits twice that", 2, seconds(60), seconds(3600), seconds(120)},
    {"third retry waits four times that", 3, seconds(60), seconds(3600), seconds(240)},
    {"sixth retry is still below the cap", 6, seconds(60), seconds(3600), seconds(1920)},
    {"seventh retry stops at the cap", 7, seconds(60), seconds(3600), seconds(3600)},
    {"a large attempt number stays at the cap and does not overflow", 4'000'000'000U, seconds(60),
     seconds(3600), seconds(3600)},
    {"a cap that no doubling reaches exactly", 4, seconds(7), seconds(50), seconds(50)},
    {"a first delay beyond the cap is cut", 1, seconds(500), seconds(50), seconds(50)},
    {"no delay at all becomes a second", 1, seconds(0), seconds(0), seconds(1)},
};

TEST(Backoff, WaitsAsTheTableSays) {
  for (const BackoffCase& c : kBackoffCases) {
    RetryPolicy policy;
    policy.first_delay = c.first;
    policy.longest_delay = c.longest;
    EXPECT_EQ(next_attempt_at(kNow, c.attempt, policy), kNow + c.expected) << c.name;
  }
}

TEST(Backoff, NeverGoesBackInTimeHoweverLongTheDelay) {
  RetryPolicy policy;
  policy.first_delay = seconds::max();
  policy.longest_delay = seconds::max();
  for (const unsigned attempt : {1U, 2U, 64U, 4'000'000'000U}) {
    EXPECT_GT(next_attempt_at(kNow, attempt, policy), kNow) << attempt;
  }
}

TEST(Backoff, GrowsByTheFactorOfThePolicy) {
  struct Case {
    double factor;
    unsigned attempt;
    seconds expected;
  };
  const Case kCases[] = {
      {1, 1, seconds(60)},    {1, 4'000'000'000U, seconds(60)}, {1.5, 2, seconds(90)},
      {1.5, 3, seconds(135)}, {3, 3, seconds(540)},             {3, 5, seconds(3600)},
      {10, 2, seconds(600)},  {10, 400, seconds(3600)},         {0, 9, seconds(60)},
  };
  for (const Case& c : kCases) {
    RetryPolicy policy;
    policy.first_delay = seconds(60);
    policy.longest_delay = seconds(3600);
    policy.factor = c.factor;
    EXPECT_EQ(next_attempt_at(kNow, c.attempt, policy), kNow + c.expected)
        << c.factor << " attempt " << c.attempt;
  }
}

TEST(Backoff, JitterIsAtMostTheGivenPartAndNeverNegative) {
  const Duration delay = seconds(100);
  EXPECT_EQ(jitter_of(delay, 0, 0.2), Duration(0));
  for (const std::uint32_t bits : {1U, 77U, 1024U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
    EXPECT_GE(jitter_of(delay, bits, 0.2), Duration(0)) << bits;
    EXPECT_LE(jitter_of(delay, bits, 0.2), delay / 5) << bits;
  }
  EXPECT_EQ(jitter_of(Duration(-5), 0xFFFFFFFFU, 0.2), Duration(0));
  EXPECT_GT(jitter_of(delay, 1024, 0.2), seconds(19));
  EXPECT_EQ(jitter_of(delay, 1024, 0), Duration(0));
  EXPECT_EQ(jitter_of(delay, 1024, 1), delay);
  EXPECT_EQ(jitter_of(delay, 1024, 7), delay) << "no more than all of it";
  EXPECT_LE(jitter_of(Duration::max(), 1024, 1), Duration::max());
}

}  // namespace
}  // namespace veilroute::config

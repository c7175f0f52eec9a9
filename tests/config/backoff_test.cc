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

TEST(Backoff, JitterIsAtMostAFifthAndNeverNegative) {
  const Duration delay = seconds(100);
  EXPECT_EQ(jitter_of(delay, 0), Duration(0));
  for (const std::uint32_t bits : {1U, 77U, 1024U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
    EXPECT_GE(jitter_of(delay, bits), Duration(0)) << bits;
    EXPECT_LE(jitter_of(delay, bits), delay / 5) << bits;
  }
  EXPECT_EQ(jitter_of(Duration(-5), 0xFFFFFFFFU), Duration(0));
  EXPECT_GT(jitter_of(delay, 1024), seconds(19));
}

}  // namespace
}  // namespace veilroute::config

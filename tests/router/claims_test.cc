#include "router/claims.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace veilroute::router {
namespace {

using std::chrono::seconds;

constexpr TimePoint kNow = TimePoint(seconds(1'800'000'000));
constexpr TransferId kOne{1};

TEST(Claims, GivesAnIdToOneTakerUntilItIsGivenBack) {
  Claims<TransferId> claims;
  {
    const auto first = claims.take(kOne, kNow);
    ASSERT_TRUE(first.has_value());
    EXPECT_FALSE(claims.take(kOne, kNow).has_value());
    EXPECT_TRUE(claims.take(TransferId{2}, kNow).has_value());
  }
  EXPECT_TRUE(claims.take(kOne, kNow).has_value());
}

TEST(Claims, ForgetsWhoDoesNotComeBack) {
  Claims<TransferId> claims;
  const TimePoint until = claims.rest(kOne, kNow);
  EXPECT_EQ(claims.rests(kOne), 1U);
  claims.rest(TransferId{2}, until + Claims<TransferId>::kForgetAfter);
  EXPECT_EQ(claims.size(), 2U);
  claims.rest(TransferId{3}, until + Claims<TransferId>::kForgetAfter + seconds(1));
  EXPECT_EQ(claims.size(), 2U) << "the first one ended in some other way";
  EXPECT_EQ(claims.rests(kOne), 0U);
}

TEST(Claims, RestsLongerEachTimeAndNotForEver) {
  Claims<TransferId> claims;
  TimePoint now = kNow;
  Duration before{0};
  for (int i = 0; i < 40; ++i) {
    const auto claim = claims.take(kOne, now);
    ASSERT_TRUE(claim.has_value()) << i;
    const TimePoint until = claims.rest(kOne, now);
    EXPECT_GE(until - now, before);
    EXPECT_LE(until - now, Claims<TransferId>::kLongestRest);
    before = until - now;
    now = until;
  }
  EXPECT_EQ(before, Claims<TransferId>::kLongestRest);
}

TEST(Claims, IsNotGivenWhileItRests) {
  Claims<TransferId> claims;
  TimePoint until;
  {
    const auto claim = claims.take(kOne, kNow);
    until = claims.rest(kOne, kNow);
  }
  EXPECT_FALSE(claims.take(kOne, until - Duration(1)).has_value());
  EXPECT_TRUE(claims.take(kOne, until).has_value());
}

TEST(Claims, AfterItWentWellTheNextRestIsShortAgain) {
  Claims<TransferId> claims;
  for (int i = 0; i < 5; ++i) claims.rest(kOne, kNow);
  claims.rested(kOne);
  EXPECT_EQ(claims.rest(kOne, kNow), kNow + Claims<TransferId>::kFirstRest);
}

TEST(Claims, AreExclusiveAmongThreads) {
  Claims<TransferId> claims;
  std::atomic<int> inside{0};
  std::atomic<bool> broken{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) {
        const auto claim = claims.take(kOne, kNow);
        if (!claim) continue;
        if (++inside != 1) broken = true;
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(broken);
}

TEST(Claims, ARestDoesNotOutliveAClockThatWasSetBack) {
  Claims<TransferId> claims;
  claims.rest(kOne, kNow, "outbox.over-quota");
  EXPECT_EQ(claims.why(kOne), "outbox.over-quota");
  EXPECT_FALSE(claims.take(kOne, kNow).has_value());
  EXPECT_TRUE(claims.take(kOne, kNow - std::chrono::hours(24)).has_value());
  claims.rested(kOne);
  EXPECT_EQ(claims.why(kOne), "");
}

}  // namespace
}  // namespace veilroute::router

// The breaker in a table of moments, and under random ones: never two probes at once, never open
// for ever, and an answer always closes.
#include "router/breaker.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace veilroute::router {
namespace {

using Change = Breaker::Change;
using Class = config::FailureClass;
using State = Breaker::State;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr TimePoint kStart = TimePoint(seconds(1'800'000'000));
const config::RetryPolicies kPolicies;

/// One attempt that ends at once.
Change fail(Breaker& breaker, Class failure, TimePoint now) {
  const auto pass = breaker.ask(now);
  EXPECT_TRUE(pass.has_value());
  return pass ? breaker.failed(*pass, failure, kPolicies, now) : Change::none;
}

TEST(Breaker, OpensAfterThreeInARowAndLetsOneProbeGo) {
  Breaker breaker;
  EXPECT_EQ(fail(breaker, Class::timeout, kStart), Change::none);
  EXPECT_EQ(fail(breaker, Class::refused_connection, kStart), Change::none);
  EXPECT_EQ(fail(breaker, Class::refused_connection, kStart), Change::opened);
  EXPECT_EQ(breaker.look(kStart).state, State::open);
  EXPECT_EQ(breaker.look(kStart).until, kStart + seconds(30));
  EXPECT_FALSE(breaker.ask(kStart + seconds(29)).has_value());
  {
    const auto probe = breaker.ask(kStart + seconds(30));
    ASSERT_TRUE(probe.has_value());
    EXPECT_TRUE(probe->is_probe());
    EXPECT_EQ(breaker.look(kStart + seconds(30)).state, State::probing);
    EXPECT_FALSE(breaker.ask(kStart + minutes(30)).has_value())
        << "one probe, however long it takes";
    EXPECT_EQ(breaker.failed(*probe, Class::refused_connection, kPolicies, kStart + seconds(31)),
              Change::opened);
  }
  EXPECT_EQ(breaker.look(kStart + seconds(31)).until, kStart + seconds(31 + 60)) << "twice as long";
  const auto probe = breaker.ask(kStart + seconds(91));
  ASSERT_TRUE(probe.has_value());
  EXPECT_EQ(breaker.answered(), Change::closed);
  EXPECT_TRUE(breaker.ask(kStart + seconds(91)).has_value());
  EXPECT_TRUE(breaker.ask(kStart + seconds(91)).has_value()) << "all go at once";
}

TEST(Breaker, CountsOnlyInARowAndOnlyWhatSaysThatTheReceiverIsGone) {
  Breaker breaker;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(fail(breaker, Class::timeout, kStart), Change::none);
    EXPECT_EQ(fail(breaker, Class::timeout, kStart), Change::none);
    EXPECT_EQ(breaker.answered(), Change::none);
  }
  for (const Class one :
       {Class::aborted, Class::busy, Class::object_refused, Class::own_fault, Class::other}) {
    for (int i = 0; i < 20; ++i) EXPECT_EQ(fail(breaker, one, kStart), Change::none);
  }
}

TEST(Breaker, OpensAtOnceForACertificateThatIsNotTrusted) {
  Breaker breaker;
  EXPECT_EQ(fail(breaker, Class::tls_trust, kStart), Change::opened);
  EXPECT_EQ(breaker.look(kStart).until, kStart + minutes(15));
  EXPECT_EQ(fail(breaker, Class::tls_trust, kStart + minutes(15)), Change::opened);
  EXPECT_EQ(breaker.look(kStart).why, Class::tls_trust);
  EXPECT_EQ(breaker.look(kStart + minutes(15)).until, kStart + minutes(30))
      << "no longer each time";
  EXPECT_TRUE(breaker.try_now());
  EXPECT_TRUE(breaker.ask(kStart + minutes(16)).has_value()) << "a person wants it now";
}

TEST(Breaker, AFailureOfAnAttemptThatBeganBeforeItOpenedChangesNothing) {
  Breaker breaker;
  const auto early = breaker.ask(kStart);
  ASSERT_TRUE(early.has_value());
  for (int i = 0; i < 3; ++i) fail(breaker, Class::timeout, kStart);
  const TimePoint until = breaker.look(kStart).until;
  EXPECT_EQ(breaker.failed(*early, Class::timeout, kPolicies, kStart + seconds(20)), Change::none);
  EXPECT_EQ(breaker.look(kStart).until, until);
}

TEST(Breaker, AProbeThatSettlesNothingIsNotFollowedByTheNextAtOnce) {
  Breaker breaker;
  breaker.open(Class::refused_connection, kPolicies, kStart);
  const TimePoint then = kStart + seconds(30);
  EXPECT_EQ(fail(breaker, Class::aborted, then), Change::opened);
  EXPECT_FALSE(breaker.ask(then).has_value());
  EXPECT_TRUE(breaker.ask(then + seconds(30)).has_value());
}

TEST(Breaker, AProbeThatIsGivenBackLeavesItsPlace) {
  Breaker breaker;
  breaker.open(Class::refused_connection, kPolicies, kStart);
  const TimePoint then = kStart + seconds(30);
  EXPECT_TRUE(breaker.ask(then).has_value());  // and gone again
  EXPECT_TRUE(breaker.ask(then).has_value());
}

TEST(Breaker, WaitsNoLongerForAClockThatWasSetBack) {
  Breaker breaker;
  breaker.open(Class::refused_connection, kPolicies, kStart);
  const TimePoint earlier = kStart - std::chrono::hours(24 * 365);
  EXPECT_FALSE(breaker.ask(earlier).has_value());
  EXPECT_TRUE(breaker.ask(earlier + seconds(30)).has_value());
}

class RandomMoments {
 public:
  explicit RandomMoments(unsigned seed) : random_(seed) {}

  void run() {
    for (int step = 0; step < 3000 && !::testing::Test::HasFailure(); ++step) act();
    // However it ended: with nothing under way, it lets somebody try within the longest delay.
    passes_.clear();
    // A clock that was set back is seen when somebody asks, and then costs one more wait.
    (void)breaker_.ask(now_);
    const TimePoint later = now_ + kPolicies.longest_delay();
    EXPECT_TRUE(breaker_.ask(later).has_value());
    EXPECT_GT(probes_, 20U) << "it hardly ever opened: the moments prove little";
  }

 private:
  unsigned below(unsigned limit) {
    return std::uniform_int_distribution<unsigned>(0, limit - 1)(random_);
  }

  void act() {
    now_ += seconds(below(40));
    if (below(50) == 0) now_ -= minutes(below(600));
    switch (below(6)) {
      case 0:
      case 1:
        begin();
        break;
      case 2:
      case 3:
      case 4:
        end_one(true);
        break;
      default:
        end_one(false);
    }
    if (below(60) == 0) {
      breaker_.answered();
      EXPECT_EQ(breaker_.look(now_).state, State::closed);
      EXPECT_TRUE(breaker_.ask(now_).has_value());
      for (auto& [pass, probing] : passes_) probing = false;
    }
  }

  void begin() {
    const bool open = breaker_.look(now_).state != State::closed;
    auto pass = breaker_.ask(now_);
    EXPECT_TRUE(open || pass.has_value()) << "closed, and yet it says no";
    if (!pass) return;
    EXPECT_EQ(pass->is_probe(), open);
    if (open) {
      ++probes_;
      for (const auto& [other, probing] : passes_) EXPECT_FALSE(probing) << "two probes at once";
    }
    const bool probing = pass->is_probe();
    passes_.emplace_back(std::move(*pass), probing);
  }

  void end_one(bool fails) {
    if (passes_.empty()) return;
    // The newest: vectors give nothing away in the middle without assignment, which passes lack.
    const auto one = static_cast<Class>(below(config::kFailureClasses));
    if (fails) {
      breaker_.failed(passes_.back().first, one, kPolicies, now_);
    }
    passes_.pop_back();
  }

  std::mt19937 random_;
  Breaker breaker_;
  TimePoint now_ = kStart;
  std::vector<std::pair<Breaker::Pass, bool>> passes_;
  unsigned probes_ = 0;
};

TEST(Breaker, KeepsItsPromisesAtRandomMoments) {
  for (unsigned seed = 1; seed <= 50 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    RandomMoments(seed).run();
  }
}

}  // namespace
}  // namespace veilroute::router

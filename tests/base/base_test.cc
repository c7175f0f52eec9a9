// Results, points in time, threads and doorbells.
#include <gtest/gtest.h>
#include <pthread.h>

#include "core/base/clock.h"
#include "core/base/counted.h"
#include "core/base/doorbell.h"
#include "core/base/result.h"
#include "core/base/thread.h"
#include "tests/support/manual_clock.h"

namespace veilroute {
namespace {

using namespace std::chrono_literals;

Result<int> half(int number) {
  if (number % 2 != 0) return make_error(ErrorKind::invalid, "number.odd", "an odd number");
  return number / 2;
}

Result<int> quarter(int number) {
  VR_TRY(const int once, half(number));
  VR_TRY(const int twice, half(once));
  return twice;
}

Result<void> check_quarter(int number) {
  VR_TRY(quarter(number));
  return {};
}

TEST(ResultTest, PassesAFailureOn) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().text(), "an odd number [number.odd]");
  EXPECT_TRUE(check_quarter(4).ok());
  EXPECT_EQ(check_quarter(3).error().kind, ErrorKind::invalid);
}

TEST(ResultDeathTest, ReadingTheWrongOneEndsTheProcessAndSaysWhy) {
  EXPECT_DEATH(static_cast<void>(half(3).value()), "an odd number");
  EXPECT_DEATH(check_quarter(3).value(), "number.odd");
  EXPECT_DEATH(die("the ledger is gone"), "the ledger is gone");
}

TEST(ErrorKindTest, HasAStableWordForEachKind) {
  EXPECT_EQ(to_string(ErrorKind::invalid), "invalid");
  EXPECT_EQ(to_string(ErrorKind::refused), "refused");
  EXPECT_EQ(to_string(ErrorKind::unavailable), "unavailable");
  EXPECT_EQ(to_string(ErrorKind::exhausted), "exhausted");
  EXPECT_EQ(to_string(ErrorKind::corrupt), "corrupt");
  EXPECT_EQ(to_string(ErrorKind::internal), "internal");
}

TEST(CountedTest, SaysOneAndMany) {
  EXPECT_EQ(counted(0, "object"), "0 objects");
  EXPECT_EQ(counted(1, "object"), "1 object");
  EXPECT_EQ(counted(2, "object"), "2 objects");
}

TEST(ClockTest, WritesPointsInTimeInUtcWithMilliseconds) {
  EXPECT_EQ(to_text(from_micros(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_text(from_micros(1'795'421'700'999'999)), "2026-11-23T08:15:00.999Z");
  EXPECT_EQ(to_text(from_micros(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_micros(from_micros(-5)), -5);
  ManualClock clock(from_micros(10));
  clock.advance(5us);
  EXPECT_EQ(to_micros(clock.now()), 15);
}

TEST(ThreadTest, CarriesItsNameAsFarAsTheKernelKeepsIt) {
  std::string seen;
  Thread thread("send-a-destination-with-a-long-name", [&seen](const std::stop_token&) {
    char name[32] = {};
    ::pthread_getname_np(::pthread_self(), name, sizeof name);
    seen = name;
  });
  thread.join();
  EXPECT_EQ(seen, "send-a-destinat");
}

TEST(ThreadTest, StopsAndJoinsWhenItGoes) {
  Doorbell bell;
  bool stopped = false;
  {
    Thread thread("waits", [&](const std::stop_token& stop) {
      while (!stop.stop_requested()) bell.wait(5ms);
      stopped = true;
    });
  }
  EXPECT_TRUE(stopped);
}

TEST(ThreadDeathTest, AnExceptionThatLeavesItEndsTheProcessWithoutItsText) {
  const auto run = [] {
    Thread thread("planner",
                  [](const std::stop_token&) { throw std::runtime_error("PHANTOM^ONE"); });
    thread.join();
  };
  EXPECT_DEATH(run(), "thread planner: [^P]*runtime_error\n");
}

TEST(DoorbellTest, ARingBeforeTheWaitIsNotLostAndIsUsedUpOnce) {
  Doorbell bell;
  bell.ring();
  bell.ring();
  const auto before = std::chrono::steady_clock::now();
  bell.wait(10s);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
  bell.wait(1ms);
}

}  // namespace
}  // namespace veilroute

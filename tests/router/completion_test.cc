#include "router/completion.h"

#include <gtest/gtest.h>

namespace veilroute::router {
namespace {

using std::chrono::seconds;

constexpr TimePoint kStart = TimePoint(seconds(1'800'000'000));

struct CompletionCase {
  const char* name;
  seconds last;  ///< after the first object
  bool carried;
  seconds now;  ///< after the first object
  bool complete;
  seconds look_again;  ///< after the first object
};

// quiet 30 s, longest 900 s
const CompletionCase kCases[] = {
    {"a moment after its only object", seconds(0), false, seconds(1), false, seconds(30)},
    {"just before the quiet period is over", seconds(0), false, seconds(29), false, seconds(30)},
    {"when the quiet period is over", seconds(0), false, seconds(30), true, seconds(30)},
    {"a late object starts the quiet period again", seconds(20), false, seconds(30), false,
     seconds(50)},
    {"and then it is over", seconds(20), false, seconds(50), true, seconds(50)},
    {"quiet, but an association carries it", seconds(0), true, seconds(30), false, seconds(37)},
    {"carried, near the longest wait", seconds(0), true, seconds(898), false, seconds(900)},
    {"carried, but the longest wait is over", seconds(0), true, seconds(900), true, seconds(900)},
    {"objects without end: the longest wait ends it", seconds(899), false, seconds(900), true,
     seconds(900)},
    {"objects without end: looks again when the longest wait ends", seconds(895), false,
     seconds(896), false, seconds(900)},
    {"a clock set back only waits", seconds(0), false, seconds(-100), false, seconds(30)},
};

TEST(Completion, IsAsTheTableSays) {
  const store::CompletionPolicy policy{seconds(30), seconds(900)};
  for (const CompletionCase& c : kCases) {
    store::Study study;
    study.first_at = kStart;
    study.last_at = kStart + c.last;
    const Completion answer = is_complete(study, c.carried, kStart + c.now, policy);
    EXPECT_EQ(answer.complete, c.complete) << c.name;
    if (c.complete) continue;
    // Quarters of the quiet period are not whole seconds: within one is near enough.
    const Duration difference = answer.look_again_at - (kStart + c.look_again);
    EXPECT_LT(difference, seconds(1)) << c.name;
    EXPECT_GE(difference, seconds(0)) << c.name;
  }
}

TEST(Completion, APolicyWithoutEndDoesNotOverflow) {
  const store::CompletionPolicy policy{Duration::max(), Duration::max()};
  store::Study study;
  study.first_at = kStart;
  study.last_at = kStart;
  const Completion answer = is_complete(study, false, kStart + seconds(5), policy);
  EXPECT_FALSE(answer.complete);
  EXPECT_GT(answer.look_again_at, kStart + seconds(5));
  EXPECT_FALSE(is_complete(study, true, kStart + seconds(5), policy).complete);
}

}  // namespace
}  // namespace veilroute::router

#include "config/backoff.h"

#include <algorithm>
#include <limits>

namespace veilroute::config {

TimePoint next_attempt_at(TimePoint now, unsigned attempt, const RetryPolicy& policy) {
  const auto longest = std::max(policy.longest_delay, std::chrono::seconds(1));
  auto delay = std::clamp(policy.first_delay, std::chrono::seconds(1), longest);
  // Stops at the cap, before a doubling could overflow; an attempt number of millions costs no
  // more than the few doublings from the first delay to the longest.
  for (unsigned done = 1; done < attempt && delay < longest; ++done) {
    delay = delay > longest / 2 ? longest : delay * 2;
  }
  // A policy of centuries may not wrap the clock around to a time that is already over.
  constexpr std::chrono::seconds kEnd =
      std::chrono::duration_cast<std::chrono::seconds>(Duration::max());
  const auto room = kEnd - std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  return now + std::min(delay, std::max(room - std::chrono::seconds(1), std::chrono::seconds(0)));
}

Duration jitter_of(Duration delay, std::uint32_t random_bits) {
  constexpr std::int64_t kSteps = 1024;
  const std::int64_t step = random_bits % (kSteps + 1);
  return std::max(delay, Duration(0)) / (5 * kSteps) * step;
}

}  // namespace veilroute::config

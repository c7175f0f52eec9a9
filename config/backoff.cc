#include "config/backoff.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace veilroute::config {

TimePoint next_attempt_at(TimePoint now, unsigned attempt, const RetryPolicy& policy) {
  const auto longest = std::max(policy.longest_delay, std::chrono::seconds(1));
  const auto first = std::clamp(policy.first_delay, std::chrono::seconds(1), longest);
  // Compared before it is cut to whole seconds: a power of millions is infinite, and no number of them.
  const double grown = static_cast<double>(first.count()) *
                       std::pow(std::max(policy.factor, 1.0), attempt > 0 ? attempt - 1 : 0);
  const bool capped = !(grown < static_cast<double>(longest.count()));
  const auto delay =
      capped ? longest : std::chrono::seconds(static_cast<std::chrono::seconds::rep>(grown));
  // A policy of centuries may not wrap the clock around to a time that is already over.
  constexpr std::chrono::seconds kEnd =
      std::chrono::duration_cast<std::chrono::seconds>(Duration::max());
  const auto room = kEnd - std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  return now + std::min(delay, std::max(room - std::chrono::seconds(1), std::chrono::seconds(0)));
}

Duration jitter_of(Duration delay, std::uint32_t random_bits, double most) {
  constexpr std::uint32_t kSteps = 1024;
  const double part = std::clamp(most, 0.0, 1.0) * (random_bits % (kSteps + 1)) / kSteps;
  if (delay <= Duration(0)) return Duration(0);
  const double added = static_cast<double>(delay.count()) * part;
  // As a double the longest of delays is one more than there is.
  if (!(added < static_cast<double>(delay.count()))) return delay;
  return Duration(static_cast<Duration::rep>(added));
}

}  // namespace veilroute::config

// When a deferred transfer may be tried again. Pure. Walk step 10.
#pragma once

#include "config/config.h"
#include "core/base/clock.h"

namespace veilroute::config {

/// now + first_delay * factor^(attempt-1), at most now + longest_delay. `attempt` is 1 or more; policy
/// delays are 1 s or more, checked by config::load. No jitter here; pure; any thread.
/// See PS3.4 B.2.3: A7xx is worth another try, Cxxx is not.
TimePoint next_attempt_at(TimePoint now, unsigned attempt, const RetryPolicy& policy);

/// Up to the part `most` (0 to 1) of `delay`, evenly spread by `random_bits`, so that transfers which
/// failed together do not come back together. Never negative. Pure: the caller brings the randomness.
Duration jitter_of(Duration delay, std::uint32_t random_bits, double most);

}  // namespace veilroute::config

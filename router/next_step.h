// After an attempt that did not send everything: again, and when; or the end. Pure but for the
// randomness, which the caller brings. Walk step 10.
#pragma once

#include <cstdint>

#include "config/retry.h"
#include "core/base/clock.h"
#include "core/store/transfer.h"

namespace veilroute::router {

/// Why a transfer is refused whose tries are used up; where it is held, store::kAttemptsHeld.
inline constexpr std::string_view kAttemptsExhausted = "attempts.exhausted";

struct NextStep {
  enum class What : std::uint8_t { again, hold, refuse };
  What what = What::again;
  TimePoint due_at;            ///< when again
  store::FailureRun failures;  ///< this one counted
};

/// `before`: how the attempts before this one failed. Failures of another class begin a new count,
/// so that a night without the receiver uses up nothing of what it is allowed to reject in the
/// morning.
NextStep next_step(const store::FailureRun& before, config::FailureClass failure,
                   const config::RetryPolicies& policies, TimePoint now, std::uint32_t random_bits);

}  // namespace veilroute::router

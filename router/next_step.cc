#include "router/next_step.h"

#include "config/backoff.h"

namespace veilroute::router {

NextStep next_step(const store::FailureRun& before, config::FailureClass failure,
                   const config::RetryPolicies& policies, TimePoint now,
                   std::uint32_t random_bits) {
  const config::RetryPolicy& policy = policies.at(failure);
  NextStep step;
  step.failures.as = config::to_string(failure);
  step.failures.count = before.as == step.failures.as ? before.count + 1 : 1;
  if (policy.most_attempts != 0 && step.failures.count >= policy.most_attempts) {
    step.what =
        policy.at_end == config::AtEnd::hold ? NextStep::What::hold : NextStep::What::refuse;
  }
  // Also of one that is to be held: until that is written, it is deferred.
  const TimePoint due = config::next_attempt_at(now, step.failures.count, policy);
  step.due_at = due + config::jitter_of(due - now, random_bits, policy.jitter);
  return step;
}

}  // namespace veilroute::router

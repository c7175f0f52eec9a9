#include "router/breaker.h"

#include "config/backoff.h"
#include "router/failure_class.h"

namespace veilroute::router {

std::optional<Breaker::Pass> Breaker::ask(TimePoint now) {
  const Lock lock(mutex_);
  if (openings_ == 0) return std::optional<Pass>(std::in_place, *this, std::uint64_t{0});
  if (probe_ != 0) return std::nullopt;
  // The clock was set back: it waits once more, not until a time that may never come.
  if (now < opened_at_) opened_at_ = now;
  if (now < until()) return std::nullopt;
  probe_ = ++probes_;
  return std::optional<Pass>(std::in_place, *this, probe_);
}

Breaker::Change Breaker::failed(const Pass& pass, config::FailureClass failure,
                                const config::RetryPolicies& policies, TimePoint now) {
  const Lock lock(mutex_);
  const bool gone = is_peer_gone(failure);
  if (openings_ > 0) {
    // Attempts that began before it opened fail as all did.
    if (!pass.is_probe() || pass.probe_ != probe_) return Change::none;
    // An answer that settles nothing is no reason to try the next at once, nor to wait for longer.
    if (gone) {
      open_for(failure, policies, now);
    } else {
      opened_at_ = now;
      wait_ = config::next_attempt_at(now, openings_, policies.at(why_)) - now;
    }
    return Change::opened;
  }
  if (!gone) return Change::none;
  ++in_a_row_;
  if (in_a_row_ < kFailuresToOpen && failure != config::FailureClass::tls_trust) {
    return Change::none;
  }
  open_for(failure, policies, now);
  return Change::opened;
}

Breaker::Change Breaker::answered() {
  const Lock lock(mutex_);
  in_a_row_ = 0;
  if (openings_ == 0) return Change::none;
  openings_ = 0;
  probe_ = 0;
  return Change::closed;
}

void Breaker::open(config::FailureClass failure, const config::RetryPolicies& policies,
                   TimePoint now) {
  const Lock lock(mutex_);
  open_for(failure, policies, now);
}

bool Breaker::try_now() {
  const Lock lock(mutex_);
  if (openings_ == 0) return false;
  wait_ = Duration(0);
  return true;
}

Breaker::Look Breaker::look(TimePoint now) const {
  const Lock lock(mutex_);
  Look seen;
  seen.why = why_;
  if (openings_ == 0) return seen;
  seen.until = until();
  seen.state = probe_ != 0 ? State::probing : State::open;
  if (now < opened_at_) seen.until = now + wait_;
  return seen;
}

void Breaker::give_back(std::uint64_t probe) {
  const Lock lock(mutex_);
  if (probe != 0 && probe == probe_) probe_ = 0;
}

void Breaker::open_for(config::FailureClass failure, const config::RetryPolicies& policies,
                       TimePoint now) {
  ++openings_;
  why_ = failure;
  opened_at_ = now;
  wait_ = config::next_attempt_at(now, openings_, policies.at(failure)) - now;
}

Breaker& Breakers::at(const DestinationName& destination) {
  const Lock lock(mutex_);
  std::unique_ptr<Breaker>& one = breakers_[destination];
  if (!one) one = std::make_unique<Breaker>();
  return *one;
}

}  // namespace veilroute::router

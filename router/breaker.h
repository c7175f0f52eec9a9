// Circuit breaker of one destination: when the receiver is not there, one transfer finds out for
// all. In memory; what must survive a restart is in the catalog (store::DestinationBook).
// docs/adr/0023.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "config/config.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/thread.h"

namespace veilroute::router {

/// Failures in a row that open a breaker; distrust of a certificate opens it at once.
inline constexpr unsigned kFailuresToOpen = 3;

/// closed: attempts begin as they are due. open: none begins until a time is over. Then one probe
/// may, and no other while it lasts: what it finds closes the breaker or opens it again, for
/// longer. Any thread; the caller brings the time.
class Breaker {
 public:
  enum class State : std::uint8_t { closed, open, probing };
  enum class Change : std::uint8_t { none, opened, closed };

  /// Leave to begin one attempt. A probe that is given back without a word (nothing was due, our
  /// own disk failed) leaves its place to the next. Must not outlive its breaker.
  class Pass {
   public:
    Pass(Breaker& breaker, std::uint64_t probe) : breaker_(&breaker), probe_(probe) {}
    Pass(Pass&& other) noexcept
        : breaker_(std::exchange(other.breaker_, nullptr)), probe_(other.probe_) {}
    Pass& operator=(Pass&&) = delete;
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass() {
      if (breaker_ != nullptr) breaker_->give_back(probe_);
    }
    [[nodiscard]] bool is_probe() const { return probe_ != 0; }

   private:
    friend class Breaker;
    Breaker* breaker_;
    std::uint64_t probe_;  ///< 0: none
  };

  /// Nothing while it is open, or another probe is under way.
  std::optional<Pass> ask(TimePoint now);

  /// The attempt failed. In a class that says the receiver is gone it counts; while open, only the
  /// probe's failure says anything new, and any failure of a probe opens it again.
  Change failed(const Pass& pass, config::FailureClass failure,
                const config::RetryPolicies& policies, TimePoint now);

  /// The receiver took an object, or said in another way that it is there.
  Change answered();

  /// A person, or what was kept over a restart: open from `now`, as if this had just failed.
  void open(config::FailureClass failure, const config::RetryPolicies& policies, TimePoint now);
  /// A person wants it tried now: the next that is due is the probe. False when it is not open.
  bool try_now();

  struct Look {
    State state = State::closed;
    TimePoint until;  ///< of one that is open
    config::FailureClass why = config::FailureClass::other;
  };
  [[nodiscard]] Look look(TimePoint now) const;

 private:
  void give_back(std::uint64_t probe);
  void open_for(config::FailureClass failure, const config::RetryPolicies& policies, TimePoint now)
      VR_REQUIRES(mutex_);
  [[nodiscard]] TimePoint until() const VR_REQUIRES(mutex_) { return opened_at_ + wait_; }

  mutable Mutex mutex_;
  unsigned in_a_row_ VR_GUARDED_BY(mutex_) = 0;
  unsigned openings_ VR_GUARDED_BY(mutex_) = 0;  ///< since it was closed; 0: it is
  config::FailureClass why_ VR_GUARDED_BY(mutex_) = config::FailureClass::other;
  TimePoint opened_at_ VR_GUARDED_BY(mutex_);
  Duration wait_ VR_GUARDED_BY(mutex_){};
  std::uint64_t probe_ VR_GUARDED_BY(mutex_) = 0;  ///< the one under way; 0: none
  std::uint64_t probes_ VR_GUARDED_BY(mutex_) = 0;
};

/// One for each destination, for as long as the node runs. Any thread.
class Breakers {
 public:
  Breaker& at(const DestinationName& destination);

 private:
  Mutex mutex_;
  std::map<DestinationName, std::unique_ptr<Breaker>> breakers_ VR_GUARDED_BY(mutex_);
};

}  // namespace veilroute::router

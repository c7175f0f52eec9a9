// Doorbell: a wake-up without data. A lost ring costs one waiting period, never a study.
#pragma once

#include <condition_variable>
#include <mutex>

#include "core/base/clock.h"

namespace veilroute {

/// Any thread may ring; any thread may wait.
class Doorbell {
 public:
  void ring() {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    condition_.notify_all();
  }
  /// Returns after a ring or after `longest`, whichever comes first; a ring is used up by one wait.
  void wait(Duration longest) {
    std::unique_lock lock(mutex_);
    condition_.wait_for(lock, longest, [this] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool rung_ = false;
};

}  // namespace veilroute

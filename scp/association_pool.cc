// Places and threads: there are never fewer threads than places taken, so nobody waits in a queue.
#include "scp/association_pool.h"

#include <system_error>
#include <utility>

namespace veilroute::scp {

Result<void> AssociationPool::take_place(const Agreed& agreed, unsigned most_of_source) {
  const std::lock_guard lock(mutex_);
  unsigned& count = agreed.health ? probes_ : associations_;
  const unsigned most = agreed.health ? limits_.probes : limits_.associations;
  if (stopped_ || count >= most) {
    return make_error(ErrorKind::exhausted, "association.limit-reached",
                      "the listener has as many associations as it takes");
  }
  const auto of_source = by_source_.find(agreed.origin.source);
  const unsigned has = of_source == by_source_.end() ? 0 : of_source->second;
  if (!agreed.health && most_of_source != 0 && has >= most_of_source) {
    return make_error(ErrorKind::exhausted, "association.source-limit-reached",
                      "the source has as many associations as it may have");
  }
  if (threads_.size() <= places()) {
    try {
      start_thread();
    } catch (const std::system_error&) {
      return make_error(ErrorKind::exhausted, "association.no-thread",
                        "the system gives no thread for another association");
    }
  }
  ++count;
  if (!agreed.health) ++by_source_[agreed.origin.source];
  return {};
}

void AssociationPool::add(Waiting next) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(next));
  }
  arrived_.notify_one();
}

/// Under mutex_.
void AssociationPool::start_thread() {
  threads_.emplace_back();
  const auto self = std::prev(threads_.end());
  try {
    *self = Thread("assoc-" + std::to_string(started_ + 1),
                   [this, self](const std::stop_token& stop) { work(stop, self); });
  } catch (...) {
    threads_.erase(self);
    throw;
  }
  ++started_;
}

void AssociationPool::work(const std::stop_token& stop, Threads::iterator self) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    arrived_.wait_for(lock, stop, limits_.idle, [this] { return !waiting_.empty(); });
    if (stop.stop_requested()) break;
    if (waiting_.empty()) {
      if (threads_.size() <= places()) continue;  // somebody is about to come
      // Those who ended before are joined here, by the last one who leaves.
      Threads ended = std::exchange(ended_, {});
      ended_.splice(ended_.end(), threads_, self);
      lock.unlock();
      return;
    }
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    const bool health = next.agreed.health;
    const SourceName source = next.agreed.origin.source;
    lock.unlock();
    serve_(std::move(next));
    lock.lock();
    free_place(health, source);
  }
}

/// Under mutex_.
void AssociationPool::free_place(bool health, const SourceName& source) {
  if (health) {
    --probes_;
    return;
  }
  --associations_;
  const auto at = by_source_.find(source);
  if (--at->second == 0) by_source_.erase(at);
}

void AssociationPool::stop() {
  Threads all;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    // Asked under the lock: from here on no thread moves itself from list to list.
    for (Thread& thread : threads_) thread.request_stop();
    all.splice(all.end(), threads_);
    all.splice(all.end(), ended_);
  }
  all.clear();
  const std::lock_guard lock(mutex_);
  waiting_.clear();
}

std::size_t AssociationPool::threads() const {
  const std::lock_guard lock(mutex_);
  return threads_.size();
}

}  // namespace veilroute::scp

// AssociationPool: the threads of a listener, one association each; started when they are needed and
// ended when they were idle for a while, so that a quiet node is small. Walk step 1.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "core/base/thread.h"
#include "core/dicom/transport.h"
#include "scp/association.h"

namespace veilroute::scp {

/// An association that waits for its thread.
struct Waiting {
  std::unique_ptr<dicom::Channel> channel;
  Agreed agreed;
};

/// How many associations there may be at one time.
struct PoolLimits {
  unsigned associations = 64;
  unsigned probes = 4;  ///< of the health AE title, beside the others
  /// A thread without work stays so long: senders come back, and a thread costs little.
  std::chrono::milliseconds idle{10000};
};

/// Any thread. Stopping it does not end associations under way: their interrupt does.
class AssociationPool {
 public:
  AssociationPool(const PoolLimits& limits, std::function<void(Waiting)> serve)
      : limits_(limits), serve_(std::move(serve)) {}
  ~AssociationPool() { stop(); }
  AssociationPool(const AssociationPool&) = delete;
  AssociationPool& operator=(const AssociationPool&) = delete;

  /// Takes a place, and a thread for it, which add() then uses; `most_of_source` 0: as many as the
  /// pool has. `exhausted`: association.limit-reached, association.source-limit-reached,
  /// association.no-thread.
  Result<void> take_place(const Agreed& agreed, unsigned most_of_source);
  /// Serves it. Its place was taken before.
  void add(Waiting next);
  /// Waits for every thread. What still waits for one is dropped.
  void stop();
  /// Threads that are there, for tests.
  [[nodiscard]] std::size_t threads() const;

 private:
  using Threads = std::list<Thread>;
  void start_thread();
  void work(const std::stop_token& stop, Threads::iterator self);
  void free_place(bool health, const SourceName& source);
  [[nodiscard]] std::size_t places() const { return associations_ + probes_; }

  const PoolLimits limits_;
  const std::function<void(Waiting)> serve_;
  mutable std::mutex mutex_;
  std::condition_variable_any arrived_;
  // All under mutex_.
  std::deque<Waiting> waiting_;
  unsigned associations_ = 0;  ///< waiting and served
  unsigned probes_ = 0;        ///< the same of probes
  std::map<SourceName, unsigned> by_source_;
  Threads threads_;  ///< at least as many as there are places taken
  Threads ended_;    ///< to be joined
  std::uint64_t started_ = 0;
  bool stopped_ = false;
};

}  // namespace veilroute::scp

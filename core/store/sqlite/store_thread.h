// The one thread that writes to the catalog. What waits is committed together: many verbs, one
// transaction, one sync; each in a savepoint of its own, so that one that fails takes no other with
// it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "core/base/thread.h"
#include "core/store/sqlite/work.h"

namespace veilroute::store::sqlite {

/// Any thread may call run() and enqueue().
class StoreThread {
 public:
  using Verb = std::function<Result<void>(Work&)>;

  StoreThread(std::unique_ptr<Connection> db, const Sealer& sealer, const Clock& clock);
  /// Commits what waits, then ends.
  ~StoreThread();
  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;

  /// Durable: returns after the commit that holds the verb, or with its failure or the commit's.
  Result<void> run(Verb verb);
  /// Lazy: its batch begins within kOldest, in order. Waits while the queue is full. `gathers`: the
  /// entries it leaves in Work::pending may wait for those of the next verb that gathers; before any
  /// other verb they are written, so that the ledger keeps the order. While the disk is full lazy
  /// verbs wait, in order, and are tried again every kFullPause; those that still wait at the end are
  /// left to Spool::recover. One that fails otherwise ends the process: somebody was told that its
  /// object is safe, and only a restart brings it into the catalog.
  void enqueue(Verb verb, bool gathers);
  /// `exhausted` ("catalog.no-room") while lazy verbs wait for room on the disk.
  [[nodiscard]] Result<void> accepting() const;

  /// What is lazy waits at most this long for company.
  static constexpr std::chrono::milliseconds kOldest{50};
  static constexpr std::chrono::milliseconds kFullPause{500};
  static constexpr std::size_t kMostWaiting = 8192;
  static constexpr std::size_t kMostInBatch = 2048;

 private:
  struct Operation {
    Verb verb;
    bool durable = false;
    bool gathers = false;
    std::chrono::steady_clock::time_point since;
    Result<void>* answer = nullptr;  ///< of the thread that waits; durable only
    bool* answered = nullptr;
  };

  void loop(const std::stop_token& stop);
  std::deque<Operation> next_batch(const std::stop_token& stop);
  void run_batch(std::deque<Operation>& batch);
  Result<void> run_verbs(std::deque<Operation>& batch, std::vector<Result<void>>& results);
  Result<void> in_savepoint(Work& work, const Operation& operation);
  Result<void> write_pending(Work& work);
  void answer(std::deque<Operation>& batch, const std::vector<Result<void>>& results);
  /// Takes the lazy verbs out of a batch that found no room, for later.
  void keep_for_later(std::deque<Operation>& batch);
  void set_full(bool full);

  std::unique_ptr<Connection> db_;
  const Sealer& sealer_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable work_waits_;
  std::condition_variable room_;
  std::condition_variable done_;
  std::deque<Operation> waiting_;
  std::size_t durable_waiting_ = 0;
  bool stopping_ = false;
  std::atomic<bool> full_{false};
  Thread thread_;  ///< last: it must not outlive what it uses
};

}  // namespace veilroute::store::sqlite

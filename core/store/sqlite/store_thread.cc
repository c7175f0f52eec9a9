// The one thread that writes to the catalog.
#include "core/store/sqlite/store_thread.h"

#include <algorithm>

#include "core/base/log.h"

namespace veilroute::store::sqlite {

StoreThread::StoreThread(std::unique_ptr<Connection> db, const Sealer& sealer, const Clock& clock)
    : db_(std::move(db)), sealer_(sealer), clock_(clock) {
  thread_ = Thread("store", [this](const std::stop_token& stop) { loop(stop); });
}

StoreThread::~StoreThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_waits_.notify_all();
  thread_.join();
}

Result<void> StoreThread::run(Verb verb) {
  Result<void> result;
  bool answered = false;
  std::unique_lock lock(mutex_);
  waiting_.push_back({std::move(verb), true, false, std::chrono::steady_clock::now(), &result,
                      &answered});
  ++durable_waiting_;
  work_waits_.notify_one();
  done_.wait(lock, [&] { return answered; });
  return result;
}

void StoreThread::enqueue(Verb verb, bool gathers) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return waiting_.size() < kMostWaiting; });
  waiting_.push_back(
      {std::move(verb), false, gathers, std::chrono::steady_clock::now(), nullptr, nullptr});
  if (waiting_.size() == 1 || waiting_.size() >= kMostInBatch) work_waits_.notify_one();
}

void StoreThread::loop(const std::stop_token& stop) {
  for (;;) {
    std::deque<Operation> batch = next_batch(stop);
    if (batch.empty()) return;
    run_batch(batch);
  }
}

std::deque<StoreThread::Operation> StoreThread::next_batch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto hurry = [&] {
    return stopping_ || stop.stop_requested() || durable_waiting_ > 0 ||
           waiting_.size() >= kMostInBatch;
  };
  work_waits_.wait(lock, [&] { return !waiting_.empty() || hurry(); });
  if (!waiting_.empty()) work_waits_.wait_until(lock, waiting_.front().since + kOldest, hurry);
  // Without room a batch without anybody who waits for an answer would only fail again.
  if (full_ && durable_waiting_ == 0) {
    work_waits_.wait_for(lock, kFullPause,
                         [&] { return stopping_ || stop.stop_requested() || durable_waiting_ > 0; });
  }
  std::deque<Operation> batch;
  while (!waiting_.empty() && batch.size() < kMostInBatch) {
    if (waiting_.front().durable) --durable_waiting_;
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  room_.notify_all();
  return batch;
}

void StoreThread::run_batch(std::deque<Operation>& batch) {
  std::vector<Result<void>> results(batch.size());
  Result<void> whole = db_->run("BEGIN IMMEDIATE");
  if (whole.ok()) whole = run_verbs(batch, results);
  if (whole.ok()) whole = db_->run("COMMIT");
  if (!whole.ok()) {
    if (db_->in_transaction()) (void)db_->run("ROLLBACK").ok();
    std::fill(results.begin(), results.end(), whole);
  }
  const bool full = !whole.ok() && whole.error().kind == ErrorKind::exhausted;
  set_full(full);
  if (!full) return answer(batch, results);
  // Durable verbs are told so; of the others somebody was told that all is well.
  keep_for_later(batch);
  results.assign(batch.size(), whole);
  answer(batch, results);
}

void StoreThread::set_full(bool full) {
  if (full_.exchange(full) == full) return;
  if (full)
    log::error("catalog.no-room");
  else
    log::info("catalog.room-again");
}

void StoreThread::keep_for_later(std::deque<Operation>& batch) {
  const std::lock_guard lock(mutex_);
  std::deque<Operation> lazy;
  std::deque<Operation> durable;
  for (Operation& one : batch) (one.durable ? durable : lazy).push_back(std::move(one));
  batch = std::move(durable);
  if (stopping_) {
    // Their segments are still open: the next start finds these objects there.
    if (!lazy.empty()) log::warn("catalog.rows-left", {{"rows", lazy.size()}});
    return;
  }
  waiting_.insert(waiting_.begin(), std::make_move_iterator(lazy.begin()),
                  std::make_move_iterator(lazy.end()));
}

Result<void> StoreThread::accepting() const {
  if (!full_) return {};
  return make_error(ErrorKind::exhausted, "catalog.no-room",
                    "the catalog has no room on its disk; objects that came before wait for it");
}

/// Fails only when the transaction as a whole is lost; the failure of one verb is its own.
Result<void> StoreThread::run_verbs(std::deque<Operation>& batch,
                                    std::vector<Result<void>>& results) {
  PendingEntries pending;
  Work work{{*db_, sealer_}, clock_.now(), pending};
  for (std::size_t at = 0; at < batch.size(); ++at) {
    if (!batch[at].gathers) VR_TRY(write_pending(work));
    results[at] = in_savepoint(work, batch[at]);
    // Even where SQLite took back only the one verb: what is lazy keeps its order.
    const bool full = !results[at].ok() && results[at].error().kind == ErrorKind::exhausted;
    if (full && !batch[at].durable) return results[at];
    if (!db_->in_transaction()) {
      // A full disk, for one, makes SQLite take the whole transaction back.
      return results[at].ok() ? make_error(ErrorKind::internal, "catalog.transaction-lost",
                                           "the catalog's transaction ended by itself")
                              : results[at].error();
    }
  }
  return write_pending(work);
}

Result<void> StoreThread::in_savepoint(Work& work, const Operation& operation) {
  VR_TRY(db_->run("SAVEPOINT verb"));
  Result<void> result = operation.verb(work);
  if (!db_->in_transaction()) return result;
  if (!result.ok()) {
    // A savepoint that cannot be undone would let half a verb through: give up the transaction.
    if (!db_->run("ROLLBACK TO verb").ok()) {
      (void)db_->run("ROLLBACK").ok();
      return result;
    }
  }
  if (Result<void> released = db_->run("RELEASE verb"); !released.ok()) {
    if (db_->in_transaction()) (void)db_->run("ROLLBACK").ok();
    return released;
  }
  return result;
}

Result<void> StoreThread::write_pending(Work& work) {
  for (ledger::Entry& entry : work.pending.take()) VR_TRY(work.ledger(std::move(entry)));
  return {};
}

void StoreThread::answer(std::deque<Operation>& batch, const std::vector<Result<void>>& results) {
  for (std::size_t at = 0; at < batch.size(); ++at) {
    if (batch[at].durable || results[at].ok()) continue;
    const Error& error = results[at].error();
    log::error("catalog.lazy-verb-failed", {log::Field("error_kind", error.kind),
                                            log::Field::text("slug", error.slug),
                                            log::Field::text("detail", error.detail)});
    die("an acknowledged object could not be recorded in the catalog [" + error.slug + "]");
  }
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t at = 0; at < batch.size(); ++at) {
      if (!batch[at].durable) continue;
      *batch[at].answer = results[at];
      *batch[at].answered = true;
    }
  }
  done_.notify_all();
}

}  // namespace veilroute::store::sqlite

// The answers of one attempt as they come: kept, checkpointed, and summed up at the end.
#pragma once

#include <set>
#include <vector>

#include "core/base/clock.h"
#include "core/store/catalog.h"
#include "router/sender.h"

namespace veilroute::router {

/// How often confirmed objects are written down during an attempt: a crash re-sends at most these.
inline constexpr std::size_t kCheckpointObjects = 32;
inline constexpr Duration kCheckpointEvery = std::chrono::seconds(1);

/// One attempt. One thread.
class Answers {
 public:
  Answers(store::Catalog& catalog, const Clock& clock, TransferId transfer,
          const std::vector<Parcel>& parcels);
  /// Keeps an answer, and checkpoints when it is time. An error (the catalog does not take the
  /// checkpoint, or the answer is for none of the parcels) stops the attempt; what is kept goes
  /// with the attempt's end.
  Result<void> take(const store::ObjectOutcome& answer);
  /// Those not yet checkpointed.
  [[nodiscard]] std::vector<store::ObjectOutcome> pending() const { return pending_; }
  [[nodiscard]] std::size_t sent() const { return sent_; }
  [[nodiscard]] std::size_t refused() const { return refused_; }
  /// Neither sent nor refused: no answer yet, or one that is worth another try.
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  store::Catalog& catalog_;
  const Clock& clock_;
  TransferId transfer_;
  std::set<ObjectId> unanswered_;
  std::set<ObjectId> waiting_;
  std::vector<store::ObjectOutcome> pending_;
  TimePoint last_checkpoint_;
  std::size_t sent_ = 0;
  std::size_t refused_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace veilroute::router

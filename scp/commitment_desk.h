// CommitmentDesk: where storage commitment stands for the whole node: what is promised, who has
// which commitment in hand, and how a report ended.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "config/config.h"
#include "core/base/doorbell.h"
#include "core/store/catalog.h"

namespace veilroute::scp {

/// One per node; any thread.
class CommitmentDesk {
 public:
  CommitmentDesk(std::shared_ptr<const config::Config> config, store::Catalog& catalog,
                 Clock& clock);

  /// Keeps a commitment from two who would report it at once: the association that asked, and the
  /// reporter. In memory only: after a restart nobody has anything in hand, and that is so.
  class Claim {
   public:
    Claim(CommitmentDesk& desk, store::CommitmentId id) : desk_(&desk), id_(id) {}
    Claim(Claim&& other) noexcept : desk_(std::exchange(other.desk_, nullptr)), id_(other.id_) {}
    Claim& operator=(Claim&& other) noexcept;
    ~Claim() { give_back(); }
    [[nodiscard]] store::CommitmentId id() const { return id_; }

   private:
    void give_back();
    CommitmentDesk* desk_;
    store::CommitmentId id_;
  };
  /// Nothing when somebody else has it.
  std::optional<Claim> claim(store::CommitmentId id);

  /// Judges what waits; the commitment as it stands now.
  Result<store::Commitment> settle(store::CommitmentId id) {
    return book_.settle_commitment(id, policy_);
  }
  /// The source has heard; `way` as in store::ReportResult.
  void note_reported(const store::Commitment& commitment, const std::string& way);
  /// It has not: tried again later, or given up when it took too long.
  void note_failed(const store::Commitment& commitment, const Error& error);

  [[nodiscard]] store::CommitmentBook& book() { return book_; }
  /// Null: the source takes no reports but on the association that asks.
  [[nodiscard]] const config::ReportPlace* place_of(const SourceName& source) const;
  [[nodiscard]] TimePoint now() const { return clock_.now(); }
  /// Wakes the reporter.
  Doorbell& bell() { return bell_; }

 private:
  void release(store::CommitmentId id);
  void finish(const store::Commitment& commitment, const store::ReportResult& result);

  std::shared_ptr<const config::Config> config_;
  store::CommitmentBook& book_;
  Clock& clock_;
  store::CommitmentPolicy policy_;
  Doorbell bell_;
  std::mutex mutex_;
  std::set<store::CommitmentId> in_hand_;  // under mutex_
};

}  // namespace veilroute::scp

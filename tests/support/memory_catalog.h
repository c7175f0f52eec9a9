// A catalog in memory with the verbs that the spool uses, for the spool's own tests. It loses what
// a crash would lose: rows not yet flushed. Every other verb ends the test.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "core/base/crypto.h"
#include "core/store/catalog.h"

namespace veilroute::test {

/// Any thread.
class MemoryCatalog final : public store::Catalog {
 public:
  /// Rows that are only queued are gone, as after a crash; so is all that follows a stop.
  void crash() {
    const std::lock_guard lock(mutex_);
    queued_.clear();
  }
  [[nodiscard]] std::map<ObjectId, store::NewObject> rows() const {
    const std::lock_guard lock(mutex_);
    return rows_;
  }
  [[nodiscard]] std::set<std::pair<SegmentId, std::uint64_t>> corrupt() const {
    const std::lock_guard lock(mutex_);
    return corrupt_;
  }
  /// Makes add_segment fail, as a catalog on a full disk does.
  void refuse_segments(bool refuse) { refuse_segments_ = refuse; }

  [[nodiscard]] const Keyring& keyring() const override { return keyring_; }
  Result<std::uint64_t> reserve_ids(std::uint32_t count) override {
    const std::lock_guard lock(mutex_);
    return std::exchange(next_id_, next_id_ + count);
  }
  Result<void> flush() override {
    const std::lock_guard lock(mutex_);
    write_queued();
    return {};
  }
  [[nodiscard]] Result<void> accepting() override { return {}; }
  Result<void> add_segment(SegmentId id, ByteView wrapped_key) override {
    const std::lock_guard lock(mutex_);
    if (refuse_segments_) {
      return make_error(ErrorKind::exhausted, "catalog.full", "no room for a segment's row");
    }
    write_queued();
    segments_[id] = {id, Bytes(wrapped_key.begin(), wrapped_key.end()), false, false};
    return {};
  }
  Result<std::vector<store::SegmentRow>> segments() override {
    const std::lock_guard lock(mutex_);
    std::vector<store::SegmentRow> all;
    for (const auto& [id, row] : segments_) all.push_back(row);
    return all;
  }
  Result<void> close_segment(SegmentId id) override {
    const std::lock_guard lock(mutex_);
    write_queued();
    segments_.at(id).closed = true;
    segments_.at(id).wrapped_key.reset();
    return {};
  }
  Result<std::vector<std::uint64_t>> recorded_offsets(SegmentId id) override {
    const std::lock_guard lock(mutex_);
    std::set<std::uint64_t> offsets;
    for (const auto& [object, row] : rows_) {
      if (row.location.segment == id) offsets.insert(row.location.offset);
    }
    for (const auto& [segment, offset] : corrupt_) {
      if (segment == id) offsets.insert(offset);
    }
    return std::vector<std::uint64_t>(offsets.begin(), offsets.end());
  }
  Result<void> mark_corrupt(SegmentId id, std::uint64_t offset) override {
    const std::lock_guard lock(mutex_);
    write_queued();
    corrupt_.emplace(id, offset);
    return {};
  }
  Result<void> record_object(const store::NewObject& object,
                             const store::CompletionPolicy&) override {
    const std::lock_guard lock(mutex_);
    queued_.push_back(object);
    return {};
  }

  /// Segments whose objects are all shredded, as a test says.
  void shred(SegmentId id) {
    const std::lock_guard lock(mutex_);
    std::erase_if(rows_, [id](const auto& row) { return row.second.location.segment == id; });
  }
  Result<std::vector<SegmentId>> segments_to_remove(std::size_t) override {
    const std::lock_guard lock(mutex_);
    std::vector<SegmentId> found;
    for (const auto& [id, row] : segments_) {
      const bool kept = std::any_of(rows_.begin(), rows_.end(), [id = id](const auto& object) {
        return object.second.location.segment == id;
      });
      if (row.closed && !row.removed && !kept) found.push_back(id);
    }
    return found;
  }
  Result<void> mark_removed(const std::vector<SegmentId>& segments) override {
    const std::lock_guard lock(mutex_);
    for (const SegmentId id : segments) segments_.at(id).removed = true;
    return {};
  }

  // No part of the spool's work.
  Result<std::vector<ObjectId>> objects_due(const store::RetentionPolicy&, TimePoint,
                                            std::size_t) override {
    none();
  }
  Result<std::vector<store::ObjectLocation>> shred_objects(const std::vector<ObjectId>&,
                                                           const store::RetentionPolicy&,
                                                           TimePoint) override {
    none();
  }
  Result<std::vector<store::ObjectLocation>> shred_study(StudyKey,
                                                         const store::ShredOrder&) override {
    none();
  }
  Result<bool> empty_journal() override { none(); }
  Result<std::vector<TransferId>> close_outboxes(std::size_t) override { none(); }
  Result<std::vector<TransferId>> outboxes() override { none(); }
  Result<std::size_t> expire_returns(TimePoint, std::size_t) override { none(); }
  Result<TimePoint> retention_time() override { none(); }
  Result<void> keep_retention_time(TimePoint) override { none(); }
  Result<std::size_t> mend_times(const store::CompletionPolicy&, Duration) override { none(); }
  Result<std::size_t> hold_salvaged(std::map<std::string, std::string>) override { none(); }
  Result<std::vector<store::Study>> studies_due(TimePoint, std::size_t) override { none(); }
  Result<void> postpone_study(StudyKey, TimePoint) override { none(); }
  Result<bool> complete_study(StudyKey, TimePoint) override { none(); }
  Result<std::vector<StudyKey>> studies_to_plan(std::size_t) override { none(); }
  Result<store::Study> load_study(StudyKey) override { none(); }
  Result<store::SpooledObject> load_object(ObjectId) override { none(); }
  Result<void> add_transfers(StudyKey, const std::vector<store::NewTransfer>&) override { none(); }
  Result<void> hold_study(StudyKey, const std::string&) override { none(); }
  Result<void> resume_study(StudyKey, const std::string&) override { none(); }
  Result<std::vector<store::DueTransfer>> transfers_to_prepare(std::size_t) override { none(); }
  Result<store::Transfer> load_transfer(TransferId) override { none(); }
  Result<store::PseudonymRow> pseudonyms(StudyKey, const Scope&) override { none(); }
  Result<store::PseudonymRow> pseudonyms_for(const store::PseudonymSubject&,
                                             const Scope&) override {
    none();
  }
  Result<void> queue_transfer(TransferId, const Clearance&,
                              const store::PreparedTransfer&) override {
    none();
  }
  Result<void> quarantine_transfer(TransferId, const std::vector<store::TransferObject>&) override {
    none();
  }
  Result<void> block_transfer(TransferId, const std::string&) override { none(); }
  Result<void> unblock_transfer(TransferId) override { none(); }
  Result<std::vector<store::DueTransfer>> transfers_blocked(std::size_t) override { none(); }
  Result<std::vector<store::DueTransfer>> transfers_due(const DestinationName&, TimePoint,
                                                        std::size_t) override {
    none();
  }
  Result<std::optional<TimePoint>> next_due(const DestinationName&) override { none(); }
  Result<std::vector<DestinationName>> destinations_waiting() override { none(); }
  Result<store::Transfer> begin_attempt(TransferId,
                                        const std::map<std::string, std::string>&) override {
    none();
  }
  Result<void> checkpoint_attempt(TransferId, const std::vector<store::ObjectOutcome>&) override {
    none();
  }
  Result<void> finish_attempt(TransferId, const store::AttemptResult&) override { none(); }
  Result<std::size_t> recover_attempts() override { none(); }
  Result<void> retry_transfer(TransferId, const std::string&) override { none(); }
  Result<void> withdraw_transfer(TransferId, const std::string&) override { none(); }
  Result<void> replan_transfer(TransferId, const store::NewTransfer&, const std::string&) override {
    none();
  }
  Result<void> resume_quarantined(TransferId, const std::string&) override { none(); }
  Result<void> withdraw_quarantined(TransferId, std::optional<ObjectId>,
                                    const std::string&) override {
    none();
  }
  Result<std::vector<store::Transfer>> list_transfers(const store::TransferFilter&) override {
    none();
  }
  Result<store::StudyView> study_view(StudyKey) override { none(); }
  Result<std::vector<store::Study>> list_studies(std::size_t,
                                                 std::optional<store::StudyState>) override {
    none();
  }
  Result<std::optional<StudyKey>> find_study(const Uid&) override { none(); }
  Result<store::OpenWork> open_work() override { none(); }
  store::CommitmentBook& commitments() override { none(); }
  store::AcceptanceBook& acceptances() override { none(); }
  store::DestinationBook& destinations() override { none(); }
  Result<void> append_entry(ledger::Entry) override { none(); }
  Result<std::vector<ledger::Entry>> ledger_entries(const store::LedgerFilter&) override { none(); }
  Result<ledger::Inspection> inspect_ledger(const std::filesystem::path&) override { none(); }
  Result<void> checkpoint_ledger(const std::filesystem::path&) override { none(); }

 private:
  [[noreturn]] static void none() { die("this catalog serves the spool alone"); }
  void write_queued() {
    for (const store::NewObject& object : queued_) rows_.try_emplace(object.head.id, object);
    queued_.clear();
  }

  Keyring keyring_{crypto::random_key(), crypto::random_key(), crypto::random_key(),
                   crypto::random_key()};
  mutable std::mutex mutex_;
  std::uint64_t next_id_ = 1;
  std::map<SegmentId, store::SegmentRow> segments_;
  std::map<ObjectId, store::NewObject> rows_;
  std::vector<store::NewObject> queued_;
  std::set<std::pair<SegmentId, std::uint64_t>> corrupt_;
  bool refuse_segments_ = false;
};

}  // namespace veilroute::test

// The catalog's verbs on SQLite. Each verb that writes runs on the store thread; each that reads, on
// a reader connection of its own, within one snapshot.
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "core/store/catalog.h"
#include "core/store/sqlite/connection.h"
#include "core/store/sqlite/sealer.h"
#include "core/store/sqlite/store_thread.h"
#include "core/store/sqlite/work.h"

namespace veilroute::store::sqlite {

/// Connections for reading, opened when needed, kept for the next verb. Any thread.
class Readers {
 public:
  explicit Readers(std::filesystem::path file) : file_(std::move(file)) {}
  Result<std::unique_ptr<Connection>> borrow();
  void give_back(std::unique_ptr<Connection> connection);

 private:
  static constexpr std::size_t kMostIdle = 4;
  std::filesystem::path file_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

class SqliteCatalog final : public Catalog, public CommitmentBook, public AcceptanceBook, public DestinationBook {
 public:
  SqliteCatalog(const std::filesystem::path& file, std::unique_ptr<Connection> writer,
                Keyring keyring, const Clock& clock)
      : keyring_(std::move(keyring)),
        sealer_(keyring_),
        file_(file),
        readers_(file),
        thread_(std::move(writer), sealer_, clock) {}

  [[nodiscard]] const Keyring& keyring() const override { return keyring_; }
  Result<std::uint64_t> reserve_ids(std::uint32_t count) override;
  Result<void> flush() override;
  [[nodiscard]] Result<void> accepting() override { return thread_.accepting(); }
  Result<std::size_t> mend_times(const CompletionPolicy& policy, Duration longest_delay) override;

  Result<void> add_segment(SegmentId id, ByteView wrapped_key) override;
  Result<std::vector<SegmentRow>> segments() override;
  Result<void> close_segment(SegmentId id) override;
  Result<std::vector<std::uint64_t>> recorded_offsets(SegmentId id) override;
  Result<void> mark_corrupt(SegmentId id, std::uint64_t offset) override;
  Result<std::vector<SegmentId>> segments_to_remove(std::size_t at_most) override;
  Result<void> mark_removed(const std::vector<SegmentId>& segments) override;

  Result<void> record_object(const NewObject& object, const CompletionPolicy& policy) override;
  Result<std::vector<Study>> studies_due(TimePoint now, std::size_t at_most) override;
  Result<void> postpone_study(StudyKey key, TimePoint until) override;
  Result<bool> complete_study(StudyKey key, TimePoint last_at) override;
  Result<std::vector<StudyKey>> studies_to_plan(std::size_t at_most) override;
  Result<Study> load_study(StudyKey key) override;
  Result<SpooledObject> load_object(ObjectId id) override;
  Result<void> add_transfers(StudyKey key, const std::vector<NewTransfer>& transfers) override;
  Result<void> hold_study(StudyKey key, const std::string& reason) override;
  Result<std::size_t> hold_salvaged(std::map<std::string, std::string> fields) override;
  Result<void> resume_study(StudyKey key, const std::string& actor) override;

  Result<std::vector<DueTransfer>> transfers_to_prepare(std::size_t at_most) override;
  Result<Transfer> load_transfer(TransferId id) override;
  Result<PseudonymRow> pseudonyms(StudyKey study, const Scope& scope) override;
  Result<PseudonymRow> pseudonyms_for(const PseudonymSubject& subject,
                                      const Scope& scope) override;
  Result<void> queue_transfer(TransferId id, const Clearance& clearance,
                              const PreparedTransfer& prepared) override;
  Result<void> quarantine_transfer(TransferId id,
                                   const std::vector<TransferObject>& objects) override;
  Result<void> block_transfer(TransferId id, const std::string& reason) override;
  Result<void> unblock_transfer(TransferId id) override;
  Result<std::vector<DueTransfer>> transfers_blocked(std::size_t at_most) override;

  Result<std::vector<DueTransfer>> transfers_due(const DestinationName& destination, TimePoint now,
                                                 std::size_t at_most) override;
  Result<std::optional<TimePoint>> next_due(const DestinationName& destination) override;
  Result<std::vector<DestinationName>> destinations_waiting() override;
  Result<Transfer> begin_attempt(TransferId id,
                                 const std::map<std::string, std::string>& fields) override;
  Result<void> checkpoint_attempt(TransferId id,
                                  const std::vector<ObjectOutcome>& objects) override;
  Result<void> finish_attempt(TransferId id, const AttemptResult& result) override;
  Result<std::size_t> recover_attempts() override;

  Result<void> retry_transfer(TransferId id, const std::string& actor) override;
  Result<void> withdraw_transfer(TransferId id, const std::string& actor) override;
  Result<void> replan_transfer(TransferId id, const NewTransfer& fresh,
                               const std::string& actor) override;
  Result<void> resume_quarantined(TransferId id, const std::string& actor) override;
  Result<void> withdraw_quarantined(TransferId id, std::optional<ObjectId> object,
                                    const std::string& actor) override;
  Result<std::vector<Transfer>> list_transfers(const TransferFilter& filter) override;
  Result<StudyView> study_view(StudyKey key) override;
  Result<std::vector<Study>> list_studies(std::size_t at_most,
                                          std::optional<StudyState> state = {}) override;
  Result<std::optional<StudyKey>> find_study(const Uid& uid) override;
  Result<OpenWork> open_work() override;

  CommitmentBook& commitments() override { return *this; }
  Result<CommitmentId> request_commitment(const NewCommitment& asked) override;
  Result<Commitment> settle_commitment(CommitmentId id, const CommitmentPolicy& policy) override;
  Result<std::vector<CommitmentId>> commitments_due(TimePoint now, std::size_t at_most) override;
  Result<Commitment> load_commitment(CommitmentId id) override;
  Result<void> finish_report(CommitmentId id, const ReportResult& result) override;
  Result<std::vector<Commitment>> list_commitments(std::size_t at_most) override;

  AcceptanceBook& acceptances() override { return *this; }
  Result<AcceptanceId> accept_finding(const NewAcceptance& wanted) override;
  Result<std::size_t> revoke_acceptance(AcceptanceId id, const std::string& actor) override;
  Result<AcceptedValues> accepted_values(const AcceptedWay& way) override;
  Result<std::vector<Acceptance>> list_acceptances(std::size_t at_most) override;

  DestinationBook& destinations() override { return *this; }
  Result<DestinationHold> hold_of(const DestinationName& destination) override;
  [[nodiscard]] std::uint64_t holds_version() const override { return holds_version_; }
  Result<void> pause_destination(const PauseOrder& order) override;
  Result<void> resume_destination(const DestinationName& destination,
                                  const std::string& actor) override;
  Result<bool> suspend_destination(const DestinationName& destination, const std::string& slug,
                                   const Digest& settings) override;
  Result<bool> lift_suspension(const DestinationName& destination, const std::string& why,
                               const std::string& actor) override;
  Result<std::size_t> hasten_transfers(const DestinationName& destination) override;
  Result<std::uint64_t> count_open(const DestinationName& destination) override;

  Result<std::vector<ObjectId>> objects_due(const RetentionPolicy& policy, TimePoint now,
                                            std::size_t at_most) override;
  Result<std::vector<ObjectLocation>> shred_objects(const std::vector<ObjectId>& objects,
                                                    const RetentionPolicy& policy,
                                                    TimePoint now) override;
  Result<std::vector<ObjectLocation>> shred_study(StudyKey key, const ShredOrder& order) override;
  Result<bool> empty_journal() override;
  Result<std::vector<TransferId>> close_outboxes(std::size_t at_most) override;
  Result<std::vector<TransferId>> outboxes() override;
  Result<std::size_t> expire_returns(TimePoint before, std::size_t at_most) override;
  Result<TimePoint> retention_time() override;
  Result<void> keep_retention_time(TimePoint at) override;

  Result<void> append_entry(ledger::Entry entry) override;
  Result<std::vector<ledger::Entry>> ledger_entries(const LedgerFilter& filter) override;
  Result<ledger::Inspection> inspect_ledger(const std::filesystem::path& file) override;
  Result<void> checkpoint_ledger(const std::filesystem::path& file) override;

 private:
  /// A durable verb with an answer: `verb(Work&)` gives Result<T>.
  template <typename T, typename Verb>
  Result<T> write(Verb verb) {
    std::optional<T> answer;
    VR_TRY(thread_.run([&](Work& work) -> Result<void> {
      VR_TRY(answer, verb(work));
      return {};
    }));
    return std::move(*answer);
  }

  /// A verb that reads: `verb(const View&)` gives Result<T>, all of it from one snapshot.
  template <typename Verb>
  auto read(Verb verb) -> decltype(verb(std::declval<const View&>())) {
    VR_TRY(std::unique_ptr<Connection> db, readers_.borrow());
    VR_TRY(db->run("BEGIN"));
    auto answer = verb(View{*db, sealer_});
    // A connection that cannot end its snapshot is closed, not kept.
    if (db->run("COMMIT").ok()) readers_.give_back(std::move(db));
    return answer;
  }

  Keyring keyring_;
  Sealer sealer_;
  const std::filesystem::path file_;
  Readers readers_;
  std::atomic<std::uint64_t> holds_version_{0};
  std::mutex checkpoint_file_;  ///< one line after the other
  StoreThread thread_;  ///< last: it commits what waits before the rest goes
};

}  // namespace veilroute::store::sqlite

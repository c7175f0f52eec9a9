// Catalog: every question about studies, objects and transfers, and every change, in the words of
// the walk. Each verb is one transaction; no SQL crosses this line (decisions 12). Any thread.
//
// Verbs that change something are [durable], unless they say [lazy]: they return after the commit
// that holds them. [lazy] verbs return before it, unless thousands wait already; they are committed in
// order, in batches that gather for at most 50 ms, or once the disk has room again. A crash before
// that costs nothing: Spool::recover records objects again, since the segment record holds all that
// the row needs, and a study that was not postponed is only looked at earlier.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clearance.h"
#include "core/base/clock.h"
#include "core/base/keyring.h"
#include "core/dicom/manifest.h"
#include "core/store/acceptance.h"
#include "core/store/commitment.h"
#include "core/store/destination_hold.h"
#include "core/store/ledger/entry.h"
#include "core/store/ledger/inspect.h"
#include "core/store/object.h"
#include "core/store/open_work.h"
#include "core/store/retention.h"
#include "core/store/study.h"
#include "core/store/transfer.h"

namespace veilroute::store {

/// One patient in one scope (decisions 6): all random, stored before use.
struct PseudonymRow {
  std::uint64_t id = 0;
  Phi<std::string> pseudonym;   ///< "VR-7Q3K9M2T": from a reserved alphabet, never a real id
  Phi<int> date_offset_days;    ///< never 0
  Secret secret;                ///< 32 bytes; keys the UID map
  Phi<std::string> accession;   ///< this study's pseudonymous accession number (decisions 15)
};

/// Whose row it is: a patient, or one study alone where there is no Patient ID (decisions 6).
struct PseudonymSubject {
  Phi<std::string> issuer;
  Phi<std::string> patient_id;  ///< trimmed; may be empty
  Uid study;
};

/// One mapped UID: the way back (decisions 15).
struct MappedUid {
  Phi<std::string> original;
  Uid replacement;
  std::string kind;  ///< "study", "series", "instance", "other"
};

/// What prepare_transfer leaves behind, stored with queue_transfer.
struct PreparedTransfer {
  Bytes wrapped_outbox_key;
  std::vector<TransferObject> objects;  ///< cleared (with record and new UID) or excluded
  std::vector<MappedUid> uids;
  std::map<std::string, std::string> restore;  ///< keyword → value as it came; sealed
  std::vector<AcceptanceId> acceptances;       ///< without which it would not have been cleared
};

struct SegmentRow {
  SegmentId id;
  std::optional<Bytes> wrapped_key;  ///< gone when the segment is closed and all rows exist
  bool closed = false;
  bool removed = false;  ///< its file is gone: everything in it was shredded
};

/// What is due: enough for the dispatcher to choose without loading the whole.
struct DueTransfer {
  TransferId id;
  DestinationName destination;
  TransferState state = TransferState::planned;
  TimePoint due_at;
};

/// The sum of decisions 7 for one (study, route).
/// `live` counts the objects that were live when planned and have not been superseded since; those of
/// a generation without a plan wait.
struct RouteSum {
  RouteName route;
  DestinationName destination;
  std::uint64_t live = 0, sent = 0, excluded = 0, quarantined = 0, refused = 0, withdrawn = 0,
                waiting = 0;
  [[nodiscard]] bool closes() const {
    return live == sent + excluded + quarantined + refused + withdrawn + waiting;
  }
};

struct StudyView {
  Study study;
  std::vector<Transfer> transfers;  ///< all generations
  std::vector<RouteSum> sums;
};

struct TransferFilter {
  std::optional<DestinationName> destination{};
  std::optional<TransferState> state{};
  bool only_open = false;         ///< not final
  bool only_quarantined = false;  ///< with at least one quarantined object
  std::size_t at_most = 200;
};

struct LedgerFilter {
  std::uint64_t from_sequence = 1;
  std::optional<StudyKey> study;
  std::optional<TransferId> transfer;
  std::optional<DestinationName> destination;
  std::optional<ledger::Kind> kind;
  std::optional<TimePoint> since, until;  ///< `until` itself is left out
  std::size_t at_most = 1000;
  bool newest = false;  ///< the last `at_most` instead of the first
};

class Catalog {
 public:
  virtual ~Catalog() = default;

  /// The opened site keys.
  [[nodiscard]] virtual const Keyring& keyring() const = 0;
  /// A block of `count` ids: the first one; the others follow. Node-prefixed, ascending. [durable]
  virtual Result<std::uint64_t> reserve_ids(std::uint32_t count) = 0;
  /// Returns after everything lazy so far is committed. [durable]
  virtual Result<void> flush() = 0;
  /// `exhausted` ("catalog.no-room") while rows wait because the disk is full: nothing more may be
  /// acknowledged. What waits is written by itself once there is room. Touches no disk.
  [[nodiscard]] virtual Result<void> accepting() = 0;
  /// After the clock was set back: what would be due only after times that no longer come is due by
  /// today's clock. Open studies count from now; a transfer that waits longer than the longest delay
  /// between two tries, or was never tried, is due. How many changed. [durable]
  virtual Result<std::size_t> mend_times(const CompletionPolicy& policy, Duration longest_delay) = 0;

  // Segments (used by Spool alone)
  virtual Result<void> add_segment(SegmentId id, ByteView wrapped_key) = 0;  // [durable]
  virtual Result<std::vector<SegmentRow>> segments() = 0;
  /// After the last record; its key row goes once every record has its row. [durable]
  virtual Result<void> close_segment(SegmentId id) = 0;
  /// Which records of a segment have rows and are not shredded: offsets. For recovery.
  virtual Result<std::vector<std::uint64_t>> recorded_offsets(SegmentId id) = 0;
  /// The record there is lost: an object that is live becomes corrupt, with an entry; others keep
  /// their state. Said again it changes nothing. [durable]
  virtual Result<void> mark_corrupt(SegmentId id, std::uint64_t offset) = 0;
  /// Closed segments of which nothing is left to keep, and whose file may be there.
  virtual Result<std::vector<SegmentId>> segments_to_remove(std::size_t at_most) = 0;
  /// Their files are gone, durably. [durable]
  virtual Result<void> mark_removed(const std::vector<SegmentId>& segments) = 0;

  // Objects and studies
  /// Writes the row, opens or extends the study, resolves duplicates (docs/adr/0015), and ledgers
  /// `received` (grouped). Recording the same ObjectId again changes nothing. [lazy]
  virtual Result<void> record_object(const NewObject& object, const CompletionPolicy& policy) = 0;
  /// Open studies whose time has come; objects are not loaded. One that cannot be opened is among them,
  /// not `readable`: it is completed like the others, and held when it is to be planned.
  virtual Result<std::vector<Study>> studies_due(TimePoint now, std::size_t at_most) = 0;
  virtual Result<void> postpone_study(StudyKey key, TimePoint until) = 0;  // [lazy]
  /// False when an object came in between (last_at moved): then nothing happens. [durable]
  virtual Result<bool> complete_study(StudyKey key, TimePoint last_at) = 0;
  virtual Result<std::vector<StudyKey>> studies_to_plan(std::size_t at_most) = 0;
  /// With its objects. `corrupt` when it, its patient or one of them does not open.
  virtual Result<Study> load_study(StudyKey key) = 0;
  virtual Result<SpooledObject> load_object(ObjectId id) = 0;
  virtual Result<void> add_transfers(StudyKey key, const std::vector<NewTransfer>& transfers) = 0;
  virtual Result<void> hold_study(StudyKey key, const std::string& reason) = 0;  // [durable]
  /// After a salvage nobody knows what was sent already: holds every study that has no plan (an open
  /// one when it completes), and blocks every transfer that is not over, with kHoldSalvaged. One
  /// entry for all, with `fields`. How many of both. [durable]
  virtual Result<std::size_t> hold_salvaged(std::map<std::string, std::string> fields) = 0;
  /// A held study goes back to `complete`, to be planned afresh. [durable]
  virtual Result<void> resume_study(StudyKey key, const std::string& actor) = 0;

  // Preparing
  virtual Result<std::vector<DueTransfer>> transfers_to_prepare(std::size_t at_most) = 0;
  virtual Result<Transfer> load_transfer(TransferId id) = 0;
  /// The study's row in this scope, made and pinned at first sight. [durable]
  virtual Result<PseudonymRow> pseudonyms(StudyKey study, const Scope& scope) = 0;
  /// The row for objects that are not in the catalog: the one that a study of this subject would be
  /// given; if a study with this UID is known and has pinned one in this scope, that one. [durable]
  virtual Result<PseudonymRow> pseudonyms_for(const PseudonymSubject& subject,
                                              const Scope& scope) = 0;
  /// planned → cleared. `clearance` proves the manifest; its records are the cleared objects. [durable]
  virtual Result<void> queue_transfer(TransferId id, const Clearance& clearance,
                                      const PreparedTransfer& prepared) = 0;
  /// planned → blocked ("quarantine"); objects with findings become quarantined. [durable]
  virtual Result<void> quarantine_transfer(TransferId id,
                                           const std::vector<TransferObject>& objects) = 0;
  /// Any non-final state but sending → blocked. [durable]
  virtual Result<void> block_transfer(TransferId id, const std::string& reason) = 0;
  /// blocked by a gate → planned, or cleared when it has its manifest. [durable]
  virtual Result<void> unblock_transfer(TransferId id) = 0;
  /// By a gate: neither by a quarantine nor by a salvage.
  virtual Result<std::vector<DueTransfer>> transfers_blocked(std::size_t at_most) = 0;

  // Sending
  /// cleared or deferred with due_at ≤ now, oldest first.
  virtual Result<std::vector<DueTransfer>> transfers_due(const DestinationName& destination,
                                                         TimePoint now, std::size_t at_most) = 0;
  /// When the next one falls due, for the sender's sleep.
  virtual Result<std::optional<TimePoint>> next_due(const DestinationName& destination) = 0;
  /// Each destination for which something is cleared or deferred, once.
  virtual Result<std::vector<DestinationName>> destinations_waiting() = 0;
  /// → sending; counts the attempt and writes `attempt.started` with every object about to leave,
  /// before the first byte (Law 3). `fields` say to whom and how. Objects whose newer bytes arrived
  /// meanwhile are withdrawn first. `unavailable` ("transfer.moved-on") when it is not cleared or
  /// deferred, not due, or nothing is left to go. [durable]
  virtual Result<Transfer> begin_attempt(TransferId id,
                                         const std::map<std::string, std::string>& fields) = 0;
  /// Objects confirmed so far: a crash re-sends seconds, not a study. `refused`
  /// ("transfer.withdrawn") when an operator withdrew the transfer meanwhile: what was confirmed is
  /// written down all the same, and the sender stops. [durable]
  virtual Result<void> checkpoint_attempt(TransferId id,
                                          const std::vector<ObjectOutcome>& objects) = 0;
  /// New state and entry in one transaction. Refused objects beside sent ones: the transfer is sent
  /// when nothing is left to try and at least one went, else refused; the sum shows each. With objects
  /// left: deferred, or, when the outcome is `refused`, refused together with them. A transfer that
  /// was withdrawn meanwhile stays so. Objects told before are no mistake. [durable]
  virtual Result<void> finish_attempt(TransferId id, const AttemptResult& result) = 0;
  /// At start: what was `sending` gets outcome `unknown` and is due now. One whose rows cannot be read
  /// is logged as an error and stays as it is. How many. [durable]
  virtual Result<std::size_t> recover_attempts() = 0;

  // Operators (actor: who, for the ledger)
  /// Due now, and its failures are forgotten; what ended with refused objects is deferred, and these go
  /// again. What a salvage blocked, or the end of its tries (kAttemptsHeld), goes on. Of what is blocked for its outbox (kOutboxSlugPrefix) the manifest and the key of the
  /// outbox file are dropped, and all that has not gone is planned, to be prepared afresh.
  virtual Result<void> retry_transfer(TransferId id, const std::string& actor) = 0;
  /// Anything that is not final. An attempt under way stops at its next checkpoint.
  virtual Result<void> withdraw_transfer(TransferId id, const std::string& actor) = 0;
  /// A blocked transfer gets a new plan for what has not gone (each of these objects is planned or
  /// excluded in `fresh`; route and destination stay), is prepared again, and earlier withdrawals by
  /// its route do not bind any more. `unavailable` ("transfer.moved-on") when objects came or went
  /// since `fresh` was made. [durable]
  virtual Result<void> replan_transfer(TransferId id, const NewTransfer& fresh,
                                       const std::string& actor) = 0;
  /// Quarantined objects of a transfer: prepared again (resume), or withdrawn so that the rest goes.
  virtual Result<void> resume_quarantined(TransferId id, const std::string& actor) = 0;
  virtual Result<void> withdraw_quarantined(TransferId id, std::optional<ObjectId> object,
                                            const std::string& actor) = 0;
  /// Newest first, with their objects.
  virtual Result<std::vector<Transfer>> list_transfers(const TransferFilter& filter) = 0;
  /// The study with its objects; one sum for each route, over all generations.
  virtual Result<StudyView> study_view(StudyKey key) = 0;
  /// Newest first, in one state if it is named; objects not loaded.
  virtual Result<std::vector<Study>> list_studies(std::size_t at_most,
                                                  std::optional<StudyState> state = {}) = 0;
  /// By the Study Instance UID as received, or as sent anywhere.
  virtual Result<std::optional<StudyKey>> find_study(const Uid& uid) = 0;

  /// What is under way, counted.
  virtual Result<OpenWork> open_work() = 0;

  /// What sources asked us to answer for.
  virtual CommitmentBook& commitments() = 0;
  /// What people have said is harmless.
  virtual AcceptanceBook& acceptances() = 0;
  /// What keeps destinations from being sent to.
  virtual DestinationBook& destinations() = 0;

  // Retention (docs/adr/0017)
  /// Objects whose time is over, of each kind the longest over first.
  virtual Result<std::vector<ObjectId>> objects_due(const RetentionPolicy& policy, TimePoint now,
                                                    std::size_t at_most) = 0;
  /// Shreds those that are still due: state, time, reason and the ledger's entry in one transaction in
  /// which the key is overwritten and what identifies is emptied. Returns where their records lie,
  /// keys empty. Others are passed over. [durable]
  virtual Result<std::vector<ObjectLocation>> shred_objects(const std::vector<ObjectId>& objects,
                                                            const RetentionPolicy& policy,
                                                            TimePoint now) = 0;
  /// All of a study, before its time, as an operator ordered. `refused` ("study.still-arriving",
  /// "study.transfers-open", "study.in-custody", "study.segment-open", "study.nothing-to-shred")
  /// when something stands against it; then nothing is shredded. [durable]
  virtual Result<std::vector<ObjectLocation>> shred_study(StudyKey key, const ShredOrder& order) = 0;
  /// Puts the database's journal into the database and empties it, so that no page from before a
  /// shredding is left. False when a reader stood in the way: ask again. [durable]
  virtual Result<bool> empty_journal() = 0;
  /// Takes the keys of outbox files that nothing will read again, and says whose. [durable]
  virtual Result<std::vector<TransferId>> close_outboxes(std::size_t at_most) = 0;
  /// Transfers that have an outbox file.
  virtual Result<std::vector<TransferId>> outboxes() = 0;
  /// Forgets the way back of what was prepared before this time; how many records. [durable]
  virtual Result<std::size_t> expire_returns(TimePoint before, std::size_t at_most) = 0;
  /// The last time that retention trusted; the epoch: none yet.
  virtual Result<TimePoint> retention_time() = 0;
  virtual Result<void> keep_retention_time(TimePoint at) = 0;  // [durable]

  // Ledger
  virtual Result<void> append_entry(ledger::Entry entry) = 0;  // [durable]
  virtual Result<std::vector<ledger::Entry>> ledger_entries(const LedgerFilter& filter) = 0;
  /// Reads every entry, the head and all checkpoints; `file`: where checkpoint_ledger wrote its lines
  /// (empty: the table's checkpoints alone).
  virtual Result<ledger::Inspection> inspect_ledger(const std::filesystem::path& file = {}) = 0;
  /// Signs length and head; writes it to the table and to `file` (one JSON line, synced). [durable]
  virtual Result<void> checkpoint_ledger(const std::filesystem::path& file) = 0;
};

}  // namespace veilroute::store

// Commitments: asked for, settled, reported (PS3.4 annex J). What somebody relies on is in the
// ledger with what it promises.
#include <algorithm>

#include "core/store/sqlite/commitment_judgement.h"
#include "core/store/sqlite/commitment_rows.h"
#include "core/store/sqlite/moves.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

/// How often we look whether the archive has it: often at first, each minute in the end.
constexpr Duration kFirstLook = std::chrono::seconds(1);
constexpr Duration kLongestLook = std::chrono::minutes(1);
constexpr Duration kKeptWhileWaiting = std::chrono::hours(1);

bool is_over(CommitmentState state) {
  return state == CommitmentState::reported || state == CommitmentState::given_up;
}

ledger::Entry commitment_entry(ledger::Kind kind, const Commitment& commitment) {
  ledger::Entry entry;
  entry.kind = kind;
  entry.fields["commitment"] = std::to_string(commitment.id.value);
  entry.fields["source"] = commitment.source.value;
  entry.sealed["transaction_uid"] = commitment.transaction.value;
  entry.sealed["calling_ae"] = commitment.calling_ae.value;
  return entry;
}

/// The same request, whatever the order of its references.
Digest request_index(const Sealer& sealer, const NewCommitment& asked) {
  std::vector<std::pair<std::string_view, std::string_view>> references;
  for (const Reference& one : asked.references) {
    references.emplace_back(one.sop_class.value, one.sop_instance.value);
  }
  std::sort(references.begin(), references.end());
  Encoder all;
  for (const auto& [sop_class, sop_instance] : references) all.text(sop_class).text(sop_instance);
  return sealer.blind(kBlindCommitment,
                      {asked.source.value, asked.transaction.value, as_text(all.out())});
}

/// A request on its way into the rows.
class Asking {
 public:
  Asking(Work& work, const NewCommitment& asked)
      : work_(work),
        asked_(asked),
        transaction_(work.sealer.blind(kBlindTransaction,
                                       {asked.source.value, asked.transaction.value})),
        request_(request_index(work.sealer, asked)) {}
  Result<CommitmentId> run();

 private:
  Result<std::optional<CommitmentId>> find_same();
  Result<void> take_up_again(CommitmentId id);
  Result<void> check_room();
  Result<CommitmentId> insert();
  Result<void> ledger_requested(const Commitment& commitment);

  Work& work_;
  const NewCommitment& asked_;
  Digest transaction_;
  Digest request_;
  bool transaction_taken_ = false;
};

Result<CommitmentId> Asking::run() {
  VR_TRY(const std::optional<CommitmentId> same, find_same());
  if (!same) {
    VR_TRY(check_room());
    return insert();
  }
  VR_TRY(take_up_again(*same));
  return *same;
}

Result<std::optional<CommitmentId>> Asking::find_same() {
  VR_TRY(Statement row,
         work_.db.prepare("SELECT id, request FROM commitments WHERE transaction_uid = ?1"));
  row.bind(transaction_);
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return std::optional<CommitmentId>();
    if (row.digest(1) == request_) return std::optional(CommitmentId{row.u64(0)});
    transaction_taken_ = true;
  }
}

Result<void> Asking::take_up_again(CommitmentId id) {
  VR_TRY(const Commitment there, read_commitment(work_, id));
  // An answer that nobody has acknowledged stands; an older one may be true no longer.
  const bool anew = is_over(there.state);
  const CommitmentState state = anew ? CommitmentState::waiting : there.state;
  VR_TRY(work_.db.run("UPDATE commitments SET state = ?2, attempts = 0, requested_at = ?3,"
                      " due_at = ?4 WHERE id = ?1",
                      id, state, anew ? work_.now : there.requested_at, work_.now));
  return anew ? ledger_requested(there) : Result<void>();
}

Result<void> Asking::ledger_requested(const Commitment& commitment) {
  ledger::Entry entry = commitment_entry(ledger::Kind::commitment_requested, commitment);
  entry.fields["listener"] = asked_.listener.value;
  entry.fields["association"] = std::to_string(asked_.association.value);
  entry.fields["references"] = std::to_string(commitment.references.size());
  return work_.ledger(std::move(entry));
}

Result<void> Asking::check_room() {
  VR_TRY(Statement row, work_.db.prepare("SELECT COUNT(*) FROM commitments"
                                         " WHERE state < 2 AND source = ?1"));
  VR_TRY([[maybe_unused]] const bool there, row.bind(asked_.source).step());
  if (row.u64(0) < kMostOpenCommitments) return {};
  return make_error(ErrorKind::exhausted, "commitment.too-many",
                    "the source has as many open commitments as we take");
}

Result<CommitmentId> Asking::insert() {
  Commitment fresh;
  VR_TRY(fresh.id.value, work_.new_id());
  fresh.source = asked_.source;
  fresh.calling_ae = asked_.calling_ae;
  fresh.called_ae = asked_.called_ae;
  fresh.transaction = asked_.transaction;
  fresh.references = asked_.references;
  for (Reference& one : fresh.references) {
    if (transaction_taken_) one.failure = failure_reason::duplicate_transaction;
  }
  VR_TRY(const Bytes sealed, seal_commitment(work_.sealer, fresh));
  VR_TRY(work_.db.run(
      "INSERT INTO commitments (id, node, epoch, source, state, reason, attempts, requested_at,"
      " settled_at, due_at, transaction_uid, request, sealed)"
      " VALUES (?1, ?2, ?3, ?4, ?5, '', 0, ?6, 0, ?6, ?7, ?8, ?9)",
      fresh.id, kNode, kEpoch, fresh.source, CommitmentState::waiting, work_.now, transaction_,
      request_, sealed));
  VR_TRY(ledger_requested(fresh));
  return fresh.id;
}

/// False when the object is not live any more: it was shredded since we looked.
Result<bool> pin_object(Work& work, ObjectId object, TimePoint until) {
  VR_TRY(work.db.run("UPDATE objects SET pinned_until = MAX(pinned_until, ?2)"
                     " WHERE id = ?1 AND state = ?3",
                     object, until, ObjectState::live));
  return work.db.changes() == 1;
}

/// What is asked about must not be shredded between an archive's answer and our next look.
Result<void> look_again(Work& work, Commitment& commitment, const std::vector<Judgement>& judged) {
  for (const Judgement& one : judged) {
    if (one.failure != failure_reason::none) continue;
    VR_TRY([[maybe_unused]] const bool there,
           pin_object(work, one.object, work.now + kKeptWhileWaiting));
  }
  const Duration age = work.now - commitment.requested_at;
  commitment.due_at = work.now + std::clamp(age / 8, kFirstLook, kLongestLook);
  return work.db.run("UPDATE commitments SET due_at = ?2 WHERE id = ?1", commitment.id,
                     commitment.due_at);
}

Result<Commitment> settle_row(Work& work, CommitmentId id, const CommitmentPolicy& policy,
                              const std::vector<Judgement>& judged) {
  VR_TRY(Commitment commitment, read_commitment(work, id));
  // Asked anew while we looked: what we saw is not about this request.
  const bool fits = judged.size() == commitment.references.size();
  if (commitment.state != CommitmentState::waiting || !fits) return commitment;
  const bool is_late = work.now >= commitment.requested_at + policy.longest_wait;
  const bool waits = std::any_of(judged.begin(), judged.end(),
                                 [](const Judgement& one) { return one.not_yet; });
  if (waits && !is_late) {
    VR_TRY(look_again(work, commitment, judged));
    return commitment;
  }
  for (std::size_t i = 0; i < judged.size(); ++i) {
    Reference& reference = commitment.references.at(i);
    reference.object = judged[i].object;
    reference.failure =
        judged[i].not_yet ? failure_reason::processing_failure : judged[i].failure;
    const bool promised = reference.failure == failure_reason::none;
    if (!promised || policy.mode != CommitmentMode::custody) continue;
    VR_TRY(const bool pinned, pin_object(work, reference.object, work.now + policy.custody));
    if (!pinned) reference.failure = failure_reason::no_such_instance;
  }
  commitment.state = CommitmentState::settled;
  commitment.settled_at = commitment.due_at = work.now;
  VR_TRY(const Bytes sealed, seal_commitment(work.sealer, commitment));
  VR_TRY(work.db.run("UPDATE commitments SET state = ?2, settled_at = ?3, due_at = ?3, sealed = ?4"
                     " WHERE id = ?1",
                     id, commitment.state, work.now, sealed));
  return commitment;
}

/// What the source was told, or would have been.
Result<void> ledger_reported(Work& work, const Commitment& commitment, const ReportResult& result) {
  ledger::Entry entry = commitment_entry(ledger::Kind::commitment_reported, commitment);
  const std::size_t failed = commitment.failures();
  entry.fields["outcome"] = result.state == CommitmentState::reported ? "acknowledged" : "given-up";
  entry.fields["committed"] = std::to_string(commitment.references.size() - failed);
  entry.fields["failed"] = std::to_string(failed);
  entry.fields["attempts"] = std::to_string(commitment.attempts + 1);
  if (!result.way.empty()) entry.fields["way"] = result.way;
  if (!result.slug.empty()) entry.fields["reason"] = result.slug;
  for (const Reference& one : commitment.references) {
    if (one.object.value == 0) continue;
    const bool good = one.failure == failure_reason::none;
    entry.items.push_back(item_of(one.object, good ? "committed" : "failed",
                                  good ? std::string() : status_word(one.failure)));
  }
  return work.ledger(std::move(entry));
}

Result<void> finish_row(Work& work, CommitmentId id, const ReportResult& result) {
  VR_TRY(const Commitment commitment, read_commitment(work, id));
  // Told before, or taken up again since: then it is judged and reported anew.
  if (commitment.state != CommitmentState::settled) return {};
  VR_TRY(work.db.run("UPDATE commitments SET state = ?2, reason = ?3, attempts = attempts + 1,"
                     " due_at = ?4 WHERE id = ?1",
                     id, result.state, result.slug, result.due_at));
  if (result.state == CommitmentState::settled) return {};
  return ledger_reported(work, commitment, result);
}

}  // namespace

Result<CommitmentId> SqliteCatalog::request_commitment(const NewCommitment& asked) {
  return write<CommitmentId>([&](Work& work) { return Asking(work, asked).run(); });
}

Result<Commitment> SqliteCatalog::settle_commitment(CommitmentId id,
                                                    const CommitmentPolicy& policy) {
  // Ten thousand look-ups are nothing for the store thread: they are done beside it, in a snapshot
  // that has every object acknowledged so far.
  VR_TRY(flush());
  VR_TRY(const std::vector<Judgement> judged,
         read([&](const View& view) -> Result<std::vector<Judgement>> {
           VR_TRY(const Commitment commitment, read_commitment(view, id));
           if (commitment.state != CommitmentState::waiting) return std::vector<Judgement>();
           return judge(view, commitment, policy);
         }));
  return write<Commitment>([&](Work& work) { return settle_row(work, id, policy, judged); });
}

Result<std::vector<CommitmentId>> SqliteCatalog::commitments_due(TimePoint now,
                                                                 std::size_t at_most) {
  return read([&](const View& view) -> Result<std::vector<CommitmentId>> {
    VR_TRY(Statement row, view.db.prepare("SELECT id FROM commitments WHERE state < 2 AND"
                                          " due_at <= ?1 ORDER BY due_at LIMIT ?2"));
    row.bind(now, at_most);
    std::vector<CommitmentId> due;
    for (;;) {
      VR_TRY(const bool there, row.step());
      if (!there) return due;
      due.push_back({row.u64(0)});
    }
  });
}

Result<Commitment> SqliteCatalog::load_commitment(CommitmentId id) {
  return read([&](const View& view) { return read_commitment(view, id); });
}

Result<void> SqliteCatalog::finish_report(CommitmentId id, const ReportResult& result) {
  return thread_.run([&](Work& work) { return finish_row(work, id, result); });
}

Result<std::vector<Commitment>> SqliteCatalog::list_commitments(std::size_t at_most) {
  return read([&](const View& view) -> Result<std::vector<Commitment>> {
    VR_TRY(Statement row,
           view.db.prepare(std::string(kSelectCommitments) + "ORDER BY id DESC LIMIT ?1"));
    row.bind(at_most);
    std::vector<Commitment> found;
    for (;;) {
      VR_TRY(const bool there, row.step());
      if (!there) return found;
      VR_TRY(Commitment one, commitment_of(view, row));
      found.push_back(std::move(one));
    }
  });
}

}  // namespace veilroute::store::sqlite

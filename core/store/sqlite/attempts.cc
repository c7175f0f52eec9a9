// Attempts: begun in the ledger before the first byte, confirmed on the way, ended together with
// the new state (law 3; 45 CFR 164.528). Walk step 9.
#include "core/base/log.h"
#include "core/store/sqlite/acceptance_rows.h"
#include "core/store/sqlite/moves.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

using S = TransferObjectState;

constexpr std::string_view kInterrupted = "attempt.interrupted";

bool is_withdrawn_while_sending(const TransferRow& transfer) {
  return transfer.state == TransferState::withdrawn && transfer.reason == kWithdrawnSending;
}

ledger::Entry attempt_entry(ledger::Kind kind, const TransferRow& transfer) {
  ledger::Entry entry = entry_of(kind, transfer);
  entry.fields["attempt"] = std::to_string(transfer.attempts);
  entry.fields["generation"] = std::to_string(transfer.generation);
  return entry;
}

Result<void> ledger_started(Work& work, const TransferRow& row, const Transfer& transfer,
                            const std::map<std::string, std::string>& fields) {
  ledger::Entry entry = attempt_entry(ledger::Kind::attempt_started, row);
  entry.fields["manifest"] = to_hex(*transfer.manifest);
  entry.fields["profile_version"] = transfer.plan.profile_version.value;
  entry.fields.insert(fields.begin(), fields.end());
  VR_TRY(const std::vector<AcceptanceId> acceptances, read_acceptances(work, row.id));
  if (!acceptances.empty()) entry.fields["acceptances"] = in_words(acceptances);
  for (const TransferObject& object : transfer.objects) {
    if (!is_to_go(object.state)) continue;
    ledger::Item item = item_of(object.object, to_string(object.state), "");
    item.sealed["new_sop_instance"] = object.sop_instance.value;
    entry.items.push_back(std::move(item));
  }
  return work.ledger(std::move(entry));
}

Result<bool> is_due(Work& work, const TransferRow& transfer) {
  const bool waits =
      transfer.state == TransferState::cleared || transfer.state == TransferState::deferred;
  if (!waits || !transfer.has_manifest) return false;
  VR_TRY(Statement row, work.db.prepare("SELECT due_at FROM transfers WHERE id = ?1"));
  VR_TRY(const bool there, row.bind(transfer.id).step());
  return there && row.time(0) <= work.now;
}

/// Nothing, when newer bytes of all that was to go have arrived: then the transfer has ended. Nor when
/// an acceptance was revoked while an attempt ran: then it is prepared again.
Result<std::optional<Transfer>> begin(Work& work, TransferId id,
                                      const std::map<std::string, std::string>& fields) {
  VR_TRY(TransferRow row, read_transfer_row(work, id));
  VR_TRY(const bool due, is_due(work, row));
  if (!due) return moved_on("transfer.moved-on", id.value);
  VR_TRY(withdraw_superseded(work, row));
  if (is_final(row.state)) return std::optional<Transfer>();
  VR_TRY(const bool revoked, has_revoked_acceptance(work, id));
  if (revoked) {
    VR_TRY(prepare_revoked(work, row));
    return std::optional<Transfer>();
  }
  // Counted before the first byte: after a crash we may report a disclosure that did not happen,
  // but never miss one that did.
  ++row.attempts;
  VR_TRY(work.db.run("UPDATE transfers SET attempts = ?2 WHERE id = ?1", id, row.attempts));
  VR_TRY(move_transfer(work, row, TransferState::sending, ""));
  VR_TRY(Transfer transfer, read_transfer(work, id));
  VR_TRY(ledger_started(work, row, transfer, fields));
  return std::optional(std::move(transfer));
}

S state_after(Outcome outcome, S before) {
  if (outcome == Outcome::sent || before == S::sent) return S::sent;
  if (before == S::withdrawn) return before;
  if (outcome == Outcome::refused) return S::refused;
  if (outcome == Outcome::unknown) return S::unknown;
  return before;  // deferred: goes again, and what may have arrived before still may have
}

std::string status_text(const ObjectOutcome& answer) {
  if (answer.status == 0 && !answer.slug.empty()) return answer.slug;
  if (answer.status == 0 && answer.outcome != Outcome::refused) return {};
  return status_word(answer.status);
}

Result<S> state_in_transfer(Work& work, TransferId transfer, ObjectId object) {
  VR_TRY(Statement row, work.db.prepare("SELECT state FROM transfer_objects"
                                        " WHERE transfer = ?1 AND object = ?2"));
  VR_TRY(const bool there, row.bind(transfer, object).step());
  if (there) return state_of(row.i64(0), S::withdrawn);
  return make_error(ErrorKind::internal, "attempt.stray-object",
                    "an answer for an object that is not part of the transfer");
}

/// Passes on what is more than a seal that does not open.
Result<void> note_unreadable_row(ObjectId object, const Error& error) {
  if (error.kind != ErrorKind::corrupt) return error;
  log::error("catalog.row-unreadable", {{"object", object}, log::Field::text("slug", error.slug)});
  return {};
}

/// Under which UIDs it came and left. Where they cannot be read the item goes without: that an object
/// left is accounted for by its number and its digest as well.
Result<void> add_identity(Work& work, TransferId transfer, ledger::Item& item) {
  const Result<ObjectHead> head = read_head(work, item.object);
  if (!head.ok()) {
    VR_TRY(note_unreadable_row(item.object, head.error()));
  } else {
    item.sealed["sop_instance"] = head->sop_instance.value;
  }
  const auto object = read_transfer_object(work, transfer, item.object);
  if (!object.ok()) return note_unreadable_row(item.object, object.error());
  if (*object) item.sealed["new_sop_instance"] = (*object)->sop_instance.value;
  return {};
}

/// One object's answer into its row and into the entry. Told again (a checkpoint that was committed
/// although the sender saw it fail) it changes nothing.
Result<void> take_answer(Work& work, const TransferRow& transfer, const ObjectOutcome& answer,
                         ledger::Entry& entry) {
  VR_TRY(const S before, state_in_transfer(work, transfer.id, answer.object));
  const bool told_before =
      before == S::sent || (before == S::refused && answer.outcome == Outcome::refused);
  if (told_before) return {};
  const std::string reason = status_text(answer);
  const S after = state_after(answer.outcome, before);
  if (after != before) {
    VR_TRY(move_transfer_object(work, transfer.id, answer.object, before, after, reason));
  }
  ledger::Item item = item_of(answer.object, to_string(answer.outcome), reason);
  item.digest = answer.sent_digest;
  item.bytes = answer.sent_bytes;
  VR_TRY(add_identity(work, transfer.id, item));
  entry.items.push_back(std::move(item));
  return {};
}

/// True when an operator has withdrawn the transfer meanwhile.
Result<bool> checkpoint(Work& work, TransferId id, const std::vector<ObjectOutcome>& answers) {
  VR_TRY(const TransferRow transfer, read_transfer_row(work, id));
  const bool withdrawn = is_withdrawn_while_sending(transfer);
  if (transfer.state != TransferState::sending && !withdrawn) {
    return not_now("attempt.not-running", transfer);
  }
  ledger::Entry entry = attempt_entry(ledger::Kind::attempt_confirmed, transfer);
  for (const ObjectOutcome& answer : answers) {
    VR_TRY(take_answer(work, transfer, answer, entry));
  }
  if (!entry.items.empty()) VR_TRY(work.ledger(std::move(entry)));
  return withdrawn;
}

/// The receiver says no to the whole, or its tries are used up: nothing waits any more, and an
/// operator's retry brings back what did not go.
Result<void> give_up(Work& work, TransferRow& transfer, const ObjectStates& states,
                     std::string_view reason) {
  for (const auto& [object, state] : states) {
    if (!is_to_go(state)) continue;
    VR_TRY(move_transfer_object(work, transfer.id, object, state, S::refused, reason));
  }
  return move_transfer(work, transfer, TransferState::refused, reason);
}

Result<void> conclude(Work& work, TransferRow& transfer, const AttemptResult& result,
                      const ObjectStates& states) {
  const bool some_left = count_of(states, S::cleared) + count_of(states, S::unknown) > 0;
  if (!some_left) return settle_transfer(work, transfer, result.slug);
  if (result.outcome == Outcome::refused) return give_up(work, transfer, states, result.slug);
  // Also when the sender calls it sent: objects that have not gone are the stronger word.
  const TimePoint due = result.due_at == TimePoint{} ? work.now : result.due_at;
  VR_TRY(work.db.run("UPDATE transfers SET due_at = ?2 WHERE id = ?1", transfer.id, due));
  return move_transfer(work, transfer, TransferState::deferred, result.slug);
}

Result<void> finish(Work& work, TransferId id, const AttemptResult& result) {
  VR_TRY(TransferRow transfer, read_transfer_row(work, id));
  const bool withdrawn = is_withdrawn_while_sending(transfer);
  if (transfer.state != TransferState::sending && !withdrawn) {
    return not_now("attempt.not-running", transfer);
  }
  ledger::Entry entry = attempt_entry(ledger::Kind::attempt_finished, transfer);
  entry.fields["outcome"] = to_string(result.outcome);
  if (!result.slug.empty()) entry.fields["slug"] = result.slug;
  if (result.endpoint != 0) entry.fields["endpoint"] = std::to_string(result.endpoint);
  entry.sealed["peer_certificate"] = result.peer_certificate;
  entry.sealed["tls"] = result.tls;
  for (const ObjectOutcome& answer : result.objects) {
    VR_TRY(take_answer(work, transfer, answer, entry));
  }
  if (result.failures) {
    VR_TRY(work.db.run("UPDATE transfers SET failed_as = ?2, failures = ?3 WHERE id = ?1", id,
                       result.failures->as, result.failures->count));
  }
  VR_TRY(const ObjectStates states, read_object_states(work, id));
  const std::size_t left = count_of(states, S::cleared) + count_of(states, S::unknown);
  entry.fields["left"] = std::to_string(left);
  if (withdrawn) {
    // The attempt has ended; the transfer stays what the operator made it.
    VR_TRY(work.db.run("UPDATE transfers SET reason = ?2 WHERE id = ?1", id, kWithdrawn));
    VR_TRY(end_transfer(work, id));
  } else {
    VR_TRY(conclude(work, transfer, result, states));
  }
  entry.fields["state"] = to_string(transfer.state);
  return work.ledger(std::move(entry));
}

Result<std::vector<TransferId>> interrupted(Work& work) {
  VR_TRY(Statement row, work.db.prepare("SELECT id FROM transfers WHERE state = 3 UNION ALL"
                                        " SELECT id FROM transfers WHERE state = 7 AND"
                                        " reason = 'withdrawn.while-sending' ORDER BY 1"));
  std::vector<TransferId> found;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return found;
    found.push_back({row.u64(0)});
  }
}

/// Whatever was to go in the attempt and was not confirmed may have left: unknown.
Result<AttemptResult> unknown_outcome(Work& work, TransferId id) {
  AttemptResult result;
  result.outcome = Outcome::unknown;
  result.slug = kInterrupted;
  result.due_at = work.now;
  VR_TRY(Statement row, work.db.prepare("SELECT object FROM transfer_objects WHERE transfer = ?1"
                                        " AND (state IN (?2, ?3) OR (state = ?4 AND reason = ?5))"
                                        " ORDER BY record, object"));
  row.bind(id, S::cleared, S::unknown, S::withdrawn, kWithdrawnSending);
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return result;
    ObjectOutcome answer;
    answer.object.value = row.u64(0);
    result.objects.push_back(answer);
  }
}

Result<void> recover(Work& work, TransferId id) {
  VR_TRY(const AttemptResult result, unknown_outcome(work, id));
  return finish(work, id, result);
}

}  // namespace

Result<Transfer> SqliteCatalog::begin_attempt(TransferId id,
                                              const std::map<std::string, std::string>& fields) {
  VR_TRY(std::optional<Transfer> begun,
         write<std::optional<Transfer>>([&](Work& work) { return begin(work, id, fields); }));
  // That it ended, or is prepared again, is committed; the caller is only told that there is nothing to begin.
  if (!begun) return moved_on("transfer.moved-on", id.value);
  return std::move(*begun);
}

Result<void> SqliteCatalog::checkpoint_attempt(TransferId id,
                                               const std::vector<ObjectOutcome>& objects) {
  VR_TRY(const bool withdrawn,
         write<bool>([&](Work& work) { return checkpoint(work, id, objects); }));
  if (!withdrawn) return {};
  // What has left is written down; the error is for the sender, who stops between two objects.
  return make_error(ErrorKind::refused, "transfer.withdrawn",
                    "transfer " + std::to_string(id.value) + " was withdrawn");
}

Result<void> SqliteCatalog::finish_attempt(TransferId id, const AttemptResult& result) {
  return thread_.run([&](Work& work) { return finish(work, id, result); });
}

Result<std::size_t> SqliteCatalog::recover_attempts() {
  VR_TRY(const auto transfers,
         write<std::vector<TransferId>>([](Work& work) { return interrupted(work); }));
  std::size_t recovered = 0;
  for (const TransferId id : transfers) {
    const Result<void> done = thread_.run([id](Work& work) { return recover(work, id); });
    if (done.ok()) {
      ++recovered;
      continue;
    }
    if (done.error().kind != ErrorKind::corrupt) return done.error();
    // Its row is all there is to go by; the others must not wait for it, nor the node's start.
    log::error("attempt.not-recovered",
               {{"transfer", id}, log::Field::text("slug", done.error().slug)});
  }
  return recovered;
}

}  // namespace veilroute::store::sqlite

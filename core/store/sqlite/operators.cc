// What a person can do with a transfer: retry, withdraw, resume or withdraw what is in quarantine.
// Each act is in the ledger with who did it.
#include <algorithm>

#include "core/store/sqlite/moves.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

using S = TransferObjectState;

ledger::Entry act_entry(ledger::Kind kind, const TransferRow& transfer, const std::string& actor) {
  ledger::Entry entry = entry_of(kind, transfer);
  entry.fields["actor"] = actor;
  entry.fields["was"] = to_string(transfer.state);
  return entry;
}

/// Refused objects whose bytes are still those that would go.
Result<std::vector<ObjectId>> objects_to_retry(Work& work, TransferId id) {
  VR_TRY(Statement row,
         work.db.prepare("SELECT x.object FROM transfer_objects x JOIN objects o ON o.id = x.object"
                         " WHERE x.transfer = ?1 AND x.state = ?2 AND o.state = ?3"));
  row.bind(id, S::refused, ObjectState::live);
  std::vector<ObjectId> objects;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return objects;
    objects.push_back(ObjectId{row.u64(0)});
  }
}

/// With all its tries before it again.
Result<void> make_due(Work& work, TransferId id) {
  return work.db.run("UPDATE transfers SET due_at = ?2, failed_as = '', failures = 0 WHERE id = ?1",
                     id, work.now);
}

/// What ended with refused objects: these go again.
Result<void> take_up_again(Work& work, TransferRow& transfer, ledger::Entry& entry) {
  VR_TRY(const std::vector<ObjectId> objects, objects_to_retry(work, transfer.id));
  if (objects.empty() || !transfer.has_manifest) {
    return not_now("transfer.nothing-to-retry", transfer);
  }
  for (const ObjectId object : objects) {
    VR_TRY(move_transfer_object(work, transfer.id, object, S::refused, S::cleared, ""));
    entry.items.push_back(item_of(object, to_string(S::cleared), ""));
  }
  return move_transfer(work, transfer, TransferState::deferred, "");
}

Result<void> release_blocked(Work& work, TransferRow& transfer, ledger::Entry& entry) {
  entry.fields["reason"] = transfer.reason;
  if (transfer.reason.starts_with(kOutboxSlugPrefix)) return prepare_again(work, transfer, entry);
  // Only a person can say that what a salvage stopped was not sent before, or that more tries are of
  // use.
  const bool a_persons = transfer.reason == kHoldSalvaged || transfer.reason == kAttemptsHeld;
  if (!a_persons) return not_now("transfer.not-retryable", transfer);
  return move_transfer(work, transfer,
                       transfer.has_manifest ? TransferState::cleared : TransferState::planned, "");
}

Result<void> retry(Work& work, TransferId id, const std::string& actor) {
  VR_TRY(TransferRow transfer, read_transfer_row(work, id));
  ledger::Entry entry = act_entry(ledger::Kind::transfer_retried, transfer, actor);
  switch (transfer.state) {
    case TransferState::cleared:
    case TransferState::deferred:
      break;
    case TransferState::sent:
    case TransferState::refused:
      VR_TRY(take_up_again(work, transfer, entry));
      break;
    case TransferState::blocked:
      VR_TRY(release_blocked(work, transfer, entry));
      break;
    default:
      return not_now("transfer.not-retryable", transfer);
  }
  VR_TRY(make_due(work, id));
  return work.ledger(std::move(entry));
}

Result<void> withdraw(Work& work, TransferId id, const std::string& actor) {
  VR_TRY(TransferRow transfer, read_transfer_row(work, id));
  if (is_final(transfer.state)) return not_now("transfer.final", transfer);
  ledger::Entry entry = act_entry(ledger::Kind::transfer_withdrawn, transfer, actor);
  // An attempt under way stops at its next checkpoint and says what has left by then.
  const std::string_view reason =
      transfer.state == TransferState::sending ? kWithdrawnSending : kWithdrawn;
  VR_TRY(const ObjectStates states, read_object_states(work, id));
  for (const auto& [object, state] : states) {
    // Excluded, sent and refused stay what they are.
    if (!may_become(state, S::withdrawn)) continue;
    VR_TRY(move_transfer_object(work, id, object, state, S::withdrawn, reason));
    entry.items.push_back(item_of(object, to_string(S::withdrawn), reason));
  }
  VR_TRY(move_transfer(work, transfer, TransferState::withdrawn, reason));
  return work.ledger(std::move(entry));
}

Result<std::vector<ObjectId>> quarantined_objects(Work& work, const TransferRow& transfer) {
  std::vector<ObjectId> objects;
  if (transfer.state != TransferState::blocked || transfer.reason != kQuarantine) {
    return not_now("transfer.not-in-quarantine", transfer);
  }
  VR_TRY(const ObjectStates states, read_object_states(work, transfer.id));
  for (const auto& [object, state] : states) {
    if (state == S::quarantined) objects.push_back(object);
  }
  return objects;
}

Result<void> forget_findings(Work& work, TransferId id, ObjectId object) {
  return work.db.run(
      "UPDATE transfer_objects SET findings = NULL WHERE transfer = ?1 AND"
      " object = ?2",
      id, object);
}

Result<void> resume(Work& work, TransferId id, const std::string& actor) {
  VR_TRY(TransferRow transfer, read_transfer_row(work, id));
  VR_TRY(const std::vector<ObjectId> objects, quarantined_objects(work, transfer));
  ledger::Entry entry = act_entry(ledger::Kind::transfer_unblocked, transfer, actor);
  entry.fields["reason"] = transfer.reason;
  for (const ObjectId object : objects) {
    VR_TRY(move_transfer_object(work, id, object, S::quarantined, S::planned, ""));
    VR_TRY(forget_findings(work, id, object));
    entry.items.push_back(item_of(object, to_string(S::planned), ""));
  }
  VR_TRY(move_transfer(work, transfer, TransferState::planned, ""));
  return work.ledger(std::move(entry));
}

/// The findings stay: they say why the object was withdrawn.
Result<void> withdraw_objects(Work& work, TransferId id, std::optional<ObjectId> chosen,
                              const std::string& actor) {
  VR_TRY(TransferRow transfer, read_transfer_row(work, id));
  VR_TRY(std::vector<ObjectId> objects, quarantined_objects(work, transfer));
  if (chosen) {
    if (std::find(objects.begin(), objects.end(), *chosen) == objects.end()) {
      return object_not_quarantined(id, *chosen);
    }
    objects = {*chosen};
  }
  ledger::Entry entry = act_entry(ledger::Kind::transfer_withdrawn, transfer, actor);
  for (const ObjectId object : objects) {
    VR_TRY(move_transfer_object(work, id, object, S::quarantined, S::withdrawn, kWithdrawn));
    entry.items.push_back(item_of(object, to_string(S::withdrawn), kWithdrawn));
  }
  VR_TRY(settle_transfer(work, transfer, kWithdrawn));
  entry.fields["state"] = to_string(transfer.state);
  return work.ledger(std::move(entry));
}

}  // namespace

Result<void> SqliteCatalog::retry_transfer(TransferId id, const std::string& actor) {
  return thread_.run([&](Work& work) { return retry(work, id, actor); });
}

Result<void> SqliteCatalog::withdraw_transfer(TransferId id, const std::string& actor) {
  return thread_.run([&](Work& work) { return withdraw(work, id, actor); });
}

Result<void> SqliteCatalog::resume_quarantined(TransferId id, const std::string& actor) {
  return thread_.run([&](Work& work) { return resume(work, id, actor); });
}

Result<void> SqliteCatalog::withdraw_quarantined(TransferId id, std::optional<ObjectId> object,
                                                 const std::string& actor) {
  return thread_.run([&](Work& work) { return withdraw_objects(work, id, object, actor); });
}

}  // namespace veilroute::store::sqlite

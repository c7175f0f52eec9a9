// The only places where states are written.
#include "core/store/sqlite/moves.h"

#include <algorithm>

namespace veilroute::store::sqlite {

namespace {

Error no_such_move(const char* what, std::uint64_t id, std::string_view from, std::string_view to) {
  return make_error(ErrorKind::internal, std::string(what) + ".no-such-move",
                    std::string(what) + " " + std::to_string(id) + " is " + std::string(from) +
                        " and cannot become " + std::string(to));
}

/// From rows of an object and its state.
Result<ObjectStates> collect_states(Statement& row) {
  ObjectStates states;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return states;
    VR_TRY(const TransferObjectState state,
           state_of(row.i64(1), TransferObjectState::withdrawn));
    states.emplace(ObjectId{row.u64(0)}, state);
  }
}

Result<ObjectStates> superseded_to_go(Work& work, TransferId id) {
  using S = TransferObjectState;
  VR_TRY(Statement row,
         work.db.prepare("SELECT x.object, x.state FROM transfer_objects x"
                         " JOIN objects o ON o.id = x.object WHERE x.transfer = ?1 AND o.state = ?2"
                         " AND x.state IN (?3, ?4)"));
  row.bind(id, ObjectState::superseded, S::cleared, S::unknown);
  return collect_states(row);
}

}  // namespace

Result<StudyRow> read_study_row(Work& work, StudyKey key) {
  VR_TRY(Statement row,
         work.db.prepare("SELECT s.generation, s.state, s.hold, s.first_at, s.last_at, s.patient,"
                         " p.ref FROM studies s LEFT JOIN patients p ON p.id = s.patient"
                         " WHERE s.id = ?1"));
  VR_TRY(const bool there, row.bind(key).step());
  if (!there) return unknown("study", key.value);
  StudyRow study;
  study.key = key;
  study.generation = row.u32(0);
  VR_TRY(study.state, state_of(row.i64(1), StudyState::held));
  study.hold = row.text(2);
  study.first_at = row.time(3);
  study.last_at = row.time(4);
  if (!row.is_null(5)) study.patient = row.u64(5);
  study.patient_ref = row.digest(6);
  return study;
}

Result<void> move_study(Work& work, const StudyRow& study, StudyState to, std::string_view hold) {
  if (!may_become(study.state, to)) {
    return no_such_move("study", study.key.value, to_string(study.state), to_string(to));
  }
  return work.db.run("UPDATE studies SET state = ?2, hold = ?3 WHERE id = ?1", study.key, to, hold);
}

Result<void> move_object(Work& work, ObjectId id, ObjectState from, ObjectState to,
                         std::string_view reason) {
  if (!may_become(from, to)) {
    return no_such_move("object", id.value, to_string(from), to_string(to));
  }
  if (to == ObjectState::shredded) {
    return work.db.run("UPDATE objects SET state = ?2, reason = ?3, was = ?4 WHERE id = ?1", id, to,
                       reason, from);
  }
  return work.db.run("UPDATE objects SET state = ?2, reason = ?3, ended_at = ?4 WHERE id = ?1", id,
                     to, reason, work.now);
}

Result<TransferRow> read_transfer_row(Work& work, TransferId id) {
  // The study by a left join: a salvage may have lost its row.
  VR_TRY(Statement row,
         work.db.prepare("SELECT t.study, t.generation, t.route, t.destination, t.state, t.reason,"
                         " t.attempts, t.manifest IS NOT NULL, p.ref FROM transfers t"
                         " LEFT JOIN studies s ON s.id = t.study"
                         " LEFT JOIN patients p ON p.id = s.patient WHERE t.id = ?1"));
  VR_TRY(const bool there, row.bind(id).step());
  if (!there) return unknown("transfer", id.value);
  TransferRow transfer;
  transfer.id = id;
  transfer.study.value = row.u64(0);
  transfer.generation = row.u32(1);
  transfer.route.value = row.text(2);
  transfer.destination.value = row.text(3);
  VR_TRY(transfer.state, state_of(row.i64(4), TransferState::withdrawn));
  transfer.reason = row.text(5);
  transfer.attempts = row.u32(6);
  transfer.has_manifest = row.i64(7) != 0;
  transfer.patient_ref = row.digest(8);
  return transfer;
}

Result<void> move_transfer(Work& work, TransferRow& transfer, TransferState to,
                           std::string_view reason) {
  if (!may_become(transfer.state, to)) {
    return no_such_move("transfer", transfer.id.value, to_string(transfer.state), to_string(to));
  }
  VR_TRY(work.db.run("UPDATE transfers SET state = ?2, reason = ?3 WHERE id = ?1", transfer.id, to,
                     reason));
  const bool was_final = is_final(transfer.state);
  transfer.state = to;
  transfer.reason = reason;
  if (is_final(to) && reason != kWithdrawnSending) return end_transfer(work, transfer.id);
  if (!was_final) return {};
  VR_TRY(work.db.run("UPDATE transfers SET ended_at = 0 WHERE id = ?1", transfer.id));
  return take_up_objects(work, transfer.id);
}

Result<void> end_transfer(Work& work, TransferId id) {
  VR_TRY(work.db.run("UPDATE transfers SET ended_at = ?2 WHERE id = ?1", id, work.now));
  return work.db.run(
      "UPDATE objects SET ended_at = ?2 WHERE state = 0"
      " AND id IN (SELECT object FROM transfer_objects WHERE transfer = ?1)"
      " AND NOT EXISTS (SELECT 1 FROM transfer_objects x JOIN transfers t ON t.id = x.transfer"
      " WHERE x.object = objects.id AND t.ended_at = 0)",
      id, work.now);
}

Result<void> take_up_objects(Work& work, TransferId id) {
  return work.db.run(
      "UPDATE objects SET ended_at = 0 WHERE state = 0 AND ended_at > 0"
      " AND id IN (SELECT object FROM transfer_objects WHERE transfer = ?1)",
      id);
}

Result<void> move_transfer_object(Work& work, TransferId transfer, ObjectId object,
                                  TransferObjectState from, TransferObjectState to,
                                  std::string_view reason) {
  if (!may_become(from, to)) {
    return no_such_move("object", object.value, to_string(from), to_string(to));
  }
  return work.db.run(
      "UPDATE transfer_objects SET state = ?3, reason = ?4 WHERE transfer = ?1 AND object = ?2",
      transfer, object, to, reason);
}

Result<ObjectStates> read_object_states(Work& work, TransferId id) {
  VR_TRY(Statement row,
         work.db.prepare("SELECT object, state FROM transfer_objects WHERE transfer = ?1"));
  return collect_states(row.bind(id));
}

std::size_t count_of(const ObjectStates& states, TransferObjectState wanted) {
  return static_cast<std::size_t>(
      std::count_if(states.begin(), states.end(),
                    [wanted](const auto& entry) { return entry.second == wanted; }));
}

Result<void> settle_transfer(Work& work, TransferRow& transfer, std::string_view reason) {
  using S = TransferObjectState;
  VR_TRY(const ObjectStates states, read_object_states(work, transfer.id));
  const std::size_t quarantined = count_of(states, S::quarantined);
  const std::size_t waiting = quarantined + count_of(states, S::planned) +
                              count_of(states, S::cleared) + count_of(states, S::unknown);
  if (waiting == 0) {
    const TransferState end = count_of(states, S::sent) > 0      ? TransferState::sent
                              : count_of(states, S::refused) > 0 ? TransferState::refused
                                                                 : TransferState::withdrawn;
    return move_transfer(work, transfer, end, reason);
  }
  const bool was_quarantine =
      transfer.state == TransferState::blocked && transfer.reason == kQuarantine;
  if (was_quarantine && quarantined == 0) {
    return move_transfer(work, transfer, TransferState::planned, "");
  }
  return {};
}

Result<void> withdraw_superseded(Work& work, TransferRow& transfer) {
  VR_TRY(const ObjectStates superseded, superseded_to_go(work, transfer.id));
  if (superseded.empty()) return {};
  constexpr auto kTo = TransferObjectState::withdrawn;
  ledger::Entry entry = entry_of(ledger::Kind::transfer_withdrawn, transfer);
  for (const auto& [object, state] : superseded) {
    VR_TRY(move_transfer_object(work, transfer.id, object, state, kTo, kSuperseded));
    entry.items.push_back(item_of(object, to_string(kTo), kSuperseded));
  }
  VR_TRY(settle_transfer(work, transfer, kSuperseded));
  entry.fields["state"] = to_string(transfer.state);
  return work.ledger(std::move(entry));
}

Result<void> forget_preparation(Work& work, TransferId transfer, ObjectId object) {
  return work.db.run("UPDATE transfer_objects SET findings = NULL, record = 0, new_uid = NULL"
                     " WHERE transfer = ?1 AND object = ?2",
                     transfer, object);
}

namespace {

Result<void> drop_preparation(Work& work, const TransferRow& transfer, ledger::Entry& entry) {
  using S = TransferObjectState;
  VR_TRY(const ObjectStates states, read_object_states(work, transfer.id));
  for (const auto& [object, state] : states) {
    if (!is_to_go(state)) continue;
    VR_TRY(move_transfer_object(work, transfer.id, object, state, S::planned, ""));
    VR_TRY(forget_preparation(work, transfer.id, object));
    entry.items.push_back(item_of(object, to_string(S::planned), ""));
  }
  return work.db.run("UPDATE transfers SET manifest = NULL, outbox_key = NULL WHERE id = ?1",
                     transfer.id);
}

}  // namespace

Result<void> prepare_again(Work& work, TransferRow& transfer, ledger::Entry& entry) {
  VR_TRY(withdraw_superseded(work, transfer));
  if (is_final(transfer.state)) return {};
  VR_TRY(drop_preparation(work, transfer, entry));
  return move_transfer(work, transfer, TransferState::planned, "");
}

Result<void> prepare_revoked(Work& work, TransferRow& transfer) {
  constexpr std::string_view kRevoked = "acceptance.revoked";
  VR_TRY(withdraw_superseded(work, transfer));
  if (is_final(transfer.state)) return {};
  ledger::Entry entry = entry_of(ledger::Kind::transfer_blocked, transfer);
  entry.fields["reason"] = kRevoked;
  VR_TRY(drop_preparation(work, transfer, entry));
  // A gate that is shut stays so: without a manifest it opens to a new preparation.
  if (transfer.state != TransferState::blocked) {
    VR_TRY(move_transfer(work, transfer, TransferState::blocked, kRevoked));
    VR_TRY(move_transfer(work, transfer, TransferState::planned, ""));
  }
  entry.fields["state"] = to_string(transfer.state);
  return work.ledger(std::move(entry));
}

ledger::Entry entry_of(ledger::Kind kind, const StudyRow& study) {
  ledger::Entry entry;
  entry.kind = kind;
  entry.study = study.key;
  entry.patient_ref = study.patient_ref;
  entry.fields["generation"] = std::to_string(study.generation);
  return entry;
}

ledger::Entry entry_of(ledger::Kind kind, const TransferRow& transfer) {
  ledger::Entry entry;
  entry.kind = kind;
  entry.study = transfer.study;
  entry.transfer = transfer.id;
  entry.patient_ref = transfer.patient_ref;
  entry.fields["destination"] = transfer.destination.value;
  entry.fields["route"] = transfer.route.value;
  return entry;
}

std::string status_word(std::uint16_t status) {
  const std::uint8_t bytes[] = {static_cast<std::uint8_t>(status >> 8U),
                                static_cast<std::uint8_t>(status & 0xFFU)};
  std::string text = to_hex(bytes);
  for (char& digit : text) digit = digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
  return text;
}

ledger::Item item_of(ObjectId object, std::string_view state, std::string_view reason) {
  ledger::Item item;
  item.object = object;
  item.state = state;
  item.reason = reason;
  return item;
}

ledger::Entry planned_entry(const TransferRow& transfer, const NewTransfer& fresh) {
  ledger::Entry entry = entry_of(ledger::Kind::transfer_planned, transfer);
  entry.fields["generation"] = std::to_string(transfer.generation);
  entry.fields["profile"] = fresh.plan.profile.value;
  entry.fields["profile_version"] = fresh.plan.profile_version.value;
  entry.fields["basis"] = fresh.plan.basis;
  entry.fields["scope"] = fresh.plan.scope.value;
  for (const TransferObject& object : fresh.objects) {
    entry.items.push_back(item_of(object.object, to_string(object.state), object.reason));
  }
  return entry;
}

Result<void> begin_planned(Work& work, TransferRow& transfer, const NewTransfer& fresh) {
  const bool nothing_to_go =
      std::none_of(fresh.objects.begin(), fresh.objects.end(), [](const TransferObject& object) {
        return object.state == TransferObjectState::planned;
      });
  if (nothing_to_go) return settle_transfer(work, transfer, kAllExcluded);
  if (fresh.blocked.empty()) return {};
  VR_TRY(move_transfer(work, transfer, TransferState::blocked, fresh.blocked));
  ledger::Entry blocked = entry_of(ledger::Kind::transfer_blocked, transfer);
  blocked.fields["reason"] = fresh.blocked;
  return work.ledger(std::move(blocked));
}

Error object_not_quarantined(TransferId transfer, ObjectId object) {
  return make_error(ErrorKind::refused, "object.not-quarantined",
                    "object " + std::to_string(object.value) + " is not in quarantine in transfer " +
                        std::to_string(transfer.value));
}

Error not_now(std::string slug, const TransferRow& transfer) {
  return make_error(ErrorKind::refused, std::move(slug),
                    "transfer " + std::to_string(transfer.id.value) + " is " +
                        std::string(to_string(transfer.state)));
}

Error moved_on(std::string slug, std::uint64_t id) {
  return make_error(ErrorKind::unavailable, std::move(slug),
                    "number " + std::to_string(id) + " changed since it was read");
}

}  // namespace veilroute::store::sqlite

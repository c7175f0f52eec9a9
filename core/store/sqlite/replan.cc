// A blocked transfer is planned afresh, because a person says so (decisions 4).
#include "core/store/sqlite/moves.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

using S = TransferObjectState;

/// What has not gone and was not given up. Newer bytes stand in the place of what is superseded.
Result<ObjectStates> objects_to_replan(Work& work, TransferId id) {
  VR_TRY(Statement row,
         work.db.prepare("SELECT x.object, x.state FROM transfer_objects x"
                         " JOIN objects o ON o.id = x.object WHERE x.transfer = ?1 AND"
                         " o.state <> ?2 AND x.state IN (?3, ?4, ?5, ?6, ?7)"));
  row.bind(id, ObjectState::superseded, S::planned, S::excluded, S::quarantined, S::cleared,
           S::unknown);
  ObjectStates states;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return states;
    VR_TRY(const S state, state_of(row.i64(1), S::withdrawn));
    states.emplace(ObjectId{row.u64(0)}, state);
  }
}

/// What was prepared under the old plan is forgotten: it is prepared again.
Result<void> replan_object(Work& work, TransferId id, const TransferObject& fresh,
                           S from) {
  if (from != S::planned) VR_TRY(move_transfer_object(work, id, fresh.object, from, S::planned, ""));
  if (fresh.state != S::planned) {
    VR_TRY(move_transfer_object(work, id, fresh.object, S::planned, fresh.state, fresh.reason));
  }
  return forget_preparation(work, id, fresh.object);
}

Result<void> replan_objects(Work& work, TransferId id, const NewTransfer& fresh) {
  VR_TRY(const ObjectStates states, objects_to_replan(work, id));
  if (fresh.objects.size() != states.size()) return moved_on("transfer.moved-on", id.value);
  for (const TransferObject& object : fresh.objects) {
    const auto found = states.find(object.object);
    if (found == states.end()) return moved_on("transfer.moved-on", id.value);
    VR_TRY(replan_object(work, id, object, found->second));
  }
  return {};
}

/// So that objects that come later go by this route again, until a person withdraws another one.
Result<void> lift_withdrawals(Work& work, const TransferRow& transfer) {
  return work.db.run("UPDATE transfers SET reason = ?3 WHERE study = ?1 AND route = ?2"
                     " AND state = ?4 AND reason = ?5",
                     transfer.study, transfer.route, kWithdrawnLifted, TransferState::withdrawn,
                     kWithdrawn);
}

Result<void> replan(Work& work, TransferId id, const NewTransfer& fresh, const std::string& actor) {
  VR_TRY(TransferRow transfer, read_transfer_row(work, id));
  if (transfer.state != TransferState::blocked) return not_now("transfer.not-blocked", transfer);
  const bool same_way = fresh.plan.route == transfer.route &&
                        fresh.plan.destination == transfer.destination;
  if (!same_way) {
    return make_error(ErrorKind::internal, "transfer.replanned-elsewhere",
                      "a transfer keeps its route and its destination");
  }
  ledger::Entry entry = planned_entry(transfer, fresh);
  entry.fields["actor"] = actor;
  entry.fields["was"] = to_string(transfer.state);
  entry.fields["reason"] = transfer.reason;
  VR_TRY(replan_objects(work, id, fresh));
  VR_TRY(lift_withdrawals(work, transfer));
  VR_TRY(const Bytes plan, seal_plan(work.sealer, id, fresh.plan));
  VR_TRY(work.db.run("UPDATE transfers SET plan = ?2, manifest = NULL, outbox_key = NULL,"
                     " due_at = ?3 WHERE id = ?1",
                     id, plan, work.now));
  VR_TRY(move_transfer(work, transfer, TransferState::planned, ""));
  VR_TRY(work.ledger(std::move(entry)));
  return begin_planned(work, transfer, fresh);
}

}  // namespace

Result<void> SqliteCatalog::replan_transfer(TransferId id, const NewTransfer& fresh,
                                            const std::string& actor) {
  return thread_.run([&](Work& work) { return replan(work, id, fresh, actor); });
}

}  // namespace veilroute::store::sqlite

// Transfers: planned, prepared, blocked, cleared. Walk steps 5 to 8.
#include <algorithm>
#include <set>

#include "core/store/sqlite/acceptance_rows.h"
#include "core/store/sqlite/moves.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

using S = TransferObjectState;

Result<std::set<ObjectId>> live_objects(Work& work, const StudyRow& study) {
  VR_TRY(Statement row, work.db.prepare("SELECT id FROM objects WHERE study = ?1 AND"
                                        " generation = ?2 AND state = ?3"));
  row.bind(study.key, study.generation, ObjectState::live);
  std::set<ObjectId> live;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return live;
    live.insert(ObjectId{row.u64(0)});
  }
}

Result<void> check_plan(const NewTransfer& transfer, const StudyRow& study,
                        const std::set<ObjectId>& live) {
  std::set<ObjectId> named;
  for (const TransferObject& object : transfer.objects) {
    if (object.state != S::planned && object.state != S::excluded) {
      return make_error(ErrorKind::internal, "transfer.no-such-move",
                        "a new transfer's objects are planned or excluded");
    }
    named.insert(object.object);
  }
  // Otherwise the sum of decisions 7 could not close: an object that arrived meanwhile would be
  // neither sent nor left out.
  if (named != live || named.size() != transfer.objects.size()) {
    return moved_on("study.moved-on", study.key.value);
  }
  return {};
}

Result<void> insert_objects(Work& work, TransferId id, const std::vector<TransferObject>& objects) {
  for (const TransferObject& object : objects) {
    VR_TRY(work.db.run("INSERT INTO transfer_objects (transfer, object, state, reason, findings,"
                       " record, new_uid) VALUES (?1, ?2, ?3, ?4, NULL, 0, NULL)",
                       id, object.object, object.state, object.reason));
  }
  return {};
}

Result<void> add_transfer(Work& work, const StudyRow& study, const NewTransfer& fresh) {
  VR_TRY(const std::uint64_t id, work.new_id());
  TransferRow transfer;
  transfer.id = {id};
  transfer.study = study.key;
  transfer.generation = study.generation;
  transfer.route = fresh.plan.route;
  transfer.destination = fresh.plan.destination;
  transfer.patient_ref = study.patient_ref;
  VR_TRY(const Bytes plan, seal_plan(work.sealer, transfer.id, fresh.plan));
  VR_TRY(work.db.run("INSERT INTO transfers (id, node, epoch, study, generation, route,"
                     " destination, state, reason, attempts, created_at, due_at, plan)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '', 0, ?9, ?9, ?10)",
                     id, kNode, kEpoch, study.key, study.generation, fresh.plan.route,
                     fresh.plan.destination, TransferState::planned, work.now, plan));
  VR_TRY(insert_objects(work, transfer.id, fresh.objects));
  VR_TRY(take_up_objects(work, transfer.id));
  VR_TRY(work.ledger(planned_entry(transfer, fresh)));
  return begin_planned(work, transfer, fresh);
}

Result<void> add_all(Work& work, StudyKey key, const std::vector<NewTransfer>& transfers) {
  VR_TRY(const StudyRow study, read_study_row(work, key));
  // An object that came between the planner's look and its plan opened the study again; an operator
  // may have held it.
  if (study.state != StudyState::complete) return moved_on("study.moved-on", key.value);
  VR_TRY(const std::set<ObjectId> live, live_objects(work, study));
  for (const NewTransfer& transfer : transfers) VR_TRY(check_plan(transfer, study, live));
  VR_TRY(move_study(work, study, StudyState::planned, ""));
  for (const NewTransfer& transfer : transfers) VR_TRY(add_transfer(work, study, transfer));
  return {};
}

/// Every object that was planned is cleared or excluded by the preparation, and no other.
Result<void> check_prepared(const TransferRow& transfer, const ObjectStates& states,
                            const std::vector<TransferObject>& objects) {
  std::size_t planned = 0;
  for (const TransferObject& object : objects) {
    const auto found = states.find(object.object);
    if (object.state != S::cleared && object.state != S::excluded) {
      return make_error(ErrorKind::internal, "transfer.no-such-move",
                        "a queued transfer's objects are cleared or excluded");
    }
    if (found != states.end() && found->second == S::planned) {
      ++planned;
    } else if (found == states.end() || found->second != object.state) {
      return moved_on("transfer.moved-on", transfer.id.value);
    }
  }
  if (planned != count_of(states, S::planned) || count_of(states, S::quarantined) > 0) {
    return moved_on("transfer.moved-on", transfer.id.value);
  }
  return {};
}

Result<void> clear_objects(Work& work, const TransferRow& transfer, const ObjectStates& states,
                           const std::vector<TransferObject>& objects) {
  for (const TransferObject& object : objects) {
    if (states.at(object.object) != S::planned) continue;
    VR_TRY(move_transfer_object(work, transfer.id, object.object, S::planned, object.state,
                                object.reason));
    std::optional<Bytes> uid;
    if (object.state == S::cleared) {
      VR_TRY(uid, seal_new_uid(work.sealer, transfer.id, object.object, object.sop_instance));
    }
    VR_TRY(work.db.run("UPDATE transfer_objects SET record = ?3, new_uid = ?4, findings = NULL"
                       " WHERE transfer = ?1 AND object = ?2",
                       transfer.id, object.object, object.record, uid));
  }
  return {};
}

/// The row in this scope that the study was given at first sight.
Result<std::optional<std::uint64_t>> pinned_row(Work& work, StudyKey study, const Scope& scope) {
  VR_TRY(Statement row, work.db.prepare("SELECT pseudonym FROM pseudonym_pins"
                                        " WHERE study = ?1 AND scope = ?2"));
  VR_TRY(const bool there, row.bind(study, scope).step());
  if (!there) return std::optional<std::uint64_t>();
  return std::optional(row.u64(0));
}

Result<void> keep_way_back(Work& work, const TransferRow& transfer, const Scope& scope,
                           const PreparedTransfer& prepared) {
  VR_TRY(const std::optional<std::uint64_t> pseudonym, pinned_row(work, transfer.study, scope));
  if (!pseudonym && !prepared.uids.empty()) {
    return make_error(ErrorKind::internal, "pseudonyms.not-stored",
                      "UIDs were mapped without a stored pseudonym row");
  }
  const std::string prefix = std::to_string(transfer.study.value) + ":" + scope.value + ":";
  for (const MappedUid& mapped : prepared.uids) {
    const Bytes key = work.sealer.short_blind(kBlindNewUid, {mapped.replacement.value});
    VR_TRY(const Bytes sealed, work.sealer.seal("mapped_uids", prefix + to_hex(key),
                                                as_bytes(mapped.original.reveal())));
    VR_TRY(work.db.run("INSERT OR IGNORE INTO mapped_uids (study, scope, new_uid, kind, pseudonym,"
                       " created_at, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                       transfer.study, scope, key, mapped.kind, pseudonym, work.now, sealed));
  }
  VR_TRY(const Bytes sealed,
         work.sealer.seal("restore_records", transfer.id.value, encode_map(prepared.restore)));
  return work.db.run("INSERT OR REPLACE INTO restore_records (study, scope, transfer, created_at,"
                     " sealed) VALUES (?1, ?2, ?3, ?4, ?5)",
                     transfer.study, scope, transfer.id, work.now, sealed);
}

Result<void> queue(Work& work, TransferId id, const Digest& manifest,
                   const PreparedTransfer& prepared) {
  VR_TRY(const Transfer whole, read_transfer(work, id));
  VR_TRY(TransferRow transfer, read_transfer_row(work, id));
  VR_TRY(const ObjectStates states, read_object_states(work, id));
  // A transfer that was withdrawn or blocked while it was being prepared stays so.
  if (transfer.state != TransferState::planned) return moved_on("transfer.moved-on", id.value);
  VR_TRY(check_prepared(transfer, states, prepared.objects));
  VR_TRY(clear_objects(work, transfer, states, prepared.objects));
  VR_TRY(keep_way_back(work, transfer, whole.plan.scope, prepared));
  VR_TRY(write_acceptances(work, id, prepared.acceptances));
  VR_TRY(work.db.run("UPDATE transfers SET manifest = ?2, outbox_key = ?3, due_at = ?4"
                     " WHERE id = ?1",
                     id, manifest, prepared.wrapped_outbox_key, work.now));
  ledger::Entry entry = entry_of(ledger::Kind::transfer_cleared, transfer);
  entry.fields["manifest"] = to_hex(manifest);
  entry.fields["profile_version"] = whole.plan.profile_version.value;
  if (!prepared.acceptances.empty()) entry.fields["acceptances"] = in_words(prepared.acceptances);
  bool something_to_go = false;
  for (const TransferObject& object : prepared.objects) {
    something_to_go = something_to_go || object.state == S::cleared;
    entry.items.push_back(item_of(object.object, to_string(object.state), object.reason));
  }
  if (!something_to_go) {
    VR_TRY(work.ledger(std::move(entry)));
    return settle_transfer(work, transfer, kAllExcluded);
  }
  VR_TRY(move_transfer(work, transfer, TransferState::cleared, ""));
  return work.ledger(std::move(entry));
}

Result<void> quarantine(Work& work, TransferId id, const std::vector<TransferObject>& objects) {
  VR_TRY(TransferRow transfer, read_transfer_row(work, id));
  if (transfer.state != TransferState::planned) return moved_on("transfer.moved-on", id.value);
  VR_TRY(const ObjectStates states, read_object_states(work, id));
  ledger::Entry entry = entry_of(ledger::Kind::transfer_quarantined, transfer);
  for (const TransferObject& object : objects) {
    const auto found = states.find(object.object);
    if (object.findings.empty() || found == states.end()) continue;
    if (found->second == S::withdrawn) continue;
    const std::string& rule = object.findings.front().rule;
    VR_TRY(move_transfer_object(work, id, object.object, found->second, S::quarantined, rule));
    VR_TRY(work.db.run("UPDATE transfer_objects SET findings = ?3"
                       " WHERE transfer = ?1 AND object = ?2",
                       id, object.object, encode(object.findings)));
    entry.items.push_back(item_of(object.object, to_string(S::quarantined), rule));
  }
  if (entry.items.empty()) {
    return make_error(ErrorKind::internal, "transfer.quarantine-without-findings",
                      "a transfer goes into quarantine for its objects' findings");
  }
  VR_TRY(move_transfer(work, transfer, TransferState::blocked, kQuarantine));
  return work.ledger(std::move(entry));
}

Result<void> block(Work& work, TransferId id, const std::string& reason) {
  VR_TRY(TransferRow transfer, read_transfer_row(work, id));
  if (reason.empty() || reason == kQuarantine) {
    return make_error(ErrorKind::internal, "transfer.block-without-reason",
                      "a transfer is blocked by a gate's reason");
  }
  // Already blocked, by this gate, another or a quarantine: the first reason stays to be resolved.
  if (transfer.state == TransferState::blocked) return {};
  // Withdrawn meanwhile, or an attempt began or ended: not for this verb to undo.
  if (!may_become(transfer.state, TransferState::blocked)) {
    return moved_on("transfer.moved-on", id.value);
  }
  VR_TRY(move_transfer(work, transfer, TransferState::blocked, reason));
  ledger::Entry entry = entry_of(ledger::Kind::transfer_blocked, transfer);
  entry.fields["reason"] = reason;
  return work.ledger(std::move(entry));
}

Result<void> unblock(Work& work, TransferId id) {
  VR_TRY(TransferRow transfer, read_transfer_row(work, id));
  if (transfer.state != TransferState::blocked) return moved_on("transfer.moved-on", id.value);
  if (transfer.reason == kQuarantine) return not_now("transfer.in-quarantine", transfer);
  const std::string reason = transfer.reason;
  VR_TRY(move_transfer(work, transfer,
                       transfer.has_manifest ? TransferState::cleared : TransferState::planned,
                       ""));
  ledger::Entry entry = entry_of(ledger::Kind::transfer_unblocked, transfer);
  entry.fields["reason"] = reason;
  return work.ledger(std::move(entry));
}

Result<std::vector<DueTransfer>> collect_due(Statement& row) {
  std::vector<DueTransfer> due;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return due;
    DueTransfer transfer;
    transfer.id.value = row.u64(0);
    transfer.destination.value = row.text(1);
    VR_TRY(transfer.state, state_of(row.i64(2), TransferState::withdrawn));
    transfer.due_at = row.time(3);
    due.push_back(std::move(transfer));
  }
}

}  // namespace

Result<void> SqliteCatalog::add_transfers(StudyKey key, const std::vector<NewTransfer>& transfers) {
  return thread_.run([&](Work& work) { return add_all(work, key, transfers); });
}

Result<void> SqliteCatalog::queue_transfer(TransferId id, const Clearance& clearance,
                                           const PreparedTransfer& prepared) {
  return thread_.run(
      [&](Work& work) { return queue(work, id, clearance.manifest(), prepared); });
}

Result<void> SqliteCatalog::quarantine_transfer(TransferId id,
                                                const std::vector<TransferObject>& objects) {
  return thread_.run([&](Work& work) { return quarantine(work, id, objects); });
}

Result<void> SqliteCatalog::block_transfer(TransferId id, const std::string& reason) {
  return thread_.run([&](Work& work) { return block(work, id, reason); });
}

Result<void> SqliteCatalog::unblock_transfer(TransferId id) {
  return thread_.run([&](Work& work) { return unblock(work, id); });
}

Result<Transfer> SqliteCatalog::load_transfer(TransferId id) {
  return read([&](const View& view) { return read_transfer(view, id); });
}

Result<std::vector<DueTransfer>> SqliteCatalog::transfers_to_prepare(std::size_t at_most) {
  return read([&](const View& view) -> Result<std::vector<DueTransfer>> {
    VR_TRY(Statement row, view.db.prepare("SELECT id, destination, state, due_at FROM transfers"
                                          " WHERE state = 0 ORDER BY id LIMIT ?1"));
    row.bind(at_most);
    return collect_due(row);
  });
}

Result<std::vector<DueTransfer>> SqliteCatalog::transfers_blocked(std::size_t at_most) {
  return read([&](const View& view) -> Result<std::vector<DueTransfer>> {
    VR_TRY(Statement row, view.db.prepare("SELECT id, destination, state, due_at FROM transfers"
                                          " WHERE state = 1 AND reason NOT IN (?1, ?2)"
                                          " ORDER BY id LIMIT ?3"));
    row.bind(kQuarantine, kHoldSalvaged, at_most);
    return collect_due(row);
  });
}

Result<std::vector<DueTransfer>> SqliteCatalog::transfers_due(const DestinationName& destination,
                                                              TimePoint now, std::size_t at_most) {
  return read([&](const View& view) -> Result<std::vector<DueTransfer>> {
    VR_TRY(Statement row, view.db.prepare("SELECT id, destination, state, due_at FROM transfers"
                                          " WHERE destination = ?1 AND state IN (2, 4) AND"
                                          " due_at <= ?2 ORDER BY due_at, id LIMIT ?3"));
    row.bind(destination, now, at_most);
    return collect_due(row);
  });
}

Result<std::optional<TimePoint>> SqliteCatalog::next_due(const DestinationName& destination) {
  return read([&](const View& view) -> Result<std::optional<TimePoint>> {
    VR_TRY(Statement row, view.db.prepare("SELECT min(due_at) FROM transfers"
                                          " WHERE destination = ?1 AND state IN (2, 4)"));
    VR_TRY(const bool there, row.bind(destination).step());
    if (!there || row.is_null(0)) return std::optional<TimePoint>();
    return std::optional(row.time(0));
  });
}

Result<std::vector<DestinationName>> SqliteCatalog::destinations_waiting() {
  return read([](const View& view) -> Result<std::vector<DestinationName>> {
    VR_TRY(Statement row, view.db.prepare("SELECT DISTINCT destination FROM transfers"
                                          " WHERE state IN (2, 4)"));
    std::vector<DestinationName> names;
    for (;;) {
      VR_TRY(const bool there, row.step());
      if (!there) return names;
      names.push_back({row.text(0)});
    }
  });
}

}  // namespace veilroute::store::sqlite

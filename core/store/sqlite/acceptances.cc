// Acceptances: given, revoked, asked for. Each act is in the ledger with who did it, and its reason
// sealed beside it.
#include "core/store/sqlite/acceptance_rows.h"
#include "core/store/sqlite/moves.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

constexpr std::string_view kSelectAcceptances =
    "SELECT id, route, destination, path, transfer, object, accepted_at, accepted_by, revoked_at,"
    " revoked_by, sealed FROM acceptances ";

Result<Acceptance> acceptance_of(const View& view, const Statement& row) {
  Acceptance found;
  found.id.value = row.u64(0);
  found.route.value = row.text(1);
  found.destination.value = row.text(2);
  found.path = row.text(3);
  found.transfer.value = row.u64(4);
  found.object.value = row.u64(5);
  found.accepted_at = row.time(6);
  found.accepted_by = row.text(7);
  found.revoked_at = row.time(8);
  found.revoked_by = row.text(9);
  VR_TRY(const Bytes reason, view.sealer.open("acceptances", found.id.value, row.bytes(10)));
  found.reason = Phi<std::string>(std::string(as_text(reason)));
  return found;
}

Result<void> check_quarantined(Work& work, const TransferRow& transfer, ObjectId object) {
  if (transfer.state != TransferState::blocked || transfer.reason != kQuarantine) {
    return not_now("transfer.not-in-quarantine", transfer);
  }
  VR_TRY(const ObjectStates states, read_object_states(work, transfer.id));
  const auto found = states.find(object);
  if (found != states.end() && found->second == TransferObjectState::quarantined) return {};
  return object_not_quarantined(transfer.id, object);
}

Result<void> check_new(Work& work, const AcceptedWay& way, const Digest& value) {
  VR_TRY(Statement row, work.db.prepare("SELECT id FROM acceptances WHERE route = ?1 AND"
                                        " destination = ?2 AND value = ?3 AND revoked_at = 0"));
  VR_TRY(const bool there, row.bind(way.route, way.destination, value).step());
  if (!there) return {};
  return make_error(ErrorKind::refused, "acceptance.exists",
                    "acceptance " + std::to_string(row.u64(0)) +
                        " says so already: `quarantine resume` prepares the transfer again");
}

ledger::Entry acceptance_entry(ledger::Kind kind, const TransferRow& transfer,
                               const Acceptance& acceptance) {
  ledger::Entry entry = entry_of(kind, transfer);
  entry.fields["acceptance"] = std::to_string(acceptance.id.value);
  entry.fields["path"] = acceptance.path;
  return entry;
}

Result<AcceptanceId> accept(Work& work, const NewAcceptance& wanted) {
  VR_TRY(const TransferRow transfer, read_transfer_row(work, wanted.transfer));
  VR_TRY(check_quarantined(work, transfer, wanted.object));
  const AcceptedWay way{transfer.route, transfer.destination};
  const Digest value =
      acceptance_digest(work.sealer.keyring(), way, wanted.path, wanted.value.reveal());
  VR_TRY(check_new(work, way, value));
  Acceptance made;
  VR_TRY(made.id.value, work.new_id());
  made.path = wanted.path;
  VR_TRY(const Bytes sealed,
         work.sealer.seal("acceptances", made.id.value, as_bytes(wanted.reason.reveal())));
  VR_TRY(
      work.db.run("INSERT INTO acceptances (id, node, epoch, route, destination, path, value,"
                  " transfer, object, accepted_at, accepted_by, revoked_at, revoked_by, sealed)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, '', ?12)",
                  made.id, kNode, kEpoch, way.route, way.destination, wanted.path, value,
                  wanted.transfer, wanted.object, work.now, wanted.actor, sealed));
  ledger::Entry entry = acceptance_entry(ledger::Kind::finding_accepted, transfer, made);
  entry.fields["actor"] = wanted.actor;
  entry.sealed["reason"] = wanted.reason.reveal();
  entry.items.push_back(item_of(wanted.object, to_string(TransferObjectState::quarantined), ""));
  VR_TRY(work.ledger(std::move(entry)));
  return made.id;
}

Result<Acceptance> read_acceptance(const View& view, AcceptanceId id) {
  VR_TRY(Statement row, view.db.prepare(std::string(kSelectAcceptances) + "WHERE id = ?1"));
  VR_TRY(const bool there, row.bind(id).step());
  if (!there) return unknown("acceptance", id.value);
  return acceptance_of(view, row);
}

/// Cleared under it, and not gone yet.
Result<std::vector<TransferId>> transfers_waiting_under(Work& work, AcceptanceId id) {
  VR_TRY(Statement row,
         work.db.prepare("SELECT t.id FROM transfer_acceptances a JOIN transfers t ON"
                         " t.id = a.transfer WHERE a.acceptance = ?1 AND t.manifest IS NOT NULL"
                         " AND t.state IN (?2, ?3, ?4) ORDER BY t.id"));
  row.bind(id, TransferState::blocked, TransferState::cleared, TransferState::deferred);
  std::vector<TransferId> waiting;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return waiting;
    waiting.push_back(TransferId{row.u64(0)});
  }
}

Result<std::size_t> revoke(Work& work, AcceptanceId id, const std::string& actor) {
  VR_TRY(const Acceptance acceptance, read_acceptance(work, id));
  if (acceptance.revoked_at != TimePoint{}) {
    return make_error(ErrorKind::refused, "acceptance.revoked",
                      "acceptance " + std::to_string(id.value) + " was revoked before");
  }
  VR_TRY(work.db.run("UPDATE acceptances SET revoked_at = ?2, revoked_by = ?3 WHERE id = ?1", id,
                     work.now, actor));
  VR_TRY(const TransferRow found_in, read_transfer_row(work, acceptance.transfer));
  ledger::Entry entry = acceptance_entry(ledger::Kind::acceptance_revoked, found_in, acceptance);
  entry.fields["actor"] = actor;
  VR_TRY(work.ledger(std::move(entry)));
  VR_TRY(const std::vector<TransferId> waiting, transfers_waiting_under(work, id));
  for (const TransferId each : waiting) {
    VR_TRY(TransferRow transfer, read_transfer_row(work, each));
    VR_TRY(prepare_revoked(work, transfer));
  }
  return waiting.size();
}

}  // namespace

Result<void> write_acceptances(Work& work, TransferId transfer,
                               const std::vector<AcceptanceId>& acceptances) {
  VR_TRY(work.db.run("DELETE FROM transfer_acceptances WHERE transfer = ?1", transfer));
  for (const AcceptanceId id : acceptances) {
    VR_TRY(work.db.run("INSERT INTO transfer_acceptances (transfer, acceptance) VALUES (?1, ?2)",
                       transfer, id));
  }
  VR_TRY(const bool revoked, has_revoked_acceptance(work, transfer));
  return revoked ? Result<void>(moved_on("transfer.moved-on", transfer.value)) : Result<void>();
}

Result<std::vector<AcceptanceId>> read_acceptances(const View& view, TransferId transfer) {
  VR_TRY(Statement row, view.db.prepare("SELECT acceptance FROM transfer_acceptances"
                                        " WHERE transfer = ?1 ORDER BY acceptance"));
  row.bind(transfer);
  std::vector<AcceptanceId> found;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return found;
    found.push_back(AcceptanceId{row.u64(0)});
  }
}

Result<bool> has_revoked_acceptance(const View& view, TransferId transfer) {
  VR_TRY(Statement row,
         view.db.prepare("SELECT 1 FROM transfer_acceptances x LEFT JOIN acceptances a ON"
                         " a.id = x.acceptance WHERE x.transfer = ?1"
                         " AND (a.id IS NULL OR a.revoked_at > 0)"));
  return row.bind(transfer).step();
}

std::string in_words(const std::vector<AcceptanceId>& acceptances) {
  std::string words;
  for (const AcceptanceId id : acceptances) {
    words += (words.empty() ? "" : " ") + std::to_string(id.value);
  }
  return words;
}

Result<AcceptanceId> SqliteCatalog::accept_finding(const NewAcceptance& wanted) {
  return write<AcceptanceId>([&](Work& work) { return accept(work, wanted); });
}

Result<std::size_t> SqliteCatalog::revoke_acceptance(AcceptanceId id, const std::string& actor) {
  return write<std::size_t>([&](Work& work) { return revoke(work, id, actor); });
}

Result<AcceptedValues> SqliteCatalog::accepted_values(const AcceptedWay& way) {
  return read([&](const View& view) -> Result<AcceptedValues> {
    VR_TRY(Statement row, view.db.prepare("SELECT value, id FROM acceptances WHERE route = ?1 AND"
                                          " destination = ?2 AND revoked_at = 0"));
    row.bind(way.route, way.destination);
    std::map<Digest, AcceptanceId> accepted;
    for (;;) {
      VR_TRY(const bool there, row.step());
      if (!there) return AcceptedValues(keyring_, way, std::move(accepted));
      accepted.emplace(row.digest(0), AcceptanceId{row.u64(1)});
    }
  });
}

Result<std::vector<Acceptance>> SqliteCatalog::list_acceptances(std::size_t at_most) {
  return read([&](const View& view) -> Result<std::vector<Acceptance>> {
    VR_TRY(Statement row,
           view.db.prepare(std::string(kSelectAcceptances) + "ORDER BY id DESC LIMIT ?1"));
    row.bind(at_most);
    std::vector<Acceptance> found;
    for (;;) {
      VR_TRY(const bool there, row.step());
      if (!there) return found;
      VR_TRY(Acceptance one, acceptance_of(view, row));
      found.push_back(std::move(one));
    }
  });
}

}  // namespace veilroute::store::sqlite

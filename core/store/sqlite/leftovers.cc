// What is left over once work is done: outbox keys, files of segments, the way back, the journal.
#include "core/store/sqlite/moves.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

template <typename Id>
Result<std::vector<Id>> collect_ids(Statement& row) {
  std::vector<Id> ids;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return ids;
    ids.push_back({row.u64(0)});
  }
}

/// Refused objects may go again, from this file, as long as their bytes are there; what was
/// withdrawn never does.
Result<std::vector<TransferId>> take_outbox_keys(Work& work, std::size_t at_most) {
  VR_TRY(Statement row,
         work.db.prepare("SELECT t.id FROM transfers t WHERE t.outbox_key IS NOT NULL"
                         " AND t.ended_at > 0 AND (t.state = ?1 OR NOT EXISTS"
                         " (SELECT 1 FROM transfer_objects x JOIN objects o ON o.id = x.object"
                         " WHERE x.transfer = t.id AND x.state = ?2 AND o.state = ?3))"
                         " ORDER BY t.ended_at LIMIT ?4"));
  row.bind(TransferState::withdrawn, TransferObjectState::refused, ObjectState::live, at_most);
  VR_TRY(std::vector<TransferId> ids, collect_ids<TransferId>(row));
  for (const TransferId id : ids) {
    VR_TRY(work.db.run("UPDATE transfers SET outbox_key = NULL WHERE id = ?1", id));
  }
  return ids;
}

struct Return {
  StudyKey study;
  std::string scope;
  TransferId transfer;
};

Result<std::vector<Return>> returns_before(Work& work, TimePoint before, std::size_t at_most) {
  VR_TRY(Statement row,
         work.db.prepare("SELECT study, scope, transfer FROM restore_records"
                         " WHERE created_at < ?1 ORDER BY created_at LIMIT ?2"));
  row.bind(before, at_most);
  std::vector<Return> found;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return found;
    found.push_back({StudyKey{row.u64(0)}, row.text(1), TransferId{row.u64(2)}});
  }
}

/// UIDs of a study are known again as long as one of its transfers in this scope can be answered.
Result<std::size_t> forget_returns(Work& work, TimePoint before, std::size_t at_most) {
  VR_TRY(const std::vector<Return> expired, returns_before(work, before, at_most));
  for (const Return& one : expired) {
    VR_TRY(work.db.run("DELETE FROM restore_records WHERE study = ?1 AND scope = ?2"
                       " AND transfer = ?3",
                       one.study, one.scope, one.transfer));
    VR_TRY(work.db.run("DELETE FROM mapped_uids WHERE study = ?1 AND scope = ?2 AND NOT EXISTS"
                       " (SELECT 1 FROM restore_records WHERE study = ?1 AND scope = ?2)",
                       one.study, one.scope));
  }
  return expired.size();
}

constexpr std::string_view kRetentionTime = "retention-time";

}  // namespace

Result<std::vector<TransferId>> SqliteCatalog::close_outboxes(std::size_t at_most) {
  return write<std::vector<TransferId>>(
      [&](Work& work) { return take_outbox_keys(work, at_most); });
}

Result<std::vector<TransferId>> SqliteCatalog::outboxes() {
  return read([](const View& view) -> Result<std::vector<TransferId>> {
    VR_TRY(Statement row,
           view.db.prepare("SELECT id FROM transfers WHERE outbox_key IS NOT NULL"));
    return collect_ids<TransferId>(row);
  });
}

Result<std::vector<SegmentId>> SqliteCatalog::segments_to_remove(std::size_t at_most) {
  return read([&](const View& view) -> Result<std::vector<SegmentId>> {
    VR_TRY(Statement row,
           view.db.prepare("SELECT g.id FROM segments g WHERE g.closed = 1"
                           " AND g.wrapped_key IS NULL AND NOT EXISTS"
                           " (SELECT 1 FROM removed_segments r WHERE r.segment = g.id)"
                           " AND NOT EXISTS"
                           " (SELECT 1 FROM objects o WHERE o.segment = g.id AND o.state < 4)"
                           " ORDER BY g.id LIMIT ?1"));
    row.bind(at_most);
    return collect_ids<SegmentId>(row);
  });
}

Result<void> SqliteCatalog::mark_removed(const std::vector<SegmentId>& segments) {
  return thread_.run([&](Work& work) -> Result<void> {
    for (const SegmentId id : segments) {
      VR_TRY(work.db.run("INSERT OR IGNORE INTO removed_segments (segment, removed_at)"
                         " VALUES (?1, ?2)",
                         id, work.now));
    }
    return {};
  });
}

Result<std::size_t> SqliteCatalog::expire_returns(TimePoint before, std::size_t at_most) {
  return write<std::size_t>([&](Work& work) { return forget_returns(work, before, at_most); });
}

Result<bool> SqliteCatalog::empty_journal() {
  // On a connection of its own: a checkpoint cannot run inside the store thread's transaction.
  VR_TRY(const std::unique_ptr<Connection> db, Connection::open(file_, Connection::Use::write));
  // It waits for readers with the right to write in hand; the store thread must not wait long.
  VR_TRY(db->script("PRAGMA busy_timeout = 200;"));
  VR_TRY(Statement row, db->prepare("PRAGMA wal_checkpoint(TRUNCATE)"));
  VR_TRY(const bool there, row.step());
  return there && row.i64(0) == 0;
}

Result<TimePoint> SqliteCatalog::retention_time() {
  return read([](const View& view) -> Result<TimePoint> {
    VR_TRY(Statement row, view.db.prepare("SELECT next FROM counters WHERE name = ?1"));
    VR_TRY(const bool there, row.bind(kRetentionTime).step());
    return there ? row.time(0) : TimePoint{};
  });
}

Result<void> SqliteCatalog::keep_retention_time(TimePoint at) {
  return thread_.run([&](Work& work) {
    return work.db.run("INSERT INTO counters (name, next) VALUES (?1, ?2)"
                       " ON CONFLICT (name) DO UPDATE SET next = ?2",
                       kRetentionTime, at);
  });
}

}  // namespace veilroute::store::sqlite

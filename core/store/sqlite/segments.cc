// Segments of the spool, their keys and their damage; and ids.
#include "core/base/log.h"
#include "core/store/sqlite/moves.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

/// The object whose record lies there, if it has a row and is not known to be lost yet.
Result<void> lose_object(Work& work, SegmentId segment, std::uint64_t offset) {
  VR_TRY(Statement row, work.db.prepare("SELECT id, study, state FROM objects"
                                        " WHERE segment = ?1 AND record_at = ?2"));
  VR_TRY(const bool there, row.bind(segment, offset).step());
  if (!there) return {};
  VR_TRY(const ObjectState state, state_of(row.i64(2), ObjectState::shredded));
  if (state == ObjectState::corrupt || state == ObjectState::shredded) return {};
  // A superseded or unusable object that is lost keeps its state: nothing is to come of it anyway.
  if (state != ObjectState::live) return {};
  const ObjectId object{row.u64(0)};
  VR_TRY(move_object(work, object, state, ObjectState::corrupt, "spool.record-lost"));
  VR_TRY(const StudyRow study, read_study_row(work, StudyKey{row.u64(1)}));
  ledger::Entry entry = entry_of(ledger::Kind::object_corrupt, study);
  entry.items.push_back(item_of(object, "corrupt", "spool.record-lost"));
  return work.ledger(std::move(entry));
}

Result<void> mark(Work& work, SegmentId segment, std::uint64_t offset) {
  VR_TRY(work.db.run("INSERT OR IGNORE INTO corrupt_records (segment, record_at, noticed_at)"
                     " VALUES (?1, ?2, ?3)",
                     segment, offset, work.now));
  if (work.db.changes() == 0) return {};
  VR_TRY(Statement row, work.db.prepare("SELECT 1 FROM objects"
                                        " WHERE segment = ?1 AND record_at = ?2"));
  VR_TRY(const bool known, row.bind(segment, offset).step());
  if (known) return lose_object(work, segment, offset);
  ledger::Entry entry;
  entry.kind = ledger::Kind::object_corrupt;
  entry.fields["segment"] = std::to_string(segment.value);
  entry.fields["offset"] = std::to_string(offset);
  return work.ledger(std::move(entry));
}

}  // namespace

Result<std::uint64_t> SqliteCatalog::reserve_ids(std::uint32_t count) {
  if (count == 0) {
    return make_error(ErrorKind::internal, "catalog.no-ids", "a block of ids has at least one");
  }
  return write<std::uint64_t>([&](Work& work) { return take_ids(work.db, count); });
}

Result<void> SqliteCatalog::flush() {
  return thread_.run([](Work&) -> Result<void> { return {}; });
}

Result<void> SqliteCatalog::add_segment(SegmentId id, ByteView wrapped_key) {
  return thread_.run([&](Work& work) {
    return work.db.run(
        "INSERT INTO segments (id, node, epoch, location, wrapped_key, closed, created_at)"
        " VALUES (?1, ?2, ?3, '', ?4, 0, ?5)",
        id, kNode, kEpoch, wrapped_key, work.now);
  });
}

Result<std::vector<SegmentRow>> SqliteCatalog::segments() {
  return read([&](const View& view) -> Result<std::vector<SegmentRow>> {
    VR_TRY(Statement row,
           view.db.prepare("SELECT s.id, s.wrapped_key, s.closed, r.segment IS NOT NULL"
                           " FROM segments s LEFT JOIN removed_segments r ON r.segment = s.id"
                           " ORDER BY s.id"));
    std::vector<SegmentRow> segments;
    for (;;) {
      VR_TRY(const bool there, row.step());
      if (!there) return segments;
      SegmentRow segment;
      segment.id.value = row.u64(0);
      if (!row.is_null(1)) segment.wrapped_key = row.bytes(1);
      segment.closed = row.i64(2) != 0;
      segment.removed = row.i64(3) != 0;
      segments.push_back(std::move(segment));
    }
  });
}

Result<void> SqliteCatalog::close_segment(SegmentId id) {
  return thread_.run([&](Work& work) {
    return work.db.run("UPDATE segments SET closed = 1, wrapped_key = NULL WHERE id = ?1", id);
  });
}

Result<std::vector<std::uint64_t>> SqliteCatalog::recorded_offsets(SegmentId id) {
  return read([&](const View& view) -> Result<std::vector<std::uint64_t>> {
    VR_TRY(Statement row, view.db.prepare("SELECT record_at FROM objects WHERE segment = ?1"
                                          " AND state <> 4 ORDER BY record_at"));
    row.bind(id);
    std::vector<std::uint64_t> offsets;
    for (;;) {
      VR_TRY(const bool there, row.step());
      if (!there) return offsets;
      offsets.push_back(row.u64(0));
    }
  });
}

Result<void> SqliteCatalog::mark_corrupt(SegmentId id, std::uint64_t offset) {
  return thread_.run([&](Work& work) { return mark(work, id, offset); });
}

}  // namespace veilroute::store::sqlite

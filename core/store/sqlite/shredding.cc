// Shredding: what is due, and the transaction after which nothing opens an object (decisions 2).
#include "core/store/sqlite/moves.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

/// An object with all that decides about it.
struct ShredRow {
  ObjectId id;
  StudyKey study;
  KeepFacts facts;
  ObjectLocation place;
  std::optional<std::uint64_t> key_slot;
  Digest digest{};
  std::uint64_t bytes = 0;
};

// `ended_at = 0` of a transfer: not final, or withdrawn while an attempt still runs.
constexpr std::string_view kSelectShredRow =
    "SELECT o.id, o.study, o.state, o.ended_at, o.pinned_until, s.state,"
    " EXISTS (SELECT 1 FROM transfer_objects x JOIN transfers t ON t.id = x.transfer"
    " WHERE x.object = o.id AND t.ended_at = 0), g.wrapped_key IS NOT NULL,"
    " o.segment, o.record_at, o.record_bytes, o.key_slot, o.digest, o.bytes"
    " FROM objects o JOIN studies s ON s.id = o.study JOIN segments g ON g.id = o.segment ";

Result<ShredRow> shred_row_of(const Statement& row) {
  ShredRow found;
  found.id.value = row.u64(0);
  found.study.value = row.u64(1);
  VR_TRY(found.facts.state, state_of(row.i64(2), ObjectState::shredded));
  found.facts.ended_at = row.time(3);
  found.facts.pinned_until = row.time(4);
  VR_TRY(found.facts.study, state_of(row.i64(5), StudyState::held));
  found.facts.in_open_transfer = row.i64(6) != 0;
  found.facts.segment_open = row.i64(7) != 0;
  found.place = {SegmentId{row.u64(8)}, row.u64(9), row.u64(10), {}};
  if (!row.is_null(11)) found.key_slot = row.u64(11);
  found.digest = row.digest(12);
  found.bytes = row.u64(13);
  return found;
}

/// The key is overwritten where it lies; PRAGMA secure_delete does the same for what is emptied.
Result<void> shred(Work& work, const ShredRow& object, std::string_view reason) {
  VR_TRY(move_object(work, object.id, object.facts.state, ObjectState::shredded, reason));
  VR_TRY(work.db.run("UPDATE objects SET shredded_at = ?2, head = x'', facts = x'' WHERE id = ?1",
                     object.id, work.now));
  if (!object.key_slot) return {};
  return work.db.run("UPDATE object_keys SET wrapped = zeroblob(length(wrapped)) WHERE slot = ?1",
                     *object.key_slot);
}

ledger::Item shredded_item(const ShredRow& object, std::string_view reason) {
  ledger::Item item = item_of(object.id, to_string(ObjectState::shredded), reason);
  item.digest = object.digest;
  item.bytes = object.bytes;
  return item;
}

/// One entry a study, with an item for each object.
Result<std::vector<ObjectLocation>> shred_due(Work& work, const std::vector<ObjectId>& objects,
                                              const RetentionPolicy& policy, TimePoint now) {
  std::vector<ObjectLocation> shredded;
  std::map<StudyKey, ledger::Entry> entries;
  for (const ObjectId id : objects) {
    VR_TRY(Statement row, work.db.prepare(std::string(kSelectShredRow) + "WHERE o.id = ?1"));
    VR_TRY(const bool there, row.bind(id).step());
    if (!there) continue;
    VR_TRY(const ShredRow object, shred_row_of(row));
    // Looked at again here: a retry, a pin or a late object may have come since it was listed.
    if (!may_be_shredded(object.facts, policy, now)) continue;
    const std::string_view reason = keep_of(object.facts, policy).reason;
    VR_TRY(shred(work, object, reason));
    if (!entries.contains(object.study)) {
      VR_TRY(const StudyRow study, read_study_row(work, object.study));
      entries.emplace(object.study, entry_of(ledger::Kind::object_shredded, study));
    }
    entries.at(object.study).items.push_back(shredded_item(object, reason));
    shredded.push_back(object.place);
  }
  for (auto& [study, entry] : entries) VR_TRY(work.ledger(std::move(entry)));
  return shredded;
}

Error stands_against(std::string slug, StudyKey key, const std::string& what) {
  return make_error(ErrorKind::refused, std::move(slug),
                    "study " + std::to_string(key.value) + ": " + what);
}

Result<void> check_order(const ShredRow& object, TimePoint now) {
  if (object.facts.in_open_transfer) {
    return stands_against("study.transfers-open", object.study,
                          "a transfer of object " + std::to_string(object.id.value) + " is not over");
  }
  if (object.facts.pinned_until > now) {
    return stands_against("study.in-custody", object.study,
                          "object " + std::to_string(object.id.value) + " is promised until " +
                              to_text(object.facts.pinned_until));
  }
  if (object.facts.segment_open) {
    return stands_against("study.segment-open", object.study,
                          "the segment of object " + std::to_string(object.id.value) + " is open");
  }
  return {};
}

Result<std::vector<ShredRow>> objects_to_shred(Work& work, StudyKey key) {
  VR_TRY(Statement row, work.db.prepare(std::string(kSelectShredRow) +
                                        "WHERE o.study = ?1 AND o.state <> 4 ORDER BY o.id"));
  row.bind(key);
  std::vector<ShredRow> objects;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return objects;
    VR_TRY(ShredRow object, shred_row_of(row));
    objects.push_back(std::move(object));
  }
}

Result<std::vector<ObjectLocation>> shred_all(Work& work, StudyKey key, const ShredOrder& order) {
  VR_TRY(const StudyRow study, read_study_row(work, key));
  if (study.state == StudyState::open || study.state == StudyState::complete) {
    return stands_against("study.still-arriving", key,
                          "it is " + std::string(to_string(study.state)));
  }
  VR_TRY(const std::vector<ShredRow> objects, objects_to_shred(work, key));
  if (objects.empty()) return stands_against("study.nothing-to-shred", key, "nothing is left of it");
  for (const ShredRow& object : objects) VR_TRY(check_order(object, work.now));
  ledger::Entry entry = entry_of(ledger::Kind::object_shredded, study);
  entry.fields["actor"] = order.actor;
  entry.sealed["why"] = order.why;
  std::vector<ObjectLocation> shredded;
  for (const ShredRow& object : objects) {
    VR_TRY(shred(work, object, kShreddedByOperator));
    entry.items.push_back(shredded_item(object, kShreddedByOperator));
    shredded.push_back(object.place);
  }
  VR_TRY(work.ledger(std::move(entry)));
  return shredded;
}

struct DueOf {
  ObjectState state;
  TimePoint ended_by;
};

/// Finds candidates by the index over what has ended; the rule itself is asked when they are
/// shredded.
Result<void> add_due(const View& view, const DueOf& of, TimePoint now, std::size_t at_most,
                     std::vector<ObjectId>& due) {
  if (due.size() >= at_most) return {};
  VR_TRY(Statement row,
         view.db.prepare(
             "SELECT o.id FROM objects o INDEXED BY objects_ended CROSS JOIN studies s"
             " WHERE o.state = ?1 AND o.ended_at > 0 AND o.state < 4 AND o.ended_at <= ?2"
             " AND o.pinned_until <= ?3 AND s.id = o.study"
             " AND (s.state = 2 OR (s.state = 3 AND o.state >= 2))"
             " AND NOT EXISTS (SELECT 1 FROM segments g WHERE g.id = o.segment"
             " AND g.wrapped_key IS NOT NULL)"
             " AND NOT EXISTS (SELECT 1 FROM transfer_objects x"
             " JOIN transfers t ON t.id = x.transfer WHERE x.object = o.id AND t.ended_at = 0)"
             " ORDER BY o.ended_at LIMIT ?4"));
  row.bind(of.state, of.ended_by, now, at_most - due.size());
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return {};
    due.push_back({row.u64(0)});
  }
}

}  // namespace

Result<std::vector<ObjectId>> SqliteCatalog::objects_due(const RetentionPolicy& policy,
                                                         TimePoint now, std::size_t at_most) {
  return read([&](const View& view) -> Result<std::vector<ObjectId>> {
    const DueOf kinds[] = {{ObjectState::superseded, now - policy.superseded},
                           {ObjectState::unusable, now - policy.unusable},
                           {ObjectState::corrupt, now - policy.unusable},
                           {ObjectState::live, now - policy.keep}};
    std::vector<ObjectId> due;
    for (const DueOf& kind : kinds) VR_TRY(add_due(view, kind, now, at_most, due));
    return due;
  });
}

Result<std::vector<ObjectLocation>> SqliteCatalog::shred_objects(
    const std::vector<ObjectId>& objects, const RetentionPolicy& policy, TimePoint now) {
  return write<std::vector<ObjectLocation>>(
      [&](Work& work) { return shred_due(work, objects, policy, now); });
}

Result<std::vector<ObjectLocation>> SqliteCatalog::shred_study(StudyKey key,
                                                               const ShredOrder& order) {
  return write<std::vector<ObjectLocation>>(
      [&](Work& work) { return shred_all(work, key, order); });
}

}  // namespace veilroute::store::sqlite

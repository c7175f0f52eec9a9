// Studies: complete, held, resumed. Walk steps 4 and 5.
#include "core/base/log.h"
#include "core/store/sqlite/moves.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

Result<std::vector<Study>> collect_studies(const View& view, Statement& row) {
  std::vector<Study> studies;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return studies;
    Result<Study> study = listed_study_of(view, row);
    if (study.ok()) {
      studies.push_back(std::move(study).value());
    } else if (study.error().kind == ErrorKind::corrupt) {
      log::error("catalog.row-unreadable", {{"study", StudyKey{row.u64(0)}},
                                            log::Field::text("slug", study.error().slug)});
    } else {
      return std::move(study).error();
    }
  }
}

Result<void> hold(Work& work, StudyRow& study, const std::string& reason) {
  VR_TRY(move_study(work, study, StudyState::held, reason));
  study.state = StudyState::held;
  ledger::Entry entry = entry_of(ledger::Kind::study_held, study);
  entry.fields["reason"] = reason;
  return work.ledger(std::move(entry));
}

Result<std::uint64_t> count_live(Work& work, const StudyRow& study) {
  VR_TRY(Statement row, work.db.prepare("SELECT count(*) FROM objects WHERE study = ?1 AND"
                                        " generation = ?2 AND state = ?3"));
  VR_TRY(const bool there, row.bind(study.key, study.generation, ObjectState::live).step());
  return there ? row.u64(0) : 0;
}

Result<bool> complete(Work& work, StudyKey key, TimePoint last_at) {
  VR_TRY(StudyRow study, read_study_row(work, key));
  if (study.state != StudyState::open || study.last_at != last_at) return false;
  VR_TRY(move_study(work, study, StudyState::complete, study.hold));
  study.state = StudyState::complete;
  ledger::Entry entry = entry_of(ledger::Kind::study_completed, study);
  VR_TRY(const std::uint64_t live, count_live(work, study));
  entry.fields["objects"] = std::to_string(live);
  VR_TRY(work.ledger(std::move(entry)));
  // A contradiction found while objects were arriving takes effect now, before any plan.
  if (!study.hold.empty()) VR_TRY(hold(work, study, study.hold));
  return true;
}

/// After the operator has spoken: when the objects that are left agree on a patient, that is the
/// study's patient (an earlier one may have come with objects that were superseded since).
Result<void> settle_patient(Work& work, const StudyRow& study) {
  VR_TRY(Statement row, work.db.prepare("SELECT min(patient), max(patient) FROM objects WHERE"
                                        " study = ?1 AND state = ?2 AND patient IS NOT NULL"));
  VR_TRY(const bool there, row.bind(study.key, ObjectState::live).step());
  if (!there || row.is_null(0) || row.u64(0) != row.u64(1)) return {};
  return work.db.run("UPDATE studies SET patient = ?2 WHERE id = ?1", study.key, row.u64(0));
}

Result<void> resume(Work& work, StudyKey key, const std::string& actor) {
  VR_TRY(const StudyRow study, read_study_row(work, key));
  if (study.state != StudyState::held) {
    return make_error(ErrorKind::refused, "study.not-held",
                      "study " + std::to_string(key.value) + " is " +
                          std::string(to_string(study.state)) + ", not held");
  }
  VR_TRY(move_study(work, study, StudyState::complete, ""));
  VR_TRY(settle_patient(work, study));
  ledger::Entry entry = entry_of(ledger::Kind::study_resumed, study);
  entry.fields["reason"] = study.hold;
  entry.fields["actor"] = actor;
  return work.ledger(std::move(entry));
}

}  // namespace

Result<std::vector<Study>> SqliteCatalog::studies_due(TimePoint now, std::size_t at_most) {
  return read([&](const View& view) -> Result<std::vector<Study>> {
    VR_TRY(Statement row, view.db.prepare(std::string(kSelectStudies) +
                                          "WHERE s.state = 0 AND s.complete_at <= ?1"
                                          " ORDER BY s.complete_at LIMIT ?2"));
    row.bind(now, at_most);
    return collect_studies(view, row);
  });
}

Result<void> SqliteCatalog::postpone_study(StudyKey key, TimePoint until) {
  thread_.enqueue(
      [key, until](Work& work) {
        return work.db.run("UPDATE studies SET complete_at = max(complete_at, ?2)"
                           " WHERE id = ?1 AND state = 0",
                           key, until);
      },
      false);
  return {};
}

Result<bool> SqliteCatalog::complete_study(StudyKey key, TimePoint last_at) {
  return write<bool>([&](Work& work) { return complete(work, key, last_at); });
}

Result<std::vector<StudyKey>> SqliteCatalog::studies_to_plan(std::size_t at_most) {
  return read([&](const View& view) -> Result<std::vector<StudyKey>> {
    VR_TRY(Statement row, view.db.prepare("SELECT id FROM studies WHERE state = 1"
                                          " ORDER BY complete_at LIMIT ?1"));
    row.bind(at_most);
    std::vector<StudyKey> keys;
    for (;;) {
      VR_TRY(const bool there, row.step());
      if (!there) return keys;
      keys.push_back({row.u64(0)});
    }
  });
}

Result<Study> SqliteCatalog::load_study(StudyKey key) {
  return read([&](const View& view) -> Result<Study> {
    VR_TRY(Study study, read_study(view, key));
    VR_TRY(study.objects, read_objects(view, key));
    return study;
  });
}

Result<SpooledObject> SqliteCatalog::load_object(ObjectId id) {
  return read([&](const View& view) { return read_object(view, id); });
}

Result<void> SqliteCatalog::hold_study(StudyKey key, const std::string& reason) {
  return thread_.run([&](Work& work) -> Result<void> {
    if (reason.empty()) {
      return make_error(ErrorKind::internal, "study.hold-without-reason",
                        "a study is held for a reason");
    }
    VR_TRY(StudyRow study, read_study_row(work, key));
    // An object that came since the planner's look opened the study again.
    if (study.state != StudyState::complete) return moved_on("study.moved-on", key.value);
    return hold(work, study, reason);
  });
}

Result<void> SqliteCatalog::resume_study(StudyKey key, const std::string& actor) {
  return thread_.run([&](Work& work) { return resume(work, key, actor); });
}

Result<std::vector<Study>> SqliteCatalog::list_studies(std::size_t at_most,
                                                       std::optional<StudyState> state) {
  return read([&](const View& view) -> Result<std::vector<Study>> {
    VR_TRY(Statement row,
           view.db.prepare(std::string(kSelectStudies) +
                           "WHERE ?2 IS NULL OR s.state = ?2 ORDER BY s.id DESC LIMIT ?1"));
    row.bind(at_most, state);
    return collect_studies(view, row);
  });
}

Result<std::optional<StudyKey>> SqliteCatalog::find_study(const Uid& uid) {
  return read([&](const View& view) -> Result<std::optional<StudyKey>> {
    VR_TRY(Statement received, view.db.prepare("SELECT id FROM studies WHERE uid = ?1"));
    const Digest as_received = view.sealer.blind(kBlindStudy, {uid.value});
    VR_TRY(const bool known, received.bind(as_received).step());
    if (known) return std::optional(StudyKey{received.u64(0)});
    VR_TRY(Statement sent, view.db.prepare("SELECT study FROM mapped_uids"
                                           " WHERE new_uid = ?1 AND kind = 'study'"));
    const Bytes as_sent = view.sealer.short_blind(kBlindNewUid, {uid.value});
    VR_TRY(const bool mapped, sent.bind(as_sent).step());
    if (mapped) return std::optional(StudyKey{sent.u64(0)});
    return std::optional<StudyKey>();
  });
}

}  // namespace veilroute::store::sqlite

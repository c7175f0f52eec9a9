// record_object: an arrived object becomes a row, opens or extends its study, and is compared with
// what is there already (decisions 4). Walk step 3.
#include <algorithm>

#include "core/store/record_codec.h"
#include "core/store/sqlite/moves.h"
#include "core/store/sqlite/sqlite_catalog.h"
#include "core/store/sqlite/twins.h"

namespace veilroute::store::sqlite {

namespace {

/// One object on its way into the rows.
class Recording {
 public:
  Recording(Work& work, const NewObject& object, const CompletionPolicy& policy)
      : work_(work), object_(object), policy_(policy) {}
  Result<void> run();

 private:
  Result<bool> known();
  Result<std::optional<std::uint64_t>> patient();
  Result<void> find_or_add_study();
  Result<void> compare_with_same_instance();
  Result<void> give_way_to(ObjectId newer);
  Result<void> supersede(ObjectId older, std::string_view reason);
  Result<void> withdraw_from_transfers(ObjectId older);
  Result<void> compare_patients();
  Result<void> look_in_other_studies();
  Result<void> hold_study(StudyKey key, std::string_view reason);
  Result<void> reopen();
  Result<void> extend();
  Result<void> insert();
  Result<std::uint64_t> keep_key();
  void ledger_superseded(ObjectId older, ObjectId newer, std::string_view reason);
  void ledger_received();
  void ledger_unusable();
  void contradict(std::string_view reason) {
    if (contradiction_.empty()) contradiction_ = reason;
  }

  Work& work_;
  const NewObject& object_;
  const CompletionPolicy& policy_;
  StudyRow study_;
  Bytes instance_;
  std::optional<std::uint64_t> patient_;
  Digest patient_ref_{};
  ObjectState state_ = ObjectState::live;
  std::string reason_;
  std::string contradiction_;
  std::vector<ledger::Entry> entries_;  ///< of what was superseded; after `received`
};

Result<void> Recording::run() {
  VR_TRY(const bool already, known());
  if (already) return {};
  instance_ = work_.sealer.short_blind(kBlindInstance, {object_.head.sop_instance.value});
  const bool usable = object_.facts.unusable.empty();
  // What an unusable object says of its patient is not to be trusted.
  if (usable) {
    VR_TRY(patient_, patient());
  }
  VR_TRY(find_or_add_study());
  if (!usable) {
    state_ = ObjectState::unusable;
    reason_ = object_.facts.unusable;
  } else {
    VR_TRY(compare_with_same_instance());
  }
  if (state_ == ObjectState::live) {
    VR_TRY(look_in_other_studies());
    VR_TRY(compare_patients());
    VR_TRY(reopen());
  }
  VR_TRY(extend());
  VR_TRY(insert());
  ledger_received();
  if (!usable) ledger_unusable();
  for (ledger::Entry& entry : entries_) work_.pending.add(std::move(entry));
  return {};
}

Result<bool> Recording::known() {
  VR_TRY(Statement row, work_.db.prepare("SELECT 1 FROM objects WHERE id = ?1"));
  return row.bind(object_.head.id).step();
}

Result<std::optional<std::uint64_t>> Recording::patient() {
  const ObjectFacts& facts = object_.facts;
  if (facts.patient_id.reveal().empty()) return std::optional<std::uint64_t>();
  patient_ref_ =
      work_.sealer.blind(kBlindPatient, {facts.issuer.reveal(), facts.patient_id.reveal()});
  VR_TRY(Statement row, work_.db.prepare("SELECT id FROM patients WHERE ref = ?1"));
  VR_TRY(const bool there, row.bind(patient_ref_).step());
  if (there) return std::optional(row.u64(0));
  VR_TRY(const std::uint64_t id, work_.new_id());
  VR_TRY(const Bytes sealed, seal_patient(work_.sealer, id, facts));
  VR_TRY(work_.db.run("INSERT INTO patients (id, node, epoch, ref, sealed, created_at)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                      id, kNode, kEpoch, patient_ref_, sealed, work_.now));
  return std::optional(id);
}

Result<void> Recording::find_or_add_study() {
  const Digest uid = work_.sealer.blind(kBlindStudy, {object_.facts.study.value});
  VR_TRY(Statement row, work_.db.prepare("SELECT id FROM studies WHERE uid = ?1"));
  VR_TRY(const bool there, row.bind(uid).step());
  if (there) {
    VR_TRY(study_, read_study_row(work_, StudyKey{row.u64(0)}));
    return {};
  }
  VR_TRY(const std::uint64_t id, work_.new_id());
  const TimePoint at = object_.head.received_at;
  study_.key = {id};
  study_.first_at = study_.last_at = at;
  study_.patient = patient_;
  study_.patient_ref = patient_ref_;
  VR_TRY(const Bytes sealed, seal_study(work_.sealer, study_.key, object_.facts.study));
  return work_.db.run(
      "INSERT INTO studies (id, node, epoch, uid, generation, state, hold, first_at, last_at,"
      " complete_at, patient, sealed) VALUES (?1, ?2, ?3, ?4, 1, ?5, '', ?6, ?6, ?6, ?7, ?8)",
      study_.key, kNode, kEpoch, uid, StudyState::open, at, patient_, sealed);
}

Result<void> Recording::compare_with_same_instance() {
  VR_TRY(const std::vector<Twin> twins, live_twins(work_, study_.key, instance_));
  for (const Twin& twin : twins) {
    VR_TRY(const TwinRank rank, rank_of(work_, study_, twin, object_));
    if (rank.other_class) contradict(kHoldTwoClasses);
    if (rank.counts) {
      VR_TRY(supersede(twin.id, rank.reason));
      continue;
    }
    state_ = ObjectState::superseded;
    reason_ = rank.reason;
    if (rank.reason == kNewerBytes) VR_TRY(give_way_to(twin.id));
  }
  return {};
}

/// This one came before bytes that are there already.
Result<void> Recording::give_way_to(ObjectId newer) {
  ledger_superseded(object_.head.id, newer, kNewerBytes);
  // Nothing will reopen the study for it, so the contradiction takes effect at once.
  return contradiction_.empty() ? Result<void>() : hold_study(study_.key, contradiction_);
}

void Recording::ledger_superseded(ObjectId older, ObjectId newer, std::string_view reason) {
  ledger::Entry entry = entry_of(ledger::Kind::object_superseded, study_);
  entry.at = work_.now;
  entry.fields["by"] = std::to_string(newer.value);
  entry.items.push_back(item_of(older, to_string(ObjectState::superseded), reason));
  entries_.push_back(std::move(entry));
}

Result<void> Recording::supersede(ObjectId older, std::string_view reason) {
  VR_TRY(move_object(work_, older, ObjectState::live, ObjectState::superseded, reason));
  ledger_superseded(older, object_.head.id, reason);
  return withdraw_from_transfers(older);
}

/// The older bytes must not leave after the newer ones. What is being sent this moment goes on:
/// begin_attempt looks again before the next attempt.
Result<void> Recording::withdraw_from_transfers(ObjectId older) {
  VR_TRY(Statement row,
         work_.db.prepare("SELECT x.transfer, x.state FROM transfer_objects x"
                          " JOIN transfers t ON t.id = x.transfer"
                          " WHERE x.object = ?1 AND t.state < ?2 AND t.state <> ?3"));
  row.bind(older, TransferState::sent, TransferState::sending);
  std::vector<std::pair<TransferId, TransferObjectState>> places;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) break;
    VR_TRY(const TransferObjectState state, state_of(row.i64(1), TransferObjectState::withdrawn));
    places.emplace_back(TransferId{row.u64(0)}, state);
  }
  for (const auto& [id, state] : places) {
    if (!may_become(state, TransferObjectState::withdrawn)) continue;
    VR_TRY(move_transfer_object(work_, id, older, state, TransferObjectState::withdrawn,
                                kSuperseded));
    VR_TRY(TransferRow transfer, read_transfer_row(work_, id));
    ledger::Entry entry = entry_of(ledger::Kind::transfer_withdrawn, transfer);
    entry.at = work_.now;
    entry.items.push_back(item_of(older, "withdrawn", kSuperseded));
    entries_.push_back(std::move(entry));
    VR_TRY(settle_transfer(work_, transfer, kSuperseded));
  }
  return {};
}

/// The same SOP Instance UID must not stand in two studies: one of the two is wrong, and we cannot
/// know which. The other one is held as well unless it was planned already.
Result<void> Recording::look_in_other_studies() {
  VR_TRY(Statement row, work_.db.prepare("SELECT DISTINCT study FROM objects"
                                         " WHERE instance = ?1 AND state = 0 AND study <> ?2"));
  row.bind(instance_, study_.key);
  std::vector<StudyKey> others;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) break;
    others.push_back({row.u64(0)});
  }
  for (const StudyKey key : others) {
    contradict(kHoldTwoStudies);
    VR_TRY(hold_study(key, kHoldTwoStudies));
  }
  return {};
}

/// Unless it was planned already, or waits for a person anyway.
Result<void> Recording::hold_study(StudyKey key, std::string_view reason) {
  VR_TRY(const StudyRow study, read_study_row(work_, key));
  const bool held_for_good = !study.hold.empty() && hold_survives(study.hold);
  if (held_for_good || study.state == StudyState::planned) return {};
  if (study.state == StudyState::open) {
    return work_.db.run("UPDATE studies SET hold = ?2 WHERE id = ?1", key, reason);
  }
  if (study.state == StudyState::held) {
    // It waits for a route; a late object would lift that hold, but must not lift this one.
    VR_TRY(work_.db.run("UPDATE studies SET hold = ?2 WHERE id = ?1", key, reason));
  } else {
    VR_TRY(move_study(work_, study, StudyState::held, reason));
  }
  ledger::Entry entry = entry_of(ledger::Kind::study_held, study);
  entry.at = work_.now;
  entry.fields["reason"] = reason;
  entries_.push_back(std::move(entry));
  return {};
}

Result<void> Recording::compare_patients() {
  if (!patient_ || patient_ == study_.patient) return {};
  if (study_.patient) {
    contradict(kHoldTwoPatients);
    return {};
  }
  // The first objects said nothing of their patient; this one does.
  study_.patient = patient_;
  study_.patient_ref = patient_ref_;
  return work_.db.run("UPDATE studies SET patient = ?2 WHERE id = ?1", study_.key, patient_);
}

/// A live object makes its study wait again: in the same generation as long as that has no plan.
Result<void> Recording::reopen() {
  std::string hold = hold_survives(study_.hold) ? study_.hold : std::string();
  if (hold.empty()) hold = contradiction_;
  if (study_.state == StudyState::open) {
    study_.hold = hold;
    return work_.db.run("UPDATE studies SET hold = ?2 WHERE id = ?1", study_.key, hold);
  }
  VR_TRY(move_study(work_, study_, StudyState::open, hold));
  if (study_.state == StudyState::planned) ++study_.generation;
  // What no route took may have waited for days: the rest of what comes now is waited for as well.
  const bool passed_over = study_.state == StudyState::held && !hold_survives(study_.hold);
  if (study_.state == StudyState::planned || passed_over) {
    study_.first_at = study_.last_at = object_.head.received_at;
  }
  study_.state = StudyState::open;
  study_.hold = hold;
  return {};
}

Result<void> Recording::extend() {
  if (study_.state != StudyState::open) return {};
  const TimePoint at = object_.head.received_at;
  study_.first_at = std::min(study_.first_at, at);
  study_.last_at = std::max(study_.last_at, at);
  const TimePoint complete_at =
      std::min(study_.first_at + policy_.longest, study_.last_at + policy_.quiet);
  return work_.db.run("UPDATE studies SET generation = ?2, first_at = ?3, last_at = ?4,"
                      " complete_at = ?5 WHERE id = ?1",
                      study_.key, study_.generation, study_.first_at, study_.last_at, complete_at);
}

Result<void> Recording::insert() {
  const std::uint64_t id = object_.head.id.value;
  const ObjectLocation& place = object_.location;
  VR_TRY(const Bytes head, work_.sealer.seal("objects.head", id, encode(object_.head)));
  VR_TRY(const Bytes facts, work_.sealer.seal("objects.facts", id, encode(object_.facts)));
  VR_TRY(const std::uint64_t slot, keep_key());
  // Nothing ever comes of what is not live.
  const TimePoint ended_at = state_ == ObjectState::live ? TimePoint{} : work_.now;
  return work_.db.run(
      "INSERT INTO objects (id, node, epoch, study, generation, state, reason, instance, patient,"
      " segment, record_at, record_bytes, key_slot, digest, bytes, received_at, head, facts,"
      " ended_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
      " ?19)",
      id, kNode, kEpoch, study_.key, study_.generation, state_, reason_, instance_, patient_,
      place.segment, place.offset, place.record_bytes, slot, object_.facts.digest,
      object_.facts.length_bytes, object_.head.received_at, head, facts, ended_at);
}

/// Always at the end of the table, whatever the object's number: see 0002_retention.sql.
Result<std::uint64_t> Recording::keep_key() {
  VR_TRY(Statement row, work_.db.prepare(
                            "INSERT INTO object_keys (wrapped) VALUES (?1) RETURNING slot"));
  VR_TRY(const bool there, row.bind(object_.location.wrapped_key).step());
  if (!there) {
    return make_error(ErrorKind::internal, "catalog.no-key-slot", "an object's key found no place");
  }
  const std::uint64_t slot = row.u64(0);
  VR_TRY(row.run());
  return slot;
}

void Recording::ledger_received() {
  const ObjectHead& head = object_.head;
  ledger::Entry entry;
  entry.kind = ledger::Kind::received;
  entry.at = head.received_at;
  entry.study = study_.key;
  entry.patient_ref = patient_ref_;
  entry.fields["source"] = head.source.value;
  entry.fields["listener"] = head.listener.value;
  entry.fields["association"] = std::to_string(head.association.value);
  entry.sealed["calling_ae"] = head.calling_ae.value;
  entry.sealed["called_ae"] = head.called_ae.value;
  entry.sealed["study_uid"] = object_.facts.study.value;
  ledger::Item item = item_of(head.id, to_string(state_), reason_);
  item.digest = object_.facts.digest;
  item.bytes = object_.facts.length_bytes;
  item.sealed["sop_class"] = head.sop_class.value;
  item.sealed["sop_instance"] = head.sop_instance.value;
  item.sealed["transfer_syntax"] = head.transfer_syntax.value;
  entry.items.push_back(std::move(item));
  work_.pending.add_received(std::move(entry));
}

void Recording::ledger_unusable() {
  ledger::Entry entry = entry_of(ledger::Kind::object_unusable, study_);
  entry.at = work_.now;
  entry.fields["at"] = object_.facts.unusable_at;
  entry.items.push_back(item_of(object_.head.id, to_string(state_), reason_));
  entries_.push_back(std::move(entry));
}

}  // namespace

Result<void> SqliteCatalog::record_object(const NewObject& object, const CompletionPolicy& policy) {
  if (object.facts.study.value.empty() || object.head.sop_instance.value.empty()) {
    return make_error(ErrorKind::invalid, "object.study-uid-absent",
                      "an object without a study or instance UID cannot be recorded");
  }
  thread_.enqueue([object, policy](Work& work) { return Recording(work, object, policy).run(); },
                  true);
  return {};
}

}  // namespace veilroute::store::sqlite

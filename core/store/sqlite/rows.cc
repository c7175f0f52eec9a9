// Rows into plain values, and back.
#include "core/store/sqlite/rows.h"

#include "core/base/log.h"
#include "core/store/record_codec.h"

namespace veilroute::store::sqlite {

namespace {

constexpr std::uint8_t kBlobVersion = 1;

/// Opens a blob and steps over its version.
Result<Bytes> open_blob(const View& view, std::string_view table, const std::string& id,
                        const Bytes& sealed) {
  VR_TRY(Bytes plain, view.sealer.open(table, id, sealed));
  if (plain.empty() || plain.front() != kBlobVersion) {
    return make_error(ErrorKind::corrupt, "catalog.version-unknown",
                      "a row of the catalog has a version that this program does not know");
  }
  plain.erase(plain.begin());
  return plain;
}

std::string row_name(std::uint64_t first, std::uint64_t second) {
  return std::to_string(first) + ":" + std::to_string(second);
}

constexpr std::string_view kSelectObjects =
    "SELECT o.id, o.study, o.generation, o.state, o.segment, o.record_at, o.record_bytes,"
    " k.wrapped, o.head, o.facts, o.reason, o.ended_at, o.pinned_until, o.shredded_at, o.was,"
    " g.wrapped_key IS NOT NULL, o.received_at, o.digest, o.bytes FROM objects o"
    " JOIN segments g ON g.id = o.segment LEFT JOIN object_keys k ON k.slot = o.key_slot ";

/// What is left of a shredded object.
void put_remains(const Statement& row, SpooledObject& object) {
  object.location.wrapped_key.clear();
  object.head.id.value = row.u64(0);
  object.head.received_at = row.time(16);
  object.facts.digest = row.digest(17);
  object.facts.length_bytes = row.u64(18);
}

Result<SpooledObject> object_of(const View& view, const Statement& row) {
  SpooledObject object;
  const std::uint64_t id = row.u64(0);
  object.study.value = row.u64(1);
  object.generation = row.u32(2);
  VR_TRY(object.state, state_of(row.i64(3), ObjectState::shredded));
  object.location = {SegmentId{row.u64(4)}, row.u64(5), row.u64(6), row.bytes(7)};
  object.reason = row.text(10);
  object.ended_at = row.time(11);
  object.pinned_until = row.time(12);
  object.shredded_at = row.time(13);
  VR_TRY(object.was, state_of(row.i64(14), ObjectState::shredded));
  object.segment_open = row.i64(15) != 0;
  if (object.state == ObjectState::shredded) {
    put_remains(row, object);
    return object;
  }
  VR_TRY(const Bytes head, view.sealer.open("objects.head", id, row.bytes(8)));
  VR_TRY(object.head, decode_head(head));
  VR_TRY(const Bytes facts, view.sealer.open("objects.facts", id, row.bytes(9)));
  VR_TRY(object.facts, decode_facts(facts));
  return object;
}

Result<TransferPlan> plan_of(const Bytes& plain) {
  Decoder in(plain);
  TransferPlan plan;
  plan.route.value = in.text();
  plan.destination.value = in.text();
  plan.profile.value = in.text();
  plan.profile_version.value = in.text();
  plan.profile_text = in.text();
  plan.basis = in.text();
  plan.scope.value = in.text();
  plan.gate_document = in.text();
  plan.pixel_trust = in.text();
  VR_TRY(in.finish("a transfer's plan"));
  return plan;
}

Result<std::vector<Finding>> findings_of(const Bytes& blob) {
  std::vector<Finding> findings;
  if (blob.empty()) return findings;
  Decoder in(blob);
  for (std::uint32_t left = in.u32(); left > 0 && in.ok(); --left) {
    Finding finding;
    finding.path = in.text();
    finding.rule = in.text();
    finding.advice = in.text();
    findings.push_back(std::move(finding));
  }
  VR_TRY(in.finish("the findings of a transfer's object"));
  return findings;
}

Result<TransferObject> transfer_object_of(const View& view, TransferId id, const Statement& row) {
  TransferObject object;
  object.object.value = row.u64(0);
  VR_TRY(object.state, state_of(row.i64(1), TransferObjectState::withdrawn));
  object.reason = row.text(2);
  VR_TRY(object.findings, findings_of(row.bytes(3)));
  object.record = row.u32(4);
  if (!row.is_null(5)) {
    VR_TRY(const Bytes uid, open_blob(view, "transfer_objects",
                                      row_name(id.value, object.object.value), row.bytes(5)));
    object.sop_instance.value = as_text(uid);
  }
  return object;
}

Bytes versioned(Encoder&& encoder) {
  Bytes blob = std::move(encoder).out();
  blob.insert(blob.begin(), kBlobVersion);
  return blob;
}

Bytes versioned(std::string_view text) {
  Bytes blob(1 + text.size(), kBlobVersion);
  std::copy(text.begin(), text.end(), blob.begin() + 1);
  return blob;
}

}  // namespace

Error unknown(const char* what, std::uint64_t id) {
  return make_error(ErrorKind::invalid, std::string(what) + ".unknown",
                    "there is no " + std::string(what) + " " + std::to_string(id));
}

namespace {

/// What is clear in a row of kSelectStudies.
Result<Study> clear_study_of(const Statement& row) {
  Study study;
  study.key.value = row.u64(0);
  study.generation = row.u32(1);
  VR_TRY(study.state, state_of(row.i64(2), StudyState::held));
  study.reason = row.text(3);
  study.first_at = row.time(4);
  study.last_at = row.time(5);
  study.complete_at = row.time(6);
  return study;
}

Result<void> open_study(const View& view, const Statement& row, Study& study) {
  VR_TRY(const Bytes uid,
         open_blob(view, "studies", std::to_string(study.key.value), row.bytes(7)));
  study.uid.value = as_text(uid);
  if (row.is_null(8)) return {};
  VR_TRY(const Bytes patient, open_blob(view, "patients", std::to_string(row.u64(8)), row.bytes(9)));
  Decoder in(patient);
  study.patient_id = Phi<std::string>(in.text());
  study.issuer = Phi<std::string>(in.text());
  return in.finish("a patient's row");
}

Result<Statement> row_of_study(const View& view, StudyKey key) {
  VR_TRY(Statement row, view.db.prepare(std::string(kSelectStudies) + "WHERE s.id = ?1"));
  VR_TRY(const bool there, row.bind(key).step());
  if (!there) return unknown("study", key.value);
  return row;
}

}  // namespace

Result<Study> listed_study_of(const View& view, const Statement& row) {
  VR_TRY(Study study, clear_study_of(row));
  const Result<void> opened = open_study(view, row, study);
  if (opened.ok()) return study;
  if (opened.error().kind != ErrorKind::corrupt) return opened.error();
  log::error("catalog.row-unreadable",
             {{"study", study.key}, log::Field::text("slug", opened.error().slug)});
  study.readable = false;
  return study;
}

Result<Study> read_study(const View& view, StudyKey key) {
  VR_TRY(const Statement row, row_of_study(view, key));
  VR_TRY(Study study, clear_study_of(row));
  VR_TRY(open_study(view, row, study));
  return study;
}

Result<Study> read_listed_study(const View& view, StudyKey key) {
  VR_TRY(const Statement row, row_of_study(view, key));
  return listed_study_of(view, row);
}

Result<std::vector<SpooledObject>> read_objects(const View& view, StudyKey key) {
  VR_TRY(Statement row, view.db.prepare(std::string(kSelectObjects) +
                                        "WHERE o.study = ?1 ORDER BY o.received_at, o.id"));
  row.bind(key);
  std::vector<SpooledObject> objects;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return objects;
    VR_TRY(SpooledObject object, object_of(view, row));
    objects.push_back(std::move(object));
  }
}

Result<SpooledObject> read_object(const View& view, ObjectId id) {
  VR_TRY(Statement row, view.db.prepare(std::string(kSelectObjects) + "WHERE o.id = ?1"));
  VR_TRY(const bool there, row.bind(id).step());
  if (!there) return unknown("object", id.value);
  return object_of(view, row);
}

Result<ObjectHead> read_head(const View& view, ObjectId id) {
  VR_TRY(Statement row, view.db.prepare("SELECT head FROM objects WHERE id = ?1"));
  VR_TRY(const bool there, row.bind(id).step());
  if (!there) return unknown("object", id.value);
  VR_TRY(const Bytes head, view.sealer.open("objects.head", id.value, row.bytes(0)));
  return decode_head(head);
}

Result<Transfer> transfer_of(const View& view, const Statement& row) {
  Transfer transfer;
  transfer.id.value = row.u64(0);
  transfer.study.value = row.u64(1);
  transfer.generation = row.u32(2);
  VR_TRY(transfer.state, state_of(row.i64(3), TransferState::withdrawn));
  transfer.reason = row.text(4);
  transfer.attempts = row.u32(5);
  transfer.created_at = row.time(6);
  transfer.due_at = row.time(7);
  if (!row.is_null(8)) transfer.manifest = row.digest(8);
  transfer.outbox_key = row.bytes(9);
  VR_TRY(const Bytes plan, open_blob(view, "transfers.plan", std::to_string(transfer.id.value),
                                     row.bytes(10)));
  VR_TRY(transfer.plan, plan_of(plan));
  transfer.ended_at = row.time(11);
  transfer.failures = {row.text(12), row.u32(13)};
  return transfer;
}

Result<Transfer> read_transfer(const View& view, TransferId id) {
  VR_TRY(Statement row, view.db.prepare(std::string(kSelectTransfers) + "WHERE t.id = ?1"));
  VR_TRY(const bool there, row.bind(id).step());
  if (!there) return unknown("transfer", id.value);
  VR_TRY(Transfer transfer, transfer_of(view, row));
  VR_TRY(transfer.objects, read_transfer_objects(view, id));
  return transfer;
}

Result<std::vector<TransferObject>> read_transfer_objects(const View& view, TransferId id) {
  VR_TRY(Statement row, view.db.prepare("SELECT object, state, reason, findings, record, new_uid"
                                        " FROM transfer_objects WHERE transfer = ?1"
                                        " ORDER BY record, object"));
  row.bind(id);
  std::vector<TransferObject> objects;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return objects;
    VR_TRY(TransferObject object, transfer_object_of(view, id, row));
    objects.push_back(std::move(object));
  }
}

Result<std::optional<TransferObject>> read_transfer_object(const View& view, TransferId id,
                                                           ObjectId object) {
  VR_TRY(Statement row, view.db.prepare("SELECT object, state, reason, findings, record, new_uid"
                                        " FROM transfer_objects"
                                        " WHERE transfer = ?1 AND object = ?2"));
  VR_TRY(const bool there, row.bind(id, object).step());
  if (!there) return std::optional<TransferObject>();
  VR_TRY(TransferObject found, transfer_object_of(view, id, row));
  return std::optional(std::move(found));
}

Result<Bytes> seal_study(const Sealer& sealer, StudyKey key, const Uid& uid) {
  return sealer.seal("studies", key.value, versioned(uid.value));
}

Result<Bytes> seal_patient(const Sealer& sealer, std::uint64_t id, const ObjectFacts& facts) {
  Encoder out;
  out.text(facts.patient_id.reveal()).text(facts.issuer.reveal());
  return sealer.seal("patients", id, versioned(std::move(out)));
}

Result<Bytes> seal_plan(const Sealer& sealer, TransferId id, const TransferPlan& plan) {
  Encoder out;
  out.text(plan.route.value).text(plan.destination.value).text(plan.profile.value);
  out.text(plan.profile_version.value).text(plan.profile_text).text(plan.basis);
  out.text(plan.scope.value).text(plan.gate_document).text(plan.pixel_trust);
  return sealer.seal("transfers.plan", id.value, versioned(std::move(out)));
}

Result<Bytes> seal_new_uid(const Sealer& sealer, TransferId id, ObjectId object, const Uid& uid) {
  return sealer.seal("transfer_objects", row_name(id.value, object.value), versioned(uid.value));
}

Bytes encode(const std::vector<Finding>& findings) {
  Encoder out;
  out.u32(static_cast<std::uint32_t>(findings.size()));
  for (const Finding& finding : findings) {
    out.text(finding.path).text(finding.rule).text(finding.advice);
  }
  return std::move(out).out();
}

}  // namespace veilroute::store::sqlite

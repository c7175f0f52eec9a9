#include "router/preparation.h"

#include <unordered_map>
#include <unordered_set>

#include "core/base/crypto.h"
#include "core/base/log.h"
#include "core/dicom/dictionary.h"
#include "profiles/strip_pixels.h"

namespace veilroute::router {
namespace {

/// Notes a failure as a finding on the object, unless it is the node's and worth another try.
Result<void> note(Findings& findings, ObjectId object, const Error& error) {
  if (worth_later(error)) return error;
  findings.add(object, finding_of(error));
  return {};
}

Error stopped() {
  return make_error(ErrorKind::unavailable, std::string(kStopped), "the node is stopping");
}

}  // namespace

void Preparation::choose() {
  std::unordered_map<ObjectId, const store::SpooledObject*> known;
  for (const store::SpooledObject& object : study_.objects) known[object.head.id] = &object;
  for (const store::TransferObject& row : transfer_.objects) {
    if (row.state != store::TransferObjectState::planned) continue;
    const auto found = known.find(row.object);
    if (found == known.end()) {
      findings_.add(row.object, finding_of_state("missing"));
      continue;
    }
    switch (found->second->state) {
      case store::ObjectState::live:
        chosen_.push_back(found->second);
        break;
      case store::ObjectState::superseded: {
        // Its newer bytes go out with their own generation, under the same new UID.
        store::TransferObject excluded = row;
        excluded.state = store::TransferObjectState::excluded;
        excluded.reason = "object.superseded";
        prepared_.objects.push_back(std::move(excluded));
        break;
      }
      default:
        findings_.add(row.object, finding_of_state(store::to_string(found->second->state)));
    }
  }
}

void Preparation::choose_quarantined(ObjectId object) {
  for (const store::SpooledObject& each : study_.objects) {
    if (each.head.id == object && each.state == store::ObjectState::live) chosen_.push_back(&each);
  }
}

Result<void> Preparation::collect_terms(const std::stop_token& stop) {
  for (const store::SpooledObject* object : chosen_) {
    if (stop.stop_requested()) return stopped();
    Result<dicom::Dataset> dataset = sources_.take(*object);
    if (!dataset.ok()) {
      VR_TRY(note_unreadable(object->head.id, dataset.error()));
      continue;
    }
    terms_.collect(*dataset);
    sources_.keep(*object, std::move(dataset).value());
  }
  return collect_terms_of_others(stop);
}

/// An object that is not sent may name the patient in a way that those which are do not. Heads
/// alone are read, one at a time: pixels stay in the spool.
Result<void> Preparation::collect_terms_of_others(const std::stop_token& stop) {
  std::unordered_set<ObjectId> collected;
  for (const store::SpooledObject* object : chosen_) collected.insert(object->head.id);
  for (const store::SpooledObject& object : study_.objects) {
    if (object.state != store::ObjectState::live || collected.contains(object.head.id)) continue;
    if (stop.stop_requested()) return stopped();
    const Result<dicom::Dataset> dataset = read_object(room_.spool, object);
    if (dataset.ok()) {
      terms_.collect(*dataset);
      continue;
    }
    if (worth_later(dataset.error()) && patient_) return dataset.error();
    // Nobody can read it any more, so what it said cannot be compared. What leaves has been read.
    log::warn("terms.incomplete", {{"transfer", transfer_.id},
                                   {"object", object.head.id},
                                   log::Field::text("slug", dataset.error().slug)});
  }
  return {};
}

Result<void> Preparation::note_unreadable(ObjectId object, const Error& error) {
  if (patient_ || !worth_later(error)) return note(findings_, object, error);
  findings_.add(object, finding_unreadable());
  return {};
}

Result<void> Preparation::make_copies(const std::stop_token& stop) {
  VR_TRY(accepted_, room_.catalog.acceptances().accepted_values(
                        {transfer_.plan.route, transfer_.plan.destination}));
  VR_TRY(begin_verification(
      [this](std::string_view path, std::string_view value) { return is_accepted(path, value); }));
  VR_TRY(writer_, room_.outbox.open_writer(transfer_.id));
  for (const store::SpooledObject* object : chosen_) {
    if (stop.stop_requested()) return stopped();
    if (findings_.has(object->head.id)) continue;  // could not be read: said already
    VR_TRY(make_copy(*object));
  }
  return {};
}

Result<void> Preparation::look_again(profiles::HarmlessValue harmless) {
  findings_ = {};
  VR_TRY(begin_verification(std::move(harmless)));
  for (const store::SpooledObject* object : chosen_) VR_TRY(make_copy(*object));
  return {};
}

Result<void> Preparation::begin_verification(profiles::HarmlessValue harmless) {
  VR_TRY(row_, room_.catalog.pseudonyms(transfer_.study, transfer_.plan.scope));
  pseudonyms_ = {row_.pseudonym, row_.accession, row_.date_offset_days, row_.secret.view()};
  verifier_ =
      std::make_unique<profiles::Verifier>(profile_, terms_, pseudonyms_, std::move(harmless));
  return {};
}

bool Preparation::is_accepted(std::string_view path, std::string_view value) {
  const auto id = accepted_->find(path, value);
  if (id) accepted_under_.insert(*id);
  return id.has_value();
}

Result<void> Preparation::make_copy(const store::SpooledObject& object) {
  const ObjectId id = object.head.id;
  Result<dicom::Dataset> dataset = sources_.take(object);
  if (!dataset.ok()) return note_unreadable(id, dataset.error());
  verifier_->note_source(id, *dataset);
  const auto stripped = profiles::strip_pixels(*dataset, profile_, opening(object));
  if (!stripped.ok()) return note_unreadable(id, stripped.error());
  const profiles::DeidSettings settings{transfer_.plan.pixel_trust};
  const Result<profiles::DeidReport> report =
      profiles::deidentify(*dataset, profile_, pseudonyms_, settings);
  if (!report.ok()) return note(findings_, id, report.error());
  if (!report->problems.empty()) {
    findings_.add(id, report->problems);
    return {};
  }
  log::debug("object.deidentified", {{"transfer", transfer_.id}, {"object", id}});
  remember(*report);
  return add_copy(object, *dataset);
}

OpenSource Preparation::opening(const store::SpooledObject& object) {
  return [this, &object] { return room_.spool.open_object(object.location, object.head.id); };
}

Result<void> Preparation::add_copy(const store::SpooledObject& object,
                                   const dicom::Dataset& dataset) {
  const ObjectId id = object.head.id;
  const Result<dicom::WrittenDataset> written = dicom::write_dataset(dataset);
  if (!written.ok()) return note(findings_, id, written.error());
  dicom::OutboxRecord record;
  record.object = id;
  record.source_digest = object.facts.digest;
  record.sop_class = Uid{dataset.text(dicom::tags::SOPClassUID).reveal()};
  record.sop_instance = Uid{dataset.text(dicom::tags::SOPInstanceUID).reveal()};
  record.transfer_syntax = dataset.syntax().uid;
  record.pieces = written->pieces;
  record.own_digest = crypto::sha256(written->own);
  const Result<std::vector<profiles::Problem>> problems =
      verifier_->check(record, written->own, object.facts.large, opening(object));
  if (!problems.ok()) return note_unreadable(id, problems.error());
  if (!problems->empty()) findings_.add(id, *problems);
  if (!findings_.empty() || writer_ == nullptr) return {};
  log::debug("object.verified", {{"transfer", transfer_.id}, {"object", id}});

  store::TransferObject cleared;
  cleared.object = id;
  cleared.state = store::TransferObjectState::cleared;
  cleared.sop_instance = record.sop_instance;
  cleared.record = static_cast<std::uint32_t>(writer_->manifest().records.size());
  bytes_ += record.length_bytes();
  VR_TRY(writer_->add(std::move(record), written->own));
  prepared_.objects.push_back(std::move(cleared));
  return {};
}

void Preparation::remember(const profiles::DeidReport& report) {
  for (const profiles::UidChange& change : report.uids) {
    uids_.try_emplace(change.original.reveal(),
                      store::MappedUid{change.original, change.replacement, change.kind});
  }
  // The first object's word counts: the study's and patient's attributes are the same in all.
  for (const auto& [keyword, value] : report.restore) prepared_.restore.try_emplace(keyword, value);
}

Result<Clearance> Preparation::finish() {
  VR_TRY(prepared_.wrapped_outbox_key, writer_->commit(transfer_.plan.profile_version));
  for (auto& [original, uid] : uids_) prepared_.uids.push_back(std::move(uid));
  uids_.clear();
  prepared_.acceptances.assign(accepted_under_.begin(), accepted_under_.end());
  return verifier_->clear(writer_->manifest());
}

}  // namespace veilroute::router

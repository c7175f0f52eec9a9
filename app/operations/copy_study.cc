#include "app/operations/copy_study.h"

#include "core/base/crypto.h"
#include "core/dicom/uid.h"
#include "profiles/deidentify.h"
#include "profiles/strip_pixels.h"
#include "profiles/verify.h"

namespace veilroute::app {
namespace {

namespace fs = std::filesystem;

/// A verified copy, ready to be written.
struct Copy {
  dicom::OutboxRecord record;
  Bytes own;
  fs::path relative;
  std::vector<MappedId> ids;
};

FileOutcome held_by(const FoundFile& file, const std::vector<profiles::Problem>& problems) {
  FileOutcome outcome;
  outcome.source = file.path;
  for (const auto& problem : problems) {
    outcome.findings.push_back({problem.path, problem.rule, problem.advice});
  }
  return outcome;
}

/// By the new UIDs: names of files and folders carry names of people.
fs::path named_by_uids(const dicom::Dataset& copy) {
  const auto part = [&copy](dicom::Tag tag, const char* absent) {
    const std::string uid = copy.text(tag).reveal();
    // Whatever is not a UID has no business in a path.
    return dicom::is_valid_uid(uid) ? uid : std::string(absent);
  };
  return fs::path(part(dicom::tags::StudyInstanceUID, "no-study")) /
         part(dicom::tags::SeriesInstanceUID, "no-series") /
         (part(dicom::tags::SOPInstanceUID, "no-instance") + ".dcm");
}

class StudyCopies {
 public:
  StudyCopies(const SourceStudy& study, const store::PseudonymRow& row, CopyRoom& room)
      : study_(study),
        room_(room),
        pseudonyms_{row.pseudonym, row.accession, row.date_offset_days, row.secret.view()} {}

  /// What may not be found in any copy. Objects that cannot be read any more are noted, and held
  /// when their turn comes.
  void collect_terms() {
    for (const SourceObject& each : study_.objects) {
      const auto file = reopen(each.object);
      if (!file.ok()) continue;
      const auto dataset = read_header(each.object, **file);
      if (dataset.ok()) terms_.collect(*dataset);
    }
    verifier_ = std::make_unique<profiles::Verifier>(room_.profile, terms_, pseudonyms_);
  }

  Result<void> copy(const SourceObject& each, std::size_t number) {
    auto file = reopen(each.object);
    if (!file.ok()) return hold(held(each.file, file.error()));
    auto made = make(each, number, **file);
    if (!made.ok()) return hold(held(each.file, made.error()));
    if (!problems_.empty()) return hold(held_by(each.file, problems_));
    return write(each, *made, **file);
  }

 private:
  Result<void> hold(const FileOutcome& outcome) const {
    room_.tell(outcome);
    return {};
  }

  /// De-identified and verified; problems_ says what keeps it from being written.
  Result<Copy> make(const SourceObject& each, std::size_t number, FileSource& file) {
    Copy copy;
    VR_TRY(dicom::Dataset dataset, read_header(each.object, file));
    verifier_->note_source(ObjectId{number}, dataset);
    const OpenSource open = [&]() -> Result<std::unique_ptr<ByteSource>> {
      return std::unique_ptr<ByteSource>(
          std::make_unique<TailSource>(file, each.object.head.dataset_offset));
    };
    VR_TRY(profiles::strip_pixels(dataset, room_.profile, open));
    VR_TRY(profiles::DeidReport report,
           profiles::deidentify(dataset, room_.profile, pseudonyms_, {room_.pixel_trust}));
    problems_ = std::move(report.problems);
    if (!problems_.empty()) return copy;
    VR_TRY(dicom::WrittenDataset written, dicom::write_dataset(dataset));
    copy.own = std::move(written.own);
    copy.record.object = ObjectId{number};
    copy.record.source_digest = each.object.digest;
    copy.record.sop_class = Uid{dataset.text(dicom::tags::SOPClassUID).reveal()};
    copy.record.sop_instance = Uid{dataset.text(dicom::tags::SOPInstanceUID).reveal()};
    copy.record.transfer_syntax = dataset.syntax().uid;
    copy.record.pieces = std::move(written.pieces);
    copy.record.own_digest = crypto::sha256(copy.own);
    VR_TRY(problems_, verifier_->check(copy.record, copy.own, each.object.facts.large, open));
    copy.relative = room_.keep_names ? each.file.relative : named_by_uids(dataset);
    if (room_.records.wants_map()) copy.ids = ids_of(dataset, report);
    return copy;
  }

  [[nodiscard]] std::vector<MappedId> ids_of(const dicom::Dataset& copy,
                                             const profiles::DeidReport& report) const {
    std::vector<MappedId> ids;
    const std::string& old_id = study_.subject.patient_id.reveal();
    const std::string new_id = copy.text(dicom::tags::PatientID).reveal();
    if (!old_id.empty() && old_id != new_id) ids.push_back({Phi<std::string>(old_id), new_id});
    for (const auto& uid : report.uids) ids.push_back({uid.original, uid.replacement.value});
    return ids;
  }

  Result<void> write(const SourceObject& each, const Copy& copy, FileSource& file) {
    // The proof that verification passed for exactly this record; without it nothing gets a name.
    const auto clearance = verifier_->clear({TransferId{}, room_.profile.version, {copy.record}});
    if (!clearance.ok()) return hold(held(each.file, clearance.error()));
    VR_TRY(const auto output, room_.folder.begin());
    VR_TRY(output->append(dicom::write_file_head(copy.record.sop_class, copy.record.sop_instance,
                                                 copy.record.transfer_syntax)));
    MemorySource own(copy.own);
    TailSource dataset(file, each.object.head.dataset_offset);
    dicom::RecordSource record(copy.record, own, dataset);
    VR_TRY(const auto unread, output->append_all(record));
    if (unread) return hold(held(each.file, *unread));
    if (const auto same = file.check_unchanged(); !same.ok()) {
      return hold(held(each.file, same.error()));
    }
    const fs::path place = room_.folder.place_of(copy.relative);
    if (const auto named = output->name(place); !named.ok()) {
      if (named.error().slug != "output.exists") return named.error();
      return hold(held(each.file, named.error()));
    }
    for (const MappedId& id : copy.ids) VR_TRY(room_.records.add(id));
    FileOutcome outcome;
    outcome.kind = FileOutcome::Kind::written;
    outcome.source = each.file.path;
    outcome.output = place;
    room_.tell(outcome);
    return {};
  }

  const SourceStudy& study_;
  CopyRoom& room_;
  profiles::Pseudonyms pseudonyms_;
  profiles::IdentityTerms terms_;
  std::unique_ptr<profiles::Verifier> verifier_;
  std::vector<profiles::Problem> problems_;  ///< of the object in hand
};

}  // namespace

Result<void> copy_study(const SourceStudy& study, const store::PseudonymRow& row, CopyRoom& room) {
  StudyCopies copies(study, row, room);
  copies.collect_terms();
  for (std::size_t i = 0; i < study.objects.size(); ++i) {
    VR_TRY(copies.copy(study.objects[i], i + 1));
    room.step();
  }
  return {};
}

}  // namespace veilroute::app

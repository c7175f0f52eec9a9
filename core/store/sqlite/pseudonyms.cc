// pseudonyms: the row of a study's patient in a scope, made at first sight and pinned (decisions 6).
// Everything in it comes from the random generator, or is keyed by a secret that does: nothing about
// the patient can be computed from it (45 CFR 164.514(c)). Walk step 6.
#include "core/base/crypto.h"
#include "core/store/pseudonym.h"
#include "core/store/sqlite/moves.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

constexpr std::uint8_t kPseudonymVersion = 1;
constexpr unsigned kMostTries = 16;

constexpr std::string_view kBlindSubjectPatient = "pseudonym-patient";
constexpr std::string_view kBlindSubjectStudy = "pseudonym-study";
constexpr std::string_view kBlindName = "pseudonym";
constexpr std::string_view kBlindAccession = "accession";

Digest random_draw() {
  Digest draw{};
  crypto::random_fill(draw);
  return draw;
}

Error exhausted() {
  return make_error(ErrorKind::exhausted, "pseudonyms.no-free-name",
                    "no unused pseudonym was found in this scope");
}

std::string pin_name(StudyKey study, const Scope& scope) {
  return std::to_string(study.value) + ":" + scope.value;
}

Result<Bytes> seal_row(const Sealer& sealer, const PseudonymRow& row) {
  Encoder out;
  out.u8(kPseudonymVersion).text(row.pseudonym.reveal()).i64(row.date_offset_days.reveal());
  out.bytes(row.secret.view());
  // The copy in the encoder holds the secret too.
  const Secret plain(std::move(out).out());
  return sealer.seal("pseudonyms", row.id, plain.view());
}

Result<PseudonymRow> open_row(const Sealer& sealer, std::uint64_t id, const Bytes& sealed) {
  VR_TRY(Bytes opened, sealer.open("pseudonyms", id, sealed));
  const Secret plain(std::move(opened));
  Decoder in(plain.view());
  const std::uint8_t version = in.u8();
  PseudonymRow row;
  row.id = id;
  row.pseudonym = Phi<std::string>(in.text());
  row.date_offset_days = Phi<int>(static_cast<int>(in.i64()));
  const ByteView secret = in.bytes();
  row.secret = Secret(Bytes(secret.begin(), secret.end()));
  VR_TRY(in.finish("a pseudonym's row"));
  if (version != kPseudonymVersion || secret.size() != crypto::kKeyBytes) {
    return make_error(ErrorKind::corrupt, "catalog.version-unknown",
                      "a pseudonym's row has a form that this program does not know");
  }
  return row;
}

Result<bool> is_taken(Work& work, std::string_view sql, const Scope& scope, const Digest& name) {
  VR_TRY(Statement row, work.db.prepare(sql));
  return row.bind(scope, name).step();
}

/// The row that the study was given at first sight, whatever has become of its patient since.
Result<std::optional<PseudonymRow>> pinned(Work& work, StudyKey study, const Scope& scope) {
  VR_TRY(Statement row,
         work.db.prepare("SELECT p.id, p.sealed, n.sealed FROM pseudonym_pins n"
                         " JOIN pseudonyms p ON p.id = n.pseudonym"
                         " WHERE n.study = ?1 AND n.scope = ?2"));
  VR_TRY(const bool there, row.bind(study, scope).step());
  if (!there) return std::optional<PseudonymRow>();
  VR_TRY(PseudonymRow found, open_row(work.sealer, row.u64(0), row.bytes(1)));
  VR_TRY(const Bytes accession,
         work.sealer.open("pseudonym_pins", pin_name(study, scope), row.bytes(2)));
  found.accession = Phi<std::string>(std::string(as_text(accession)));
  return std::optional(std::move(found));
}

/// Who the row stands for: a patient, or a study that does not say whose it is.
Digest blind_of(const Sealer& sealer, const PseudonymSubject& subject) {
  if (subject.patient_id.reveal().empty()) {
    return sealer.blind(kBlindSubjectStudy, {subject.study.value});
  }
  return sealer.blind(kBlindSubjectPatient, {subject.issuer.reveal(), subject.patient_id.reveal()});
}

Result<PseudonymRow> add_row(Work& work, const Scope& scope, const Digest& subject) {
  for (unsigned tried = 0; tried < kMostTries; ++tried) {
    PseudonymRow row;
    const Digest draw = random_draw();
    row.pseudonym = Phi<std::string>(pseudonym_word(draw));
    const Digest name = work.sealer.blind(kBlindName, {row.pseudonym.reveal()});
    VR_TRY(const bool taken,
           is_taken(work, "SELECT 1 FROM pseudonyms WHERE scope = ?1 AND name = ?2", scope, name));
    if (taken) continue;
    VR_TRY(row.id, work.new_id());
    row.date_offset_days = Phi<int>(date_offset_days(draw));
    row.secret = crypto::random_key();
    VR_TRY(const Bytes sealed, seal_row(work.sealer, row));
    VR_TRY(work.db.run("INSERT INTO pseudonyms (id, node, epoch, scope, subject, name, sealed,"
                       " created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                       row.id, kNode, kEpoch, scope, subject, name, sealed, work.now));
    return row;
  }
  return exhausted();
}

Result<PseudonymRow> find_or_add_row(Work& work, const Scope& scope, const Digest& subject) {
  VR_TRY(Statement row, work.db.prepare("SELECT id, sealed FROM pseudonyms"
                                        " WHERE scope = ?1 AND subject = ?2"));
  VR_TRY(const bool there, row.bind(scope, subject).step());
  if (there) return open_row(work.sealer, row.u64(0), row.bytes(1));
  return add_row(work, scope, subject);
}

/// Copies of a study's objects may be made before the study comes in, when there is nothing to pin
/// their accession number to: keyed by the row's secret it comes out the same.
Phi<std::string> accession_of(const PseudonymRow& row, const Uid& study, unsigned tried) {
  return Phi<std::string>(accession_word(accession_draw(row.secret.view(), study.value, tried)));
}

Result<void> pin(Work& work, const Study& study, const Scope& scope, PseudonymRow& row) {
  for (unsigned tried = 0; tried < kMostTries; ++tried) {
    row.accession = accession_of(row, study.uid, tried);
    const Digest name = work.sealer.blind(kBlindAccession, {row.accession.reveal()});
    VR_TRY(const bool taken,
           is_taken(work, "SELECT 1 FROM pseudonym_pins WHERE scope = ?1 AND accession = ?2",
                    scope, name));
    if (taken) continue;
    VR_TRY(const Bytes sealed, work.sealer.seal("pseudonym_pins", pin_name(study.key, scope),
                                                as_bytes(row.accession.reveal())));
    return work.db.run("INSERT INTO pseudonym_pins (study, scope, pseudonym, accession, sealed)"
                       " VALUES (?1, ?2, ?3, ?4, ?5)",
                       study.key, scope, row.id, name, sealed);
  }
  return exhausted();
}

Result<PseudonymRow> row_of(Work& work, StudyKey key, const Scope& scope) {
  VR_TRY(std::optional<PseudonymRow> known, pinned(work, key, scope));
  if (known) return std::move(*known);
  VR_TRY(const Study study, read_study(work, key));
  const PseudonymSubject subject{study.issuer, study.patient_id, study.uid};
  VR_TRY(PseudonymRow row, find_or_add_row(work, scope, blind_of(work.sealer, subject)));
  VR_TRY(pin(work, study, scope, row));
  return row;
}

/// Nothing is pinned for a study that never came in; its patient's row is there to stay.
Result<PseudonymRow> row_for(Work& work, const PseudonymSubject& subject, const Scope& scope) {
  const Digest uid = work.sealer.blind(kBlindStudy, {subject.study.value});
  VR_TRY(Statement study, work.db.prepare("SELECT id FROM studies WHERE uid = ?1"));
  VR_TRY(const bool there, study.bind(uid).step());
  if (there) {
    VR_TRY(std::optional<PseudonymRow> known, pinned(work, StudyKey{study.u64(0)}, scope));
    if (known) return std::move(*known);
  }
  VR_TRY(PseudonymRow row, find_or_add_row(work, scope, blind_of(work.sealer, subject)));
  row.accession = accession_of(row, subject.study, 0);
  return row;
}

Result<void> check_scope(const Scope& scope) {
  if (!scope.value.empty()) return {};
  return make_error(ErrorKind::internal, "pseudonyms.no-scope", "a pseudonym needs a scope");
}

}  // namespace

Result<PseudonymRow> SqliteCatalog::pseudonyms(StudyKey study, const Scope& scope) {
  VR_TRY(check_scope(scope));
  return write<PseudonymRow>([&](Work& work) { return row_of(work, study, scope); });
}

Result<PseudonymRow> SqliteCatalog::pseudonyms_for(const PseudonymSubject& subject,
                                                   const Scope& scope) {
  VR_TRY(check_scope(scope));
  return write<PseudonymRow>([&](Work& work) { return row_for(work, subject, scope); });
}

}  // namespace veilroute::store::sqlite

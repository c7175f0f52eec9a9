// pseudonyms: the row of a study's patient in a scope, made at first sight and pinned (decisions 6).
// Everything in it comes from the random generator: nothing about the patient can be computed from it
// (45 CFR 164.514(c)). Walk step 6.
#include <array>

#include "core/base/crypto.h"
#include "core/store/sqlite/moves.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

constexpr std::uint8_t kBlobVersion = 1;
constexpr std::string_view kPatientPrefix = "VR-";
constexpr std::string_view kAccessionPrefix = "VRA-";  // with the rest 12 of the 16 characters of SH
/// Digits and capitals without vowels (no words) and without what is misread (0 O, 1 I L).
constexpr std::string_view kAlphabet = "23456789BCDFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kNameLetters = 8;  // 28^8: 378 thousand million names
constexpr unsigned kMostTries = 16;

/// Dates move into the past alone: receivers refuse studies of tomorrow, or file them on top. At
/// least a month, so that no shown date is near the real one; at most two years, so that a body and
/// its shown age still fit.
constexpr std::uint32_t kLeastDays = 30;
constexpr std::uint32_t kMostDays = 730;

constexpr std::string_view kBlindSubjectPatient = "pseudonym-patient";
constexpr std::string_view kBlindSubjectStudy = "pseudonym-study";
constexpr std::string_view kBlindName = "pseudonym";
constexpr std::string_view kBlindAccession = "accession";

/// Uniform in 0 .. below-1: bytes that would favour the first values are drawn again.
std::uint32_t random_below(std::uint32_t below) {
  constexpr std::uint64_t kAll = std::uint64_t{1} << 32U;
  const std::uint64_t fair = kAll - kAll % below;
  for (;;) {
    std::array<std::uint8_t, 4> bytes{};
    crypto::random_fill(bytes);
    const std::uint32_t drawn = Decoder(bytes).u32();
    if (drawn < fair) return drawn % below;
  }
}

std::string random_name(std::string_view prefix) {
  std::string name(prefix);
  for (std::size_t i = 0; i < kNameLetters; ++i) {
    name += kAlphabet[random_below(static_cast<std::uint32_t>(kAlphabet.size()))];
  }
  return name;
}

int random_offset() {
  return -static_cast<int>(kLeastDays + random_below(kMostDays - kLeastDays + 1));
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
  out.u8(kBlobVersion).text(row.pseudonym.reveal()).i64(row.date_offset_days.reveal());
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
  if (version != kBlobVersion || secret.size() != crypto::kKeyBytes) {
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
Digest subject_of(const Sealer& sealer, const Study& study) {
  if (study.patient_id.reveal().empty()) {
    return sealer.blind(kBlindSubjectStudy, {study.uid.value});
  }
  return sealer.blind(kBlindSubjectPatient, {study.issuer.reveal(), study.patient_id.reveal()});
}

Result<PseudonymRow> add_row(Work& work, const Scope& scope, const Digest& subject) {
  for (unsigned tried = 0; tried < kMostTries; ++tried) {
    PseudonymRow row;
    row.pseudonym = Phi<std::string>(random_name(kPatientPrefix));
    const Digest name = work.sealer.blind(kBlindName, {row.pseudonym.reveal()});
    VR_TRY(const bool taken,
           is_taken(work, "SELECT 1 FROM pseudonyms WHERE scope = ?1 AND name = ?2", scope, name));
    if (taken) continue;
    VR_TRY(row.id, work.new_id());
    row.date_offset_days = Phi<int>(random_offset());
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

Result<void> pin(Work& work, StudyKey study, const Scope& scope, PseudonymRow& row) {
  for (unsigned tried = 0; tried < kMostTries; ++tried) {
    row.accession = Phi<std::string>(random_name(kAccessionPrefix));
    const Digest name = work.sealer.blind(kBlindAccession, {row.accession.reveal()});
    VR_TRY(const bool taken,
           is_taken(work, "SELECT 1 FROM pseudonym_pins WHERE scope = ?1 AND accession = ?2",
                    scope, name));
    if (taken) continue;
    VR_TRY(const Bytes sealed, work.sealer.seal("pseudonym_pins", pin_name(study, scope),
                                                as_bytes(row.accession.reveal())));
    return work.db.run("INSERT INTO pseudonym_pins (study, scope, pseudonym, accession, sealed)"
                       " VALUES (?1, ?2, ?3, ?4, ?5)",
                       study, scope, row.id, name, sealed);
  }
  return exhausted();
}

Result<PseudonymRow> row_of(Work& work, StudyKey key, const Scope& scope) {
  VR_TRY(std::optional<PseudonymRow> known, pinned(work, key, scope));
  if (known) return std::move(*known);
  VR_TRY(const Study study, read_study(work, key));
  VR_TRY(PseudonymRow row, find_or_add_row(work, scope, subject_of(work.sealer, study)));
  VR_TRY(pin(work, key, scope, row));
  return row;
}

}  // namespace

Result<PseudonymRow> SqliteCatalog::pseudonyms(StudyKey study, const Scope& scope) {
  if (scope.value.empty()) {
    return make_error(ErrorKind::internal, "pseudonyms.no-scope", "a pseudonym needs a scope");
  }
  return write<PseudonymRow>([&](Work& work) { return row_of(work, study, scope); });
}

}  // namespace veilroute::store::sqlite

#include "app/operations/run_pseudonyms.h"

#include "core/base/crypto.h"
#include "core/store/pseudonym.h"

namespace veilroute::app {
namespace {

/// A patient's studies share a row; without a Patient ID nobody knows which studies belong
/// together.
Digest identity_of(const store::PseudonymSubject& subject) {
  Encoder out;
  if (subject.patient_id.reveal().empty()) {
    out.text("study").text(subject.study.value);
  } else {
    out.text("patient").text(subject.issuer.reveal()).text(subject.patient_id.reveal());
  }
  return crypto::sha256(out.out());
}

}  // namespace

store::PseudonymRow RunPseudonyms::row(const store::PseudonymSubject& subject) {
  store::PseudonymRow row = make(identity_of(subject));
  const Digest study = crypto::sha256(as_bytes(subject.study.value));
  for (std::uint32_t attempt = 0;; ++attempt) {
    std::string word = store::accession_word(
        store::accession_draw(row.secret.view(), subject.study.value, attempt));
    if (taken_.try_emplace(word, study).first->second != study) continue;
    row.accession = Phi<std::string>(std::move(word));
    return row;
  }
}

store::PseudonymRow RunPseudonyms::make(const Digest& subject) {
  store::PseudonymRow row;
  const Digest secret = draw("uids", 0, subject);
  row.secret = Secret(Bytes(secret.begin(), secret.end()));
  for (std::uint32_t attempt = 0;; ++attempt) {
    const Digest drawn = draw("pseudonym", attempt, subject);
    std::string word = store::pseudonym_word(drawn);
    if (taken_.try_emplace(word, subject).first->second != subject) continue;
    row.pseudonym = Phi<std::string>(std::move(word));
    row.date_offset_days = Phi<int>(store::date_offset_days(drawn));
    return row;
  }
}

Digest RunPseudonyms::draw(std::string_view purpose, std::uint32_t attempt,
                           const Digest& subject) const {
  Encoder input;
  input.text(purpose).u32(attempt).digest(subject);
  return crypto::hmac_sha256(secret_.view(), input.out());
}

}  // namespace veilroute::app

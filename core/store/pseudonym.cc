#include "core/store/pseudonym.h"

#include "core/base/crypto.h"

namespace veilroute::store {
namespace {

/// Without I, L, O and U: nothing that is misread on a screen, and no words by accident.
constexpr std::string_view kLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kPseudonymLetters = 8;
constexpr std::size_t kAccessionLetters = 10;
constexpr std::uint64_t kLeastDays = 30;
constexpr std::uint64_t kMostDays = 1825;
/// Where in the draw the date offset begins: words never reach it, so that one tells nothing of the
/// other.
constexpr std::size_t kOffsetAt = 16;

std::string word(std::string_view prefix, const Digest& draw, std::size_t letters) {
  std::string out(prefix);
  for (std::size_t i = 0; i < letters; ++i) out += kLetters[draw[i] % kLetters.size()];
  return out;
}

}  // namespace

std::string pseudonym_word(const Digest& draw) { return word("VR-", draw, kPseudonymLetters); }

std::string accession_word(const Digest& draw) { return word("VA-", draw, kAccessionLetters); }

int date_offset_days(const Digest& draw) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = (number << 8U) | draw[kOffsetAt + i];
  return -static_cast<int>(kLeastDays + number % (kMostDays - kLeastDays + 1));
}

Digest accession_draw(ByteView secret, std::string_view study_uid, std::uint32_t attempt) {
  Encoder input;
  input.text("accession").u32(attempt).text(study_uid);
  return crypto::hmac_sha256(secret, input.out());
}

}  // namespace veilroute::store

#include "core/store/pseudonym.h"

#include "core/base/crypto.h"

namespace veilroute::store {
namespace {

/// Digits and capitals without vowels (no words) and without what is misread (0 O, 1 I L).
constexpr std::string_view kLetters = "23456789BCDFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kWordLetters = 8;  // 28^8: 378 thousand million words
constexpr std::uint64_t kLeastDays = 30;
constexpr std::uint64_t kMostDays = 730;
/// Word and date offset come from different bytes of a draw, so that one tells nothing of the
/// other.
constexpr std::size_t kWordAt = 0;
constexpr std::size_t kOffsetAt = 16;

/// 64 bits for numbers of at most 39: no value is favoured by more than one in ten million.
std::uint64_t number_at(const Digest& draw, std::size_t at) {
  return Decoder(ByteView(draw).subspan(at, 8)).u64();
}

std::string word(std::string_view prefix, const Digest& draw) {
  std::string out(prefix);
  std::uint64_t number = number_at(draw, kWordAt);
  for (std::size_t i = 0; i < kWordLetters; ++i) {
    out += kLetters[number % kLetters.size()];
    number /= kLetters.size();
  }
  return out;
}

}  // namespace

std::string pseudonym_word(const Digest& draw) { return word("VR-", draw); }

std::string accession_word(const Digest& draw) { return word("VRA-", draw); }

int date_offset_days(const Digest& draw) {
  return -static_cast<int>(kLeastDays + number_at(draw, kOffsetAt) % (kMostDays - kLeastDays + 1));
}

Digest accession_draw(ByteView secret, std::string_view study_uid, std::uint32_t attempt) {
  Encoder input;
  input.text("accession").u32(attempt).text(study_uid);
  return crypto::hmac_sha256(secret, input.out());
}

}  // namespace veilroute::store

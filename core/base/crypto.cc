// OpenSSL 3's EVP behind our own words. Algorithms are fetched once: fetching costs more than
// sealing a small value.
#include "core/base/crypto.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <limits>
#include <string>

namespace veilroute::crypto {

namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kSignatureBytes = 64;
/// EVP counts in int; a value this long is a mistake of ours anyway.
constexpr std::size_t kLongestValue = 1U << 30U;

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Freer<EVP_MAC_CTX_free>>;
using PublicOrPrivateKey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

/// What is fetched once and kept until the process ends: immutable, so any thread may use it.
struct Algorithms {
  EVP_CIPHER* gcm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  EVP_CIPHER* wrap = EVP_CIPHER_fetch(nullptr, "AES-256-WRAP-PAD", nullptr);
  EVP_MD* sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
};

const Algorithms& algorithms() {
  static const Algorithms* const fetched = [] {
    const auto* all = new Algorithms;  // never freed: threads may still seal while we exit
    if (all->gcm == nullptr || all->wrap == nullptr || all->sha256 == nullptr ||
        all->hmac == nullptr) {
      die("the cryptographic library lacks an algorithm");
    }
    return all;
  }();
  return *fetched;
}

Error internal_error(std::string what) {
  return make_error(ErrorKind::internal, "crypto.failed", std::move(what));
}

Error corrupt_error(std::string what) {
  return make_error(ErrorKind::corrupt, "seal.broken", std::move(what));
}

int as_int(std::size_t size) { return static_cast<int>(size); }

CipherContext new_cipher_context() {
  CipherContext context(EVP_CIPHER_CTX_new());
  if (!context) die("no memory for a cipher");
  return context;
}

/// Adds the associated data, which goes through EVP as an update without output.
bool authenticate(EVP_CIPHER_CTX* context, ByteView data) {
  int done = 0;
  return data.empty() ||
         EVP_CipherUpdate(context, nullptr, &done, data.data(), as_int(data.size())) == 1;
}

/// `in` through the cipher into `out`, which has room for as many bytes.
bool run_cipher(EVP_CIPHER_CTX* context, ByteView in, std::uint8_t* out) {
  int done = 0;
  if (!in.empty() && EVP_CipherUpdate(context, out, &done, in.data(), as_int(in.size())) != 1) {
    return false;
  }
  return static_cast<std::size_t>(done) == in.size();
}

/// The context has its key and nonce. Appends ciphertext ‖ tag.
Result<void> finish_seal(EVP_CIPHER_CTX* context, ByteView associated, ByteView plain, Bytes& out) {
  const std::size_t start = out.size();
  out.resize(start + plain.size() + kTagBytes);
  std::uint8_t* const cipher_text = out.data() + start;
  int done = 0;
  if (!authenticate(context, associated) || !run_cipher(context, plain, cipher_text) ||
      EVP_CipherFinal_ex(context, cipher_text + plain.size(), &done) != 1 ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, as_int(kTagBytes),
                          cipher_text + plain.size()) != 1) {
    out.resize(start);
    return internal_error("a value could not be sealed");
  }
  return {};
}

/// The context has its key and nonce. `plain` is filled only if the tag agrees, else left empty.
Result<void> finish_open(EVP_CIPHER_CTX* context, ByteView associated, ByteView sealed,
                         Bytes& plain) {
  plain.clear();
  if (sealed.size() < kTagBytes) return corrupt_error("a sealed value is too short");
  const ByteView cipher_text = sealed.first(sealed.size() - kTagBytes);
  std::array<std::uint8_t, kTagBytes> tag{};
  std::copy_n(sealed.end() - static_cast<std::ptrdiff_t>(kTagBytes), kTagBytes, tag.begin());
  // One more byte than needed: EVP wants a place to write to even for an empty value.
  plain.resize(cipher_text.size() + 1);
  int done = 0;
  const bool genuine =
      authenticate(context, associated) && run_cipher(context, cipher_text, plain.data()) &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, as_int(kTagBytes), tag.data()) == 1 &&
      EVP_CipherFinal_ex(context, plain.data() + cipher_text.size(), &done) == 1;
  if (!genuine) {
    // Nothing that was not authenticated may reach a caller, not even by mistake.
    OPENSSL_cleanse(plain.data(), plain.size());
    plain.clear();
    return corrupt_error("a sealed value does not open: wrong key, wrong place or changed bytes");
  }
  plain.resize(cipher_text.size());
  return {};
}

Result<void> check_key(const Secret& key) {
  if (key.view().size() == kKeyBytes) return {};
  return internal_error("a key must have 32 bytes");
}

Result<void> check_length(ByteView value) {
  if (value.size() <= kLongestValue) return {};
  return internal_error("a value is too long to be sealed at once");
}

/// One run of AES-256-WRAP-PAD in either direction; empty when it fails.
Bytes run_wrap(const Secret& key, ByteView in, bool wrapping) {
  const CipherContext context = new_cipher_context();
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  Bytes out(in.size() + 2 * kTagBytes);
  int done = 0;
  int last = 0;
  if (EVP_CipherInit_ex2(context.get(), algorithms().wrap, key.view().data(), nullptr,
                         wrapping ? 1 : 0, nullptr) != 1 ||
      EVP_CipherUpdate(context.get(), out.data(), &done, in.data(), as_int(in.size())) != 1 ||
      EVP_CipherFinal_ex(context.get(), out.data() + done, &last) != 1) {
    OPENSSL_cleanse(out.data(), out.size());
    return {};
  }
  out.resize(static_cast<std::size_t>(done) + static_cast<std::size_t>(last));
  return out;
}

PublicOrPrivateKey ed25519_key(const Secret& seed) {
  if (seed.view().size() != kKeyBytes) return nullptr;
  return PublicOrPrivateKey(
      EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, seed.view().data(), kKeyBytes));
}

}  // namespace

void random_fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const std::size_t part = std::min(out.size(), kLongestValue);
    if (RAND_bytes(out.data(), as_int(part)) != 1) die("no random bytes from the system");
    out = out.subspan(part);
  }
}

Secret random_key() {
  Secret key(kKeyBytes);
  random_fill(key.span());
  return key;
}

Digest sha256(ByteView data) {
  Digest digest{};
  unsigned length = 0;
  if (EVP_Digest(data.data(), data.size(), digest.data(), &length, algorithms().sha256, nullptr) !=
          1 ||
      length != digest.size()) {
    die("SHA-256 failed");
  }
  return digest;
}

struct Hasher::State {
  DigestContext context{EVP_MD_CTX_new()};
  void start() {
    if (!context || EVP_DigestInit_ex2(context.get(), algorithms().sha256, nullptr) != 1) {
      die("SHA-256 did not start");
    }
  }
};

Hasher::Hasher() : state_(std::make_unique<State>()) { state_->start(); }
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(ByteView data) {
  if (EVP_DigestUpdate(state_->context.get(), data.data(), data.size()) != 1) die("SHA-256 failed");
}

Digest Hasher::finish() {
  Digest digest{};
  unsigned length = 0;
  if (EVP_DigestFinal_ex(state_->context.get(), digest.data(), &length) != 1 ||
      length != digest.size()) {
    die("SHA-256 failed");
  }
  state_->start();
  return digest;
}

Digest Hasher::so_far() const {
  const DigestContext copy(EVP_MD_CTX_new());
  Digest digest{};
  unsigned length = 0;
  if (!copy || EVP_MD_CTX_copy_ex(copy.get(), state_->context.get()) != 1 ||
      EVP_DigestFinal_ex(copy.get(), digest.data(), &length) != 1 || length != digest.size()) {
    die("SHA-256 failed");
  }
  return digest;
}

bool is_same_secret(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string base64(ByteView bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // a zero is written behind its end
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

Digest hmac_sha256(ByteView key, ByteView data) {
  // An empty key would make every blind index public; EVP would take it without a word.
  if (key.empty()) die("HMAC with an empty key");
  const MacContext context(EVP_MAC_CTX_new(algorithms().hmac));
  char name[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", name, 0),
                                   OSSL_PARAM_construct_end()};
  Digest digest{};
  std::size_t length = 0;
  if (!context || EVP_MAC_init(context.get(), key.data(), key.size(), parameters) != 1 ||
      EVP_MAC_update(context.get(), data.data(), data.size()) != 1 ||
      EVP_MAC_final(context.get(), digest.data(), &length, digest.size()) != 1 ||
      length != digest.size()) {
    die("HMAC failed");
  }
  return digest;
}

Result<Bytes> wrap_key(const Secret& wrapping_key, const Secret& key) {
  VR_TRY(check_key(wrapping_key));
  VR_TRY(check_key(key));
  Bytes wrapped = run_wrap(wrapping_key, key.view(), true);
  if (wrapped.size() != kWrappedKeyBytes) return internal_error("a key could not be wrapped");
  return wrapped;
}

Result<Secret> unwrap_key(const Secret& wrapping_key, ByteView wrapped) {
  VR_TRY(check_key(wrapping_key));
  if (wrapped.size() != kWrappedKeyBytes)
    return corrupt_error("a wrapped key has the wrong length");
  Secret key(run_wrap(wrapping_key, wrapped, false));
  if (key.view().size() != kKeyBytes) {
    return corrupt_error("a wrapped key does not open: wrong key or changed bytes");
  }
  return key;
}

Result<Bytes> seal(const Secret& key, std::string_view context, ByteView plain) {
  VR_TRY(check_key(key));
  VR_TRY(check_length(plain));
  VR_TRY(check_length(as_bytes(context)));
  Bytes sealed(kNonceBytes);
  random_fill(sealed);
  const CipherContext cipher = new_cipher_context();
  if (EVP_CipherInit_ex2(cipher.get(), algorithms().gcm, key.view().data(), sealed.data(), 1,
                         nullptr) != 1) {
    return internal_error("a seal could not be started");
  }
  VR_TRY(finish_seal(cipher.get(), as_bytes(context), plain, sealed));
  return sealed;
}

Result<Bytes> open(const Secret& key, std::string_view context, ByteView sealed) {
  VR_TRY(check_key(key));
  if (sealed.size() < kNonceBytes + kTagBytes || sealed.size() > kLongestValue) {
    return corrupt_error("a sealed value has an impossible length");
  }
  VR_TRY(check_length(as_bytes(context)));
  const CipherContext cipher = new_cipher_context();
  if (EVP_CipherInit_ex2(cipher.get(), algorithms().gcm, key.view().data(), sealed.data(), 0,
                         nullptr) != 1) {
    return internal_error("a seal could not be read");
  }
  Bytes plain;
  VR_TRY(finish_open(cipher.get(), as_bytes(context), sealed.subspan(kNonceBytes), plain));
  return plain;
}

struct StreamCipher::State {
  CipherContext context = new_cipher_context();
  Prefix prefix{};
  Bytes associated;
  std::uint64_t next_to_seal = 0;

  /// Sets the direction and the nonce; the key schedule stays.
  bool start(std::uint32_t counter, bool last, bool sealing) {
    std::array<std::uint8_t, kNonceBytes> nonce{};
    std::copy(prefix.begin(), prefix.end(), nonce.begin());
    for (std::size_t i = 0; i < 4; ++i) {
      nonce[prefix.size() + i] = static_cast<std::uint8_t>(counter >> (24U - 8U * i));
    }
    nonce.back() = last ? 1 : 0;
    return EVP_CipherInit_ex2(context.get(), nullptr, nullptr, nonce.data(), sealing ? 1 : 0,
                              nullptr) == 1;
  }
};

StreamCipher::StreamCipher(const Secret& key, const Prefix& prefix, Bytes associated_data)
    : state_(std::make_unique<State>()) {
  if (key.view().size() != kKeyBytes || associated_data.size() > kLongestValue) {
    die("a stream cipher was given a key or associated data of the wrong length");
  }
  state_->prefix = prefix;
  state_->associated = std::move(associated_data);
  if (EVP_CipherInit_ex2(state_->context.get(), algorithms().gcm, key.view().data(), nullptr, 1,
                         nullptr) != 1) {
    die("a stream cipher did not start");
  }
}

StreamCipher::~StreamCipher() = default;
StreamCipher::StreamCipher(StreamCipher&&) noexcept = default;
StreamCipher& StreamCipher::operator=(StreamCipher&&) noexcept = default;

Result<void> StreamCipher::seal_chunk(std::uint32_t counter, bool last, ByteView plain,
                                      Bytes& out) {
  VR_TRY(check_length(plain));
  // Two chunks under one nonce would give away both of them and the key of the tag.
  if (counter < state_->next_to_seal) return internal_error("a chunk's counter was used before");
  state_->next_to_seal = static_cast<std::uint64_t>(counter) + 1;
  if (!state_->start(counter, last, true)) return internal_error("a chunk could not be started");
  return finish_seal(state_->context.get(), state_->associated, plain, out);
}

Result<void> StreamCipher::open_chunk(std::uint32_t counter, bool last, ByteView sealed,
                                      Bytes& plain) {
  plain.clear();
  if (sealed.size() > kLongestValue) return corrupt_error("a chunk has an impossible length");
  if (!state_->start(counter, last, false)) return internal_error("a chunk could not be started");
  return finish_open(state_->context.get(), state_->associated, sealed, plain);
}

Result<Bytes> sign_ed25519(const Secret& seed, ByteView message) {
  const PublicOrPrivateKey key = ed25519_key(seed);
  const DigestContext context(EVP_MD_CTX_new());
  Bytes signature(kSignatureBytes);
  std::size_t length = signature.size();
  if (!key || !context ||
      EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.get(),
                            nullptr) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &length, message.data(), message.size()) !=
          1 ||
      length != kSignatureBytes) {
    return internal_error("a signature could not be made");
  }
  return signature;
}

Result<Bytes> public_key_ed25519(const Secret& seed) {
  const PublicOrPrivateKey key = ed25519_key(seed);
  Bytes public_key(kKeyBytes);
  std::size_t length = public_key.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), public_key.data(), &length) != 1 ||
      length != kKeyBytes) {
    return internal_error("a public key could not be derived");
  }
  return public_key;
}

bool verify_ed25519(ByteView public_key, ByteView message, ByteView signature) {
  if (public_key.size() != kKeyBytes || signature.size() != kSignatureBytes) return false;
  const PublicOrPrivateKey key(
      EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, public_key.data(), kKeyBytes));
  const DigestContext context(EVP_MD_CTX_new());
  return key && context &&
         EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.get(),
                                 nullptr) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

}  // namespace veilroute::crypto

// Hash, HMAC, AEAD, key wrapping, signatures, random: the only file that names OpenSSL's EVP
// (its twin for TLS is core/dicom/tls.cc).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace veilroute::crypto {

inline constexpr std::size_t kKeyBytes = 32;
inline constexpr std::size_t kTagBytes = 16;
/// A 32-byte key wrapped by AES-256-WRAP-PAD (RFC 5649).
inline constexpr std::size_t kWrappedKeyBytes = 40;

/// From the operating system's generator; ends the process when it fails. Any thread.
void random_fill(std::span<std::uint8_t> out);
Secret random_key();

Digest sha256(ByteView data);
/// Streaming SHA-256. One thread at a time.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  void update(ByteView data);
  /// The digest of everything so far; the hasher starts afresh.
  Digest finish();
  /// The same, and the hasher goes on.
  [[nodiscard]] Digest so_far() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest hmac_sha256(ByteView key, ByteView data);
/// Compares in a time that says nothing of where they differ; the length is no secret.
bool is_same_secret(ByteView a, ByteView b);
/// RFC 4648 4, padded.
std::string base64(ByteView bytes);

/// RFC 5649. `key` is 32 bytes.
Result<Bytes> wrap_key(const Secret& wrapping_key, const Secret& key);
/// `corrupt` when the wrapping key is not the right one or a byte was changed.
Result<Secret> unwrap_key(const Secret& wrapping_key, ByteView wrapped);

/// AES-256-GCM of a small value under a long-lived key: random 96-bit nonce ‖ ciphertext ‖ tag.
/// `context` is authenticated and says what the blob is and where it belongs ("study:17"), so that
/// a blob moved to another row does not open.
Result<Bytes> seal(const Secret& key, std::string_view context, ByteView plain);
/// `corrupt` when key, context or bytes do not agree.
Result<Bytes> open(const Secret& key, std::string_view context, ByteView sealed);

/// AES-256-GCM in the STREAM construction (technology.md 7.3): nonce = 7-byte prefix ‖ 4-byte
/// counter ‖ last flag. One cipher context, re-keyed by nonce only. One thread at a time.
class StreamCipher {
 public:
  using Prefix = std::array<std::uint8_t, 7>;
  StreamCipher(const Secret& key, const Prefix& prefix, Bytes associated_data);
  ~StreamCipher();
  StreamCipher(StreamCipher&&) noexcept;
  StreamCipher& operator=(StreamCipher&&) noexcept;
  /// Appends ciphertext ‖ tag of one chunk to `out`. Counters only rise: one that was sealed before
  /// is `internal`, since a repeated nonce would break the seal.
  Result<void> seal_chunk(std::uint32_t counter, bool last, ByteView plain, Bytes& out);
  /// Opens ciphertext ‖ tag into `plain` (resized); nothing is handed out unless the tag agrees.
  Result<void> open_chunk(std::uint32_t counter, bool last, ByteView sealed, Bytes& plain);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Ed25519 for the ledger's checkpoints. The private key is its 32-byte seed.
Result<Bytes> sign_ed25519(const Secret& seed, ByteView message);
Result<Bytes> public_key_ed25519(const Secret& seed);
bool verify_ed25519(ByteView public_key, ByteView message, ByteView signature);

}  // namespace veilroute::crypto

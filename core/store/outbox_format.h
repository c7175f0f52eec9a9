// The bytes of an outbox file:
//
//   head, 20 bytes: magic 8 · version 4 · transfer 8
//   the own blocks, one after the other: chunks (sealed_chunks.h), each block under its own key
//   manifest and index: chunks likewise
//   foot, 64 bytes: magic 8 · where the manifest begins 8 · its plain bytes 8 · spare 8 · HMAC 32
//
// All keys are derived from the file's one random key by what they are for, so that no nonce serves
// twice and no block can stand in for another.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/crypto.h"
#include "core/base/ids.h"
#include "core/dicom/manifest.h"

namespace veilroute::store {

inline constexpr std::size_t kOutboxHeadBytes = 20;
inline constexpr std::size_t kOutboxFootBytes = 64;
/// What a reader takes into memory for a manifest; a million objects stay far below.
inline constexpr std::uint64_t kLongestManifest = 1ULL << 30U;

Bytes outbox_head(TransferId transfer);

/// "0000000000000029.out": of the transfer alone.
std::string outbox_file_name(TransferId transfer);
bool is_outbox_file_name(const std::string& name);

/// Where a block or the manifest lies.
struct OutboxRun {
  std::uint64_t offset = 0;
  std::uint64_t plain_bytes = 0;
  bool operator==(const OutboxRun&) const = default;
};

/// The manifest with the place of each record's own block.
struct OutboxIndex {
  dicom::Manifest manifest;
  std::vector<OutboxRun> blocks;
};
Bytes encode(const OutboxIndex& index);
Result<OutboxIndex> decode_outbox_index(ByteView bytes);

/// What seals and opens the parts of one file. Any thread.
class OutboxKeys {
 public:
  OutboxKeys(Secret file_key, TransferId transfer)
      : file_key_(std::move(file_key)), transfer_(transfer) {}
  [[nodiscard]] const Secret& file_key() const { return file_key_; }
  [[nodiscard]] crypto::StreamCipher block(std::uint64_t index) const;
  [[nodiscard]] crypto::StreamCipher manifest() const;
  [[nodiscard]] Bytes seal_foot(const OutboxRun& manifest) const;
  [[nodiscard]] Result<OutboxRun> open_foot(ByteView bytes) const;

 private:
  [[nodiscard]] crypto::StreamCipher cipher_for(const std::string& purpose) const;
  [[nodiscard]] Digest foot_seal(ByteView fields) const;
  Secret file_key_;
  TransferId transfer_;
};

}  // namespace veilroute::store

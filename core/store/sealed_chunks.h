// A run of bytes sealed in chunks of 64 KiB, each readable by itself: how the spool keeps data sets
// and the outbox its own blocks. Each chunk: clear {length, last} ‖ ciphertext ‖ tag.
//
// The clear length is a hint for whoever walks the chunks without a key or an index. It is not
// trusted: a chunk opens only with the length and the place it was sealed with.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/crypto.h"
#include "core/base/files.h"

namespace veilroute::store {

inline constexpr std::uint32_t kChunkBytes = 64U << 10U;
inline constexpr std::uint32_t kChunkHeaderBytes = 4;
/// From one chunk's start to the next, while chunks are full: all but the last are.
inline constexpr std::uint64_t kChunkStride = kChunkHeaderBytes + kChunkBytes + crypto::kTagBytes;

/// Sealed bytes gather to this much before they are written: four chunks to a system call.
inline constexpr std::size_t kWriteBytes = 4 * kChunkStride;

/// The key for one purpose, from the one of an object or a file: HMAC-SHA-256(key, purpose).
Secret purpose_key(const Secret& key, std::string_view purpose);

/// Puts bytes behind others, as they are.
inline void append_bytes(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

/// What `plain_bytes` take once sealed. No bytes are one empty chunk, so that an end always shows.
std::uint64_t sealed_bytes_of(std::uint64_t plain_bytes);

/// The clear part of a chunk.
struct ChunkHeader {
  std::uint32_t plain_bytes = 0;
  bool last = false;
};
/// Empty for what a sealer cannot have written: longer than a chunk, or short and not the last.
std::optional<ChunkHeader> decode_chunk_header(ByteView four_bytes);

/// Turns a run of bytes into sealed chunks, appended to `out`. Keeps at most one chunk. One thread.
class ChunkSealer {
 public:
  explicit ChunkSealer(crypto::StreamCipher cipher) : cipher_(std::move(cipher)) {}
  /// `exhausted` when the counter has no more values (256 TiB).
  Result<void> add(ByteView bytes, Bytes& out);
  /// Seals what is left as the last chunk; nothing may be added afterwards.
  Result<void> finish(Bytes& out);
  [[nodiscard]] std::uint64_t plain_bytes() const { return plain_bytes_; }

 private:
  Result<void> seal(ByteView chunk, bool last, Bytes& out);
  crypto::StreamCipher cipher_;
  Bytes kept_;
  std::uint64_t plain_bytes_ = 0;
  std::uint64_t next_ = 0;
};

/// Where a sealed run lies, and what to call it when it does not open.
struct ChunkRun {
  std::uint64_t offset = 0;
  std::uint64_t plain_bytes = 0;
  const char* broken_slug = "";
};

/// Reads a sealed run. Each chunk is opened and checked as a whole before one of its bytes is
/// handed out; one chunk is kept, so that reading in order opens each once. One thread.
class SealedSource final : public ByteSource {
 public:
  SealedSource(std::shared_ptr<File> file, const ChunkRun& run, crypto::StreamCipher cipher)
      : file_(std::move(file)), run_(run), cipher_(std::move(cipher)) {}
  [[nodiscard]] std::uint64_t size_bytes() const override { return run_.plain_bytes; }
  Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override;

 private:
  Result<void> load(std::uint64_t chunk);
  std::shared_ptr<File> file_;
  ChunkRun run_;
  crypto::StreamCipher cipher_;
  std::optional<std::uint64_t> loaded_;
  Bytes plain_;
  Bytes sealed_;
};

/// A failed read of a sealed file, as its owner should say it: what lies beyond the end or does not
/// open is `corrupt` with `broken_slug`; what may pass (a busy disk, no descriptors) stays.
Error as_broken(Error error, const char* broken_slug);

/// A failed write, as a sender should hear it: always `exhausted`, since another try may find room;
/// `no_room_slug` when the disk is full, else `failed_slug`.
struct WriteSlugs {
  const char* no_room = "";
  const char* failed = "";
};
Error as_unwritten(Error error, const WriteSlugs& slugs);

}  // namespace veilroute::store

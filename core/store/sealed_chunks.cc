// Sealing and reading runs of 64 KiB chunks.
#include "core/store/sealed_chunks.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace veilroute::store {

namespace {

constexpr std::uint32_t kLastFlag = 1U << 31U;
constexpr std::uint64_t kMostChunks = 1ULL << 32U;

/// At least one chunk, and none that is empty but in an empty run.
std::uint64_t chunks_of(std::uint64_t plain_bytes) {
  return plain_bytes == 0 ? 1 : (plain_bytes - 1) / kChunkBytes + 1;
}

std::uint32_t plain_bytes_of(std::uint64_t chunk, std::uint64_t plain_bytes) {
  const std::uint64_t left = plain_bytes - chunk * kChunkBytes;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(left, kChunkBytes));
}

}  // namespace

Secret purpose_key(const Secret& key, std::string_view purpose) {
  const Digest derived = crypto::hmac_sha256(key.view(), as_bytes(purpose));
  return Secret(Bytes(derived.begin(), derived.end()));
}

std::uint64_t sealed_bytes_of(std::uint64_t plain_bytes) {
  return plain_bytes + chunks_of(plain_bytes) * (kChunkHeaderBytes + crypto::kTagBytes);
}

std::optional<ChunkHeader> decode_chunk_header(ByteView four_bytes) {
  Decoder in(four_bytes);
  const std::uint32_t word = in.u32();
  const ChunkHeader header{word & ~kLastFlag, (word & kLastFlag) != 0};
  const bool possible = in.at_end() && header.plain_bytes <= kChunkBytes &&
                        (header.last || header.plain_bytes == kChunkBytes);
  return possible ? std::optional(header) : std::nullopt;
}

Result<void> ChunkSealer::add(ByteView bytes, Bytes& out) {
  plain_bytes_ += bytes.size();
  while (!bytes.empty()) {
    // A full chunk waits for one more byte: only then is it known not to be the last.
    if (kept_.size() == kChunkBytes) {
      VR_TRY(seal(kept_, false, out));
      kept_.clear();
    }
    if (kept_.empty() && bytes.size() > kChunkBytes) {
      VR_TRY(seal(bytes.first(kChunkBytes), false, out));
      bytes = bytes.subspan(kChunkBytes);
      continue;
    }
    const ByteView some = bytes.first(std::min(bytes.size(), kChunkBytes - kept_.size()));
    kept_.insert(kept_.end(), some.begin(), some.end());
    bytes = bytes.subspan(some.size());
  }
  return {};
}

Result<void> ChunkSealer::finish(Bytes& out) {
  VR_TRY(seal(kept_, true, out));
  kept_.clear();
  return {};
}

Result<void> ChunkSealer::seal(ByteView chunk, bool last, Bytes& out) {
  if (next_ >= kMostChunks) {
    return make_error(ErrorKind::exhausted, "seal.too-long", "a sealed run has too many chunks");
  }
  const auto size = static_cast<std::uint32_t>(chunk.size());
  const Bytes header = std::move(Encoder().u32(last ? size | kLastFlag : size)).out();
  out.insert(out.end(), header.begin(), header.end());
  return cipher_.seal_chunk(static_cast<std::uint32_t>(next_++), last, chunk, out);
}

Result<void> SealedSource::read_at(std::uint64_t offset, std::span<std::uint8_t> out) {
  if (offset > run_.plain_bytes || out.size() > run_.plain_bytes - offset) {
    return make_error(ErrorKind::invalid, "source.beyond-end", "a read beyond the end");
  }
  while (!out.empty()) {
    VR_TRY(load(offset / kChunkBytes));
    const ByteView here = ByteView(plain_).subspan(static_cast<std::size_t>(offset % kChunkBytes));
    const std::size_t some = std::min(here.size(), out.size());
    std::copy_n(here.begin(), some, out.begin());
    out = out.subspan(some);
    offset += some;
  }
  return {};
}

Result<void> SealedSource::load(std::uint64_t chunk) {
  if (loaded_ == chunk) return {};
  loaded_.reset();
  const bool last = chunk + 1 == chunks_of(run_.plain_bytes);
  sealed_.resize(plain_bytes_of(chunk, run_.plain_bytes) + crypto::kTagBytes);
  const std::uint64_t at = run_.offset + chunk * kChunkStride + kChunkHeaderBytes;
  if (auto read = file_->read_at(at, sealed_); !read.ok()) {
    return as_broken(std::move(read).error(), run_.broken_slug);
  }
  auto opened = cipher_.open_chunk(static_cast<std::uint32_t>(chunk), last, sealed_, plain_);
  if (!opened.ok()) return as_broken(std::move(opened).error(), run_.broken_slug);
  loaded_ = chunk;
  return {};
}

Error as_broken(Error error, const char* broken_slug) {
  if (error.kind == ErrorKind::invalid || error.kind == ErrorKind::corrupt) {
    error.kind = ErrorKind::corrupt;
    error.slug = broken_slug;
  }
  return error;
}

Error as_unwritten(Error error, const WriteSlugs& slugs) {
  error.slug = error.kind == ErrorKind::exhausted ? slugs.no_room : slugs.failed;
  error.kind = ErrorKind::exhausted;
  return error;
}

}  // namespace veilroute::store

// The manifest's canonical bytes, and a record's bytes as one source.
#include "core/dicom/manifest.h"

#include <algorithm>

#include "core/base/crypto.h"

namespace veilroute::dicom {
namespace {

constexpr std::string_view kMagic = "veilroute manifest 1";
/// Kinds of pieces. The last came later: manifests without it read as before.
constexpr std::uint8_t kSource = 0, kOwn = 1, kMasked = 2;

void encode_record(const OutboxRecord& record, Encoder& encoder) {
  encoder.u64(record.object.value)
      .digest(record.source_digest)
      .text(record.sop_class.value)
      .text(record.sop_instance.value)
      .text(record.transfer_syntax.value)
      .digest(record.own_digest)
      .u32(static_cast<std::uint32_t>(record.pieces.size()));
  for (const Piece& piece : record.pieces) {
    const bool masked = !piece.mask.is_none();
    encoder.u8(piece.own ? kOwn : masked ? kMasked : kSource).u64(piece.offset).u64(piece.length);
    if (masked) encoder.u32(piece.mask.packed());
  }
}

OutboxRecord decode_record(Decoder& decoder) {
  OutboxRecord record;
  record.object.value = decoder.u64();
  record.source_digest = decoder.digest();
  record.sop_class.value = decoder.text();
  record.sop_instance.value = decoder.text();
  record.transfer_syntax.value = decoder.text();
  record.own_digest = decoder.digest();
  const std::uint32_t count = decoder.u32();
  for (std::uint32_t i = 0; i < count && decoder.ok(); ++i) {
    Piece piece;
    const std::uint8_t kind = decoder.u8();
    piece.own = kind == kOwn;
    piece.offset = decoder.u64();
    piece.length = decoder.u64();
    if (kind == kMasked) piece.mask = SampleMask::unpacked(decoder.u32());
    record.pieces.push_back(piece);
  }
  return record;
}

/// Samples are masked whole: those that begin or end outside of `out` are read for it.
Result<void> read_piece(ByteSource& from, const Piece& piece, std::uint64_t inside,
                        std::span<std::uint8_t> out) {
  if (piece.mask.is_none()) return from.read_at(piece.offset + inside, out);
  const std::uint64_t sample = piece.mask.sample_bytes;
  const std::uint64_t begin = inside - inside % sample;
  const std::uint64_t end = inside + out.size();
  Bytes samples(static_cast<std::size_t>(end - begin + (sample - end % sample) % sample));
  if (begin + samples.size() > piece.length) {
    return make_error(ErrorKind::invalid, "record.half-sample",
                      "a masked piece of a record does not hold whole samples");
  }
  VR_TRY(from.read_at(piece.offset + begin, samples));
  piece.mask.apply(samples);
  std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(inside - begin), out.size(),
              out.begin());
  return {};
}

}  // namespace

Bytes encode(const Manifest& manifest) {
  Encoder encoder;
  encoder.text(kMagic)
      .u64(manifest.transfer.value)
      .text(manifest.profile_version.value)
      .u32(static_cast<std::uint32_t>(manifest.records.size()));
  for (const OutboxRecord& record : manifest.records) encode_record(record, encoder);
  return std::move(encoder).out();
}

Result<Manifest> decode_manifest(ByteView bytes) {
  Decoder decoder(bytes);
  const std::string magic = decoder.text();
  Manifest manifest;
  manifest.transfer.value = decoder.u64();
  manifest.profile_version.value = decoder.text();
  const std::uint32_t count = decoder.u32();
  for (std::uint32_t i = 0; i < count && decoder.ok(); ++i) {
    manifest.records.push_back(decode_record(decoder));
  }
  VR_TRY(decoder.finish("manifest"));
  // What does not come out as it went in is not what we wrote: an own flag of 2, for instance.
  if (magic != kMagic || !std::ranges::equal(encode(manifest), bytes)) {
    return make_error(ErrorKind::corrupt, "manifest.unreadable", "these bytes are no manifest");
  }
  return manifest;
}

Digest digest_of(const Manifest& manifest) { return crypto::sha256(encode(manifest)); }

std::uint64_t OutboxRecord::length_bytes() const {
  std::uint64_t sum = 0;
  for (const Piece& piece : pieces) sum += piece.length;
  return sum;
}

RecordSource::RecordSource(const OutboxRecord& record, ByteSource& own, ByteSource& object)
    : record_(record), own_(own), object_(object) {
  std::uint64_t at = 0;
  starts_.reserve(record.pieces.size() + 1);
  for (const Piece& piece : record.pieces) {
    starts_.push_back(at);
    at += piece.length;
  }
  starts_.push_back(at);
}

std::uint64_t RecordSource::size_bytes() const { return starts_.back(); }

Result<void> RecordSource::read_at(std::uint64_t offset, std::span<std::uint8_t> out) {
  if (offset > size_bytes() || out.size() > size_bytes() - offset) {
    return make_error(ErrorKind::invalid, "record.beyond-end", "read beyond the record's end");
  }
  auto at = std::upper_bound(starts_.begin(), starts_.end(), offset) - starts_.begin() - 1;
  while (!out.empty()) {
    const auto index = static_cast<std::size_t>(at);
    const Piece& piece = record_.pieces[index];
    const std::uint64_t inside = offset - starts_[index];
    const auto some =
        static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), piece.length - inside));
    if (some > 0) {
      ByteSource& from = piece.own ? own_ : object_;
      VR_TRY(read_piece(from, piece, inside, out.first(some)));
    }
    out = out.subspan(some);
    offset += some;
    ++at;
  }
  return {};
}

}  // namespace veilroute::dicom

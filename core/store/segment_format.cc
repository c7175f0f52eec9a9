// Encoding and sealing the parts of a segment record.
#include "core/store/segment_format.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/store/record_codec.h"
#include "core/store/sealed_chunks.h"

namespace veilroute::store {

namespace {

/// Not text, so that no text file is taken for a segment; the high bit and the line end show what a
/// transfer in text mode does.
constexpr std::array<std::uint8_t, 8> kFrameMagic = {0x89, 'V', 'R', 'O', 'B', 'J', 0x0D, 0x0A};
constexpr std::array<std::uint8_t, 8> kMarkMagic = {0x89, 'V', 'R', 'E', 'N', 'D', 0x0D, 0x0A};
constexpr std::size_t kPrefixBytes = std::tuple_size_v<crypto::StreamCipher::Prefix>;
constexpr std::size_t kSealOverhead = 12 + crypto::kTagBytes;  // nonce and tag of crypto::seal
constexpr std::string_view kFileEnding = ".seg";
constexpr std::size_t kStemDigits = 16;

/// What a seal is bound to: a part moved to another record, object or segment does not open.
Bytes place_of(const Frame& frame, ObjectId id) {
  Encoder out;
  out.u32(frame.version).u64(frame.segment.value).u64(frame.number).u64(id.value).u32(kChunkBytes);
  return std::move(out).out();
}

std::string context_of(std::string_view part, ByteView place) {
  return std::string(part) + std::string(as_text(place));
}

/// All of the mark but its HMAC.
Bytes mark_fields(const Mark& mark) {
  Bytes out(kMarkMagic.begin(), kMarkMagic.end());
  Encoder fields;
  fields.u64(mark.segment.value).u64(mark.number).u64(mark.plain_bytes);
  fields.u32(mark.head_bytes).u32(mark.trailer_bytes).u64(mark.record_bytes);
  append_bytes(out, fields.out());
  return out;
}

Digest mark_seal(const Secret& key, const Frame& frame, ByteView fields) {
  Bytes covered = encode(frame);
  append_bytes(covered, fields);
  return crypto::hmac_sha256(key.view(), covered);
}

}  // namespace

Bytes encode(const Frame& frame) {
  Bytes out(kFrameMagic.begin(), kFrameMagic.end());
  append_bytes(out, Encoder().u32(frame.version).u64(frame.segment.value).u64(frame.number).out());
  append_bytes(out, frame.wrapped_key);
  append_bytes(out, frame.prefix);
  append_bytes(out, Encoder().u8(frame.flags).u32(frame.head_bytes).out());
  return out;
}

std::optional<Frame> decode_frame(ByteView bytes) {
  if (bytes.size() < kFrameBytes) return std::nullopt;
  if (!std::equal(kFrameMagic.begin(), kFrameMagic.end(), bytes.begin())) return std::nullopt;
  Frame frame;
  Decoder numbers(bytes.subspan(kFrameMagic.size(), 20));
  frame.version = numbers.u32();
  frame.segment.value = numbers.u64();
  frame.number = numbers.u64();
  const ByteView rest = bytes.subspan(kFrameMagic.size() + 20);
  const ByteView key = rest.first(crypto::kWrappedKeyBytes);
  frame.wrapped_key.assign(key.begin(), key.end());
  std::copy_n(rest.begin() + crypto::kWrappedKeyBytes, kPrefixBytes, frame.prefix.begin());
  Decoder end(rest.subspan(crypto::kWrappedKeyBytes + kPrefixBytes, 5));
  frame.flags = end.u8();
  frame.head_bytes = end.u32();
  return frame;
}

ByteView frame_magic() { return kFrameMagic; }

bool resembles_mark(ByteView bytes, SegmentId segment) {
  if (bytes.size() != kMarkBytes) return false;
  const bool magic = std::equal(kMarkMagic.begin(), kMarkMagic.end(), bytes.begin());
  Decoder fields(bytes.subspan(kMarkMagic.size(), 8));
  return magic || fields.u64() == segment.value;
}

RecordKeys::RecordKeys(const Secret& object_key)
    : head_(purpose_key(object_key, "veilroute spool head")),
      chunks_(purpose_key(object_key, "veilroute spool chunks")),
      trailer_(purpose_key(object_key, "veilroute spool trailer")),
      mark_(purpose_key(object_key, "veilroute spool mark")) {}

Result<Bytes> RecordKeys::seal_head(const Frame& frame, const ObjectHead& head) const {
  return crypto::seal(head_, context_of("head", encode(frame)), encode(head));
}

Result<ObjectHead> RecordKeys::open_head(const Frame& frame, ByteView sealed) const {
  VR_TRY(const Bytes plain, crypto::open(head_, context_of("head", encode(frame)), sealed));
  return decode_head(plain);
}

crypto::StreamCipher RecordKeys::chunks(const Frame& frame, ObjectId id) const {
  return crypto::StreamCipher(chunks_, frame.prefix, place_of(frame, id));
}

Result<Bytes> RecordKeys::seal_trailer(const Frame& frame, ObjectId id,
                                       const ObjectFacts& facts) const {
  return crypto::seal(trailer_, context_of("trailer", place_of(frame, id)), encode(facts));
}

Result<ObjectFacts> RecordKeys::open_trailer(const Frame& frame, ObjectId id,
                                             ByteView sealed) const {
  VR_TRY(const Bytes plain,
         crypto::open(trailer_, context_of("trailer", place_of(frame, id)), sealed));
  return decode_facts(plain);
}

Bytes RecordKeys::seal_mark(const Frame& frame, const Mark& mark) const {
  Bytes out = mark_fields(mark);
  append_bytes(out, mark_seal(mark_, frame, out));
  return out;
}

Result<Mark> RecordKeys::open_mark(const Frame& frame, ByteView bytes) const {
  const Error broken =
      make_error(ErrorKind::corrupt, "spool.mark-broken", "a record's commit mark does not agree");
  if (bytes.size() != kMarkBytes) return broken;
  const ByteView fields = bytes.first(kMarkBytes - sizeof(Digest));
  const Digest seal = mark_seal(mark_, frame, fields);
  if (!std::equal(seal.begin(), seal.end(), bytes.begin() + kMarkBytes - sizeof(Digest))) {
    return broken;
  }
  Decoder in(fields.subspan(kMarkMagic.size()));
  Mark mark;
  mark.segment.value = in.u64();
  mark.number = in.u64();
  mark.plain_bytes = in.u64();
  mark.head_bytes = in.u32();
  mark.trailer_bytes = in.u32();
  mark.record_bytes = in.u64();
  const bool fits = mark.segment == frame.segment && mark.number == frame.number &&
                    mark.head_bytes == frame.head_bytes &&
                    mark.record_bytes == kFrameBytes + mark.head_bytes +
                                             sealed_bytes_of(mark.plain_bytes) +
                                             kTrailerLengthBytes + mark.trailer_bytes + kMarkBytes;
  if (!fits) return broken;
  return mark;
}

std::uint32_t sealed_head_bytes(const ObjectHead& head) {
  return static_cast<std::uint32_t>(encode(head).size() + kSealOverhead);
}

std::string file_stem(std::uint64_t id) {
  std::array<std::uint8_t, 8> big_endian{};
  for (std::size_t i = 0; i < big_endian.size(); ++i) {
    big_endian[i] = static_cast<std::uint8_t>(id >> (56U - 8U * i));
  }
  return to_hex(big_endian);
}

std::string segment_file_name(SegmentId id) {
  return file_stem(id.value) + std::string(kFileEnding);
}

std::optional<SegmentId> segment_of_file_name(const std::string& name) {
  if (name.size() != kStemDigits + kFileEnding.size() || !name.ends_with(kFileEnding)) {
    return std::nullopt;
  }
  const auto bytes = from_hex(std::string_view(name).substr(0, kStemDigits));
  if (!bytes.ok()) return std::nullopt;
  SegmentId id;
  for (const std::uint8_t byte : *bytes) id.value = id.value << 8U | byte;
  // Only as we write it: one id has one name.
  if (segment_file_name(id) != name) return std::nullopt;
  return id;
}

}  // namespace veilroute::store

// The scan: record by record, and behind a broken one to the next frame that is ours beyond doubt.
#include "core/store/segment_scan.h"

#include <algorithm>
#include <utility>

namespace veilroute::store {

namespace {

/// The file is searched for a frame in windows of this size.
constexpr std::size_t kWindowBytes = 1U << 20U;

bool is_read_failure(const Error& error) {
  return error.kind != ErrorKind::corrupt && error.kind != ErrorKind::invalid;
}

}  // namespace

/// A way along the chunks of one record.
struct SegmentScan::Walk {
  std::uint64_t at = 0;  ///< of the next chunk; at the end: behind the last
  std::uint64_t plain_bytes = 0;
  crypto::StreamCipher* cipher = nullptr;  ///< null: lengths only
  crypto::Hasher hasher{};
  bool agrees = true;  ///< every chunk so far opened
};

SegmentScan::SegmentScan(ByteSource& bytes, SegmentId id, const Keys& keys,
                         const std::vector<std::uint64_t>& recorded)
    : bytes_(bytes), id_(id), keys_(keys), recorded_(recorded), size_(bytes.size_bytes()) {}

Result<std::optional<Stretch>> SegmentScan::next() {
  if (offset_ >= size_) return std::optional<Stretch>();
  later_version_ = false;
  VR_TRY(std::optional<Stretch> found, record_at(offset_));
  if (!found) {
    VR_TRY(found, broken_from(offset_));
    found->later_version = later_version_;
  }
  offset_ = found->end;
  return found;
}

Result<std::optional<Stretch>> SegmentScan::record_at(std::uint64_t offset) {
  VR_TRY(const std::optional<OpenFrame> opened, frame_at(offset));
  if (!opened) return std::optional<Stretch>();
  const bool known = std::binary_search(recorded_.begin(), recorded_.end(), offset);
  VR_TRY(std::optional<Stretch> found,
         known ? known_record(offset, *opened) : new_record(offset, *opened));
  // Only now is the number beyond doubt: a spoilt one must not hide the records that follow.
  if (found) next_number_ = opened->frame.number + 1;
  return found;
}

Result<std::optional<SegmentScan::OpenFrame>> SegmentScan::frame_at(std::uint64_t offset) {
  if (!holds(offset, kFrameBytes)) return std::optional<OpenFrame>();
  VR_TRY(const Bytes bytes, read(offset, kFrameBytes));
  std::optional<Frame> frame = decode_frame(bytes);
  if (!frame || frame->segment != id_ || frame->number < next_number_) {
    return std::optional<OpenFrame>();
  }
  if (frame->version != kSegmentVersion) {
    later_version_ = true;
    return std::optional<OpenFrame>();
  }
  Result<Secret> key = crypto::unwrap_key(keys_.segment, frame->wrapped_key);
  if (!key.ok() || frame->head_bytes > kLongestHead) return std::optional<OpenFrame>();
  return std::optional(OpenFrame{*std::move(frame), std::move(key).value()});
}

/// Has its row: its data were opened by whoever acknowledged it, and are checked again by whoever
/// reads it. Here only: does the record stand where the row says?
Result<std::optional<Stretch>> SegmentScan::known_record(std::uint64_t offset,
                                                         const OpenFrame& opened) {
  const std::optional<Stretch> none;
  Walk walk;
  walk.at = offset + kFrameBytes + opened.frame.head_bytes;
  VR_TRY(const bool delimited, walk_chunks(walk));
  if (!delimited || !holds(walk.at, kTrailerLengthBytes)) return none;
  VR_TRY(const Bytes length, read(walk.at, kTrailerLengthBytes));
  const std::uint64_t mark_at = walk.at + kTrailerLengthBytes + Decoder(length).u32();
  if (!holds(mark_at, kMarkBytes)) return none;
  VR_TRY(const Bytes bytes, read(mark_at, kMarkBytes));
  const Result<Mark> mark = RecordKeys(opened.key).open_mark(opened.frame, bytes);
  const std::uint64_t end = mark_at + kMarkBytes;
  if (!mark.ok() || mark->record_bytes != end - offset) return none;
  return std::optional(Stretch{Stretch::Kind::known, offset, end, {}, false});
}

Result<std::optional<Stretch>> SegmentScan::new_record(std::uint64_t offset,
                                                       const OpenFrame& opened) {
  const std::optional<Stretch> none;
  const auto& [frame, key] = opened;
  const RecordKeys keys(key);
  const std::uint64_t head_at = offset + kFrameBytes;
  if (!holds(head_at, frame.head_bytes)) return none;
  VR_TRY(const Bytes sealed_head, read(head_at, frame.head_bytes));
  Result<ObjectHead> head = keys.open_head(frame, sealed_head);
  if (!head.ok()) return none;

  crypto::StreamCipher cipher = keys.chunks(frame, head->id);
  Walk walk;
  walk.at = head_at + frame.head_bytes;
  walk.cipher = &cipher;
  VR_TRY(const bool delimited, walk_chunks(walk));
  if (!delimited || !holds(walk.at, kTrailerLengthBytes)) return none;
  VR_TRY(const Bytes length, read(walk.at, kTrailerLengthBytes));
  const std::uint32_t trailer_bytes = Decoder(length).u32();
  const std::uint64_t trailer_at = walk.at + kTrailerLengthBytes;
  if (trailer_bytes > kLongestTrailer || !holds(trailer_at, trailer_bytes + kMarkBytes))
    return none;
  VR_TRY(const Bytes sealed_trailer, read(trailer_at, trailer_bytes));
  Result<ObjectFacts> facts = keys.open_trailer(frame, head->id, sealed_trailer);
  if (!facts.ok()) return none;
  VR_TRY(const Bytes end_bytes, read(trailer_at + trailer_bytes, kMarkBytes));
  const Result<Mark> mark = keys.open_mark(frame, end_bytes);
  // Without its mark the record was being written when the power went; with a spoilt one it was
  // not.
  if (!mark.ok() && !resembles_mark(end_bytes, id_)) return none;

  Stretch found;
  found.begin = offset;
  found.end = trailer_at + trailer_bytes + kMarkBytes;
  const bool agrees = walk.agrees && mark.ok() && mark->plain_bytes == walk.plain_bytes &&
                      mark->record_bytes == found.end - offset &&
                      facts->length_bytes == walk.plain_bytes &&
                      facts->digest == walk.hasher.finish();
  found.kind = agrees ? Stretch::Kind::whole : Stretch::Kind::damaged;
  ObjectLocation location{id_, offset, found.end - offset, {}};
  VR_TRY(location.wrapped_key, crypto::wrap_key(keys_.spool, key));
  found.object = NewObject{std::move(head).value(), std::move(facts).value(), std::move(location)};
  return std::optional(std::move(found));
}

/// False when the chunks cannot be told apart.
Result<bool> SegmentScan::walk_chunks(Walk& walk) {
  for (std::uint64_t counter = 0; counter <= UINT32_MAX; ++counter) {
    if (!holds(walk.at, kChunkHeaderBytes)) return false;
    VR_TRY(const Bytes four_bytes, read(walk.at, kChunkHeaderBytes));
    const std::optional<ChunkHeader> header = decode_chunk_header(four_bytes);
    walk.at += kChunkHeaderBytes;
    if (!header || !holds(walk.at, header->plain_bytes + crypto::kTagBytes)) return false;
    if (walk.cipher != nullptr) {
      VR_TRY(const bool opened, open_chunk(walk, static_cast<std::uint32_t>(counter), *header));
      walk.agrees = walk.agrees && opened;
    }
    walk.at += header->plain_bytes + crypto::kTagBytes;
    walk.plain_bytes += header->plain_bytes;
    if (header->last) return true;
  }
  return false;
}

Result<bool> SegmentScan::open_chunk(Walk& walk, std::uint32_t counter, const ChunkHeader& header) {
  sealed_.resize(header.plain_bytes + crypto::kTagBytes);
  VR_TRY(bytes_.read_at(walk.at, sealed_));
  const auto opened = walk.cipher->open_chunk(counter, header.last, sealed_, plain_);
  if (!opened.ok() && is_read_failure(opened.error())) return opened.error();
  walk.hasher.update(plain_);
  return opened.ok();
}

Result<Stretch> SegmentScan::broken_from(std::uint64_t offset) {
  VR_TRY(const std::optional<std::uint64_t> next, next_frame_after(offset));
  // A writer cuts an unfinished record off before the next one begins: what stands before another
  // frame was finished.
  if (next) return Stretch{Stretch::Kind::lost, offset, *next, {}, false};
  const auto row = std::lower_bound(recorded_.begin(), recorded_.end(), offset);
  bool finished = row != recorded_.end() && *row < size_;
  if (!finished && holds(offset, kMarkBytes)) {
    VR_TRY(const Bytes end, read(size_ - kMarkBytes, kMarkBytes));
    finished = resembles_mark(end, id_);
  }
  const bool torn = !finished && !later_version_;
  return Stretch{torn ? Stretch::Kind::torn : Stretch::Kind::lost, offset, size_, {}, false};
}

Result<std::optional<std::uint64_t>> SegmentScan::next_frame_after(std::uint64_t offset) {
  const ByteView magic = frame_magic();
  std::uint64_t from = offset + 1;
  while (holds(from, kFrameBytes)) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kWindowBytes, size_ - from));
    VR_TRY(const Bytes window, read(from, size));
    auto at = window.begin();
    while ((at = std::search(at, window.end(), magic.begin(), magic.end())) != window.end()) {
      const std::uint64_t candidate = from + static_cast<std::uint64_t>(at - window.begin());
      VR_TRY(const std::optional<OpenFrame> frame, frame_at(candidate));
      if (frame) return std::optional(candidate);
      ++at;
    }
    // A magic may lie across two windows.
    from += size - std::min(size - 1, magic.size() - 1);
  }
  return std::optional<std::uint64_t>();
}

Result<Bytes> SegmentScan::read(std::uint64_t offset, std::size_t size) {
  Bytes bytes(size);
  VR_TRY(bytes_.read_at(offset, bytes));
  return bytes;
}

}  // namespace veilroute::store

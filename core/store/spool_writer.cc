// SpoolWriter: one object from its head to its commit mark, in pieces; one sync at the end.
#include <utility>

#include "core/base/log.h"
#include "core/store/sealed_chunks.h"
#include "core/store/spool_state.h"

namespace veilroute::store {

namespace {

Error already_ended() {
  return make_error(ErrorKind::internal, "spool.writer-ended",
                    "a record that has ended takes no more");
}

}  // namespace

SpoolWriter::SpoolWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
SpoolWriter::SpoolWriter(SpoolWriter&&) noexcept = default;
SpoolWriter::~SpoolWriter() { abandon(); }

Result<void> SpoolWriter::append(ByteView bytes) {
  if (!state_ || !state_->segment) return already_ended();
  State& state = *state_;
  if (state.failed) return *state.failed;
  state.hasher.update(bytes);
  while (!bytes.empty()) {
    // In steps, so that one huge piece is not held a second time in sealed form.
    const ByteView some = bytes.first(std::min(bytes.size(), kWriteBytes));
    bytes = bytes.subspan(some.size());
    auto added = state.chunks.add(some, state.pending);
    if (added.ok() && state.pending.size() >= kWriteBytes) added = state.flush();
    if (!added.ok()) {
      state.failed = added.error();
      return added;
    }
  }
  return {};
}

Result<NewObject> SpoolWriter::commit(ObjectFacts facts) {
  if (!state_ || !state_->segment) return already_ended();
  State& state = *state_;
  if (state.failed) return *state.failed;
  Result<NewObject> committed = state.commit(std::move(facts));
  if (!committed.ok()) state.failed = committed.error();
  state.release();
  return committed;
}

void SpoolWriter::abandon() {
  if (state_) state_->release();
}

SpoolWriter::State::State(Spool::State& its_spool, ObjectHead its_head,
                          std::unique_ptr<Segment> its_segment, Frame its_frame, Secret its_key)
    : spool(its_spool),
      head(std::move(its_head)),
      segment(std::move(its_segment)),
      frame(std::move(its_frame)),
      key(std::move(its_key)),
      keys(key),
      chunks(keys.chunks(frame, head.id)) {}

Result<void> SpoolWriter::State::begin() {
  // At once, since growing to it would copy every large object twice.
  pending.reserve(kWriteBytes + 2 * kChunkStride);
  append_bytes(pending, encode(frame));
  VR_TRY(const Bytes sealed, keys.seal_head(frame, head));
  append_bytes(pending, sealed);
  return {};
}

Result<void> SpoolWriter::State::flush() {
  VR_TRY(spool.room.take(pending.size()));
  // Counted before it is known to be there: a write cut short leaves bytes to cut off.
  written_bytes += pending.size();
  if (auto written = segment->file->append(pending); !written.ok()) {
    return as_unwritten(std::move(written).error(), kSpoolWriteSlugs);
  }
  pending.clear();
  return {};
}

Result<NewObject> SpoolWriter::State::commit(ObjectFacts facts) {
  facts.digest = hasher.so_far();
  facts.length_bytes = chunks.plain_bytes();
  VR_TRY(seal_end(facts));
  NewObject object{head, std::move(facts), {}};
  object.location.segment = segment->id;
  object.location.offset = segment->size_bytes;
  VR_TRY(object.location.wrapped_key, crypto::wrap_key(spool.catalog.keyring().spool, key));
  VR_TRY(flush());
  if (auto synced = segment->file->sync(); !synced.ok()) {
    // A second sync might answer well although the bytes are gone: never ask again (decisions 3).
    segment->poisoned = true;
    log::error("spool.sync-failed", {{"segment", segment->id}, {"object", head.id}});
    Error error = std::move(synced).error();
    return make_error(ErrorKind::exhausted, "spool.sync-failed", std::move(error.detail));
  }
  object.location.record_bytes = written_bytes;
  if (segment->offsets.empty()) segment->first_at = spool.clock.now();
  segment->offsets.push_back(segment->size_bytes);
  segment->size_bytes += written_bytes;
  written_bytes = 0;
  return object;
}

Result<void> SpoolWriter::State::seal_end(const ObjectFacts& facts) {
  VR_TRY(chunks.finish(pending));
  VR_TRY(const Bytes trailer, keys.seal_trailer(frame, head.id, facts));
  if (trailer.size() > kLongestTrailer) {
    return make_error(ErrorKind::exhausted, "spool.trailer-too-long",
                      "the facts of an object do not fit its trailer");
  }
  Mark mark{frame.segment, frame.number, facts.length_bytes, frame.head_bytes, 0, 0};
  mark.trailer_bytes = static_cast<std::uint32_t>(trailer.size());
  mark.record_bytes =
      written_bytes + pending.size() + kTrailerLengthBytes + trailer.size() + kMarkBytes;
  append_bytes(pending, Encoder().u32(mark.trailer_bytes).out());
  append_bytes(pending, trailer);
  append_bytes(pending, keys.seal_mark(frame, mark));
  return {};
}

void SpoolWriter::State::release() {
  if (!segment) return;
  if (written_bytes > 0 && !segment->poisoned) {
    if (auto cut = segment->file->truncate(segment->size_bytes); !cut.ok()) {
      segment->poisoned = true;
      log::error("spool.truncate-failed", {{"segment", segment->id}, {"object", head.id}});
    } else {
      spool.room.give_back(written_bytes);
    }
  }
  written_bytes = 0;
  spool.pool.give_back(std::move(segment));
}

}  // namespace veilroute::store

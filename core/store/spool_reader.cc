// Spool::open_object: the plaintext of one record, opened by its row's key alone, so that it works
// the same once the segment key is gone.
#include <utility>

#include "core/store/spool_state.h"

namespace veilroute::store {

namespace {

constexpr const char* kBrokenRecord = "spool.record-broken";

Error broken(const ObjectLocation& location, const char* what) {
  return make_error(ErrorKind::corrupt, kBrokenRecord,
                    std::string(what) + ": segment " + std::to_string(location.segment.value) +
                        ", offset " + std::to_string(location.offset));
}

Result<Bytes> read(File& file, std::uint64_t offset, std::size_t size) {
  Bytes bytes(size);
  if (auto got = file.read_at(offset, bytes); !got.ok()) {
    return as_broken(std::move(got).error(), kBrokenRecord);
  }
  return bytes;
}

Result<Frame> read_frame(File& file, const ObjectLocation& location) {
  VR_TRY(const Bytes bytes, read(file, location.offset, kFrameBytes));
  auto frame = decode_frame(bytes);
  if (!frame || frame->version != kSegmentVersion || frame->segment != location.segment ||
      frame->head_bytes > kLongestHead) {
    return broken(location, "no record begins at this place");
  }
  return *std::move(frame);
}

}  // namespace

Result<std::unique_ptr<ByteSource>> Spool::open_object(const ObjectLocation& location,
                                                       ObjectId id) {
  if (location.wrapped_key.empty()) {
    return make_error(ErrorKind::corrupt, "object.shredded",
                      "object " + std::to_string(id.value) + " was shredded; nothing can open it");
  }
  const std::filesystem::path path = state_->folder / segment_file_name(location.segment);
  Result<std::unique_ptr<File>> opened = state_->files.open_read(path);
  if (!opened.ok()) return as_broken(std::move(opened).error(), "spool.segment-missing");
  const std::shared_ptr<File> file = std::move(opened).value();
  const Result<Secret> key =
      crypto::unwrap_key(state_->catalog.keyring().spool, location.wrapped_key);
  if (!key.ok()) return as_broken(key.error(), kBrokenRecord);

  VR_TRY(const Frame frame, read_frame(*file, location));
  const RecordKeys keys(*key);
  VR_TRY(const Bytes sealed, read(*file, location.offset + kFrameBytes, frame.head_bytes));
  const Result<ObjectHead> head = keys.open_head(frame, sealed);
  if (!head.ok()) return broken(location, "a record's head does not open");
  if (head->id != id) return broken(location, "a record holds another object");
  if (location.record_bytes < kShortestRecord) return broken(location, "a record has no length");
  VR_TRY(const Bytes end,
         read(*file, location.offset + location.record_bytes - kMarkBytes, kMarkBytes));
  const Result<Mark> mark = keys.open_mark(frame, end);
  if (!mark.ok() || mark->record_bytes != location.record_bytes) {
    return broken(location, "a record has no commit mark at its end");
  }
  const ChunkRun run{location.offset + kFrameBytes + frame.head_bytes, mark->plain_bytes,
                     kBrokenRecord};
  return std::unique_ptr<ByteSource>(
      std::make_unique<SealedSource>(file, run, keys.chunks(frame, id)));
}

}  // namespace veilroute::store

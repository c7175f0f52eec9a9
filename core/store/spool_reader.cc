// Spool::open_object: the plaintext of one record, opened by its row's key alone, so that it works
// the same once the segment key is gone.
#include <utility>

#include "core/base/log.h"
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

Result<SealedSource> open_record(const std::shared_ptr<File>& file, const Secret& spool_key,
                                 const ObjectLocation& location, ObjectId id) {
  const Result<Secret> key = crypto::unwrap_key(spool_key, location.wrapped_key);
  if (!key.ok()) return as_broken(key.error(), kBrokenRecord);
  VR_TRY(const Frame frame, read_frame(*file, location));
  const RecordKeys keys(*key);
  VR_TRY(const Bytes sealed, read(*file, location.offset + kFrameBytes, frame.head_bytes));
  const Result<ObjectHead> head = keys.open_head(frame, sealed);
  if (!head.ok()) return broken(location, "a record's head does not open");
  if (head->id != id) {
    // The record is whole; it is the row that is wrong, and the place names another one's bytes.
    return make_error(ErrorKind::corrupt, "spool.record-misplaced",
                      "object " + std::to_string(id.value) + " is not where its row says");
  }
  if (location.record_bytes < kShortestRecord) return broken(location, "a record has no length");
  VR_TRY(const Bytes end,
         read(*file, location.offset + location.record_bytes - kMarkBytes, kMarkBytes));
  const Result<Mark> mark = keys.open_mark(frame, end);
  if (!mark.ok() || mark->record_bytes != location.record_bytes) {
    return broken(location, "a record has no commit mark at its end");
  }
  const ChunkRun run{location.offset + kFrameBytes + frame.head_bytes, mark->plain_bytes,
                     kBrokenRecord};
  return SealedSource(file, run, keys.chunks(frame, id));
}

/// Whoever finds a record rotten says so: as long as it is taken for live, the same bytes sent again
/// are set aside as ones we have. A disk that does not answer, and a file that is not there, say
/// nothing about the record.
void note_damage(Catalog& catalog, const ObjectLocation& location, const Error& error) {
  if (error.slug != kBrokenRecord) return;
  log::error("spool.record-damaged",
             {{"segment", location.segment}, {"offset", location.offset}});
  const Result<void> marked = catalog.mark_corrupt(location.segment, location.offset);
  if (marked.ok()) return;
  log::error("spool.damage-not-marked", {{"segment", location.segment},
                                         {"offset", location.offset},
                                         log::Field::text("slug", marked.error().slug)});
}

/// One record's data set, watched for rot.
class RecordSource final : public ByteSource {
 public:
  RecordSource(SealedSource source, Catalog& catalog, ObjectLocation location)
      : source_(std::move(source)), catalog_(catalog), location_(std::move(location)) {}
  [[nodiscard]] std::uint64_t size_bytes() const override { return source_.size_bytes(); }
  Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    Result<void> got = source_.read_at(offset, out);
    if (!got.ok()) note_damage(catalog_, location_, got.error());
    return got;
  }

 private:
  SealedSource source_;
  Catalog& catalog_;
  const ObjectLocation location_;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> Spool::open_object(const ObjectLocation& location,
                                                       ObjectId id) {
  if (location.wrapped_key.empty()) {
    return make_error(ErrorKind::corrupt, "object.shredded",
                      "object " + std::to_string(id.value) + " was shredded; nothing can open it");
  }
  Catalog& catalog = state_->catalog;
  const std::filesystem::path path = state_->folder / segment_file_name(location.segment);
  Result<std::unique_ptr<File>> opened = state_->files.open_read(path);
  if (!opened.ok()) return as_broken(std::move(opened).error(), "spool.segment-missing");
  Result<SealedSource> source =
      open_record(std::move(opened).value(), catalog.keyring().spool, location, id);
  if (!source.ok()) {
    note_damage(catalog, location, source.error());
    return std::move(source).error();
  }
  return std::unique_ptr<ByteSource>(
      std::make_unique<RecordSource>(std::move(source).value(), catalog, location));
}

}  // namespace veilroute::store

// Room given back: files of segments of which nothing is kept, and large shredded records in others.
#include "core/base/log.h"
#include "core/store/spool_state.h"

namespace veilroute::store {

namespace {

/// Smaller records wait for their segment: a hole is worth a call to the disk only when it is large.
constexpr std::uint64_t kWorthAHole = 1U << 20U;

Result<void> remove_segment_file(Files& files, const std::filesystem::path& path) {
  Result<void> removed = files.remove(path);
  if (!removed.ok() && removed.error().slug == "file.missing") return {};
  return removed;
}

}  // namespace

void Spool::release(const std::vector<ObjectLocation>& shredded) {
  for (const ObjectLocation& place : shredded) {
    if (place.record_bytes < kWorthAHole) continue;
    auto file = state_->files.open_append(state_->folder / segment_file_name(place.segment));
    Result<void> freed = file.ok() ? (*file)->punch(place.offset, place.record_bytes)
                                   : Result<void>(std::move(file).error());
    if (!freed.ok()) {
      log::debug("spool.not-released", {{"segment", place.segment},
                                        {"offset", place.offset},
                                        log::Field::text("slug", freed.error().slug)});
    }
  }
}

Result<std::size_t> Spool::remove_shredded(std::size_t at_most) {
  VR_TRY(const std::vector<SegmentId> segments, state_->catalog.segments_to_remove(at_most));
  if (segments.empty()) return std::size_t{0};
  for (const SegmentId id : segments) {
    VR_TRY(remove_segment_file(state_->files, state_->folder / segment_file_name(id)));
  }
  // The names first: a file that came back after a power cut must still be known as one to remove.
  VR_TRY(state_->files.sync_folder(state_->folder));
  VR_TRY(state_->catalog.mark_removed(segments));
  return segments.size();
}

}  // namespace veilroute::store

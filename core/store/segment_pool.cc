// Making, lending and retiring segments. No lock is held while the disk or the catalog works.
#include "core/store/segment_pool.h"

#include <algorithm>
#include <utility>

#include "core/base/crypto.h"
#include "core/base/log.h"
#include "core/store/segment_format.h"

namespace veilroute::store {

namespace {

Error no_room(const char* why) {
  return make_error(ErrorKind::exhausted, kSpoolWriteSlugs.no_room, why);
}

}  // namespace

Result<std::unique_ptr<Segment>> SegmentPool::borrow() {
  {
    const Lock lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Segment> segment = std::move(idle_.begin()->second);
      idle_.erase(idle_.begin());
      return segment;
    }
  }
  return make();
}

void SegmentPool::give_back(std::unique_ptr<Segment> segment) {
  const bool finished = is_finished(*segment);
  const Lock lock(mutex_);
  if (finished) {
    finished_.push_back(std::move(segment));
  } else {
    const SegmentId id = segment->id;
    idle_.emplace(id, std::move(segment));
  }
}

bool SegmentPool::is_finished(const Segment& segment) const {
  if (segment.poisoned || segment.size_bytes >= limits_.roll_bytes) return true;
  if (segment.offsets.empty()) return false;
  // One from a time to come: the clock was set back, and nobody knows how old it is.
  const TimePoint now = clock_.now();
  return now < segment.first_at || now - segment.first_at >= limits_.roll_after;
}

Result<void> SegmentPool::keep_spare() {
  {
    const Lock lock(mutex_);
    const bool waits = std::any_of(idle_.begin(), idle_.end(),
                                   [](const auto& entry) { return entry.second->offsets.empty(); });
    if (waits || open_ >= limits_.most_segments) return {};
  }
  VR_TRY(std::unique_ptr<Segment> spare, make());
  give_back(std::move(spare));
  return {};
}

std::vector<std::unique_ptr<Segment>> SegmentPool::take_finished() {
  const Lock lock(mutex_);
  std::vector<std::unique_ptr<Segment>> taken = std::exchange(finished_, {});
  for (auto entry = idle_.begin(); entry != idle_.end();) {
    const bool finished = is_finished(*entry->second);
    if (finished) taken.push_back(std::move(entry->second));
    entry = finished ? idle_.erase(entry) : std::next(entry);
  }
  return taken;
}

void SegmentPool::put_off(std::unique_ptr<Segment> segment) {
  const Lock lock(mutex_);
  finished_.push_back(std::move(segment));
}

void SegmentPool::forget(const Segment& segment) {
  // What stays is removed at the next start.
  if (const auto removed = key_files_.remove(segment.id); !removed.ok()) {
    log::warn("spool.key-not-removed",
              {{"segment", segment.id}, log::Field::text("slug", removed.error().slug)});
  }
  const Lock lock(mutex_);
  --open_;
}

Result<std::unique_ptr<Segment>> SegmentPool::make() {
  std::optional<Identity> identity;
  {
    const Lock lock(mutex_);
    if (open_ >= limits_.most_segments) return no_room("too many segments of the spool are open");
    ++open_;
    identity = std::exchange(unborn_, std::nullopt);
  }
  auto made = [&]() -> Result<std::unique_ptr<Segment>> {
    // The key row first: a file without one would keep the next start from opening the spool.
    if (!identity) {
      VR_TRY(identity, new_identity());
    }
    // Before the segment: a record that a lost catalog leaves must find its key here.
    VR_TRY(key_files_.keep(identity->id, identity->wrapped));
    auto segment = std::make_unique<Segment>();
    const std::filesystem::path path = folder_ / segment_file_name(identity->id);
    VR_TRY(segment->file, files_.create(path));
    // Once the file exists its identity is used up: if the name may not survive, no try with the
    // same name could tell what is on disk.
    segment->id = identity->id;
    segment->key = std::move(identity->key);
    identity.reset();
    VR_TRY(files_.sync_folder(folder_));
    return segment;
  }();
  if (made.ok()) return made;
  const Lock lock(mutex_);
  --open_;
  if (identity) unborn_ = std::move(identity);
  return as_unwritten(std::move(made).error(), kSpoolWriteSlugs);
}

Result<SegmentPool::Identity> SegmentPool::new_identity() {
  VR_TRY(const std::uint64_t id, catalog_.reserve_ids(1));
  Secret key = crypto::random_key();
  VR_TRY(Bytes wrapped, crypto::wrap_key(catalog_.keyring().spool, key));
  VR_TRY(catalog_.add_segment(SegmentId{id}, wrapped));
  return Identity{SegmentId{id}, std::move(key), std::move(wrapped)};
}

}  // namespace veilroute::store

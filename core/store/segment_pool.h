// The segments that this run may write to: made, borrowed for one object at a time, given back, and
// handed over for closing when full, old or damaged.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/clock.h"
#include "core/base/files.h"
#include "core/base/thread.h"
#include "core/store/catalog.h"
#include "core/store/disk_room.h"
#include "core/store/sealed_chunks.h"
#include "core/store/segment_keys.h"
#include "core/store/spool.h"

namespace veilroute::store {

inline constexpr WriteSlugs kSpoolWriteSlugs{"spool.no-room", "spool.write-failed"};
inline constexpr RoomSlugs kSpoolRoomSlugs{"spool.no-room", "spool.over-quota",
                                           "spool.folder-missing"};

/// One open segment file. Belongs to whoever has it: the pool, or one writer.
struct Segment {
  SegmentId id;
  Secret key;
  std::unique_ptr<File> file;
  std::uint64_t size_bytes = 0;        ///< up to the last commit mark
  std::uint64_t next_number = 0;       ///< of the next record; also counts those cut off again
  TimePoint first_at;                  ///< of its first record
  std::vector<std::uint64_t> offsets;  ///< of the committed records: each must have its row
  /// After a failed sync nobody knows what is on disk, and after a failed truncate a cut-off record
  /// still stands there: not one byte more goes in (decisions 3).
  bool poisoned = false;
};

/// Any thread.
class SegmentPool {
 public:
  SegmentPool(Files& files, Catalog& catalog, Clock& clock, std::filesystem::path folder,
              const SpoolLimits& limits)
      : files_(files),
        catalog_(catalog),
        clock_(clock),
        folder_(std::move(folder)),
        limits_(limits),
        key_files_(files, folder_) {}

  /// An idle segment, the oldest first, so that the others stay empty as spares; a new one when
  /// there is none. `exhausted` when too many are open, or a new one cannot be made.
  Result<std::unique_ptr<Segment>> borrow();
  void give_back(std::unique_ptr<Segment> segment);
  /// Makes a spare unless an empty segment waits.
  Result<void> keep_spare();
  /// Takes out those that get no more records: full, old or poisoned. The caller closes each, or
  /// puts it back with put_off().
  std::vector<std::unique_ptr<Segment>> take_finished();
  void put_off(std::unique_ptr<Segment> segment);
  /// The segment is closed: it is no longer ours, and its key file goes.
  void forget(const Segment& segment);

 private:
  struct Identity {
    SegmentId id;
    Secret key;
    Bytes wrapped;
  };
  Result<std::unique_ptr<Segment>> make();
  Result<Identity> new_identity();
  [[nodiscard]] bool is_finished(const Segment& segment) const;

  Files& files_;
  Catalog& catalog_;
  Clock& clock_;
  const std::filesystem::path folder_;
  const SpoolLimits limits_;
  SegmentKeys key_files_;
  Mutex mutex_;
  std::map<SegmentId, std::unique_ptr<Segment>> idle_ VR_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Segment>> finished_ VR_GUARDED_BY(mutex_);
  /// Has its key row but could not get a file: used for the next try, so that a full disk does not
  /// fill the catalog with rows.
  std::optional<Identity> unborn_ VR_GUARDED_BY(mutex_);
  std::size_t open_ VR_GUARDED_BY(mutex_) = 0;  ///< idle, borrowed and finished
};

}  // namespace veilroute::store

// Room for a folder of ours: what the disk has free above a reserve, and a quota of its own.
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/files.h"
#include "core/base/thread.h"

namespace veilroute::store {

struct RoomLimits {
  std::uint64_t reserve_bytes = 0;  ///< must stay free on the disk
  std::uint64_t quota_bytes = 0;    ///< the folder's files may hold so much; 0: no quota
};

/// What the refusals are called: the first two `exhausted`, the third, for a folder that somebody took
/// away, `unavailable`.
struct RoomSlugs {
  const char* no_room;
  const char* over_quota;
  const char* folder_missing;
};

/// Asked in advance. The system is asked once per object and per 16 MiB, not per chunk; what was
/// granted since counts as used. The folder is counted once and then kept account of. Any thread.
class DiskRoom {
 public:
  DiskRoom(Files& files, std::filesystem::path folder, const RoomLimits& limits,
           const RoomSlugs& slugs)
      : files_(files), folder_(std::move(folder)), limits_(limits), slugs_(slugs) {}
  /// Fails when the reserve is touched already, or the quota used up.
  Result<void> check();
  /// The same when `bytes` more would do so.
  Result<void> take(std::uint64_t bytes);
  /// Taken, and not written or removed again.
  void give_back(std::uint64_t bytes);
  /// Counts the folder's files anew: what others removed is room again. Without a quota nothing.
  Result<void> count();

 private:
  Result<void> measure(std::uint64_t wanted) VR_REQUIRES(mutex_);
  Result<void> check_quota(std::uint64_t wanted) VR_REQUIRES(mutex_);
  [[nodiscard]] Error as_asked(Error error) const;
  Files& files_;
  const std::filesystem::path folder_;
  const RoomLimits limits_;
  const RoomSlugs slugs_;
  Mutex mutex_;
  std::uint64_t granted_ VR_GUARDED_BY(mutex_) = 0;  ///< may be written before the next question
  std::uint64_t used_ VR_GUARDED_BY(mutex_) = 0;     ///< by the folder; only kept with a quota
  bool counted_ VR_GUARDED_BY(mutex_) = false;
};

}  // namespace veilroute::store

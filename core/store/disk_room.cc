// Room on the disk: asked for before it is used.
#include "core/store/disk_room.h"

#include <algorithm>

namespace veilroute::store {

namespace {

/// How much may be written between two questions to the system.
constexpr std::uint64_t kGrantBytes = 16U << 20U;

Result<std::uint64_t> bytes_in(Files& files, const std::filesystem::path& folder) {
  VR_TRY(const std::vector<std::string> names, files.list(folder));
  std::uint64_t sum = 0;
  for (const std::string& name : names) {
    const auto file = files.open_read(folder / name);
    if (!file.ok()) continue;  // gone since it was listed
    VR_TRY(const std::uint64_t size, (*file)->size_bytes());
    sum += size;
  }
  return sum;
}

}  // namespace

Result<void> DiskRoom::check() {
  if (limits_.quota_bytes > 0) {
    bool counted = false;
    {
      const Lock lock(mutex_);
      counted = counted_;
    }
    if (!counted) VR_TRY(count());
  }
  const Lock lock(mutex_);
  VR_TRY(check_quota(1));
  return measure(0);
}

Result<void> DiskRoom::take(std::uint64_t bytes) {
  const Lock lock(mutex_);
  VR_TRY(check_quota(bytes));
  if (bytes > granted_) VR_TRY(measure(bytes));
  granted_ -= bytes;
  used_ += bytes;
  return {};
}

void DiskRoom::give_back(std::uint64_t bytes) {
  const Lock lock(mutex_);
  used_ -= std::min(used_, bytes);
}

Result<void> DiskRoom::count() {
  if (limits_.quota_bytes == 0) return {};
  Result<std::uint64_t> used = bytes_in(files_, folder_);
  if (!used.ok()) return as_asked(std::move(used).error());
  const Lock lock(mutex_);
  used_ = *used;
  counted_ = true;
  return {};
}

Result<void> DiskRoom::check_quota(std::uint64_t wanted) {
  const std::uint64_t quota = limits_.quota_bytes;
  if (quota == 0 || (used_ <= quota && wanted <= quota - used_)) return {};
  return make_error(ErrorKind::exhausted, slugs_.over_quota,
                    "the folder has used up the quota that the configuration gives it");
}

Result<void> DiskRoom::measure(std::uint64_t wanted) {
  granted_ = 0;
  // Without a reserve the system itself says when there is no room.
  Result<std::uint64_t> asked = files_.free_bytes(folder_);
  if (!asked.ok()) return as_asked(std::move(asked).error());
  const std::uint64_t free = *asked;
  const std::uint64_t reserve = limits_.reserve_bytes;
  if (free < reserve || free - reserve < wanted) {
    return make_error(ErrorKind::exhausted, slugs_.no_room,
                      "the disk has less free than the reserve that must stay");
  }
  granted_ = std::min(free - reserve, std::max(kGrantBytes, wanted));
  return {};
}

/// That the folder is gone says nothing about the object for which room was asked.
Error DiskRoom::as_asked(Error error) const {
  if (error.slug != "file.missing") return error;
  return make_error(ErrorKind::unavailable, slugs_.folder_missing,
                    folder_.string() + " is not there any more");
}

}  // namespace veilroute::store

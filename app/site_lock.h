// SiteLock: one process owns a site (docs/adr/0008).
#pragma once

#include <filesystem>

#include "core/base/result.h"

namespace veilroute::app {

/// Holds `state/lock` by flock until destroyed. The kernel lets go of it when the process dies, so
/// nothing stale can stay behind.
class SiteLock {
 public:
  /// `refused` ("site.in-use") when another process owns the site; `invalid` ("site.not-a-site")
  /// when the state folder does not exist.
  static Result<SiteLock> take(const std::filesystem::path& data_dir);
  SiteLock(SiteLock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  SiteLock& operator=(SiteLock&&) = delete;
  SiteLock(const SiteLock&) = delete;
  SiteLock& operator=(const SiteLock&) = delete;
  ~SiteLock();

 private:
  explicit SiteLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace veilroute::app

#include "app/site_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace veilroute::app {

Result<SiteLock> SiteLock::take(const std::filesystem::path& data_dir) {
  const auto file = data_dir / "lock";
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) {
    const int why = errno;
    if (why == ENOENT) {
      return make_error(ErrorKind::invalid, "site.not-a-site",
                        "there is no state folder at " + data_dir.string() +
                            "; make a site with `veilroute init DIR`, or name one with --site");
    }
    return make_error(ErrorKind::unavailable, "site.lock-unreadable",
                      "cannot open " + file.string() + ": " + std::strerror(why));
  }
  SiteLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) {
    return make_error(ErrorKind::unavailable, "site.lock-unreadable",
                      "cannot lock " + file.string() + ": " + std::strerror(errno));
  }
  return make_error(ErrorKind::refused, "site.in-use",
                    "another process owns this site (it holds " + file.string() + ")");
}

SiteLock::~SiteLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace veilroute::app

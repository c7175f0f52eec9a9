#include "app/file_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace veilroute::app {
namespace {

Result<FileSource::Stamp> stamp_of(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    return make_error(ErrorKind::unavailable, "file.unreadable", std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return make_error(ErrorKind::invalid, "file.not-regular",
                      "this is not an ordinary file, so it is not read");
  }
  return FileSource::Stamp{static_cast<std::uint64_t>(status.st_size), status.st_mtim.tv_sec,
                           status.st_mtim.tv_nsec};
}

}  // namespace

Result<std::unique_ptr<FileSource>> FileSource::open(const std::filesystem::path& path) {
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!descriptor.valid()) {
    return make_error(ErrorKind::unavailable, "file.unreadable", std::strerror(errno));
  }
  return adopt(std::move(descriptor));
}

Result<std::unique_ptr<FileSource>> FileSource::adopt(Descriptor descriptor) {
  VR_TRY(const Stamp stamp, stamp_of(descriptor.get()));
  return std::unique_ptr<FileSource>(new FileSource(std::move(descriptor), stamp));
}

Result<void> FileSource::read_at(std::uint64_t offset, std::span<std::uint8_t> out) {
  if (offset > stamp_.size || out.size() > stamp_.size - offset) {
    return make_error(ErrorKind::invalid, "file.read-beyond-end",
                      "the file ends before what was to be read");
  }
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = ::pread(descriptor_.get(), out.data() + done, out.size() - done,
                                  static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return make_error(ErrorKind::unavailable, "file.unreadable", std::strerror(errno));
    }
    if (count == 0) {
      return make_error(ErrorKind::unavailable, "file.changed-meanwhile",
                        "the file became shorter while it was read");
    }
    done += static_cast<std::size_t>(count);
  }
  return {};
}

Result<void> FileSource::check_unchanged() const {
  VR_TRY(const Stamp now, stamp_of(descriptor_.get()));
  if (now == stamp_) return {};
  return make_error(ErrorKind::unavailable, "file.changed-meanwhile",
                    "the file was written to while it was read");
}

}  // namespace veilroute::app

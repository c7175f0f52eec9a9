// The master key's file: read with suspicion, made once.
#include "core/base/keyring.h"

#include <fcntl.h>
#include <string.h>  // explicit_bzero is glibc's, not the C++ library's
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "core/base/crypto.h"
#include "core/base/descriptor.h"
#include "core/base/files.h"

namespace veilroute {

namespace {

constexpr std::string_view kFilePrefix = "file:";
constexpr std::size_t kHexLength = crypto::kKeyBytes * 2;

Error key_error(std::string slug, const std::filesystem::path& file, const std::string& what) {
  return make_error(ErrorKind::refused, std::move(slug),
                    "key file " + file.string() + " " + what);
}

/// Owner and mode: a key that others can read is not a key any more.
Result<void> check_protection(const Descriptor& file, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return key_error("key.unreadable", path, "has no status");
  if (!S_ISREG(status.st_mode)) return key_error("key.not-a-file", path, "is not a regular file");
  if ((status.st_mode & 077U) != 0) {
    return key_error("key.open-to-others", path,
                     "may be read by others; mend it with: chmod 0400 " + path.string());
  }
  if (status.st_uid != ::geteuid() && ::geteuid() != 0) {
    return key_error("key.foreign", path, "belongs to another user");
  }
  return {};
}

Result<Secret> read_hex_key(const Descriptor& file, const std::filesystem::path& path) {
  // One more than a key and its newline, so that a longer file shows.
  Secret text(kHexLength + 2);
  std::size_t length = 0;
  while (length < text.span().size()) {
    const ssize_t got =
        ::read(file.get(), text.span().data() + length, text.span().size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return key_error("key.unreadable", path, "cannot be read");
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length == kHexLength + 1 && text.view()[kHexLength] == '\n') --length;
  auto key = from_hex(as_text(text.view().first(length)));
  if (length != kHexLength || !key.ok()) {
    return key_error("key.malformed", path, "must hold 64 hexadecimal digits and nothing else");
  }
  return Secret(std::move(key).value());
}

Result<void> protect(const std::filesystem::path& file) {
  if (::chmod(file.c_str(), 0400) == 0) return {};
  return key_error("key.unprotected", file, "cannot be made readable by its owner alone");
}

}  // namespace

Result<Secret> read_master_key(const std::filesystem::path& site, const std::string& place) {
  if (!place.starts_with(kFilePrefix) || place.size() == kFilePrefix.size()) {
    return make_error(ErrorKind::refused, "key.unknown-place",
                      "the master key's place must be written as file:PATH");
  }
  const std::filesystem::path path = site / place.substr(kFilePrefix.size());
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    if (errno == ENOENT) return key_error("key.missing", path, "does not exist");
    return key_error("key.unreadable", path, "cannot be opened");
  }
  VR_TRY(check_protection(file, path));
  return read_hex_key(file, path);
}

Result<void> create_master_key(const std::filesystem::path& file) {
  const auto files = real_files();
  auto created = files->create(file);
  if (!created.ok() && created.error().slug == "file.exists") {
    return key_error("key.exists", file, "exists; it is never overwritten");
  }
  VR_TRY(const auto target, std::move(created));
  const Secret key = crypto::random_key();
  std::string text = to_hex(key.view()) + "\n";
  auto written = target->append(as_bytes(text));
  ::explicit_bzero(text.data(), text.size());
  if (written.ok()) written = protect(file);
  if (written.ok()) written = target->sync();
  if (written.ok()) written = files->sync_folder(file.parent_path());
  // Half a key must not stay behind: the next attempt would refuse to overwrite it.
  if (!written.ok()) static_cast<void>(files->remove(file));
  return written;
}

}  // namespace veilroute

// The real file system: whole writes or an error, close-on-exec, mode 0600.
#include "core/base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "core/base/crypto.h"
#include "core/base/descriptor.h"

namespace veilroute {

namespace {

namespace fs = std::filesystem;

constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;

struct Meaning {
  int number;
  ErrorKind kind;
  const char* slug;
};

constexpr Meaning kMeanings[] = {
    {ENOSPC, ErrorKind::exhausted, "file.disk-full"},
    {EDQUOT, ErrorKind::exhausted, "file.quota-full"},
    {EFBIG, ErrorKind::exhausted, "file.too-big"},
    {EMFILE, ErrorKind::exhausted, "file.too-many-open"},
    {ENFILE, ErrorKind::exhausted, "file.too-many-open"},
    {ENOMEM, ErrorKind::exhausted, "file.no-memory"},
    {ENOENT, ErrorKind::invalid, "file.missing"},
    {ENOTDIR, ErrorKind::invalid, "file.missing"},
    {ENAMETOOLONG, ErrorKind::invalid, "file.name-too-long"},
    {EISDIR, ErrorKind::invalid, "file.is-folder"},
    {EEXIST, ErrorKind::refused, "file.exists"},
    {EACCES, ErrorKind::refused, "file.denied"},
    {EPERM, ErrorKind::refused, "file.denied"},
    {EROFS, ErrorKind::refused, "file.read-only"},
};

/// What the system said about a path of ours, as an Error. Anything unlisted (EIO first of all) may
/// pass: `unavailable`.
Error system_error(const char* doing, const fs::path& path, int number) {
  const auto* meaning = std::find_if(std::begin(kMeanings), std::end(kMeanings),
                                     [&](const Meaning& one) { return one.number == number; });
  const bool listed = meaning != std::end(kMeanings);
  return make_error(
      listed ? meaning->kind : ErrorKind::unavailable, listed ? meaning->slug : "file.failed",
      std::string("cannot ") + doing + " " + path.string() + ": " + std::strerror(number));
}

template <typename Call>
auto repeat_if_interrupted(Call call) {
  decltype(call()) outcome{};
  do {
    outcome = call();
  } while (outcome < 0 && errno == EINTR);
  return outcome;
}

Result<Descriptor> open_path(const char* doing, const fs::path& path, int flags, mode_t mode) {
  Descriptor file(
      repeat_if_interrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); }));
  if (file.get() < 0) return system_error(doing, path, errno);
  return file;
}

Result<void> write_all(int number, ByteView bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written =
        repeat_if_interrupted([&] { return ::write(number, bytes.data(), bytes.size()); });
    if (written < 0) return system_error("write", path, errno);
    // A regular file that takes nothing and gives no reason has no room.
    if (written == 0) return system_error("write", path, ENOSPC);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

class RealFile final : public File {
 public:
  RealFile(Descriptor file, fs::path path) : file_(std::move(file)), path_(std::move(path)) {}

  Result<void> append(ByteView bytes) override { return write_all(file_.get(), bytes, path_); }

  Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    constexpr auto kFurthest = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
    while (!out.empty()) {
      if (offset > kFurthest) return beyond_end();
      const ssize_t got = repeat_if_interrupted(
          [&] { return ::pread(file_.get(), out.data(), out.size(), static_cast<off_t>(offset)); });
      if (got < 0) return system_error("read", path_, errno);
      if (got == 0) return beyond_end();
      offset += static_cast<std::uint64_t>(got);
      out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
  }

  Result<void> truncate(std::uint64_t size_bytes) override {
    const int outcome = repeat_if_interrupted(
        [&] { return ::ftruncate(file_.get(), static_cast<off_t>(size_bytes)); });
    if (outcome != 0) return system_error("truncate", path_, errno);
    return {};
  }

  Result<void> punch(std::uint64_t offset, std::uint64_t bytes) override {
    const int outcome = repeat_if_interrupted([&] {
      return ::fallocate(file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                         static_cast<off_t>(offset), static_cast<off_t>(bytes));
    });
    if (outcome != 0) return system_error("free a part of", path_, errno);
    return {};
  }

  Result<void> sync() override {
    // Not repeated by itself on any error: after a failed sync the kernel may have dropped the
    // bytes.
    if (::fdatasync(file_.get()) != 0) return system_error("sync", path_, errno);
    return {};
  }

  Result<std::uint64_t> size_bytes() override {
    struct stat status {};
    if (::fstat(file_.get(), &status) != 0) return system_error("measure", path_, errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  [[nodiscard]] Error beyond_end() const {
    return make_error(ErrorKind::invalid, "file.beyond-end",
                      "a read beyond the end of " + path_.string());
  }

  Descriptor file_;
  fs::path path_;
};

Result<std::unique_ptr<File>> open_file(const char* doing, const fs::path& path, int flags) {
  VR_TRY(Descriptor file, open_path(doing, path, flags, kFileMode));
  return std::unique_ptr<File>(std::make_unique<RealFile>(std::move(file), path));
}

class RealFiles final : public Files {
 public:
  Result<std::unique_ptr<File>> create(const fs::path& path) override {
    return open_file("create", path, O_RDWR | O_CREAT | O_EXCL | O_APPEND);
  }
  Result<std::unique_ptr<File>> open_append(const fs::path& path) override {
    return open_file("open", path, O_RDWR | O_APPEND);
  }
  Result<std::unique_ptr<File>> open_read(const fs::path& path) override {
    return open_file("open", path, O_RDONLY);
  }

  Result<void> rename(const fs::path& from, const fs::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return system_error("rename", from, errno);
    return {};
  }

  Result<void> remove(const fs::path& path) override {
    if (::unlink(path.c_str()) != 0) return system_error("remove", path, errno);
    return {};
  }

  Result<void> sync_folder(const fs::path& folder) override {
    const fs::path named = folder.empty() ? fs::path(".") : folder;
    VR_TRY(const Descriptor opened, open_path("open", named, O_RDONLY | O_DIRECTORY, 0));
    if (::fsync(opened.get()) != 0) return system_error("sync", named, errno);
    return {};
  }

  Result<std::vector<std::string>> list(const fs::path& folder) override;
  Result<void> make_folder(const fs::path& folder) override;

  Result<std::uint64_t> free_bytes(const fs::path& folder) override {
    struct statvfs status {};
    if (repeat_if_interrupted([&] { return ::statvfs(folder.c_str(), &status); }) != 0) {
      return system_error("measure the room in", folder, errno);
    }
    // f_bavail: what is left for us, without the reserve of the superuser.
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
  }
};

Result<std::vector<std::string>> RealFiles::list(const fs::path& folder) {
  std::error_code code;
  std::vector<std::string> names;
  fs::directory_iterator entry(folder, code);
  for (const fs::directory_iterator end; !code && entry != end; entry.increment(code)) {
    if (!entry->is_directory(code) && !code) names.push_back(entry->path().filename().string());
  }
  if (code) return system_error("list", folder, code.value());
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> RealFiles::make_folder(const fs::path& folder) {
  fs::path grown;
  for (const fs::path& part : folder) {
    grown /= part;
    if (grown.empty() || part.empty()) continue;
    if (::mkdir(grown.c_str(), kFolderMode) == 0) {
      // What is synced inside it must not go with its name in a power cut.
      const fs::path parent = grown.parent_path();
      VR_TRY(sync_folder(parent.empty() ? fs::path(".") : parent));
      continue;
    }
    const int number = errno;
    struct stat status {};
    const bool is_folder = ::stat(grown.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    // A parent that exists answers EEXIST, or EROFS or EACCES where we may only pass through.
    if (!is_folder) return system_error("make folder", grown, number);
  }
  return {};
}

/// Writes, protects and syncs the temporary file; the caller renames it.
Result<void> write_temporary(const fs::path& path, ByteView content, unsigned mode) {
  VR_TRY(const Descriptor file, open_path("create", path, O_WRONLY | O_CREAT | O_EXCL, kFileMode));
  VR_TRY(write_all(file.get(), content, path));
  if (::fchmod(file.get(), static_cast<mode_t>(mode)) != 0) {
    return system_error("protect", path, errno);
  }
  if (::fsync(file.get()) != 0) return system_error("sync", path, errno);
  return {};
}

}  // namespace

std::unique_ptr<Files> real_files() { return std::make_unique<RealFiles>(); }

Result<std::string> read_text_file(const fs::path& path, std::uint64_t longest_bytes) {
  VR_TRY(const Descriptor file, open_path("open", path, O_RDONLY | O_NONBLOCK, 0));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_error("measure", path, errno);
  if (!S_ISREG(status.st_mode)) {
    return make_error(ErrorKind::invalid, "file.not-a-file",
                      path.string() + " is not a regular file");
  }
  constexpr std::size_t kPart = 64U << 10U;
  std::string text;
  while (true) {
    const std::size_t start = text.size();
    text.resize(start + kPart);
    const ssize_t got =
        repeat_if_interrupted([&] { return ::read(file.get(), text.data() + start, kPart); });
    if (got < 0) return system_error("read", path, errno);
    text.resize(start + static_cast<std::size_t>(got));
    // Counted while reading, not taken from the status: the file may grow under our eyes.
    if (text.size() > longest_bytes) {
      return make_error(
          ErrorKind::invalid, "file.too-long",
          path.string() + " is longer than " + std::to_string(longest_bytes) + " bytes");
    }
    if (got == 0) return text;
  }
}

Result<void> write_file_durably(const fs::path& path, ByteView content, unsigned mode) {
  std::array<std::uint8_t, 8> random{};
  crypto::random_fill(random);
  const fs::path temporary =
      path.parent_path() / ("." + path.filename().string() + "." + to_hex(random) + ".new");
  RealFiles files;
  auto written = write_temporary(temporary, content, mode);
  if (written.ok()) written = files.rename(temporary, path);
  if (!written.ok()) {
    ::unlink(temporary.c_str());
    return written;
  }
  return files.sync_folder(path.parent_path());
}

}  // namespace veilroute

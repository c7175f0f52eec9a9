#include "app/operations/copy_folder.h"

#include <fcntl.h>
#include <stdio.h>  // renameat2 is Linux's, not the C++ library's

#include <algorithm>
#include <array>
#include <cerrno>

#include "app/file_source.h"
#include "core/base/crypto.h"

namespace veilroute::app {
namespace {

namespace fs = std::filesystem;

bool lies_in(const fs::path& inner, const fs::path& outer) {
  const auto mismatch = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return mismatch.first == outer.end();
}

fs::path whole_path(const fs::path& path) {
  std::error_code unreadable;
  return fs::weakly_canonical(fs::absolute(path), unreadable);
}

Error exists() {
  return make_error(ErrorKind::refused, "output.exists",
                    "a file of this name is in the output folder already; it was not replaced");
}

/// Rename without replacing, in one step where the file system can do that.
Result<void> rename_new(Files& files, const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno == EEXIST) return exists();
  if (errno != EINVAL && errno != ENOSYS) return files.rename(from, to);  // fails, and says why
  std::error_code unreadable;
  if (fs::exists(fs::symlink_status(to, unreadable))) return exists();
  return files.rename(from, to);
}

}  // namespace

NewCopy::~NewCopy() {
  // What could not be removed carries no name that tells anything, and was verified.
  if (!temporary_.empty()) (void)files_.remove(temporary_).ok();
}

Result<std::optional<Error>> NewCopy::append_all(ByteSource& source) {
  Bytes piece;
  for (std::uint64_t at = 0; at < source.size_bytes(); at += piece.size()) {
    piece.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, source.size_bytes() - at)));
    if (auto read = source.read_at(at, piece); !read.ok()) {
      return std::optional<Error>(std::move(read).error());
    }
    VR_TRY(file_->append(piece));
  }
  return std::optional<Error>();
}

Result<void> NewCopy::name(const fs::path& path) {
  VR_TRY(file_->sync());
  file_.reset();
  VR_TRY(files_.make_folder(path.parent_path()));
  VR_TRY(rename_new(files_, temporary_, path));
  temporary_.clear();
  return {};
}

Result<void> check_records_outside(const fs::path& folder, const std::vector<fs::path>& records) {
  for (const fs::path& each : records) {
    if (each.empty() || !lies_in(whole_path(each), whole_path(folder))) continue;
    return make_error(ErrorKind::invalid, "output.record-inside",
                      "a report, a map or a secret says who is who, and must not lie among the "
                      "copies, which are handed on: name a place outside of --out");
  }
  return {};
}

Result<CopyFolder> CopyFolder::open(const fs::path& folder, const std::vector<fs::path>& sources) {
  std::error_code unreadable;
  const fs::path out = whole_path(folder);
  for (const fs::path& each : sources) {
    const fs::path source = whole_path(each);
    if (!fs::is_directory(source, unreadable)) continue;
    if (!lies_in(out, source) && !lies_in(source, out)) continue;
    return make_error(ErrorKind::invalid, "output.inside-source",
                      "the output folder and a folder of sources lie within one another; copies "
                      "would be taken for sources the next time: name another --out");
  }
  CopyFolder opened(folder);
  VR_TRY(opened.files_->make_folder(folder));
  return opened;
}

Result<std::unique_ptr<NewCopy>> CopyFolder::begin() {
  // Random, so that neither two runs into one folder meet, nor what a killed run left behind.
  std::array<std::uint8_t, 8> random{};
  crypto::random_fill(random);
  const fs::path temporary = folder_ / (".veilroute-" + to_hex(random) + ".part");
  VR_TRY(auto file, files_->create(temporary));
  return std::make_unique<NewCopy>(*files_, temporary, std::move(file));
}

}  // namespace veilroute::app

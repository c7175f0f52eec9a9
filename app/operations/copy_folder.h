// CopyFolder: where `deidentify` writes. Nothing appears under its name before it is whole, and
// nothing that is there is ever replaced.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/files.h"

namespace veilroute::app {

/// One copy under a temporary name, mode 0600; gone again unless it is given its name. One thread.
class NewCopy {
 public:
  NewCopy(Files& files, std::filesystem::path temporary, std::unique_ptr<File> file)
      : files_(files), temporary_(std::move(temporary)), file_(std::move(file)) {}
  ~NewCopy();
  NewCopy(const NewCopy&) = delete;
  NewCopy& operator=(const NewCopy&) = delete;

  Result<void> append(ByteView bytes) { return file_->append(bytes); }
  /// The whole of `source`, in pieces. An error: it could not be written; an error inside: the
  /// source could not be read.
  Result<std::optional<Error>> append_all(ByteSource& source);
  /// Syncs, and gives it its name. `refused` ("output.exists") when something has that name.
  Result<void> name(const std::filesystem::path& path);

 private:
  Files& files_;
  std::filesystem::path temporary_;
  std::unique_ptr<File> file_;
};

/// `invalid` ("output.record-inside") when one of these files would lie in the folder of copies,
/// which is handed on: they say who is who. Empty paths are not wanted.
Result<void> check_records_outside(const std::filesystem::path& folder,
                                   const std::vector<std::filesystem::path>& records);

/// One thread.
class CopyFolder {
 public:
  /// Makes the folder, mode 0700, unless it is there. `invalid` ("output.inside-source") when it
  /// lies in one of the named folders, or one of them in it: copies would be taken for sources.
  static Result<CopyFolder> open(const std::filesystem::path& folder,
                                 const std::vector<std::filesystem::path>& sources);
  Result<std::unique_ptr<NewCopy>> begin();
  [[nodiscard]] std::filesystem::path place_of(const std::filesystem::path& relative) const {
    return folder_ / relative;
  }

 private:
  explicit CopyFolder(std::filesystem::path folder)
      : folder_(std::move(folder)), files_(real_files()) {}
  std::filesystem::path folder_;
  std::unique_ptr<Files> files_;
};

}  // namespace veilroute::app

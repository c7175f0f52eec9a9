// The seam to the file system: everything that must survive a power cut goes through Files, so that
// tests can drop unsynced bytes and names, cut writes short, fill the disk or fail a sync.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace veilroute {

/// An open file. One writer at a time; read_at may run beside it from any thread.
class File {
 public:
  virtual ~File() = default;
  /// Writes all bytes at the end. `exhausted` when the disk is full; what was written stays.
  virtual Result<void> append(ByteView bytes) = 0;
  virtual Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) = 0;
  virtual Result<void> truncate(std::uint64_t size_bytes) = 0;
  /// Gives the room of these bytes back to the disk where the file system can; they read as zeros,
  /// and the file keeps its length. An error means that nothing was given back.
  virtual Result<void> punch(std::uint64_t offset, std::uint64_t bytes) = 0;
  /// fdatasync. After a failure the file takes no more writes (decisions 3): the caller's duty.
  virtual Result<void> sync() = 0;
  virtual Result<std::uint64_t> size_bytes() = 0;
};

/// Any thread.
class Files {
 public:
  virtual ~Files() = default;
  /// Creates (must not exist), mode 0600, and syncs nothing; follow with sync_folder.
  virtual Result<std::unique_ptr<File>> create(const std::filesystem::path& path) = 0;
  virtual Result<std::unique_ptr<File>> open_append(const std::filesystem::path& path) = 0;
  virtual Result<std::unique_ptr<File>> open_read(const std::filesystem::path& path) = 0;
  virtual Result<void> rename(const std::filesystem::path& from,
                              const std::filesystem::path& to) = 0;
  virtual Result<void> remove(const std::filesystem::path& path) = 0;
  /// Makes names in the folder durable.
  virtual Result<void> sync_folder(const std::filesystem::path& folder) = 0;
  /// File names (not paths) in a folder, sorted.
  virtual Result<std::vector<std::string>> list(const std::filesystem::path& folder) = 0;
  /// Creates the folder and its parents, mode 0700.
  virtual Result<void> make_folder(const std::filesystem::path& folder) = 0;
  /// Bytes that may still be written on the file system of `folder`.
  virtual Result<std::uint64_t> free_bytes(const std::filesystem::path& folder) = 0;
};

/// The real file system.
std::unique_ptr<Files> real_files();

/// Whole small files (configuration, keys, reports). `longest_bytes` guards against surprises.
Result<std::string> read_text_file(const std::filesystem::path& path,
                                   std::uint64_t longest_bytes = 16U << 20U);
/// Temporary, sync, rename, sync folder. Mode 0600 unless `mode` says otherwise.
Result<void> write_file_durably(const std::filesystem::path& path, ByteView content,
                                unsigned mode = 0600);

}  // namespace veilroute

// FileSource: a DICOM file outside the site as a source of bytes. Read, never changed.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/bytes.h"
#include "core/base/descriptor.h"

namespace veilroute::app {

/// How much of a file is in memory at once while the whole of it is read.
inline constexpr std::size_t kPieceBytes = 256U << 10U;

/// A regular file opened for reading. One thread at a time.
class FileSource final : public ByteSource {
 public:
  /// Opens a path; `invalid` for what is not a regular file. Never waits (a FIFO would).
  static Result<std::unique_ptr<FileSource>> open(const std::filesystem::path& path);
  /// Takes over a descriptor received from another process, with the same checks.
  static Result<std::unique_ptr<FileSource>> adopt(Descriptor descriptor);

  [[nodiscard]] std::uint64_t size_bytes() const override { return stamp_.size; }
  Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override;
  [[nodiscard]] int descriptor() const { return descriptor_.get(); }

  /// What would differ if somebody wrote to the file meanwhile.
  struct Stamp {
    std::uint64_t size = 0;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    bool operator==(const Stamp&) const = default;
  };
  [[nodiscard]] const Stamp& stamp() const { return stamp_; }
  /// `unavailable` ("file.changed-meanwhile") unless the file is still as it was when opened.
  [[nodiscard]] Result<void> check_unchanged() const;

 private:
  FileSource(Descriptor descriptor, const Stamp& stamp)
      : descriptor_(std::move(descriptor)), stamp_(stamp) {}
  Descriptor descriptor_;
  Stamp stamp_;
};

/// A part of another source, from `offset` to its end: the data set of a DICOM file.
class TailSource final : public ByteSource {
 public:
  TailSource(ByteSource& whole, std::uint64_t offset) : whole_(whole), offset_(offset) {}
  [[nodiscard]] std::uint64_t size_bytes() const override {
    return whole_.size_bytes() > offset_ ? whole_.size_bytes() - offset_ : 0;
  }
  Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    return whole_.read_at(offset_ + offset, out);
  }

 private:
  ByteSource& whole_;
  std::uint64_t offset_;
};

}  // namespace veilroute::app

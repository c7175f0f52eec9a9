// Faults and power cuts on top of real files.
#include "tests/support/faulty_files.h"

#include <algorithm>
#include <utility>

namespace veilroute::test {

class FaultyFile final : public File {
 public:
  FaultyFile(FaultyFiles& owner, std::unique_ptr<File> real, std::filesystem::path path)
      : owner_(owner), real_(std::move(real)), path_(std::move(path)) {}
  Result<void> append(ByteView bytes) override { return owner_.append(*real_, path_, bytes); }
  Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    {
      const std::lock_guard lock(owner_.mutex_);
      ++owner_.counts_.reads;
      if (owner_.reads_fail_) {
        return make_error(ErrorKind::unavailable, "file.failed", "the test's disk does not read");
      }
    }
    return real_->read_at(offset, out);
  }
  Result<void> truncate(std::uint64_t size) override {
    return owner_.truncate(*real_, path_, size);
  }
  Result<void> punch(std::uint64_t offset, std::uint64_t bytes) override {
    return real_->punch(offset, bytes);
  }
  Result<void> sync() override { return owner_.sync(*real_, path_); }
  Result<std::uint64_t> size_bytes() override { return real_->size_bytes(); }

 private:
  FaultyFiles& owner_;
  std::unique_ptr<File> real_;
  std::filesystem::path path_;
};

void FaultyFiles::disk_holds(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  room_ = bytes;
}

void FaultyFiles::disk_has_room_again() {
  const std::lock_guard lock(mutex_);
  room_.reset();
}

void FaultyFiles::fail_sync(unsigned nth) {
  const std::lock_guard lock(mutex_);
  syncs_until_failure_ = nth;
}

void FaultyFiles::fail_next_truncate() {
  const std::lock_guard lock(mutex_);
  truncate_fails_ = true;
}

void FaultyFiles::fail_opens_of(const std::filesystem::path& path, ErrorKind kind) {
  const std::lock_guard lock(mutex_);
  unopened_[path] = kind;
}

void FaultyFiles::open_all_again() {
  const std::lock_guard lock(mutex_);
  unopened_.clear();
}

void FaultyFiles::fail_reads(bool fail) {
  const std::lock_guard lock(mutex_);
  reads_fail_ = fail;
}

Result<void> FaultyFiles::check_open(const std::filesystem::path& path) const {
  const auto found = unopened_.find(path);
  if (found == unopened_.end()) return {};
  const bool denied = found->second == ErrorKind::refused;
  return make_error(found->second, denied ? "file.denied" : "file.failed",
                    "the test's disk does not open this file");
}

void FaultyFiles::stop_after(std::uint64_t changes) {
  const std::lock_guard lock(mutex_);
  changes_left_ = changes;
}

void FaultyFiles::lie_on_syncs() {
  const std::lock_guard lock(mutex_);
  syncs_lie_ = true;
}

Result<void> FaultyFiles::change_elsewhere() {
  const std::lock_guard lock(mutex_);
  return change(&Counts::elsewhere);
}

void FaultyFiles::set_free_bytes(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  free_ = bytes;
}

FaultyFiles::Counts FaultyFiles::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void FaultyFiles::cut_power(Survives what, std::mt19937& random) {
  const std::lock_guard lock(mutex_);
  for (const auto& [path, fate] : fates_) {
    if (!fate.name_is_durable) {
      std::filesystem::remove(path);
      continue;
    }
    const std::uint64_t unsynced = fate.size - std::min(fate.size, fate.synced);
    std::uint64_t kept = fate.synced;
    if (what == Survives::also_a_part) {
      kept += std::uniform_int_distribution<std::uint64_t>(0, unsynced)(random);
    }
    if (std::filesystem::exists(path)) std::filesystem::resize_file(path, kept);
  }
  fates_.clear();
  changes_left_.reset();
  syncs_until_failure_ = 0;
  truncate_fails_ = syncs_lie_ = false;
}

Result<void> FaultyFiles::change(std::uint64_t Counts::*kind) {
  if (changes_left_ && *changes_left_ == 0) {
    if (on_power_gone_) on_power_gone_();
    return make_error(ErrorKind::unavailable, "file.failed", "the power is gone");
  }
  if (changes_left_) --*changes_left_;
  ++counts_.changes;
  ++(counts_.*kind);
  return {};
}

Result<void> FaultyFiles::append(File& file, const std::filesystem::path& path, ByteView bytes) {
  const std::lock_guard lock(mutex_);
  VR_TRY(change(&Counts::appends));
  const std::size_t fitting =
      room_ ? static_cast<std::size_t>(std::min<std::uint64_t>(*room_, bytes.size()))
            : bytes.size();
  if (room_) *room_ -= fitting;
  VR_TRY(file.append(bytes.first(fitting)));
  fates_[path].size += fitting;
  if (free_) *free_ -= std::min<std::uint64_t>(*free_, fitting);
  if (fitting == bytes.size()) return {};
  return make_error(ErrorKind::exhausted, "file.disk-full", "the test's disk is full");
}

Result<void> FaultyFiles::sync(File& file, const std::filesystem::path& path) {
  if (on_sync_) on_sync_();
  std::uint64_t size = 0;
  {
    const std::lock_guard lock(mutex_);
    VR_TRY(change(&Counts::syncs));
    if (syncs_until_failure_ > 0 && --syncs_until_failure_ == 0) {
      return make_error(ErrorKind::unavailable, "file.failed", "the test's disk does not answer");
    }
    size = fates_[path].size;
  }
  // Without the lock: several threads sync at once.
  if (really_syncs_) VR_TRY(file.sync());
  const std::lock_guard lock(mutex_);
  Fate& fate = fates_[path];
  if (!syncs_lie_) fate.synced = std::max(fate.synced, size);
  return {};
}

Result<void> FaultyFiles::truncate(File& file, const std::filesystem::path& path,
                                   std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  VR_TRY(change(&Counts::truncates));
  if (std::exchange(truncate_fails_, false)) {
    return make_error(ErrorKind::unavailable, "file.failed", "the test's disk does not cut");
  }
  VR_TRY(file.truncate(size));
  Fate& fate = fates_[path];
  if (free_) *free_ += fate.size - std::min(fate.size, size);
  fate.size = size;
  fate.synced = std::min(fate.synced, size);
  return {};
}

Result<std::unique_ptr<File>> FaultyFiles::create(const std::filesystem::path& path) {
  const std::lock_guard lock(mutex_);
  VR_TRY(change(&Counts::creates));
  if (room_ && *room_ == 0) {
    return make_error(ErrorKind::exhausted, "file.disk-full", "the test's disk is full");
  }
  VR_TRY(std::unique_ptr<File> file, real_.create(path));
  fates_[path] = {};
  return std::unique_ptr<File>(std::make_unique<FaultyFile>(*this, std::move(file), path));
}

Result<std::unique_ptr<File>> FaultyFiles::open_append(const std::filesystem::path& path) {
  const std::lock_guard lock(mutex_);
  VR_TRY(check_open(path));
  VR_TRY(std::unique_ptr<File> file, real_.open_append(path));
  VR_TRY(const std::uint64_t size, file->size_bytes());
  fates_.try_emplace(path, Fate{size, size, true});
  return std::unique_ptr<File>(std::make_unique<FaultyFile>(*this, std::move(file), path));
}

Result<std::unique_ptr<File>> FaultyFiles::open_read(const std::filesystem::path& path) {
  const std::lock_guard lock(mutex_);
  ++counts_.opened_for_reading;
  VR_TRY(check_open(path));
  VR_TRY(std::unique_ptr<File> file, real_.open_read(path));
  return std::unique_ptr<File>(std::make_unique<FaultyFile>(*this, std::move(file), path));
}

Result<void> FaultyFiles::rename(const std::filesystem::path& from,
                                 const std::filesystem::path& to) {
  const std::lock_guard lock(mutex_);
  VR_TRY(change(&Counts::names));
  return real_.rename(from, to);
}

Result<void> FaultyFiles::remove(const std::filesystem::path& path) {
  const std::lock_guard lock(mutex_);
  VR_TRY(change(&Counts::names));
  VR_TRY(real_.remove(path));
  fates_.erase(path);
  return {};
}

Result<void> FaultyFiles::sync_folder(const std::filesystem::path& folder) {
  const std::lock_guard lock(mutex_);
  VR_TRY(change(&Counts::folder_syncs));
  if (really_syncs_) VR_TRY(real_.sync_folder(folder));
  for (auto& [path, fate] : fates_) {
    if (path.parent_path() == folder) fate.name_is_durable = true;
  }
  return {};
}

Result<std::vector<std::string>> FaultyFiles::list(const std::filesystem::path& folder) {
  return real_.list(folder);
}

Result<void> FaultyFiles::make_folder(const std::filesystem::path& folder) {
  return real_.make_folder(folder);
}

Result<std::uint64_t> FaultyFiles::free_bytes(const std::filesystem::path& folder) {
  const std::lock_guard lock(mutex_);
  ++counts_.asked_for_room;
  if (free_) return *free_;
  return real_.free_bytes(folder);
}

}  // namespace veilroute::test

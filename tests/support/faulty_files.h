// Files over the real ones that fail when a test says so, and that know what a power cut would
// leave.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <random>

#include "core/base/files.h"

namespace veilroute::test {

/// Counts every change, and can make it fail. Any thread; the files it opens must be closed before
/// it is destroyed, and before cut_power().
class FaultyFiles final : public Files {
 public:
  explicit FaultyFiles(Files& real) : real_(real) {}

  // Faults
  /// A disk with room for so many bytes more: the write that needs more is cut short.
  void disk_holds(std::uint64_t bytes);
  void disk_has_room_again();
  /// The nth sync of a file from now fails (1: the next), and only that one.
  void fail_sync(unsigned nth);
  void fail_next_truncate();
  /// From now on this file cannot be opened: `unavailable` as on a broken disk (EIO), `refused` as
  /// without the right to (EACCES).
  void fail_opens_of(const std::filesystem::path& path, ErrorKind kind);
  void open_all_again();
  /// Whether the disk gives nothing back: reads fail as with EIO.
  void fail_reads(bool fail);
  /// After so many changes more, nothing changes any longer: the power is gone.
  void stop_after(std::uint64_t changes);
  /// Called when a change comes after those of stop_after(), while every other change is kept
  /// waiting: for a process that ends with its power.
  void on_power_gone(std::function<void()> call) { on_power_gone_ = std::move(call); }
  /// From now on a sync of a file answers well and keeps nothing; the next cut ends it.
  void lie_on_syncs();
  /// What is durable is known here: for many cuts, whose syncs need not keep a real disk busy.
  void sync_nothing_really() { really_syncs_ = false; }
  /// What free_bytes() tells from now on; writes take from it.
  void set_free_bytes(std::uint64_t bytes);
  /// Called at the start of every sync of a file, by the thread that asks for it.
  void on_sync(std::function<void()> call) { on_sync_ = std::move(call); }

  // What a power cut leaves
  enum class Survives { synced, also_a_part };
  /// Takes back names whose folder was not synced and bytes that were not synced; `also_a_part`: a
  /// random beginning of those bytes stays, as when the disk was just writing. Then all works
  /// again.
  void cut_power(Survives what, std::mt19937& random);

  struct Counts {
    std::uint64_t changes = 0, creates = 0, appends = 0, syncs = 0, folder_syncs = 0, names = 0,
                  truncates = 0, reads = 0, opened_for_reading = 0, asked_for_room = 0,
                  elsewhere = 0;
  };
  [[nodiscard]] Counts counts() const;
  /// For what writes beside these files but hangs on the same power: counts a change, and is held
  /// while it is made, so that a cut falls between two changes.
  Result<void> change_elsewhere();
  std::recursive_mutex& power() { return mutex_; }

  Result<std::unique_ptr<File>> create(const std::filesystem::path& path) override;
  Result<std::unique_ptr<File>> open_append(const std::filesystem::path& path) override;
  Result<std::unique_ptr<File>> open_read(const std::filesystem::path& path) override;
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Result<void> remove(const std::filesystem::path& path) override;
  Result<void> sync_folder(const std::filesystem::path& folder) override;
  Result<std::vector<std::string>> list(const std::filesystem::path& folder) override;
  Result<void> make_folder(const std::filesystem::path& folder) override;
  Result<std::uint64_t> free_bytes(const std::filesystem::path& folder) override;

 private:
  friend class FaultyFile;
  /// What is durable of a file that was changed here.
  struct Fate {
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
    bool name_is_durable = false;
  };
  /// Counts a change; an error once the power is gone.
  Result<void> change(std::uint64_t Counts::*kind);
  Result<void> check_open(const std::filesystem::path& path) const;
  Result<void> append(File& file, const std::filesystem::path& path, ByteView bytes);
  Result<void> sync(File& file, const std::filesystem::path& path);
  Result<void> truncate(File& file, const std::filesystem::path& path, std::uint64_t size);

  Files& real_;
  mutable std::recursive_mutex mutex_;
  std::function<void()> on_sync_, on_power_gone_;
  Counts counts_;
  std::map<std::filesystem::path, Fate> fates_;
  std::map<std::filesystem::path, ErrorKind> unopened_;
  std::optional<std::uint64_t> room_, free_, changes_left_;
  unsigned syncs_until_failure_ = 0;
  bool truncate_fails_ = false, reads_fail_ = false, syncs_lie_ = false, really_syncs_ = true;
};

}  // namespace veilroute::test

// Recovery: whole records get their rows, torn tails are cut off, broken records are named.
#include "core/store/spool_recover.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/log.h"
#include "core/store/segment_format.h"
#include "core/store/segment_keys.h"
#include "core/store/segment_scan.h"

namespace veilroute::store {

namespace {

/// Rows that may wait in the catalog's queue before we wait for it.
constexpr std::size_t kRowsPerFlush = 256;

/// The disk does not give one file (EIO), or not to us (EACCES): a matter of this file alone. A disk
/// that is full or a process without descriptors is one of the whole start.
bool is_about_one_file(const Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::refused;
}

void note_unreadable(SegmentId id, const Error& error, RecoveryReport& report) {
  ++report.unreadable;
  log::error("spool.segment-unreadable", {{"segment", id},
                                          {"error_kind", error.kind},
                                          log::Field::text("slug", error.slug)});
}

/// A file as it is now; nobody writes to it while we read.
class FileSource final : public ByteSource {
 public:
  FileSource(File& file, std::uint64_t size_bytes) : file_(file), size_bytes_(size_bytes) {}
  [[nodiscard]] std::uint64_t size_bytes() const override { return size_bytes_; }
  Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    return file_.read_at(offset, out);
  }

 private:
  File& file_;
  std::uint64_t size_bytes_;
};

/// One segment of an earlier run that still has its key.
class SegmentRecovery {
 public:
  SegmentRecovery(const RecoveryRoom& room, SegmentId id, RecoveryReport& report)
      : room_(room), id_(id), report_(report) {}
  /// False when the segment stays open, for the next start.
  Result<bool> run(ByteView wrapped_key, bool has_file);

 private:
  Result<void> read(const Secret& key);
  Result<void> scan(File& file, std::uint64_t size, const Secret& key);
  Result<void> take(const Stretch& stretch, File& file);
  Result<void> add_row(const Stretch& stretch);
  Result<void> mark_lost(std::uint64_t begin, std::uint64_t end);
  Result<void> mark(std::uint64_t offset);
  Result<bool> close();

  const RecoveryRoom& room_;
  const SegmentId id_;
  RecoveryReport& report_;
  std::vector<std::uint64_t> recorded_;
  std::set<std::uint64_t> unseen_;  ///< rows whose record was not met
  std::set<std::uint64_t> new_rows_;
  bool readable_ = true;  ///< else the segment keeps its key, for the next start
};

Result<bool> SegmentRecovery::run(ByteView wrapped_key, bool has_file) {
  ++report_.segments;
  VR_TRY(recorded_, room_.catalog.recorded_offsets(id_));
  unseen_.insert(recorded_.begin(), recorded_.end());
  if (has_file) {
    const Result<Secret> key = crypto::unwrap_key(room_.catalog.keyring().spool, wrapped_key);
    if (!key.ok()) {
      ++report_.corrupt;
      log::error("spool.segment-key-broken", {{"segment", id_}});
      return false;
    }
    VR_TRY(read(*key));
  }
  if (!readable_) return false;
  if (!unseen_.empty()) {
    log::error("spool.records-missing", {{"segment", id_}, {"records", unseen_.size()}});
    for (const std::uint64_t offset : unseen_) VR_TRY(mark(offset));
  }
  return close();
}

Result<void> SegmentRecovery::read(const Secret& key) {
  const auto file = room_.files.open_append(room_.folder / segment_file_name(id_));
  Result<std::uint64_t> size = file.ok() ? (*file)->size_bytes() : file.error();
  if (size.ok()) return *size == 0 ? Result<void>() : scan(**file, *size, key);
  if (!is_about_one_file(size.error())) return std::move(size).error();
  readable_ = false;
  note_unreadable(id_, size.error(), report_);
  return {};
}

Result<void> SegmentRecovery::scan(File& file, std::uint64_t size, const Secret& key) {
  // After a crash without a power cut the bytes we read may not be on disk yet; a row must not be
  // more durable than its record.
  VR_TRY(file.sync());
  FileSource source(file, size);
  SegmentScan records(source, id_, {key, room_.catalog.keyring().spool}, recorded_);
  while (true) {
    Result<std::optional<Stretch>> found = records.next();
    if (!found.ok()) {
      readable_ = false;
      note_unreadable(id_, found.error(), report_);
      return {};
    }
    if (!*found) return {};
    VR_TRY(take(**found, file));
  }
}

Result<void> SegmentRecovery::take(const Stretch& stretch, File& file) {
  if (stretch.later_version) {
    readable_ = false;
    log::error("spool.version-unknown", {{"segment", id_}, {"offset", stretch.begin}});
  }
  switch (stretch.kind) {
    case Stretch::Kind::known:
      ++report_.records;
      unseen_.erase(stretch.begin);
      return {};
    case Stretch::Kind::whole:
      return add_row(stretch);
    case Stretch::Kind::damaged:
      // The row first: it says whose object was lost, and keeps the key of what is left of it.
      VR_TRY(add_row(stretch));
      log::error(
          "spool.record-damaged",
          {{"segment", id_}, {"offset", stretch.begin}, {"object", stretch.object->head.id}});
      return mark(stretch.begin);
    case Stretch::Kind::lost:
      log::error(
          "spool.record-lost",
          {{"segment", id_}, {"offset", stretch.begin}, {"bytes", stretch.end - stretch.begin}});
      return mark_lost(stretch.begin, stretch.end);
    case Stretch::Kind::torn:
      ++report_.torn_tails;
      log::warn(
          "spool.torn-tail",
          {{"segment", id_}, {"offset", stretch.begin}, {"bytes", stretch.end - stretch.begin}});
      // Not synced: if it comes back, nobody looks there once the segment is closed.
      return file.truncate(stretch.begin);
  }
  return {};
}

Result<void> SegmentRecovery::add_row(const Stretch& stretch) {
  Result<void> row = room_.catalog.record_object(*stretch.object, room_.policy);
  if (!row.ok() && row.error().kind != ErrorKind::invalid) return row;
  ++report_.records;
  if (!row.ok()) {
    // Sealed by us, and yet nothing the catalog can file: no reason to keep the node from starting.
    log::error(
        "spool.record-unfit",
        {{"segment", id_}, {"offset", stretch.begin}, log::Field::text("slug", row.error().slug)});
    return mark(stretch.begin);
  }
  ++report_.recorded;
  new_rows_.insert(stretch.begin);
  if (new_rows_.size() % kRowsPerFlush == 0) return room_.catalog.flush();
  return {};
}

Result<void> SegmentRecovery::mark_lost(std::uint64_t begin, std::uint64_t end) {
  VR_TRY(mark(begin));
  unseen_.erase(begin);
  const auto first = unseen_.lower_bound(begin);
  const auto behind = unseen_.lower_bound(end);
  for (auto row = first; row != behind; ++row) VR_TRY(mark(*row));
  unseen_.erase(first, behind);
  return {};
}

Result<void> SegmentRecovery::mark(std::uint64_t offset) {
  ++report_.corrupt;
  return room_.catalog.mark_corrupt(id_, offset);
}

/// From here on the rows hold the only keys, so all of them must be there.
Result<bool> SegmentRecovery::close() {
  VR_TRY(room_.catalog.flush());
  VR_TRY(const std::vector<std::uint64_t> rows, room_.catalog.recorded_offsets(id_));
  if (!std::includes(rows.begin(), rows.end(), new_rows_.begin(), new_rows_.end())) {
    log::error("spool.rows-missing", {{"segment", id_}});
    return false;
  }
  VR_TRY(room_.catalog.close_segment(id_));
  return true;
}

Result<std::uint64_t> size_of(Files& files, const std::filesystem::path& path) {
  VR_TRY(const auto file, files.open_read(path));
  return file->size_bytes();
}

/// A closed segment's rows stand for themselves; only a file that is gone or too short is noticed.
Result<void> check_closed(const RecoveryRoom& room, SegmentId id, bool has_file,
                          RecoveryReport& report) {
  VR_TRY(const std::vector<std::uint64_t> recorded, room.catalog.recorded_offsets(id));
  if (recorded.empty()) return {};
  Result<std::uint64_t> size = std::uint64_t{0};
  if (has_file) size = size_of(room.files, room.folder / segment_file_name(id));
  if (!size.ok() && is_about_one_file(size.error())) {
    // It may come back: whoever reads an object of it waits for that.
    note_unreadable(id, size.error(), report);
    return {};
  }
  VR_TRY(size);
  std::uint64_t missing = 0;
  for (const std::uint64_t offset : recorded) {
    if (offset < *size && *size - offset >= kShortestRecord) continue;
    ++missing;
    VR_TRY(room.catalog.mark_corrupt(id, offset));
  }
  if (missing > 0) log::error("spool.records-missing", {{"segment", id}, {"records", missing}});
  report.corrupt += missing;
  return {};
}

/// Spares of earlier runs hold nothing; they would only gather. One that cannot be removed now goes
/// with the segments of which everything is shredded.
Result<void> remove_if_empty(const RecoveryRoom& room, SegmentId id) {
  const std::filesystem::path path = room.folder / segment_file_name(id);
  const Result<std::uint64_t> size = size_of(room.files, path);
  Result<void> removed;
  if (!size.ok()) {
    removed = size.error();
  } else if (*size == 0) {
    removed = room.files.remove(path);
  }
  if (removed.ok() || !is_about_one_file(removed.error())) return removed;
  log::warn("spool.spare-not-removed",
            {{"segment", id}, log::Field::text("slug", removed.error().slug)});
  return {};
}

}  // namespace

Result<RecoveryReport> recover_segments(const RecoveryRoom& room) {
  RecoveryReport report;
  VR_TRY(const std::vector<std::string> names, room.files.list(room.folder));
  VR_TRY(const std::vector<SegmentRow> segments, room.catalog.segments());
  for (const SegmentRow& row : segments) {
    const bool has_file = std::binary_search(names.begin(), names.end(), segment_file_name(row.id));
    if (row.removed) continue;
    if (row.closed || !row.wrapped_key) {
      VR_TRY(check_closed(room, row.id, has_file, report));
      continue;
    }
    VR_TRY(const bool closed, SegmentRecovery(room, row.id, report).run(*row.wrapped_key, has_file));
    if (closed && has_file) VR_TRY(remove_if_empty(room, row.id));
  }
  if (report.segments > 0) VR_TRY(room.files.sync_folder(room.folder));
  VR_TRY(const std::vector<SegmentRow> left, room.catalog.segments());
  VR_TRY(SegmentKeys(room.files, room.folder).remove_all_but_open(left));
  return report;
}

}  // namespace veilroute::store

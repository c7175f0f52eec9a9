// The ledger as the catalog shows, inspects and signs it.
#include <algorithm>
#include <filesystem>

#include "core/base/crypto.h"
#include "core/base/files.h"
#include "core/store/sqlite/ledger_writer.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

namespace fs = std::filesystem;

/// A line has some 250 bytes: room for a checkpoint an hour in hundreds of years.
constexpr std::uint64_t kLongestFile = 1ULL << 30U;
/// Enough of the file's end to hold its last line.
constexpr std::uint64_t kTailBytes = 4096;

std::string condition_of(const LedgerFilter& filter) {
  std::string where = "WHERE sequence >= ?1";
  if (filter.study) where += " AND study = ?2";
  if (filter.transfer) where += " AND transfer = ?3";
  if (filter.destination) where += " AND destination = ?4";
  if (filter.kind) where += " AND kind = ?5";
  if (filter.since) where += " AND at >= ?6";
  if (filter.until) where += " AND at < ?7";
  // The indexes leave out the rows of no study and of no transfer.
  if (filter.study) where += " AND study <> 0";
  if (filter.transfer) where += " AND transfer <> 0";
  return where;
}

Result<std::vector<ledger::Entry>> entries_of(const View& view, const LedgerFilter& filter) {
  VR_TRY(Statement row,
         view.db.prepare("SELECT entry FROM ledger " + condition_of(filter) +
                         " ORDER BY sequence " + (filter.newest ? "DESC" : "ASC") + " LIMIT ?8"));
  row.bind(filter.from_sequence, filter.study, filter.transfer, filter.destination, filter.kind,
           filter.since, filter.until, filter.at_most);
  std::vector<ledger::Entry> entries;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) break;
    VR_TRY(ledger::Entry entry, ledger::decode(row.bytes(0), &view.sealer.keyring()));
    entries.push_back(std::move(entry));
  }
  if (filter.newest) std::reverse(entries.begin(), entries.end());
  return entries;
}

ledger::Checkpoint checkpoint_of(const Statement& row) {
  return {row.u64(0), row.digest(1), row.i64(2), row.bytes(3)};
}

Result<std::vector<ledger::Checkpoint>> table_checkpoints(Connection& db) {
  VR_TRY(Statement row, db.prepare("SELECT length, head, at, signature FROM ledger_checkpoints"
                                   " ORDER BY length"));
  std::vector<ledger::Checkpoint> checkpoints;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return checkpoints;
    checkpoints.push_back(checkpoint_of(row));
  }
}

/// What the file holds: its checkpoints, and the first line that is none.
struct FileCheckpoints {
  std::vector<ledger::Checkpoint> checkpoints;
  std::uint64_t unreadable_line = 0;  ///< from 1; 0: none
};

Result<FileCheckpoints> file_checkpoints(const fs::path& file) {
  FileCheckpoints found;
  if (file.empty()) return found;
  Result<std::string> text = read_text_file(file, kLongestFile);
  // Not written yet; what the table signed still counts.
  if (!text.ok() && text.error().slug == "file.missing") return found;
  if (!text.ok()) return std::move(text).error();
  std::string_view rest = *text;
  for (std::uint64_t line = 1;; ++line) {
    const std::size_t end = rest.find('\n');
    // A last line without its end was being written when the power went; its row is in the table.
    if (end == std::string_view::npos) return found;
    Result<ledger::Checkpoint> checkpoint = ledger::checkpoint_of_json_line(rest.substr(0, end));
    if (checkpoint.ok())
      found.checkpoints.push_back(std::move(checkpoint).value());
    else if (found.unreadable_line == 0)
      found.unreadable_line = line;
    rest.remove_prefix(end + 1);
  }
}

/// None when it is gone or forged: that is for the inspection to tell.
Result<std::optional<ledger::Checkpoint>> stated_head(const View& view) {
  const Result<LedgerHead> head = read_ledger_head(view.db, view.sealer.keyring());
  if (head.ok()) return std::optional(ledger::Checkpoint{head->length, head->link, 0, {}});
  if (head.error().kind == ErrorKind::corrupt) return std::optional<ledger::Checkpoint>();
  return head.error();
}

Result<ledger::Inspection> inspect_rows(const View& view, FileCheckpoints from_file) {
  VR_TRY(std::vector<ledger::Checkpoint> checkpoints, table_checkpoints(view.db));
  std::move(from_file.checkpoints.begin(), from_file.checkpoints.end(),
            std::back_inserter(checkpoints));
  VR_TRY(const std::optional<ledger::Checkpoint> head, stated_head(view));
  VR_TRY(const Bytes public_key,
         crypto::public_key_ed25519(checkpoint_seed(view.sealer.keyring())));
  VR_TRY(Statement row, view.db.prepare("SELECT sequence, entry, leaf, link, kind, at, study,"
                                        " transfer, destination FROM ledger ORDER BY sequence"));
  const auto next_row = [&row](ledger::Row& out) -> Result<bool> {
    VR_TRY(const bool there, row.step());
    if (!there) return false;
    out = {row.u64(0), row.bytes(1), row.digest(2), row.digest(3), {}};
    out.columns = {static_cast<std::uint16_t>(row.i64(4)), row.i64(5), row.u64(6), row.u64(7),
                   row.text(8)};
    return true;
  };
  ledger::Inspection found = ledger::inspect(next_row, head, checkpoints, public_key);
  if (found.ok && from_file.unreadable_line != 0) {
    found.ok = false;
    found.slug = "ledger.checkpoint-unreadable";
    found.advice = "Line " + std::to_string(from_file.unreadable_line) +
                   " of the checkpoint file is not a checkpoint.";
  }
  return found;
}

/// The checkpoint for the ledger as it is now: the one there is, or a new one.
Result<ledger::Checkpoint> sign_head(Work& work) {
  VR_TRY(const LedgerHead head, read_ledger_head(work.db, work.sealer.keyring()));
  VR_TRY(Statement row, work.db.prepare("SELECT length, head, at, signature FROM"
                                        " ledger_checkpoints WHERE length = ?1 AND head = ?2"));
  VR_TRY(const bool there, row.bind(head.length, head.link).step());
  if (there) return checkpoint_of(row);
  ledger::Checkpoint checkpoint{head.length, head.link, to_micros(work.now), {}};
  VR_TRY(checkpoint.signature, crypto::sign_ed25519(checkpoint_seed(work.sealer.keyring()),
                                                    ledger::signed_part(checkpoint)));
  VR_TRY(
      work.db.run("INSERT INTO ledger_checkpoints (length, node, head, at, signature)"
                  " VALUES (?1, ?2, ?3, ?4, ?5)",
                  head.length, kNode, head.link, work.now, checkpoint.signature));
  return checkpoint;
}

/// The file to write to, with the names of a new one durable.
Result<std::unique_ptr<File>> open_checkpoint_file(Files& files, const fs::path& file) {
  std::error_code problem;
  if (fs::exists(file, problem)) return files.open_append(file);
  VR_TRY(files.make_folder(file.parent_path()));
  VR_TRY(std::unique_ptr<File> made, files.create(file));
  VR_TRY(files.sync_folder(file.parent_path()));
  return made;
}

/// The last whole line; what follows it, from a write that was cut short, is cut off.
Result<std::string> last_line(File& file) {
  VR_TRY(const std::uint64_t size, file.size_bytes());
  const std::uint64_t from = size > kTailBytes ? size - kTailBytes : 0;
  Bytes tail(static_cast<std::size_t>(size - from));
  VR_TRY(file.read_at(from, tail));
  std::string_view text = as_text(tail);
  const std::size_t end = text.rfind('\n');
  const std::size_t whole = end == std::string_view::npos ? 0 : end + 1;
  if (whole < text.size()) VR_TRY(file.truncate(from + whole));
  if (whole == 0) return std::string();
  text = text.substr(0, end);
  const std::size_t before = text.rfind('\n');
  return std::string(before == std::string_view::npos ? text : text.substr(before + 1));
}

Result<void> write_line(const fs::path& path, const ledger::Checkpoint& checkpoint) {
  const std::unique_ptr<Files> files = real_files();
  VR_TRY(const std::unique_ptr<File> file, open_checkpoint_file(*files, path));
  VR_TRY(const std::string last, last_line(*file));
  const std::string line = ledger::to_json_line(checkpoint);
  if (line != last) VR_TRY(file->append(as_bytes(line + "\n")));
  return file->sync();
}

}  // namespace

Result<void> SqliteCatalog::append_entry(ledger::Entry entry) {
  return thread_.run([&](Work& work) { return work.ledger(std::move(entry)); });
}

Result<std::vector<ledger::Entry>> SqliteCatalog::ledger_entries(const LedgerFilter& filter) {
  return read([&](const View& view) { return entries_of(view, filter); });
}

Result<ledger::Inspection> SqliteCatalog::inspect_ledger(const fs::path& file) {
  // The file first: a checkpoint that is written meanwhile must find its entries in the snapshot.
  VR_TRY(FileCheckpoints from_file, file_checkpoints(file));
  return read([&](const View& view) { return inspect_rows(view, std::move(from_file)); });
}

Result<void> SqliteCatalog::checkpoint_ledger(const fs::path& file) {
  const std::lock_guard lock(checkpoint_file_);
  VR_TRY(const ledger::Checkpoint checkpoint,
         write<ledger::Checkpoint>([](Work& work) { return sign_head(work); }));
  return write_line(file, checkpoint);
}

}  // namespace veilroute::store::sqlite

// Copying from a damaged catalog, and the repairs that a new one needs.
#include "core/store/sqlite/salvage.h"

#include <algorithm>

#include "core/store/sqlite/connection.h"
#include "core/store/sqlite/ledger_writer.h"
#include "core/store/sqlite/migrations.h"

namespace veilroute::store {

namespace {

using sqlite::Connection;
using sqlite::Statement;

/// So many places that cannot be read are walked around in one table; then the rest is given up.
constexpr std::uint64_t kMostLostRanges = 10'000;
/// Numbers that may have been given out after the newest that is known.
constexpr std::uint64_t kStride = 1'000'000'000;
constexpr std::int64_t kLargestId = INT64_MAX;

bool is_damage(const Error& error) { return error.kind == ErrorKind::corrupt; }

struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

/// One table from the attached catalog `old` to the new one.
class TableCopy {
 public:
  TableCopy(Connection& db, std::string table) : db_(db), table_(std::move(table)) {}
  Result<CopiedTable> run();

 private:
  Result<void> read_columns();
  Result<void> copy_range(const Range& range, std::vector<Range>& halves);

  Connection& db_;
  const std::string table_;
  std::string columns_;
  std::string key_;  ///< what ranges are of; empty: the table is copied as a whole
  CopiedTable copied_;
};

Result<CopiedTable> TableCopy::run() {
  VR_TRY(read_columns());
  if (columns_.empty()) return copied_;
  std::vector<Range> waiting{{0, kLargestId}};
  while (!waiting.empty()) {
    const Range range = waiting.back();
    waiting.pop_back();
    VR_TRY(copy_range(range, waiting));
    if (copied_.lost_ranges < kMostLostRanges) continue;
    copied_.lost_ranges += waiting.size();
    break;
  }
  return copied_;
}

/// Those that both have: an older program knew fewer.
Result<void> TableCopy::read_columns() {
  VR_TRY(Statement row,
         db_.prepare("SELECT n.name, n.pk, n.type FROM pragma_table_info(?1, 'main') n"
                     " JOIN pragma_table_info(?1, 'old') o ON o.name = n.name"));
  row.bind(table_);
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return {};
    columns_ += (columns_.empty() ? "" : ", ") + row.text(0);
    if (row.i64(1) == 1 && row.text(2) == "INTEGER") key_ = row.text(0);
  }
}

Result<void> TableCopy::copy_range(const Range& range, std::vector<Range>& halves) {
  const std::string rows = "INSERT OR REPLACE INTO main." + table_ + " (" + columns_ + ") SELECT " +
                           columns_ + " FROM old." + table_;
  Result<void> copied =
      key_.empty() ? db_.run(rows)
                   : db_.run(rows + " WHERE " + key_ + " BETWEEN ?1 AND ?2", range.first, range.last);
  if (copied.ok()) {
    copied_.rows += db_.changes();
    return {};
  }
  if (!is_damage(copied.error())) return copied;
  if (key_.empty() || range.first == range.last) {
    ++copied_.lost_ranges;
    return {};
  }
  const std::int64_t middle = range.first + (range.last - range.first) / 2;
  halves.push_back({range.first, middle});
  halves.push_back({middle + 1, range.last});
  return {};
}

Result<std::vector<std::string>> tables_of(Connection& db) {
  VR_TRY(Statement row, db.prepare("SELECT name FROM main.sqlite_master WHERE type = 'table'"
                                   " AND name NOT IN ('keys', 'sqlite_sequence')"));
  std::vector<std::string> tables;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return tables;
    tables.push_back(row.text(0));
  }
}

/// Objects whose segment has no row any more: it is closed for all we know, and these hold their keys.
Result<void> add_lost_segments(Connection& db) {
  return db.run("INSERT INTO segments (id, node, epoch, location, wrapped_key, closed, created_at)"
                " SELECT DISTINCT segment, 0, 0, '', NULL, 1, 0 FROM objects"
                " WHERE segment NOT IN (SELECT id FROM segments)");
}

Result<std::uint64_t> largest_id(Connection& db) {
  std::uint64_t largest = 0;
  for (const char* table : {"segments", "patients", "studies", "objects", "transfers", "pseudonyms",
                            "acceptances"}) {
    VR_TRY(Statement row, db.prepare("SELECT max(id) FROM " + std::string(table)));
    VR_TRY(const bool there, row.step());
    if (there) largest = std::max(largest, row.u64(0));
  }
  VR_TRY(Statement row, db.prepare("SELECT next FROM counters WHERE name = 'id'"));
  VR_TRY(const bool there, row.step());
  return there ? std::max(largest, row.u64(0)) : largest;
}

Result<std::map<std::string, CopiedTable>> copy_tables(const std::filesystem::path& from,
                                                       const std::filesystem::path& to) {
  std::map<std::string, CopiedTable> copied;
  VR_TRY(const auto db, Connection::open(to, Connection::Use::write));
  // Rows arrive in any order, and some that others name may be lost.
  VR_TRY(db->script("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF;"));
  // Before the damaged schema is read as well.
  VR_TRY(const std::vector<std::string> tables, tables_of(*db));
  const auto attached = db->run("ATTACH DATABASE ?1 AS old", from.string());
  if (!attached.ok()) {
    if (is_damage(attached.error())) return copied;
    return attached.error();
  }
  for (const std::string& table : tables) {
    const Result<CopiedTable> rows = TableCopy(*db, table).run();
    if (!rows.ok() && !is_damage(rows.error())) return rows.error();
    copied[table] = rows.ok() ? *rows : CopiedTable{0, 1};
  }
  return copied;
}

}  // namespace

std::string_view to_string(CatalogHealth health) {
  static constexpr std::string_view kWords[] = {"missing", "damaged", "whole"};
  return kWords[static_cast<std::size_t>(health)];
}

Result<CatalogHealth> look_at_catalog(const std::filesystem::path& file) {
  std::error_code problem;
  if (!std::filesystem::exists(file, problem)) return CatalogHealth::missing;
  const auto opened = Connection::open(file, Connection::Use::write);
  if (!opened.ok()) {
    if (is_damage(opened.error())) return CatalogHealth::damaged;
    return opened.error();
  }
  const auto version = sqlite::schema_version(**opened);
  if (!version.ok() || *version == 0) return CatalogHealth::damaged;
  if (*version > sqlite::known_migrations().size()) {
    return make_error(ErrorKind::refused, "catalog.too-new",
                      "the catalog was written by a newer program");
  }
  return sqlite::check_pages(**opened).ok() ? CatalogHealth::whole : CatalogHealth::damaged;
}

Result<std::map<std::string, CopiedTable>> copy_rows(const std::filesystem::path& from,
                                                     const std::filesystem::path& to) {
  VR_TRY(auto copied, copy_tables(from, to));
  // Without the damaged one at its side: this connection makes durable what the other wrote.
  VR_TRY(const auto db, Connection::open(to, Connection::Use::write));
  VR_TRY(add_lost_segments(*db));
  VR_TRY(db->script("PRAGMA wal_checkpoint(TRUNCATE);"));
  return copied;
}

Result<void> number_beyond(const std::filesystem::path& catalog,
                           const std::vector<SegmentId>& segments) {
  VR_TRY(const auto db, Connection::open(catalog, Connection::Use::write));
  VR_TRY(std::uint64_t largest, largest_id(*db));
  for (const SegmentId id : segments) largest = std::max(largest, id.value);
  return db->run("INSERT OR REPLACE INTO counters (name, next) VALUES ('id', ?1)",
                 (largest / kStride + 2) * kStride);
}

Result<void> begin_ledger_anew(const std::filesystem::path& catalog, const Keyring& keyring) {
  VR_TRY(const auto db, Connection::open(catalog, Connection::Use::write));
  VR_TRY(db->run("BEGIN IMMEDIATE"));
  for (const char* table : {"ledger", "ledger_checkpoints", "ledger_head"}) {
    VR_TRY(db->run("DELETE FROM " + std::string(table)));
  }
  VR_TRY(sqlite::write_ledger_head(*db, keyring, {}));
  return db->run("COMMIT");
}

}  // namespace veilroute::store

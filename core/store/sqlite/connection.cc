// SQLite's C interface, wrapped.
#include "core/store/sqlite/connection.h"

#include <sqlite3.h>

#include <algorithm>

namespace veilroute::store::sqlite {

namespace {

constexpr int kBusyMillis = 10'000;
/// foreign_keys: a row that names another must not outlive it. synchronous FULL: a commit that
/// returned is on disk (law 1). trusted_schema off: a changed file cannot make us run functions.
constexpr std::string_view kSettings =
    "PRAGMA synchronous = FULL;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA journal_size_limit = 67108864;";

ErrorKind kind_of(int code) {
  // The log's index is a file as well, and finds no room in its own words.
  if (code == SQLITE_IOERR_SHMSIZE) return ErrorKind::exhausted;
  switch (code & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return ErrorKind::exhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_INTERRUPT:
    case SQLITE_CANTOPEN:
      return ErrorKind::unavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorKind::corrupt;
    default:
      return ErrorKind::internal;
  }
}

/// The code and SQLite's own words for it: never its message, which can quote a value.
Error sqlite_error(int code) {
  return make_error(kind_of(code), "catalog.failed",
                    "the catalog's database answered " + std::to_string(code) + " (" +
                        sqlite3_errstr(code) + ")");
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      sql_(std::move(other.sql_)),
      handle_(other.handle_),
      next_(other.next_),
      failed_(other.failed_) {
  other.handle_ = nullptr;
}

Statement::~Statement() {
  if (handle_ == nullptr) return;
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  connection_->idle_.emplace(std::move(sql_), handle_);
}

void Statement::note(int code) {
  if (code != SQLITE_OK && failed_ == SQLITE_OK) failed_ = code;
  ++next_;
}

void Statement::put_null() { note(sqlite3_bind_null(handle_, next_)); }

void Statement::put_integer(std::int64_t value) { note(sqlite3_bind_int64(handle_, next_, value)); }

void Statement::put_text(std::string_view value) {
  // A null pointer would bind NULL, and an empty text is not that.
  const char* from = value.empty() ? "" : value.data();
  note(sqlite3_bind_text64(handle_, next_, from, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::put_bytes(ByteView value) {
  const void* from = value.empty() ? static_cast<const void*>("") : value.data();
  note(sqlite3_bind_blob64(handle_, next_, from, value.size(), SQLITE_TRANSIENT));
}

Result<bool> Statement::step() {
  if (failed_ != SQLITE_OK) return sqlite_error(failed_);
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_error(code);
}

Result<void> Statement::run() {
  for (bool more = true; more;) {
    VR_TRY(more, step());
  }
  return {};
}

std::int64_t Statement::i64(int column) const { return sqlite3_column_int64(handle_, column); }

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

Bytes Statement::bytes(int column) const {
  const void* from = sqlite3_column_blob(handle_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
  if (from == nullptr || size == 0) return {};
  const auto* first = static_cast<const std::uint8_t*>(from);
  return {first, first + size};
}

std::string Statement::text(int column) const {
  const Bytes raw = bytes(column);
  return std::string(as_text(raw));
}

Digest Statement::digest(int column) const {
  const Bytes raw = bytes(column);
  Digest digest{};
  if (raw.size() == digest.size()) std::copy(raw.begin(), raw.end(), digest.begin());
  return digest;
}

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& file, Use use) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  // Even a failed open gives a handle to close.
  std::unique_ptr<Connection> connection(new Connection(handle));
  if (code != SQLITE_OK) return sqlite_error(code);
  VR_TRY(connection->configure(use));
  return connection;
}

Result<void> Connection::configure(Use use) {
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, kBusyMillis);
  VR_TRY(keep_write_ahead_log());
  VR_TRY(script(kSettings));
  if (use == Use::read) return script("PRAGMA query_only = ON;");
  return script("PRAGMA cache_size = -65536;");
}

/// Readers beside the writer, and a retention that empties the journal, both hang on it. Where SQLite
/// cannot share memory (some network file systems) it answers with the old mode instead of an error.
Result<void> Connection::keep_write_ahead_log() {
  VR_TRY(Statement row, prepare("PRAGMA journal_mode = WAL"));
  VR_TRY(const bool there, row.step());
  const std::string mode = there ? row.text(0) : "nothing";
  if (mode == "wal") return row.run();
  return make_error(ErrorKind::refused, "catalog.no-write-ahead-log",
                    "the catalog's database keeps its journal as \"" + mode +
                        "\", not as a write-ahead log; its file system may be a network's");
}

Connection::~Connection() {
  for (const auto& [sql, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Result<Statement> Connection::prepare(std::string_view sql) {
  if (const auto found = idle_.find(sql); found != idle_.end()) {
    auto idle = idle_.extract(found);
    return Statement(*this, std::move(idle.key()), idle.mapped());
  }
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) return sqlite_error(code);
  return Statement(*this, std::string(sql), handle);
}

Result<void> Connection::script(std::string_view sql) {
  const int code = sqlite3_exec(handle_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(code);
  return {};
}

std::uint64_t Connection::changes() const {
  return static_cast<std::uint64_t>(sqlite3_changes64(handle_));
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

}  // namespace veilroute::store::sqlite

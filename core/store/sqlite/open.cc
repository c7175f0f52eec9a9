// Making and opening a catalog: file, schema, site keys, the ledger's first head.
#include <filesystem>

#include "core/base/crypto.h"
#include "core/base/files.h"
#include "core/store/sqlite/catalog.h"
#include "core/store/sqlite/ledger_writer.h"
#include "core/store/sqlite/migrations.h"
#include "core/store/sqlite/salvage.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store {

namespace {

namespace fs = std::filesystem;
using sqlite::Connection;
using sqlite::Statement;

/// What SQLite keeps beside a database.
constexpr std::string_view kCompanions[] = {"-wal", "-shm", "-journal"};

constexpr std::uintmax_t kSmallCatalog = 256U << 20U;

fs::path beside(const fs::path& file, std::string_view suffix) {
  return file.string() + std::string(suffix);
}

bool is_there(const fs::path& file) {
  std::error_code problem;
  // What cannot be looked at is treated as there: nothing of it may be overwritten.
  return fs::exists(file, problem) || problem;
}

/// A companion left by a database that was removed would be read as part of the new one.
Result<void> refuse_to_overwrite(const fs::path& file) {
  if (is_there(file)) {
    return make_error(ErrorKind::refused, "catalog.exists",
                      file.string() + " exists and is not overwritten");
  }
  for (const std::string_view suffix : kCompanions) {
    if (!is_there(beside(file, suffix))) continue;
    return make_error(
        ErrorKind::refused, "catalog.leftovers",
        beside(file, suffix).string() + " is left from another catalog; move it away first");
  }
  return {};
}

Keyring fresh_keys() {
  return {crypto::random_key(), crypto::random_key(), crypto::random_key(), crypto::random_key()};
}

Result<void> write_keys(Connection& db, const Secret& master_key, const Keyring& keyring) {
  const Secret* const keys[] = {&keyring.spool, &keyring.catalog, &keyring.index, &keyring.ledger};
  static_assert(std::size(keys) == std::size(kSiteKeyNames));
  for (std::size_t at = 0; at < std::size(keys); ++at) {
    VR_TRY(const Bytes wrapped, crypto::wrap_key(master_key, *keys[at]));
    VR_TRY(db.run("INSERT INTO keys (name, wrapped) VALUES (?1, ?2)",
                  std::string_view(kSiteKeyNames[at]), wrapped));
  }
  return {};
}

Result<Secret> read_key(Connection& db, const Secret& master_key, std::string_view name) {
  VR_TRY(Statement row, db.prepare("SELECT wrapped FROM keys WHERE name = ?1"));
  VR_TRY(const bool there, row.bind(name).step());
  if (!there) {
    return make_error(ErrorKind::corrupt, "keys.missing",
                      "the catalog lacks the site key " + std::string(name));
  }
  Result<Secret> key = crypto::unwrap_key(master_key, row.bytes(0));
  if (key.ok() || key.error().kind != ErrorKind::corrupt) return key;
  return make_error(ErrorKind::corrupt, "keys.master-wrong",
                    "the site keys do not open: this is not the master key that wrapped them");
}

Result<Keyring> read_keys(Connection& db, const Secret& master_key) {
  Keyring keyring;
  Secret* const keys[] = {&keyring.spool, &keyring.catalog, &keyring.index, &keyring.ledger};
  for (std::size_t at = 0; at < std::size(keys); ++at) {
    VR_TRY(*keys[at], read_key(db, master_key, kSiteKeyNames[at]));
  }
  return keyring;
}

/// Everything a catalog holds from the start.
Result<void> fill(const fs::path& file, const Secret& master_key, const Keyring& keyring) {
  VR_TRY(const std::unique_ptr<Connection> db, Connection::open(file, Connection::Use::write));
  VR_TRY(sqlite::migrate(*db, sqlite::known_migrations()));
  VR_TRY(write_keys(*db, master_key, keyring));
  // The head of an empty ledger: later its absence can only mean that somebody took it away.
  return sqlite::write_ledger_head(*db, keyring, {});
}

/// The connection is closed: SQLite has put everything into the file and removed its companions.
Result<void> settle(Files& files, const fs::path& file) {
  for (const std::string_view suffix : kCompanions) {
    if (!is_there(beside(file, suffix))) continue;
    return make_error(ErrorKind::unavailable, "catalog.not-settled",
                      "the new catalog could not be written into one file");
  }
  VR_TRY(const std::unique_ptr<File> written, files.open_append(file));
  return written->sync();
}

/// Gives the finished file its name; unlike a rename, never in the place of another.
Result<void> publish(Files& files, const fs::path& from, const fs::path& to) {
  std::error_code problem;
  fs::create_hard_link(from, to, problem);
  if (problem == std::errc::file_exists) return refuse_to_overwrite(to);
  if (problem) {
    return make_error(ErrorKind::unavailable, "catalog.not-created",
                      "cannot create " + to.string() + ": " + problem.message());
  }
  return files.sync_folder(to.parent_path());
}

/// Reading every page of a large catalog takes its time: only after an end that was not clean.
bool worth_a_check(const fs::path& file) {
  std::error_code problem;
  const auto size = fs::file_size(file, problem);
  if (problem || size < kSmallCatalog) return true;
  const auto log = fs::file_size(beside(file, "-wal"), problem);
  return !problem && log > 0;
}

Error as_damaged(Error error, const fs::path& file) {
  if (error.kind != ErrorKind::corrupt) return error;
  return make_error(ErrorKind::corrupt, "catalog.damaged",
                    file.string() + " is damaged (" + error.detail +
                        "): put your last copy back, or see `veilroute spool salvage --help`");
}

void clear_away(const fs::path& file) {
  // What stays is a name that nothing reads.
  std::error_code ignored;
  fs::remove(file, ignored);
  for (const std::string_view suffix : kCompanions) fs::remove(beside(file, suffix), ignored);
}

}  // namespace

Result<void> create_sqlite_catalog(const fs::path& file, const Secret& master_key) {
  return create_sqlite_catalog(file, master_key, fresh_keys());
}

Result<void> create_sqlite_catalog(const fs::path& file, const Secret& master_key,
                                   const Keyring& keyring) {
  VR_TRY(refuse_to_overwrite(file));
  const std::unique_ptr<Files> files = real_files();
  std::array<std::uint8_t, 8> random{};
  crypto::random_fill(random);
  // Built under another name: whatever happens in between, a file with this name is whole.
  const fs::path building =
      file.parent_path() / ("." + file.filename().string() + "." + to_hex(random) + ".new");
  // First the empty file, mode 0600: SQLite gives its companions the mode of the database.
  VR_TRY(files->create(building));
  Result<void> made = fill(building, master_key, keyring);
  if (made.ok()) made = settle(*files, building);
  if (made.ok()) made = publish(*files, building, file);
  clear_away(building);
  return made;
}

Result<Keyring> read_catalog_keys(const fs::path& file, const Secret& master_key) {
  VR_TRY(const auto db, Connection::open(file, Connection::Use::write));
  return read_keys(*db, master_key);
}

Result<std::unique_ptr<Catalog>> open_sqlite_catalog(const fs::path& file, const Secret& master_key,
                                                     Clock& clock) {
  if (!is_there(file)) {
    return make_error(ErrorKind::refused, "catalog.missing",
                      file.string() +
                          " is not there: a new site is made by `veilroute init`; if "
                          "this site has received anything, put its catalog.db back, or see "
                          "`veilroute spool salvage --help`");
  }
  const bool check = worth_a_check(file);
  auto opened = Connection::open(file, Connection::Use::write);
  if (!opened.ok()) return as_damaged(std::move(opened).error(), file);
  std::unique_ptr<Connection> db = std::move(opened).value();
  if (check) {
    if (auto pages = sqlite::check_pages(*db); !pages.ok()) {
      return as_damaged(std::move(pages).error(), file);
    }
  }
  VR_TRY(const std::uint32_t version, sqlite::schema_version(*db));
  if (version == 0) {
    // A catalog is whole from the moment it has its name: this was never one.
    return make_error(ErrorKind::corrupt, "catalog.not-a-catalog",
                      file.string() + " is not a catalog of this program");
  }
  VR_TRY(sqlite::migrate(*db, sqlite::known_migrations()));
  VR_TRY(Keyring keyring, read_keys(*db, master_key));
  return std::unique_ptr<Catalog>(
      std::make_unique<sqlite::SqliteCatalog>(file, std::move(db), std::move(keyring), clock));
}

}  // namespace veilroute::store

// Making and opening a catalog: nothing is overwritten, nothing half-made opens, nobody else reads
// it.
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "core/base/keyring.h"
#include "core/store/sqlite/migrations.h"
#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

using sqlite::Connection;
using sqlite::Statement;

class Opening : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "catalog.db"; }
  std::string open_slug(const Secret& master) {
    return slug(open_sqlite_catalog(file(), master, clock_));
  }
  std::unique_ptr<Connection> raw() {
    return Connection::open(file(), Connection::Use::write).value();
  }

  TemporaryFolder folder_;
  Secret master_ = crypto::random_key();
  ManualClock clock_{kStart};
};

TEST_F(Opening, RefusesAnotherMasterKey) {
  create_sqlite_catalog(file(), master_).value();
  const auto opened = open_sqlite_catalog(file(), crypto::random_key(), clock_);
  EXPECT_EQ(slug(opened), "keys.master-wrong");
  EXPECT_EQ(kind_of(opened), ErrorKind::corrupt);
  EXPECT_EQ(open_slug(master_), "ok");
}

TEST_F(Opening, RefusesWhatIsNotThere) {
  const auto opened = open_sqlite_catalog(file(), master_, clock_);
  EXPECT_EQ(slug(opened), "catalog.missing");
  EXPECT_EQ(kind_of(opened), ErrorKind::refused);
  EXPECT_FALSE(std::filesystem::exists(file()));
}

/// For its life databases are opened by a file system layer of SQLite's without shared memory, as a
/// network's file system has none.
class WithoutSharedMemory {
 public:
  WithoutSharedMemory() { sqlite3_vfs_register(sqlite3_vfs_find("unix-dotfile"), 1); }
  ~WithoutSharedMemory() { sqlite3_vfs_register(usual_, 1); }
  WithoutSharedMemory(const WithoutSharedMemory&) = delete;
  WithoutSharedMemory& operator=(const WithoutSharedMemory&) = delete;

 private:
  sqlite3_vfs* usual_ = sqlite3_vfs_find(nullptr);
};

TEST_F(Opening, RefusesADiskOnWhichThereCanBeNoWriteAheadLog) {
  create_sqlite_catalog(file(), master_).value();
  // As it is before its first connection: a file that is in the mode already does not open at all.
  folder_.write("plain.db", "");
  {
    const WithoutSharedMemory network;
    const auto created = create_sqlite_catalog(folder_.path() / "other.db", master_);
    EXPECT_EQ(slug(created), "catalog.no-write-ahead-log");
    EXPECT_EQ(kind_of(created), ErrorKind::refused);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "other.db"));
    const auto opened = Connection::open(folder_.path() / "plain.db", Connection::Use::read);
    EXPECT_EQ(slug(opened), "catalog.no-write-ahead-log");
    EXPECT_NE(opened.error().detail.find("delete"), std::string::npos) << opened.error().detail;
    EXPECT_NE(open_slug(master_), "ok");
  }
  EXPECT_EQ(open_slug(master_), "ok");
}

TEST_F(Opening, RefusesWhatIsNotACatalog) {
  const std::pair<const char*, std::string> kCases[] = {
      {"catalog.not-a-catalog", ""},
      {"catalog.damaged", std::string(4096, 'x')},
  };
  for (const auto& [expected, content] : kCases) {
    folder_.write("catalog.db", content);
    EXPECT_EQ(open_slug(master_), expected);
  }
}

TEST_F(Opening, RefusesASchemaThatIsNewerThanTheProgram) {
  create_sqlite_catalog(file(), master_).value();
  raw()->script("PRAGMA user_version = 99").value();
  const auto opened = open_sqlite_catalog(file(), master_, clock_);
  EXPECT_EQ(slug(opened), "catalog.too-new");
  EXPECT_EQ(kind_of(opened), ErrorKind::refused);
}

TEST_F(Opening, RefusesACatalogThatLostAKey) {
  for (const char* name : kSiteKeyNames) {
    std::filesystem::remove(file());
    create_sqlite_catalog(file(), master_).value();
    raw()->run("DELETE FROM keys WHERE name = ?1", std::string_view(name)).value();
    EXPECT_EQ(open_slug(master_), "keys.missing") << name;
  }
}

TEST_F(Opening, NeverOverwrites) {
  folder_.write("catalog.db", "something else");
  const auto created = create_sqlite_catalog(file(), master_);
  EXPECT_EQ(slug(created), "catalog.exists");
  EXPECT_EQ(kind_of(created), ErrorKind::refused);
  EXPECT_EQ(std::filesystem::file_size(file()), 14U);
}

TEST_F(Opening, DoesNotTakeTheJournalOfARemovedCatalog) {
  for (const char* companion : {"catalog.db-wal", "catalog.db-shm", "catalog.db-journal"}) {
    const auto left = folder_.write(companion, "left");
    EXPECT_EQ(slug(create_sqlite_catalog(file(), master_)), "catalog.leftovers") << companion;
    std::filesystem::remove(left);
  }
  EXPECT_EQ(slug(create_sqlite_catalog(file(), master_)), "ok");
}

TEST_F(Opening, LeavesOneFileForItsOwnerAlone) {
  create_sqlite_catalog(file(), master_).value();
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    (void)entry;
    ++files;
  }
  EXPECT_EQ(files, 1U);
  const auto catalog = open_sqlite_catalog(file(), master_, clock_).value();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat((file().string() + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << suffix;
  }
}

TEST_F(Opening, GivesEverySiteKeysOfItsOwn) {
  create_sqlite_catalog(file(), master_).value();
  const auto other_file = folder_.path() / "other.db";
  create_sqlite_catalog(other_file, master_).value();
  const auto one = open_sqlite_catalog(file(), master_, clock_).value();
  const auto other = open_sqlite_catalog(other_file, master_, clock_).value();
  std::set<Bytes> keys;
  for (const Keyring* keyring : {&one->keyring(), &other->keyring()}) {
    for (const Secret* key :
         {&keyring->spool, &keyring->catalog, &keyring->index, &keyring->ledger}) {
      EXPECT_EQ(key->view().size(), crypto::kKeyBytes);
      keys.emplace(key->view().begin(), key->view().end());
    }
  }
  EXPECT_EQ(keys.size(), 8U);
}

TEST_F(Opening, FindsTheSameKeysAgain) {
  create_sqlite_catalog(file(), master_).value();
  const auto spool_key = [&] {
    const auto catalog = open_sqlite_catalog(file(), master_, clock_).value();
    const ByteView key = catalog->keyring().spool.view();
    return Bytes(key.begin(), key.end());
  };
  EXPECT_EQ(spool_key(), spool_key());
}

TEST_F(Opening, StartsTheLedgerWithAHeadThatIsSealed) {
  create_sqlite_catalog(file(), master_).value();
  {
    const auto catalog = open_sqlite_catalog(file(), master_, clock_).value();
    const ledger::Inspection empty = catalog->inspect_ledger().value();
    EXPECT_TRUE(empty.ok) << empty.advice;
    EXPECT_EQ(empty.entries, 0U);
  }
  raw()->run("DELETE FROM ledger_head").value();
  const auto catalog = open_sqlite_catalog(file(), master_, clock_).value();
  EXPECT_EQ(slug(catalog->append_entry({})), "ledger.head-forged");
  EXPECT_EQ(catalog->inspect_ledger().value().slug, "ledger.head-forged");
}

/// Whatever moment the maker is killed at: either there is no catalog, or one that opens.
TEST_F(Opening, KilledWhileCreatingLeavesAllOrNothing) {
  unsigned made = 0;
  for (unsigned round = 0; round < 40; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      (void)create_sqlite_catalog(file(), master_).ok();
      ::_exit(0);
    }
    ::usleep(round * 250);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    const std::string opened = open_slug(master_);
    if (std::filesystem::exists(file())) {
      EXPECT_EQ(opened, "ok") << "round " << round;
      ++made;
    } else {
      EXPECT_EQ(opened, "catalog.missing") << "round " << round;
    }
    std::filesystem::remove(file());
  }
  EXPECT_EQ(slug(create_sqlite_catalog(file(), master_)), "ok");
  RecordProperty("made", static_cast<int>(made));
}

TEST(Migrations, TakeTheMissingStepsOnceAndInOrder) {
  TemporaryFolder folder;
  const auto db = Connection::open(folder.write("a.db", ""), Connection::Use::write).value();
  const sqlite::Migration one[] = {{1, "CREATE TABLE a (x INTEGER);"}};
  const sqlite::Migration two[] = {{1, "CREATE TABLE a (x INTEGER);"},
                                   {2, "INSERT INTO a VALUES (7);"}};
  sqlite::migrate(*db, one).value();
  EXPECT_EQ(sqlite::schema_version(*db).value(), 1U);
  sqlite::migrate(*db, two).value();
  sqlite::migrate(*db, two).value();
  EXPECT_EQ(sqlite::schema_version(*db).value(), 2U);
  Statement row = db->prepare("SELECT count(*) FROM a").value();
  ASSERT_TRUE(row.step().value());
  EXPECT_EQ(row.i64(0), 1);
  EXPECT_EQ(slug(sqlite::migrate(*db, one)), "catalog.too-new");
}

TEST(Migrations, AStepThatFailsLeavesNothing) {
  TemporaryFolder folder;
  const auto db = Connection::open(folder.write("a.db", ""), Connection::Use::write).value();
  const sqlite::Migration steps[] = {
      {1, "CREATE TABLE a (x INTEGER);"},
      {2, "CREATE TABLE b (x INTEGER); INSERT INTO none VALUES (1);"}};
  EXPECT_FALSE(sqlite::migrate(*db, steps).ok());
  EXPECT_FALSE(db->in_transaction());
  EXPECT_EQ(sqlite::schema_version(*db).value(), 1U);
  EXPECT_FALSE(db->prepare("SELECT * FROM b").ok());
}

}  // namespace
}  // namespace veilroute::store

// The ledger against somebody who can write to the database: whatever was changed, the inspection
// names the first entry that is not to be believed. 45 CFR 164.312(b), (c).
#include <gtest/gtest.h>

#include <functional>

#include "core/store/ledger/chain.h"
#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

using sqlite::Connection;
using sqlite::Statement;

constexpr std::uint64_t kEntries = 12;
constexpr std::uint64_t kSigned = 8;  ///< a checkpoint stands at this length

void append(CatalogRoom& room, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    ledger::Entry entry;
    entry.kind = ledger::Kind::configuration_loaded;
    entry.study = {i};
    entry.fields["number"] = std::to_string(i);
    entry.sealed["calling_ae"] = "ER_CR1";
    room->append_entry(std::move(entry)).value();
  }
}

/// A ledger of twelve entries with a checkpoint after the eighth. Closed: each case works on a
/// copy.
class Tampered : public ::testing::Test {
 protected:
  void SetUp() override {
    append(room_, kSigned);
    room_->checkpoint_ledger(room_.checkpoints()).value();
    append(room_, kEntries - kSigned);
    room_.close();
  }
  ledger::Inspection inspect_after(const std::function<void(Connection&)>& act, bool with_file) {
    const auto copy = room_.folder() / "copy.db";
    std::filesystem::copy_file(room_.file(), copy,
                               std::filesystem::copy_options::overwrite_existing);
    act(*Connection::open(copy, Connection::Use::write).value());
    const auto catalog = open_sqlite_catalog(copy, room_.master(), room_.clock()).value();
    return catalog->inspect_ledger(with_file ? room_.checkpoints() : "").value();
  }
  CatalogRoom room_;
};

Bytes entry_at(Connection& db, std::uint64_t sequence) {
  Statement row = db.prepare("SELECT entry FROM ledger WHERE sequence = ?1").value();
  EXPECT_TRUE(row.bind(sequence).step().value());
  return row.bytes(0);
}

/// What somebody without keys can still do: make leaf and link fit from an entry on.
void link_anew(Connection& db, std::uint64_t from) {
  Digest link{};
  for (std::uint64_t sequence = 1;; ++sequence) {
    Bytes entry;
    {
      Statement row = db.prepare("SELECT entry FROM ledger WHERE sequence = ?1").value();
      if (!row.bind(sequence).step().value()) return;
      entry = row.bytes(0);
    }
    const Digest leaf = ledger::leaf_of(entry);
    link = ledger::link_of(link, leaf);
    if (sequence < from) continue;
    db.run("UPDATE ledger SET leaf = ?2, link = ?3 WHERE sequence = ?1", sequence, leaf, link)
        .value();
  }
}

void change_byte(Connection& db, std::uint64_t sequence, std::size_t at) {
  Bytes entry = entry_at(db, sequence);
  entry.at(at) ^= 1U;
  db.run("UPDATE ledger SET entry = ?2 WHERE sequence = ?1", sequence, entry).value();
}

/// The clear number of an entry, changed so that it still reads as an entry.
void replace(Connection& db, std::uint64_t sequence) {
  Bytes entry = entry_at(db, sequence);
  const std::string_view text = as_text(entry);
  const std::size_t at = text.find("number") + 10;
  entry.at(at) = '9';
  db.run("UPDATE ledger SET entry = ?2 WHERE sequence = ?1", sequence, entry).value();
}

void cut(Connection& db, std::uint64_t length) {
  db.run("DELETE FROM ledger WHERE sequence > ?1", length).value();
}

struct Tamper {
  const char* name;
  std::function<void(Connection&)> act;
  std::uint64_t bad;
  const char* slug;
};

const Tamper kTampers[] = {
    {"one byte of an entry", [](auto& db) { change_byte(db, 5, 60); }, 5, "ledger.entry-changed"},
    {"one byte of the first", [](auto& db) { change_byte(db, 1, 60); }, 1, "ledger.entry-changed"},
    {"one byte of the last", [](auto& db) { change_byte(db, 12, 60); }, 12, "ledger.entry-changed"},
    {"the version byte", [](auto& db) { change_byte(db, 3, 0); }, 3, "ledger.entry-changed"},
    {"a leaf",
     [](auto& db) { db.run("UPDATE ledger SET leaf = zeroblob(32) WHERE sequence = 4").value(); },
     4, "ledger.entry-changed"},
    {"a link",
     [](auto& db) { db.run("UPDATE ledger SET link = zeroblob(32) WHERE sequence = 4").value(); },
     4, "ledger.entry-changed"},
    {"an entry dropped", [](auto& db) { db.run("DELETE FROM ledger WHERE sequence = 6").value(); },
     6, "ledger.entry-missing"},
    {"the first dropped", [](auto& db) { db.run("DELETE FROM ledger WHERE sequence = 1").value(); },
     1, "ledger.entry-missing"},
    {"dropped and moved up",
     [](auto& db) {
       db.run("DELETE FROM ledger WHERE sequence = 6").value();
       for (std::uint64_t s = 7; s <= kEntries; ++s) {
         db.run("UPDATE ledger SET sequence = sequence - 1 WHERE sequence = ?1", s).value();
       }
     },
     6, "ledger.entry-swapped"},
    {"two swapped",
     [](auto& db) {
       db.run("UPDATE ledger SET sequence = 100 WHERE sequence = 3").value();
       db.run("UPDATE ledger SET sequence = 3 WHERE sequence = 9").value();
       db.run("UPDATE ledger SET sequence = 9 WHERE sequence = 100").value();
     },
     3, "ledger.entry-swapped"},
    {"the tail cut", [](auto& db) { cut(db, 10); }, 11, "ledger.tail-cut"},
    {"everything gone", [](auto& db) { cut(db, 0); }, 1, "ledger.tail-cut"},
    {"an entry replaced and linked anew after the checkpoint",
     [](auto& db) {
       replace(db, 10);
       link_anew(db, 10);
     },
     9, "ledger.entry-changed"},
    {"an entry replaced and linked anew before the checkpoint",
     [](auto& db) {
       replace(db, 2);
       link_anew(db, 2);
     },
     1, "ledger.entry-changed"},
    {"an entry added",
     [](auto& db) {
       const Bytes twelfth = entry_at(db, 12);
       Bytes more = twelfth;
       more.at(1) = 13;
       db.run(
             "INSERT INTO ledger SELECT 13, node, epoch, kind, at, study, transfer, destination,"
             " ?1, leaf, link FROM ledger WHERE sequence = 12",
             more)
           .value();
       link_anew(db, 13);
     },
     13, "ledger.entry-added"},
    {"the head gone", [](auto& db) { db.run("DELETE FROM ledger_head").value(); }, 9,
     "ledger.head-forged"},
    {"the head made up",
     [](auto& db) {
       cut(db, 10);
       db.run(
             "UPDATE ledger_head SET length = 10, link = (SELECT link FROM ledger WHERE"
             " sequence = 10)")
           .value();
     },
     9, "ledger.head-forged"},
    {"a signed head changed",
     [](auto& db) { db.run("UPDATE ledger_checkpoints SET head = zeroblob(32)").value(); }, kSigned,
     "ledger.checkpoint-forged"},
    {"a checkpoint made up",
     [](auto& db) {
       db.run(
             "INSERT INTO ledger_checkpoints SELECT 5, node, head, at, signature FROM"
             " ledger_checkpoints")
           .value();
     },
     5, "ledger.checkpoint-forged"},
    {"a column that hides an entry from a search",
     [](auto& db) { db.run("UPDATE ledger SET study = 77 WHERE sequence = 7").value(); }, 7,
     "ledger.entry-changed"},
};

TEST_F(Tampered, IsNamedByTheFirstBadEntry) {
  for (const Tamper& c : kTampers) {
    const ledger::Inspection found = inspect_after(c.act, true);
    EXPECT_FALSE(found.ok) << c.name;
    EXPECT_EQ(found.slug, c.slug) << c.name << ": " << found.advice;
    EXPECT_EQ(found.bad_sequence, c.bad) << c.name << ": " << found.advice;
    EXPECT_FALSE(found.advice.empty()) << c.name;
  }
}

TEST_F(Tampered, UntouchedIsWhole) {
  const ledger::Inspection found = inspect_after([](Connection&) {}, true);
  EXPECT_TRUE(found.ok) << found.advice;
  EXPECT_EQ(found.entries, kEntries);
  EXPECT_EQ(found.checkpoints, 1U);
  EXPECT_NE(found.head, Digest{});
}

TEST_F(Tampered, NothingMoreIsWrittenUnderAForgedHead) {
  room_.raw()->run("UPDATE ledger_head SET length = 5").value();
  room_.reopen();
  EXPECT_EQ(slug(room_->append_entry({})), "ledger.head-forged");
  EXPECT_EQ(slug(room_->checkpoint_ledger(room_.checkpoints())), "ledger.head-forged");
}

/// Every byte of an entry counts.
TEST_F(Tampered, AnyByteOfAnEntryShows) {
  std::vector<ledger::Row> rows;
  {
    const auto db = room_.raw();
    for (std::uint64_t sequence = 1; sequence <= kEntries; ++sequence) {
      Statement row = db->prepare(
                            "SELECT sequence, entry, leaf, link FROM ledger"
                            " WHERE sequence = ?1")
                          .value();
      ASSERT_TRUE(row.bind(sequence).step().value());
      rows.push_back({row.u64(0), row.bytes(1), row.digest(2), row.digest(3), {}});
      rows.back().columns = ledger::columns_of(ledger::decode(row.bytes(1), nullptr).value());
    }
  }
  const ledger::Checkpoint head{kEntries, rows.back().link, 0, {}};
  const auto bad_one = [&] {
    std::size_t at = 0;
    return ledger::inspect(
               [&](ledger::Row& out) -> Result<bool> {
                 if (at == rows.size()) return false;
                 out = rows[at++];
                 return true;
               },
               head, {}, Bytes(32))
        .bad_sequence;
  };
  EXPECT_EQ(bad_one(), 0U);
  Bytes& entry = rows[4].entry;
  for (std::size_t at = 0; at < entry.size(); ++at) {
    entry[at] ^= 0x80U;
    EXPECT_EQ(bad_one(), 5U) << at;
    entry[at] ^= 0x80U;
  }
}

/// Tail and head row put back to what they were: the row is genuine, only a signed head knows
/// better.
TEST(RolledBack, TailIsShownByTheCheckpointFile) {
  CatalogRoom room;
  append(room, 10);
  const auto db = room.raw();
  db->run("CREATE TABLE kept AS SELECT * FROM ledger_head").value();
  append(room, 2);
  room->checkpoint_ledger(room.checkpoints()).value();
  cut(*db, 10);
  db->run("DELETE FROM ledger_head").value();
  db->run("INSERT INTO ledger_head SELECT * FROM kept").value();
  EXPECT_EQ(room->inspect_ledger(room.checkpoints()).value().slug, "ledger.tail-cut");
  EXPECT_EQ(room->inspect_ledger().value().slug, "ledger.tail-cut");  // by the table's own
  db->run("DELETE FROM ledger_checkpoints").value();
  const ledger::Inspection found = room->inspect_ledger(room.checkpoints()).value();
  EXPECT_EQ(found.slug, "ledger.tail-cut");
  EXPECT_EQ(found.bad_sequence, 11U);
}

/// The whole database put back, and the node went on from there.
TEST(RolledBack, DatabaseIsShownByTwoSignedHeadsOfOneLength) {
  CatalogRoom room;
  append(room, 8);
  room->checkpoint_ledger(room.checkpoints()).value();
  room.close();
  std::filesystem::copy_file(room.file(), room.folder() / "old.db");
  room.reopen();
  append(room, 4);
  room->checkpoint_ledger(room.checkpoints()).value();
  room.close();
  std::filesystem::rename(room.folder() / "old.db", room.file());
  room.reopen();
  append(room, 4);
  room->checkpoint_ledger(room.checkpoints()).value();
  const ledger::Inspection found = room->inspect_ledger(room.checkpoints()).value();
  EXPECT_EQ(found.slug, "ledger.entry-changed");
  EXPECT_EQ(found.bad_sequence, 9U);
}

}  // namespace
}  // namespace veilroute::store

// Checkpoints: a signed line in a file of its own beside the row; and the ledger as it is searched.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "core/base/files.h"
#include "core/store/sqlite/ledger_writer.h"
#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

std::string text_of(const std::filesystem::path& file) { return read_text_file(file).value(); }
void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}
std::int64_t lines_of(const std::filesystem::path& file) {
  const std::string text = text_of(file);
  return std::count(text.begin(), text.end(), '\n');
}

/// Works on a ledger with three entries and a checkpoint of them.
class Checkpoints : public ::testing::Test {
 protected:
  void SetUp() override {
    append(3);
    room_->checkpoint_ledger(file()).value();
  }
  void append(int count) {
    for (int i = 0; i < count; ++i) room_->append_entry({}).value();
  }
  std::filesystem::path file() { return room_.checkpoints(); }
  ledger::Inspection inspect() { return room_->inspect_ledger(file()).value(); }
  CatalogRoom room_;
};

TEST_F(Checkpoints, AreLinesThatTheSitesKeyHasSigned) {
  const std::string text = text_of(file());
  const ledger::Checkpoint checkpoint =
      ledger::checkpoint_of_json_line(std::string_view(text).substr(0, text.size() - 1)).value();
  EXPECT_EQ(checkpoint.length, 3U);
  EXPECT_EQ(checkpoint.head, inspect().head);
  EXPECT_EQ(checkpoint.at_micros, to_micros(kStart));
  const Bytes key = crypto::public_key_ed25519(sqlite::checkpoint_seed(room_->keyring())).value();
  EXPECT_TRUE(crypto::verify_ed25519(key, ledger::signed_part(checkpoint), checkpoint.signature));
  EXPECT_EQ(ledger::to_json_line(checkpoint) + "\n", text);
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Checkpoints, StandOncePerLength) {
  room_->checkpoint_ledger(file()).value();
  EXPECT_EQ(lines_of(file()), 1);
  append(1);
  room_->checkpoint_ledger(file()).value();
  EXPECT_EQ(lines_of(file()), 2);
  EXPECT_EQ(inspect().checkpoints, 2U);
  EXPECT_TRUE(inspect().ok);
}

TEST_F(Checkpoints, ALineThatWasCutShortIsWrittenAgain) {
  const std::string whole = text_of(file());
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    write_text(file(), whole.substr(0, size));
    EXPECT_TRUE(inspect().ok) << size;
    room_->checkpoint_ledger(file()).value();
    EXPECT_EQ(text_of(file()), whole) << size;
  }
}

TEST_F(Checkpoints, ALostFileIsBegunAgain) {
  std::filesystem::remove_all(file().parent_path());
  EXPECT_TRUE(inspect().ok);
  room_->checkpoint_ledger(file()).value();
  EXPECT_EQ(lines_of(file()), 1);
}

TEST_F(Checkpoints, ManyLinesKeepTheirOrder) {
  for (int i = 0; i < 40; ++i) {
    append(1);
    room_->checkpoint_ledger(file()).value();
  }
  EXPECT_EQ(lines_of(file()), 41);
  EXPECT_TRUE(inspect().ok);
  EXPECT_EQ(inspect().checkpoints, 41U);
}

TEST_F(Checkpoints, ALineThatIsNoneIsSaidToBe) {
  const std::string whole = text_of(file());
  const std::string kLines[] = {
      "",
      "hello",
      "{\"length\":-3}",
      "{\"length\":3,\"head\":\"zz\",\"at_micros\":1,\"signature\":\"00\"}",
      "{\"length\":3,\"head\":\"00\",\"at_micros\":1,\"signature\":\"00\"}",
      whole.substr(0, 40),
      std::string(5000, '{'),
  };
  for (const std::string& line : kLines) {
    write_text(file(), whole + line + "\n");
    const ledger::Inspection found = inspect();
    EXPECT_FALSE(found.ok) << line;
    EXPECT_EQ(found.slug, "ledger.checkpoint-unreadable") << line;
    EXPECT_NE(found.advice.find("Line 2 "), std::string::npos) << found.advice;
  }
}

TEST_F(Checkpoints, AForgedLineIsNamedByItsLength) {
  std::string text = text_of(file());
  const std::size_t at = text.find("signature") + 14;
  text[at] = text[at] == '0' ? '1' : '0';
  write_text(file(), text);
  const ledger::Inspection found = inspect();
  EXPECT_EQ(found.slug, "ledger.checkpoint-forged");
  EXPECT_EQ(found.bad_sequence, 3U);
}

TEST_F(Checkpoints, OfAnotherSiteAreForged) {
  CatalogRoom elsewhere;
  for (int i = 0; i < 3; ++i) elsewhere->append_entry({}).value();
  elsewhere->checkpoint_ledger(elsewhere.checkpoints()).value();
  write_text(file(), text_of(elsewhere.checkpoints()));
  EXPECT_EQ(inspect().slug, "ledger.checkpoint-forged");
}

TEST_F(Checkpoints, AFolderInTheFilesPlaceIsAFailureNotAPass) {
  std::filesystem::remove(file());
  std::filesystem::create_directory(file());
  EXPECT_FALSE(room_->inspect_ledger(file()).ok());
  EXPECT_FALSE(room_->checkpoint_ledger(file()).ok());
}

class Searched : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::uint64_t i = 1; i <= 10; ++i) {
      ledger::Entry entry;
      entry.kind = i % 2 == 0 ? ledger::Kind::node_started : ledger::Kind::transfer_planned;
      entry.at = kStart + i * 1s;
      entry.study = {i % 3};
      entry.transfer = {i % 5};
      entry.fields["destination"] = i <= 4 ? "bone-specialist" : "registry";
      entry.sealed["calling_ae"] = "ER_CR1";
      room_->append_entry(std::move(entry)).value();
    }
  }
  std::vector<std::uint64_t> found(const LedgerFilter& filter) {
    std::vector<std::uint64_t> sequences;
    const std::vector<ledger::Entry> entries = room_->ledger_entries(filter).value();
    for (const ledger::Entry& entry : entries) {
      sequences.push_back(entry.sequence);
      EXPECT_EQ(entry.sealed.at("calling_ae"), "ER_CR1");
    }
    return sequences;
  }
  CatalogRoom room_;
};

TEST_F(Searched, ByWhateverIsAsked) {
  using Found = std::vector<std::uint64_t>;
  const auto filter = [](auto set) {
    LedgerFilter wanted;
    set(wanted);
    return wanted;
  };
  EXPECT_EQ(found({}).size(), 10U);
  EXPECT_EQ(found(filter([](auto& f) { f.from_sequence = 9; })), (Found{9, 10}));
  EXPECT_EQ(found(filter([](auto& f) { f.study = StudyKey{2}; })), (Found{2, 5, 8}));
  EXPECT_EQ(found(filter([](auto& f) { f.transfer = TransferId{1}; })), (Found{1, 6}));
  EXPECT_EQ(found(filter([](auto& f) { f.destination = kBone; })), (Found{1, 2, 3, 4}));
  EXPECT_EQ(found(filter([](auto& f) { f.kind = ledger::Kind::node_started; })),
            (Found{2, 4, 6, 8, 10}));
  EXPECT_EQ(found(filter([](auto& f) {
              f.since = kStart + 3s;
              f.until = kStart + 5s;
            })),
            (Found{3, 4}));
  EXPECT_EQ(found(filter([](auto& f) { f.at_most = 3; })), (Found{1, 2, 3}));
  EXPECT_EQ(found(filter([](auto& f) {
              f.at_most = 3;
              f.newest = true;
            })),
            (Found{8, 9, 10}));
  EXPECT_EQ(found(filter([](auto& f) {
              f.study = StudyKey{2};
              f.kind = ledger::Kind::node_started;
              f.newest = true;
              f.at_most = 1;
            })),
            (Found{8}));
  EXPECT_EQ(found(filter([](auto& f) { f.destination = DestinationName{"nobody"}; })), Found{});
}

TEST(Entries, AreGivenTheTimeOfTheirTransaction) {
  CatalogRoom room;
  room.clock().advance(3s);
  room->append_entry({}).value();
  EXPECT_EQ(room->ledger_entries({}).value().at(0).at, kStart + 3s);
}

}  // namespace
}  // namespace veilroute::store

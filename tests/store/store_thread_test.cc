// The one thread that writes: batches, their order, and that one verb's failure is its own.
#include "core/store/sqlite/store_thread.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "core/store/sqlite/ledger_writer.h"
#include "core/store/sqlite/migrations.h"
#include "tests/store/catalog_room.h"
#include "tests/support/wait.h"

namespace veilroute::store::sqlite {
namespace {

Error spoiled() { return make_error(ErrorKind::refused, "test.spoiled", "as told"); }

class OneWriter : public ::testing::Test {
 protected:
  void SetUp() override {
    auto db = open(Connection::Use::write);
    migrate(*db, known_migrations()).value();
    db->run("CREATE TABLE seen (number INTEGER PRIMARY KEY, place INTEGER)").value();
    write_ledger_head(*db, keyring_, {}).value();
    reader_ = open(Connection::Use::read);
    thread_ = std::make_unique<StoreThread>(std::move(db), sealer_, clock_);
  }
  std::unique_ptr<Connection> open(Connection::Use use) const {
    return Connection::open(file_, use).value();
  }
  static StoreThread::Verb write_number(int number) {
    return [number](Work& work) {
      return work.db.run(
          "INSERT INTO seen (number, place)"
          " SELECT ?1, count(*) FROM seen",
          number);
    };
  }
  std::vector<std::int64_t> committed() {
    Statement row = reader_->prepare("SELECT number FROM seen ORDER BY place").value();
    std::vector<std::int64_t> numbers;
    while (row.step().value()) numbers.push_back(row.i64(0));
    return numbers;
  }
  /// Holds the store thread inside a batch until the promise is kept: what comes meanwhile makes up
  /// the next batch.
  std::jthread occupy(std::promise<void>& release) {
    std::promise<void> begun;
    std::future<void> running = begun.get_future();
    std::jthread holder([this, &release, begun = std::move(begun)]() mutable {
      thread_
          ->run([&](Work&) -> Result<void> {
            begun.set_value();
            release.get_future().wait();
            return {};
          })
          .value();
    });
    running.wait();
    return holder;
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.write("store.db", "");
  Keyring keyring_{crypto::random_key(), crypto::random_key(), crypto::random_key(),
                   crypto::random_key()};
  Sealer sealer_{keyring_};
  ManualClock clock_{kStart};
  std::unique_ptr<Connection> reader_;
  std::unique_ptr<StoreThread> thread_;
};

TEST_F(OneWriter, AFailedVerbLeavesNothingAndTakesNobodyWithIt) {
  std::promise<void> release;
  std::vector<std::string> slugs(6);
  {
    std::jthread holder = occupy(release);
    std::vector<std::jthread> verbs;
    for (int i = 0; i < 6; ++i) {
      verbs.emplace_back([this, i, &slugs] {
        slugs[static_cast<std::size_t>(i)] = slug(thread_->run([i](Work& work) -> Result<void> {
          VR_TRY(write_number(i)(work));
          if (i % 2 == 1) return spoiled();
          return {};
        }));
      });
    }
    release.set_value();
  }
  EXPECT_EQ(slugs, (std::vector<std::string>{"ok", "test.spoiled", "ok", "test.spoiled", "ok",
                                             "test.spoiled"}));
  std::vector<std::int64_t> numbers = committed();
  std::sort(numbers.begin(), numbers.end());
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{0, 2, 4}));
}

TEST_F(OneWriter, AStatementThatFailsIsTheVerbsFailureAlone) {
  thread_->run(write_number(1)).value();
  EXPECT_EQ(kind_of(thread_->run(write_number(1))), ErrorKind::internal);
  thread_->run(write_number(2)).value();
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{1, 2}));
}

TEST_F(OneWriter, ALostTransactionFailsEveryVerbOfItsBatch) {
  std::promise<void> release;
  std::string before;
  std::string culprit;
  {
    std::jthread holder = occupy(release);
    std::jthread first([&] { before = slug(thread_->run(write_number(1))); });
    // SQLite does so by itself when the disk is full.
    std::jthread second(
        [&] { culprit = slug(thread_->run([](Work& work) { return work.db.run("ROLLBACK"); })); });
    release.set_value();
  }
  EXPECT_EQ(culprit, "catalog.transaction-lost");
  // In the same batch it is lost with it; in one before, it is there. Never both, never neither.
  EXPECT_EQ(committed().size(), before == "ok" ? 1U : 0U);
  thread_->run(write_number(2)).value();
}

TEST_F(OneWriter, CommitsWhatIsLazyByItself) {
  thread_->enqueue(write_number(7), false);
  EXPECT_TRUE(test::wait_for([this] { return committed() == std::vector<std::int64_t>{7}; },
                             std::chrono::seconds(5)));
}

TEST_F(OneWriter, CommitsLazyVerbsBeforeTheDurableOneThatCameLater) {
  for (int i = 0; i < 100; ++i) thread_->enqueue(write_number(i), i % 2 == 0);
  thread_->run(write_number(100)).value();
  const std::vector<std::int64_t> numbers = committed();
  ASSERT_EQ(numbers.size(), 101U);
  for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], i);
}

TEST_F(OneWriter, CommitsWhatWaitsWhenItEnds) {
  for (int i = 0; i < 10; ++i) thread_->enqueue(write_number(i), true);
  thread_.reset();
  EXPECT_EQ(committed().size(), 10U);
}

TEST_F(OneWriter, TakesMoreThanTheQueueHolds) {
  constexpr int kEach = 6000;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([this, t] {
        for (int i = 0; i < kEach; ++i) {
          thread_->enqueue(
              [number = t * kEach + i](Work& work) {
                return work.db.run("INSERT INTO seen (number, place) VALUES (?1, 0)", number);
              },
              true);
        }
      });
    }
  }
  thread_->run([](Work&) -> Result<void> { return {}; }).value();
  EXPECT_EQ(committed().size(), 3U * kEach);
}

TEST_F(OneWriter, WritesGatheredEntriesBeforeAnythingThatFollowsThem) {
  const auto gather = [](std::uint64_t object) {
    return [object](Work& work) -> Result<void> {
      ledger::Entry entry;
      entry.kind = ledger::Kind::received;
      entry.at = kStart;
      entry.items.emplace_back().object = {object};
      work.pending.add_received(std::move(entry));
      return {};
    };
  };
  std::promise<void> release;
  {
    std::jthread holder = occupy(release);
    thread_->enqueue(gather(1), true);
    thread_->enqueue(gather(2), true);
    thread_->enqueue([](Work& work) { return work.ledger({}); }, false);
    thread_->enqueue(gather(3), true);
    release.set_value();
  }
  thread_->run([](Work&) -> Result<void> { return {}; }).value();
  Statement row = reader_->prepare("SELECT entry FROM ledger ORDER BY sequence").value();
  std::vector<std::size_t> items;
  while (row.step().value()) {
    items.push_back(ledger::decode(row.bytes(0), nullptr).value().items.size());
  }
  EXPECT_EQ(items, (std::vector<std::size_t>{2, 0, 1}));
}

/// Somebody was told that the object is safe: only a restart brings it into the catalog.
TEST_F(OneWriter, ALazyVerbThatFailsEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        thread_->enqueue([](Work&) -> Result<void> { return spoiled(); }, false);
        (void)thread_->run([](Work&) -> Result<void> { return {}; }).ok();
      },
      "test.spoiled");
}

TEST(Gathering, JoinsWhatOneAssociationBroughtOfOneStudyWithinASecond) {
  const auto received = [](unsigned study, const char* association, Duration after) {
    ledger::Entry entry;
    entry.kind = ledger::Kind::received;
    entry.study = {study};
    entry.fields["association"] = association;
    entry.at = kStart + after;
    entry.items.emplace_back();
    return entry;
  };
  PendingEntries pending;
  pending.add_received(received(1, "a", 0s));
  pending.add_received(received(1, "a", 1s));
  pending.add_received(received(1, "a", 1001ms));
  pending.add_received(received(2, "a", 0s));
  pending.add_received(received(1, "b", 0s));
  std::vector<std::size_t> items;
  for (const ledger::Entry& entry : pending.take()) items.push_back(entry.items.size());
  EXPECT_EQ(items, (std::vector<std::size_t>{2, 1, 1, 1}));
  EXPECT_TRUE(pending.take().empty());
}

TEST_F(OneWriter, LazyVerbsWaitInOrderWhileTheDiskIsFull) {
  std::atomic<bool> full{true};
  for (int number = 1; number <= 3; ++number) {
    thread_->enqueue(
        [&full, number](Work& work) -> Result<void> {
          if (full) return make_error(ErrorKind::exhausted, "catalog.failed", "the disk is full");
          return write_number(number)(work);
        },
        false);
  }
  ASSERT_TRUE(test::wait_for([&] { return !thread_->accepting().ok(); }, std::chrono::seconds(20)));
  EXPECT_EQ(thread_->accepting().error().slug, "catalog.no-room");
  EXPECT_EQ(thread_->accepting().error().kind, ErrorKind::exhausted);
  EXPECT_EQ(thread_->run(write_number(4)).error().kind, ErrorKind::exhausted)
      << "whoever waits for an answer is told";
  EXPECT_TRUE(committed().empty());
  full = false;
  ASSERT_TRUE(test::wait_for([&] { return committed().size() == 3; }, std::chrono::seconds(20)));
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_TRUE(thread_->run(write_number(5)).ok());
  EXPECT_TRUE(thread_->accepting().ok());
}

TEST_F(OneWriter, EndsWithoutTheRowsThatFoundNoRoom) {
  thread_->enqueue(
      [](Work&) -> Result<void> {
        return make_error(ErrorKind::exhausted, "catalog.failed", "the disk is full");
      },
      false);
  thread_.reset();
  EXPECT_TRUE(committed().empty());
}

}  // namespace
}  // namespace veilroute::store::sqlite

// kill -9 at each row of the walk, and at any time while a series is sent. What was acknowledged
// reaches the partner, once or more often with the same bytes; nothing leaves that was not cleared and
// announced; the accounts close. (A kill leaves the page cache: that bytes are *durable* at the answer
// is shown by the simulated power cut in tests/store.)
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "tests/support/acknowledged.h"
#include "tests/support/wait.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

/// How many kills a run makes: VEILROUTE_KILLS, half of them at rows of the walk.
unsigned kills_wanted() {
  const char* wanted = std::getenv("VEILROUTE_KILLS");
  return wanted == nullptr ? 30 : static_cast<unsigned>(std::max(2, std::atoi(wanted)));
}

/// The event that tells of each row (ARCHITECTURE.md), in the order of the walk.
constexpr const char* kRows[] = {
    "association.opened",   // 1
    "object.arriving",      // 2
    "object.spooled",       // 3, durable; neither recorded nor answered
    "study.completed",      // 4
    "transfer.planned",     // 5
    "object.deidentified",  // 6
    "object.verified",      // 7
    "transfer.cleared",     // 8
    "attempt.started",      // 9, on record; nothing has left
    "object.answered",      // 9, one has left, the row does not know it
    "transfer.sent",        // 10
};

class Crash : public ::testing::Test {
 protected:
  void SetUp() override {
    node_.edit("site.toml", "quiet = \"2s\"", "quiet = \"300ms\"");
    node_.edit("site.toml", "[completion]", "[log]\nlevel = \"debug\"\n\n[completion]");
    node_.start_partner();
    ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  }

  /// A new study of `count` CT objects.
  std::vector<std::string> series(unsigned count, unsigned edge) {
    ++studies_;
    std::vector<std::string> names;
    for (unsigned i = 1; i <= count; ++i) {
      auto options = small(dicom::PhantomKind::ct, studies_, i);
      options.rows = options.columns = edge;
      names.push_back(write_phantom(folder_.path(), options).path.string());
    }
    return names;
  }

  std::unique_ptr<test::Process> begin_sending(const std::vector<std::string>& names) {
    return std::make_unique<test::Process>(
        node_.storescu_command(names),
        folder_.path() / ("sender-" + std::to_string(++sendings_) + ".log"));
  }
  void end_sending(test::Process& sender) {
    ASSERT_TRUE(test::wait_for([&] { return !sender.running(); }, 120s));
    for (const auto& name : test::acknowledged_files(sender.output())) acknowledged_.insert(name);
  }

  /// For the message of a failure: the study, and each entry that names the object.
  std::string all_that_is_known_of(const Copy& original) const {
    std::string text = node_.verb({"study", "show", original.text(dicom::tags::StudyInstanceUID)}).output;
    for (const auto& entry : node_.ledger()) {
      const std::string line = entry.dump();
      if (line.find(original.head.sop_instance.value) != std::string::npos) text += line + "\n";
    }
    return text;
  }
  /// What the ledger said before it left; each must have been cleared before.
  struct Announced {
    std::set<std::string> uids;                      ///< new ones
    std::map<std::string, std::string> by_original;  ///< the UID it came with → the new one
  };
  Announced what_was_announced() const;
  void expect_all_is_well();

  TemporaryFolder folder_;
  test::Node node_;
  unsigned studies_ = 0, sendings_ = 0;
  std::set<std::string> acknowledged_;
};

Crash::Announced Crash::what_was_announced() const {
  Announced announced;
  std::map<std::uint64_t, std::string> originals;  // by our number of the object
  std::set<std::uint64_t> cleared;
  for (const auto& entry : node_.ledger()) {
    const auto transfer = entry.value("transfer", std::uint64_t{0});
    const auto kind = entry.at("kind").get<std::string>();
    if (kind == "transfer.cleared") cleared.insert(transfer);
    if (kind == "attempt.started") {
      EXPECT_TRUE(cleared.contains(transfer)) << "begun without clearance: " << entry.dump(2);
    }
    for (const auto& item : entry.value("items", json::array())) {
      const auto object = item.at("object").get<std::uint64_t>();
      const json identified = item.value("identified", json::object());
      if (kind == "received") originals[object] = identified.at("sop_instance");
      if (kind != "attempt.started") continue;
      const std::string uid = identified.at("new_sop_instance");
      announced.uids.insert(uid);
      announced.by_original[originals[object]] = uid;
    }
  }
  return announced;
}

/// Kept in one place, so that rows and random times are judged alike.
void Crash::expect_all_is_well() {
  ASSERT_TRUE(node_.wait_until_settled(180s))
      << node_.verb({"study", "list"}).output << node_.verb({"queue", "list"}).output;
  EXPECT_EQ(node_.verb({"quarantine", "list"}).output, "Nothing is in quarantine.\n");
  const Announced announced = what_was_announced();
  std::map<std::string, Bytes> arrived;
  for (Copy& copy : read_copies(node_.received_files())) {
    const std::string uid = copy.head.sop_instance.value;
    EXPECT_TRUE(announced.uids.contains(uid)) << "it left before the ledger knew: " << copy.path;
    EXPECT_EQ(copy.text({0x0012, 0x0062}), "YES");
    const auto [known, first] = arrived.try_emplace(uid, copy.bytes);
    EXPECT_TRUE(first || known->second == copy.bytes) << "sent twice with different bytes";
  }
  for (const std::string& name : acknowledged_) {
    const Copy original = read_copy(name);
    const auto uids = announced.by_original.find(original.head.sop_instance.value);
    const bool known = uids != announced.by_original.end();
    EXPECT_TRUE(known && arrived.contains(uids->second))
        << name << " was acknowledged and " << (known ? "did not arrive" : "never announced") << "\n"
        << all_that_is_known_of(original);
  }
  expect_accounts_close(node_);
}

TEST_F(Crash, AtEachRowOfTheWalkLosesNothing) {
  const unsigned kills = kills_wanted() - kills_wanted() / 2;
  for (unsigned i = 0; i < kills; ++i) {
    const char* row = kRows[i % std::size(kRows)];
    SCOPED_TRACE(row);
    const auto names = series(4, 64);
    const auto from = node_.log_size();
    const auto sender = begin_sending(names);
    EXPECT_TRUE(node_.wait_for_event(row, from, 60s)) << "the walk never came to this row";
    node_.kill();
    end_sending(*sender);
    ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
    if (i % 2 == 0) continue;
    // A modality sends again what it has no answer for; often it sends all again.
    const auto again = begin_sending(names);
    end_sending(*again);
  }
  expect_all_is_well();
}

TEST_F(Crash, AtAnyTimeLosesNothing) {
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const unsigned kills = kills_wanted() / 2;
  for (unsigned i = 0; i < kills; ++i) {
    const auto names = series(8, 512);
    const auto sender = begin_sending(names);
    std::this_thread::sleep_for(
        std::chrono::microseconds(std::uniform_int_distribution<int>(0, 1'500'000)(random)));
    node_.kill();
    end_sending(*sender);
    ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  }
  expect_all_is_well();
}

TEST_F(Crash, WhileItRecoversLosesNothing) {
  const auto names = series(8, 512);
  const auto from = node_.log_size();
  const auto sender = begin_sending(names);
  ASSERT_TRUE(node_.wait_for_event("object.spooled", from, 60s));
  node_.kill();
  end_sending(*sender);
  for (const char* row : {"node.recovered", "listener.open", "node.ready"}) {
    SCOPED_TRACE(row);
    const auto place = node_.log_size();
    node_.launch();
    EXPECT_TRUE(node_.wait_for_event(row, place, 60s));
    node_.kill();
  }
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  expect_all_is_well();
}

}  // namespace
}  // namespace veilroute::walk

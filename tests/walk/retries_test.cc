// A receiver that is down and comes back, and a destination that a person pauses: with the real
// program.
#include <gtest/gtest.h>

#include "tests/support/wait.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

class Retries : public ::testing::Test {
 protected:
  void send(unsigned first, unsigned count) {
    std::vector<Sample> samples;
    for (unsigned number = first; number < first + count; ++number) {
      samples.push_back(
          write_phantom(folder_.path(), small(dicom::PhantomKind::ct, number, number)));
    }
    ASSERT_EQ(node_.send(names_of(samples)).exit_code, 0);
  }
  json destination() const {
    const json listed = node_.ask({"destination", "list"});
    return listed.value("destinations", json::array()).at(0);
  }
  bool reaches_state(const std::string& state) const {
    return test::wait_for([&] { return destination().value("state", "") == state; }, 60s);
  }
  /// True once so many transfers wait to leave.
  bool waits(std::size_t count) const {
    return test::wait_for(
        [&] {
          const json queue = node_.ask({"queue", "list"});
          std::size_t ready = 0;
          for (const auto& transfer : queue.value("transfers", json::array())) {
            const auto state = transfer.value("state", "");
            if (state == "cleared" || state == "deferred") ++ready;
          }
          return ready == count;
        },
        60s);
  }

  TemporaryFolder folder_;
  test::Node node_;
};

TEST_F(Retries, AReceiverThatWasDownGetsEverythingAtOnceWhenItIsBack) {
  node_.edit("conf.d/10-demo-partner.toml", "longest_delay = \"10s\"", "longest_delay = \"4s\"");
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  send(1, 6);
  ASSERT_TRUE(reaches_state("down"));
  const json down = destination();
  EXPECT_EQ(down.at("why"), "refused-connection");
  EXPECT_EQ(down.at("backlog"), 6);
  node_.start_partner();
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_EQ(node_.received_files().size(), 6U);
  EXPECT_TRUE(reaches_state("running"));
  expect_accounts_close(node_);
}

TEST_F(Retries, WhatAPersonPausesStaysUntilItIsResumedAlsoOverARestart) {
  node_.start_partner();
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  ASSERT_EQ(node_.verb({"queue", "pause", "demo-partner", "--reason", "moved"}).exit_code, 0);
  send(1, 2);
  ASSERT_TRUE(waits(2));
  ASSERT_EQ(node_.stop(), 0);
  ASSERT_EQ(node_.verb({"queue", "pause", "--all", "--until", "2h"}).exit_code, 0);
  ASSERT_TRUE(node_.start());
  ASSERT_TRUE(reaches_state("paused"));
  EXPECT_EQ(destination().at("reason"), "moved");
  send(3, 1);
  ASSERT_TRUE(waits(3));
  EXPECT_TRUE(node_.received_files().empty());
  for (const auto& transfer : node_.ask({"queue", "list"}).at("transfers")) {
    EXPECT_EQ(transfer.at("reason"), "destination.paused");
    EXPECT_EQ(transfer.at("attempts"), 0);
  }

  ASSERT_EQ(node_.verb({"queue", "resume", "demo-partner"}).exit_code, 0);
  EXPECT_EQ(node_.verb({"queue", "resume", "demo-partner"}).exit_code, 3) << "it is not paused";
  EXPECT_EQ(destination().at("state"), "paused") << "all are";
  ASSERT_EQ(node_.verb({"queue", "resume", "--all"}).exit_code, 0);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_EQ(node_.received_files().size(), 3U);
  std::size_t orders = 0;
  for (const auto& entry : node_.ledger()) {
    if (entry.value("kind", "") == "destination.paused") ++orders;
  }
  EXPECT_EQ(orders, 2U);
  expect_accounts_close(node_);
}

TEST_F(Retries, APauseThatIsWrittenWrongIsNotTaken) {
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"queue", "pause"},
        {"queue", "pause", "nobody"},
        {"queue", "pause", "demo-partner", "--all"},
        {"queue", "pause", "demo-partner", "--until", "yesterday"},
        {"queue", "pause", "demo-partner", "--until", "2020-01-01T00:00Z"},
        {"queue", "pause", "demo-partner", "--until", "2120-13-01T00:00Z"}}) {
    EXPECT_EQ(node_.verb(words).exit_code, 2) << words.back();
  }
  EXPECT_EQ(destination().at("state"), "running");
}

}  // namespace
}  // namespace veilroute::walk

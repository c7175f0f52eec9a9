// What waits goes on by itself: after a partner was away, after the node was stopped, and after an
// operator said so.
#include <gtest/gtest.h>

#include "tests/support/wait.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

class Restart : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file()); }

  Sample sample(unsigned number, unsigned instance = 1) const {
    return write_phantom(folder_.path(), small(dicom::PhantomKind::ct, number, instance));
  }
  /// The only transfer, once it is in this state; null when it never is.
  json transfer_in(const std::string& state) const {
    json found;
    test::wait_for(
        [&] {
          const json queue = node_.ask({"queue", "list", "--all"});
          for (const auto& transfer : queue.value("transfers", json::array())) {
            if (transfer.at("state") == state) found = transfer;
          }
          return !found.is_null();
        },
        60s);
    return found;
  }

  TemporaryFolder folder_;
  test::Node node_;
};

TEST_F(Restart, APartnerThatWasAwayGetsEverythingWhenItIsBack) {
  ASSERT_EQ(node_.send(names_of({sample(1, 1), sample(1, 2)})).exit_code, 0);
  const json waiting = transfer_in("deferred");
  ASSERT_FALSE(waiting.is_null());
  EXPECT_EQ(waiting.at("reason"), "network.unreachable");
  EXPECT_TRUE(waiting.contains("due_at"));
  for (const auto& [number, view] : studies_of(node_)) {
    for (const auto& sum : view.at("sums")) {
      EXPECT_EQ(sum.at("waiting"), 2);
      EXPECT_TRUE(sum.at("closes").get<bool>());
    }
  }
  node_.start_partner();
  ASSERT_TRUE(node_.wait_until_settled(60s)) << "the node did not try again by itself";
  EXPECT_EQ(node_.received_files().size(), 2U);
  const json sent = transfer_in("sent");
  EXPECT_GE(sent.at("attempts").get<int>(), 2);
  expect_accounts_close(node_);
}

TEST_F(Restart, AStoppedNodeGoesOnWhereItWas) {
  ASSERT_EQ(node_.send(names_of({sample(1, 1), sample(1, 2)})).exit_code, 0);
  ASSERT_FALSE(transfer_in("deferred").is_null());
  ASSERT_EQ(node_.stop(), 0) << test::read_file(node_.log_file());
  // Verbs work without a node, and answer the same.
  EXPECT_EQ(node_.ask({"queue", "list"}).at("transfers").size(), 1U);
  node_.start_partner();
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_EQ(node_.received_files().size(), 2U);
  expect_accounts_close(node_);
}

TEST_F(Restart, ANodeStoppedAtOnceHasLostNothing) {
  node_.start_partner();
  ASSERT_EQ(node_.send(names_of({sample(1), sample(2), sample(3)})).exit_code, 0);
  // Before the studies are complete: they are only in the spool and the catalog.
  ASSERT_EQ(node_.stop(), 0) << test::read_file(node_.log_file());
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_EQ(node_.received_files().size(), 3U);
  expect_accounts_close(node_);
}

TEST_F(Restart, RetryMakesADeferredTransferDueNow) {
  node_.stop();
  node_.edit("conf.d/10-demo-partner.toml", "first_delay = \"1s\"\nlongest_delay = \"10s\"",
             "first_delay = \"1h\"\nlongest_delay = \"1h\"");
  ASSERT_TRUE(node_.start());
  ASSERT_EQ(node_.send(names_of({sample(1)})).exit_code, 0);
  const json waiting = transfer_in("deferred");
  ASSERT_FALSE(waiting.is_null());
  node_.start_partner();
  const auto study = std::to_string(waiting.at("study").get<std::uint64_t>());
  const auto retried = node_.verb({"queue", "retry", study});
  ASSERT_EQ(retried.exit_code, 0) << retried.output;
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_EQ(node_.received_files().size(), 1U);
  expect_accounts_close(node_);
}

TEST_F(Restart, AWithdrawnTransferNeverLeaves) {
  ASSERT_EQ(node_.send(names_of({sample(1)})).exit_code, 0);
  const json waiting = transfer_in("deferred");
  ASSERT_FALSE(waiting.is_null());
  const auto number = std::to_string(waiting.at("transfer").get<std::uint64_t>());
  // An attempt may be under way at this instant; then the answer is "not now".
  ASSERT_TRUE(test::wait_for(
      [&] { return node_.verb({"queue", "withdraw", "--transfer", number}).exit_code == 0; }, 60s));
  node_.start_partner();
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_FALSE(transfer_in("withdrawn").is_null());
  ASSERT_EQ(node_.stop(), 0);
  ASSERT_TRUE(node_.start());
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_TRUE(node_.received_files().empty());
  EXPECT_NE(node_.verb({"queue", "retry", "--transfer", number}).exit_code, 0);
  expect_accounts_close(node_);
}

}  // namespace
}  // namespace veilroute::walk

// A catalog that is lost, damaged, or put back from an old copy: the node refuses to start and says
// what to do; `spool salvage` takes over what the spool holds, deletes nothing, and holds all of it.
#include <gtest/gtest.h>

#include "tests/support/wait.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

class Salvage : public ::testing::Test {
 protected:
  void SetUp() override { node_.edit("site.toml", "quiet = \"2s\"", "quiet = \"300ms\""); }

  void send(unsigned study, unsigned count) {
    std::vector<Sample> samples;
    for (unsigned i = 1; i <= count; ++i) {
      samples.push_back(write_phantom(folder_.path() / "out", small(dicom::PhantomKind::ct, study, i)));
    }
    ASSERT_EQ(node_.send(names_of(samples)).exit_code, 0);
  }
  [[nodiscard]] fs::path catalog() const { return node_.site() / "state" / "catalog.db"; }
  void lose_catalog() const {
    for (const char* part : {"", "-wal", "-shm"}) fs::remove(catalog().string() + part);
  }
  /// `serve` ends by itself, and names what is wrong.
  void expect_no_start(const std::string& slug) {
    const auto tried = node_.verb({"serve"});
    EXPECT_NE(tried.exit_code, 0);
    EXPECT_NE(tried.output.find(slug), std::string::npos) << tried.output;
    EXPECT_NE(tried.output.find("spool salvage"), std::string::npos) << tried.output;
  }
  /// Everything held is resumed, and reaches the partner.
  void resume_all(std::size_t files) {
    ASSERT_TRUE(node_.wait_until_settled(60s));
    for (const auto& [number, view] : studies_of(node_)) {
      if (view.value("state", "") != "held") continue;
      EXPECT_EQ(view.value("reason", ""), "study.salvaged");
      const auto resumed =
          node_.verb({"quarantine", "resume", "--study", std::to_string(number)});
      EXPECT_EQ(resumed.exit_code, 0) << resumed.output;
    }
    ASSERT_TRUE(node_.wait_until_settled(60s));
    EXPECT_EQ(node_.received_files().size(), files);
    expect_accounts_close(node_);
  }

  TemporaryFolder folder_;
  test::Node node_;
};

TEST_F(Salvage, WithoutACatalogOpenSegmentsAreTakenOverAndHeld) {
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  send(1, 3);
  node_.kill();
  lose_catalog();
  expect_no_start("catalog.missing");
  const json look = node_.ask({"spool", "salvage", "--dry-run"});
  EXPECT_EQ(look.value("catalog", ""), "missing") << look.dump(2);
  EXPECT_FALSE(look.value("segments_taken", json::array()).empty());
  EXPECT_FALSE(fs::exists(catalog())) << "a dry run changes nothing";
  const json done = node_.ask({"spool", "salvage"});
  EXPECT_EQ(done.value("objects", 0), 3) << done.dump(2);
  EXPECT_TRUE(done.value("segments_unreadable", json::array({1})).empty());
  EXPECT_EQ(node_.ask({"spool", "salvage"}).value("needed", true), false);
  node_.start_partner();
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_TRUE(node_.received_files().empty()) << "nothing leaves before a person says so";
  resume_all(3);
}

TEST_F(Salvage, WhatNobodyCanOpenIsMovedAndNamed) {
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  send(1, 2);
  node_.kill();
  ASSERT_TRUE(node_.start()) << "a start closes the segments of earlier runs";
  EXPECT_EQ(node_.stop(), 0);
  lose_catalog();
  const auto done = node_.verb({"spool", "salvage"});
  EXPECT_EQ(done.exit_code, 5) << done.output;
  EXPECT_NE(done.output.find("0 objects were taken over; 0 studies and transfers wait for you"),
            done.output.npos)
      << done.output;
  EXPECT_EQ(test::files_below(node_.site() / "state" / "unreadable").size(), 1U) << done.output;
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  EXPECT_EQ(node_.verb({"spool", "salvage"}).exit_code, 3) << "not while a node runs";
}

TEST_F(Salvage, OfADamagedCatalogEveryReadableRowIsKept) {
  node_.start_partner();
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  send(1, 3);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_EQ(node_.stop(), 0);
  // The second page: the root of the first table, the counter of numbers.
  {
    std::fstream file(catalog(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(4096);
    file << std::string(4096, '\xFF');
  }
  expect_no_start("catalog.damaged");
  const json done = node_.ask({"spool", "salvage"});
  EXPECT_EQ(done.value("catalog", ""), "damaged") << done.dump(2);
  EXPECT_EQ(done.value("ledger", ""), "kept");
  EXPECT_EQ(done["copied"]["objects"].value("rows", 0), 3) << done.dump(2);
  EXPECT_TRUE(fs::exists(fs::path(done.value("set_aside", "")) / "catalog.db"));
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  EXPECT_EQ(studies_of(node_).size(), 1U);
  EXPECT_EQ(node_.received_files().size(), 3U);
  send(2, 1);
  resume_all(4);
}

TEST_F(Salvage, AnOldCopyIsCompletedFromTheSpoolAndNothingIsSentTwiceUnasked) {
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  send(1, 1);
  ASSERT_TRUE(test::wait_for([&] {
    const json queue = node_.ask({"queue", "list"});
    const json rows = queue.value("transfers", json::array());
    return !rows.empty() && rows[0].at("state") == "deferred";
  }, 60s));
  EXPECT_EQ(node_.stop(), 0);
  const fs::path copy = folder_.path() / "copy.db";
  fs::copy_file(catalog(), copy);
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  send(2, 2);
  node_.kill();
  lose_catalog();
  fs::copy_file(copy, catalog());
  expect_no_start("spool.catalog-missing");
  const json done = node_.ask({"spool", "salvage"});
  EXPECT_EQ(done.value("catalog", ""), "whole") << done.dump(2);
  EXPECT_EQ(done.value("objects", 0), 2);
  node_.start_partner();
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_TRUE(node_.received_files().empty()) << "the transfer of the copy may have been sent since";
  const json rows = node_.ask({"queue", "list"}).value("transfers", json::array());
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].value("reason", ""), "study.salvaged");
  const auto retried = node_.verb({"queue", "retry", "--transfer", rows[0].at("transfer").dump()});
  EXPECT_EQ(retried.exit_code, 0) << retried.output;
  resume_all(3);
}

}  // namespace
}  // namespace veilroute::walk

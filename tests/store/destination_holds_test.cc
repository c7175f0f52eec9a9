// What keeps a destination from being sent to: pauses of people, suspensions of the node, what of
// them survives a restart, and what the ledger says.
#include <gtest/gtest.h>

#include "core/base/files.h"
#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

const std::string kHolder = "uid:1000";
const DestinationName kChest{"chest-clinic"};
const DestinationName kAll{};

class DestinationHolds : public ::testing::Test {
 protected:
  DestinationBook& book() { return room_->destinations(); }
  DestinationHold hold(const DestinationName& name) { return book().hold_of(name).value(); }
  bool paused(const DestinationName& name) { return hold(name).is_paused(room_.clock().now()); }
  void pause(const DestinationName& name, TimePoint until = {}) {
    book().pause_destination({name, until, "their PACS is moved", kHolder}).value();
  }

  CatalogRoom room_;
};

TEST_F(DestinationHolds, APauseIsOfOneDestinationOrOfAllAndSurvivesARestart) {
  pause(kBone);
  room_.reopen();
  EXPECT_TRUE(paused(kBone));
  EXPECT_FALSE(paused(kChest));
  const DestinationPause order = hold(kBone).pause.value();
  EXPECT_EQ(order.by, kHolder);
  EXPECT_EQ(order.since, kStart);
  EXPECT_EQ(order.until, TimePoint{});
  EXPECT_EQ(order.reason.reveal(), "their PACS is moved");

  pause(kAll);
  EXPECT_TRUE(paused(kChest));
  EXPECT_EQ(slug(book().resume_destination(kChest, kHolder)), "destination.not-paused");
  book().resume_destination(kBone, kHolder).value();
  EXPECT_TRUE(paused(kBone)) << "all are, and it is one of them";
  book().resume_destination(kAll, kHolder).value();
  EXPECT_FALSE(paused(kBone));
  EXPECT_EQ(slug(book().resume_destination(kAll, kHolder)), "destination.not-paused");
}

TEST_F(DestinationHolds, APauseEndsByItselfWhenItsTimeIsOver) {
  pause(kBone, kStart + 2h);
  room_.clock().advance(2h - 1s);
  EXPECT_TRUE(paused(kBone));
  room_.clock().advance(1s);
  EXPECT_FALSE(paused(kBone));
  pause(kBone);
  EXPECT_TRUE(paused(kBone)) << "the newer order holds";
}

TEST_F(DestinationHolds, AreInTheLedgerWithWhoOrderedThem) {
  pause(kBone, kStart + 2h);
  const ledger::Entry entry = room_.last(ledger::Kind::destination_paused);
  EXPECT_EQ(entry.fields.at("destination"), "bone-specialist");
  EXPECT_EQ(entry.fields.at("actor"), kHolder);
  EXPECT_EQ(entry.fields.at("until"), to_text(kStart + 2h));
  EXPECT_EQ(entry.sealed.at("reason"), "their PACS is moved");
  book().resume_destination(kBone, "uid:1001").value();
  const ledger::Entry resumed = room_.last(ledger::Kind::destination_resumed);
  EXPECT_EQ(resumed.fields.at("actor"), "uid:1001");
  EXPECT_EQ(resumed.fields.at("was"), "paused");
  pause(kAll);
  EXPECT_EQ(room_.last(ledger::Kind::destination_paused).fields.at("destination"), "all");
  room_.close();
  // A person's own words may name a patient.
  EXPECT_EQ(read_text_file(room_.file()).value().find("PACS"), std::string::npos);
  const auto journal = read_text_file(room_.file().string() + "-wal");
  EXPECT_TRUE(!journal.ok() || journal->find("PACS") == std::string::npos);
}

TEST_F(DestinationHolds, ASuspensionIsWrittenOnceForOneReason) {
  const Digest one = crypto::sha256(as_bytes("one"));
  EXPECT_TRUE(book().suspend_destination(kBone, "tls.wrong-pin", one).value());
  room_.clock().advance(15min);
  EXPECT_FALSE(book().suspend_destination(kBone, "tls.wrong-pin", one).value());
  EXPECT_TRUE(book().suspend_destination(kBone, "tls.wrong-host", one).value());
  room_.reopen();
  const DestinationSuspension suspension = hold(kBone).suspension.value();
  EXPECT_EQ(suspension.slug, "tls.wrong-host");
  EXPECT_EQ(suspension.since, kStart) << "since it began, whatever the reason is now";
  EXPECT_EQ(suspension.settings, one);
  EXPECT_FALSE(paused(kBone)) << "a probe may leave";
  EXPECT_EQ(room_.entries(ledger::Kind::destination_suspended).size(), 2U);
  EXPECT_TRUE(book().lift_suspension(kBone, "answered", "").value());
  EXPECT_FALSE(book().lift_suspension(kBone, "answered", "").value());
  const ledger::Entry lifted = room_.last(ledger::Kind::destination_resumed);
  EXPECT_EQ(lifted.fields.at("why"), "answered");
  EXPECT_FALSE(lifted.fields.contains("actor"));
  EXPECT_FALSE(hold(kBone).suspension.has_value());
}

TEST_F(DestinationHolds, SayWithoutTheDiskThatSomethingChanged) {
  std::uint64_t before = book().holds_version();
  const auto changed = [&] {
    const std::uint64_t now = book().holds_version();
    return std::exchange(before, now) != now;
  };
  pause(kBone);
  EXPECT_TRUE(changed());
  EXPECT_FALSE(changed());
  book().resume_destination(kBone, kHolder).value();
  EXPECT_TRUE(changed());
  book().suspend_destination(kBone, "tls.wrong-pin", {}).value();
  EXPECT_TRUE(changed());
  book().lift_suspension(kBone, "answered", "").value();
  EXPECT_TRUE(changed());
}

TEST_F(DestinationHolds, WhatWaitsForItsNextTryIsDueWhenItIsHastened) {
  const TransferId deferred = room_.sending(1, 1);
  room_->finish_attempt(deferred, attempt_result(Outcome::deferred, {}, kStart + 24h)).value();
  const TransferId elsewhere = room_.cleared(2, 1);
  EXPECT_EQ(book().count_open(kBone).value(), 2U);
  EXPECT_EQ(book().count_open(kChest).value(), 0U);
  EXPECT_EQ(book().hasten_transfers(kChest).value(), 0U);
  EXPECT_EQ(book().hasten_transfers(kBone).value(), 1U);
  EXPECT_EQ(room_.load(deferred).due_at, room_.clock().now());
  EXPECT_EQ(room_.state(elsewhere), T::cleared);
}

TEST_F(DestinationHolds, FailuresInARowAreKeptAndForgottenByARetry) {
  const TransferId id = room_.sending(1, 1);
  AttemptResult result = attempt_result(Outcome::deferred, {}, room_.clock().now());
  result.failures = FailureRun{"busy", 4};
  room_->finish_attempt(id, result).value();
  room_.reopen();
  EXPECT_EQ(room_.load(id).failures, (FailureRun{"busy", 4}));
  room_->begin_attempt(id, {}).value();
  room_->recover_attempts().value();
  EXPECT_EQ(room_.load(id).failures, (FailureRun{"busy", 4}))
      << "an end of ours counts for nothing";

  room_->block_transfer(id, std::string(kAttemptsHeld)).value();
  room_->retry_transfer(id, kHolder).value();
  EXPECT_EQ(room_.state(id), T::cleared);
  EXPECT_EQ(room_.load(id).failures, FailureRun{});
}

}  // namespace
}  // namespace veilroute::store

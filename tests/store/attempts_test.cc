// Attempts: in the ledger before the first byte, every outcome, withdrawal on the way, and a crash.
#include <gtest/gtest.h>

#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

const std::map<std::string, std::string> kFields{{"protocol", "dicom+tls"}};

TEST(Begin, IsRefusedWhenItIsNotTheTransfersTurn) {
  CatalogRoom room;
  const TransferId id = room.cleared(1, 1);
  const auto refused = [&](const char* when) {
    const T before = room.state(id);
    const std::uint32_t attempts = room.load(id).attempts;
    const std::uint64_t entries = room.ledger_length();
    const auto begun = room->begin_attempt(id, kFields);
    EXPECT_EQ(slug(begun), "transfer.moved-on") << when;
    EXPECT_EQ(kind_of(begun), ErrorKind::unavailable) << when;
    EXPECT_EQ(room.state(id), before) << when;
    EXPECT_EQ(room.load(id).attempts, attempts) << when;
    EXPECT_EQ(room.ledger_length(), entries) << when;
  };
  room->block_transfer(id, "gate.expired").value();
  refused("blocked");
  room->unblock_transfer(id).value();
  room->begin_attempt(id, kFields).value();
  refused("sending");
  room->finish_attempt(id, attempt_result(Outcome::deferred, {}, room.clock().now() + 60s)).value();
  room.clock().advance(59s);
  refused("not due");
  room.clock().advance(1s);
  room->begin_attempt(id, kFields).value();
  room->finish_attempt(id,
                       attempt_result(Outcome::sent, {answer(room.objects(id)[0], Outcome::sent)}))
      .value();
  refused("sent");
  EXPECT_EQ(slug(room->begin_attempt({77}, kFields)), "transfer.unknown");
}

TEST(Begin, IsNotForAPlannedTransfer) {
  CatalogRoom room;
  room.receive({});
  room.complete(1);
  EXPECT_EQ(slug(room->begin_attempt(room.plan(1), kFields)), "transfer.moved-on");
}

TEST(Begin, TellsTheLedgerEveryObjectAboutToLeave) {
  CatalogRoom room;
  const TransferId id = room.cleared(1, 3);
  const Transfer begun = room->begin_attempt(id, kFields).value();
  EXPECT_EQ(begun.state, T::sending);
  EXPECT_EQ(begun.attempts, 1U);
  EXPECT_EQ(begun.objects.size(), 3U);
  const ledger::Entry entry = room.last(ledger::Kind::attempt_started);
  EXPECT_EQ(entry.transfer, id);
  EXPECT_EQ(entry.fields.at("protocol"), "dicom+tls");
  EXPECT_EQ(entry.fields.at("destination"), kBone.value);
  EXPECT_EQ(entry.fields.at("attempt"), "1");
  EXPECT_EQ(entry.fields.at("manifest"), to_hex(CatalogRoom::clearance().manifest()));
  EXPECT_NE(entry.patient_ref, Digest{});
  ASSERT_EQ(entry.items.size(), 3U);
  EXPECT_EQ(entry.items[0].sealed.at("new_sop_instance"),
            CatalogRoom::new_uid(entry.items[0].object).value);
}

TEST(Begin, LeavesOutWhatNewerBytesReplacedDuringTheLastAttempt) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 2);
  const std::vector<ObjectId> objects = room.objects(id);
  room.receive({.study = 1, .instance = 1000, .bytes = 77});
  EXPECT_EQ(room.state(id, objects[0]), O::cleared);  // it may be on its way this moment
  room->finish_attempt(id, attempt_result(Outcome::deferred, {})).value();
  const Transfer begun = room->begin_attempt(id, kFields).value();
  EXPECT_EQ(room.state(id, objects[0]), O::withdrawn);
  EXPECT_EQ(room.last(ledger::Kind::attempt_started).items.size(), 1U);
  EXPECT_EQ(begun.state, T::sending);
}

TEST(Begin, EndsATransferOfWhichNothingIsLeft) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 1);
  room.receive({.study = 1, .instance = 1000, .bytes = 77});
  room->finish_attempt(id, attempt_result(Outcome::deferred, {})).value();
  EXPECT_EQ(slug(room->begin_attempt(id, kFields)), "transfer.moved-on");
  EXPECT_EQ(room.state(id), T::withdrawn);
  EXPECT_EQ(room.load(id).attempts, 1U);
  EXPECT_TRUE(room.sum(1).closes());
}

struct Ending {
  const char* name;
  Outcome outcome;
  std::vector<Outcome> objects;  ///< of the three; fewer: no answer for the rest
  T state;
  std::vector<O> states;
};

const Ending kEndings[] = {
    {"all sent",
     Outcome::sent,
     {Outcome::sent, Outcome::sent, Outcome::sent},
     T::sent,
     {O::sent, O::sent, O::sent}},
    {"all refused",
     Outcome::refused,
     {Outcome::refused, Outcome::refused, Outcome::refused},
     T::refused,
     {O::refused, O::refused, O::refused}},
    {"one refused beside sent ones",
     Outcome::sent,
     {Outcome::sent, Outcome::refused, Outcome::sent},
     T::sent,
     {O::sent, O::refused, O::sent}},
    {"a busy receiver",
     Outcome::deferred,
     {Outcome::sent, Outcome::deferred, Outcome::refused},
     T::deferred,
     {O::sent, O::cleared, O::refused}},
    {"lost on the way",
     Outcome::deferred,
     {Outcome::sent},
     T::deferred,
     {O::sent, O::cleared, O::cleared}},
    {"no word",
     Outcome::unknown,
     {Outcome::unknown, Outcome::unknown},
     T::deferred,
     {O::unknown, O::unknown, O::cleared}},
    {"refused as a whole",
     Outcome::refused,
     {Outcome::sent},
     T::refused,
     {O::sent, O::refused, O::refused}},
    {"called sent with objects left",
     Outcome::sent,
     {Outcome::sent, Outcome::sent},
     T::deferred,
     {O::sent, O::sent, O::cleared}},
    {"called deferred with nothing left",
     Outcome::deferred,
     {Outcome::sent, Outcome::sent, Outcome::sent},
     T::sent,
     {O::sent, O::sent, O::sent}},
};

TEST(Finish, TheObjectsDecideAndTheOutcomeSpeaksForTheRest) {
  for (const Ending& c : kEndings) {
    CatalogRoom room;
    const TransferId id = room.sending(1, 3);
    const std::vector<ObjectId> objects = room.objects(id);
    std::vector<ObjectOutcome> answers;
    for (std::size_t i = 0; i < c.objects.size(); ++i) {
      answers.push_back(
          answer(objects[i], c.objects[i], c.objects[i] == Outcome::refused ? 0xA9C1 : 0));
    }
    const TimePoint due = room.clock().now() + 60s;
    room->finish_attempt(id, attempt_result(c.outcome, answers, due)).value();
    EXPECT_EQ(room.state(id), c.state) << c.name;
    for (std::size_t i = 0; i < objects.size(); ++i) {
      EXPECT_EQ(room.state(id, objects[i]), c.states[i]) << c.name << " " << i;
    }
    if (c.state == T::deferred) {
      EXPECT_EQ(room.load(id).due_at, due) << c.name;
    }
    EXPECT_TRUE(room.sum(1).closes()) << c.name;
    EXPECT_EQ(room.last(ledger::Kind::attempt_finished).fields.at("state"), to_string(c.state));
  }
}

TEST(Finish, SealsWhatWasSentAsWhatAndToWhom) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 2);
  const std::vector<ObjectId> objects = room.objects(id);
  room->finish_attempt(
          id, attempt_result(Outcome::sent, {answer(objects[0], Outcome::sent),
                                             answer(objects[1], Outcome::refused, 0x0122)}))
      .value();
  const ledger::Entry entry = room.last(ledger::Kind::attempt_finished);
  EXPECT_EQ(entry.sealed.at("peer_certificate"), "ab12");
  EXPECT_EQ(entry.sealed.at("tls"), "TLSv1.3 TLS_AES_256_GCM_SHA384");
  EXPECT_EQ(entry.fields.at("left"), "0");
  ASSERT_EQ(entry.items.size(), 2U);
  EXPECT_EQ(entry.items[0].state, "sent");
  EXPECT_EQ(entry.items[0].digest, crypto::sha256(as_bytes("sent")));
  EXPECT_EQ(entry.items[0].bytes, 4U);
  EXPECT_EQ(entry.items[0].sealed.at("sop_instance"), test::instance_uid(1000).value);
  EXPECT_EQ(entry.items[0].sealed.at("new_sop_instance"), CatalogRoom::new_uid(objects[0]).value);
  EXPECT_EQ(entry.items[1].reason, "0122");
  EXPECT_EQ(room.load(id).objects[1].reason, "0122");
}

TEST(Finish, IsForAnAttemptUnderWay) {
  CatalogRoom room;
  const TransferId id = room.cleared(1, 1);
  EXPECT_EQ(slug(room->finish_attempt(id, attempt_result(Outcome::sent, {}))),
            "attempt.not-running");
  EXPECT_EQ(slug(room->checkpoint_attempt(id, {})), "attempt.not-running");
  room->begin_attempt(id, kFields).value();
  EXPECT_EQ(slug(room->checkpoint_attempt(id, {answer({123}, Outcome::sent)})),
            "attempt.stray-object");
  room->finish_attempt(id,
                       attempt_result(Outcome::sent, {answer(room.objects(id)[0], Outcome::sent)}))
      .value();
  EXPECT_EQ(slug(room->finish_attempt(id, attempt_result(Outcome::deferred, {}))),
            "attempt.not-running");
  EXPECT_EQ(room.state(id), T::sent);
}

TEST(Checkpoint, ConfirmsObjectsOnceAndForAll) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 3);
  const std::vector<ObjectId> objects = room.objects(id);
  const std::vector<ObjectOutcome> confirmed{answer(objects[0], Outcome::sent),
                                             answer(objects[1], Outcome::refused, 0xC000)};
  room->checkpoint_attempt(id, confirmed).value();
  room->checkpoint_attempt(id, confirmed).value();
  EXPECT_EQ(room.entries(ledger::Kind::attempt_confirmed).size(), 1U);
  EXPECT_EQ(room.state(id), T::sending);
  room->finish_attempt(id, attempt_result(Outcome::deferred, confirmed)).value();
  EXPECT_EQ(room.last(ledger::Kind::attempt_finished).items.size(), 0U);
  EXPECT_EQ(room.state(id, objects[0]), O::sent);
  EXPECT_EQ(room.state(id, objects[1]), O::refused);
  room->begin_attempt(id, kFields).value();
  const ledger::Entry again = room.last(ledger::Kind::attempt_started);
  ASSERT_EQ(again.items.size(), 1U);
  EXPECT_EQ(again.items[0].object, objects[2]);
}

TEST(Withdrawn, WhileSendingStopsTheSenderAndKeepsTheFacts) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 3);
  const std::vector<ObjectId> objects = room.objects(id);
  room->checkpoint_attempt(id, {answer(objects[0], Outcome::sent)}).value();
  room->withdraw_transfer(id, "operator").value();
  EXPECT_EQ(room.state(id), T::withdrawn);
  const auto told = room->checkpoint_attempt(id, {answer(objects[1], Outcome::sent)});
  EXPECT_EQ(slug(told), "transfer.withdrawn");
  EXPECT_EQ(kind_of(told), ErrorKind::refused);
  // It had left before the word reached the sender: a disclosure, whatever was wished.
  EXPECT_EQ(room.state(id, objects[1]), O::sent);
  EXPECT_EQ(room.state(id, objects[2]), O::withdrawn);
  room->finish_attempt(id, attempt_result(Outcome::deferred, {answer(objects[1], Outcome::sent)}))
      .value();
  EXPECT_EQ(room.state(id), T::withdrawn);
  const RouteSum sum = room.sum(1);
  EXPECT_EQ(sum.sent, 2U);
  EXPECT_EQ(sum.withdrawn, 1U);
  EXPECT_TRUE(sum.closes());
  EXPECT_EQ(slug(room->finish_attempt(id, attempt_result(Outcome::sent, {}))),
            "attempt.not-running");
}

TEST(Recovery, MakesWhatWasSendingUnknownAndDue) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 3);
  const TransferId waiting = room.cleared(2, 1);
  const std::vector<ObjectId> objects = room.objects(id);
  room->checkpoint_attempt(id, {answer(objects[0], Outcome::sent)}).value();
  room.reopen();
  room.clock().advance(5s);
  EXPECT_EQ(room->recover_attempts().value(), 1U);
  EXPECT_EQ(room.state(id), T::deferred);
  EXPECT_EQ(room.load(id).due_at, room.clock().now());
  EXPECT_EQ(room.state(id, objects[0]), O::sent);
  EXPECT_EQ(room.state(id, objects[1]), O::unknown);
  EXPECT_EQ(room.state(id, objects[2]), O::unknown);
  EXPECT_EQ(room.state(waiting), T::cleared);
  const ledger::Entry entry = room.last(ledger::Kind::attempt_finished);
  EXPECT_EQ(entry.fields.at("outcome"), "unknown");
  EXPECT_EQ(entry.items.size(), 2U);
  EXPECT_TRUE(room.sum(1).closes());
  EXPECT_EQ(room->recover_attempts().value(), 0U);
  EXPECT_EQ(room->begin_attempt(id, kFields).value().attempts, 2U);
}

TEST(Recovery, OfAnAttemptWhoseObjectsWereAllConfirmedIsItsEnd) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 1);
  room->checkpoint_attempt(id, {answer(room.objects(id)[0], Outcome::sent)}).value();
  room.reopen();
  EXPECT_EQ(room->recover_attempts().value(), 1U);
  EXPECT_EQ(room.state(id), T::sent);
}

TEST(Recovery, DoesNotLeaveAWithdrawnAttemptWithoutAnOutcome) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 2);
  room->withdraw_transfer(id, "operator").value();
  room.reopen();
  EXPECT_EQ(room->recover_attempts().value(), 1U);
  EXPECT_EQ(room.state(id), T::withdrawn);
  const ledger::Entry entry = room.last(ledger::Kind::attempt_finished);
  ASSERT_EQ(entry.items.size(), 2U);
  EXPECT_EQ(entry.items[0].state, "unknown");
  EXPECT_EQ(room->recover_attempts().value(), 0U);
}

TEST(Recovery, AccountsForAnAttemptWhoseIdentitiesCannotBeRead) {
  for (const char* broken : {"UPDATE objects SET head = zeroblob(64) WHERE id = ?1",
                             "UPDATE transfer_objects SET new_uid = zeroblob(64) WHERE object = ?1"}) {
    CatalogRoom room;
    const TransferId id = room.sending(1, 2);
    room.raw()->run(broken, room.objects(id)[0]).value();
    EXPECT_EQ(room->recover_attempts().value(), 1U) << broken;
    const ledger::Entry entry = room.last(ledger::Kind::attempt_finished);
    EXPECT_EQ(entry.fields.at("outcome"), "unknown");
    EXPECT_EQ(entry.items.size(), 2U) << broken;
    EXPECT_EQ(entry.items.at(0).sealed.size(), 1U) << broken;
    EXPECT_EQ(entry.items.at(1).sealed.size(), 2U) << broken;
  }
}

TEST(Recovery, OfOneAttemptThatCannotBeReadKeepsNoOtherFromIt) {
  CatalogRoom room;
  const TransferId bad = room.sending(1, 1);
  const TransferId good = room.sending(2, 1);
  room.raw()->run("UPDATE transfer_objects SET state = 99 WHERE transfer = ?1", bad).value();
  EXPECT_EQ(room->recover_attempts().value(), 1U);
  EXPECT_EQ(room.state(good), T::deferred);
}

}  // namespace
}  // namespace veilroute::store

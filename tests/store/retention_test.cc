// Retention: the rule as a table, what the catalog finds due by it, and that shredding leaves no key
// anywhere.
#include "core/store/retention.h"

#include <algorithm>
#include <random>

#include "tests/store/catalog_room.h"
#include "tests/store/spool_site.h"

namespace veilroute::store {
namespace {

using namespace std::chrono_literals;
using P = ObjectState;
using S = StudyState;

const RetentionPolicy kKeep{24h, 2h, 72h};

struct KeepCase {
  const char* name;
  KeepFacts facts;
  std::string_view reason;
  std::optional<TimePoint> until;
};

const KeepCase kKeepCases[] = {
    {"objects of an open study stay",
     {P::live, kStart, {}, S::open, false, false}, kKeptStudyOpen, {}},
    {"even those that others took the place of",
     {P::superseded, kStart, {}, S::complete, false, false}, kKeptStudyOpen, {}},
    {"what waits for a person stays without end",
     {P::live, kStart, {}, S::held, false, false}, kKeptStudyHeld, {}},
    {"and so does the older one of two that contradict each other",
     {P::superseded, kStart, {}, S::held, false, false}, kKeptStudyHeld, {}},
    {"what nobody can use goes, whoever holds the study",
     {P::unusable, kStart, {}, S::held, false, false}, kUnusableEnded, kStart + 72h},
    {"a transfer that is not over keeps its objects",
     {P::superseded, kStart, {}, S::planned, true, false}, kKeptTransferOpen, {}},
    {"an object that no transfer has named yet stays",
     {P::live, {}, {}, S::planned, false, false}, kKeptStudyOpen, {}},
    {"all transfers over",
     {P::live, kStart, {}, S::planned, false, false}, kTransfersEnded, kStart + 24h},
    {"older bytes go earlier",
     {P::superseded, kStart, {}, S::planned, false, false}, kSupersededEnded, kStart + 2h},
    {"what was lost is kept as long as what cannot be used",
     {P::corrupt, kStart, {}, S::planned, false, false}, kLostEnded, kStart + 72h},
    {"a promise to the sender outlasts the rule",
     {P::live, kStart, kStart + 25h, S::planned, false, false}, kKeptCustody, kStart + 25h},
    {"and shortens nothing",
     {P::live, kStart, kStart + 23h, S::planned, false, false}, kTransfersEnded, kStart + 24h},
};

TEST(Retention, SaysUntilWhenAnObjectIsKeptAndWhy) {
  for (const KeepCase& row : kKeepCases) {
    const Keep keep = keep_of(row.facts, kKeep);
    EXPECT_EQ(keep.reason, row.reason) << row.name;
    EXPECT_EQ(keep.until, row.until) << row.name;
    EXPECT_FALSE(may_be_shredded(row.facts, kKeep, kStart)) << row.name;
    EXPECT_EQ(may_be_shredded(row.facts, kKeep, kStart + 1000h), row.until.has_value()) << row.name;
    KeepFacts open = row.facts;
    open.segment_open = true;
    EXPECT_FALSE(may_be_shredded(open, kKeep, kStart + 1000h)) << row.name;
  }
}

TEST(RetentionClock, BelievesAJumpOnlyAfterADayOfRunning) {
  RetentionClock clock(kStart);
  EXPECT_EQ(clock.judge(kStart + 71h, 0s), kStart + 71h);
  const TimePoint far = kStart + std::chrono::days(800);
  EXPECT_FALSE(clock.judge(far, 1h));
  EXPECT_FALSE(clock.judge(far + 23h, 24h));
  // Set right again: nothing happened, and the proof begins anew.
  EXPECT_EQ(clock.judge(kStart + 96h, 24h), kStart + 96h);
  EXPECT_FALSE(clock.judge(far, 25h));
  EXPECT_FALSE(clock.judge(far, 48h));
  EXPECT_EQ(clock.judge(far, 49h), far);
  EXPECT_EQ(RetentionClock({}).judge(far, 0s), far) << "a new site has nothing to lose";
}

std::vector<ObjectId> due_in(CatalogRoom& room) {
  auto found = room->objects_due(kKeep, room.clock().now(), 100).value();
  std::sort(found.begin(), found.end());
  return found;
}

void finish_with(CatalogRoom& room, TransferId id, Outcome outcome) {
  std::vector<ObjectOutcome> answers;
  for (const ObjectId object : room.objects(id)) answers.push_back(answer(object, outcome, 0x0122));
  room->finish_attempt(id, attempt_result(outcome, answers, room.clock().now())).value();
}

TEST(Retention, FindsDueWhatHasEndedAndNothingElse) {
  CatalogRoom room;
  const TransferId sent = room.sending(1, 2);
  const TransferId deferred = room.sending(2, 1);
  finish_with(room, sent, Outcome::sent);
  finish_with(room, deferred, Outcome::deferred);
  room.receive({.study = 3, .instance = 3000});
  room.complete(3);
  room->hold_study(room.key(3), "study.no-route").value();
  const TransferId refused = room.sending(4, 1);
  finish_with(room, refused, Outcome::refused);
  const auto objects = room.objects(sent);
  EXPECT_TRUE(due_in(room).empty());

  room.clock().advance(25h);
  EXPECT_TRUE(due_in(room).empty()) << "their segment is open: a copy of it would open without rows";
  room->close_segment({1}).value();
  EXPECT_EQ(due_in(room).size(), 3U) << "sent and refused";

  // An operator's retry takes what was refused up again.
  room->retry_transfer(refused, "uid:0").value();
  EXPECT_EQ(due_in(room), objects);
  room.raw()->run("UPDATE objects SET pinned_until = ?2 WHERE id = ?1", objects[0],
                  room.clock().now() + 1h).value();
  EXPECT_EQ(due_in(room), std::vector<ObjectId>{objects[1]});
  room.clock().advance(1h);
  EXPECT_EQ(due_in(room), objects);

  // What is no longer due when its turn comes is passed over.
  EXPECT_EQ(room->shred_objects({objects[0], room.objects(deferred)[0], room.objects(refused)[0]},
                                kKeep, room.clock().now()).value().size(), 1U);
  EXPECT_EQ(room.state(objects[0]), P::shredded);
  EXPECT_EQ(due_in(room), std::vector<ObjectId>{objects[1]});

  // A late object opens the study again: nothing of it goes until it is planned.
  room.receive({.study = 1, .instance = 1900});
  EXPECT_TRUE(due_in(room).empty());
}

TEST(Retention, AnObjectOfTwoTransfersWaitsForTheLastOne) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 1});
  room.complete(1);
  const RouteName other{"all-to-archive"};
  room->add_transfers(room.key(1), {{plan_for(), "", room.planned_objects(1)},
                                    {plan_for(other, {"archive"}), "", room.planned_objects(1)}})
      .value();
  room->close_segment({1}).value();
  const auto transfers = room->study_view(room.key(1)).value().transfers;
  room->withdraw_transfer(transfers[0].id, "uid:0").value();
  room.clock().advance(100h);
  EXPECT_TRUE(due_in(room).empty());
  room->withdraw_transfer(transfers[1].id, "uid:0").value();
  room.clock().advance(23h);
  EXPECT_TRUE(due_in(room).empty()) << "its time begins with the end of the last transfer";
  room.clock().advance(1h);
  EXPECT_EQ(due_in(room).size(), 1U);
}

TEST(Retention, WhatIsBeingSentWhileItIsWithdrawnStaysUntilTheAttemptEnds) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 1);
  room->close_segment({1}).value();
  room->withdraw_transfer(id, "uid:0").value();
  room.clock().advance(1000h);
  EXPECT_TRUE(due_in(room).empty());
  EXPECT_TRUE(room->close_outboxes(10).value().empty());
  finish_with(room, id, Outcome::sent);
  EXPECT_EQ(room->close_outboxes(10).value(), std::vector<TransferId>{id});
  room.clock().advance(24h);
  EXPECT_EQ(due_in(room).size(), 1U);
}

TEST(Retention, ShreddingIsInTheLedgerAndTheSumsStillClose) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 2);
  // Newer bytes of one of the two come while it is sent.
  room.receive({.study = 1, .instance = 1000, .bytes = 99});
  finish_with(room, id, Outcome::sent);
  room.complete(1);
  room.plan(1);
  const RouteSum before = room.sum(1);
  room->close_segment({1}).value();
  room.clock().advance(48h);
  const auto shredded = room->shred_objects(due_in(room), kKeep, room.clock().now()).value();
  EXPECT_EQ(shredded.size(), 2U);
  const RouteSum after = room.sum(1);
  EXPECT_TRUE(after.closes());
  EXPECT_EQ(after.live, before.live);
  EXPECT_EQ(after.sent, before.sent);

  const ledger::Entry entry = room.last(ledger::Kind::object_shredded);
  ASSERT_EQ(entry.items.size(), 2U);
  EXPECT_EQ(entry.study, room.key(1));
  EXPECT_NE(entry.items[0].digest, Digest{}) << "which bytes they were can be shown";
  EXPECT_NE(entry.items[0].reason, entry.items[1].reason);
  for (const SpooledObject& object : room.study(1).objects) {
    if (object.state != P::shredded) continue;
    EXPECT_EQ(object.shredded_at, room.clock().now());
    EXPECT_TRUE(object.location.wrapped_key.empty());
    EXPECT_TRUE(object.facts.patient_id.reveal().empty() && object.head.sop_instance.value.empty());
  }
  EXPECT_TRUE(room->inspect_ledger().value().ok);
}

TEST(Retention, AnOperatorShredsWhatIsHeldAndNotWhatStillGoes) {
  CatalogRoom room;
  const ShredOrder order{"uid:7", "sent to us by mistake"};
  room.receive({.study = 1, .instance = 1});
  EXPECT_EQ(slug(room->shred_study(room.key(1), order)), "study.still-arriving");
  room.complete(1);
  room->hold_study(room.key(1), "study.no-route").value();
  EXPECT_EQ(slug(room->shred_study(room.key(1), order)), "study.segment-open");
  const TransferId open = room.cleared(2, 1);
  room->close_segment({1}).value();
  EXPECT_EQ(slug(room->shred_study(room.key(2), order)), "study.transfers-open");
  room->withdraw_transfer(open, "uid:7").value();
  room.raw()->run("UPDATE objects SET pinned_until = ?1", room.clock().now() + 1h).value();
  EXPECT_EQ(slug(room->shred_study(room.key(2), order)), "study.in-custody");
  room.clock().advance(1h);
  EXPECT_EQ(room->shred_study(room.key(1), order).value().size(), 1U);
  EXPECT_EQ(room->shred_study(room.key(2), order).value().size(), 1U);
  EXPECT_EQ(slug(room->shred_study(room.key(2), order)), "study.nothing-to-shred");
  const ledger::Entry entry = room.last(ledger::Kind::object_shredded);
  EXPECT_EQ(entry.fields.at("actor"), "uid:7");
  EXPECT_EQ(entry.sealed.at("why"), "sent to us by mistake");
}

TEST(Retention, AnOutboxStaysAsLongAsItsRefusedObjectsMayGoAgain) {
  CatalogRoom room;
  const TransferId sent = room.sending(1, 1);
  const TransferId refused = room.sending(2, 1);
  finish_with(room, sent, Outcome::sent);
  finish_with(room, refused, Outcome::refused);
  room->close_segment({1}).value();
  EXPECT_EQ(room->close_outboxes(10).value(), std::vector<TransferId>{sent});
  EXPECT_EQ(room->outboxes().value(), std::vector<TransferId>{refused});
  room.clock().advance(48h);
  (void)room->shred_objects(due_in(room), kKeep, room.clock().now()).value();
  EXPECT_EQ(room->close_outboxes(10).value(), std::vector<TransferId>{refused});
  EXPECT_EQ(slug(room->retry_transfer(refused, "uid:0")), "transfer.nothing-to-retry");
}

TEST(Retention, TheWayBackIsForgottenWithItsLastTransfer) {
  CatalogRoom room;
  const auto send_with_uid = [&room] {
    const TransferId id = room.plan(1);
    PreparedTransfer prepared = room.prepared(id);
    prepared.uids = {{Phi<std::string>("1.2.3"), {"2.25.99"}, "study"}};
    prepared.restore = {{"PatientName", "X"}};
    room->queue_transfer(id, CatalogRoom::clearance(), prepared).value();
  };
  room.receive({.study = 1, .instance = 1});
  room.complete(1);
  send_with_uid();
  room.clock().advance(100h);
  room.receive({.study = 1, .instance = 2});
  room.complete(1);
  send_with_uid();
  const TimePoint second = room.clock().now();
  EXPECT_EQ(room->expire_returns(second, 10).value(), 1U);
  EXPECT_TRUE(room->find_study({"2.25.99"}).value().has_value());
  EXPECT_EQ(room->expire_returns(second + 1s, 10).value(), 1U);
  EXPECT_FALSE(room->find_study({"2.25.99"}).value().has_value());
}

bool holds_bytes(const Bytes& file, ByteView wanted) {
  return as_text(file).find(as_text(wanted)) != std::string_view::npos;
}

/// Rows that grow are moved about by SQLite: many objects, each of which changes several times.
TEST(Retention, NoKeyOfAShreddedObjectIsLeftInAnyFileOfTheCatalog) {
  CatalogRoom room;
  std::mt19937_64 random(7);
  std::vector<Bytes> keys;
  for (unsigned i = 0; i < 300; ++i) {
    const unsigned study = 1 + i % 6;
    NewObject object = test::new_object({.id = 5000 + (i ^ 3U), .study = study, .instance = i,
                                         .bytes = i, .at = room.clock().now()});
    object.location.wrapped_key = test::data_of(random(), crypto::kWrappedKeyBytes);
    keys.push_back(object.location.wrapped_key);
    room->record_object(object, kPolicy).value();
  }
  room->flush().value();
  for (unsigned study = 1; study <= 6; ++study) {
    room.complete(study);
    const TransferId id = room.plan(study);
    room.queue(id);
    room->begin_attempt(id, {}).value();
    finish_with(room, id, Outcome::sent);
  }
  room->close_segment({1}).value();
  const auto bytes = [&room] {
    Bytes all = test::file_bytes(room.file());
    const Bytes journal = test::file_bytes(room.file().string() + "-wal");
    all.insert(all.end(), journal.begin(), journal.end());
    return all;
  };
  ASSERT_TRUE(holds_bytes(bytes(), keys.front())) << "the search finds nothing";
  room.clock().advance(48h);
  ASSERT_EQ(room->shred_objects(room->objects_due(kKeep, room.clock().now(), 1000).value(), kKeep,
                                room.clock().now()).value().size(), 300U);
  EXPECT_TRUE(room->empty_journal().value());
  const Bytes after = bytes();
  std::size_t left = 0;
  for (const Bytes& key : keys) left += holds_bytes(after, key) ? 1U : 0U;
  EXPECT_EQ(left, 0U);
}

TEST(Retention, QuestionsOfARoundUseIndexes) {
  CatalogRoom room;
  const auto db = room.raw();
  const std::pair<const char*, const char*> questions[] = {
      {"SELECT o.id FROM objects o INDEXED BY objects_ended CROSS JOIN studies s WHERE o.state = 0"
       " AND o.ended_at > 0 AND o.state < 4 AND o.ended_at <= 5 AND s.id = o.study",
       "objects_ended"},
      {"SELECT 1 FROM objects o WHERE o.segment = 1 AND o.state < 4", "objects_kept"},
      {"SELECT t.id FROM transfers t WHERE t.outbox_key IS NOT NULL AND t.ended_at > 0",
       "transfers_with_outbox"},
      {"SELECT study FROM restore_records WHERE created_at < 5 ORDER BY created_at LIMIT 1",
       "restore_records_made"}};
  for (const auto& [question, index] : questions) {
    auto row = db->prepare(std::string("EXPLAIN QUERY PLAN ") + question).value();
    ASSERT_TRUE(row.step().value());
    EXPECT_NE(row.text(3).find(index), std::string::npos) << question << ": " << row.text(3);
  }
}

}  // namespace
}  // namespace veilroute::store

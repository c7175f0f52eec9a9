// Studies: due, postponed, completed, held, resumed, found.
#include <gtest/gtest.h>

#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

TEST(Studies, AreDueInTheOrderOfTheirTime) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 1});
  room.clock().advance(5s);
  room.receive({.study = 2, .instance = 2});
  const TimePoint first_due = kStart + kPolicy.quiet;
  EXPECT_TRUE(room->studies_due(first_due - 1us, 10).value().empty());
  EXPECT_EQ(room->studies_due(first_due, 10).value().size(), 1U);
  const std::vector<Study> due = room->studies_due(first_due + 5s, 10).value();
  ASSERT_EQ(due.size(), 2U);
  EXPECT_EQ(due[0].key, room.key(1));
  EXPECT_TRUE(due[0].objects.empty());
  EXPECT_EQ(room->studies_due(first_due + 5s, 1).value().size(), 1U);
}

TEST(Studies, ArePostponedButNeverBroughtForward) {
  CatalogRoom room;
  room.receive({});
  room->postpone_study(room.key(1), kStart + 60s).value();
  room->postpone_study(room.key(1), kStart + 10s).value();
  room->flush().value();
  EXPECT_EQ(room.study(1).complete_at, kStart + 60s);
}

TEST(Studies, OneThatCannotBeOpenedHidesNoOthers) {
  const char* const kBreaks[] = {
      "UPDATE studies SET sealed = zeroblob(64) WHERE id = ?1",
      "UPDATE patients SET sealed = zeroblob(64) WHERE id = (SELECT patient FROM studies WHERE id = ?1)",
  };
  for (const char* broken : kBreaks) {
    CatalogRoom room;
    room.receive({.study = 1, .instance = 1, .patient = "PID-ONE"});
    room.receive({.study = 2, .instance = 2, .patient = "PID-TWO"});
    const StudyKey bad = room.key(1);
    room.raw()->run(broken, bad).value();
    const TimePoint at = kStart + kPolicy.quiet;
    for (const auto& list : {room->studies_due(at, 10), room->list_studies(10)}) {
      ASSERT_TRUE(list.ok()) << list.error().text();
      ASSERT_EQ(list->size(), 2U);
      for (const Study& study : *list) EXPECT_EQ(study.readable, study.key != bad);
    }
    EXPECT_EQ(kind_of(room->load_study(bad)), ErrorKind::corrupt) << "nobody may plan it";
    EXPECT_FALSE(room->study_view(bad)->study.readable);
    EXPECT_TRUE(room->load_study(room.key(2)).ok());
    room.clock().advance(kPolicy.quiet);
    EXPECT_TRUE(room->complete_study(bad, kStart).value());
    room->hold_study(bad, std::string(kHoldRowUnreadable)).value();
    EXPECT_TRUE(room->studies_due(at, 10).value().size() == 1U);
  }
}

TEST(Studies, InAStateThatDoesNotExistAreLeftOutOfTheList) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 1});
  room.receive({.study = 2, .instance = 2});
  room.raw()->run("UPDATE studies SET state = 9 WHERE id = ?1", room.key(1)).value();
  EXPECT_EQ(room->list_studies(10).value().size(), 1U);
}

TEST(Studies, LostBySalvageDoNotKeepTheirTransfersFromBeingBlocked) {
  CatalogRoom room;
  const TransferId id = room.cleared(1, 1);
  const TransferId other = room.cleared(2, 1);
  const auto db = room.raw();
  db->script("PRAGMA foreign_keys = OFF;").value();
  db->run("DELETE FROM studies WHERE id = ?1", room.key(1)).value();
  room->hold_salvaged({}).value();
  EXPECT_EQ(room.load(id).reason, kHoldSalvaged);
  EXPECT_EQ(room.load(other).reason, kHoldSalvaged);
}

TEST(Studies, AreNotCompletedWhenAnObjectCameInBetween) {
  CatalogRoom room;
  room.receive({.instance = 1});
  const Study seen = room.study(1);
  room.clock().advance(1s);
  room.receive({.instance = 2, .bytes = 2});
  const std::uint64_t entries = room.ledger_length();
  EXPECT_FALSE(room->complete_study(seen.key, seen.last_at).value());
  EXPECT_EQ(room.study(1).state, StudyState::open);
  EXPECT_EQ(room.ledger_length(), entries);
  EXPECT_TRUE(room->complete_study(seen.key, room.study(1).last_at).value());
  EXPECT_FALSE(room->complete_study(seen.key, room.study(1).last_at).value());
  EXPECT_EQ(room.last(ledger::Kind::study_completed).fields.at("objects"), "2");
  EXPECT_EQ(room->studies_to_plan(10).value(), std::vector<StudyKey>{seen.key});
}

TEST(Studies, AreHeldOnlyWhenComplete) {
  CatalogRoom room;
  room.receive({});
  const StudyKey key = room.key(1);
  // An object that came since the look of whoever holds it.
  EXPECT_EQ(slug(room->hold_study(key, "study.unreadable")), "study.moved-on");
  room.complete(1);
  EXPECT_EQ(slug(room->hold_study(key, "")), "study.hold-without-reason");
  room->hold_study(key, "study.unreadable").value();
  EXPECT_EQ(room.study(1).state, StudyState::held);
  EXPECT_EQ(room.last(ledger::Kind::study_held).fields.at("reason"), "study.unreadable");
  EXPECT_EQ(slug(room->hold_study({999}, "study.unreadable")), "study.unknown");
}

TEST(Studies, AreResumedByAPersonWithoutTheirHold) {
  CatalogRoom room;
  room.receive({});
  EXPECT_EQ(slug(room->resume_study(room.key(1), "operator")), "study.not-held");
  room.complete(1);
  room->hold_study(room.key(1), "study.unreadable").value();
  room->resume_study(room.key(1), "operator").value();
  EXPECT_EQ(room.study(1).state, StudyState::complete);
  EXPECT_EQ(room.study(1).reason, "");
  const ledger::Entry entry = room.last(ledger::Kind::study_resumed);
  EXPECT_EQ(entry.fields.at("actor"), "operator");
  EXPECT_EQ(entry.fields.at("reason"), "study.unreadable");
}

TEST(Studies, TheHoldForWantOfARouteIsLiftedByALateObjectAndNoOther) {
  for (const bool lifted : {true, false}) {
    CatalogRoom room;
    room.receive({.instance = 1});
    room.complete(1);
    room->hold_study(room.key(1), lifted ? std::string(kHoldNoRoute) : "study.other").value();
    room.receive({.instance = 2, .bytes = 2});
    EXPECT_EQ(room.study(1).state, StudyState::open);
    EXPECT_EQ(room.study(1).generation, 1U);
    room.complete(1);
    EXPECT_EQ(room.study(1).state, lifted ? StudyState::complete : StudyState::held);
  }
}

TEST(Studies, TakeThePatientThatTheirLiveObjectsAgreeOnWhenResumed) {
  CatalogRoom room;
  room.receive({.instance = 1, .bytes = 1, .patient = "WRONG"});
  room.receive({.instance = 1, .bytes = 2, .patient = "PID-ONE"});
  room.complete(1);
  ASSERT_EQ(room.study(1).reason, kHoldTwoPatients);
  room->resume_study(room.key(1), "operator").value();
  EXPECT_EQ(room.study(1).patient_id.reveal(), "PID-ONE");
}

TEST(Studies, AreFoundByTheUidAsReceivedOrAsSent) {
  CatalogRoom room;
  room.receive({});
  room.complete(1);
  const TransferId id = room.plan(1);
  PreparedTransfer prepared = room.prepared(id);
  const Uid sent{"2.25.1234567890"};
  prepared.uids = {{Phi<std::string>(test::study_uid(1).value), sent, "study"},
                   {Phi<std::string>(test::instance_uid(1).value), {"2.25.42"}, "instance"}};
  room->queue_transfer(id, CatalogRoom::clearance(), prepared).value();
  EXPECT_EQ(room->find_study(test::study_uid(1)).value(), room.key(1));
  EXPECT_EQ(room->find_study(sent).value(), room.key(1));
  EXPECT_FALSE(room->find_study({"2.25.42"}).value().has_value());
  EXPECT_FALSE(room->find_study({"1.2.3"}).value().has_value());
}

TEST(Studies, AreListedNewestFirst) {
  CatalogRoom room;
  for (unsigned i = 1; i <= 3; ++i) room.receive({.study = i, .instance = i});
  room.complete(1);
  const std::vector<Study> complete = room->list_studies(2, StudyState::complete).value();
  ASSERT_EQ(complete.size(), 1U) << "newer ones in other states do not hide it";
  EXPECT_EQ(complete[0].uid, test::study_uid(1));
  EXPECT_TRUE(room->list_studies(2, StudyState::held).value().empty());
  const std::vector<Study> listed = room->list_studies(2).value();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].uid, test::study_uid(3));
  EXPECT_EQ(listed[1].uid, test::study_uid(2));
}

}  // namespace
}  // namespace veilroute::store

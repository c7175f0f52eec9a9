// record_object: what arrives becomes rows; duplicates, newer bytes, contradictions and generations
// (decisions 4).
#include <gtest/gtest.h>

#include <functional>

#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

TEST(Received, WithoutAStudyIsNotRecorded) {
  CatalogRoom room;
  NewObject object = test::new_object({});
  object.facts.study.value.clear();
  EXPECT_EQ(slug(room->record_object(object, kPolicy)), "object.study-uid-absent");
  EXPECT_TRUE(room->list_studies(10).value().empty());
}

TEST(Received, OpensAStudyAndComesBackAsItWas) {
  CatalogRoom room;
  ObjectSpec spec{.study = 3, .instance = 4, .bytes = 5};
  const ObjectId id = room.receive(spec);
  spec.id = id.value;
  spec.at = kStart;
  const NewObject sent = test::new_object(spec);
  const SpooledObject object = room->load_object(id).value();
  EXPECT_EQ(object.state, ObjectState::live);
  EXPECT_EQ(object.generation, 1U);
  EXPECT_EQ(object.head.sop_instance, sent.head.sop_instance);
  EXPECT_EQ(object.head.calling_ae, sent.head.calling_ae);
  EXPECT_EQ(object.facts.digest, sent.facts.digest);
  EXPECT_EQ(object.facts.patient_id, sent.facts.patient_id);
  EXPECT_EQ(object.location.wrapped_key, sent.location.wrapped_key);
  EXPECT_EQ(object.location.offset, sent.location.offset);
  const Study study = room.study(3);
  EXPECT_EQ(study.state, StudyState::open);
  EXPECT_EQ(study.uid, test::study_uid(3));
  EXPECT_EQ(study.patient_id.reveal(), "PID-ONE");
  EXPECT_EQ(study.issuer.reveal(), "HOSPITAL");
  EXPECT_EQ(study.complete_at, kStart + kPolicy.quiet);
  ASSERT_EQ(study.objects.size(), 1U);
}

TEST(Received, WaitsForQuietButNotForEver) {
  CatalogRoom room;
  for (unsigned i = 0; i < 60; ++i) {
    room.receive({.instance = i, .bytes = i});
    room.clock().advance(20s);
  }
  const Study study = room.study(1);
  EXPECT_EQ(study.first_at, kStart);
  EXPECT_EQ(study.last_at, kStart + 59 * 20s);
  EXPECT_EQ(study.complete_at, kStart + kPolicy.longest);
}

TEST(Received, TwiceByTheSameNumberChangesNothing) {
  CatalogRoom room;
  const NewObject object = test::new_object({.id = 55, .at = kStart});
  for (int i = 0; i < 3; ++i) room->record_object(object, kPolicy).value();
  room->flush().value();
  EXPECT_EQ(room.study(1).objects.size(), 1U);
  EXPECT_EQ(room.entries(ledger::Kind::received).size(), 1U);
}

TEST(Received, TheSameBytesAgainAreSuperseded) {
  CatalogRoom room;
  const ObjectId first = room.receive({});
  const ObjectId again = room.receive({});
  EXPECT_EQ(room.state(first), ObjectState::live);
  EXPECT_EQ(room.state(again), ObjectState::superseded);
  EXPECT_EQ(room.study(1).reason, "");
}

TEST(Received, TheSameBytesByAnotherWayCountWhereNoRouteTookThem) {
  const ObjectSpec kWays[] = {
      {.source = "clinic"}, {.listener = "partners"}, {.calling_ae = "CT2"}, {.called_ae = "BONE"}};
  for (const ObjectSpec& way : kWays) {
    CatalogRoom room;
    std::vector<ObjectId> passed_over;
    for (unsigned i = 0; i < 2; ++i) passed_over.push_back(room.receive({.instance = i, .bytes = i}));
    room.complete(1);
    room->hold_study(room.key(1), std::string(kHoldNoRoute)).value();
    EXPECT_EQ(room.state(room.receive({.instance = 0, .bytes = 0})), ObjectState::superseded)
        << "the same way again: no route takes it either";
    EXPECT_EQ(room.study(1).state, StudyState::held);

    room.clock().advance(24h);
    for (unsigned i = 0; i < 2; ++i) {
      ObjectSpec again = way;
      again.instance = again.bytes = i;
      const ObjectId newer = room.receive(again);
      EXPECT_EQ(room.state(newer), ObjectState::live) << i;
      EXPECT_EQ(room.state(passed_over[i]), ObjectState::superseded) << i;
      EXPECT_EQ(room.last(ledger::Kind::object_superseded).fields.at("by"),
                std::to_string(newer.value));
      EXPECT_EQ(room.study(1).state, StudyState::open);
      room.clock().advance(10s);
    }
    EXPECT_EQ(room->load_object(passed_over[0])->reason, "object.came-another-way");
    EXPECT_GT(room.study(1).complete_at, room.clock().now()) << "the rest is waited for as well";
    const ObjectId third = room.receive({.instance = 0, .bytes = 0, .source = "third"});
    EXPECT_EQ(room.state(third), ObjectState::superseded) << "nobody knows yet that none takes it";
    room.complete(1);
    EXPECT_EQ(room.study(1).state, StudyState::complete);
    EXPECT_EQ(room.planned_objects(1).size(), 2U);
  }
}

TEST(Received, TheSameBytesByAnotherWayAreSetAsideEverywhereElse) {
  const std::pair<const char*, std::function<void(CatalogRoom&)>> kCases[] = {
      {"open", [](CatalogRoom&) {}},
      {"complete", [](CatalogRoom& room) { room.complete(1); }},
      {"planned", [](CatalogRoom& room) { room.complete(1), room.plan(1); }},
      {"held for another reason",
       [](CatalogRoom& room) {
         room.complete(1);
         room->hold_study(room.key(1), std::string(kHoldTwoPatients)).value();
       }},
      {"the next generation",
       [](CatalogRoom& room) {
         room.complete(1);
         room.plan(1);
         room.receive({.instance = 2, .bytes = 2});
       }},
  };
  for (const auto& [name, bring] : kCases) {
    CatalogRoom room;
    const ObjectId first = room.receive({});
    bring(room);
    room.clock().advance(1s);
    EXPECT_EQ(room.state(room.receive({.source = "clinic"})), ObjectState::superseded) << name;
    EXPECT_EQ(room.state(first), ObjectState::live) << name;
  }
}

/// As after a crash: the newer object has its row already, the older one gets it now.
ObjectId record_late(CatalogRoom& room, ObjectSpec spec) {
  spec.id = 500;  // below those of CatalogRoom
  spec.at = kStart;
  room->record_object(test::new_object(spec), kPolicy).value();
  room->flush().value();
  return {spec.id};
}

TEST(Received, OlderBytesThatGetTheirRowLaterDoNotCount) {
  for (const bool planned : {false, true}) {
    CatalogRoom room;
    const ObjectId newer = room.receive({.bytes = 2});
    room.complete(1);
    if (planned) room.plan(1);
    const ObjectId older = record_late(room, {.bytes = 1});
    EXPECT_EQ(room.state(newer), ObjectState::live);
    EXPECT_EQ(room.state(older), ObjectState::superseded);
    EXPECT_EQ(room->load_object(older)->reason, "object.newer-bytes");
    const ledger::Entry entry = room.last(ledger::Kind::object_superseded);
    EXPECT_EQ(entry.fields.at("by"), std::to_string(newer.value));
    ASSERT_EQ(entry.items.size(), 1U);
    EXPECT_EQ(entry.items[0].object, older);
    EXPECT_EQ(room.study(1).state, planned ? StudyState::planned : StudyState::complete)
        << "it reopens nothing";
  }
}

TEST(Received, OlderBytesOfAnotherClassHoldTheStudyAllTheSame) {
  for (const bool complete : {false, true}) {
    CatalogRoom room;
    room.receive({.bytes = 2});
    if (complete) room.complete(1);
    record_late(room, {.bytes = 1, .sop_class = "1.2.840.10008.5.1.4.1.1.2"});
    if (!complete) room.complete(1);
    EXPECT_EQ(room.study(1).state, StudyState::held);
    EXPECT_EQ(room.study(1).reason, kHoldTwoClasses);
  }
}

TEST(Received, ATwinWhoseRowCannotBeReadKeepsNobodyFromARow) {
  CatalogRoom room;
  const ObjectId older = room.receive({.bytes = 1});
  room.raw()->run("UPDATE objects SET head = zeroblob(64)").value();
  const ObjectId newer = room.receive({.bytes = 2});
  EXPECT_EQ(room.state(newer), ObjectState::live);
  EXPECT_EQ(room->load_object(older).error().kind, ErrorKind::corrupt);
}

TEST(Received, NewerBytesSupersedeTheOlder) {
  CatalogRoom room;
  const ObjectId older = room.receive({.bytes = 1});
  const ObjectId newer = room.receive({.bytes = 2});
  EXPECT_EQ(room.state(older), ObjectState::superseded);
  EXPECT_EQ(room.state(newer), ObjectState::live);
  const ledger::Entry entry = room.last(ledger::Kind::object_superseded);
  EXPECT_EQ(entry.fields.at("by"), std::to_string(newer.value));
  ASSERT_EQ(entry.items.size(), 1U);
  EXPECT_EQ(entry.items[0].object, older);
}

TEST(Received, UnusableIsKeptBesideTheStudyAndReopensNothing) {
  CatalogRoom room;
  room.receive({});
  room.complete(1);
  room.plan(1);
  const ObjectId bad = room.receive({.instance = 2, .patient = "OTHER", .unusable = "dataset.cut"});
  EXPECT_EQ(room.state(bad), ObjectState::unusable);
  EXPECT_EQ(room.study(1).state, StudyState::planned);
  EXPECT_EQ(room.last(ledger::Kind::object_unusable).items.at(0).reason, "dataset.cut");
}

struct Contradiction {
  const char* name;
  ObjectSpec second;
  std::string_view hold;
};

TEST(Received, AContradictionHoldsTheStudyOnceItIsComplete) {
  const Contradiction kCases[] = {
      {"two patients", {.instance = 2, .bytes = 2, .patient = "PID-TWO"}, kHoldTwoPatients},
      {"two issuers", {.instance = 2, .bytes = 2, .issuer = "CLINIC"}, kHoldTwoPatients},
      {"two classes",
       {.instance = 1, .bytes = 2, .sop_class = "1.2.840.10008.5.1.4.1.1.2"},
       kHoldTwoClasses},
      {"no patient", {.instance = 2, .bytes = 2, .patient = ""}, ""},
      {"another instance", {.instance = 2, .bytes = 2}, ""},
  };
  for (const Contradiction& c : kCases) {
    CatalogRoom room;
    room.receive({});
    room.receive(c.second);
    EXPECT_EQ(room.study(1).state, StudyState::open) << c.name;
    room.complete(1);
    EXPECT_EQ(room.study(1).state, c.hold.empty() ? StudyState::complete : StudyState::held)
        << c.name;
    EXPECT_EQ(room.study(1).reason, c.hold) << c.name;
  }
}

TEST(Received, OneInstanceInTwoStudiesHoldsBothUnlessPlanned) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 9, .bytes = 1});
  room.receive({.study = 2, .instance = 9, .bytes = 1});
  room.complete(1);
  room.complete(2);
  EXPECT_EQ(room.study(1).reason, kHoldTwoStudies);
  EXPECT_EQ(room.study(2).reason, kHoldTwoStudies);

  CatalogRoom later;
  later.cleared(1, 1);
  later.receive({.study = 2, .instance = 1000, .bytes = 1000});
  later.complete(2);
  EXPECT_EQ(later.study(1).state, StudyState::planned);
  EXPECT_EQ(later.study(2).reason, kHoldTwoStudies);
}

TEST(Received, AContradictionOutweighsTheHoldThatALateObjectWouldLift) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 9});
  room.complete(1);
  room->hold_study(room.key(1), std::string(kHoldNoRoute)).value();
  room.receive({.study = 2, .instance = 9});
  EXPECT_EQ(room.study(1).state, StudyState::held);
  EXPECT_EQ(room.study(1).reason, kHoldTwoStudies);
  room.receive({.study = 1, .instance = 10, .bytes = 10});
  room.complete(1);
  EXPECT_EQ(room.study(1).reason, kHoldTwoStudies);
}

TEST(Received, AfterThePlanBelongsToTheNextGeneration) {
  CatalogRoom room;
  room.receive({.instance = 1, .bytes = 1});
  room.complete(1);
  const TransferId first = room.plan(1);
  const ObjectId late = room.receive({.instance = 2, .bytes = 2});
  const Study open = room.study(1);
  EXPECT_EQ(open.state, StudyState::open);
  EXPECT_EQ(open.generation, 2U);
  EXPECT_EQ(open.first_at, kStart + kPolicy.quiet);
  EXPECT_EQ(room->load_object(late).value().generation, 2U);
  room.complete(1);
  const TransferId second = room.plan(1);
  EXPECT_EQ(room.load(first).generation, 1U);
  EXPECT_EQ(room.load(second).generation, 2U);
  EXPECT_EQ(room.objects(second), std::vector<ObjectId>{late});
}

TEST(Received, BeforeThePlanMakesTheSameGenerationWaitAgain) {
  CatalogRoom room;
  room.receive({.instance = 1, .bytes = 1});
  room.complete(1);
  room.receive({.instance = 2, .bytes = 2});
  EXPECT_EQ(room.study(1).state, StudyState::open);
  EXPECT_EQ(room.study(1).generation, 1U);
}

TEST(Received, NewerBytesTakeTheOlderOutOfWhatHasNotLeft) {
  CatalogRoom room;
  const TransferId id = room.cleared(1, 2);
  const ObjectId older = room.objects(id).front();
  room.receive({.study = 1, .instance = 1000, .bytes = 77});
  EXPECT_EQ(room.state(id, older), O::withdrawn);
  EXPECT_EQ(room.state(id), T::cleared);
  room.receive({.study = 1, .instance = 1001, .bytes = 78});
  EXPECT_EQ(room.state(id), T::withdrawn);
  EXPECT_EQ(room.load(id).reason, "object.superseded");
}

TEST(Received, IsOneEntryForWhatOneAssociationBrings) {
  CatalogRoom room;
  for (unsigned i = 0; i < 30; ++i) {
    ObjectSpec spec{.id = 100 + i, .study = 1 + i % 2, .instance = i, .bytes = i, .at = kStart};
    spec.association = 7 + (i % 2);
    room->record_object(test::new_object(spec), kPolicy).value();
  }
  room->flush().value();
  std::size_t items = 0;
  const auto entries = room.entries(ledger::Kind::received);
  for (const ledger::Entry& entry : entries) items += entry.items.size();
  EXPECT_EQ(items, 30U);
  // Two batches at most: one that was waiting, and the rest.
  EXPECT_LE(entries.size(), 4U);
  EXPECT_EQ(entries[0].sealed.at("calling_ae"), "ER_CR1");
  EXPECT_NE(entries[0].patient_ref, Digest{});
}

TEST(Segments, LoseTheirKeyWhenEveryRecordHasItsRow) {
  CatalogRoom room;
  room->record_object(test::new_object({.id = 5, .at = kStart}), kPolicy).value();
  ASSERT_TRUE(room->segments().value().at(0).wrapped_key.has_value());
  room->close_segment({1}).value();
  const SegmentRow closed = room->segments().value().at(0);
  EXPECT_TRUE(closed.closed);
  EXPECT_FALSE(closed.wrapped_key.has_value());
  // close_segment came after record_object, so the row is there.
  EXPECT_EQ(room->recorded_offsets({1}).value(), std::vector<std::uint64_t>{50'000});
}

TEST(Segments, ALostRecordLosesItsObjectAndIsLedgeredOnce) {
  CatalogRoom room;
  const ObjectId id = room.receive({});
  const std::uint64_t offset = room->load_object(id).value().location.offset;
  room->mark_corrupt({1}, offset).value();
  room->mark_corrupt({1}, offset).value();
  room->mark_corrupt({1}, 123).value();
  EXPECT_EQ(room.state(id), ObjectState::corrupt);
  EXPECT_EQ(room.entries(ledger::Kind::object_corrupt).size(), 2U);
  // A place without a row is no record to rely on: if its bytes can be read one day, it gets its row.
  EXPECT_EQ(room->recorded_offsets({1}).value(), std::vector<std::uint64_t>{offset});
}

TEST(Ids, AscendAndAreNeverGivenTwice) {
  CatalogRoom room;
  const std::uint64_t first = room->reserve_ids(10).value();
  const std::uint64_t second = room->reserve_ids(1).value();
  EXPECT_GE(second, first + 10);
  room.reopen();
  EXPECT_GT(room->reserve_ids(5).value(), second);
  EXPECT_EQ(slug(room->reserve_ids(0)), "catalog.no-ids");
}

}  // namespace
}  // namespace veilroute::store

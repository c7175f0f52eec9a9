// Transfers on their way to being cleared: planned, blocked, in quarantine, queued with a
// clearance.
#include <gtest/gtest.h>

#include <functional>

#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

TEST(Plan, NamesEveryLiveObjectOfTheGenerationOrNothingHappens) {
  CatalogRoom room;
  room.receive({.instance = 1, .bytes = 1});
  const ObjectId second = room.receive({.instance = 2, .bytes = 2});
  room.complete(1);
  const StudyKey key = room.key(1);
  std::vector<TransferObject> objects = room.planned_objects(1);
  const std::vector<TransferObject> one_short(objects.begin(), objects.begin() + 1);
  EXPECT_EQ(slug(room->add_transfers(key, {{plan_for(), "", one_short}})), "study.moved-on");
  std::vector<TransferObject> twice = objects;
  twice.push_back(twice.front());
  EXPECT_EQ(slug(room->add_transfers(key, {{plan_for(), "", twice}})), "study.moved-on");
  std::vector<TransferObject> sent = objects;
  sent[0].state = O::sent;
  EXPECT_EQ(slug(room->add_transfers(key, {{plan_for(), "", sent}})), "transfer.no-such-move");
  EXPECT_EQ(room.study(1).state, StudyState::complete);
  EXPECT_TRUE(room->study_view(key).value().transfers.empty());

  objects[1].state = O::excluded;
  objects[1].reason = "SOPClassUID";
  room->add_transfers(key, {{plan_for(), "", objects}}).value();
  EXPECT_EQ(room.study(1).state, StudyState::planned);
  const Transfer planned = room->study_view(key).value().transfers.at(0);
  EXPECT_EQ(planned.state, T::planned);
  EXPECT_EQ(room.state(planned.id, second), O::excluded);
  EXPECT_EQ(slug(room->add_transfers(key, {{plan_for(), "", objects}})), "study.moved-on");
}

TEST(Plan, IsPinnedWhole) {
  CatalogRoom room;
  room.receive({});
  room.complete(1);
  TransferPlan plan = plan_for();
  plan.pixel_trust = "QA-17";
  const Transfer transfer = room.load(room.plan(1, plan));
  EXPECT_EQ(transfer.plan.route, plan.route);
  EXPECT_EQ(transfer.plan.destination, plan.destination);
  EXPECT_EQ(transfer.plan.profile, plan.profile);
  EXPECT_EQ(transfer.plan.profile_version, plan.profile_version);
  EXPECT_EQ(transfer.plan.profile_text, plan.profile_text);
  EXPECT_EQ(transfer.plan.basis, plan.basis);
  EXPECT_EQ(transfer.plan.scope, plan.scope);
  EXPECT_EQ(transfer.plan.gate_document, plan.gate_document);
  EXPECT_EQ(transfer.plan.pixel_trust, "QA-17");
}

TEST(Plan, WithNothingToGoIsOverAtOnce) {
  CatalogRoom room;
  room.receive({});
  room.complete(1);
  std::vector<TransferObject> objects = room.planned_objects(1);
  objects[0].state = O::excluded;
  objects[0].reason = "Modality";
  room->add_transfers(room.key(1), {{plan_for(), "", objects}}).value();
  const RouteSum sum = room.sum(1);
  EXPECT_EQ(sum.excluded, 1U);
  EXPECT_TRUE(sum.closes());
  EXPECT_TRUE(room->transfers_to_prepare(10).value().empty());
}

TEST(Plan, AGateShutsTheTransferUntilItOpens) {
  CatalogRoom room;
  room.receive({});
  room.complete(1);
  room->add_transfers(room.key(1), {{plan_for(), "gate.expired", room.planned_objects(1)}}).value();
  const TransferId id = room->transfers_blocked(10).value().at(0).id;
  EXPECT_TRUE(room->transfers_to_prepare(10).value().empty());
  EXPECT_EQ(room.load(id).reason, "gate.expired");
  room->block_transfer(id, "gate.other").value();
  EXPECT_EQ(room.load(id).reason, "gate.expired");
  room->unblock_transfer(id).value();
  EXPECT_EQ(room->transfers_to_prepare(10).value().at(0).id, id);
  EXPECT_EQ(room.last(ledger::Kind::transfer_unblocked).fields.at("reason"), "gate.expired");
  EXPECT_EQ(slug(room->unblock_transfer(id)), "transfer.moved-on");
}

TEST(Queue, TakesTheManifestThatWasCleared) {
  CatalogRoom room;
  const TransferId id = room.cleared(1, 2);
  const Transfer transfer = room.load(id);
  EXPECT_EQ(transfer.state, T::cleared);
  EXPECT_EQ(transfer.manifest, CatalogRoom::clearance().manifest());
  EXPECT_EQ(transfer.outbox_key, Bytes(crypto::kWrappedKeyBytes, 0x33));
  ASSERT_EQ(transfer.objects.size(), 2U);
  EXPECT_EQ(transfer.objects[1].record, 1U);
  EXPECT_EQ(transfer.objects[1].sop_instance, CatalogRoom::new_uid(transfer.objects[1].object));
  const ledger::Entry entry = room.last(ledger::Kind::transfer_cleared);
  EXPECT_EQ(entry.fields.at("manifest"), to_hex(CatalogRoom::clearance().manifest()));
  EXPECT_EQ(room->transfers_due(kBone, room.clock().now(), 10).value().at(0).id, id);
}

struct Shortfall {
  const char* name;
  std::function<void(PreparedTransfer&)> spoil;
  const char* slug;
};

TEST(Queue, RefusesAPreparationOfAnotherTransfer) {
  const Shortfall kCases[] = {
      {"one object short", [](auto& p) { p.objects.pop_back(); }, "transfer.moved-on"},
      {"an object too many",
       [](auto& p) {
         p.objects.push_back(p.objects[0]);
         p.objects.back().object = {999};
       },
       "transfer.moved-on"},
      {"still planned", [](auto& p) { p.objects[0].state = O::planned; }, "transfer.no-such-move"},
      {"sent already", [](auto& p) { p.objects[0].state = O::sent; }, "transfer.no-such-move"},
  };
  for (const Shortfall& c : kCases) {
    CatalogRoom room;
    room.receive({.instance = 1, .bytes = 1});
    room.receive({.instance = 2, .bytes = 2});
    room.complete(1);
    const TransferId id = room.plan(1);
    PreparedTransfer prepared = room.prepared(id);
    c.spoil(prepared);
    EXPECT_EQ(slug(room->queue_transfer(id, CatalogRoom::clearance(), prepared)), c.slug) << c.name;
    EXPECT_EQ(room.state(id), T::planned) << c.name;
    EXPECT_FALSE(room.load(id).manifest.has_value()) << c.name;
  }
}

TEST(Queue, ComesTooLateForWhatWasWithdrawnOrBlocked) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 1});
  room.complete(1);
  const TransferId id = room.plan(1);
  const PreparedTransfer prepared = room.prepared(id);
  room->block_transfer(id, "gate.expired").value();
  EXPECT_EQ(slug(room->queue_transfer(id, CatalogRoom::clearance(), prepared)),
            "transfer.moved-on");
  room->withdraw_transfer(id, "operator").value();
  EXPECT_EQ(slug(room->queue_transfer(id, CatalogRoom::clearance(), prepared)),
            "transfer.moved-on");
  EXPECT_EQ(slug(room->block_transfer(id, "gate.expired")), "transfer.moved-on");
}

TEST(Queue, ANewObjectBetweenPreparationAndQueueIsNoticed) {
  CatalogRoom room;
  room.receive({.instance = 1, .bytes = 1});
  room.receive({.instance = 2, .bytes = 2});
  room.complete(1);
  const TransferId id = room.plan(1);
  const PreparedTransfer prepared = room.prepared(id);
  room.receive({.instance = 1, .bytes = 3});
  EXPECT_EQ(slug(room->queue_transfer(id, CatalogRoom::clearance(), prepared)),
            "transfer.moved-on");
}

TEST(Queue, WithEverythingExcludedIsWithdrawn) {
  CatalogRoom room;
  room.receive({});
  room.complete(1);
  const TransferId id = room.plan(1);
  PreparedTransfer prepared = room.prepared(id);
  prepared.objects[0].state = O::excluded;
  prepared.objects[0].reason = "object.superseded";
  room->queue_transfer(id, CatalogRoom::clearance(), prepared).value();
  EXPECT_EQ(room.state(id), T::withdrawn);
  EXPECT_TRUE(room.sum(1).closes());
}

TEST(Queue, MappedUidsNeedAStoredPseudonym) {
  CatalogRoom room;
  room.receive({});
  room.complete(1);
  TransferPlan plan = plan_for();
  const TransferId id = room.plan(1, plan);
  PreparedTransfer prepared;
  TransferObject object = room.load(id).objects.at(0);
  object.state = O::cleared;
  prepared.objects = {object};
  prepared.uids = {{Phi<std::string>("1.2.3"), {"2.25.1"}, "study"}};
  EXPECT_EQ(slug(room->queue_transfer(id, CatalogRoom::clearance(), prepared)),
            "pseudonyms.not-stored");
}

TEST(Quarantine, KeepsTheWholeTransferBackWithItsFindings) {
  CatalogRoom room;
  room.receive({.instance = 1, .bytes = 1});
  const ObjectId bad = room.receive({.instance = 2, .bytes = 2});
  room.complete(1);
  const TransferId id = room.plan(1);
  room->quarantine_transfer(id, {CatalogRoom::found(bad)}).value();
  const Transfer transfer = room.load(id);
  EXPECT_EQ(transfer.state, T::blocked);
  EXPECT_EQ(transfer.reason, kQuarantine);
  for (const TransferObject& object : transfer.objects) {
    const bool is_bad = object.object == bad;
    EXPECT_EQ(object.state, is_bad ? O::quarantined : O::planned);
    EXPECT_EQ(object.findings, is_bad ? CatalogRoom::found(bad).findings : std::vector<Finding>{});
  }
  // A gate has no say here, and nothing of it is offered to the gate.
  EXPECT_TRUE(room->transfers_blocked(10).value().empty());
  EXPECT_EQ(slug(room->unblock_transfer(id)), "transfer.in-quarantine");
  EXPECT_EQ(room.sum(1).quarantined, 1U);
  EXPECT_EQ(room.sum(1).waiting, 1U);
  EXPECT_EQ(room.last(ledger::Kind::transfer_quarantined).items.at(0).reason, "pixels.burned-in");
}

TEST(Quarantine, NeedsFindingsAndAPlannedTransfer) {
  CatalogRoom room;
  room.receive({});
  room.complete(1);
  const TransferId id = room.plan(1);
  TransferObject silent = CatalogRoom::found(room.objects(id)[0]);
  silent.findings.clear();
  EXPECT_EQ(slug(room->quarantine_transfer(id, {silent})), "transfer.quarantine-without-findings");
  EXPECT_EQ(slug(room->block_transfer(id, "")), "transfer.block-without-reason");
  EXPECT_EQ(slug(room->block_transfer(id, std::string(kQuarantine))),
            "transfer.block-without-reason");
  room.queue(id);
  EXPECT_EQ(slug(room->quarantine_transfer(id, {CatalogRoom::found(room.objects(id)[0])})),
            "transfer.moved-on");
}

TEST(Due, ListsWhatIsDueForADestinationOldestFirst) {
  CatalogRoom room;
  const TransferId first = room.cleared(1, 1);
  const TransferId second = room.cleared(2, 1);
  const TimePoint now = room.clock().now();
  const std::vector<DueTransfer> due = room->transfers_due(kBone, now, 10).value();
  ASSERT_EQ(due.size(), 2U);
  EXPECT_EQ(due[0].id, first);
  EXPECT_EQ(due[1].id, second);
  EXPECT_EQ(room->transfers_due(kBone, now, 1).value().size(), 1U);
  EXPECT_TRUE(room->transfers_due({"registry"}, now, 10).value().empty());
  EXPECT_EQ(room->next_due(kBone).value(), due[0].due_at);
  EXPECT_FALSE(room->next_due({"registry"}).value().has_value());
}

TEST(Due, AClearedTransferThatAGateShutIsClearedAgain) {
  CatalogRoom room;
  const TransferId id = room.cleared(1, 1);
  room->block_transfer(id, "gate.suspended").value();
  EXPECT_TRUE(room->transfers_due(kBone, room.clock().now(), 10).value().empty());
  room->unblock_transfer(id).value();
  EXPECT_EQ(room.state(id), T::cleared);
}

TEST(Transfers, UnknownOnesAreSaidToBe) {
  CatalogRoom room;
  EXPECT_EQ(slug(room->load_transfer({5})), "transfer.unknown");
  EXPECT_EQ(slug(room->load_study({5})), "study.unknown");
  EXPECT_EQ(slug(room->study_view({5})), "study.unknown");
  EXPECT_EQ(slug(room->load_object({5})), "object.unknown");
  EXPECT_EQ(slug(room->withdraw_transfer({5}, "operator")), "transfer.unknown");
}

}  // namespace
}  // namespace veilroute::store

// A blocked transfer gets a new plan: what was prepared is forgotten, what has gone stays gone.
#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

/// The plan for all but the first object, which its route now leaves out.
NewTransfer plan_without_first(CatalogRoom& room, TransferId id) {
  NewTransfer fresh;
  fresh.plan = plan_for();
  fresh.plan.profile_version = {"89abcdef"};
  for (const ObjectId object : room.objects(id)) {
    TransferObject row;
    row.object = object;
    if (fresh.objects.empty()) {
      row.state = O::excluded;
      row.reason = "hands-to-bone.include";
    }
    fresh.objects.push_back(row);
  }
  return fresh;
}

TEST(Replan, PlansAgainWhatWasCleared) {
  CatalogRoom room;
  const TransferId id = room.cleared(1, 3);
  room->block_transfer(id, "gate.profile-changed").value();
  room->replan_transfer(id, plan_without_first(room, id), "admin").value();

  const Transfer planned = room.load(id);
  EXPECT_EQ(planned.state, T::planned);
  EXPECT_EQ(planned.plan.profile_version.value, "89abcdef");
  EXPECT_FALSE(planned.manifest.has_value()) << "it must be prepared again before anything goes";
  EXPECT_EQ(planned.objects.at(0).state, O::excluded);
  EXPECT_EQ(planned.objects.at(1).state, O::planned);
  EXPECT_TRUE(planned.objects.at(1).sop_instance.value.empty());
  EXPECT_EQ(room.last(ledger::Kind::transfer_planned).fields.at("actor"), "admin");
  EXPECT_EQ(room.last(ledger::Kind::transfer_planned).fields.at("reason"), "gate.profile-changed");

  room.queue(id);
  EXPECT_EQ(room.state(id), T::cleared);
  EXPECT_TRUE(room.sum(1).closes());
  EXPECT_EQ(room.sum(1).excluded, 1U);
}

TEST(Replan, WhatHasGoneStaysGone) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 2);
  const ObjectId gone = room.objects(id).at(0);
  const ObjectId left = room.objects(id).at(1);
  room->finish_attempt(id, attempt_result(Outcome::deferred, {answer(gone, Outcome::sent)}))
      .value();
  room->block_transfer(id, "gate.profile-changed").value();
  EXPECT_EQ(slug(room->replan_transfer(id, plan_without_first(room, id), "admin")),
            "transfer.moved-on")
      << "a plan may not name it again";
  NewTransfer fresh{plan_for(), "", {}};
  fresh.objects.resize(1);
  fresh.objects.front().object = left;
  room->replan_transfer(id, fresh, "admin").value();
  EXPECT_EQ(room.state(id, gone), O::sent);
  EXPECT_EQ(room.state(id, left), O::planned);
  EXPECT_TRUE(room.sum(1).closes());
}

TEST(Replan, ForgetsTheFindingsOfAQuarantine) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 1});
  room.complete(1);
  const TransferId id = room.plan(1);
  const ObjectId object = room.objects(id).at(0);
  room->quarantine_transfer(id, {CatalogRoom::found(object)}).value();
  room->replan_transfer(id, {plan_for(), "", room.planned_objects(1)}, "admin").value();
  EXPECT_EQ(room.state(id), T::planned);
  EXPECT_TRUE(room.load(id).objects.at(0).findings.empty());
}

TEST(Replan, IsOnlyForWhatIsBlockedAndKeepsItsWay) {
  CatalogRoom room;
  const TransferId id = room.cleared(1, 1);
  EXPECT_EQ(slug(room->replan_transfer(id, plan_without_first(room, id), "admin")),
            "transfer.not-blocked");
  room->block_transfer(id, "gate.expired").value();
  NewTransfer elsewhere = plan_without_first(room, id);
  elsewhere.plan.destination = {"elsewhere"};
  EXPECT_EQ(slug(room->replan_transfer(id, elsewhere, "admin")), "transfer.replanned-elsewhere");
}

TEST(Transfers, TellForWhichDestinationsSomethingWaits) {
  CatalogRoom room;
  EXPECT_TRUE(room->destinations_waiting().value().empty());
  room.cleared(1, 1);
  room.sending(2, 1);
  EXPECT_EQ(room->destinations_waiting().value(), std::vector<DestinationName>{kBone});
}

}  // namespace
}  // namespace veilroute::store

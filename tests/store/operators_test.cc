// What a person can do with a transfer, and what the ledger says of it; lists and sums.
#include <gtest/gtest.h>

#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

const std::string kWho = "operator";

TEST(Retry, MakesADeferredTransferDueNow) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 1);
  room->finish_attempt(id, attempt_result(Outcome::deferred, {}, room.clock().now() + 1h)).value();
  EXPECT_TRUE(room->transfers_due(kBone, room.clock().now(), 10).value().empty());
  room->retry_transfer(id, kWho).value();
  EXPECT_EQ(room->transfers_due(kBone, room.clock().now(), 10).value().size(), 1U);
  EXPECT_EQ(room.last(ledger::Kind::transfer_retried).fields.at("actor"), kWho);
}

TEST(Retry, SendsRefusedObjectsAgainAndNoOthers) {
  for (const bool one_went : {true, false}) {
    CatalogRoom room;
    const TransferId id = room.sending(1, 2);
    const std::vector<ObjectId> objects = room.objects(id);
    room->finish_attempt(
            id, attempt_result(Outcome::refused,
                               {answer(objects[0], one_went ? Outcome::sent : Outcome::refused),
                                answer(objects[1], Outcome::refused, 0x0122)}))
        .value();
    EXPECT_EQ(room.state(id), one_went ? T::sent : T::refused);
    room->retry_transfer(id, kWho).value();
    EXPECT_EQ(room.state(id), T::deferred);
    EXPECT_EQ(room.state(id, objects[0]), one_went ? O::sent : O::cleared);
    EXPECT_EQ(room.state(id, objects[1]), O::cleared);
    EXPECT_EQ(room->begin_attempt(id, {}).value().attempts, 2U);
  }
}

TEST(Retry, LeavesOutRefusedObjectsThatNewerBytesReplaced) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 1);
  room->finish_attempt(id, attempt_result(Outcome::refused, {})).value();
  room.receive({.study = 1, .instance = 1000, .bytes = 77});
  EXPECT_EQ(slug(room->retry_transfer(id, kWho)), "transfer.nothing-to-retry");
  EXPECT_EQ(room.state(id), T::refused);
}

TEST(Retry, PreparesAfreshWhatIsBlockedForItsOutbox) {
  for (const char* reason : {"outbox.corrupt", "outbox.manifest-mismatch", "outbox.missing"}) {
    CatalogRoom room;
    const TransferId id = room.sending(1, 4);
    const std::vector<ObjectId> objects = room.objects(id);
    room->finish_attempt(id, attempt_result(Outcome::deferred,
                                            {answer(objects[0], Outcome::sent),
                                             answer(objects[1], Outcome::refused, 0x0122),
                                             answer(objects[2], Outcome::unknown)}))
        .value();
    room->block_transfer(id, reason).value();
    room->retry_transfer(id, kWho).value();

    const Transfer planned = room.load(id);
    EXPECT_EQ(planned.state, T::planned) << reason;
    EXPECT_FALSE(planned.manifest.has_value()) << "nothing of it may go before it is cleared again";
    EXPECT_TRUE(planned.outbox_key.empty()) << "nobody opens the bad file again";
    EXPECT_EQ(room.state(id, objects[0]), O::sent);
    EXPECT_EQ(room.state(id, objects[1]), O::refused);
    EXPECT_EQ(room.state(id, objects[2]), O::planned);
    EXPECT_EQ(room.state(id, objects[3]), O::planned);
    const ledger::Entry entry = room.last(ledger::Kind::transfer_retried);
    EXPECT_EQ(entry.fields.at("actor"), kWho);
    EXPECT_EQ(entry.fields.at("reason"), reason);
    EXPECT_EQ(entry.items.size(), 2U);

    room.queue(id);
    EXPECT_EQ(room->begin_attempt(id, {}).value().attempts, 2U);
    EXPECT_EQ(room.last(ledger::Kind::attempt_started).items.size(), 2U);
    EXPECT_TRUE(room.sum(1).closes());
  }
}

TEST(Retry, OfWhatIsBlockedForItsOutboxLeavesOutWhatNewerBytesReplaced) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 1);
  room.receive({.study = 1, .instance = 1000, .bytes = 77});
  room->finish_attempt(id, attempt_result(Outcome::deferred, {})).value();
  room->block_transfer(id, "outbox.corrupt").value();
  room->retry_transfer(id, kWho).value();
  EXPECT_EQ(room.state(id), T::withdrawn) << "the newer bytes go with their own generation";
  EXPECT_EQ(room.load(id).reason, "object.superseded");
}

/// Two objects, of which one has gone, and the other is to be prepared again.
TransferId half_gone(CatalogRoom& room) {
  const TransferId id = room.sending(1, 2);
  room->finish_attempt(
          id, attempt_result(Outcome::deferred, {answer(room.objects(id)[0], Outcome::sent)}))
      .value();
  room->block_transfer(id, "outbox.corrupt").value();
  room->retry_transfer(id, kWho).value();
  EXPECT_EQ(room.state(id), T::planned);
  return id;
}

TEST(Retry, OfWhatIsHalfGoneEndsAsSentWhenNothingMoreIsToGo) {
  {
    CatalogRoom room;
    const TransferId id = half_gone(room);
    room.receive({.study = 1, .instance = 1001, .bytes = 77});
    EXPECT_EQ(room.state(id), T::sent) << "newer bytes took the rest out";
  }
  {
    CatalogRoom room;
    const TransferId id = half_gone(room);
    PreparedTransfer prepared = room.prepared(id);
    prepared.objects.at(0).state = O::excluded;
    prepared.objects.at(0).reason = "object.superseded";
    room->queue_transfer(id, CatalogRoom::clearance(), prepared).value();
    EXPECT_EQ(room.state(id), T::sent) << "the preparation left the rest out";
  }
  CatalogRoom room;
  const TransferId id = half_gone(room);
  room->block_transfer(id, "gate.profile-changed").value();
  NewTransfer fresh{plan_for(), "", {}};
  fresh.objects.resize(1);
  fresh.objects.front().object = room.objects(id)[1];
  fresh.objects.front().state = O::excluded;
  room->replan_transfer(id, fresh, kWho).value();
  EXPECT_EQ(room.state(id), T::sent) << "the new plan leaves the rest out";
}

TEST(Retry, DoesNotOpenAGate) {
  CatalogRoom room;
  const TransferId id = room.cleared(1, 1);
  room->block_transfer(id, "gate.expired").value();
  EXPECT_EQ(slug(room->retry_transfer(id, kWho)), "transfer.not-retryable");
  EXPECT_EQ(room.state(id), T::blocked);
}

TEST(Retry, IsRefusedWhereThereIsNothingToTryAgain) {
  CatalogRoom room;
  room.receive({.study = 9, .instance = 9});
  room.complete(9);
  EXPECT_EQ(slug(room->retry_transfer(room.plan(9), kWho)), "transfer.not-retryable");
  const TransferId id = room.cleared(1, 1);
  room->retry_transfer(id, kWho).value();
  EXPECT_EQ(room.state(id), T::cleared);
  room->begin_attempt(id, {}).value();
  EXPECT_EQ(slug(room->retry_transfer(id, kWho)), "transfer.not-retryable");
  room->finish_attempt(id,
                       attempt_result(Outcome::sent, {answer(room.objects(id)[0], Outcome::sent)}))
      .value();
  EXPECT_EQ(slug(room->retry_transfer(id, kWho)), "transfer.nothing-to-retry");
  EXPECT_EQ(kind_of(room->retry_transfer(id, kWho)), ErrorKind::refused);
}

TEST(Withdraw, TakesBackWhateverHasNotLeft) {
  CatalogRoom room;
  const TransferId id = room.sending(1, 3);
  const std::vector<ObjectId> objects = room.objects(id);
  room->finish_attempt(id,
                       attempt_result(Outcome::deferred, {answer(objects[0], Outcome::sent),
                                                          answer(objects[1], Outcome::unknown)}))
      .value();
  room->withdraw_transfer(id, kWho).value();
  EXPECT_EQ(room.state(id), T::withdrawn);
  EXPECT_EQ(room.load(id).reason, "withdrawn.by-operator");
  EXPECT_EQ(room.state(id, objects[0]), O::sent);
  EXPECT_EQ(room.state(id, objects[1]), O::withdrawn);
  EXPECT_EQ(room.state(id, objects[2]), O::withdrawn);
  const ledger::Entry entry = room.last(ledger::Kind::transfer_withdrawn);
  EXPECT_EQ(entry.fields.at("actor"), kWho);
  EXPECT_EQ(entry.fields.at("was"), "deferred");
  EXPECT_EQ(entry.items.size(), 2U);
  EXPECT_EQ(slug(room->withdraw_transfer(id, kWho)), "transfer.final");
  EXPECT_TRUE(room.sum(1).closes());
}

/// A study of three objects whose transfer has two of them in quarantine.
class Quarantined : public ::testing::Test {
 protected:
  void SetUp() override {
    for (unsigned i = 0; i < 3; ++i) objects_.push_back(room_.receive({.instance = i, .bytes = i}));
    room_.complete(1);
    id_ = room_.plan(1);
    room_
        ->quarantine_transfer(id_, {CatalogRoom::found(objects_[0]),
                                    CatalogRoom::found(objects_[1], "deid.vr-unknown")})
        .value();
  }
  CatalogRoom room_;
  std::vector<ObjectId> objects_;
  TransferId id_;
};

TEST_F(Quarantined, IsPreparedAgainWhenResumed) {
  room_->resume_quarantined(id_, kWho).value();
  EXPECT_EQ(room_.state(id_), T::planned);
  for (const ObjectId object : objects_) EXPECT_EQ(room_.state(id_, object), O::planned);
  EXPECT_TRUE(room_.load(id_).objects[0].findings.empty());
  EXPECT_EQ(room_.last(ledger::Kind::transfer_unblocked).fields.at("actor"), kWho);
  EXPECT_EQ(slug(room_->resume_quarantined(id_, kWho)), "transfer.not-in-quarantine");
}

TEST_F(Quarantined, OneObjectCanBeWithdrawnSoThatTheRestGoes) {
  EXPECT_EQ(slug(room_->withdraw_quarantined(id_, objects_[2], kWho)), "object.not-quarantined");
  EXPECT_EQ(slug(room_->withdraw_quarantined(id_, ObjectId{5}, kWho)), "object.not-quarantined");
  room_->withdraw_quarantined(id_, objects_[0], kWho).value();
  EXPECT_EQ(room_.state(id_), T::blocked);
  room_->withdraw_quarantined(id_, objects_[1], kWho).value();
  EXPECT_EQ(room_.state(id_), T::planned);
  room_.queue(id_);
  EXPECT_EQ(room_->begin_attempt(id_, {}).value().objects.size(), 3U);
  EXPECT_EQ(room_.last(ledger::Kind::attempt_started).items.size(), 1U);
  const RouteSum sum = room_.sum(1);
  EXPECT_EQ(sum.withdrawn, 2U);
  EXPECT_EQ(sum.waiting, 1U);
  EXPECT_TRUE(sum.closes());
}

TEST_F(Quarantined, AllCanBeWithdrawnAtOnce) {
  room_->withdraw_quarantined(id_, std::nullopt, kWho).value();
  EXPECT_EQ(room_.state(id_), T::planned);
  EXPECT_EQ(room_.last(ledger::Kind::transfer_withdrawn).items.size(), 2U);
  EXPECT_EQ(slug(room_->withdraw_quarantined(id_, std::nullopt, kWho)),
            "transfer.not-in-quarantine");
}

TEST_F(Quarantined, WithNothingElseToGoIsOver) {
  room_->resume_quarantined(id_, kWho).value();
  std::vector<TransferObject> all;
  for (const ObjectId object : objects_) all.push_back(CatalogRoom::found(object));
  room_->quarantine_transfer(id_, all).value();
  room_->withdraw_quarantined(id_, std::nullopt, kWho).value();
  EXPECT_EQ(room_.state(id_), T::withdrawn);
  EXPECT_EQ(room_.sum(1).withdrawn, 3U);
}

TEST_F(Quarantined, NewerBytesEndIt) {
  for (unsigned i = 0; i < 2; ++i) room_.receive({.instance = i, .bytes = 70 + i});
  EXPECT_EQ(room_.state(id_), T::planned);
  EXPECT_EQ(room_.state(id_, objects_[0]), O::withdrawn);
}

TEST(Lists, ShowTransfersByWhatIsAsked) {
  CatalogRoom room;
  const TransferId first = room.cleared(1, 1);
  const TransferId sent = room.sending(2, 1);
  room->finish_attempt(
          sent, attempt_result(Outcome::sent, {answer(room.objects(sent)[0], Outcome::sent)}))
      .value();
  room.receive({.study = 3, .instance = 3});
  room.complete(3);
  const TransferId held = room.plan(3, plan_for({"chests"}, {"registry"}));
  room->quarantine_transfer(held, {CatalogRoom::found(room.objects(held)[0])}).value();
  room.receive({.study = 4, .instance = 4});
  room.complete(4);
  const TransferId gated = room.plan(4);
  room->block_transfer(gated, "gate.expired").value();

  const auto ids = [&](const TransferFilter& filter) {
    std::vector<TransferId> out;
    const std::vector<Transfer> listed = room->list_transfers(filter).value();
    for (const Transfer& transfer : listed) {
      EXPECT_FALSE(transfer.objects.empty());
      out.push_back(transfer.id);
    }
    return out;
  };
  using Ids = std::vector<TransferId>;
  EXPECT_EQ(ids({}), (Ids{gated, held, sent, first}));
  EXPECT_EQ(ids({.only_open = true}), (Ids{gated, held, first}));
  EXPECT_EQ(ids({.only_quarantined = true}), Ids{held});
  EXPECT_EQ(ids({.destination = DestinationName{"registry"}}), Ids{held});
  EXPECT_EQ(ids({.state = T::sent}), Ids{sent});
  EXPECT_EQ(ids({.state = T::sent, .only_open = true}), Ids{});
  EXPECT_EQ(ids({.at_most = 2}), (Ids{gated, held}));
}

TEST(Sums, CloseForEachRouteOverAllGenerations) {
  CatalogRoom room;
  room.receive({.instance = 1, .bytes = 1});
  room.receive({.instance = 2, .bytes = 2});
  room.complete(1);
  const StudyKey key = room.key(1);
  const TransferPlan registry = plan_for({"all-to-registry"}, {"registry"});
  std::vector<TransferObject> some = room.planned_objects(1);
  some[1].state = O::excluded;
  some[1].reason = "Modality";
  room->add_transfers(key, {{plan_for(), "", room.planned_objects(1)}, {registry, "", some}})
      .value();
  // Newer bytes of a planned object, and a new one: generation 2, without a plan so far.
  room.receive({.instance = 1, .bytes = 70});
  room.receive({.instance = 3, .bytes = 3});
  StudyView view = room->study_view(key).value();
  ASSERT_EQ(view.sums.size(), 2U);
  EXPECT_EQ(view.study.objects.size(), 4U);
  EXPECT_EQ(view.sums[0].route, kHands);
  EXPECT_EQ(view.sums[0].live, 3U);
  EXPECT_EQ(view.sums[0].waiting, 3U);
  EXPECT_EQ(view.sums[1].excluded, 1U);
  EXPECT_EQ(view.sums[1].waiting, 2U);
  for (const RouteSum& sum : view.sums) EXPECT_TRUE(sum.closes());

  room.complete(1);
  room->add_transfers(key, {{plan_for(), "", room.planned_objects(1)}}).value();
  view = room->study_view(key).value();
  EXPECT_EQ(view.sums[0].live, 3U);
  EXPECT_EQ(view.sums[1].live, 1U);  // this route does not carry generation 2
  for (const RouteSum& sum : view.sums) EXPECT_TRUE(sum.closes());
}

TEST(Sums, AnObjectThatWasLostInBetweenDoesNotClose) {
  CatalogRoom room;
  const TransferId id = room.cleared(1, 2);
  EXPECT_TRUE(room.sum(1).closes());
  room.raw()->run("DELETE FROM transfer_objects WHERE object = ?1", room.objects(id)[0]).value();
  EXPECT_FALSE(room.sum(1).closes());
}

TEST(Sums, StillCountWhatWasLostAfterItWasPlanned) {
  CatalogRoom room;
  const TransferId id = room.cleared(1, 2);
  const SpooledObject object = room->load_object(room.objects(id)[0]).value();
  room->mark_corrupt({1}, object.location.offset).value();
  const RouteSum sum = room.sum(1);
  EXPECT_EQ(sum.live, 2U);
  EXPECT_TRUE(sum.closes());
}

}  // namespace
}  // namespace veilroute::store

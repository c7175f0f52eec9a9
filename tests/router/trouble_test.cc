// What becomes of transfers and studies when the node itself is in trouble: a disk that does not give
// objects back, certificates that cannot be read, a catalog that does not answer.
#include <functional>

#include "router/finish.h"
#include "router/prepare.h"
#include "tests/router/router_site.h"

namespace veilroute::router {
namespace {

using store::TransferState;

TEST(Trouble, AnObjectThatCannotBeReadIsWaitedForAndThenQuarantined) {
  RouterSite site;
  site.receive(1, 1);
  site.plan();
  const TransferId id = site.transfers().at(0).id;
  site.break_disk(true);
  for (unsigned rest = 0; rest < kMostRests; ++rest) {
    ASSERT_EQ(prepare_transfer(site.room(), id, {}).value().outcome, PrepareOutcome::later);
    site.room().transfers.rest(id, site.clock().now());
  }
  ASSERT_EQ(prepare_transfer(site.room(), id, {}).value().outcome, PrepareOutcome::quarantined);
  EXPECT_EQ(site.transfers().at(0).objects.at(0).reason, "object.unreadable");

  site.break_disk(false);
  site.catalog().resume_quarantined(id, "tester").value();
  EXPECT_EQ(prepare_transfer(site.room(), id, {}).value().outcome, PrepareOutcome::cleared);
}

TEST(Trouble, AStudyWhoseHeadersCannotBeReadIsHeldInTheEnd) {
  config::Config config = site_config();
  config.routes.front().when = condition_of("Modality = \"DX\"");
  RouterSite site(config);
  site.receive(1, 1);
  site.break_disk(true);
  site.plan();
  const StudyKey key = site.catalog().list_studies(1).value().at(0).key;
  for (unsigned rest = 1; rest < kMostRests; ++rest) {
    ASSERT_FALSE(plan_study(site.room(), key).ok());
    site.room().studies.rest(key, site.clock().now());
  }
  const Planned planned = plan_study(site.room(), key).value();
  EXPECT_EQ(planned.outcome, PlanOutcome::held);
  EXPECT_EQ(planned.reason, "study.unreadable-object");
}

TEST(Trouble, AStudyWhoseRowCannotBeOpenedIsHeldAndTheOthersGoOn) {
  RouterSite site;
  site.receive(1, 1);
  site.receive(2, 1);
  const auto studies = site.catalog().list_studies(2).value();
  const StudyKey bad = studies.at(1).key;
  site.raw()->run("UPDATE studies SET sealed = zeroblob(64) WHERE id = ?1", bad).value();
  site.plan();
  const auto transfers = site.transfers();
  ASSERT_EQ(transfers.size(), 1U);
  EXPECT_EQ(transfers.at(0).study, studies.at(0).key);
  EXPECT_EQ(site.catalog().study_view(bad).value().study.reason, store::kHoldRowUnreadable);
  const PlannerRound again = planner_round(site.room()).value();
  EXPECT_EQ(again.completed + again.planned + again.held, 0U) << "it is not looked at for ever";
}

TEST(Trouble, WhatRestsDoesNotHideWhatCameAfterIt) {
  constexpr unsigned kResting = 64;  // as many as a round looks at
  RouterSite site;
  for (unsigned number = 1; number <= kResting + 1; ++number) site.receive(number, 1);
  site.plan();
  site.plan();
  const auto transfers = site.transfers();
  ASSERT_EQ(transfers.size(), kResting + 1);
  for (unsigned i = 0; i < kResting; ++i) {
    site.room().transfers.rest(transfers[i].id, site.clock().now());
  }
  EXPECT_TRUE(prepare_round(site.room(), {}).value());
  EXPECT_EQ(site.transfers().back().state, TransferState::cleared);
}

TEST(Trouble, ASenderThatCannotBeMadeLetsItsTransfersRest) {
  RouterSite site;
  site.receive(1, 1);
  site.receive(2, 1);
  site.plan();
  site.prepare();
  unsigned asked = 0;
  const GetSender unreadable = [&asked]() -> Result<Sender*> {
    ++asked;
    return make_error(ErrorKind::unavailable, "tls.file-unreadable", "a certificate");
  };
  for (int i = 0; i < 3; ++i) {
    const auto done = dispatch_due(site.room(), kBone, unreadable, {});
    ASSERT_TRUE(done.ok()) << done.error().text();
    EXPECT_FALSE(done->has_value());
  }
  EXPECT_EQ(asked, 2U) << "once for each transfer, which then rests";
  site.clock().advance(Claims<TransferId>::kFirstRest);
  EXPECT_EQ(site.send().outcome, SendOutcome::sent);
}

TEST(Trouble, AFaultOfOurDiskUsesUpNoAttempts) {
  config::Config config = site_config();
  for (const config::FailureClass one : config::all_failure_classes()) {
    if (one == config::FailureClass::own_fault) continue;
    config.destinations.front().retry.at(one).most_attempts = 1;
  }
  RouterSite site(config);
  site.receive(1, 1);
  site.plan();
  site.prepare();
  site.break_disk(true);
  const SendReport report = site.send();
  EXPECT_EQ(report.outcome, SendOutcome::deferred);
  EXPECT_NE(report.slug, "attempts.exhausted");
  EXPECT_EQ(site.transfers().at(0).state, TransferState::deferred);

  site.break_disk(false);
  site.clock().advance(std::chrono::hours(2));
  EXPECT_EQ(site.send().outcome, SendOutcome::sent);
}

TEST(Trouble, TheEndOfAnAttemptIsOfferedUntilTheNodeStops) {
  EXPECT_EQ(finish_again_in(1, false), std::chrono::milliseconds(500));
  EXPECT_GT(finish_again_in(15, false), finish_again_in(10, false));
  EXPECT_EQ(finish_again_in(4'000'000'000U, false), std::chrono::seconds(30));
  EXPECT_TRUE(finish_again_in(1, true).has_value());
  EXPECT_FALSE(finish_again_in(6, true).has_value()) << "somebody waits for the node's end";
}

TEST(Trouble, WhatRottedInTheSpoolGoesOnceItsSourceSendsItAgain) {
  RouterSite site;
  const ObjectId rotten = site.receive(1, 1);
  site.plan();
  site.rot();
  site.prepare();
  EXPECT_EQ(site.catalog().load_object(rotten).value().state, store::ObjectState::corrupt);
  EXPECT_EQ(site.transfers().at(0).state, TransferState::blocked);
  EXPECT_EQ(site.transfers().at(0).objects.at(0).reason, "object.corrupt");

  const ObjectId again = site.receive(1, 1);
  EXPECT_EQ(site.catalog().load_object(again).value().state, store::ObjectState::live);
  site.plan();
  site.prepare();
  EXPECT_EQ(site.send().outcome, SendOutcome::sent);
  EXPECT_EQ(site.transfers().at(1).objects.at(0).object, again);
}

TEST(Trouble, WhatRotsWhileItIsSentIsMarkedToo) {
  RouterSite site;
  const ObjectId object = site.receive(1, 1);
  site.plan();
  site.prepare();
  site.rot();
  EXPECT_EQ(site.send().outcome, SendOutcome::blocked);
  EXPECT_EQ(site.catalog().load_object(object).value().state, store::ObjectState::corrupt);
}

TEST(Trouble, WhatIsDamagedInTheOutboxIsPreparedAgainAndComesOutTheSame) {
  struct Case {
    const char* name;
    std::function<void(const std::filesystem::path&)> strike;
  };
  const Case kCases[] = {
      {"emptied", [](const auto& file) { std::filesystem::resize_file(file, 0); }},
      {"cut short", [](const auto& file) { std::filesystem::resize_file(file, 100); }},
      {"gone", [](const auto& file) { std::filesystem::remove(file); }},
  };
  for (const Case& one : kCases) {
    RouterSite site;
    site.receive(1, 1);
    site.plan();
    site.prepare();
    const store::Transfer before = site.transfers().at(0);
    ASSERT_EQ(before.state, TransferState::cleared) << one.name;
    one.strike(std::filesystem::directory_iterator(site.folder() / "outbox")->path());
    EXPECT_EQ(site.send().outcome, SendOutcome::blocked) << one.name;
    EXPECT_EQ(site.transfers().at(0).reason, kOutboxCorrupt) << one.name;

    site.catalog().retry_transfer(before.id, "tester").value();
    site.prepare();
    const store::Transfer after = site.transfers().at(0);
    EXPECT_EQ(after.state, TransferState::cleared) << one.name;
    EXPECT_EQ(after.objects.at(0).sop_instance, before.objects.at(0).sop_instance) << one.name;
    EXPECT_EQ(after.manifest, before.manifest) << one.name << ": de-identification repeats";
    EXPECT_EQ(site.send().outcome, SendOutcome::sent) << one.name;
  }
}

TEST(Prepare, CollectsTermsOfEveryLiveObjectOfTheStudy) {
  // What a copy may not say comes also from the object that went before and from the one left out.
  config::Config config = site_config();
  config.routes.front().include = condition_of("not (InstanceNumber = 2)");
  RouterSite site(config);
  site.receive(1, 1);
  site.plan();
  site.prepare();
  site.receive(1, 2);
  site.receive(1, 3);
  site.plan();
  ASSERT_EQ(site.transfers().size(), 2U);
  const unsigned before = site.objects_opened();
  site.prepare();
  EXPECT_EQ(site.transfers().at(1).state, TransferState::cleared);
  EXPECT_EQ(site.objects_opened() - before, 3U) << "the one that goes is small, and kept";
}

}  // namespace
}  // namespace veilroute::router

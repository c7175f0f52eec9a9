#include <gtest/gtest.h>

#include "router/plan.h"

namespace veilroute::router {
namespace {

constexpr TimePoint kNow = TimePoint(std::chrono::seconds(1'800'000'000));

Result<dicom::Dataset> empty_header(const store::SpooledObject&) {
  return dicom::Dataset(dicom::TransferSyntax{});
}

config::Condition condition(const std::string& text) {
  auto parsed = config::Condition::parse(text, {"site.toml", 1, 1});
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed.ok() ? std::move(parsed).value() : config::Condition();
}

/// A study, a site and earlier transfers; draft() is what becomes of them.
struct Scene {
  store::Study study;
  std::vector<store::Transfer> transfers;
  config::Config site;
  ReadHeader read = empty_header;

  Scene() {
    study.key = {17};
    study.state = store::StudyState::complete;
    add_object(1, 1);
    config::Destination bone;
    bone.name = {"bone"};
    bone.scope = {"project:hands"};
    bone.gate = config::Gate{"de-identified", "DUA-1",
                             std::chrono::year(2030) / std::chrono::month(1) / std::chrono::day(1),
                             "privacy office", {}};
    site.destinations.push_back(std::move(bone));
    add_route("hands", "source = \"er-xray\"");
  }
  store::SpooledObject& add_object(std::uint64_t id, std::uint32_t generation) {
    store::SpooledObject object;
    object.head.id = {id};
    object.head.source = {"er-xray"};
    object.generation = generation;
    object.facts.patient_id = Phi<std::string>("PHANTOM-1");
    study.objects.push_back(std::move(object));
    return study.objects.back();
  }
  config::Route& add_route(const std::string& name, const std::string& when) {
    config::Route route;
    route.name = {name};
    route.when = condition(when);
    route.destination = {"bone"};
    route.profile = {"basic"};
    route.basis = "de-identified";
    route.consent = {false, "de-identified data"};
    route.pixel_trust = "QA-7";
    site.routes.push_back(std::move(route));
    return site.routes.back();
  }
  Draft draft() const {
    const auto made = draft_plan(
        {study, transfers, site, profiles::Library::shipped(), read, kNow});
    EXPECT_TRUE(made.ok());
    return made.ok() ? *made : Draft{};
  }
  /// What was drafted becomes the transfers of this generation.
  void carry_out(std::uint32_t generation) {
    for (store::NewTransfer& made : draft().transfers) {
      store::Transfer transfer;
      transfer.generation = generation;
      transfer.plan = made.plan;
      transfer.objects = made.objects;
      transfer.state = store::TransferState::sent;
      transfers.push_back(std::move(transfer));
    }
  }
};

TEST(Draft, HoldsAStudyThatNoRouteTakes) {
  Scene scene;
  scene.site.routes.front().when = condition("source = \"mri\"");
  EXPECT_EQ(scene.draft().hold, "study.no-route");
  scene.site.routes.clear();
  EXPECT_EQ(scene.draft().hold, "study.no-route");
}

TEST(Draft, HoldsAStudyOfWhichIncludeLeavesNothing) {
  Scene scene;
  scene.site.routes.front().include = condition("source = \"mri\"");
  EXPECT_EQ(scene.draft().hold, "study.all-excluded");
}

TEST(Draft, HoldsAStudyOfTwoPatientsInWhateverGeneration) {
  Scene scene;
  scene.carry_out(1);
  scene.add_object(2, 2).facts.patient_id = Phi<std::string>("PHANTOM-2");
  EXPECT_EQ(scene.draft().hold, "study.two-patients");
}

TEST(Draft, AnObjectWithoutPatientIdDoesNotContradict) {
  Scene scene;
  scene.add_object(2, 1).facts.patient_id = Phi<std::string>();
  EXPECT_EQ(scene.draft().hold, "");
}

TEST(Draft, HoldsAStudyWithNothingUsable) {
  Scene scene;
  scene.study.objects.front().state = store::ObjectState::unusable;
  EXPECT_EQ(scene.draft().hold, "study.nothing-usable");
}

TEST(Draft, HoldsWhenProfileOrDestinationIsNotThere) {
  Scene scene;
  scene.site.routes.front().profile = {"basci"};
  EXPECT_EQ(scene.draft().hold, "study.route-incomplete");
  scene.site.routes.front().profile = {"basic"};
  scene.site.routes.front().destination = {"bonn"};
  EXPECT_EQ(scene.draft().hold, "study.route-incomplete");
}

TEST(Draft, PinsAllThatMustNotMoveLater) {
  const Draft draft = Scene().draft();
  ASSERT_EQ(draft.transfers.size(), 1U);
  const store::NewTransfer& transfer = draft.transfers.front();
  const auto basic = profiles::Library::shipped().find({"basic"});
  ASSERT_NE(basic, nullptr);
  EXPECT_EQ(transfer.plan.route.value, "hands");
  EXPECT_EQ(transfer.plan.destination.value, "bone");
  EXPECT_EQ(transfer.plan.profile_version, basic->version);
  EXPECT_EQ(transfer.plan.profile_text, basic->text);
  EXPECT_EQ(transfer.plan.scope.value, "project:hands");
  EXPECT_EQ(transfer.plan.gate_document, "DUA-1");
  EXPECT_EQ(transfer.plan.pixel_trust, "QA-7");
  EXPECT_EQ(transfer.plan.basis, "de-identified");
  EXPECT_EQ(transfer.blocked, "");
}

TEST(Draft, PlansBehindAShutGateAsBlocked) {
  Scene scene;
  scene.site.destinations.front().gate.reset();
  const Draft draft = scene.draft();
  ASSERT_EQ(draft.transfers.size(), 1U);
  EXPECT_EQ(draft.transfers.front().blocked, "gate.not-approved");
  EXPECT_EQ(draft.transfers.front().plan.gate_document, "");
}

TEST(Draft, ALaterGenerationSendsOnlyItsOwnObjectsByTheRoutesOfTheOneBefore) {
  Scene scene;
  scene.carry_out(1);
  scene.add_object(2, 2);
  // The site has changed: another route matches, and the old one would not match any more.
  scene.site.routes.front().when = condition("source = \"mri\"");
  scene.site.routes.front().pixel_trust = "";
  scene.add_route("new", "source = \"er-xray\"");
  const Draft draft = scene.draft();
  ASSERT_EQ(draft.transfers.size(), 1U);
  EXPECT_EQ(draft.transfers.front().plan.route.value, "hands");
  EXPECT_EQ(draft.transfers.front().plan.pixel_trust, "QA-7");
  EXPECT_EQ(draft.transfers.front().blocked, "gate.pixel-trust-ended");
  ASSERT_EQ(draft.transfers.front().objects.size(), 1U);
  EXPECT_EQ(draft.transfers.front().objects.front().object, ObjectId{2});
}

TEST(Draft, ALaterGenerationIsStillFilteredByInclude) {
  Scene scene;
  scene.carry_out(1);
  scene.add_object(2, 2);
  scene.site.routes.front().include = condition("source = \"mri\"");
  const Draft draft = scene.draft();
  ASSERT_EQ(draft.transfers.size(), 1U) << "the sum must close: the object stands as excluded";
  EXPECT_EQ(draft.transfers.front().objects.front().state, store::TransferObjectState::excluded);
  EXPECT_EQ(draft.transfers.front().objects.front().reason, "hands.include");
}

TEST(Draft, ALaterGenerationGoesByTheRoutesThatAreLeft) {
  Scene scene;
  scene.add_route("second", "source = \"er-xray\"");
  scene.carry_out(1);
  scene.add_object(2, 2);
  scene.site.routes.erase(scene.site.routes.begin());
  const Draft draft = scene.draft();
  EXPECT_EQ(draft.hold, "");
  ASSERT_EQ(draft.transfers.size(), 2U);
  // No gate's slug: should the route come back, its include has to be asked before anything goes.
  EXPECT_EQ(draft.transfers[0].blocked, "route.gone");
  EXPECT_EQ(draft.transfers[0].objects.size(), 1U) << "the sum must close";
  EXPECT_EQ(draft.transfers[1].plan.route.value, "second");
  EXPECT_EQ(draft.transfers[1].blocked, "");
}

TEST(Draft, ADisabledRouteTakesNothing) {
  Scene scene;
  scene.site.routes.front().enabled = false;
  EXPECT_EQ(scene.draft().hold, "study.no-route");
}

TEST(Draft, ALaterGenerationWaitsWhereTheEarlierWasWithdrawn) {
  Scene scene;
  scene.carry_out(1);
  scene.transfers.front().state = store::TransferState::withdrawn;
  scene.transfers.front().reason = store::kWithdrawn;
  scene.add_object(2, 2);
  ASSERT_EQ(scene.draft().transfers.size(), 1U);
  EXPECT_EQ(scene.draft().transfers.front().blocked, "route.withdrawn-before");
}

TEST(Draft, AWithdrawalBindsEveryLaterGeneration) {
  const struct {
    const char* what;
    store::TransferState state;
    std::string_view reason;
  } second[] = {
      {"blocked for it", store::TransferState::blocked, "route.withdrawn-before"},
      {"left out by include", store::TransferState::withdrawn, store::kAllExcluded},
      {"superseded while it was blocked", store::TransferState::withdrawn, store::kSuperseded},
      {"sent, planned before the withdrawal", store::TransferState::sent, ""},
  };
  for (const auto& one : second) {
    Scene scene;
    scene.carry_out(1);
    scene.add_object(2, 2);
    scene.carry_out(2);
    scene.transfers[0].state = store::TransferState::withdrawn;
    scene.transfers[0].reason = store::kWithdrawn;
    scene.transfers[1].state = one.state;
    scene.transfers[1].reason = one.reason;
    scene.add_object(3, 3);
    const Draft draft = scene.draft();
    ASSERT_EQ(draft.transfers.size(), 1U) << one.what;
    EXPECT_EQ(draft.transfers.front().blocked, "route.withdrawn-before") << one.what;

    scene.transfers[0].reason = store::kWithdrawnLifted;
    EXPECT_EQ(scene.draft().transfers.front().blocked, "") << one.what << ", then planned again";
  }
}

TEST(Draft, ALaterGenerationUnderAnOlderEngineIsBlocked) {
  Scene scene;
  scene.carry_out(1);
  scene.transfers.front().plan.profile_version = {"0000"};
  scene.add_object(2, 2);
  ASSERT_EQ(scene.draft().transfers.size(), 1U);
  EXPECT_EQ(scene.draft().transfers.front().blocked, "gate.profile-changed");
}

TEST(Draft, AHeldGenerationGoesWithTheNextThatIsPlanned) {
  Scene scene;
  scene.carry_out(1);
  scene.add_object(2, 2);  // held, say, and never planned
  scene.add_object(3, 3);
  scene.study.generation = 3;
  ASSERT_EQ(scene.draft().transfers.size(), 1U);
  EXPECT_EQ(scene.draft().transfers.front().objects.size(), 2U);
}

TEST(Draft, NothingNewIsNeitherPlannedNorHeld) {
  Scene scene;
  scene.carry_out(1);
  const Draft draft = scene.draft();
  EXPECT_TRUE(draft.transfers.empty());
  EXPECT_EQ(draft.hold, "");
}

TEST(Draft, AHeaderThatCannotBeReadIsAnError) {
  Scene scene;
  scene.site.routes.front().when = condition("Modality = \"DX\"");
  scene.read = [](const store::SpooledObject&) -> Result<dicom::Dataset> {
    return make_error(ErrorKind::unavailable, "spool.busy", "");
  };
  const auto draft = draft_plan({scene.study, scene.transfers, scene.site,
                                 profiles::Library::shipped(), scene.read, kNow});
  ASSERT_FALSE(draft.ok());
  EXPECT_EQ(draft.error().slug, "spool.busy");
}

}  // namespace
}  // namespace veilroute::router

#include "router/replan.h"

#include "tests/router/router_site.h"

namespace veilroute::router {
namespace {

using store::TransferState;

template <typename T>
std::string slug_of(const Result<T>& result) {
  return result.ok() ? "ok" : result.error().slug;
}

bool sums_close(RouterSite& site) {
  const auto view = site.catalog().study_view(site.study()).value();
  return !view.sums.empty() && std::all_of(view.sums.begin(), view.sums.end(),
                                           [](const auto& sum) { return sum.closes(); });
}

/// A study whose first transfer a person withdrew, and a late object that is blocked for it.
void withdraw_and_go_on(RouterSite& site) {
  site.receive(1, 1);
  site.plan();
  site.catalog().withdraw_transfer(site.transfers().at(0).id, "tester").value();
  site.receive(1, 2);
  site.plan();
  ASSERT_EQ(site.transfers().size(), 2U);
  ASSERT_EQ(site.transfers().at(1).reason, "route.withdrawn-before");
}

TEST(Replan, LetsAStudyGoAgainThatWasWithdrawn) {
  RouterSite site;
  withdraw_and_go_on(site);
  const auto done = replan_study(site.room(), site.study(), {}, "tester");
  ASSERT_EQ(slug_of(done), "ok");
  EXPECT_EQ(site.transfers().at(0).reason, "withdrawn.then-replanned");
  site.prepare();
  EXPECT_EQ(site.send().outcome, SendOutcome::sent);
  EXPECT_TRUE(sums_close(site));

  site.receive(1, 3);
  site.plan();
  EXPECT_EQ(site.transfers().at(2).state, TransferState::planned);

  // A later withdrawal binds again.
  site.catalog().withdraw_transfer(site.transfers().at(2).id, "tester").value();
  site.receive(1, 4);
  site.plan();
  EXPECT_EQ(site.transfers().at(3).reason, "route.withdrawn-before");
}

TEST(Replan, TakesTheRouteAsItIsNow) {
  config::Config config = site_config();
  config.routes.front().pixel_trust = "QA-7";
  RouterSite site(config);
  site.receive(1, 1);
  site.receive(1, 2);
  site.plan();
  site.prepare();
  config.routes.front().pixel_trust = "";
  config.routes.front().include = condition_of("InstanceNumber = 1");
  site.configure(config);
  EXPECT_EQ(site.send().slug, "gate.pixel-trust-ended");

  ASSERT_EQ(slug_of(replan_study(site.room(), site.study(), {"hands"}, "tester")), "ok");
  const store::Transfer planned = site.transfers().at(0);
  EXPECT_EQ(planned.state, TransferState::planned);
  EXPECT_EQ(planned.plan.pixel_trust, "");
  EXPECT_FALSE(planned.manifest.has_value());
  EXPECT_EQ(planned.objects.at(1).state, store::TransferObjectState::excluded);
  EXPECT_TRUE(sums_close(site));
  site.prepare();
  const SendReport report = site.send();
  EXPECT_EQ(report.outcome, SendOutcome::sent);
  EXPECT_EQ(report.sent, 1U);
  EXPECT_TRUE(sums_close(site));

  store::LedgerFilter filter;
  filter.kind = ledger::Kind::transfer_planned;
  const auto entries = site.catalog().ledger_entries(filter).value();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries.at(1).fields.at("actor"), "tester");
}

TEST(Replan, ARouteThatComesBackIsAskedForItsIncludeFirst) {
  RouterSite site;
  site.receive(1, 1);
  site.plan();
  config::Config config = site_config();
  config.routes.clear();
  site.configure(config);
  site.receive(1, 2);
  site.plan();
  ASSERT_EQ(site.transfers().at(1).reason, "route.gone");
  EXPECT_EQ(slug_of(replan_study(site.room(), site.study(), {}, "tester")), "replan.route-unknown");

  config = site_config();
  config.routes.front().include = condition_of("InstanceNumber = 1");
  site.configure(config);
  ASSERT_EQ(slug_of(replan_study(site.room(), site.study(), {}, "tester")), "ok");
  EXPECT_EQ(site.transfers().at(1).reason, "transfer.all-excluded");
  EXPECT_TRUE(sums_close(site));
}

TEST(Replan, RefusesWhatItWouldHaveToGuess) {
  RouterSite site;
  withdraw_and_go_on(site);
  const StudyKey study = site.study();
  EXPECT_EQ(slug_of(replan_study(site.room(), study, {"other"}, "tester")),
            "replan.nothing-blocked");
  config::Config config = site_config();
  config.routes.front().destination = {"elsewhere"};
  site.configure(config);
  EXPECT_EQ(slug_of(replan_study(site.room(), study, {}, "tester")), "replan.other-destination");
  EXPECT_EQ(site.transfers().at(1).reason, "route.withdrawn-before") << "nothing was changed";
}

}  // namespace
}  // namespace veilroute::router

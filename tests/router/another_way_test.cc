// A study that came by a way no route takes, and comes again by one that a route does take.
#include "tests/router/router_site.h"

namespace veilroute::router {
namespace {

TEST(AnotherWay, TheSameBytesReachTheRouteOfTheWayTheyCameByAtLast) {
  RouterSite site;
  for (unsigned instance = 1; instance <= 2; ++instance) site.receive(1, instance, {"elsewhere"});
  site.plan();
  const StudyKey key = site.catalog().list_studies(1).value().at(0).key;
  ASSERT_EQ(site.catalog().load_study(key).value().reason, store::kHoldNoRoute);

  site.clock().advance(std::chrono::hours(5));
  std::vector<ObjectId> again;
  for (unsigned instance = 1; instance <= 2; ++instance) {
    again.push_back(site.receive(1, instance));
    EXPECT_TRUE(planner_round(site.room()).ok());  // it waits for the rest, as for a new study
  }
  site.plan();
  ASSERT_EQ(site.transfers().size(), 1U);
  site.prepare();
  const SendReport report = site.send();
  EXPECT_EQ(report.outcome, SendOutcome::sent);
  EXPECT_EQ(report.sent, 2U);
  const store::Transfer sent = site.transfers().at(0);
  for (const store::TransferObject& row : sent.objects) {
    EXPECT_NE(std::find(again.begin(), again.end(), row.object), again.end());
  }
}

}  // namespace
}  // namespace veilroute::router

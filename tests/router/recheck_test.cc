#include "router/recheck.h"

#include "tests/router/router_site.h"

namespace veilroute::router {
namespace {

using store::TransferState;

config::Config without_destination() {
  config::Config config = site_config();
  config.destinations.clear();
  return config;
}

TEST(Recheck, BlocksWhatWaitsForADestinationThatIsGone) {
  RouterSite site;
  site.receive(1, 1);
  site.plan();
  site.prepare();
  ASSERT_EQ(site.transfers().at(0).state, TransferState::cleared);
  EXPECT_EQ(block_stranded(site.room()).value(), 0U) << "the destination is there";

  site.configure(without_destination());
  EXPECT_EQ(block_stranded(site.room()).value(), 1U);
  EXPECT_EQ(site.transfers().at(0).state, TransferState::blocked);
  EXPECT_EQ(site.transfers().at(0).reason, "gate.destination-unknown");

  site.configure(site_config());
  EXPECT_EQ(recheck_blocked(site.room()).value(), 1U);
  EXPECT_EQ(site.send().outcome, SendOutcome::sent);
}

TEST(Recheck, NothingIsPreparedForADestinationThatIsGone) {
  RouterSite site;
  site.receive(1, 1);
  site.plan();
  site.configure(without_destination());
  site.prepare();
  EXPECT_EQ(site.transfers().at(0).state, TransferState::blocked);
  EXPECT_EQ(site.transfers().at(0).reason, "gate.destination-unknown");
}

}  // namespace
}  // namespace veilroute::router

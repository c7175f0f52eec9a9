// What the configuration may need open, and what is said when the system allows less.
#include "app/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "app/advice.h"

namespace veilroute::app {
namespace {

config::Config with_associations(unsigned most) {
  config::Config made;
  config::Listener listener;
  listener.most_associations = most;
  made.listeners = {listener, listener};
  made.destinations.emplace_back();
  return made;
}

TEST(Descriptors, GrowByTwoForEachAssociation) {
  const auto few = descriptors_needed(with_associations(1));
  const auto many = descriptors_needed(with_associations(501));
  EXPECT_GE(many - few, 2U * 1000);
  EXPECT_LE(many - few, 3U * 1000);
  EXPECT_GE(few, 2U * 256) << "connections half open need one, too";
}

TEST(Descriptors, AreRaisedAsFarAsNeededAndNeverLowered) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{256, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(raise_descriptor_limit(300), 300U);
  EXPECT_EQ(descriptor_limit().now, 300U);
  EXPECT_EQ(raise_descriptor_limit(10), 300U);
  EXPECT_EQ(raise_descriptor_limit(before.rlim_max + 1), before.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(Descriptors, TooFewOfThemAreAWarningThatNamesBothNumbers) {
  const config::Config config = with_associations(1000);
  const auto needed = descriptors_needed(config);
  EXPECT_FALSE(too_few_descriptors(config, needed).has_value());
  const auto problem = too_few_descriptors(config, needed - 1);
  ASSERT_TRUE(problem.has_value());
  EXPECT_TRUE(problem->warning);
  EXPECT_NE(problem->what.find(std::to_string(needed)), std::string::npos) << problem->what;
  EXPECT_NE(problem->what.find(std::to_string(needed - 1)), std::string::npos) << problem->what;
  EXPECT_NE(find_advice(problem->slug), nullptr);
}

}  // namespace
}  // namespace veilroute::app

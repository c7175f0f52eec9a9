// Which studies open associations are carrying.
#include "core/store/in_flight.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace veilroute::store {
namespace {

const Uid kStudy{"1.2.3"};

TEST(InFlight, CarriesAStudyUntilItsLastAssociationEnds) {
  InFlight flight;
  EXPECT_FALSE(flight.carries(kStudy));
  flight.note({1}, kStudy);
  flight.note({1}, kStudy);
  flight.note({2}, kStudy);
  flight.note({2}, {"4.5"});
  flight.release({1});
  EXPECT_TRUE(flight.carries(kStudy));
  EXPECT_TRUE(flight.carries({"4.5"}));
  flight.release({2});
  EXPECT_FALSE(flight.carries(kStudy));
  EXPECT_FALSE(flight.carries({"4.5"}));
}

TEST(InFlight, ReleasingWhatNotedNothingChangesNothing) {
  InFlight flight;
  flight.note({1}, kStudy);
  flight.release({2});
  flight.release({2});
  EXPECT_TRUE(flight.carries(kStudy));
}

TEST(InFlight, CountsRightFromManyThreads) {
  InFlight flight;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t association = 1; association <= 8; ++association) {
      threads.emplace_back([&flight, association] {
        for (int i = 0; i < 200; ++i) {
          flight.note({association}, kStudy);
          EXPECT_TRUE(flight.carries(kStudy));
          flight.release({association});
        }
      });
    }
  }
  EXPECT_FALSE(flight.carries(kStudy));
}

}  // namespace
}  // namespace veilroute::store

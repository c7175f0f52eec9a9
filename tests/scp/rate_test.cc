#include "scp/rate.h"

#include <gtest/gtest.h>

namespace veilroute::scp {
namespace {

using std::chrono::milliseconds;

TEST(Rate, LeavesOutWhatIsTooMuchAndSaysHowMuchThatWas) {
  LogRate lines;
  dicom::SteadyTime now = dicom::after(std::chrono::hours(1));
  const unsigned most = kMostRefusalsLoggedPerSecond;
  for (unsigned i = 0; i < most; ++i) EXPECT_EQ(lines.next(now), 0U) << i;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(lines.next(now), std::nullopt);
  now += milliseconds(999);
  EXPECT_EQ(lines.next(now), std::nullopt);
  now += milliseconds(1);
  EXPECT_EQ(lines.next(now), 1001U);
  EXPECT_EQ(lines.next(now), 0U);
}

TEST(Rate, OneSourceThatFloodsHidesNoOther) {
  SourceLogRate lines;
  const dicom::SteadyTime now = dicom::after(std::chrono::hours(1));
  const SourceName loud{"loud"}, quiet{"quiet"};
  while (lines.next(loud, now)) {
  }
  EXPECT_EQ(lines.next(quiet, now), 0U);
  EXPECT_EQ(lines.next(loud, now), std::nullopt);
}

}  // namespace
}  // namespace veilroute::scp

// The room of what was shredded goes back to the disk, and the next start finds nothing amiss.
#include <sys/stat.h>

#include "tests/store/spool_site.h"

namespace veilroute::store {
namespace {

using test::data_of;

std::uint64_t blocks_of(const std::filesystem::path& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_blocks) : 0;
}

TEST(SpoolRelease, PunchesOutALargeRecordAndLeavesItsNeighbours) {
  test::SpoolSite site;
  site.limits.roll_bytes = 64U << 20U;
  site.open();
  const auto large = site.take_object(1, data_of(1, 2U << 20U)).value();
  const auto small = site.take_object(2, data_of(2, 5000)).value();
  ASSERT_EQ(large.location.segment, small.location.segment);
  site.restart();
  const auto file = site.file_of(large.location.segment);
  const std::uint64_t before = blocks_of(file);
  site.spool->release({large.location, small.location});
  if (blocks_of(file) == before) GTEST_SKIP() << "this file system has no holes";
  EXPECT_LT(blocks_of(file), before / 2);
  EXPECT_EQ(site.read_object(small).value(), data_of(2, 5000));
  EXPECT_FALSE(site.read_object(large).ok());
  EXPECT_EQ(site.restart().corrupt, 0U);
}

TEST(SpoolRelease, RemovesASegmentOfWhichNothingIsKeptAndStartsWithoutIt) {
  test::SpoolSite site;
  const auto gone = site.take_object(1, data_of(1, 5000)).value();
  site.restart();
  const auto kept = site.take_object(2, data_of(2, 5000)).value();
  site.restart();
  EXPECT_EQ(site.spool->remove_shredded(10).value(), 0U) << "both are still kept";
  site.catalog.shred(gone.location.segment);
  const Bytes copy = test::file_bytes(site.file_of(gone.location.segment));

  // The disk fails before the name is gone for good: nothing is said to be removed.
  site.files.stop_after(1);
  EXPECT_FALSE(site.spool->remove_shredded(10).ok());
  site.files.stop_after(1000);
  test::write_file(site.file_of(gone.location.segment), copy);
  EXPECT_EQ(site.spool->remove_shredded(10).value(), 1U);
  EXPECT_FALSE(std::filesystem::exists(site.file_of(gone.location.segment)));
  EXPECT_EQ(site.spool->remove_shredded(10).value(), 0U);

  EXPECT_EQ(site.restart().corrupt, 0U);
  EXPECT_EQ(site.read_object(kept).value(), data_of(2, 5000));
}

TEST(SpoolRelease, AnObjectWithoutAKeyIsSaidToBeShredded) {
  test::SpoolSite site;
  auto object = site.take_object(1, data_of(1, 5000)).value();
  object.location.wrapped_key.clear();
  const auto read = site.read_object(object);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().slug, "object.shredded");
}

}  // namespace
}  // namespace veilroute::store

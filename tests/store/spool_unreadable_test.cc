// A start beside files of the spool that the disk does not give, or not to us.
#include "tests/store/spool_site.h"

namespace veilroute::store {
namespace {

using test::data_of;
using test::facts_of;
using test::head_of;
using test::SpoolSite;

TEST(SpoolUnreadable, GoesOnWithoutASegmentThatDoesNotOpenAndFindsItAtTheNextStart) {
  for (const ErrorKind kind : {ErrorKind::unavailable, ErrorKind::refused}) {
    SpoolSite site;
    std::optional<NewObject> one;
    std::optional<NewObject> other;
    {
      // Two at once, so that they lie in two segments.
      auto writer = site.spool->open_writer(head_of(1));
      ASSERT_TRUE(writer.ok() && writer->append(data_of(1, 100)).ok());
      other = site.store_object(2, data_of(2, 100)).value();
      one = writer->commit(facts_of()).value();
    }
    ASSERT_NE(one->location.segment, other->location.segment);
    site.files.fail_opens_of(site.file_of(one->location.segment), kind);
    const auto report = site.restart();
    EXPECT_EQ(report.unreadable, 1U);
    EXPECT_EQ(report.corrupt, 0U);
    EXPECT_EQ(report.recorded, 1U);
    EXPECT_TRUE(site.catalog.rows().contains(ObjectId{2}));
    ASSERT_TRUE(site.store_object(3, data_of(3, 100)).ok()) << "the node takes in what comes";

    site.files.open_all_again();
    EXPECT_EQ(site.restart().unreadable, 0U);
    EXPECT_EQ(*site.read_object(site.catalog.rows().at(ObjectId{1})), data_of(1, 100));
  }
}

TEST(SpoolUnreadable, LosesNoRowOfAClosedSegmentThatDoesNotOpen) {
  SpoolSite site;
  const auto one = *site.take_object(1, data_of(1, 2U << 20U));
  ASSERT_TRUE(site.catalog.flush().ok());
  ASSERT_TRUE(site.spool->tidy().ok());
  ASSERT_TRUE(site.catalog.segments()->at(0).closed);
  site.files.fail_opens_of(site.file_of(one.location.segment), ErrorKind::unavailable);
  EXPECT_EQ(site.restart().unreadable, 1U);
  EXPECT_TRUE(site.catalog.corrupt().empty()) << "it may come back";
}

TEST(SpoolUnreadable, StopsTheStartForWhatIsNotAboutOneFile) {
  SpoolSite site;
  const auto one = *site.store_object(1, data_of(1, 100));
  site.catalog.crash();
  site.open();
  site.files.fail_opens_of(site.file_of(one.location.segment), ErrorKind::exhausted);
  EXPECT_FALSE(site.spool->recover(site.policy).ok());
}

}  // namespace
}  // namespace veilroute::store

// Room, spares, rolling and closing: when a segment is made, and when its key may go.
#include "core/store/segment_pool.h"

#include "tests/store/spool_site.h"

namespace veilroute::store {
namespace {

using test::data_of;
using test::head_of;
using test::SpoolSite;

TEST(SegmentPool, KeepsItsReserve) {
  SpoolSite site;
  site.limits.reserve_bytes = 1000;
  site.open();
  site.files.set_free_bytes(999);
  const auto refused = site.spool->open_writer(head_of(1));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::exhausted);
  EXPECT_EQ(refused.error().slug, "spool.no-room");
  EXPECT_TRUE(site.spool->tidy().ok()) << "no room for a spare is nothing new";
  EXPECT_TRUE(site.file_names().empty());
  site.files.set_free_bytes(1000 + 400'000);
  EXPECT_EQ(site.store_object(2, data_of(2, 500'000)).error().slug, "spool.no-room");
  EXPECT_TRUE(site.store_object(3, data_of(3, 100'000)).ok());
}

TEST(SegmentPool, DoesNotAskForRoomWithEveryChunk) {
  SpoolSite site;
  ASSERT_TRUE(site.store_object(1, data_of(1, 4U << 20U)).ok());
  EXPECT_LE(site.files.counts().asked_for_room, 3U);
}

TEST(SegmentPool, KeepsItsReserveWhileManyWriteAtOnce) {
  SpoolSite site;
  site.limits.reserve_bytes = 10U << 20U;
  site.open();
  site.files.set_free_bytes(34U << 20U);
  std::vector<SpoolWriter> writers;
  for (std::uint64_t id = 1; id < 9; ++id) {
    auto writer = site.spool->open_writer(head_of(id));
    ASSERT_TRUE(writer.ok());
    writers.push_back(*std::move(writer));
  }
  const Bytes piece = data_of(1, 500'000);
  std::size_t refused = 0;
  for (int round = 0; round < 10; ++round) {
    for (SpoolWriter& writer : writers) refused += writer.append(piece).ok() ? 0 : 1;
  }
  EXPECT_GT(refused, 0U);
  std::uint64_t written = 0;
  for (const std::string& name : site.file_names()) {
    written += std::filesystem::file_size(site.path() / name);
  }
  EXPECT_LE(written, 24U << 20U);
  EXPECT_GT(written, 23U << 20U);
}

TEST(SegmentPool, OpensNoMoreSegmentsThanItMay) {
  SpoolSite site;
  site.limits.most_segments = 2;
  site.open();
  {
    auto one = site.spool->open_writer(head_of(1));
    auto two = site.spool->open_writer(head_of(2));
    ASSERT_TRUE(one.ok() && two.ok());
    const auto three = site.spool->open_writer(head_of(3));
    ASSERT_FALSE(three.ok());
    EXPECT_EQ(three.error().slug, "spool.no-room");
  }
  EXPECT_TRUE(site.spool->open_writer(head_of(4)).ok());
}

TEST(SegmentPool, KeepsASpareReadySoThatNoAnswerWaitsForAFile) {
  SpoolSite site;
  ASSERT_TRUE(site.spool->tidy().ok());
  ASSERT_TRUE(site.spool->tidy().ok());
  EXPECT_EQ(site.files.counts().creates, 2U) << "a segment and its key file";
  ASSERT_TRUE(site.store_object(1, data_of(1, 100)).ok());
  EXPECT_EQ(site.files.counts().creates, 2U);
  ASSERT_TRUE(site.spool->tidy().ok());
  EXPECT_EQ(site.files.counts().creates, 4U) << "the first is no spare any more";
  auto one = site.spool->open_writer(head_of(2));
  auto two = site.spool->open_writer(head_of(3));
  EXPECT_EQ(site.files.counts().creates, 4U);
}

TEST(SegmentPool, TriesAgainWithTheSameKeyRowWhenAFileCannotBeMade) {
  SpoolSite site;
  site.files.disk_holds(0);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(site.spool->open_writer(head_of(1)).ok());
  EXPECT_EQ(site.catalog.segments()->size(), 1U);
  site.files.disk_has_room_again();
  EXPECT_TRUE(site.take_object(1, data_of(1, 100)).ok());
  EXPECT_EQ(site.catalog.segments()->size(), 1U);
}

TEST(SegmentPool, AnswersNoRoomWhenTheCatalogTakesNoSegment) {
  SpoolSite site;
  site.catalog.refuse_segments(true);
  EXPECT_EQ(site.spool->open_writer(head_of(1)).error().kind, ErrorKind::exhausted);
  EXPECT_TRUE(site.file_names().empty()) << "a file without a key row would block the next start";
  site.catalog.refuse_segments(false);
  EXPECT_TRUE(site.spool->open_writer(head_of(1)).ok());
}

TEST(SegmentPool, RollsASegmentThatIsFullAndDeletesItsKey) {
  SpoolSite site;
  const auto big = site.take_object(1, data_of(1, 2U << 20U));
  ASSERT_TRUE(big.ok());
  const auto next = site.take_object(2, data_of(2, 100));
  ASSERT_TRUE(next.ok());
  EXPECT_NE(next->location.segment, big->location.segment);
  ASSERT_TRUE(site.spool->tidy().ok());
  const auto segments = *site.catalog.segments();
  EXPECT_TRUE(segments.at(0).closed);
  EXPECT_FALSE(segments.at(0).wrapped_key.has_value());
  EXPECT_FALSE(segments.at(1).closed);
  EXPECT_EQ(*site.read_object(*big), data_of(1, 2U << 20U)) << "the row's key opens it";
}

TEST(SegmentPool, RollsASegmentThatIsOld) {
  SpoolSite site;
  const auto object = site.take_object(1, data_of(1, 100));
  site.clock.advance(std::chrono::minutes(9));
  ASSERT_TRUE(site.spool->tidy().ok());
  EXPECT_FALSE(site.catalog.segments()->at(0).closed);
  site.clock.advance(std::chrono::minutes(1));
  ASSERT_TRUE(site.spool->tidy().ok());
  EXPECT_TRUE(site.catalog.segments()->at(0).closed);
  const auto next = site.take_object(2, data_of(2, 100));
  EXPECT_NE(next->location.segment, object->location.segment);
}

TEST(SegmentPool, KeepsTheKeyUntilEveryCommittedRecordHasItsRow) {
  SpoolSite site;
  const auto recorded = site.take_object(1, data_of(1, 100));
  // Durable and acknowledged, but its thread has not come to record_object yet.
  const auto on_its_way = site.store_object(2, data_of(2, 2U << 20U));
  ASSERT_TRUE(recorded.ok() && on_its_way.ok());
  ASSERT_EQ(recorded->location.segment, on_its_way->location.segment);
  ASSERT_TRUE(site.spool->tidy().ok());
  EXPECT_FALSE(site.catalog.segments()->at(0).closed);
  EXPECT_TRUE(site.catalog.segments()->at(0).wrapped_key.has_value());

  ASSERT_TRUE(site.catalog.record_object(*on_its_way, site.policy).ok());
  ASSERT_TRUE(site.spool->tidy().ok());
  EXPECT_TRUE(site.catalog.segments()->at(0).closed);
  EXPECT_EQ(*site.read_object(*on_its_way), data_of(2, 2U << 20U));
}

TEST(SegmentPool, RecoversAnAcknowledgedObjectWhoseRowNeverCame) {
  SpoolSite site;
  const Bytes data = data_of(2, 2U << 20U);
  ASSERT_TRUE(site.store_object(2, data).ok());
  ASSERT_TRUE(site.spool->tidy().ok());
  EXPECT_EQ(site.restart().recorded, 1U);
  EXPECT_EQ(*site.read_object(site.catalog.rows().at(ObjectId{2})), data);
}

}  // namespace
}  // namespace veilroute::store

// What is found after a crash or a power cut, at whatever moment it came, and after damage of any
// byte: everything acknowledged, bit-exact, or an alarm.
#include <algorithm>

#include "core/store/sealed_chunks.h"
#include "core/store/segment_format.h"
#include "tests/store/spool_site.h"

namespace veilroute::store {
namespace {

using test::data_of;
using test::facts_of;
using test::head_of;
using test::SpoolSite;

constexpr std::size_t kObjectSizes[] = {500, 65536, 200'000, 0, 300'000, 70'000};

Bytes object_data(std::uint64_t id) { return data_of(id, kObjectSizes[(id - 1) % std::size(kObjectSizes)]); }

/// Several objects, an abandoned one and the timer in between: every kind of change the spool
/// makes. Returns what was acknowledged.
std::vector<std::uint64_t> run_script(SpoolSite& site) {
  std::vector<std::uint64_t> acknowledged;
  const auto take = [&](std::uint64_t id) {
    if (site.take_object(id, object_data(id)).ok()) acknowledged.push_back(id);
  };
  [[maybe_unused]] Result<void> ignored = site.spool->tidy();
  take(1);
  take(2);
  {
    auto abandoned = site.spool->open_writer(head_of(100));
    if (abandoned.ok()) ignored = abandoned->append(data_of(100, 280'000));
    take(3);
  }
  take(4);
  ignored = site.spool->tidy();
  take(5);
  // Committed, but its row never comes.
  if (site.store_object(6, object_data(6)).ok()) acknowledged.push_back(6);
  site.clock.advance(std::chrono::minutes(11));
  ignored = site.spool->tidy();
  return acknowledged;
}

/// Law 1, and its other half: nothing is there that does not open to its last byte.
void expect_all_whole(SpoolSite& site, const std::vector<std::uint64_t>& acknowledged) {
  const auto rows = site.catalog.rows();
  for (const std::uint64_t id : acknowledged) {
    ASSERT_TRUE(rows.contains(ObjectId{id})) << "acknowledged object " << id << " is lost";
  }
  for (const auto& [id, object] : rows) {
    const auto read = site.read_object(object);
    ASSERT_TRUE(read.ok()) << "object " << id.value << ": " << read.error().text();
    EXPECT_EQ(*read, object_data(id.value)) << "object " << id.value;
    EXPECT_EQ(object.head.received_at, head_of(id.value).received_at);
    EXPECT_EQ(object.facts.length_bytes, read->size());
  }
  EXPECT_TRUE(site.catalog.corrupt().empty());
  EXPECT_FALSE(rows.contains(ObjectId{100}));
  const auto segments = site.catalog.segments();
  for (const SegmentRow& row : *segments) {
    EXPECT_TRUE(row.closed) << "a segment of an earlier run";
  }
}

void cut_everywhere(test::FaultyFiles::Survives survives) {
  std::mt19937 random(11);
  std::size_t most = 0;
  for (std::uint64_t changes = 0;; ++changes) {
    SpoolSite site;
    site.files.stop_after(changes);
    const auto acknowledged = run_script(site);
    const bool all = site.files.counts().changes < changes;
    most = std::max(most, acknowledged.size());
    site.spool.reset();
    site.files.cut_power(survives, random);
    site.restart();
    expect_all_whole(site, acknowledged);
    if (testing::Test::HasFailure()) FAIL() << "after " << changes << " changes";
    // The site works on.
    ASSERT_TRUE(site.take_object(50, object_data(50)).ok());
    EXPECT_EQ(site.restart().corrupt, 0U);
    if (all) break;
  }
  EXPECT_EQ(most, 6U);
}

TEST(SpoolRecovery, LosesNothingAcknowledgedWhereverThePowerIsCut) {
  cut_everywhere(test::FaultyFiles::Survives::synced);
}

TEST(SpoolRecovery, LosesNothingWhenAPartOfTheUnsyncedBytesSurvives) {
  for (int i = 0; i < 3; ++i) cut_everywhere(test::FaultyFiles::Survives::also_a_part);
}

TEST(SpoolRecovery, LosesNothingWhenAnotherPowerCutComesWhileRecovering) {
  std::mt19937 random(12);
  for (std::uint64_t changes = 0;; ++changes) {
    SpoolSite site;
    site.files.stop_after(14);
    const auto acknowledged = run_script(site);
    site.spool.reset();
    site.files.cut_power(test::FaultyFiles::Survives::also_a_part, random);
    site.catalog.crash();
    site.open();
    site.files.stop_after(changes);
    const bool done = site.spool->recover(site.policy).ok();
    site.spool.reset();
    site.files.cut_power(test::FaultyFiles::Survives::also_a_part, random);
    site.restart();
    expect_all_whole(site, acknowledged);
    if (done) break;
  }
}

TEST(SpoolRecovery, FindsNothingToDoTwice) {
  SpoolSite site;
  run_script(site);
  site.restart();
  const auto report = site.restart();
  EXPECT_EQ(report.segments + report.records + report.recorded + report.torn_tails + report.corrupt,
            0U);
}

TEST(SpoolRecovery, DoesNotReadTheDataOfRecordsThatHaveRows) {
  SpoolSite site;
  for (std::uint64_t id = 1; id < 4; ++id) {
    ASSERT_TRUE(site.take_object(id, data_of(id, 2U << 20U)).ok());
  }
  ASSERT_TRUE(site.catalog.flush().ok());
  const auto file = site.path() / site.file_names().at(0);
  Bytes bytes = test::file_bytes(file);
  bytes[1U << 20U] ^= 1U;  // rot in the data: found by whoever reads the object
  test::write_file(file, bytes);
  const auto report = site.restart();
  EXPECT_EQ(report.records, 3U);
  EXPECT_EQ(report.recorded, 0U);
  EXPECT_EQ(report.corrupt, 0U);
}

/// Regions of a record, as offsets into it.
struct Regions {
  std::size_t head, chunks, trailer_length, trailer, mark, end;
};

Regions regions_of(const NewObject& object, const Bytes& file) {
  Regions at{};
  const auto record =
      ByteView(file).subspan(static_cast<std::size_t>(object.location.offset),
                             static_cast<std::size_t>(object.location.record_bytes));
  at.head = kFrameBytes;
  at.chunks = at.head + decode_frame(record)->head_bytes;
  at.trailer_length =
      at.chunks + static_cast<std::size_t>(sealed_bytes_of(object.facts.length_bytes));
  at.trailer = at.trailer_length + kTrailerLengthBytes;
  at.mark = record.size() - kMarkBytes;
  at.end = record.size();
  return at;
}

/// A record damaged at `at` must be named as corrupt, and must not be handed out; its neighbours
/// live.
void expect_alarm(std::size_t at, bool last, bool has_row) {
  SpoolSite site;
  const std::uint64_t first = last ? 2 : 1;
  if (last) {
    ASSERT_TRUE(site.store_object(1, data_of(1, 70'000)).ok());
  }
  const auto object = site.store_object(first, data_of(first, 70'000));
  ASSERT_TRUE(object.ok());
  if (!last) {
    ASSERT_TRUE(site.store_object(2, data_of(2, 70'000)).ok());
  }
  if (has_row) {
    ASSERT_TRUE(site.catalog.record_object(*object, site.policy).ok());
    ASSERT_TRUE(site.catalog.flush().ok());
  }
  const auto file = site.file_of(object->location.segment);
  Bytes bytes = test::file_bytes(file);
  const std::size_t size = bytes.size();
  bytes[static_cast<std::size_t>(object->location.offset) + at] ^= 0x04U;
  test::write_file(file, bytes);
  const auto report = site.restart();
  const std::pair place(object->location.segment, object->location.offset);
  EXPECT_TRUE(site.catalog.corrupt().contains(place)) << "a change at " << at;
  EXPECT_EQ(report.torn_tails, 0U) << at;
  EXPECT_EQ(std::filesystem::file_size(file), size) << "what is left of it is kept";
  const auto rows = site.catalog.rows();
  const ObjectId neighbour{last ? 1U : 2U};
  ASSERT_TRUE(rows.contains(neighbour));
  EXPECT_EQ(*site.read_object(rows.at(neighbour)), data_of(neighbour.value, 70'000));
  if (!rows.contains(ObjectId{first})) return;
  const auto read = site.read_object(rows.at(ObjectId{first}));
  EXPECT_TRUE(!read.ok() || *read == data_of(first, 70'000));
}

std::vector<std::size_t> places_to_damage() {
  SpoolSite site;
  const auto object = *site.store_object(1, data_of(1, 70'000));
  const auto regions = regions_of(object, test::file_bytes(site.file_of(object.location.segment)));
  std::vector<std::size_t> places;
  // Every field of frame and mark, both ends of every sealed part, and the clear lengths.
  for (const std::size_t at : {0, 7, 8, 12, 19, 20, 28, 67, 68, 74, 75, 76, 79}) {
    places.push_back(at);
  }
  for (const std::size_t at :
       {regions.head, regions.chunks - 1, regions.chunks, regions.chunks + 2, regions.chunks + 3,
        regions.chunks + 4, regions.chunks + 40'000, regions.chunks + std::size_t{kChunkStride},
        regions.chunks + std::size_t{kChunkStride} + 3, regions.trailer_length - 1,
        regions.trailer_length, regions.trailer_length + 3, regions.trailer, regions.mark - 1}) {
    places.push_back(at);
  }
  for (std::size_t at = regions.mark; at < regions.end; at += 7) places.push_back(at);
  return places;
}

TEST(SpoolRecovery, NamesARecordWithAChangedByteBeforeAGoodOne) {
  for (const std::size_t at : places_to_damage()) expect_alarm(at, false, false);
}

TEST(SpoolRecovery, DoesNotTakeADamagedLastRecordForATornOne) {
  for (const std::size_t at : places_to_damage()) expect_alarm(at, true, false);
}

TEST(SpoolRecovery, NamesARecordWithARowWhoseBoundsAreBroken) {
  for (const std::size_t at : {0, 12, 20, 30, 77}) {
    expect_alarm(static_cast<std::size_t>(at), false, true);
    expect_alarm(static_cast<std::size_t>(at), true, true);
  }
}

TEST(SpoolRecovery, RecordsWhoseObjectWasDamagedWhenItStillCanTell) {
  SpoolSite site;
  const auto object = *site.store_object(1, data_of(1, 200'000));
  const auto file = site.file_of(object.location.segment);
  Bytes bytes = test::file_bytes(file);
  bytes[100'000] ^= 1U;
  test::write_file(file, bytes);
  const auto report = site.restart();
  EXPECT_EQ(report.corrupt, 1U);
  EXPECT_EQ(report.recorded, 1U);
  EXPECT_TRUE(site.catalog.rows().contains(ObjectId{1})) << "its study can be named";
}

TEST(SpoolRecovery, CutsATornTailOffAtEveryLength) {
  SpoolSite model;
  ASSERT_TRUE(model.store_object(1, data_of(1, 3000)).ok());
  const auto torn = *model.store_object(2, data_of(2, 70'000));
  const auto bytes = test::file_bytes(model.file_of(torn.location.segment));
  std::mt19937 random(4);
  std::vector<std::uint64_t> lengths = {
      1, 79, 80, 81, 400, torn.location.record_bytes - 80, torn.location.record_bytes - 1};
  for (int i = 0; i < 10; ++i) lengths.push_back(random() % torn.location.record_bytes);
  for (const std::uint64_t length : lengths) {
    SpoolSite site;
    const auto whole = *site.store_object(1, data_of(1, 3000));
    const auto cut = *site.store_object(2, data_of(2, 70'000));
    const auto file = site.file_of(whole.location.segment);
    std::filesystem::resize_file(file, cut.location.offset + length);
    const auto report = site.restart();
    EXPECT_EQ(report.torn_tails, length == 0 ? 0U : 1U) << length;
    EXPECT_EQ(report.corrupt, 0U);
    EXPECT_EQ(report.recorded, 1U);
    EXPECT_EQ(std::filesystem::file_size(file), cut.location.offset);
    EXPECT_EQ(*site.read_object(site.catalog.rows().at(ObjectId{1})), data_of(1, 3000));
  }
}

TEST(SpoolRecovery, TakesATailOfZerosForTorn) {
  // Some file systems make the file longer before the bytes are there.
  SpoolSite site;
  const auto whole = *site.store_object(1, data_of(1, 3000));
  const auto file = site.file_of(whole.location.segment);
  std::filesystem::resize_file(file, whole.location.record_bytes + 50'000);
  const auto report = site.restart();
  EXPECT_EQ(report.torn_tails, 1U);
  EXPECT_EQ(report.corrupt, 0U);
  EXPECT_EQ(std::filesystem::file_size(file), whole.location.record_bytes);
}

TEST(SpoolRecovery, TakesARecordWithoutItsMarkForTorn) {
  SpoolSite site;
  const auto record = *site.store_object(1, data_of(1, 3000));
  const auto file = site.file_of(record.location.segment);
  std::filesystem::resize_file(file, record.location.record_bytes - kMarkBytes);
  std::filesystem::resize_file(file, record.location.record_bytes);
  const auto report = site.restart();
  EXPECT_EQ(report.torn_tails, 1U);
  EXPECT_EQ(report.corrupt + report.recorded, 0U);
  EXPECT_TRUE(site.file_names().empty()) << "nothing is left of the segment";
}

TEST(SpoolRecovery, NamesRowsWhoseSegmentIsGone) {
  for (const bool closed : {false, true}) {
    SpoolSite site;
    const auto one = *site.take_object(1, data_of(1, 100));
    const auto two = *site.take_object(2, data_of(2, closed ? 2U << 20U : 100U));
    ASSERT_TRUE(site.catalog.flush().ok());
    ASSERT_TRUE(site.spool->tidy().ok());
    ASSERT_EQ(site.catalog.segments()->at(0).closed, closed);
    std::filesystem::remove(site.file_of(one.location.segment));
    const auto report = site.restart();
    EXPECT_EQ(report.corrupt, 2U);
    EXPECT_TRUE(site.catalog.corrupt().contains({two.location.segment, two.location.offset}));
  }
}

TEST(SpoolRecovery, NamesRowsBehindTheEndOfTheirSegment) {
  for (const bool closed : {false, true}) {
    SpoolSite site;
    const auto one = *site.take_object(1, data_of(1, closed ? 2U << 20U : 100U));
    ASSERT_TRUE(site.catalog.flush().ok());
    ASSERT_TRUE(site.spool->tidy().ok());
    const auto file = site.file_of(one.location.segment);
    std::filesystem::resize_file(file, 10);
    EXPECT_EQ(site.restart().corrupt, 1U);
    EXPECT_TRUE(site.catalog.corrupt().contains({one.location.segment, one.location.offset}));
    EXPECT_EQ(std::filesystem::file_size(file), 10U);
  }
}

TEST(SpoolRecovery, KeepsASegmentWithRecordsOfALaterProgram) {
  SpoolSite site;
  const auto one = *site.store_object(1, data_of(1, 100));
  const auto two = *site.store_object(2, data_of(2, 100));
  const auto file = site.file_of(one.location.segment);
  Bytes bytes = test::file_bytes(file);
  bytes[static_cast<std::size_t>(two.location.offset) + 8] = 2;
  test::write_file(file, bytes);
  const auto report = site.restart();
  EXPECT_EQ(report.recorded, 1U);
  EXPECT_EQ(report.torn_tails, 0U);
  EXPECT_EQ(std::filesystem::file_size(file), bytes.size());
  EXPECT_FALSE(site.catalog.segments()->at(0).closed) << "its key is all that opens the record";
}

TEST(SpoolRecovery, RemovesSparesThatWereNeverUsed) {
  SpoolSite site;
  ASSERT_TRUE(site.spool->tidy().ok());
  ASSERT_EQ(site.file_names().size(), 1U);
  EXPECT_EQ(site.restart().corrupt, 0U);
  EXPECT_TRUE(site.file_names().empty());
}

TEST(SpoolRecovery, SyncsASegmentBeforeItGivesItsRecordsRows) {
  SpoolSite site;
  ASSERT_TRUE(site.store_object(1, data_of(1, 100)).ok());
  site.catalog.crash();
  site.open();
  site.files.fail_sync(1);
  EXPECT_FALSE(site.spool->recover(site.policy).ok());
  ASSERT_TRUE(site.catalog.flush().ok());
  EXPECT_TRUE(site.catalog.rows().empty());
  EXPECT_EQ(site.restart().recorded, 1U);
}

}  // namespace
}  // namespace veilroute::store

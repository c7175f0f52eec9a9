// What a disk, a clock or a person may do to spool and catalog together: a sync that lies, a clock
// that jumps, quotas, the keys of open segments, and what is held after a salvage.
#include <algorithm>

#include "core/store/outbox.h"
#include "core/store/segment_keys.h"
#include "core/store/sqlite/salvage.h"
#include "tests/store/catalog_room.h"
#include "tests/store/spool_site.h"

namespace veilroute::store {
namespace {

using test::data_of;
using test::facts_of;
using test::head_of;
using test::SpoolSite;

/// A faulty disk under the spool, a real catalog beside it.
struct Faulty {
  CatalogRoom catalog;
  std::unique_ptr<Files> real = real_files();
  test::FaultyFiles files{*real};
  SpoolLimits limits{1U << 20U, std::chrono::minutes(10), 0};
  std::unique_ptr<Spool> spool;
  std::mt19937 random{7};

  Faulty() {
    catalog->reserve_ids(1).value();
    open();
  }
  void open() { spool = Spool::open(files, *catalog, catalog.clock(), folder(), limits).value(); }
  [[nodiscard]] std::filesystem::path folder() const { return catalog.folder() / "spool"; }
  Result<NewObject> take(std::uint64_t id, ByteView data) {
    ObjectHead head = head_of(id);
    head.received_at = catalog.clock().now();
    VR_TRY(SpoolWriter writer, spool->open_writer(head));
    VR_TRY(writer.append(data));
    VR_TRY(NewObject object, writer.commit(facts_of()));
    VR_TRY(catalog->record_object(object, kPolicy));
    VR_TRY(catalog->flush());
    return object;
  }
  RecoveryReport restart() {
    spool.reset();
    catalog.reopen();
    open();
    const RecoveryReport report = spool->recover(kPolicy).value();
    catalog->flush().value();
    return report;
  }
};

TEST(LyingDisk, WhatASyncPromisedAndLostIsNamedAndTheNodeStarts) {
  Faulty site;
  site.take(1, data_of(1, 70'000)).value();
  site.files.lie_on_syncs();
  site.take(2, data_of(2, 70'000)).value();
  site.take(3, data_of(3, 70'000)).value();
  site.spool.reset();
  site.files.cut_power(test::FaultyFiles::Survives::synced, site.random);
  EXPECT_EQ(site.restart().corrupt, 2U);
  EXPECT_EQ(site.catalog->load_object(ObjectId{1}).value().state, ObjectState::live);
  const auto key = site.catalog->find_study(facts_of().study).value().value();
  std::map<ObjectState, unsigned> seen;
  const StudyView view = site.catalog->study_view(key).value();
  for (const SpooledObject& object : view.study.objects) {
    ++seen[object.state];
  }
  EXPECT_EQ(seen[ObjectState::corrupt], 2U) << "the study's view must say so";
  EXPECT_EQ(site.catalog.entries(ledger::Kind::object_corrupt).size(), 2U);
  EXPECT_TRUE(site.catalog->inspect_ledger().value().ok);
  EXPECT_TRUE(site.take(4, data_of(4, 1000)).ok()) << "and the site works on";
}

TEST(ClockJumps, NeitherLoseNorReorderWhatArrives) {
  Faulty site;
  const Duration jumps[] = {-1h, 3h, -24h * 365, 24h * 3650, -24h * 3650, 1s};
  std::uint64_t id = 1;
  for (const Duration jump : jumps) {
    // In the middle of an object, and between two.
    auto writer = site.spool->open_writer(head_of(100 + id)).value();
    writer.append(data_of(100 + id, 200'000)).value();
    site.catalog.clock().advance(jump);
    const NewObject late = writer.commit(facts_of()).value();
    site.catalog->record_object(late, kPolicy).value();
    site.take(id, data_of(id, 1000)).value();
    ASSERT_TRUE(site.spool->tidy().ok());
    ++id;
  }
  EXPECT_EQ(site.restart().corrupt, 0U);
  std::uint64_t before = 0;
  for (std::uint64_t one = 1; one < id; ++one) {
    const SpooledObject object = site.catalog->load_object(ObjectId{one}).value();
    const std::uint64_t segment = object.location.segment.value;
    EXPECT_GE(segment, before) << "numbers ascend with arrival, whatever the clock says";
    before = segment;
    EXPECT_TRUE(site.catalog->load_object(ObjectId{100 + one}).ok());
  }
  EXPECT_TRUE(site.catalog->inspect_ledger().value().ok);
}

TEST(ClockJumps, ASegmentFromATimeToComeIsRolled) {
  Faulty site;
  const auto first = site.take(1, data_of(1, 1000)).value();
  site.catalog.clock().advance(-24h * 365);
  ASSERT_TRUE(site.spool->tidy().ok());
  const auto rows = site.catalog->segments().value();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const SegmentRow& one) {
    return one.id == first.location.segment;
  });
  EXPECT_TRUE(row->closed) << "else its key would stay for a year";
}

TEST(ClockJumps, WhatWaitsIsDueByTodaysClock) {
  CatalogRoom room;
  const TransferId sent_later = room.sending(1, 1);
  const TimePoint due = room.clock().now() + 30s;
  room->finish_attempt(sent_later,
                       attempt_result(Outcome::deferred,
                                      {answer(room.objects(sent_later)[0], Outcome::deferred)}, due))
      .value();
  const TransferId never_tried = room.cleared(2, 1);
  room.receive({.study = 3, .instance = 30});
  room.clock().advance(-24h * 365);
  const auto due_now = [&] {
    return room->transfers_due(kBone, room.clock().now(), 10).value().size();
  };
  EXPECT_EQ(due_now(), 0U);
  EXPECT_EQ(room->mend_times(kPolicy, 1h).value(), 3U);
  EXPECT_EQ(due_now(), 2U);
  EXPECT_EQ(room.load(never_tried).state, T::cleared);
  room.clock().advance(kPolicy.quiet);
  EXPECT_EQ(room->studies_due(room.clock().now(), 10).value().size(), 1U);
  EXPECT_EQ(room->mend_times(kPolicy, 1h).value(), 0U) << "nothing is left to mend";
}

TEST(Quota, ASpoolThatIsOverItTakesNothingUntilThereIsRoomAgain) {
  SpoolSite site;
  site.limits.quota_bytes = 300'000;
  site.open();
  const auto first = *site.take_object(1, data_of(1, 200'000));
  const auto refused = site.store_object(2, data_of(2, 200'000));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().slug, "spool.over-quota");
  EXPECT_EQ(refused.error().kind, ErrorKind::exhausted);
  EXPECT_TRUE(site.take_object(3, data_of(3, 50'000)).ok()) << "what was cut off counts no more";
  // The count outlives a restart, and follows what others remove.
  site.restart();
  EXPECT_FALSE(site.store_object(4, data_of(4, 100'000)).ok());
  std::filesystem::remove(site.file_of(first.location.segment));
  site.open();
  EXPECT_TRUE(site.store_object(5, data_of(5, 100'000)).ok());
}

TEST(Quota, IsKeptWithoutListingTheFolderForEachObject) {
  SpoolSite site;
  site.limits.quota_bytes = 1U << 30U;
  site.open();
  ASSERT_TRUE(site.take_object(1, data_of(1, 1000)).ok());
  const auto before = site.files.counts().opened_for_reading;
  for (std::uint64_t id = 2; id < 20; ++id) {
    ASSERT_TRUE(site.take_object(id, data_of(id, 1000)).ok());
  }
  EXPECT_EQ(site.files.counts().opened_for_reading, before);
}

TEST(Quota, TheOutboxGivesBackWhatIsRemovedAndWhatWasNotFinished) {
  TemporaryFolder folder;
  const auto files = real_files();
  const Keyring keyring{crypto::random_key(), crypto::random_key(), crypto::random_key(),
                        crypto::random_key()};
  Outbox outbox(*files, keyring, folder.path(), {0, 200'000});
  const auto write = [&](std::uint64_t transfer, std::size_t bytes) -> Result<void> {
    VR_TRY(const auto writer, outbox.open_writer(TransferId{transfer}));
    dicom::OutboxRecord record;
    record.pieces = {{true, 0, bytes}};
    VR_TRY(writer->add(record, data_of(transfer, bytes)));
    VR_TRY(writer->commit(ProfileVersion{"v"}));
    return {};
  };
  EXPECT_TRUE(write(1, 120'000).ok());
  const auto refused = write(2, 120'000);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().slug, "outbox.over-quota");
  EXPECT_TRUE(write(3, 50'000).ok()) << "the unfinished file counts no more";
  EXPECT_TRUE(outbox.remove(TransferId{1}).ok());
  EXPECT_TRUE(write(2, 120'000).ok());
}

TEST(SegmentKeyFiles, StandForOpenSegmentsAloneAlsoAfterACrash) {
  SpoolSite site;
  const auto object = *site.take_object(1, data_of(1, 2U << 20U));
  const SegmentId id = object.location.segment;
  SegmentKeys kept(site.files, site.path());
  const auto found = kept.find(id).value();
  ASSERT_TRUE(found.has_value()) << "before the first acknowledgement";
  EXPECT_EQ(*found, *site.catalog.segments()->front().wrapped_key);
  ASSERT_TRUE(site.catalog.flush().ok());
  ASSERT_TRUE(site.spool->tidy().ok());
  ASSERT_FALSE(site.catalog.segments()->front().wrapped_key.has_value());
  EXPECT_FALSE(kept.find(id).value().has_value()) << "now the rows must hold the only keys";
  // A crash between the two leaves the file of a closed segment: the next start removes it.
  ASSERT_TRUE(kept.keep(id, *found).ok());
  site.restart();
  EXPECT_FALSE(kept.find(id).value().has_value());
}

TEST(Salvage, CopiesEveryRowThatCanBeReadAroundADamagedPage) {
  CatalogRoom room;
  for (unsigned i = 0; i < 300; ++i) room.receive({.study = 1 + i % 3, .instance = i, .bytes = i});
  room.close();
  Bytes whole = test::file_bytes(room.file());
  constexpr std::size_t kPage = 4096;
  std::size_t most_lost = 0;
  std::size_t hopeless = 0;
  std::size_t heads = 0;
  for (std::size_t page = 1; page * kPage < whole.size(); page += 7) {
    Bytes bytes = whole;
    std::fill_n(bytes.begin() + static_cast<long>(page * kPage), kPage, std::uint8_t{0xFF});
    const auto damaged = room.folder() / "damaged.db";
    const auto fresh = room.folder() / ("fresh-" + std::to_string(page) + ".db");
    test::write_file(damaged, bytes);
    create_sqlite_catalog(fresh, room.master()).value();
    const auto copied = copy_rows(damaged, fresh).value();
    if (copied.empty()) {
      ++hopeless;  // the page names the tables
      continue;
    }
    const std::size_t lost = 300 - static_cast<std::size_t>(copied.at("objects").rows);
    // No page of rows holds more; the one at the head of the table leads to all of them.
    if (lost > 60) {
      ++heads;
      continue;
    }
    most_lost = std::max(most_lost, lost);
    EXPECT_EQ(look_at_catalog(fresh).value(), CatalogHealth::whole);
    for (const char* suffix : {"-wal", "-shm"}) {
      std::filesystem::remove(damaged.string() + suffix);
    }
  }
  EXPECT_LE(hopeless, 2U);
  EXPECT_LE(heads, 1U);
  EXPECT_GT(most_lost, 0U) << "no page with objects was damaged";
}

TEST(Salvage, HoldsWhatWaitsUntilAPersonSays) {
  CatalogRoom room;
  const TransferId cleared = room.cleared(1, 2);
  room.receive({.study = 2, .instance = 20});
  room.receive({.study = 3, .instance = 30});
  room.complete(3);
  EXPECT_EQ(room->hold_salvaged({{"catalog", "missing"}}).value(), 3U);
  EXPECT_EQ(room.state(cleared), T::blocked);
  EXPECT_TRUE(room->transfers_blocked(10).value().empty()) << "no gate may let it go";
  EXPECT_EQ(room.study(3).state, StudyState::held);
  room.complete(2);
  EXPECT_EQ(room.study(2).state, StudyState::held);
  EXPECT_EQ(room.study(2).reason, kHoldSalvaged);
  room->retry_transfer(cleared, "operator").value();
  EXPECT_EQ(room.state(cleared), T::cleared);
  room->resume_study(room.key(2), "operator").value();
  EXPECT_EQ(room.study(2).state, StudyState::complete);
  EXPECT_EQ(room.entries(ledger::Kind::site_salvaged).size(), 1U);
}

}  // namespace
}  // namespace veilroute::store

// The spool while all goes well, and while the disk does not: law 1 at its smallest.
#include "core/store/spool.h"

#include <atomic>
#include <thread>

#include "core/base/crypto.h"
#include "core/store/sealed_chunks.h"
#include "tests/store/spool_site.h"

namespace veilroute::store {
namespace {

using test::data_of;
using test::facts_of;
using test::head_of;
using test::SpoolSite;

TEST(Spool, GivesBackExactlyWhatItTook) {
  SpoolSite site;
  std::uint64_t id = 100;
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 131072, 700'001}) {
    for (const std::size_t piece : {1'000'000, 65536, 7777}) {
      const Bytes data = data_of(id, size);
      const auto object = site.store_object(id, data, piece);
      ASSERT_TRUE(object.ok()) << object.error().text();
      EXPECT_EQ(object->facts.length_bytes, size);
      EXPECT_EQ(object->facts.digest, crypto::sha256(data));
      EXPECT_EQ(object->facts.study.value, "2.25.4711");
      const auto read = site.read_object(*object);
      ASSERT_TRUE(read.ok()) << read.error().text();
      EXPECT_EQ(*read, data) << size << " bytes in pieces of " << piece;
      ++id;
    }
  }
}

TEST(Spool, SyncsOncePerObjectAndNoFolderOnceASegmentIsThere) {
  SpoolSite site;
  ASSERT_TRUE(site.store_object(1, data_of(1, 100'000)).ok());
  const auto before = site.files.counts();
  EXPECT_EQ(before.folder_syncs, 2U) << "the segment's, and that of its key file";
  for (std::uint64_t id = 2; id < 7; ++id)
    ASSERT_TRUE(site.store_object(id, data_of(id, 900)).ok());
  const auto after = site.files.counts();
  EXPECT_EQ(after.syncs - before.syncs, 5U);
  EXPECT_EQ(after.folder_syncs, before.folder_syncs);
  EXPECT_EQ(after.creates, 2U);
  EXPECT_EQ(after.appends - before.appends, 5U) << "a small object is one write";
}

TEST(Spool, AnswersOnlyAfterTheSyncOfEveryByte) {
  SpoolSite site;
  bool answered = false;
  std::uint64_t at_sync = 0;
  site.files.on_sync([&] {
    EXPECT_FALSE(answered);
    if (site.file_names().empty()) return;  // the key file of a segment that is about to be made
    at_sync = std::filesystem::file_size(site.path() / site.file_names().at(0));
  });
  const auto object = site.store_object(1, data_of(1, 200'000));
  answered = true;
  ASSERT_TRUE(object.ok());
  EXPECT_EQ(at_sync, object->location.record_bytes);
}

TEST(Spool, MakesTheKeyRowAndTheNameDurableBeforeTheFirstAnswer) {
  SpoolSite site;
  site.files.on_sync([&] {
    const auto segments = site.catalog.segments();
    ASSERT_EQ(segments->size(), 1U);
    EXPECT_TRUE(segments->front().wrapped_key.has_value());
    if (site.file_names().empty()) return;
    EXPECT_EQ(site.files.counts().folder_syncs, 2U) << "of the key file and of the segment";
  });
  ASSERT_TRUE(site.store_object(1, data_of(1, 10)).ok());
}

TEST(Spool, TellsTheDigestOfAllPieces) {
  SpoolSite site;
  auto writer = site.spool->open_writer(head_of(1));
  ASSERT_TRUE(writer.ok());
  const Bytes data = data_of(1, 100'000);
  ASSERT_TRUE(writer->append(ByteView(data).first(40'000)).ok());
  ASSERT_TRUE(writer->append(ByteView(data).subspan(40'000)).ok());
  const NewObject object = writer->commit(facts_of()).value();
  EXPECT_EQ(object.facts.digest, crypto::sha256(data));
  EXPECT_EQ(object.facts.length_bytes, data.size());
}

TEST(Spool, CutsOffAnAbandonedRecordAndUsesTheSegmentAgain) {
  SpoolSite site;
  ASSERT_TRUE(site.store_object(1, data_of(1, 1000)).ok());
  const auto file = site.path() / site.file_names().at(0);
  const auto size = std::filesystem::file_size(file);
  {
    auto writer = site.spool->open_writer(head_of(2));
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(writer->append(data_of(2, 900'000)).ok());
    EXPECT_GT(std::filesystem::file_size(file), size) << "an object is not kept in memory";
  }
  EXPECT_EQ(std::filesystem::file_size(file), size);
  const auto next = site.store_object(3, data_of(3, 1000));
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->location.offset, size);
  EXPECT_EQ(*site.read_object(*next), data_of(3, 1000));
}

TEST(Spool, TakesNothingMoreForARecordThatHasEnded) {
  SpoolSite site;
  auto writer = site.spool->open_writer(head_of(1));
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(writer->commit(facts_of()).ok());
  EXPECT_EQ(writer->append(data_of(1, 1)).error().kind, ErrorKind::internal);
  EXPECT_EQ(writer->commit(facts_of()).error().kind, ErrorKind::internal);
  auto other = site.spool->open_writer(head_of(2));
  ASSERT_TRUE(other.ok());
  other->abandon();
  EXPECT_EQ(other->append(data_of(1, 1)).error().kind, ErrorKind::internal);
}

TEST(Spool, NeverWritesToASegmentAgainAfterAFailedSync) {
  SpoolSite site;
  const auto first = site.take_object(1, data_of(1, 1000));
  ASSERT_TRUE(first.ok());
  const auto file = site.file_of(first->location.segment);
  site.files.fail_sync(1);
  const auto lost = site.store_object(2, data_of(2, 1000));
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().kind, ErrorKind::exhausted);
  EXPECT_EQ(lost.error().slug, "spool.sync-failed");
  const auto counts = site.files.counts();
  const auto size = std::filesystem::file_size(file);

  const auto next = site.take_object(3, data_of(3, 1000));
  ASSERT_TRUE(next.ok());
  EXPECT_NE(next->location.segment, first->location.segment);
  EXPECT_EQ(std::filesystem::file_size(file), size);
  EXPECT_EQ(site.files.counts().syncs, counts.syncs + 2)
      << "of the new segment's key and of the record; the failed one is not asked for again";
  EXPECT_EQ(site.files.counts().truncates, counts.truncates);

  // Its key goes once the row of the good record is there, and with it what was never acknowledged.
  ASSERT_TRUE(site.spool->tidy().ok());
  EXPECT_TRUE(site.catalog.segments()->front().closed);
  EXPECT_EQ(site.restart().corrupt, 0U);
  EXPECT_TRUE(site.catalog.rows().contains(ObjectId{3}));
  EXPECT_FALSE(site.catalog.rows().contains(ObjectId{2}));
  EXPECT_EQ(*site.read_object(*first), data_of(1, 1000));
}

TEST(Spool, NeverWritesToASegmentAgainWhenACutFailed) {
  SpoolSite site;
  const auto first = site.take_object(1, data_of(1, 1000));
  ASSERT_TRUE(first.ok());
  {
    auto writer = site.spool->open_writer(head_of(2));
    ASSERT_TRUE(writer->append(data_of(2, 500'000)).ok());
    site.files.fail_next_truncate();
  }
  const auto next = site.take_object(3, data_of(3, 1000));
  ASSERT_TRUE(next.ok());
  EXPECT_NE(next->location.segment, first->location.segment);
  const auto report = site.restart();
  EXPECT_EQ(report.torn_tails, 1U);
  EXPECT_EQ(report.corrupt, 0U);
  EXPECT_EQ(site.catalog.rows().size(), 2U);
}

TEST(Spool, SurvivesAFullDiskInTheMiddleOfAnObject) {
  for (const std::size_t room : {0U, 50U, 1000U, 300'000U, 500'200U}) {
    SpoolSite site;
    const auto first = site.take_object(1, data_of(1, 1000));
    ASSERT_TRUE(first.ok());
    site.files.disk_holds(room);
    const auto lost = site.store_object(2, data_of(2, 500'000));
    ASSERT_FALSE(lost.ok());
    EXPECT_EQ(lost.error().kind, ErrorKind::exhausted);
    EXPECT_EQ(lost.error().slug, "spool.no-room");
    site.files.disk_has_room_again();
    const auto next = site.take_object(3, data_of(3, 500'000));
    ASSERT_TRUE(next.ok()) << next.error().text();
    EXPECT_EQ(*site.read_object(*first), data_of(1, 1000));
    EXPECT_EQ(*site.read_object(*next), data_of(3, 500'000));
    EXPECT_EQ(site.restart().corrupt, 0U);
    EXPECT_EQ(site.catalog.rows().size(), 2U);
  }
}

TEST(Spool, AnswersTheSameAfterTheFirstFailureOfARecord) {
  SpoolSite site;
  auto writer = site.spool->open_writer(head_of(1));
  ASSERT_TRUE(writer.ok());
  site.files.disk_holds(1000);
  ASSERT_FALSE(writer->append(data_of(1, 500'000)).ok());
  site.files.disk_has_room_again();
  EXPECT_EQ(writer->append(data_of(1, 10)).error().slug, "spool.no-room");
  EXPECT_EQ(writer->commit(facts_of()).error().slug, "spool.no-room");
}

TEST(Spool, CommitsFromManyThreadsAtOnce) {
  SpoolSite site;
  constexpr std::uint64_t kThreads = 8, kEach = 12;
  std::atomic<bool> stop = false;
  std::atomic<unsigned> failures = 0;
  std::thread timer([&] {
    while (!stop) {
      if (!site.spool->tidy().ok()) ++failures;
      std::this_thread::yield();
    }
  });
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < kEach; ++i) {
        const std::uint64_t id = t * kEach + i + 1;
        const auto object = site.take_object(id, data_of(id, 150'000));
        if (!object.ok()) ++failures;
        const auto read = object.ok() ? site.read_object(*object) : Bytes{};
        if (!read.ok() || *read != data_of(id, 150'000)) ++failures;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  stop = true;
  timer.join();
  EXPECT_EQ(failures, 0U);
  const auto report = site.restart();
  EXPECT_EQ(report.corrupt + report.torn_tails, 0U);
  ASSERT_EQ(site.catalog.rows().size(), kThreads * kEach);
  for (const auto& [id, object] : site.catalog.rows()) {
    EXPECT_EQ(*site.read_object(object), data_of(id.value, 150'000));
  }
}

TEST(Spool, KeepsNothingInClear) {
  SpoolSite site;
  Bytes data;
  while (data.size() < 200'000) {
    for (const char c : std::string_view("CANARY-0010-0010 ")) {
      data.push_back(static_cast<std::uint8_t>(c));
    }
  }
  ASSERT_TRUE(site.store_object(1, data).ok());
  const Bytes bytes = test::file_bytes(site.path() / site.file_names().at(0));
  for (const std::string_view marker : {"CANARY", "2.25.", "1.2.840", "ward", "phantom-source"}) {
    EXPECT_EQ(as_text(bytes).find(marker), std::string_view::npos) << marker;
  }
}

TEST(Spool, OpensEachChunkOnceWhenReadInOrder) {
  SpoolSite site;
  const auto object = site.store_object(1, data_of(1, 300'000));
  const auto before = site.files.counts();
  const auto source = site.spool->open_object(object->location, object->head.id);
  ASSERT_TRUE(source.ok());
  const auto opened = site.files.counts();
  EXPECT_EQ(opened.opened_for_reading - before.opened_for_reading, 1U);
  EXPECT_EQ(test::read_all(**source, 100), data_of(1, 300'000));
  EXPECT_EQ(site.files.counts().reads - opened.reads, 5U);
}

TEST(Spool, ReadsAnywhereButNotBeyondTheEnd) {
  SpoolSite site;
  const Bytes data = data_of(1, 200'000);
  const auto object = site.store_object(1, data);
  const auto source = *site.spool->open_object(object->location, object->head.id);
  std::mt19937 random(5);
  for (int i = 0; i < 100; ++i) {
    const std::size_t at = random() % data.size();
    Bytes out(random() % (data.size() - at) + 1);
    ASSERT_TRUE(source->read_at(at, out).ok());
    EXPECT_TRUE(std::equal(out.begin(), out.end(), data.begin() + static_cast<std::ptrdiff_t>(at)));
  }
  Bytes one(1), none;
  EXPECT_TRUE(source->read_at(data.size(), none).ok());
  EXPECT_EQ(source->read_at(data.size(), one).error().kind, ErrorKind::invalid);
  EXPECT_EQ(source->read_at(UINT64_MAX, one).error().kind, ErrorKind::invalid);
}

TEST(Spool, OpensNoObjectUnderAnotherNameKeyOrPlace) {
  SpoolSite site;
  const auto object = *site.store_object(1, data_of(1, 1000));
  const auto other = *site.store_object(2, data_of(2, 1000));
  struct Case {
    const char* what;
    ObjectLocation location;
    ObjectId id;
  };
  std::vector<Case> cases = {{"another object", object.location, ObjectId{2}},
                             {"another place", object.location, ObjectId{1}},
                             {"another key", object.location, ObjectId{1}},
                             {"another length", object.location, ObjectId{1}},
                             {"no length", object.location, ObjectId{1}},
                             {"a length over all", object.location, ObjectId{1}},
                             {"no key", object.location, ObjectId{1}},
                             {"a missing segment", object.location, ObjectId{1}},
                             {"beyond the end", object.location, ObjectId{1}}};
  cases[1].location.offset = other.location.offset;
  cases[2].location.wrapped_key = other.location.wrapped_key;
  cases[3].location.record_bytes += other.location.record_bytes;
  cases[4].location.record_bytes = 0;
  cases[5].location.record_bytes = UINT64_MAX - object.location.offset;
  cases[6].location.wrapped_key.clear();
  cases[7].location.segment.value += 1000;
  cases[8].location.offset = 1U << 30U;
  for (const Case& one : cases) {
    const auto opened = site.spool->open_object(one.location, one.id);
    ASSERT_FALSE(opened.ok()) << one.what;
    EXPECT_EQ(opened.error().kind, ErrorKind::corrupt) << one.what;
  }
}

TEST(Spool, HandsOutNoByteOfAChunkThatWasChanged) {
  SpoolSite site;
  const auto object = *site.store_object(1, data_of(1, 200'000));
  const auto file = site.file_of(object.location.segment);
  Bytes bytes = test::file_bytes(file);
  bytes[kChunkStride + 1000] ^= 1U;
  test::write_file(file, bytes);
  const auto source = *site.spool->open_object(object.location, object.head.id);
  Bytes out(100);
  EXPECT_TRUE(source->read_at(0, out).ok());
  const auto read = source->read_at(kChunkBytes + 5, out);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind, ErrorKind::corrupt);
  EXPECT_EQ(read.error().slug, "spool.record-broken");
  EXPECT_TRUE(source->read_at(150'000, out).ok());
}

TEST(Spool, TakesNothingInWhenItsFolderIsGone) {
  for (const std::uint64_t quota : {std::uint64_t{0}, std::uint64_t{1} << 30U}) {
    SpoolSite site;
    site.limits.quota_bytes = quota;
    site.open();
    ASSERT_TRUE(site.store_object(1, data_of(1, 1000)).ok());
    std::filesystem::remove_all(site.path());
    const auto stored = site.store_object(2, data_of(2, 1000));
    ASSERT_FALSE(stored.ok());
    EXPECT_EQ(stored.error().kind, ErrorKind::unavailable) << "its source tries again";
    EXPECT_EQ(stored.error().slug, "spool.folder-missing");
  }
}

TEST(Spool, RefusesToOpenSegmentsThatTheCatalogDoesNotKnow) {
  SpoolSite site;
  ASSERT_TRUE(site.store_object(1, data_of(1, 1000)).ok());
  test::MemoryCatalog another;
  const auto opened = Spool::open(site.files, another, site.clock, site.path(), site.limits);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind, ErrorKind::refused);
  EXPECT_EQ(opened.error().slug, "spool.catalog-missing");
  EXPECT_NE(opened.error().detail.find("catalog.db back"), std::string::npos);
}

TEST(Spool, RefusesToOpenAFolderWithForeignFilesAndNamesOne) {
  for (const char* name :
       {"notes.txt", "00000000000000ZZ.seg", "0000000000000001.seg.bak", "000000000000000A.seg"}) {
    SpoolSite site;
    site.folder.write(std::string("spool/") + name, "");
    const auto opened = Spool::open(site.files, site.catalog, site.clock, site.path(), site.limits);
    ASSERT_FALSE(opened.ok()) << name;
    EXPECT_EQ(opened.error().slug, "spool.unknown-file");
    EXPECT_NE(opened.error().detail.find(name), std::string::npos);
  }
}

}  // namespace
}  // namespace veilroute::store

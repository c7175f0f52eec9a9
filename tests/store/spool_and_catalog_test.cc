// The spool on the catalog it runs with: what one writes the other finds, over restarts.
#include <algorithm>
#include <functional>

#include "tests/store/catalog_room.h"
#include "tests/store/spool_site.h"

namespace veilroute::store {
namespace {

using test::data_of;
using test::facts_of;
using test::head_of;

/// Objects of one study, in a spool that lies beside a real catalog.
struct Both {
  CatalogRoom catalog;
  std::unique_ptr<Files> real = real_files();
  test::FaultyFiles files{*real};
  SpoolLimits limits{1U << 20U, std::chrono::minutes(10), 0};
  std::unique_ptr<Spool> spool;

  Both() {
    // The room's own segment took the first id without asking for it.
    catalog->reserve_ids(1).value();
    open();
  }
  void open() { spool = Spool::open(files, *catalog, catalog.clock(), folder(), limits).value(); }
  [[nodiscard]] std::filesystem::path folder() const { return catalog.folder() / "spool"; }
  NewObject store_object(std::uint64_t id, ByteView data) {
    auto writer = spool->open_writer(head_of(id)).value();
    writer.append(data).value();
    return writer.commit(facts_of()).value();
  }
  NewObject take_object(std::uint64_t id, ByteView data) {
    NewObject object = store_object(id, data);
    catalog->record_object(object, kPolicy).value();
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
  Result<Bytes> read_object(std::uint64_t id) {
    VR_TRY(const SpooledObject object, catalog->load_object(ObjectId{id}));
    VR_TRY(const auto source, spool->open_object(object.location, object.head.id));
    Bytes all(static_cast<std::size_t>(source->size_bytes()));
    VR_TRY(source->read_at(0, all));
    return all;
  }
  SegmentRow segment(SegmentId id) {
    const std::vector<SegmentRow> rows = catalog->segments().value();
    return *std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.id == id; });
  }
};

TEST(SpoolAndCatalog, AnObjectIsReadBackByItsRowBeforeAndAfterItsSegmentIsClosed) {
  Both both;
  const Bytes data = data_of(1, 2U << 20U);
  const NewObject object = both.take_object(1, data);
  both.catalog->flush().value();
  EXPECT_EQ(*both.read_object(1), data);
  ASSERT_TRUE(both.spool->tidy().ok());
  EXPECT_FALSE(both.segment(object.location.segment).wrapped_key.has_value());
  EXPECT_EQ(*both.read_object(1), data);
  EXPECT_EQ(both.restart().corrupt, 0U);
  EXPECT_EQ(*both.read_object(1), data);
}

TEST(SpoolAndCatalog, RecoveryGivesAnObjectItsRowStudyAndEntryWithTheTimeOfReceipt) {
  Both both;
  both.store_object(1, data_of(1, 200'000));
  const auto report = both.restart();
  EXPECT_EQ(report.recorded, 1U);
  EXPECT_EQ(*both.read_object(1), data_of(1, 200'000));
  const SpooledObject object = both.catalog->load_object(ObjectId{1}).value();
  EXPECT_EQ(object.state, ObjectState::live);
  EXPECT_EQ(object.head.received_at, head_of(1).received_at);
  EXPECT_EQ(object.facts.patient_id.reveal(), "CANARY-PATIENT");
  EXPECT_TRUE(both.catalog->find_study(Uid{"2.25.4711"}).value().has_value());
  LedgerFilter filter;
  filter.kind = ledger::Kind::received;
  EXPECT_EQ(both.catalog->ledger_entries(filter).value().size(), 1U);
  EXPECT_TRUE(both.segment(object.location.segment).closed);
  EXPECT_EQ(both.restart().recorded, 0U);
}

TEST(SpoolAndCatalog, ADamagedObjectIsCorruptInItsStudyWithOrWithoutARow) {
  for (const bool has_row : {false, true}) {
    Both both;
    const NewObject object = has_row ? both.take_object(1, data_of(1, 200'000))
                                     : both.store_object(1, data_of(1, 200'000));
    both.take_object(2, data_of(2, 1000));
    both.catalog->flush().value();
    const auto file = both.folder() / segment_file_name(object.location.segment);
    Bytes bytes = test::file_bytes(file);
    bytes[static_cast<std::size_t>(has_row ? object.location.record_bytes - 1 : 100'000)] ^= 1U;
    test::write_file(file, bytes);
    EXPECT_EQ(both.restart().corrupt, 1U);
    EXPECT_EQ(both.catalog->load_object(ObjectId{1}).value().state, ObjectState::corrupt);
    EXPECT_FALSE(both.read_object(1).ok());
    EXPECT_EQ(*both.read_object(2), data_of(2, 1000));
    LedgerFilter filter;
    filter.kind = ledger::Kind::object_corrupt;
    EXPECT_EQ(both.catalog->ledger_entries(filter).value().size(), 1U);
  }
}

/// What becomes of a record that lies there whole when it is acknowledged, until somebody reads it.
struct Fate {
  const char* name;
  std::function<void(Both&, const NewObject&)> strike;
  bool rotten;  ///< says something of the record, not of the disk
};

void flip_byte(const Both& both, const NewObject& object, std::uint64_t at) {
  const auto file = both.folder() / segment_file_name(object.location.segment);
  Bytes bytes = test::file_bytes(file);
  bytes[static_cast<std::size_t>(object.location.offset + at)] ^= 1U;
  test::write_file(file, bytes);
}

const Fate kFates[] = {
    {"nothing", [](Both&, const NewObject&) {}, false},
    {"a byte of the frame", [](Both& b, const NewObject& o) { flip_byte(b, o, 3); }, true},
    {"a byte of the head", [](Both& b, const NewObject& o) { flip_byte(b, o, 90); }, true},
    {"a byte of the data", [](Both& b, const NewObject& o) { flip_byte(b, o, 100'000); }, true},
    {"a byte of the mark",
     [](Both& b, const NewObject& o) { flip_byte(b, o, o.location.record_bytes - 1); }, true},
    {"a tail that is gone",
     [](Both& b, const NewObject& o) {
       const auto file = b.folder() / segment_file_name(o.location.segment);
       std::filesystem::resize_file(file, o.location.offset + o.location.record_bytes / 2);
     },
     true},
    {"a disk that does not read", [](Both& b, const NewObject&) { b.files.fail_reads(true); }, false},
    {"a file that does not open",
     [](Both& b, const NewObject& o) {
       b.files.fail_opens_of(b.folder() / segment_file_name(o.location.segment),
                             ErrorKind::unavailable);
     },
     false},
    {"a file that is not there",
     [](Both& b, const NewObject& o) {
       std::filesystem::remove(b.folder() / segment_file_name(o.location.segment));
     },
     false},
};

TEST(SpoolAndCatalog, WhatIsFoundRottenIsCorruptAndTheSameBytesAreTakenAgain) {
  for (const Fate& fate : kFates) {
    Both both;
    const NewObject object = both.take_object(1, data_of(1, 200'000));
    both.catalog->flush().value();
    fate.strike(both, object);
    for (int reader = 0; reader < 2; ++reader) (void)both.read_object(1).ok();
    LedgerFilter filter;
    filter.kind = ledger::Kind::object_corrupt;
    EXPECT_EQ(both.catalog.state(ObjectId{1}) == ObjectState::corrupt, fate.rotten) << fate.name;
    EXPECT_EQ(both.catalog->ledger_entries(filter).value().size(), fate.rotten ? 1U : 0U)
        << fate.name;

    both.files.fail_reads(false);
    NewObject again = both.store_object(2, data_of(1, 200'000));
    again.head.sop_instance = object.head.sop_instance;
    both.catalog->record_object(again, kPolicy).value();
    both.catalog->flush().value();
    EXPECT_EQ(both.catalog.state(ObjectId{2}), fate.rotten ? ObjectState::live : ObjectState::superseded)
        << fate.name;
  }
}

TEST(SpoolAndCatalog, RecoveryDoesNotLetOlderBytesWin) {
  Both both;
  const auto store_bytes = [&both](std::uint64_t id) {
    ObjectHead head = head_of(id);
    head.sop_instance = Uid{"2.25.1"};
    auto writer = both.spool->open_writer(head).value();
    writer.append(data_of(id, 1000)).value();
    return writer.commit(facts_of()).value();
  };
  store_bytes(1);  // acknowledged, but its row never came
  both.catalog->record_object(store_bytes(2), kPolicy).value();
  both.catalog->flush().value();
  EXPECT_EQ(both.restart().recorded, 1U);
  EXPECT_EQ(both.catalog.state(ObjectId{1}), ObjectState::superseded);
  EXPECT_EQ(both.catalog.state(ObjectId{2}), ObjectState::live);
}

TEST(SpoolAndCatalog, ARowThatNamesAnotherOnesRecordDoesNotCostThatOne) {
  Both both;
  const NewObject one = both.take_object(1, data_of(1, 1000));
  both.catalog->flush().value();
  const auto opened = both.spool->open_object(one.location, ObjectId{7});
  EXPECT_EQ(slug(opened), "spool.record-misplaced");
  EXPECT_EQ(both.catalog.state(ObjectId{1}), ObjectState::live);
}

TEST(SpoolAndCatalog, AnotherCatalogDoesNotOpenTheSpool) {
  Both both;
  both.take_object(1, data_of(1, 100));
  CatalogRoom another;
  const auto opened =
      Spool::open(both.files, *another, another.clock(), both.folder(), both.limits);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().slug, "spool.catalog-missing");
}

}  // namespace
}  // namespace veilroute::store

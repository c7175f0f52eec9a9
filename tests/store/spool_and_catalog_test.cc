// The spool on the catalog it runs with: what one writes the other finds, over restarts.
#include <algorithm>

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
  std::unique_ptr<Files> files = real_files();
  SpoolLimits limits{1U << 20U, std::chrono::minutes(10), 0};
  std::unique_ptr<Spool> spool;

  Both() {
    // The room's own segment took the first id without asking for it.
    catalog->reserve_ids(1).value();
    open();
  }
  void open() { spool = Spool::open(*files, *catalog, catalog.clock(), folder(), limits).value(); }
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

TEST(SpoolAndCatalog, AnotherCatalogDoesNotOpenTheSpool) {
  Both both;
  both.take_object(1, data_of(1, 100));
  CatalogRoom another;
  const auto opened =
      Spool::open(*both.files, *another, another.clock(), both.folder(), both.limits);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().slug, "spool.catalog-missing");
}

}  // namespace
}  // namespace veilroute::store

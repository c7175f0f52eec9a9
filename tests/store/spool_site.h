// A spool in a folder of its own, with faults on call: what the spool's tests start from.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/store/segment_format.h"
#include "core/store/spool.h"
#include "tests/support/faulty_files.h"
#include "tests/support/manual_clock.h"
#include "tests/support/memory_catalog.h"
#include "tests/support/temporary_folder.h"

namespace veilroute::test {

/// Bytes that differ in every place and do not repeat from object to object.
inline Bytes data_of(std::uint64_t seed, std::size_t size) {
  std::mt19937_64 random(seed);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

inline store::ObjectHead head_of(std::uint64_t id) {
  store::ObjectHead head;
  head.id = ObjectId{id};
  head.received_at = from_micros(1'700'000'000'000'000 + static_cast<std::int64_t>(id));
  head.source = SourceName{"phantom-source"};
  head.listener = ListenerName{"ward"};
  head.association = AssociationId{7};
  head.calling_ae = AeTitle{"CANARY_CALLING"};
  head.called_ae = AeTitle{"CANARY_CALLED"};
  head.transfer_syntax = Uid{"1.2.840.10008.1.2.1"};
  head.sop_class = Uid{"1.2.840.10008.5.1.4.1.1.7"};
  head.sop_instance = Uid{"2.25.424242." + std::to_string(id)};
  return head;
}

inline store::ObjectFacts facts_of() {
  store::ObjectFacts facts;
  facts.study = Uid{"2.25.4711"};
  facts.series = Uid{"2.25.4712"};
  facts.patient_id = Phi<std::string>("CANARY-PATIENT");
  facts.issuer = Phi<std::string>("CANARY-ISSUER");
  return facts;
}

inline Bytes read_all(ByteSource& source, std::size_t piece = 100'000) {
  Bytes all(static_cast<std::size_t>(source.size_bytes()));
  for (std::size_t at = 0; at < all.size(); at += piece) {
    const auto part = std::span(all).subspan(at, std::min(piece, all.size() - at));
    const auto got = source.read_at(at, part);
    EXPECT_TRUE(got.ok()) << got.error().text();
    if (!got.ok()) return {};
  }
  return all;
}

struct SpoolSite {
  TemporaryFolder folder;
  std::unique_ptr<Files> real = real_files();
  FaultyFiles files{*real};
  MemoryCatalog catalog;
  ManualClock clock{from_micros(1'700'000'000'000'000)};
  store::SpoolLimits limits{1U << 20U, std::chrono::minutes(10), 0};
  std::unique_ptr<store::Spool> spool;
  store::CompletionPolicy policy{std::chrono::seconds(30), std::chrono::minutes(15)};

  SpoolSite() { open(); }
  [[nodiscard]] std::filesystem::path path() const { return folder.path() / "spool"; }
  void open() {
    spool.reset();
    auto opened = store::Spool::open(files, catalog, clock, path(), limits);
    ASSERT_TRUE(opened.ok()) << opened.error().text();
    spool = std::move(opened).value();
  }
  /// Ends this run without a word, starts the next, and recovers.
  store::RecoveryReport restart() {
    catalog.crash();
    open();
    const auto report = spool->recover(policy);
    EXPECT_TRUE(report.ok()) << report.error().text();
    EXPECT_TRUE(catalog.flush().ok());
    return report.ok() ? *report : store::RecoveryReport{};
  }
  /// One object in pieces, up to its acknowledgement.
  Result<store::NewObject> store_object(std::uint64_t id, ByteView data, std::size_t piece = 7777) {
    VR_TRY(store::SpoolWriter writer, spool->open_writer(head_of(id)));
    while (!data.empty()) {
      const ByteView some = data.first(std::min(piece, data.size()));
      VR_TRY(writer.append(some));
      data = data.subspan(some.size());
    }
    return writer.commit(facts_of());
  }
  /// The same, and its row, as scp::Intake does.
  Result<store::NewObject> take_object(std::uint64_t id, ByteView data) {
    VR_TRY(store::NewObject object, store_object(id, data));
    VR_TRY(catalog.record_object(object, policy));
    return object;
  }
  Result<Bytes> read_object(const store::NewObject& object) {
    VR_TRY(const auto source, spool->open_object(object.location, object.head.id));
    Bytes all(static_cast<std::size_t>(source->size_bytes()));
    VR_TRY(source->read_at(0, all));
    return all;
  }
  [[nodiscard]] std::filesystem::path file_of(SegmentId segment) const {
    return path() / store::segment_file_name(segment);
  }
  [[nodiscard]] std::vector<std::string> file_names() const { return real->list(path()).value(); }
};

inline Bytes file_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::filesystem::path& path, ByteView bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

}  // namespace veilroute::test

#include "core/dicom/sample_mask.h"

#include <gtest/gtest.h>

#include "core/dicom/manifest.h"

namespace veilroute::dicom {
namespace {

TEST(SampleMask, KeepsStoredBitsAndTheirSign) {
  struct {
    SampleMask mask;
    Bytes before;
    Bytes after;
  } const kCases[] = {
      {{}, {0xFF, 0xFF}, {0xFF, 0xFF}},
      {{2, 12, 11, false, false}, {0x34, 0xF2, 0xFF, 0x0F}, {0x34, 0x02, 0xFF, 0x0F}},
      {{2, 12, 11, true, false}, {0x34, 0x72, 0x00, 0x08}, {0x34, 0x02, 0x00, 0xF8}},
      {{2, 12, 11, true, true}, {0x72, 0x34, 0x08, 0x00}, {0x02, 0x34, 0xF8, 0x00}},
      {{2, 12, 15, false, false}, {0x3F, 0xF2}, {0x30, 0xF2}},
      {{2, 16, 15, true, false}, {0x34, 0xF2}, {0x34, 0xF2}},
      {{1, 7, 6, false, false}, {0xFF, 0x81}, {0x7F, 0x01}},
      {{1, 7, 6, true, false}, {0x41, 0x81}, {0xC1, 0x01}},
      {{2, 8, 7, false, false}, {0xFF, 0xFF, 0xAA}, {0xFF, 0x00, 0xAA}},
  };
  for (const auto& one : kCases) {
    Bytes samples = one.before;
    one.mask.apply(samples);
    EXPECT_EQ(samples, one.after);
  }
}

TEST(SampleMask, IsStoredAsOneNumber) {
  for (const SampleMask mask :
       {SampleMask{2, 12, 11, false, false}, SampleMask{2, 12, 15, true, true},
        SampleMask{1, 8, 7, true, false}}) {
    EXPECT_NE(mask.packed(), 0U);
    EXPECT_EQ(SampleMask::unpacked(mask.packed()), mask);
  }
  for (const std::uint32_t nonsense : {0U, 0x03U, 0x000C02U, 0x0B0002U, 0x100C02U, 0x0B0D02U}) {
    EXPECT_TRUE(SampleMask::unpacked(nonsense).is_none()) << nonsense;
  }
}

OutboxRecord masked_record() {
  OutboxRecord record;
  record.pieces = {{true, 0, 3}, {false, 2, 6, {2, 12, 11, false, false}}, {true, 3, 1}};
  return record;
}

TEST(SampleMask, HoldsWhereverARecordIsRead) {
  const OutboxRecord record = masked_record();
  MemorySource own(as_bytes("ABCD"));
  const Bytes object{9, 9, 0x01, 0xF2, 0x03, 0xF4, 0x05, 0xF6, 9};
  const Bytes whole{'A', 'B', 'C', 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 'D'};
  MemorySource source(object);
  RecordSource bytes(record, own, source);
  ASSERT_EQ(bytes.size_bytes(), whole.size());
  for (std::size_t begin = 0; begin <= whole.size(); ++begin) {
    for (std::size_t size = 0; begin + size <= whole.size(); ++size) {
      Bytes out(size);
      ASSERT_TRUE(bytes.read_at(begin, out).ok());
      EXPECT_TRUE(
          std::equal(out.begin(), out.end(), whole.begin() + static_cast<std::ptrdiff_t>(begin)));
    }
  }
}

TEST(SampleMask, RefusesHalfSamples) {
  OutboxRecord record;
  record.pieces = {{false, 0, 3, {2, 12, 11, false, false}}};
  const Bytes object{1, 2, 3, 4};
  MemorySource own({}), source(object);
  RecordSource bytes(record, own, source);
  Bytes out(3);
  EXPECT_FALSE(bytes.read_at(0, out).ok());
}

TEST(SampleMask, StandsInTheManifest) {
  Manifest manifest;
  manifest.records = {masked_record()};
  const auto decoded = decode_manifest(encode(manifest));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->records, manifest.records);
  Manifest bare = manifest;
  bare.records[0].pieces[1].mask = {};
  EXPECT_NE(digest_of(bare), digest_of(manifest));
  // A kind, or a mask, that nobody writes.
  Bytes bytes = encode(manifest);
  const std::size_t mask_at = bytes.size() - 17 - 4;
  bytes[mask_at + 3] = 0x80;
  EXPECT_FALSE(decode_manifest(bytes).ok());
  bytes = encode(manifest);
  bytes[mask_at - 17] = 3;
  EXPECT_FALSE(decode_manifest(bytes).ok());
}

}  // namespace
}  // namespace veilroute::dicom

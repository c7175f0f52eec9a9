#include "core/dicom/manifest.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/crypto.h"

namespace veilroute::dicom {
namespace {

Manifest sample() {
  OutboxRecord record;
  record.object = ObjectId{7};
  record.source_digest = crypto::sha256(as_bytes("source"));
  record.sop_class = Uid{"1.2"};
  record.sop_instance = Uid{"2.25.1"};
  record.transfer_syntax = Uid{"1.2.840.10008.1.2.1"};
  record.pieces = {{true, 0, 4}, {false, 10, 3}, {true, 4, 0}, {true, 4, 2}};
  record.own_digest = crypto::sha256(as_bytes("ABCDEF"));
  OutboxRecord empty;
  empty.object = ObjectId{8};
  return {TransferId{41}, ProfileVersion{"abc"}, {record, empty}};
}

TEST(Manifest, ComesBackFromItsBytes) {
  const Manifest manifest = sample();
  const Bytes bytes = encode(manifest);
  EXPECT_EQ(bytes, encode(manifest));
  const auto again = decode_manifest(bytes);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->transfer, manifest.transfer);
  EXPECT_EQ(again->profile_version, manifest.profile_version);
  EXPECT_EQ(again->records, manifest.records);
  EXPECT_EQ(digest_of(*again), digest_of(manifest));
}

TEST(Manifest, RefusesBytesThatAreShortLongOrNotCanonical) {
  const Bytes bytes = encode(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_manifest(ByteView(bytes).first(size)).ok()) << size;
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode_manifest(longer).ok());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= 0x10U;
    const auto again = decode_manifest(changed);
    if (again.ok()) {
      EXPECT_NE(digest_of(*again), digest_of(sample())) << i;
    }
  }
}

TEST(Manifest, ItsDigestNamesEveryField) {
  const Digest before = digest_of(sample());
  std::vector<Manifest> changed(9, sample());
  changed[0].transfer.value = 42;
  changed[1].profile_version.value = "abd";
  changed[2].records[0].object.value = 9;
  changed[3].records[0].source_digest[31] ^= 1U;
  changed[4].records[0].sop_instance.value = "2.25.2";
  changed[5].records[0].pieces[1].offset = 11;
  changed[6].records[0].pieces[1].own = true;
  changed[7].records[0].own_digest[0] ^= 1U;
  changed[8].records.pop_back();
  for (const Manifest& manifest : changed) EXPECT_NE(digest_of(manifest), before);
}

TEST(RecordSource, ReadsAcrossPiecesFromAnyPlace) {
  const OutboxRecord record = sample().records[0];
  MemorySource own(as_bytes("ABCDEF"));
  MemorySource object(as_bytes("0123456789abcdef"));
  RecordSource source(record, own, object);
  const std::string whole = "ABCDabcEF";
  ASSERT_EQ(source.size_bytes(), whole.size());
  EXPECT_EQ(record.length_bytes(), whole.size());
  for (std::size_t begin = 0; begin <= whole.size(); ++begin) {
    for (std::size_t size = 0; begin + size <= whole.size(); ++size) {
      Bytes out(size);
      ASSERT_TRUE(source.read_at(begin, out).ok());
      EXPECT_EQ(as_text(out), whole.substr(begin, size));
    }
  }
  Bytes out(2);
  EXPECT_FALSE(source.read_at(8, out).ok());
  EXPECT_FALSE(source.read_at(UINT64_MAX, out).ok());
}

TEST(RecordSource, PassesOnTheFailureOfWhatItReads) {
  OutboxRecord record;
  record.pieces = {{true, 0, 100}};
  MemorySource own(as_bytes("short"));
  MemorySource object(as_bytes(""));
  RecordSource source(record, own, object);
  Bytes out(50);
  EXPECT_FALSE(source.read_at(0, out).ok());
}

}  // namespace
}  // namespace veilroute::dicom

// The bytes of a record: what a change of any of them does, and that the format stays what it is.
#include "core/store/segment_format.h"

#include <gtest/gtest.h>

#include "core/store/sealed_chunks.h"
#include "tests/store/spool_site.h"

namespace veilroute::store {
namespace {

using test::facts_of;
using test::head_of;

Frame frame_of(const Secret& segment_key, const Secret& key) {
  Frame frame;
  frame.segment = SegmentId{0x0102030405060708};
  frame.number = 9;
  frame.wrapped_key = *crypto::wrap_key(segment_key, key);
  frame.prefix = {1, 2, 3, 4, 5, 6, 7};
  frame.head_bytes = 300;
  return frame;
}

TEST(SegmentFormat, AFrameHasEightyBytesInThisOrder) {
  Frame frame;
  frame.segment = SegmentId{0x0102030405060708};
  frame.number = 9;
  frame.wrapped_key.assign(crypto::kWrappedKeyBytes, 0xEE);
  frame.prefix = {1, 2, 3, 4, 5, 6, 7};
  frame.head_bytes = 0x00ABCDEF;
  const Bytes bytes = encode(frame);
  EXPECT_EQ(bytes.size(), kFrameBytes);
  EXPECT_EQ(to_hex(bytes),
            "8956524f424a0d0a"
            "01000000"
            "0807060504030201"
            "0900000000000000" +
                to_hex(frame.wrapped_key) +
                "01020304050607"
                "00"
                "efcdab00");
}

TEST(SegmentFormat, AFrameReadsBackAsWritten) {
  const Secret segment_key = crypto::random_key();
  const Secret key = crypto::random_key();
  const Frame frame = frame_of(segment_key, key);
  const auto read = decode_frame(encode(frame));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->version, kSegmentVersion);
  EXPECT_EQ(read->segment, frame.segment);
  EXPECT_EQ(read->number, 9U);
  EXPECT_EQ(read->prefix, frame.prefix);
  EXPECT_EQ(read->head_bytes, 300U);
  EXPECT_EQ(crypto::unwrap_key(segment_key, read->wrapped_key)->view().size(),
            crypto::kKeyBytes);
  EXPECT_FALSE(decode_frame(ByteView(encode(frame)).first(kFrameBytes - 1)).has_value());
  Bytes changed = encode(frame);
  changed[3] ^= 1U;
  EXPECT_FALSE(decode_frame(changed).has_value());
}

TEST(SegmentFormat, EveryByteOfTheFrameIsBoundToTheHead) {
  const Secret segment_key = crypto::random_key();
  const Secret key = crypto::random_key();
  const Frame frame = frame_of(segment_key, key);
  const RecordKeys keys(key);
  const Bytes sealed = *keys.seal_head(frame, head_of(1));
  EXPECT_EQ(sealed.size(), sealed_head_bytes(head_of(1)));
  EXPECT_EQ(keys.open_head(frame, sealed)->id, ObjectId{1});
  for (std::size_t at = 8; at < kFrameBytes; ++at) {
    Bytes changed = encode(frame);
    changed[at] ^= 1U;
    const auto read = decode_frame(changed);
    ASSERT_TRUE(read.has_value());
    EXPECT_FALSE(keys.open_head(*read, sealed).ok()) << at;
  }
}

TEST(SegmentFormat, EveryByteOfAMarkCounts) {
  const Secret segment_key = crypto::random_key();
  const Secret key = crypto::random_key();
  const Frame frame = frame_of(segment_key, key);
  const RecordKeys keys(key);
  Mark mark{frame.segment, frame.number, 1000, frame.head_bytes, 77, 0};
  mark.record_bytes =
      kFrameBytes + 300 + sealed_bytes_of(1000) + kTrailerLengthBytes + 77 + kMarkBytes;
  const Bytes bytes = keys.seal_mark(frame, mark);
  ASSERT_EQ(bytes.size(), kMarkBytes);
  const auto read = keys.open_mark(frame, bytes);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->plain_bytes, 1000U);
  for (std::size_t at = 0; at < kMarkBytes; ++at) {
    Bytes changed = bytes;
    changed[at] ^= 1U;
    EXPECT_FALSE(keys.open_mark(frame, changed).ok()) << at;
    EXPECT_TRUE(resembles_mark(changed, frame.segment)) << at << ": one byte does not hide a mark";
  }
  EXPECT_FALSE(keys.open_mark(frame, ByteView(bytes).first(kMarkBytes - 1)).ok());
  EXPECT_FALSE(RecordKeys(crypto::random_key()).open_mark(frame, bytes).ok());
  EXPECT_FALSE(resembles_mark(Bytes(kMarkBytes, 0), frame.segment));
}

TEST(SegmentFormat, AMarkWithLengthsThatDoNotAddUpIsNone) {
  const Secret segment_key = crypto::random_key();
  const Secret key = crypto::random_key();
  const Frame frame = frame_of(segment_key, key);
  const RecordKeys keys(key);
  const Mark mark{frame.segment, frame.number, 1000, frame.head_bytes, 77, 12345};
  EXPECT_FALSE(keys.open_mark(frame, keys.seal_mark(frame, mark)).ok());
}

TEST(SegmentFormat, APartMovedToAnotherPlaceDoesNotOpen) {
  const Secret segment_key = crypto::random_key();
  const Secret key = crypto::random_key();
  const RecordKeys keys(key);
  const Frame frame = frame_of(segment_key, key);
  Frame next = frame;
  ++next.number;
  Frame elsewhere = frame;
  ++elsewhere.segment.value;
  const Bytes trailer = *keys.seal_trailer(frame, ObjectId{1}, facts_of());
  EXPECT_TRUE(keys.open_trailer(frame, ObjectId{1}, trailer).ok());
  EXPECT_FALSE(keys.open_trailer(frame, ObjectId{2}, trailer).ok());
  EXPECT_FALSE(keys.open_trailer(next, ObjectId{1}, trailer).ok());
  EXPECT_FALSE(keys.open_trailer(elsewhere, ObjectId{1}, trailer).ok());

  Bytes chunk, plain;
  ASSERT_TRUE(
      keys.chunks(frame, ObjectId{1}).seal_chunk(0, true, test::data_of(1, 50), chunk).ok());
  EXPECT_TRUE(keys.chunks(frame, ObjectId{1}).open_chunk(0, true, chunk, plain).ok());
  EXPECT_FALSE(keys.chunks(frame, ObjectId{2}).open_chunk(0, true, chunk, plain).ok());
  EXPECT_FALSE(keys.chunks(next, ObjectId{1}).open_chunk(0, true, chunk, plain).ok());
  EXPECT_FALSE(keys.chunks(frame, ObjectId{1}).open_chunk(1, true, chunk, plain).ok());
  EXPECT_FALSE(keys.chunks(frame, ObjectId{1}).open_chunk(0, false, chunk, plain).ok());
}

TEST(SegmentFormat, ChunkHeadersOfImpossibleLengthAreNone) {
  struct Case {
    const char* bytes;
    bool possible;
  };
  for (const Case& one : {Case{"00000100", true}, Case{"00000180", true}, Case{"00000080", true},
                          Case{"01000080", true}, Case{"01000100", false}, Case{"01000180", false},
                          Case{"00000000", false}, Case{"ffff0000", false}, Case{"ffffffff", false},
                          Case{"000001", false}}) {
    EXPECT_EQ(decode_chunk_header(*from_hex(one.bytes)).has_value(), one.possible) << one.bytes;
  }
}

TEST(SegmentFormat, SealedLengthsAreThoseOfTheSealer) {
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 131072, 131073, 400'000}) {
    ChunkSealer sealer(crypto::StreamCipher(crypto::random_key(), {}, {}));
    Bytes out;
    ASSERT_TRUE(sealer.add(test::data_of(1, size), out).ok());
    ASSERT_TRUE(sealer.finish(out).ok());
    EXPECT_EQ(out.size(), sealed_bytes_of(size));
  }
  EXPECT_EQ(sealed_bytes_of(1ULL << 40U), (1ULL << 40U) + (20ULL << 24U)) << "over 4 GB too";
}

TEST(SegmentFormat, FileNamesAreTheIdAndNothingElse) {
  EXPECT_EQ(segment_file_name(SegmentId{41}), "0000000000000029.seg");
  EXPECT_EQ(segment_of_file_name("0000000000000029.seg"), SegmentId{41});
  EXPECT_EQ(segment_of_file_name(segment_file_name(SegmentId{UINT64_MAX})), SegmentId{UINT64_MAX});
  for (const char* name : {"", "29.seg", "000000000000002A.seg", "0000000000000029.out",
                           "000000000000002g.seg", "00000000000000290.seg"}) {
    EXPECT_FALSE(segment_of_file_name(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace veilroute::store

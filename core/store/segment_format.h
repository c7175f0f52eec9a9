// The bytes of a record in a segment (decisions 3):
//
//   clear frame  ‖ sealed head ‖ chunks (sealed_chunks.h) ‖ {length} sealed trailer ‖ commit mark
//
//   frame, 80 bytes: magic 8 · version 4 · segment 8 · number 8 · wrapped object key 40 · nonce
//     prefix 7 · flags 1 · sealed head's length 4
//   mark, 80 bytes: magic 8 · segment 8 · number 8 · plain bytes 8 · sealed head's and trailer's
//     length 4 + 4 · record bytes 8 · HMAC 32 over the frame and all of these
//
// Numbers are little-endian. Everything about an object is under its own key: head, chunks, trailer
// and mark each under a key derived from it. No length is trusted before the seal or the HMAC that
// covers it agrees; a record number is never used twice in a segment, even if its record is cut
// off.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/base/crypto.h"
#include "core/base/ids.h"
#include "core/store/object.h"

namespace veilroute::store {

inline constexpr std::uint32_t kSegmentVersion = 1;
inline constexpr std::size_t kFrameBytes = 80;
inline constexpr std::size_t kMarkBytes = 80;
inline constexpr std::size_t kTrailerLengthBytes = 4;
/// Limits on what a reader takes into memory at once, beside one chunk.
inline constexpr std::uint32_t kLongestHead = 64U << 10U;
inline constexpr std::uint32_t kLongestTrailer = 64U << 20U;
inline constexpr std::uint64_t kShortestRecord =
    kFrameBytes + kTrailerLengthBytes + kMarkBytes;  // and more; enough to stop a scan

struct Frame {
  std::uint32_t version = kSegmentVersion;
  SegmentId segment;
  std::uint64_t number = 0;
  Bytes wrapped_key;  ///< kWrappedKeyBytes, under the segment key
  crypto::StreamCipher::Prefix prefix{};
  std::uint8_t flags = 0;  ///< none yet: room for a later program
  std::uint32_t head_bytes = 0;
};

Bytes encode(const Frame& frame);
/// Empty unless the magic is there. The version is not judged here: whoever finds a frame of a
/// later program must not take it for rubbish.
std::optional<Frame> decode_frame(ByteView bytes);
/// The eight bytes a frame begins with.
ByteView frame_magic();

struct Mark {
  SegmentId segment;
  std::uint64_t number = 0;
  std::uint64_t plain_bytes = 0;
  std::uint32_t head_bytes = 0;
  std::uint32_t trailer_bytes = 0;
  std::uint64_t record_bytes = 0;
};

/// True when these bytes, though perhaps damaged, were once a commit mark of this segment: then the
/// record before them was written to its end, and is not the torn tail of a power cut.
bool resembles_mark(ByteView bytes, SegmentId segment);

/// What seals and opens the parts of one record. One thread.
class RecordKeys {
 public:
  explicit RecordKeys(const Secret& object_key);

  [[nodiscard]] Result<Bytes> seal_head(const Frame& frame, const ObjectHead& head) const;
  /// `corrupt` also when the frame is not the one it was sealed with.
  [[nodiscard]] Result<ObjectHead> open_head(const Frame& frame, ByteView sealed) const;

  [[nodiscard]] crypto::StreamCipher chunks(const Frame& frame, ObjectId id) const;

  [[nodiscard]] Result<Bytes> seal_trailer(const Frame& frame, ObjectId id,
                                           const ObjectFacts& facts) const;
  [[nodiscard]] Result<ObjectFacts> open_trailer(const Frame& frame, ObjectId id,
                                                 ByteView sealed) const;

  [[nodiscard]] Bytes seal_mark(const Frame& frame, const Mark& mark) const;
  [[nodiscard]] Result<Mark> open_mark(const Frame& frame, ByteView bytes) const;

 private:
  Secret head_, chunks_, trailer_, mark_;
};

/// How long encode(head) is once sealed: needed in the frame, to which the seal is bound.
std::uint32_t sealed_head_bytes(const ObjectHead& head);

/// "0000000000000029.seg": of the id alone.
std::string segment_file_name(SegmentId id);
/// Empty for any other name.
std::optional<SegmentId> segment_of_file_name(const std::string& name);
/// 16 hexadecimal digits, as in all our file names.
std::string file_stem(std::uint64_t id);

}  // namespace veilroute::store

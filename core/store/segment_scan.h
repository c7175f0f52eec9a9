// Reads a segment forward and says what stands in it: recovery's eyes (decisions 3). Trusts no
// length before its seal agrees, keeps at most one chunk, one head and one trailer in memory, and
// goes on behind a record that is broken.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/store/object.h"
#include "core/store/sealed_chunks.h"
#include "core/store/segment_format.h"

namespace veilroute::store {

struct Stretch {
  enum class Kind : std::uint8_t {
    known,    ///< has its row; frame, chunk lengths and commit mark agree, the data were not opened
    whole,    ///< has no row; every seal was opened and the digest agrees
    damaged,  ///< has no row; head and trailer say what it was, but data or mark do not agree
    lost,     ///< bytes of at least one finished record that nothing can be read from
    torn,     ///< at the end of the file: a record that was never finished
  };
  Kind kind = Kind::torn;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::optional<NewObject> object{};  ///< of whole and damaged records
  /// A frame here was written by a later program: nothing of the segment may be given up.
  bool later_version = false;
};

/// One thread.
class SegmentScan {
 public:
  struct Keys {
    const Secret& segment;
    const Secret& spool;  ///< wraps the object keys anew, for the rows
  };
  /// `recorded`: offsets that have rows, ascending. All arguments outlive the scan.
  SegmentScan(ByteSource& bytes, SegmentId id, const Keys& keys,
              const std::vector<std::uint64_t>& recorded);
  /// The next stretch; empty at the end. An error only when the file could not be read.
  Result<std::optional<Stretch>> next();

 private:
  struct Walk;
  /// A frame of this segment with a key that opens and a number not met yet.
  struct OpenFrame {
    Frame frame;
    Secret key;
  };
  Result<std::optional<OpenFrame>> frame_at(std::uint64_t offset);
  Result<std::optional<Stretch>> record_at(std::uint64_t offset);
  Result<std::optional<Stretch>> known_record(std::uint64_t offset, const OpenFrame& opened);
  Result<std::optional<Stretch>> new_record(std::uint64_t offset, const OpenFrame& opened);
  Result<bool> walk_chunks(Walk& walk);
  Result<bool> open_chunk(Walk& walk, std::uint32_t counter, const ChunkHeader& header);
  Result<Stretch> broken_from(std::uint64_t offset);
  Result<std::optional<std::uint64_t>> next_frame_after(std::uint64_t offset);
  Result<Bytes> read(std::uint64_t offset, std::size_t size);
  [[nodiscard]] bool holds(std::uint64_t offset, std::uint64_t size) const {
    return offset <= size_ && size <= size_ - offset;
  }

  ByteSource& bytes_;
  const SegmentId id_;
  const Keys keys_;
  const std::vector<std::uint64_t>& recorded_;
  const std::uint64_t size_;
  std::uint64_t offset_ = 0;
  std::uint64_t next_number_ = 0;
  bool later_version_ = false;
  Bytes sealed_, plain_;
};

}  // namespace veilroute::store

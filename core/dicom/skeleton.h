// A record as the second reader gets it: own bytes as they are, and zeros in place of the source's
// large values, without holding them.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "core/base/bytes.h"
#include "core/dicom/dataset.h"

namespace veilroute::dicom {

/// Bytes that are partly in memory and partly nothing but zeros. Does not own what it refers to.
class Skeleton {
 public:
  /// `invalid`, "second-reader.broken-range", when a piece is not within `own`, or a source piece
  /// is not within one of `source_large`.
  static Result<Skeleton> build(const std::vector<Piece>& pieces, ByteView own,
                                const std::vector<LargeValue>& source_large, bool big_endian);
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  /// Copies what stands at `offset`, which is within the size.
  void copy(std::uint64_t offset, std::span<std::uint8_t> out) const;
  /// All bytes in order, in views of any length.
  void for_each(const std::function<void(ByteView)>& take) const;

 private:
  struct Part {
    std::uint64_t begin = 0;
    std::uint64_t length = 0;
    bool zeros = false;
    ByteView bytes;  ///< unless zeros
  };
  void add(ByteView bytes);
  void add_zeros(std::uint64_t length);
  bool add_fragments(std::uint64_t length, bool big_endian);

  std::vector<Part> parts_;
  std::deque<Bytes> made_;  ///< headers of stand-in fragments
  std::uint64_t size_bytes_ = 0;
};

}  // namespace veilroute::dicom

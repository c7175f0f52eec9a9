// The content of the items of encapsulated Pixel Data (PS3.5 A.4), asked for byte by byte or run by
// run.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/bytes.h"

namespace veilroute::dicom {

/// What is asked for goes on from item to item. A failure is kept; there is then nothing more.
/// Little endian, as all that is encapsulated. One thread.
class ItemStream {
 public:
  static constexpr int kNothing = -1;

  /// From the first item's tag to the end of the delimitation item.
  ItemStream(ByteSource& source, std::uint64_t begin, std::uint64_t end)
      : source_(source), at_(begin), end_(end) {}

  /// Leaves the item at hand; false at the end of all.
  bool next_item();
  /// The next byte; kNothing at the end.
  int get();
  /// So many bytes; less at the end.
  Bytes take(std::uint64_t count);
  /// Shows so many bytes in parts; false when they end too early.
  template <typename See>
  bool pass(std::uint64_t count, See see) {
    while (count > 0) {
      const ByteView all = window();
      if (all.empty()) return false;
      const ByteView some =
          all.first(static_cast<std::size_t>(std::min<std::uint64_t>(count, all.size())));
      count -= some.size();
      see(some);
      advance(some.size());
    }
    return true;
  }
  /// What is at hand, in memory; empty at the end.
  ByteView window();
  /// Not beyond the window.
  void advance(std::uint64_t count);

  [[nodiscard]] std::uint64_t item_left() const { return item_left_; }
  /// Of the header of the item at hand.
  [[nodiscard]] std::uint64_t item_begin() const { return item_begin_; }
  /// Content bytes behind us, without those that were left.
  [[nodiscard]] std::uint64_t passed() const { return passed_; }
  [[nodiscard]] bool failed() const { return error_.has_value(); }
  /// Why there is nothing more.
  [[nodiscard]] Error error() const;

 private:
  bool fail(Error error);

  ByteSource& source_;
  std::uint64_t at_;
  std::uint64_t end_;
  std::uint64_t item_begin_ = 0;
  std::uint64_t item_left_ = 0;
  std::uint64_t passed_ = 0;
  Bytes held_;
  std::uint64_t held_begin_ = 0;
  bool done_ = false;
  std::optional<Error> error_;
};

}  // namespace veilroute::dicom

// What to change in the fragments of encapsulated Pixel Data, so that only the picture is left of
// them (deid.md traps 50 to 52).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/bytes.h"

namespace veilroute::dicom {

/// [begin, end) goes, and up to four bytes come in its place. Offsets are over the content of all
/// fragments, one behind the other, without item headers and offset table.
struct CodestreamEdit {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::array<std::uint8_t, 4> bytes{};
  std::uint8_t count = 0;
  [[nodiscard]] ByteView inserted() const { return ByteView(bytes).first(count); }
};

/// What a walk found that can be taken out without harm to the picture. One thread.
class CodestreamEdits {
 public:
  /// 32 bytes each; an object that needs more is not edited.
  static constexpr std::size_t kMost = 1U << 20U;

  void cut(std::uint64_t begin, std::uint64_t end) { replace(begin, end, {}); }
  /// `by`: at most four bytes.
  void replace(std::uint64_t begin, std::uint64_t end, ByteView by);
  /// Something was found that no edit takes out.
  void give_up() { possible_ = false; }
  [[nodiscard]] bool possible() const { return possible_; }
  /// All edits, ascending.
  std::vector<CodestreamEdit> take() &&;

 private:
  std::vector<CodestreamEdit> edits_;
  bool possible_ = true;
};

}  // namespace veilroute::dicom

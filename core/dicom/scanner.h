// One iterative pass over tags and lengths while the bytes arrive: order, duplicates, depth, where
// Pixel Data begins and ends, and the few values that identify and route the object.
// Walk step 2. Nothing is copied but those values; nothing recurses.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/phi.h"
#include "core/dicom/codestream.h"
#include "core/dicom/dictionary.h"
#include "core/dicom/transfer_syntax.h"

namespace veilroute::dicom {

inline constexpr std::uint32_t kLargeValueBytes = 64U << 10U;
inline constexpr unsigned kDeepestNesting = 64;

/// A value that never enters a parser: Pixel Data of any length, and each value of 64 KiB or more.
/// Offsets are over the data set as received (PS3.5 7). For encapsulated Pixel Data the range runs
/// from the first item's tag to the end of the sequence delimitation item.
struct LargeValue {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  Tag tag;
  std::uint32_t fragments = 0;  ///< encapsulated Pixel Data: items, the offset table included
  Codestream codestream = Codestream::clean;  ///< of these: what stands beside the picture
  bool operator==(const LargeValue&) const = default;
};

/// Why an object cannot be used: a slug ("dataset.duplicate-tag") and where.
struct ScanProblem {
  std::string slug;
  std::uint64_t offset = 0;
  std::string path;  ///< tags only: "(0040,0275)[1].(0010,0010)"
  bool operator==(const ScanProblem&) const = default;
};

struct CapturedValue {
  Tag tag;
  Phi<std::string> raw;  ///< the bytes as sent, padding trimmed; at most 1024
};

struct ScanFacts {
  std::optional<ScanProblem> problem;  ///< the first one; the object is held as unusable
  std::uint64_t length_bytes = 0;
  std::vector<LargeValue> large;       ///< ascending; empty for deflated data sets
  std::vector<CapturedValue> captured; ///< top level only, in order of tags
  /// The trimmed value of a captured attribute; empty when absent.
  [[nodiscard]] std::string_view value(Tag tag) const;
};

/// Feed the data set's bytes in any pieces, then finish. Content never makes it fail: whatever is
/// not understood becomes ScanFacts::problem, and the rest is only counted (decisions 4). Deflated
/// data sets are inflated on the side, at most 1 GiB and 200 : 1, beyond that a problem
/// ("dataset.inflates-too-far"). Memory: a few kB, and 40 bytes a range, of which there are at most
/// 65,536. One thread.
class Scanner {
 public:
  /// `syntax` empty: unknown; read as explicit VR little endian, which nearly all are, as far as that
  /// goes, so that the object can be filed; the problem says "transfer-syntax.unknown".
  /// `capture` must be sorted; identity tags (SOP class and instance, study, series, patient ID and
  /// issuer) are captured always.
  Scanner(const std::optional<TransferSyntax>& syntax, std::vector<Tag> capture);
  ~Scanner();
  Scanner(Scanner&&) noexcept;
  void feed(ByteView bytes);
  ScanFacts finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Slugs a scan can give: dataset.truncated, dataset.duplicate-tag, dataset.out-of-order,
/// dataset.unknown-vr, dataset.length-lies, dataset.too-deep, dataset.bad-fragments,
/// dataset.stray-delimiter, dataset.command-group, dataset.inflate-failed,
/// dataset.inflates-too-far, dataset.too-many-ranges, transfer-syntax.unknown. The advice for each is in app/advice.cc.

}  // namespace veilroute::dicom

// Verify, of a copy whose compressed pixels do not go out whole: that nothing is missing of the
// picture, and nothing is left beside it. Walk step 7. Nothing that strips is asked here.
#pragma once

#include <vector>

#include "core/dicom/manifest.h"
#include "profiles/deidentify.h"
#include "profiles/verify_rules.h"

namespace veilroute::profiles {

/// A finding, verify.pieces, unless masks are on native Pixel Data alone, and as the copy's own
/// header says which bits are picture (trap 48).
std::vector<Problem> check_masks(const dicom::OutboxRecord& record,
                                 const std::vector<dicom::LargeValue>& source_large,
                                 const std::vector<Seen>& attributes);

/// The compressed pixels that the record refers to in parts; null: none. Of two, the first.
const dicom::LargeValue* range_in_parts(const dicom::OutboxRecord& record,
                                        const std::vector<dicom::LargeValue>& source_large);

/// One such copy, read as it will leave. One thread.
class StrippedCopy {
 public:
  /// Reads the copy from its first byte to its last with the scanner, as a receiver would. `pixels`
  /// is the range of the source that the pieces lie in; all of them outlive the reading. `invalid`
  /// when the copy cannot be read; the source's errors.
  static Result<StrippedCopy> read(const dicom::OutboxRecord& record, ByteView own,
                                   const dicom::LargeValue& pixels, ByteSource& source);

  /// The same copy as if its pixels were one range of the source: for a reader of headers.
  [[nodiscard]] const dicom::OutboxRecord& as_whole() const { return whole_; }
  /// That range. What the scanner found in the copy stands in it.
  [[nodiscard]] const dicom::LargeValue& range() const { return range_; }

  /// Findings: verify.picture-changed (a second reading of source and copy does not give the same
  /// frames), verify.offset-table. That nothing stands beside the picture is for range() to say.
  /// `attributes` are the copy's. An error is the source's.
  [[nodiscard]] Result<std::vector<Problem>> check(const std::vector<Seen>& attributes) const;

 private:
  StrippedCopy(const dicom::OutboxRecord& record, ByteView own, const dicom::LargeValue& pixels,
               ByteSource& source)
      : record_(&record), own_(own), pixels_(&pixels), source_(&source) {}
  void put_together();

  const dicom::OutboxRecord* record_;
  ByteView own_;
  const dicom::LargeValue* pixels_;
  ByteSource* source_;
  dicom::LargeValue written_;  ///< Pixel Data as they leave: offsets into the copy
  dicom::OutboxRecord whole_;
  dicom::LargeValue range_;
};

}  // namespace veilroute::profiles

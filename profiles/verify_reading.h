// The finished copy as DCMTK reads it, turned into what the rules of verify look at.
#pragma once

#include <memory>
#include <vector>

#include "core/dicom/manifest.h"
#include "profiles/verify_rules.h"

namespace veilroute::profiles {

/// One reading; `attributes` point into it. Movable.
class CopyReading {
 public:
  /// `invalid` when the second reader cannot read the copy to its end, or reads anything else than
  /// what the pieces say, which must be well-formed (check_pieces in verify.cc).
  static Result<CopyReading> open(const dicom::OutboxRecord& record, ByteView own,
                                  const std::vector<dicom::LargeValue>& source_large);
  CopyReading(CopyReading&&) noexcept;
  ~CopyReading();
  [[nodiscard]] const std::vector<Seen>& attributes() const { return attributes_; }

 private:
  struct Held;
  CopyReading();
  std::unique_ptr<Held> held_;
  std::vector<Seen> attributes_;
};

}  // namespace veilroute::profiles

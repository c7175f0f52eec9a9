// Data sets of spooled objects, read back: the header for conditions, the whole for preparing.
#pragma once

#include <map>

#include "core/dicom/dataset.h"
#include "core/store/spool.h"

namespace veilroute::router {

/// Reads an object's data set from the spool; large values stay there and are known as ranges.
Result<dicom::Dataset> read_object(store::Spool& spool, const store::SpooledObject& object);

/// The same, for a transfer whose objects are read twice: small ones are kept in between, up to a
/// limit of memory, the others are read again. One thread.
class SourceObjects {
 public:
  /// What the kept data sets may take together, by estimate.
  static constexpr std::uint64_t kMostKeptBytes = 64ULL << 20U;

  explicit SourceObjects(store::Spool& spool) : spool_(spool) {}
  Result<dicom::Dataset> take(const store::SpooledObject& object);
  void keep(const store::SpooledObject& object, dicom::Dataset&& dataset);

 private:
  store::Spool& spool_;
  std::map<ObjectId, dicom::Dataset> kept_;
  std::uint64_t kept_bytes_ = 0;
};

}  // namespace veilroute::router

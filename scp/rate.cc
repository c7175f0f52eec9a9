#include "scp/rate.h"

#include <utility>

namespace veilroute::scp {

bool Rate::allow(dicom::SteadyTime now) {
  if (now - window_ >= std::chrono::seconds(1)) {
    window_ = now;
    used_ = 0;
  }
  return used_++ < most_;
}

std::optional<std::uint64_t> LogRate::next(dicom::SteadyTime now) {
  if (rate_.allow(now)) return std::exchange(left_out_, 0);
  ++left_out_;
  return std::nullopt;
}

std::optional<std::uint64_t> SourceLogRate::next(const SourceName& source, dicom::SteadyTime now) {
  const Lock lock(mutex_);
  return by_source_[source].next(now);
}

}  // namespace veilroute::scp

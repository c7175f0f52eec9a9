// Which of a destination's endpoints to ask, in which order.
#pragma once

#include <cstddef>
#include <vector>

#include "core/dicom/transport.h"

namespace veilroute::router {

/// After so long without it, the preferred endpoint is asked first again.
inline constexpr std::chrono::minutes kAskPreferredAgain{5};

/// The first endpoint is preferred. Once another had to be taken, that one is asked first for a
/// while, so that each association does not wait for a dead one. One thread.
class EndpointChooser {
 public:
  explicit EndpointChooser(std::size_t count) : count_(count) {}
  /// All of them, each once: 0 is the preferred one.
  [[nodiscard]] std::vector<std::size_t> order(dicom::SteadyTime now) const;
  /// This one could not be reached.
  void failed(std::size_t endpoint, dicom::SteadyTime now);
  /// This one took the association.
  void worked(std::size_t endpoint) { current_ = endpoint; }

 private:
  std::size_t count_;
  std::size_t current_ = 0;
  dicom::SteadyTime preferred_failed_at_{};
};

}  // namespace veilroute::router

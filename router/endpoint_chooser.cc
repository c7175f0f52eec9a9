#include "router/endpoint_chooser.h"

namespace veilroute::router {

std::vector<std::size_t> EndpointChooser::order(dicom::SteadyTime now) const {
  const bool stays = current_ != 0 && now < preferred_failed_at_ + kAskPreferredAgain;
  const std::size_t first = stays ? current_ : 0;
  std::vector<std::size_t> all{first};
  for (std::size_t i = 0; i < count_; ++i) {
    if (i != first) all.push_back(i);
  }
  return all;
}

void EndpointChooser::failed(std::size_t endpoint, dicom::SteadyTime now) {
  if (endpoint == 0) preferred_failed_at_ = now;
  if (endpoint == current_) current_ = 0;
}

}  // namespace veilroute::router

// What a configuration tells of itself.
#include "config/config.h"

#include <algorithm>
#include <array>

namespace veilroute::config {

std::string_view to_string(Protocol protocol) {
  static constexpr std::array<std::string_view, 3> kWords = {"dicom", "dicom+tls", "stow"};
  return kWords.at(static_cast<std::size_t>(protocol));
}

bool is_encrypted(const Destination& destination) {
  if (destination.protocol == Protocol::stow)
    return destination.stow && destination.stow->encrypted;
  return destination.protocol == Protocol::dicom_tls;
}

const Source* Config::find(const SourceName& name) const {
  const auto found = std::find_if(sources.begin(), sources.end(),
                                  [&](const Source& one) { return one.name == name; });
  return found == sources.end() ? nullptr : &*found;
}

const Destination* Config::find(const DestinationName& name) const {
  const auto found = std::find_if(destinations.begin(), destinations.end(),
                                  [&](const Destination& one) { return one.name == name; });
  return found == destinations.end() ? nullptr : &*found;
}

const Route* Config::find(const RouteName& name) const {
  const auto found = std::find_if(routes.begin(), routes.end(),
                                  [&](const Route& one) { return one.name == name; });
  return found == routes.end() ? nullptr : &*found;
}

}  // namespace veilroute::config

// Which sender a destination needs.
#include "router/sender.h"

#include "router/dicom_sender.h"
#include "router/stow_sender.h"

namespace veilroute::router {

Result<std::unique_ptr<Sender>> make_sender(const config::Destination& destination) {
  if (destination.protocol == config::Protocol::stow) return StowSender::open(destination);
  return DicomSender::open(destination);
}

}  // namespace veilroute::router

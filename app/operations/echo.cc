// echo: asks a destination whether it is there and takes us (C-ECHO over the real connection).
#include "app/operations/operation.h"
#include "router/sender.h"

namespace veilroute::app {

Result<json> echo(const Settings& settings, const json& arguments) {
  VR_TRY(const std::string name, text_argument(arguments, "destination"));
  const auto* destination = settings.config->find(DestinationName{name});
  if (destination == nullptr) {
    return make_error(ErrorKind::invalid, "destination.unknown",
                      "there is no destination of this name; `veilroute destination list` shows all");
  }
  VR_TRY(const auto sender, router::make_sender(*destination));
  const auto began = std::chrono::steady_clock::now();
  VR_TRY(const std::string how, sender->echo());
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began);
  return json{{"destination", name}, {"connection", how}, {"elapsed_ms", took.count()}};
}

}  // namespace veilroute::app

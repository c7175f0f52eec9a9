#include "core/store/acceptance.h"

#include "core/base/crypto.h"

namespace veilroute::store {

Digest acceptance_digest(const Keyring& keyring, const AcceptedWay& way, std::string_view path,
                         std::string_view value) {
  Encoder message;
  message.text("accepted-value").text(way.route.value).text(way.destination.value);
  message.text(path).text(value);
  return crypto::hmac_sha256(keyring.index.view(), message.out());
}

std::optional<AcceptanceId> AcceptedValues::find(std::string_view path,
                                                 std::string_view value) const {
  // Most sites accept nothing: no digest is made for them.
  if (accepted_.empty()) return std::nullopt;
  const auto found = accepted_.find(acceptance_digest(*keyring_, way_, path, value));
  return found == accepted_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace veilroute::store

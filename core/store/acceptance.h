// Acceptances: a person's word that a value which verification found in a copy is harmless at its
// place, on one route (docs/adr/0021).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/keyring.h"
#include "core/base/phi.h"
#include "core/base/result.h"

namespace veilroute::store {

using AcceptanceId = Strong<struct AcceptanceIdTag, std::uint64_t>;

/// Where a value was found, and on whose word it is harmless there.
struct NewAcceptance {
  TransferId transfer;
  ObjectId object;
  std::string path;        ///< tags only, without item numbers
  Phi<std::string> value;  ///< as verification compares it; a keyed digest is all that is kept
  std::string actor;
  Phi<std::string> reason;  ///< free text; sealed
};

struct Acceptance {
  AcceptanceId id;
  RouteName route;
  DestinationName destination;  ///< the route's when it was accepted
  std::string path;
  TransferId transfer;  ///< where the value was found
  ObjectId object;
  TimePoint accepted_at;
  std::string accepted_by;
  Phi<std::string> reason;
  TimePoint revoked_at;  ///< the epoch: it holds
  std::string revoked_by;
};

/// The way that an acceptance is about: a route that leads elsewhere has none of those it had.
struct AcceptedWay {
  RouteName route;
  DestinationName destination;
};

/// Stands for a value: keyed under the site's index key, so that no word can be tried without it,
/// and bound to way and path, so that two places that hold one word do not show it.
Digest acceptance_digest(const Keyring& keyring, const AcceptedWay& way, std::string_view path,
                         std::string_view value);

/// What is accepted on one way. `keyring` outlives it. Any thread.
class AcceptedValues {
 public:
  AcceptedValues(const Keyring& keyring, AcceptedWay way, std::map<Digest, AcceptanceId> accepted)
      : keyring_(&keyring), way_(std::move(way)), accepted_(std::move(accepted)) {}
  [[nodiscard]] std::optional<AcceptanceId> find(std::string_view path,
                                                 std::string_view value) const;

 private:
  const Keyring* keyring_;
  AcceptedWay way_;
  std::map<Digest, AcceptanceId> accepted_;
};

/// The catalog's verbs for acceptances. Any thread; the tags are those of catalog.h.
class AcceptanceBook {
 public:
  virtual ~AcceptanceBook() = default;
  /// Writes it down for the transfer's route and destination, with its entry in the ledger.
  /// `refused` when the transfer is not in quarantine or this object is not
  /// ("transfer.not-in-quarantine", "object.not-quarantined"), or the same holds already
  /// ("acceptance.exists"). [durable]
  virtual Result<AcceptanceId> accept_finding(const NewAcceptance& wanted) = 0;
  /// It holds no longer. What was cleared under it and has not gone is prepared again; an attempt
  /// that is under way ends first. Returns how many transfers. `refused` ("acceptance.revoked").
  /// [durable]
  virtual Result<std::size_t> revoke_acceptance(AcceptanceId id, const std::string& actor) = 0;
  virtual Result<AcceptedValues> accepted_values(const AcceptedWay& way) = 0;
  /// Newest first, those that were revoked among them.
  virtual Result<std::vector<Acceptance>> list_acceptances(std::size_t at_most) = 0;
};

}  // namespace veilroute::store

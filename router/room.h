// What the router's steps work with: one per node, built by app/node.cc, outlives every loop.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>

#include "config/config.h"
#include "core/base/clock.h"
#include "core/base/doorbell.h"
#include "core/base/traffic.h"
#include "core/store/catalog.h"
#include "core/store/in_flight.h"
#include "core/store/outbox.h"
#include "core/store/spool.h"
#include "profiles/profile.h"
#include "router/breaker.h"
#include "router/claims.h"
#include "router/sender.h"

namespace veilroute::router {

/// The router's doorbells: planner, preparers, retention, and one for the senders of each destination.
class Doorbells {
 public:
  explicit Doorbells(const config::Config& config) {
    for (const config::Destination& destination : config.destinations) {
      senders_.emplace(destination.name, std::make_unique<Doorbell>());
    }
  }
  Doorbell planner;
  Doorbell preparers;
  Doorbell retention;
  /// Null for a destination the configuration does not have: nobody waits there.
  [[nodiscard]] Doorbell* senders(const DestinationName& destination) const {
    const auto found = senders_.find(destination);
    return found == senders_.end() ? nullptr : found->second.get();
  }
  void ring_senders(const DestinationName& destination) const {
    if (Doorbell* bell = senders(destination)) bell->ring();
  }

 private:
  std::map<DestinationName, std::unique_ptr<Doorbell>> senders_;
};

using MakeSender = std::function<Result<std::unique_ptr<Sender>>(const config::Destination&)>;

/// Any thread: its parts are, and `config` and `library` never change.
struct RouterRoom {
  store::Catalog& catalog;
  store::Spool& spool;
  store::Outbox& outbox;
  store::InFlight& in_flight;
  Clock& clock;
  std::shared_ptr<const config::Config> config;
  const profiles::Library& library;
  Doorbells& bells;
  MakeSender make_sender;  ///< router::make_sender, but in tests
  Claims<StudyKey> studies{};
  Claims<TransferId> transfers{};
  std::shared_ptr<Traffic> traffic = std::make_shared<Traffic>();
  Breakers breakers{};
  /// Pages from before a shredding may stand in the catalog's journal; at start nobody knows.
  std::atomic<bool> journal_to_empty{true};
};

}  // namespace veilroute::router

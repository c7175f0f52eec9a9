// Retention: shreds what has served its purpose, and clears away what nothing refers to any more
// (config [retention]; docs/adr/0017). Off the answering path, in bounded rounds.
#pragma once

#include <stop_token>

#include "core/store/retention.h"
#include "router/room.h"

namespace veilroute::router {

store::RetentionPolicy retention_policy(const config::Config& config);

struct RetentionRound {
  std::size_t shredded = 0, outboxes = 0, segments = 0, returns = 0;
  bool full = false;  ///< there may be more to do at once
};
/// One round by the time `now`: shreds what is due, then clears away.
Result<RetentionRound> retention_round(RouterRoom& room, TimePoint now);

/// After a shredding: empties the catalog's journal, gives the disk its room back, and removes the
/// files of transfers and segments that are over. Safe to repeat; what fails is tried next round.
Result<RetentionRound> clear_away(RouterRoom& room,
                                  const std::vector<store::ObjectLocation>& shredded);

/// A round each minute, or more often where the configuration keeps for less. One thread.
void retention_loop(RouterRoom& room, const std::stop_token& stop);

}  // namespace veilroute::router

// What the router's threads run, started and joined by app/node.cc (house of Veilroute, threads).
// Each finds its work in the catalog, leaves its result there, and waits for its doorbell or a
// while.
#pragma once

#include <functional>
#include <stop_token>

#include "router/room.h"

namespace veilroute::router {

/// Rings so that the waiting thread sees the stop at once. Threads may share a bell and a ring is
/// used up by one of them, so each rings again when it leaves.
class StopRings {
 public:
  StopRings(const std::stop_token& stop, Doorbell& bell)
      : bell_(bell), callback_(stop, [&bell] { bell.ring(); }) {}
  ~StopRings() { bell_.ring(); }
  StopRings(const StopRings&) = delete;
  StopRings& operator=(const StopRings&) = delete;

 private:
  Doorbell& bell_;
  std::stop_callback<std::function<void()>> callback_;
};

/// Steps 4 and 5: completes and plans studies; asks gates again now and then. One thread.
void planner_loop(RouterRoom& room, const std::stop_token& stop);

/// Steps 6 to 8. Any number of threads.
void prepare_loop(RouterRoom& room, const std::stop_token& stop);

/// Steps 9 and 10, for one destination; as many threads as it allows associations. Returns at once
/// when the configuration does not have the destination.
void send_loop(RouterRoom& room, const DestinationName& destination, const std::stop_token& stop);

/// One round of each, for tests and for the loops themselves: how much was done.
struct PlannerRound {
  std::size_t completed = 0, planned = 0, held = 0;
};
Result<PlannerRound> planner_round(RouterRoom& room);
/// When the clock stands before `seen`, the last look: what waits is mended to today's clock, and
/// the senders look again. True when it did. Sets `seen`.
Result<bool> mend_after_jump(RouterRoom& room, TimePoint& seen);
/// Prepares one transfer, if there is one that no other thread has in hand.
Result<bool> prepare_round(RouterRoom& room, const std::stop_token& stop);

}  // namespace veilroute::router

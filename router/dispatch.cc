#include "router/dispatch.h"

#include <algorithm>

#include "core/base/log.h"
#include "router/destination_state.h"

namespace veilroute::router {
namespace {

/// Transfers looked at in one go, beside those that rest or are in hand: more than the sender threads
/// of a destination.
constexpr std::size_t kMostLookedAt = 256;
/// A sender never sleeps shorter than this: what is due but taken is another thread's.
constexpr Duration kShortestSleep = std::chrono::milliseconds(200);

void rest(RouterRoom& room, TransferId id, const Error& error) {
  room.transfers.rest(id, room.clock.now());
  log::error("send.failed", {{"transfer", id},
                             {"error_kind", error.kind},
                             log::Field::text("slug", error.slug)});
}

}  // namespace

Result<std::optional<SendReport>> dispatch_due(RouterRoom& room,
                                               const DestinationName& destination,
                                               const GetSender& sender,
                                               const std::stop_token& stop) {
  VR_TRY(const bool paused, is_paused(room, destination));
  if (paused) return std::optional<SendReport>();
  const auto pass = room.breakers.at(destination).ask(room.clock.now());
  if (!pass) return std::optional<SendReport>();
  VR_TRY(const std::vector<store::DueTransfer> due,
         room.catalog.transfers_due(destination, room.clock.now(),
                                    kMostLookedAt + room.transfers.size()));
  for (const store::DueTransfer& transfer : due) {
    if (stop.stop_requested()) break;
    const auto claim = room.transfers.take(transfer.id, room.clock.now());
    if (!claim) continue;
    const Result<Sender*> way = sender();
    if (!way.ok()) {
      rest(room, transfer.id, way.error());
      continue;
    }
    // Another thread of this destination may take the next one meanwhile. Not before there is a
    // sender: this thread waits for the same bell and would be its own alarm.
    if (due.size() > 1) room.bells.ring_senders(destination);
    Result<SendReport> report = send_transfer(room, **way, transfer.id, stop);
    if (!report.ok()) {
      rest(room, transfer.id, report.error());
      continue;
    }
    room.transfers.rested(transfer.id);
    note_end(room, destination, *pass, *report);
    if (report->outcome != SendOutcome::nothing) return std::optional(std::move(report).value());
  }
  return std::optional<SendReport>();
}

Duration until_due(RouterRoom& room, const DestinationName& destination, Duration longest) {
  const TimePoint now = room.clock.now();
  const auto next = room.catalog.next_due(destination);
  if (!next.ok() || !*next) return longest;
  const auto paused = is_paused(room, destination);
  if (!paused.ok() || *paused) return longest;
  TimePoint at = **next;
  const Breaker::Look seen = room.breakers.at(destination).look(now);
  if (seen.state == Breaker::State::probing) return longest;
  if (seen.state == Breaker::State::open) at = std::max(at, seen.until);
  return std::clamp<Duration>(at - now, kShortestSleep, longest);
}

}  // namespace veilroute::router

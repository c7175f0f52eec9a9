// May anything leave for a destination now: a person's pause, the node's own suspension, the
// breaker. And what an attempt's end means for all the others. Walk step 9. docs/adr/0023.
#pragma once

#include "router/room.h"
#include "router/send.h"

namespace veilroute::router {

/// A person has paused it. An error: the catalog does not say, so nothing leaves.
Result<bool> is_paused(RouterRoom& room, const DestinationName& destination);

/// The same, asked between two objects: looks into the catalog when something changed, or an
/// order's time may be over. One attempt, one thread. What the catalog does not say counts as
/// paused.
class PauseWatch {
 public:
  PauseWatch(RouterRoom& room, const DestinationName& destination)
      : room_(room), destination_(destination) {}
  bool paused();

 private:
  RouterRoom& room_;
  const DestinationName& destination_;
  std::optional<std::uint64_t> version_;
  store::DestinationHold hold_;
};

/// The receiver has taken an object, or has said no to one: it is there. Closes the breaker; then
/// what waits is due at once, and a suspension is over.
void note_answer(RouterRoom& room, const DestinationName& destination);

/// How an attempt that began with this pass ended.
void note_end(RouterRoom& room, const DestinationName& destination, const Breaker::Pass& pass,
              const SendReport& report);

/// At start: destinations that were suspended stay so, unless their block in the configuration (or
/// a file that it names) is another than it was.
Result<void> restore_suspensions(RouterRoom& room);

/// A person wants it tried now: lifts a suspension, and lets the next that is due be the probe.
/// `refused` ("destination.not-suspended") when neither holds it back.
Result<void> try_destination_now(RouterRoom& room, const DestinationName& destination,
                                 const std::string& actor);

/// Of all that says who a destination is and how it is reached, its certificates' files included.
Digest settings_digest(const config::Destination& destination);

}  // namespace veilroute::router

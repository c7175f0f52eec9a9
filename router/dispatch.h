// Which transfers are due at a destination, and who takes them. Walk step 9.
#pragma once

#include <optional>
#include <stop_token>

#include "router/room.h"
#include "router/send.h"

namespace veilroute::router {

/// Gives the sender of this thread, built when the first transfer is due.
using GetSender = std::function<Result<Sender*>()>;

/// Takes the oldest due transfer of the destination that no other thread has in hand, and sends it.
/// Nothing when there is none, a person has paused the destination, or its breaker is open: then nothing
/// is counted as an attempt, and nothing's time is moved. A failure of ours (store, disk, a sender that cannot be made since its
/// certificates cannot be read) lets the transfer rest for a while in memory; the next one is taken
/// meanwhile. An error only when the catalog does not say what is due. Any number of threads, one
/// sender each.
Result<std::optional<SendReport>> dispatch_due(RouterRoom& room,
                                               const DestinationName& destination,
                                               const GetSender& sender,
                                               const std::stop_token& stop);

/// How long a sender may sleep until something falls due here, at most `longest`.
Duration until_due(RouterRoom& room, const DestinationName& destination, Duration longest);

}  // namespace veilroute::router

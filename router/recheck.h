// Gates are asked again now and then. Walk step 5.
#pragma once

#include "router/room.h"

namespace veilroute::router {

/// Asks the gate again for transfers that a gate has blocked; opens those it now allows, and returns
/// how many. Transfers blocked for another reason (quarantine, an operator) are left alone.
Result<std::size_t> recheck_blocked(RouterRoom& room);

/// Blocks open transfers to destinations that the configuration no longer has: no sender thread
/// would ever come for them, and waiting without a reason is not waiting. Returns how many.
Result<std::size_t> block_stranded(RouterRoom& room);

}  // namespace veilroute::router

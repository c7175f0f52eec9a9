// Status: what a sender is told when its object or its request is not taken. The one table (decisions 4).
#pragma once

#include <cstdint>

#include "core/base/result.h"

namespace veilroute::scp {

/// The C-STORE status (PS3.4 B.2.3, PS3.7 annex C) for an error of take_object. A slug that is not
/// in the table gets the status of its kind. Pure.
std::uint16_t dimse_status(const Error& error);

/// The N-ACTION status (PS3.7 10.1.4.1.10) for an error of CommitmentTurn. Pure.
std::uint16_t action_status(const Error& error);

}  // namespace veilroute::scp

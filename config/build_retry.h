// [destination.retry]: policies of each class, from the defaults and what was written over them.
#pragma once

#include "config/read_table.h"
#include "config/retry.h"

namespace veilroute::config {

/// The keys of [destination.retry] hold for every class that is retried as a matter of course: all
/// but tls-trust, where haste harms, and, of most_attempts, own-fault, which is no fault of the
/// transfer's. Those of a class's own table hold for that class, over them. Where one of the two
/// delays is written, a class's default of the other gives way. `destination`: a [[destination]].
RetryPolicies build_retry(const TableReader& destination);

/// Delays that cross: "destination.delays-crossed".
void check_retry(const TableReader& destination);

}  // namespace veilroute::config

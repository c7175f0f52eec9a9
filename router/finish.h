// The end of an attempt, offered to the catalog until it takes it. Walk step 10.
#pragma once

#include <optional>
#include <stop_token>

#include "core/base/clock.h"
#include "core/store/catalog.h"

namespace veilroute::router {

/// How long to wait before the end of an attempt is offered again that was refused `tried` times (1 or
/// more) for a passing reason. While the node runs there is always a next time; nothing once it stops
/// and has tried a little: then recovery at the next start calls the attempt unknown. Pure.
std::optional<Duration> finish_again_in(unsigned tried, bool stopping);

/// Stores what has left and what is to be next. Letting go of it would mean sending it again, so only
/// a failure that will not pass, or the node's stop, ends the tries. `stop` is seen at once.
Result<void> finish_attempt(store::Catalog& catalog, TransferId id,
                            const store::AttemptResult& result, const std::stop_token& stop);

}  // namespace veilroute::router

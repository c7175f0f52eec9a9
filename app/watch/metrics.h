// The site's state as Prometheus reads it (text format 0.0.4). Labels are words of the
// configuration and our own slugs: nobody's identity.
#pragma once

#include <string>

#include "app/watch/conditions.h"
#include "core/base/traffic.h"

namespace veilroute::app {

/// One page; ends with a line feed. Any thread.
std::string metrics_page(const WatchFacts& facts, const Traffic& traffic);

}  // namespace veilroute::app

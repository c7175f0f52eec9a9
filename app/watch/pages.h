// The pages of the monitor, from the site's state at the time they are asked for.
#pragma once

#include "app/watch/metrics.h"
#include "app/watch/monitor.h"

namespace veilroute::app {

/// "/healthz": 200 when nothing is critical, else 503; JSON, {"status": "ok", "conditions": [...]}.
/// "/metrics": for Prometheus. What the site cannot say is 503. Any thread.
MonitorPage monitor_page(Site& site, const Traffic& traffic, const std::string& path);

}  // namespace veilroute::app

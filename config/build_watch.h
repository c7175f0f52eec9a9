// [monitor] and [alerts] of the configuration.
#pragma once

#include "config/read_table.h"

namespace veilroute::config {

/// What is wrong with them was reported when the readers were made.
MonitorSettings build_monitor(const TableReader& table);
AlertSettings build_alerts(const TableReader& table);

}  // namespace veilroute::config

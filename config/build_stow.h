// A destination's STOW-RS settings from its table.
#pragma once

#include "config/read_table.h"

namespace veilroute::config {

StowSettings build_stow(const TableReader& table);

}  // namespace veilroute::config

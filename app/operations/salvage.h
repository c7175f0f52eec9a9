// spool salvage: the site's catalog is lost or damaged, or an old copy was put in its place; what the
// spool still holds is taken over, and nothing is deleted (docs/adr/0019).
#pragma once

#include <filesystem>

#include "app/control.h"
#include "core/base/clock.h"

namespace veilroute::app {

struct SalvageOrder {
  std::filesystem::path site;
  bool dry_run = false;  ///< look only
  std::string actor;     ///< for the ledger
};

/// Owns the site while it works: `refused` ("site.in-use") while a node runs. The answer names the
/// catalog's state, what was copied, taken over, moved aside and held; "needed" is false when catalog
/// and spool agree already.
Result<json> salvage_site(const SalvageOrder& order, Clock& clock);

}  // namespace veilroute::app

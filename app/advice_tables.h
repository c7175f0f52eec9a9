// The tables of advice, one a family of slugs; all_advice() puts them together.
#pragma once

#include <span>

#include "app/advice.h"

namespace veilroute::app {

/// Objects as they came: damaged, contradictory, superseded.
std::span<const Advice> object_advice();
/// Studies on hold, gates that are shut, transfers that wait or are over.
std::span<const Advice> study_advice();
/// What de-identification and verification found.
std::span<const Advice> profile_advice();
/// Receivers and the way to them.
std::span<const Advice> connection_advice();
/// The site itself: its folder, keys, spool, outbox, catalog and ledger.
std::span<const Advice> site_advice();

}  // namespace veilroute::app

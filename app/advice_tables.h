// The tables of advice, one a family of slugs; all_advice() puts them together.
#pragma once

#include <span>
#include <string_view>

#include "app/advice.h"

namespace veilroute::app {

// What several tables say.
inline constexpr std::string_view kThisNode = "This node.";
inline constexpr std::string_view kInQuarantine =
    "The transfer waits in quarantine; nothing of it is sent until a person decides.";

/// Objects as they came: damaged, contradictory, superseded.
std::span<const Advice> object_advice();
/// Studies on hold, gates that are shut, transfers that wait or are over.
std::span<const Advice> study_advice();
/// What is kept, what was shredded, and what stands against it.
std::span<const Advice> retention_advice();
/// What de-identification and verification found.
std::span<const Advice> profile_advice();
/// Receivers and the way to them.
std::span<const Advice> connection_advice();
/// What the watch sees coming: disk, certificates, approvals, work that waits.
std::span<const Advice> watch_advice();
/// Receivers and servers that are spoken to by HTTP.
std::span<const Advice> http_advice();
/// The site itself: its folder, keys, spool, outbox, catalog and ledger.
std::span<const Advice> site_advice();

}  // namespace veilroute::app

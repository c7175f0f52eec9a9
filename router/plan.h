// A complete study becomes transfers, or is held. Walk step 5.
#pragma once

#include <string>
#include <vector>

#include "router/match.h"
#include "router/room.h"

namespace veilroute::router {

/// What shall become of a complete study: transfers, or a hold. Neither: nothing new to send.
struct Draft {
  std::vector<store::NewTransfer> transfers;
  std::string hold;  ///< slug; empty: not held
};

/// What a draft is made from. All of it outlives the call.
struct DraftInputs {
  const store::Study& study;                       ///< with its objects
  const std::vector<store::Transfer>& transfers;   ///< of all generations
  const config::Config& config;
  const profiles::Library& library;
  const ReadHeader& read;
  TimePoint now;
};

/// The first generation goes by the routes that match now; each transfer pins route, destination,
/// profile text and version, basis and scope. A later generation sends only its own objects, by the
/// routes and the plans of the one before (decisions 4). A transfer whose gate is shut is planned as
/// blocked, with the gate's slug.
///
/// Holds: "study.no-route", "study.all-excluded" (routes match, but their `include` leaves all
/// out), "study.nothing-usable", "study.two-patients", "study.route-gone" (a route that took an
/// earlier generation stands no more in the configuration, so its `include` cannot be asked),
/// "study.route-incomplete" (its destination or profile is not there).
/// Fails only when a header cannot be read.
Result<Draft> draft_plan(const DraftInputs& inputs);

enum class PlanOutcome : std::uint8_t { planned, held, nothing };

struct Planned {
  PlanOutcome outcome = PlanOutcome::nothing;
  std::string reason;  ///< slug, when held
  std::size_t transfers = 0;
  std::size_t blocked = 0;  ///< of these
};

/// Drafts and stores. A header that can never be read holds the study ("study.unreadable-object");
/// one that may be read later is an error, and the study stays `complete`. `nothing` when the study
/// is not complete (another thread or an operator was here).
Result<Planned> plan_study(RouterRoom& room, StudyKey key);

/// Asks the gate again for transfers that a gate has blocked; opens those it now allows, and returns
/// how many. Transfers blocked for another reason (quarantine, an operator) are left alone.
Result<std::size_t> recheck_blocked(RouterRoom& room);

/// Blocks open transfers to destinations that the configuration no longer has: no sender thread
/// would ever come for them, and waiting without a reason is not waiting. Returns how many.
Result<std::size_t> block_stranded(RouterRoom& room);

}  // namespace veilroute::router

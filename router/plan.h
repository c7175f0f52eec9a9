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
/// blocked, with the gate's slug. Blocked until a person decides: "route.withdrawn-before" (a person
/// withdrew any earlier transfer of the study by this route, and did not have it planned again since)
/// and "route.gone" (the route stands no more in the configuration, so its `include` cannot be asked).
///
/// Holds: "study.no-route", "study.all-excluded" (routes match, but their `include` leaves all
/// out), "study.nothing-usable", "study.two-patients", "study.route-incomplete" (its destination or
/// profile is not there).
/// Fails only when a header cannot be read.
Result<Draft> draft_plan(const DraftInputs& inputs);

/// What a route as it is now makes of a study; blocked where its gate is shut. `invalid`
/// ("study.route-incomplete") when its destination or profile is not there.
Result<store::NewTransfer> draft_transfer(const config::Route& route, const Match& match,
                                          const config::Config& config,
                                          const profiles::Library& library, TimePoint now);

enum class PlanOutcome : std::uint8_t { planned, held, nothing };

struct Planned {
  PlanOutcome outcome = PlanOutcome::nothing;
  std::string reason;  ///< slug, when held
  std::size_t transfers = 0;
  std::size_t blocked = 0;  ///< of these
};

/// Drafts and stores. A header that cannot be read holds the study ("study.unreadable-object"): at once
/// when it never can; else after the study has rested kMostRests times, until when it is an error, and
/// the study stays `complete`. So does a row of the catalog that does not open
/// ("study.row-unreadable"), at once. `nothing` when the study is not complete (another thread or an
/// operator was here).
Result<Planned> plan_study(RouterRoom& room, StudyKey key);

}  // namespace veilroute::router

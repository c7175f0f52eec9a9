// A person has a study planned again where its transfers are blocked (decisions 4). Beside walk step 5.
#pragma once

#include <string>
#include <vector>

#include "router/room.h"

namespace veilroute::router {

/// Gives the blocked transfers of a study by one route a new plan: the route, its profile and its
/// pixel trust as they are now; the destination stays. What has gone stays gone; the rest is chosen
/// by the route's `include`, prepared and verified again. It lifts earlier withdrawals by this route,
/// so `route` may be left out only where blocked transfers are of one route.
///
/// Returns the transfers. Errors: "replan.nothing-blocked", "replan.which-route",
/// "replan.route-unknown", "replan.other-destination" (the route goes elsewhere now),
/// "study.route-incomplete", "replan.busy" (another thread has it in hand), those of reading a header,
/// and of the catalog; what was planned again before an error stays so. Any thread.
Result<std::vector<TransferId>> replan_study(RouterRoom& room, StudyKey key, const RouteName& route,
                                             const std::string& actor);

}  // namespace veilroute::router

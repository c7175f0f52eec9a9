#include "router/replan.h"

#include <set>
#include <unordered_map>

#include "core/base/log.h"
#include "router/plan.h"
#include "router/source_objects.h"

namespace veilroute::router {
namespace {

using store::TransferObjectState;

std::vector<const store::Transfer*> blocked_transfers(const store::StudyView& view,
                                                      const RouteName& route) {
  std::vector<const store::Transfer*> blocked;
  for (const store::Transfer& transfer : view.transfers) {
    const bool asked = route.value.empty() || transfer.plan.route == route;
    if (asked && transfer.state == store::TransferState::blocked) blocked.push_back(&transfer);
  }
  return blocked;
}

Result<void> check_one_route(const std::vector<const store::Transfer*>& blocked) {
  if (blocked.empty()) {
    return make_error(ErrorKind::refused, "replan.nothing-blocked",
                      "the study has no blocked transfer by this route");
  }
  std::set<std::string> routes;
  for (const store::Transfer* transfer : blocked) routes.insert(transfer->plan.route.value);
  if (routes.size() == 1) return {};
  std::string names;
  for (const std::string& name : routes) names += (names.empty() ? "" : ", ") + name;
  return make_error(ErrorKind::refused, "replan.which-route",
                    "blocked transfers of this study are of several routes: " + names);
}

Result<const config::Route*> route_of(RouterRoom& room, const store::Transfer& transfer) {
  const config::Route* route = room.config->find(transfer.plan.route);
  if (route == nullptr) {
    return make_error(ErrorKind::refused, "replan.route-unknown",
                      "the configuration has no route \"" + transfer.plan.route.value + "\"");
  }
  if (route->destination != transfer.plan.destination) {
    return make_error(ErrorKind::refused, "replan.other-destination",
                      "route \"" + route->name.value + "\" goes to \"" + route->destination.value +
                          "\" now, the transfer to \"" + transfer.plan.destination.value + "\"");
  }
  return route;
}

bool may_be_planned(TransferObjectState state) {
  return state == TransferObjectState::planned || state == TransferObjectState::excluded ||
         state == TransferObjectState::quarantined || store::is_to_go(state);
}

/// What has not gone: live objects as the route's `include` says; what is damaged stays in the plan,
/// so that its preparation says so.
Result<Match> choose_again(RouterRoom& room, const store::Study& study,
                           const store::Transfer& transfer, const config::Route& route) {
  std::unordered_map<ObjectId, const store::SpooledObject*> known;
  for (const store::SpooledObject& object : study.objects) known[object.head.id] = &object;
  Objects live;
  std::vector<ObjectChoice> damaged;
  for (const store::TransferObject& row : transfer.objects) {
    const auto found = known.find(row.object);
    if (found == known.end() || !may_be_planned(row.state)) continue;
    if (found->second->state == store::ObjectState::superseded) continue;
    if (found->second->state == store::ObjectState::live) live.push_back(found->second);
    else damaged.push_back({row.object, true, {}});
  }
  const ReadHeader read = [&room](const store::SpooledObject& object) {
    return read_object(room.spool, object);
  };
  VR_TRY(Match match, choose_objects(live, route, read));
  match.objects.insert(match.objects.end(), damaged.begin(), damaged.end());
  return match;
}

Result<void> replan_one(RouterRoom& room, const store::Study& study,
                        const store::Transfer& transfer, const std::string& actor) {
  const auto claim = room.transfers.take(transfer.id, room.clock.now());
  if (!claim) {
    return make_error(ErrorKind::unavailable, "replan.busy",
                      "transfer " + std::to_string(transfer.id.value) + " is in hand or rests");
  }
  VR_TRY(const config::Route* const route, route_of(room, transfer));
  VR_TRY(const Match match, choose_again(room, study, transfer, *route));
  VR_TRY(const store::NewTransfer fresh,
         draft_transfer(*route, match, *room.config, room.library, room.clock.now()));
  VR_TRY(room.catalog.replan_transfer(transfer.id, fresh, actor));
  log::info("transfer.replanned", {{"study", study.key},
                                   {"transfer", transfer.id},
                                   {"route", route->name},
                                   {"destination", route->destination},
                                   log::Field::text("slug", fresh.blocked)});
  return {};
}

}  // namespace

Result<std::vector<TransferId>> replan_study(RouterRoom& room, StudyKey key, const RouteName& route,
                                             const std::string& actor) {
  VR_TRY(const store::StudyView view, room.catalog.study_view(key));
  const auto blocked = blocked_transfers(view, route);
  VR_TRY(check_one_route(blocked));
  std::vector<TransferId> done;
  for (const store::Transfer* transfer : blocked) {
    VR_TRY(replan_one(room, view.study, *transfer, actor));
    done.push_back(transfer->id);
  }
  room.bells.preparers.ring();
  return done;
}

}  // namespace veilroute::router

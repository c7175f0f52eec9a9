#include "router/match.h"

#include <algorithm>

namespace veilroute::router {
namespace {

ObjectChoice choose(const config::Route& route, const store::SpooledObject& object,
                    const ObjectSubject& subject) {
  const bool included = route.include.holds(subject);
  return {object.head.id, included, included ? std::string() : include_rule(route)};
}

}  // namespace

std::size_t Match::included() const {
  return static_cast<std::size_t>(std::count_if(
      objects.begin(), objects.end(), [](const ObjectChoice& choice) { return choice.included; }));
}

std::string include_rule(const config::Route& route) { return route.name.value + ".include"; }

Objects objects_to_plan(const store::Study& study, std::uint32_t planned_generation) {
  Objects objects;
  for (const store::SpooledObject& object : study.objects) {
    const bool fresh = object.generation > planned_generation;
    if (fresh && object.state == store::ObjectState::live) objects.push_back(&object);
  }
  return objects;
}

Result<std::vector<Match>> match_routes(const Objects& objects,
                                        const std::vector<config::Route>& routes,
                                        const ReadHeader& read) {
  std::vector<Match> all(routes.size());
  std::vector<bool> taken(routes.size(), false);
  // Objects outside, routes inside: a header that must be read is read once and then let go.
  for (const store::SpooledObject* object : objects) {
    const ObjectSubject subject(*object, read);
    for (std::size_t i = 0; i < routes.size(); ++i) {
      if (!routes[i].enabled) continue;
      if (!taken[i] && routes[i].when.holds(subject)) taken[i] = true;
      all[i].objects.push_back(choose(routes[i], *object, subject));
      if (subject.failure()) return *subject.failure();
    }
  }
  std::vector<Match> matches;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    if (!taken[i]) continue;
    all[i].route = routes[i].name;
    matches.push_back(std::move(all[i]));
  }
  return matches;
}

Result<Match> choose_objects(const Objects& objects, const config::Route& route,
                             const ReadHeader& read) {
  Match match;
  match.route = route.name;
  for (const store::SpooledObject* object : objects) {
    const ObjectSubject subject(*object, read);
    match.objects.push_back(choose(route, *object, subject));
    if (subject.failure()) return *subject.failure();
  }
  return match;
}

}  // namespace veilroute::router

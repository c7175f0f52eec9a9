// Which routes take a study, and which of its objects each of them sends. Pure but for the reading
// of headers. Walk step 5.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "core/store/study.h"
#include "router/subject.h"

namespace veilroute::router {

/// What a route does with one object.
struct ObjectChoice {
  ObjectId object;
  bool included = true;
  std::string rule;  ///< when left out: "hands-to-bone.include"
  bool operator==(const ObjectChoice&) const = default;
};

/// A route whose `when` at least one object satisfies as a whole.
struct Match {
  RouteName route;
  std::vector<ObjectChoice> objects;  ///< all that were asked about, in order of arrival
  [[nodiscard]] std::size_t included() const;
  bool operator==(const Match&) const = default;
};

using Objects = std::vector<const store::SpooledObject*>;

/// The live objects that no plan has seen yet: of generations after `planned_generation`.
Objects objects_to_plan(const store::Study& study, std::uint32_t planned_generation);

/// Every enabled route whose condition holds, in the order of the configuration: a disabled one takes
/// nothing, so that enabling it later does not send what came meanwhile. Fails when a header that a condition asks for cannot be read: half an answer
/// would leave out objects that should go, or send those that should not.
Result<std::vector<Match>> match_routes(const Objects& objects,
                                        const std::vector<config::Route>& routes,
                                        const ReadHeader& read);

/// By `include` alone, for a later generation of a study that the route took before.
Result<Match> choose_objects(const Objects& objects, const config::Route& route,
                             const ReadHeader& read);

/// The name under which a route's `include` leaves an object out.
std::string include_rule(const config::Route& route);

}  // namespace veilroute::router

// The answers of match, gate and plan in sentences: why did it go there, why did it not. Changes
// nothing. Never a value of an object: attribute names and the operator's own words only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "router/gate.h"
#include "router/plan.h"

namespace veilroute::router {

/// One comparison of a route's condition, and whether it holds for the object it is shown by.
struct ExplainedLeaf {
  std::string comparison;
  bool holds = false;
};

/// A transfer that exists already.
struct ExplainedTransfer {
  TransferId transfer;
  std::uint32_t generation = 0;
  std::string state;
  std::string reason;
};

/// One route of the configuration, asked about this study's newest generation.
struct ExplainedRoute {
  RouteName route;
  DestinationName destination;
  bool enabled = true;   ///< a disabled route takes nothing new
  bool matches = false;
  std::size_t satisfied_by = 0;  ///< objects that satisfy the whole condition
  ObjectId shown_by;             ///< the object the comparisons are shown for; 0: there is none
  std::vector<ExplainedLeaf> when;
  std::vector<ObjectChoice> objects;  ///< in, or out by which rule
  GateAnswer gate;
  std::vector<ExplainedTransfer> transfers;
  std::string next;  ///< what happens next, in a sentence
};

struct Explanation {
  StudyKey study;
  std::uint32_t generation = 1;
  std::string state;
  std::string reason;           ///< slug, when held
  std::size_t objects_live = 0;
  std::size_t objects_not_live = 0;  ///< superseded, unusable, corrupt or shredded
  bool routes_pinned = false;   ///< a later generation: it follows the routes of the one before
  std::vector<ExplainedRoute> routes;
};

/// Pure but for the reading of headers; fails only when one cannot be read. Studies of any state: for
/// one that is planned already, it says what the configuration of now would do with the objects of
/// the newest generation, beside what was done.
Result<Explanation> explain(const DraftInputs& inputs);

/// The same for a study of the catalog.
Result<Explanation> explain_study(RouterRoom& room, StudyKey key);

/// For a terminal: one line each, routes indented.
std::vector<std::string> in_sentences(const Explanation& explanation);

}  // namespace veilroute::router

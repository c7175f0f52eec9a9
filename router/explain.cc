#include "router/explain.h"

#include <algorithm>

#include "core/base/counted.h"
#include "router/source_objects.h"

namespace veilroute::router {
namespace {

/// The objects of the newest generation that has live ones: what a plan made now would be about.
Objects newest_objects(const store::Study& study) {
  std::uint32_t newest = 0;
  for (const store::SpooledObject& object : study.objects) {
    if (object.state == store::ObjectState::live) newest = std::max(newest, object.generation);
  }
  return newest == 0 ? Objects{} : objects_to_plan(study, newest - 1);
}

bool took_before(const std::vector<store::Transfer>& transfers, const RouteName& route,
                 std::uint32_t generation) {
  return std::any_of(transfers.begin(), transfers.end(), [&](const store::Transfer& transfer) {
    return transfer.plan.route == route && transfer.generation < generation;
  });
}

std::size_t true_leaves(const std::vector<std::pair<std::string, bool>>& leaves) {
  return static_cast<std::size_t>(
      std::count_if(leaves.begin(), leaves.end(), [](const auto& leaf) { return leaf.second; }));
}

/// Shows the comparisons by the first object that satisfies all, else by the one that comes nearest.
class Showcase {
 public:
  void look_at(const config::Condition& when, const ObjectSubject& subject, ObjectId id,
               ExplainedRoute& route) {
    const bool holds = when.holds(subject);
    if (holds) ++route.satisfied_by;
    if (satisfied_) return;
    const auto leaves = when.explain(subject);
    const std::size_t score = true_leaves(leaves);
    if (shown_ && !holds && score <= best_) return;
    shown_ = true;
    satisfied_ = holds;
    best_ = score;
    route.shown_by = id;
    route.when.clear();
    for (const auto& [comparison, is_true] : leaves) route.when.push_back({comparison, is_true});
  }

 private:
  bool shown_ = false;
  bool satisfied_ = false;
  std::size_t best_ = 0;
};

GateAnswer gate_now(const config::Route& route, const DraftInputs& in) {
  const config::Destination* destination = in.config.find(route.destination);
  const auto profile = in.library.find(route.profile);
  store::TransferPlan plan;
  plan.route = route.name;
  plan.destination = route.destination;
  plan.profile = route.profile;
  plan.basis = route.basis;
  if (profile != nullptr) plan.profile_version = profile->version;
  if (destination != nullptr) plan.scope = destination->scope;
  return ask_gate(plan, profile.get(), in.config, in.now);
}

std::string next_for(const ExplainedRoute& route, const Explanation& all) {
  if (!route.transfers.empty() && route.transfers.back().generation == all.generation) {
    const ExplainedTransfer& last = route.transfers.back();
    return "Transfer " + std::to_string(last.transfer.value) + " is " + last.state +
           (last.reason.empty() ? "." : " (" + last.reason + ").");
  }
  if (!route.enabled) return "Nothing goes this way: the route is disabled.";
  if (!route.matches) return "Nothing goes this way.";
  const auto included = static_cast<std::size_t>(
      std::count_if(route.objects.begin(), route.objects.end(),
                    [](const ObjectChoice& choice) { return choice.included; }));
  if (included == 0) return "Nothing goes this way: the route's include leaves out every object.";
  const std::string what = counted(included, "object");
  if (!route.gate.open) return what + " would wait: " + route.gate.sentence + " " + route.gate.remedy;
  if (all.state == "open") return what + " will go this way once the study is complete.";
  if (all.state == "held") return what + " would go this way once the study is resumed.";
  return what + " will be de-identified, verified and sent.";
}

Explanation outline(const DraftInputs& in) {
  Explanation all;
  all.study = in.study.key;
  all.generation = in.study.generation;
  all.state = store::to_string(in.study.state);
  all.reason = in.study.reason;
  for (const store::SpooledObject& object : in.study.objects) {
    if (object.state == store::ObjectState::live) ++all.objects_live;
    else ++all.objects_not_live;
  }
  all.routes_pinned = std::any_of(
      in.transfers.begin(), in.transfers.end(), [&](const store::Transfer& transfer) {
        return transfer.generation < in.study.generation;
      });
  for (const config::Route& route : in.config.routes) {
    ExplainedRoute explained;
    explained.route = route.name;
    explained.destination = route.destination;
    explained.enabled = route.enabled;
    explained.gate = gate_now(route, in);
    for (const store::Transfer& transfer : in.transfers) {
      if (transfer.plan.route != route.name) continue;
      explained.transfers.push_back({transfer.id, transfer.generation,
                                     std::string(store::to_string(transfer.state)),
                                     transfer.reason});
    }
    all.routes.push_back(std::move(explained));
  }
  return all;
}

void add_route_lines(const ExplainedRoute& route, std::vector<std::string>& lines) {
  lines.push_back("route " + route.route.value + " to " + route.destination.value + ": " +
                  (route.matches ? "matches" : "does not match") + " (" +
                  counted(route.satisfied_by, "object") + " satisfy its condition)");
  for (const ExplainedLeaf& leaf : route.when) {
    lines.push_back(std::string("  ") + (leaf.holds ? "yes  " : "no   ") + leaf.comparison);
  }
  std::size_t in = 0;
  std::vector<std::pair<std::string, std::size_t>> out;
  for (const ObjectChoice& choice : route.objects) {
    if (choice.included) {
      ++in;
      continue;
    }
    if (out.empty() || out.back().first != choice.rule) out.emplace_back(choice.rule, 0);
    ++out.back().second;
  }
  if (route.matches) lines.push_back("  in: " + counted(in, "object"));
  for (const auto& [rule, count] : out) {
    if (route.matches) lines.push_back("  out: " + counted(count, "object") + " by " + rule);
  }
  lines.push_back(route.gate.open ? "  gate: open, by " + (route.gate.document.empty()
                                                               ? std::string("treatment")
                                                               : route.gate.document)
                                  : "  gate: shut. " + route.gate.sentence + " " +
                                        route.gate.remedy + " [" + route.gate.slug + "]");
  for (const ExplainedTransfer& transfer : route.transfers) {
    lines.push_back("  transfer " + std::to_string(transfer.transfer.value) + ", generation " +
                    std::to_string(transfer.generation) + ": " + transfer.state +
                    (transfer.reason.empty() ? "" : " (" + transfer.reason + ")"));
  }
  lines.push_back("  next: " + route.next);
}

}  // namespace

Result<Explanation> explain(const DraftInputs& in) {
  Explanation all = outline(in);
  const std::vector<config::Route>& routes = in.config.routes;
  std::vector<Showcase> showcases(routes.size());
  for (const store::SpooledObject* object : newest_objects(in.study)) {
    const ObjectSubject subject(*object, in.read);
    for (std::size_t i = 0; i < routes.size(); ++i) {
      showcases[i].look_at(routes[i].when, subject, object->head.id, all.routes[i]);
      const bool included = routes[i].include.holds(subject);
      all.routes[i].objects.push_back({object->head.id, included,
                                       included ? std::string() : include_rule(routes[i])});
    }
    if (subject.failure()) return *subject.failure();
  }
  for (ExplainedRoute& route : all.routes) {
    // A later generation follows the routes that took the study, whatever matches now.
    route.matches = all.routes_pinned ? took_before(in.transfers, route.route, all.generation)
                                      : route.enabled && route.satisfied_by > 0;
    route.next = next_for(route, all);
  }
  return all;
}

Result<Explanation> explain_study(RouterRoom& room, StudyKey key) {
  VR_TRY(const store::Study study, room.catalog.load_study(key));
  VR_TRY(const store::StudyView view, room.catalog.study_view(key));
  const ReadHeader read = [&room](const store::SpooledObject& object) {
    return read_object(room.spool, object);
  };
  return explain({study, view.transfers, *room.config, room.library, read, room.clock.now()});
}

std::vector<std::string> in_sentences(const Explanation& all) {
  std::vector<std::string> lines;
  std::string first = "study " + std::to_string(all.study.value) + ", generation " +
                      std::to_string(all.generation) + ", is " + all.state;
  if (!all.reason.empty()) first += " (" + all.reason + ")";
  lines.push_back(first + ": " + counted(all.objects_live, "object") + " live, " +
                  std::to_string(all.objects_not_live) + " not");
  if (all.routes_pinned) {
    lines.emplace_back(
        "its new objects follow the routes, and the profile versions, that took it before");
  }
  for (const ExplainedRoute& route : all.routes) add_route_lines(route, lines);
  if (all.routes.empty()) lines.emplace_back("the configuration has no route");
  return lines;
}

}  // namespace veilroute::router

#include "router/plan.h"

#include <algorithm>
#include <set>

#include "core/base/log.h"
#include "router/findings.h"
#include "router/gate.h"
#include "router/source_objects.h"

namespace veilroute::router {
namespace {

constexpr std::string_view kWithdrawnBefore = "route.withdrawn-before";
constexpr std::string_view kRouteGone = "route.gone";

/// The last generation that has been planned; 0 for none. Generations that were held have no
/// transfers, so their objects go with the next that is planned.
std::uint32_t planned_generation(const DraftInputs& in) {
  std::uint32_t last = 0;
  for (const store::Transfer& transfer : in.transfers) last = std::max(last, transfer.generation);
  return last;
}

/// Whose study is it? Over all generations: a late object of another patient is as bad as an early
/// one. An object without a Patient ID does not contradict.
bool has_two_patients(const store::Study& study) {
  std::set<std::string> ids;
  for (const store::SpooledObject& object : study.objects) {
    const std::string& id = object.facts.patient_id.reveal();
    if (object.state == store::ObjectState::live && !id.empty()) ids.insert(id);
  }
  return ids.size() > 1;
}

bool has_unusable(const store::Study& study, std::uint32_t after) {
  return std::any_of(study.objects.begin(), study.objects.end(), [after](const auto& object) {
    return object.generation > after && (object.state == store::ObjectState::unusable ||
                                         object.state == store::ObjectState::corrupt);
  });
}

std::vector<store::TransferObject> rows_of(const Match& match) {
  std::vector<store::TransferObject> rows;
  rows.reserve(match.objects.size());
  for (const ObjectChoice& choice : match.objects) {
    store::TransferObject row;
    row.object = choice.object;
    row.state = choice.included ? store::TransferObjectState::planned
                                : store::TransferObjectState::excluded;
    row.reason = choice.rule;
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<Draft> draft_first(const DraftInputs& in, const Objects& objects) {
  VR_TRY(const std::vector<Match> matches, match_routes(objects, in.config.routes, in.read));
  Draft draft;
  for (const Match& match : matches) {
    if (match.included() == 0) continue;
    Result<store::NewTransfer> made =
        draft_transfer(*in.config.find(match.route), match, in.config, in.library, in.now);
    if (!made.ok()) return Draft{{}, made.error().slug};
    draft.transfers.push_back(std::move(made).value());
  }
  if (draft.transfers.empty()) draft.hold = matches.empty() ? store::kHoldNoRoute : "study.all-excluded";
  return draft;
}

/// Only a person's withdrawal, and one that no replan has lifted: the catalog withdraws by itself what
/// has nothing left to send.
bool was_withdrawn_by_a_person(const store::Transfer& transfer) {
  return transfer.state == store::TransferState::withdrawn &&
         transfer.reason != store::kAllExcluded && transfer.reason != store::kSuperseded &&
         transfer.reason != store::kWithdrawnLifted;
}

/// In whatever generation: the ones after it were never asked about, or were blocked for it.
bool is_withdrawn(const DraftInputs& in, const RouteName& route) {
  return std::any_of(in.transfers.begin(), in.transfers.end(), [&](const auto& earlier) {
    return earlier.plan.route == route && was_withdrawn_by_a_person(earlier);
  });
}

/// Without the route there is no `include` to ask: all of it waits until a person decides.
store::NewTransfer draft_without_route(store::TransferPlan plan, const Objects& objects) {
  plan.gate_document.clear();
  Match match;
  for (const store::SpooledObject* object : objects) match.objects.push_back({object->head.id, true, {}});
  return {std::move(plan), std::string(kRouteGone), rows_of(match)};
}

Result<Draft> draft_later(const DraftInputs& in, const Objects& objects, std::uint32_t before) {
  Draft draft;
  for (const store::Transfer& earlier : in.transfers) {
    if (earlier.generation != before) continue;
    const config::Route* route = in.config.find(earlier.plan.route);
    if (route == nullptr) {
      draft.transfers.push_back(draft_without_route(earlier.plan, objects));
      continue;
    }
    VR_TRY(const Match match, choose_objects(objects, *route, in.read));
    store::NewTransfer transfer{earlier.plan, {}, rows_of(match)};
    const GateAnswer answer = ask_gate_again(transfer.plan, in.config, in.now);
    transfer.plan.gate_document = answer.document;
    transfer.blocked = answer.slug;
    // Who withdrew the study from a destination did not ask for its late objects to go there.
    if (is_withdrawn(in, route->name)) transfer.blocked = kWithdrawnBefore;
    draft.transfers.push_back(std::move(transfer));
  }
  return draft;
}

Result<Planned> store_hold(RouterRoom& room, StudyKey key, const std::string& slug) {
  VR_TRY(room.catalog.hold_study(key, slug));
  log::warn("study.held", {{"study", key}, log::Field::text("slug", slug)});
  return Planned{PlanOutcome::held, slug, 0, 0};
}

Result<Planned> store_transfers(RouterRoom& room, const store::Study& study, const Draft& draft) {
  VR_TRY(room.catalog.add_transfers(study.key, draft.transfers));
  Planned planned{PlanOutcome::planned, {}, draft.transfers.size(), 0};
  for (const store::NewTransfer& transfer : draft.transfers) {
    if (!transfer.blocked.empty()) ++planned.blocked;
    log::info("transfer.planned", {{"study", study.key},
                                   {"route", transfer.plan.route},
                                   {"destination", transfer.plan.destination},
                                   log::Field::text("slug", transfer.blocked)});
  }
  return planned;
}

}  // namespace

Result<Draft> draft_plan(const DraftInputs& in) {
  const std::uint32_t before = planned_generation(in);
  const Objects objects = objects_to_plan(in.study, before);
  if (has_two_patients(in.study)) return Draft{{}, std::string(store::kHoldTwoPatients)};
  if (objects.empty()) {
    return Draft{{}, has_unusable(in.study, before) ? "study.nothing-usable" : ""};
  }
  return before == 0 ? draft_first(in, objects) : draft_later(in, objects, before);
}

Result<store::NewTransfer> draft_transfer(const config::Route& route, const Match& match,
                                          const config::Config& config,
                                          const profiles::Library& library, TimePoint now) {
  const config::Destination* destination = config.find(route.destination);
  const auto profile = library.find(route.profile);
  if (destination == nullptr || profile == nullptr) {
    return make_error(ErrorKind::invalid, "study.route-incomplete",
                      "the destination or the profile of route \"" + route.name.value +
                          "\" is not there");
  }
  store::TransferPlan plan{route.name,        route.destination, profile->name,
                           profile->version,  profile->text,     route.basis,
                           destination->scope, {},               route.pixel_trust};
  const GateAnswer answer = ask_gate(plan, profile.get(), config, now);
  plan.gate_document = answer.document;
  return store::NewTransfer{std::move(plan), answer.slug, rows_of(match)};
}

Result<Planned> plan_study(RouterRoom& room, StudyKey key) {
  const Result<store::Study> loaded = room.catalog.load_study(key);
  // No try of ours opens it: it must neither be asked for every second nor wait without a word.
  if (!loaded.ok() && loaded.error().kind == ErrorKind::corrupt) {
    return store_hold(room, key, std::string(store::kHoldRowUnreadable));
  }
  VR_TRY(loaded);
  const store::Study& study = *loaded;
  if (study.state != store::StudyState::complete) return Planned{};
  VR_TRY(const store::StudyView view, room.catalog.study_view(key));
  const ReadHeader read = [&room](const store::SpooledObject& object) {
    return read_object(room.spool, object);
  };
  const Result<Draft> draft = draft_plan(
      {study, view.transfers, *room.config, room.library, read, room.clock.now()});
  if (!draft.ok()) {
    const bool patient = room.studies.rests(key) < kMostRests;
    if (worth_later(draft.error()) && patient) return draft.error();
    return store_hold(room, key, "study.unreadable-object");
  }
  if (!draft->hold.empty()) return store_hold(room, key, draft->hold);
  return store_transfers(room, study, *draft);
}

}  // namespace veilroute::router

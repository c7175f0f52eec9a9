#include "router/plan.h"

#include <algorithm>
#include <set>

#include "core/base/log.h"
#include "router/findings.h"
#include "router/gate.h"
#include "router/source_objects.h"

namespace veilroute::router {
namespace {

/// Blocked transfers asked about in one round; far more than a person could look after.
constexpr std::size_t kMostRechecked = 10'000;

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

store::NewTransfer gated(store::TransferPlan plan, const profiles::Profile* profile,
                         const Match& match, const DraftInputs& in) {
  const GateAnswer answer = ask_gate(plan, profile, in.config, in.now);
  plan.gate_document = answer.document;
  return {std::move(plan), answer.open ? std::string() : answer.slug, rows_of(match)};
}

Result<Draft> draft_first(const DraftInputs& in, const Objects& objects) {
  VR_TRY(const std::vector<Match> matches, match_routes(objects, in.config.routes, in.read));
  Draft draft;
  for (const Match& match : matches) {
    if (match.included() == 0) continue;
    const config::Route& route = *in.config.find(match.route);
    const config::Destination* destination = in.config.find(route.destination);
    const auto profile = in.library.find(route.profile);
    if (destination == nullptr || profile == nullptr) return Draft{{}, "study.route-incomplete"};
    store::TransferPlan plan{route.name,        route.destination, profile->name,
                             profile->version,  profile->text,     route.basis,
                             destination->scope, {},               route.pixel_trust};
    draft.transfers.push_back(gated(std::move(plan), profile.get(), match, in));
  }
  if (draft.transfers.empty()) draft.hold = matches.empty() ? store::kHoldNoRoute : "study.all-excluded";
  return draft;
}

/// Only a person's withdrawal: the catalog withdraws by itself what has nothing left to send.
bool was_withdrawn_by_a_person(const store::Transfer& transfer) {
  return transfer.state == store::TransferState::withdrawn &&
         transfer.reason != "transfer.all-excluded" && transfer.reason != "object.superseded";
}

Result<Draft> draft_later(const DraftInputs& in, const Objects& objects, std::uint32_t before) {
  Draft draft;
  for (const store::Transfer& earlier : in.transfers) {
    if (earlier.generation != before) continue;
    const config::Route* route = in.config.find(earlier.plan.route);
    if (route == nullptr) return Draft{{}, "study.route-gone"};
    VR_TRY(const Match match, choose_objects(objects, *route, in.read));
    const auto profile = profiles::reopen_profile(earlier.plan.profile_text,
                                                  earlier.plan.profile_version);
    store::NewTransfer transfer =
        gated(earlier.plan, profile.ok() ? profile.value().get() : nullptr, match, in);
    // Who withdrew the study from a destination did not ask for its late objects to go there.
    if (was_withdrawn_by_a_person(earlier)) transfer.blocked = "route.withdrawn-before";
    draft.transfers.push_back(std::move(transfer));
  }
  return draft;
}


Result<Planned> store_hold(RouterRoom& room, const store::Study& study, const std::string& slug) {
  VR_TRY(room.catalog.hold_study(study.key, slug));
  log::warn("study.held", {{"study", study.key}, log::Field::text("slug", slug)});
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

Result<bool> recheck(RouterRoom& room, TransferId id) {
  VR_TRY(const store::Transfer transfer, room.catalog.load_transfer(id));
  if (transfer.state != store::TransferState::blocked) return false;
  if (!transfer.reason.starts_with(kGateSlugPrefix)) return false;
  const auto profile =
      profiles::reopen_profile(transfer.plan.profile_text, transfer.plan.profile_version);
  const GateAnswer answer = ask_gate(transfer.plan, profile.ok() ? profile.value().get() : nullptr,
                                     *room.config, room.clock.now());
  if (!answer.open) return false;
  VR_TRY(room.catalog.unblock_transfer(id));
  log::info("transfer.unblocked", {{"transfer", id}, {"destination", transfer.plan.destination}});
  room.bells.preparers.ring();
  room.bells.ring_senders(transfer.plan.destination);
  return true;
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

Result<Planned> plan_study(RouterRoom& room, StudyKey key) {
  VR_TRY(const store::Study study, room.catalog.load_study(key));
  if (study.state != store::StudyState::complete) return Planned{};
  VR_TRY(const store::StudyView view, room.catalog.study_view(key));
  const ReadHeader read = [&room](const store::SpooledObject& object) {
    return read_object(room.spool, object);
  };
  const Result<Draft> draft = draft_plan(
      {study, view.transfers, *room.config, room.library, read, room.clock.now()});
  if (!draft.ok()) {
    if (worth_later(draft.error())) return draft.error();
    return store_hold(room, study, "study.unreadable-object");
  }
  if (!draft->hold.empty()) return store_hold(room, study, draft->hold);
  return store_transfers(room, study, *draft);
}

Result<std::size_t> recheck_blocked(RouterRoom& room) {
  VR_TRY(const std::vector<store::DueTransfer> blocked,
         room.catalog.transfers_blocked(kMostRechecked));
  std::size_t opened = 0;
  for (const store::DueTransfer& due : blocked) {
    const auto claim = room.transfers.take(due.id, room.clock.now());
    if (!claim) continue;
    VR_TRY(const bool unblocked, recheck(room, due.id));
    if (unblocked) ++opened;
  }
  return opened;
}

Result<std::size_t> block_stranded(RouterRoom& room) {
  std::size_t stranded = 0;
  for (const auto state : {store::TransferState::cleared, store::TransferState::deferred}) {
    store::TransferFilter filter;
    filter.state = state;
    filter.at_most = kMostRechecked;
    VR_TRY(const std::vector<store::Transfer> waiting, room.catalog.list_transfers(filter));
    for (const store::Transfer& transfer : waiting) {
      if (room.config->find(transfer.plan.destination) != nullptr) continue;
      VR_TRY(room.catalog.block_transfer(transfer.id, "gate.destination-unknown"));
      log::warn("transfer.blocked", {{"transfer", transfer.id},
                                     {"destination", transfer.plan.destination},
                                     log::Field::text("slug", "gate.destination-unknown")});
      ++stranded;
    }
  }
  return stranded;
}

}  // namespace veilroute::router

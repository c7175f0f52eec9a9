#include "router/loops.h"

#include "core/base/log.h"
#include "router/completion.h"
#include "router/dispatch.h"
#include "router/plan.h"
#include "router/prepare.h"
#include "router/recheck.h"

namespace veilroute::router {
namespace {

constexpr Duration kPlannerWaits = std::chrono::seconds(1);
constexpr Duration kPreparerWaits = std::chrono::seconds(5);
constexpr Duration kSenderWaits = std::chrono::seconds(5);
/// After a failure of the catalog itself.
constexpr Duration kTroubleWaits = std::chrono::seconds(2);
/// How often shut gates are asked again: an approval that ends or begins is a matter of days.
constexpr Duration kRecheckEvery = std::chrono::seconds(60);
/// A step back that is no more than a correction.
constexpr Duration kClockMayStep = std::chrono::seconds(1);
/// Both beside those that rest or are in hand: what cannot be read must not hide what came after
/// it.
constexpr std::size_t kStudiesPerRound = 50;
constexpr std::size_t kPreparationsLookedAt = 64;

void log_trouble(std::string_view event, const Error& error) {
  log::error(event, {{"error_kind", error.kind}, log::Field::text("slug", error.slug)});
}

Result<void> plan_one(RouterRoom& room, StudyKey key, PlannerRound& round) {
  const auto claim = room.studies.take(key, room.clock.now());
  if (!claim) return {};
  Result<Planned> planned = plan_study(room, key);
  if (!planned.ok()) {
    // One study that cannot be planned must not keep the others from it.
    room.studies.rest(key, room.clock.now());
    log::error("plan.failed", {{"study", key},
                               {"error_kind", planned.error().kind},
                               log::Field::text("slug", planned.error().slug)});
    return {};
  }
  room.studies.rested(key);
  if (planned->outcome == PlanOutcome::planned) ++round.planned;
  if (planned->outcome == PlanOutcome::held) ++round.held;
  return {};
}

void recheck_gates(RouterRoom& room) {
  const Result<std::size_t> stranded = block_stranded(room);
  if (!stranded.ok()) log_trouble("planner.failed", stranded.error());
  const Result<std::size_t> opened = recheck_blocked(room);
  if (!opened.ok()) log_trouble("planner.failed", opened.error());
}

/// The sender of one thread: built when needed, let go when nothing is due, so that an idle
/// destination has no association of ours open.
class OwnSender {
 public:
  OwnSender(RouterRoom& room, const config::Destination& destination)
      : room_(room), destination_(destination) {}
  Result<Sender*> get() {
    if (!sender_) {
      VR_TRY(sender_, room_.make_sender(destination_));
    }
    return sender_.get();
  }
  void let_go() { sender_.reset(); }

 private:
  RouterRoom& room_;
  const config::Destination& destination_;
  std::unique_ptr<Sender> sender_;
};

}  // namespace

Result<PlannerRound> planner_round(RouterRoom& room) {
  const store::CompletionPolicy policy{room.config->completion.quiet,
                                       room.config->completion.longest};
  PlannerRound round;
  VR_TRY(round.completed, sweep_completion(room.catalog, room.in_flight, room.clock, policy));
  VR_TRY(const std::vector<StudyKey> studies,
         room.catalog.studies_to_plan(kStudiesPerRound + room.studies.size()));
  for (const StudyKey key : studies) VR_TRY(plan_one(room, key, round));
  if (round.planned > 0) room.bells.preparers.ring();
  return round;
}

Result<bool> mend_after_jump(RouterRoom& room, TimePoint& seen) {
  const TimePoint now = room.clock.now();
  const bool back = now < seen - kClockMayStep;
  if (!back) {
    seen = now;
    return false;
  }
  Duration longest = std::chrono::seconds(0);
  for (const config::Destination& destination : room.config->destinations) {
    longest = std::max<Duration>(longest, destination.retry.longest_delay());
  }
  const store::CompletionPolicy policy{room.config->completion.quiet,
                                       room.config->completion.longest};
  VR_TRY(const std::size_t mended, room.catalog.mend_times(policy, longest));
  if (mended > 0) log::warn("clock.set-back", {{"mended", std::uint64_t{mended}}});
  seen = now;
  for (const config::Destination& destination : room.config->destinations) {
    room.bells.ring_senders(destination.name);
  }
  return true;
}

void planner_loop(RouterRoom& room, const std::stop_token& stop) {
  const StopRings rings(stop, room.bells.planner);
  TimePoint recheck_at = room.clock.now();
  // The clock may have been set back while no node ran.
  TimePoint seen = TimePoint::max();
  while (!stop.stop_requested()) {
    const Result<bool> jumped = mend_after_jump(room, seen);
    if (!jumped.ok()) log_trouble("planner.failed", jumped.error());
    if (jumped.ok() && *jumped) recheck_at = room.clock.now();
    const Result<PlannerRound> round = planner_round(room);
    if (!round.ok()) log_trouble("planner.failed", round.error());
    if (room.clock.now() >= recheck_at) {
      recheck_gates(room);
      recheck_at = room.clock.now() + kRecheckEvery;
    }
    const bool busy = round.ok() && round->planned + round->held >= kStudiesPerRound;
    if (!busy && !stop.stop_requested()) room.bells.planner.wait(kPlannerWaits);
  }
}

Result<bool> prepare_round(RouterRoom& room, const std::stop_token& stop) {
  VR_TRY(const std::vector<store::DueTransfer> planned,
         room.catalog.transfers_to_prepare(kPreparationsLookedAt + room.transfers.size()));
  for (const store::DueTransfer& due : planned) {
    if (stop.stop_requested()) return false;
    const auto claim = room.transfers.take(due.id, room.clock.now());
    if (!claim) continue;
    if (planned.size() > 1) room.bells.preparers.ring();
    Result<Prepared> prepared = prepare_transfer(room, due.id, stop);
    if (!prepared.ok() || prepared->outcome == PrepareOutcome::later) {
      room.transfers.rest(due.id, room.clock.now(),
                          prepared.ok() ? prepared->slug : prepared.error().slug);
      if (!prepared.ok()) log_trouble("prepare.failed", prepared.error());
      continue;
    }
    room.transfers.rested(due.id);
    if (prepared->outcome == PrepareOutcome::nothing) continue;
    if (prepared->outcome == PrepareOutcome::cleared) room.bells.ring_senders(due.destination);
    return true;
  }
  return false;
}

void prepare_loop(RouterRoom& room, const std::stop_token& stop) {
  const StopRings rings(stop, room.bells.preparers);
  while (!stop.stop_requested()) {
    const Result<bool> done = prepare_round(room, stop);
    if (!done.ok()) log_trouble("prepare.failed", done.error());
    const bool more = done.ok() && *done;
    if (!more && !stop.stop_requested()) {
      room.bells.preparers.wait(done.ok() ? kPreparerWaits : kTroubleWaits);
    }
  }
}

void send_loop(RouterRoom& room, const DestinationName& destination, const std::stop_token& stop) {
  const config::Destination* settings = room.config->find(destination);
  Doorbell* bell = room.bells.senders(destination);
  if (settings == nullptr || bell == nullptr) return;
  const StopRings rings(stop, *bell);
  OwnSender sender(room, *settings);
  const GetSender get = [&sender] { return sender.get(); };
  while (!stop.stop_requested()) {
    const auto done = dispatch_due(room, destination, get, stop);
    if (!done.ok()) log_trouble("dispatch.failed", done.error());
    if (done.ok() && *done) continue;
    sender.let_go();
    if (stop.stop_requested()) return;
    bell->wait(done.ok() ? until_due(room, destination, kSenderWaits) : kTroubleWaits);
  }
}

}  // namespace veilroute::router

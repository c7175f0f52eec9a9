#include "router/retention.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/log.h"
#include "router/loops.h"

namespace veilroute::router {
namespace {

/// Objects, transfers and records in one transaction: others wait for it no longer than a blink.
constexpr std::size_t kMostShredded = 256;
constexpr std::size_t kMostCleared = 256;
constexpr std::size_t kMostSegments = 64;
constexpr Duration kLongestWait = std::chrono::minutes(1);
constexpr Duration kShortestWait = std::chrono::milliseconds(500);
/// How often the trusted time is written down; far below RetentionClock::kLongestGap.
constexpr Duration kKeepTimeEvery = std::chrono::hours(1);

/// The wait between two rounds: fine enough for the shortest time that is configured.
Duration wait_of(const store::RetentionPolicy& policy) {
  const Duration shortest = std::min({policy.keep, policy.superseded, policy.unusable});
  return std::clamp(shortest / 2, kShortestWait, kLongestWait);
}

void log_round(const RetentionRound& round) {
  if (round.shredded + round.outboxes + round.segments + round.returns == 0) return;
  log::info("retention.round", {{"shredded", std::uint64_t{round.shredded}},
                                {"outboxes", std::uint64_t{round.outboxes}},
                                {"segments", std::uint64_t{round.segments}},
                                {"returns", std::uint64_t{round.returns}}});
}

/// What one thread knows from round to round.
class Retention {
 public:
  Retention(RouterRoom& room, TimePoint trusted) : room_(room), kept_(trusted), clock_(trusted) {}

  /// True when there is more to do at once.
  Result<bool> round() {
    const auto running =
        std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started_);
    const auto now = clock_.judge(room_.clock.now(), running);
    if (!now) return warn();
    warned_ = false;
    if (*now < kept_ || *now - kept_ >= kKeepTimeEvery) {
      VR_TRY(room_.catalog.keep_retention_time(*now));
      kept_ = *now;
    }
    VR_TRY(const RetentionRound done, retention_round(room_, *now));
    log_round(done);
    return done.full;
  }

 private:
  Result<bool> warn() {
    if (!std::exchange(warned_, true)) log::error("retention.clock-jumped");
    return false;
  }

  RouterRoom& room_;
  TimePoint kept_;
  store::RetentionClock clock_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  bool warned_ = false;
};

void log_retention_failed(const Error& error) {
  log::error("retention.failed",
             {{"error_kind", error.kind}, log::Field::text("slug", error.slug)});
}

/// Until it succeeds: a reader may hold an old page for a moment.
Result<void> empty_journal(RouterRoom& room) {
  if (!room.journal_to_empty.exchange(false)) return {};
  const Result<bool> emptied = room.catalog.empty_journal();
  if (emptied.ok() && *emptied) return {};
  room.journal_to_empty = true;
  if (!emptied.ok()) return emptied.error();
  log::debug("retention.journal-in-use");
  return {};
}

Result<std::size_t> remove_outboxes(RouterRoom& room) {
  VR_TRY(const std::vector<TransferId> ended, room.catalog.close_outboxes(kMostCleared));
  for (const TransferId id : ended) VR_TRY(room.outbox.remove(id));
  return ended.size();
}

}  // namespace

store::RetentionPolicy retention_policy(const config::Config& config) {
  return {config.retention.keep, config.retention.superseded, config.retention.unusable};
}

Result<RetentionRound> clear_away(RouterRoom& room,
                                  const std::vector<store::ObjectLocation>& shredded) {
  RetentionRound round;
  if (!shredded.empty()) room.journal_to_empty = true;
  VR_TRY(empty_journal(room));
  room.spool.release(shredded);
  VR_TRY(round.outboxes, remove_outboxes(room));
  VR_TRY(round.segments, room.spool.remove_shredded(kMostSegments));
  round.shredded = shredded.size();
  round.full = round.outboxes == kMostCleared || round.segments == kMostSegments;
  return round;
}

Result<RetentionRound> retention_round(RouterRoom& room, TimePoint now) {
  const store::RetentionPolicy policy = retention_policy(*room.config);
  VR_TRY(const std::vector<ObjectId> due, room.catalog.objects_due(policy, now, kMostShredded));
  std::vector<store::ObjectLocation> shredded;
  if (!due.empty()) {
    VR_TRY(shredded, room.catalog.shred_objects(due, policy, now));
  }
  VR_TRY(RetentionRound round, clear_away(room, shredded));
  VR_TRY(round.returns,
         room.catalog.expire_returns(now - room.config->retention.return_window, kMostCleared));
  round.full = round.full || due.size() == kMostShredded || round.returns == kMostCleared;
  return round;
}

void retention_loop(RouterRoom& room, const std::stop_token& stop) {
  const StopRings rings(stop, room.bells.retention);
  const Result<TimePoint> trusted = room.catalog.retention_time();
  if (!trusted.ok()) return log_retention_failed(trusted.error());
  Retention retention(room, *trusted);
  const Duration wait = wait_of(retention_policy(*room.config));
  while (!stop.stop_requested()) {
    const Result<bool> more = retention.round();
    if (!more.ok()) log_retention_failed(more.error());
    const bool busy = more.ok() && *more;
    if (!busy && !stop.stop_requested()) room.bells.retention.wait(wait);
  }
}

}  // namespace veilroute::router

#include "router/completion.h"

#include <algorithm>

#include "core/base/log.h"

namespace veilroute::router {
namespace {

/// Studies looked at in one sweep; the next sweep takes the rest.
constexpr std::size_t kStudiesPerSweep = 200;
/// A carried study is looked at again this often at most.
constexpr Duration kShortestLook = std::chrono::seconds(1);

TimePoint later_by(TimePoint at, Duration by) {
  return by > TimePoint::max() - at ? TimePoint::max() : at + by;
}

}  // namespace

Completion is_complete(const store::Study& study, bool in_flight, TimePoint now,
                       const store::CompletionPolicy& policy) {
  const TimePoint patience_ends = later_by(study.first_at, policy.longest);
  if (now >= patience_ends) return {true, now};
  if (in_flight) {
    // An association says nothing when it ends, so we look again well within the quiet period.
    const Duration pause = std::max(kShortestLook, policy.quiet / 4);
    return {false, std::min(later_by(now, pause), patience_ends)};
  }
  const TimePoint quiet_ends = later_by(study.last_at, policy.quiet);
  if (now >= quiet_ends) return {true, now};
  return {false, std::min(quiet_ends, patience_ends)};
}

Result<std::size_t> sweep_completion(store::Catalog& catalog, const store::InFlight& in_flight,
                                     const Clock& clock, const store::CompletionPolicy& policy) {
  const TimePoint now = clock.now();
  VR_TRY(const std::vector<store::Study> due, catalog.studies_due(now, kStudiesPerSweep));
  std::size_t completed = 0;
  for (const store::Study& study : due) {
    const Completion answer = is_complete(study, in_flight.carries(study.uid), now, policy);
    if (!answer.complete) {
      VR_TRY(catalog.postpone_study(study.key, answer.look_again_at));
      continue;
    }
    VR_TRY(const bool done, catalog.complete_study(study.key, study.last_at));
    if (!done) continue;
    ++completed;
    log::info("study.completed", {{"study", study.key}, {"generation", study.generation}});
  }
  return completed;
}

}  // namespace veilroute::router

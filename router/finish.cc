#include "router/finish.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "core/base/log.h"
#include "router/findings.h"

namespace veilroute::router {
namespace {

constexpr Duration kFirstPause = std::chrono::milliseconds(500);
constexpr Duration kLongestPause = std::chrono::seconds(30);
/// Tries at the first pause, before the pauses grow.
constexpr unsigned kQuickTries = 10;
/// While the node is stopping; somebody waits for its end.
constexpr unsigned kTriesStopping = 6;

/// Ends early when the node begins to stop. One that stops already waits the whole pause.
void pause_for(Duration pause, const std::stop_token& stop) {
  const bool stops_already = stop.stop_requested();
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any nobody_rings;
  const std::stop_token heard = stops_already ? std::stop_token() : stop;
  nobody_rings.wait_for(lock, heard, pause, [] { return false; });
}

}  // namespace

std::optional<Duration> finish_again_in(unsigned tried, bool stopping) {
  if (stopping) return tried < kTriesStopping ? std::optional(kFirstPause) : std::nullopt;
  Duration pause = kFirstPause;
  for (unsigned i = kQuickTries; i < tried && pause < kLongestPause; ++i) pause *= 2;
  return std::min(pause, kLongestPause);
}

Result<void> finish_attempt(store::Catalog& catalog, TransferId id,
                            const store::AttemptResult& result, const std::stop_token& stop) {
  unsigned tried = 0;
  unsigned tried_stopping = 0;
  for (;;) {
    Result<void> finished = catalog.finish_attempt(id, result);
    if (finished.ok()) return finished;
    log::error("attempt.not-finished", {{"transfer", id},
                                        {"attempt", ++tried},
                                        log::Field::text("slug", finished.error().slug)});
    if (!worth_later(finished.error())) return finished;
    const bool stopping = stop.stop_requested();
    if (stopping) ++tried_stopping;
    const auto pause = finish_again_in(stopping ? tried_stopping : tried, stopping);
    if (!pause) return finished;
    pause_for(*pause, stop);
  }
}

}  // namespace veilroute::router

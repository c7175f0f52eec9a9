// The watch: looks at the site every half minute, writes what changed into the log, and tells
// people by webhook and mail.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "app/watch/bulletin.h"
#include "core/base/doorbell.h"

namespace veilroute::app {

class Site;

/// One way to people. One thread.
class AlertChannel {
 public:
  virtual ~AlertChannel() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// Errors are of the way, not of the bulletin; it is told again at the next look.
  virtual Result<void> tell(const Bulletin& bulletin, TimePoint at,
                            const std::stop_token& stop) = 0;
};

/// Those that the configuration names; none: changes are only logged. Errors: a file of theirs
/// cannot be used.
Result<std::vector<std::unique_ptr<AlertChannel>>> open_channels(const config::Config& config);

/// What changed since the last look becomes "condition.raised" and "condition.cleared" in the log,
/// and a bulletin for each channel when its digest says so. One thread.
class Watch {
 public:
  Watch(const config::AlertSettings& settings, std::vector<std::unique_ptr<AlertChannel>> channels);
  void look(const WatchFacts& facts, const std::stop_token& stop);

 private:
  struct Way {
    std::unique_ptr<AlertChannel> channel;
    AlertDigest digest;
  };
  void log_changes(const std::vector<Condition>& conditions);

  std::vector<Way> ways_;
  std::vector<Condition> before_;
};

/// Until stopped; `bell` ends its sleep.
void watch_loop(Site& site, Watch& watch, Doorbell& bell, const std::stop_token& stop);

}  // namespace veilroute::app

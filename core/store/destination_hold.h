// What keeps a destination from being sent to: a person's pause, or the node's own suspension. Both
// survive a restart, and each is in the ledger with who did it. docs/adr/0023.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/phi.h"
#include "core/base/result.h"

namespace veilroute::store {

/// By a person: nothing leaves, whatever is due.
struct DestinationPause {
  std::string by;  ///< a user of this machine
  TimePoint since;
  TimePoint until;          ///< the epoch: until a person resumes it
  Phi<std::string> reason;  ///< a person's own words; kept sealed
  [[nodiscard]] bool holds(TimePoint now) const { return until == TimePoint{} || now < until; }
};

/// By the node: the receiver is not trusted any more. One probe leaves now and then.
struct DestinationSuspension {
  TimePoint since;
  std::string slug;   ///< why
  Digest settings{};  ///< of what the destination was then: another digest lifts it at start
};

struct DestinationHold {
  std::optional<DestinationPause> pause;      ///< of this destination
  std::optional<DestinationPause> pause_all;  ///< of all of them
  std::optional<DestinationSuspension> suspension;
  [[nodiscard]] bool is_paused(TimePoint now) const {
    return (pause && pause->holds(now)) || (pause_all && pause_all->holds(now));
  }
};

/// An order of a person. An empty destination: all of them.
struct PauseOrder {
  DestinationName destination;
  TimePoint until;  ///< the epoch: no end
  std::string reason;
  std::string actor;
};

/// The catalog's verbs for destinations. Any thread; the tags are those of catalog.h.
class DestinationBook {
 public:
  virtual ~DestinationBook() = default;
  virtual Result<DestinationHold> hold_of(const DestinationName& destination) = 0;
  /// Changes with every verb below; touches no disk. For whoever asks between two objects.
  [[nodiscard]] virtual std::uint64_t holds_version() const = 0;
  /// Said again, the newer order holds. [durable]
  virtual Result<void> pause_destination(const PauseOrder& order) = 0;
  /// `refused` ("destination.not-paused") when no order names it; that of all is not lifted for
  /// one. [durable]
  virtual Result<void> resume_destination(const DestinationName& destination,
                                          const std::string& actor) = 0;
  /// False when it was suspended for the same already: then nothing is written. [durable]
  virtual Result<bool> suspend_destination(const DestinationName& destination,
                                           const std::string& slug, const Digest& settings) = 0;
  /// False when it was not suspended. `why`: a word for the ledger; `actor`: a person, or empty.
  /// [durable]
  virtual Result<bool> lift_suspension(const DestinationName& destination, const std::string& why,
                                       const std::string& actor) = 0;
  /// What waits for its next try there is due now. How many. [durable]
  virtual Result<std::size_t> hasten_transfers(const DestinationName& destination) = 0;
  /// Transfers there that are not over.
  virtual Result<std::uint64_t> count_open(const DestinationName& destination) = 0;
};

}  // namespace veilroute::store

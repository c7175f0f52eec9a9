// Conditions: what somebody should know of before a patient waits for it. Pure: facts in,
// conditions out; `doctor`, the health page and alerts all say the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/watch/facts.h"

namespace veilroute::app {

enum class Severity : std::uint8_t {
  notice,    ///< will matter in weeks
  warning,   ///< something waits for a person
  critical,  ///< nothing goes on there
};
std::string_view to_string(Severity severity);

struct Condition {
  std::string slug;  ///< has advice (app/advice.h)
  Severity severity = Severity::notice;
  std::string subject;  ///< "destination bone-specialist", "listener ward"
  std::string detail;   ///< numbers for people: "12 transfers, the oldest since 3 h"
  bool operator==(const Condition&) const = default;
};

/// Certificates and approvals are told of so many days before their end.
inline constexpr std::chrono::days kNoticeBefore{60}, kWarnBefore{30};
/// Transfers that have failed so often mean that the receiver is away.
inline constexpr unsigned kAttemptsOfTrouble = 3;

/// The gravest first, then by slug and subject: the same facts give the same list. Any thread.
std::vector<Condition> conditions_of(const WatchFacts& facts);

}  // namespace veilroute::app

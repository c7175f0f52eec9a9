// Advice: what a person reads when something fails, always in five parts: what happened, to what,
// whose side it is, what the node does next, and what you can do. One template per slug.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace veilroute::app {

/// One template. No values in it, and none are put in: only our own numbers and names (Occasion).
struct Advice {
  std::string_view slug;
  std::string_view what;    ///< what happened
  std::string_view whose;   ///< whose side it is
  std::string_view next;    ///< what the node does next
  std::string_view action;  ///< what you can do
};

/// To what it happened: "transfer 12 of study 8821 to bone-specialist". Our own numbers and names of
/// the configuration only.
struct Occasion {
  std::string subject;
  std::string due;  ///< when the next try is, if one is
};

/// Null when the slug needs no more than its own detail (a misspelt option, say).
const Advice* find_advice(std::string_view slug);
const std::vector<Advice>& all_advice();

/// The failure in five parts where there is advice for it, else its detail alone.
std::string sentences(const Error& error, const Occasion& occasion);
/// The same for a reason kept with a study, an object or a transfer.
std::string sentences(std::string_view slug, const Occasion& occasion);

}  // namespace veilroute::app

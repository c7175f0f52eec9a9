#include "app/watch/alert_digest.h"

#include <algorithm>

namespace veilroute::app {

std::optional<Bulletin> AlertDigest::look(TimePoint now, const std::vector<Condition>& conditions) {
  present_.clear();
  for (const Condition& each : conditions) {
    if (each.severity != Severity::notice)
      present_.insert_or_assign({each.slug, each.subject}, each);
  }
  Bulletin bulletin;
  bool urgent = false;
  for (const auto& [key, condition] : present_) {
    const auto told = told_.find(key);
    const bool graver = told == told_.end() || condition.severity > told->second.severity;
    (graver ? bulletin.raised : bulletin.standing).push_back(condition);
    const auto before = urgent_.find(key);
    const bool flaps = before != urgent_.end() && now - before->second < every_;
    urgent = urgent || (graver && condition.severity == Severity::critical && !flaps);
  }
  for (const auto& [key, condition] : told_) {
    if (!present_.contains(key)) bulletin.cleared.push_back(condition);
  }
  const bool changed = !bulletin.raised.empty() || !bulletin.cleared.empty();
  const bool rested = !last_ || now - *last_ >= every_;
  const bool reminds = last_ && !bulletin.standing.empty() && now - *last_ >= remind_every_;
  if (!urgent && !(changed && rested) && !reminds) return std::nullopt;
  return bulletin;
}

void AlertDigest::sent(TimePoint now) {
  for (const auto& [key, condition] : present_) {
    if (condition.severity == Severity::critical && !told_.contains(key)) urgent_[key] = now;
  }
  std::erase_if(urgent_, [&](const auto& each) {
    return !present_.contains(each.first) && now - each.second >= every_;
  });
  told_ = present_;
  last_ = now;
}

}  // namespace veilroute::app

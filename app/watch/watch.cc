#include "app/watch/watch.h"

#include <algorithm>

#include "app/site.h"
#include "core/base/log.h"

namespace veilroute::app {
namespace {

constexpr Duration kLookEvery = std::chrono::seconds(30);

bool is_same_matter(const Condition& a, const Condition& b) {
  return a.slug == b.slug && a.subject == b.subject && a.severity == b.severity;
}

bool holds(const std::vector<Condition>& all, const Condition& one) {
  return std::any_of(all.begin(), all.end(),
                     [&](const Condition& each) { return is_same_matter(each, one); });
}

void log_condition(const char* event, const Condition& condition, log::Level level) {
  log::write(
      level, event,
      {log::Field::text("severity", std::string(to_string(condition.severity))),
       log::Field::text("slug", condition.slug), log::Field::text("subject", condition.subject)});
}

}  // namespace

Watch::Watch(const config::AlertSettings& settings,
             std::vector<std::unique_ptr<AlertChannel>> channels) {
  for (auto& channel : channels) {
    ways_.push_back({std::move(channel), AlertDigest(settings.digest, settings.remind)});
  }
}

void Watch::log_changes(const std::vector<Condition>& conditions) {
  for (const Condition& each : conditions) {
    if (each.severity == Severity::notice || holds(before_, each)) continue;
    const bool critical = each.severity == Severity::critical;
    log_condition("condition.raised", each, critical ? log::Level::error : log::Level::warn);
  }
  for (const Condition& each : before_) {
    if (each.severity == Severity::notice || holds(conditions, each)) continue;
    log_condition("condition.cleared", each, log::Level::info);
  }
}

void Watch::look(const WatchFacts& facts, const std::stop_token& stop) {
  const std::vector<Condition> conditions = conditions_of(facts);
  log_changes(conditions);
  before_ = conditions;
  for (Way& way : ways_) {
    if (stop.stop_requested()) return;
    const auto bulletin = way.digest.look(facts.at, conditions);
    if (!bulletin) continue;
    const Result<void> told = way.channel->tell(*bulletin, facts.at, stop);
    if (told.ok()) {
      way.digest.sent(facts.at);
      log::info("alert.sent", {log::Field::text("way", way.channel->name())});
    } else {
      log::warn("alert.not-sent", {log::Field::text("way", way.channel->name()),
                                   log::Field::text("slug", told.error().slug)});
    }
  }
}

void watch_loop(Site& site, Watch& watch, Doorbell& bell, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Result<WatchFacts> facts = facts_of(site);
    if (facts.ok()) {
      watch.look(*facts, stop);
    } else {
      log::warn("watch.failed", {log::Field::text("slug", facts.error().slug)});
    }
    if (!stop.stop_requested()) bell.wait(kLookEvery);
  }
}

}  // namespace veilroute::app

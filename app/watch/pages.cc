#include "app/watch/pages.h"

#include <algorithm>

#include "app/message.h"
#include "app/site.h"

namespace veilroute::app {
namespace {

constexpr int kOk = 200, kUnavailable = 503;

MonitorPage health_page(const WatchFacts& facts) {
  const std::vector<Condition> conditions = conditions_of(facts);
  const bool critical =
      std::any_of(conditions.begin(), conditions.end(),
                  [](const Condition& each) { return each.severity == Severity::critical; });
  json rows = json::array();
  for (const Condition& each : conditions) {
    rows.push_back({{"severity", std::string(to_string(each.severity))},
                    {"condition", each.slug},
                    {"subject", each.subject},
                    {"detail", each.detail}});
  }
  const json body{{"status", critical ? "critical" : "ok"}, {"conditions", std::move(rows)}};
  return {critical ? kUnavailable : kOk, "application/json", body.dump() + "\n"};
}

}  // namespace

MonitorPage monitor_page(Site& site, const Traffic& traffic, const std::string& path) {
  if (path != "/healthz" && path != "/metrics") return {};
  const Result<WatchFacts> facts = facts_of(site);
  if (!facts.ok()) {
    return {kUnavailable, "text/plain; charset=utf-8", facts.error().slug + "\n"};
  }
  if (path == "/healthz") return health_page(*facts);
  return {kOk, "text/plain; version=0.0.4; charset=utf-8", metrics_page(*facts, traffic)};
}

}  // namespace veilroute::app

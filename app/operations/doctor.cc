// doctor: what somebody should know of before a patient waits for it.
#include "app/advice.h"
#include "app/operations/operation.h"
#include "app/watch/conditions.h"

namespace veilroute::app {

Result<json> doctor(Site& site, Request&, Caller&) {
  VR_TRY(const WatchFacts facts, facts_of(site));
  json rows = json::array();
  for (const Condition& condition : conditions_of(facts)) {
    json row{{"severity", std::string(to_string(condition.severity))},
             {"slug", condition.slug},
             {"subject", condition.subject},
             {"detail", condition.detail}};
    if (const Advice* advice = find_advice(condition.slug)) {
      row["what"] = std::string(advice->what);
      row["next"] = std::string(advice->next);
      row["action"] = std::string(advice->action);
    }
    rows.push_back(std::move(row));
  }
  return json{{"at", to_text(facts.at)}, {"conditions", std::move(rows)}};
}

}  // namespace veilroute::app

// study.list, study.show
#include "app/operations/describe.h"
#include "app/operations/operation.h"

namespace veilroute::app {

Result<json> list_studies(Site& site, Request& request, Caller&) {
  const std::size_t at_most = std::min<std::size_t>(
      kMostListed, optional_number(request.arguments, "at_most").value_or(kMostListed));
  VR_TRY(const auto studies, site.catalog().list_studies(at_most));
  json rows = json::array();
  for (const auto& study : studies) rows.push_back(describe(study));
  return json{{"studies", std::move(rows)}};
}

Result<json> show_study(Site& site, Request& request, Caller&) {
  VR_TRY(const StudyKey key, chosen_study(site, request.arguments));
  VR_TRY(const auto view, site.catalog().study_view(key));
  json out = describe(view.study);
  if (flag_argument(request.arguments, "identified")) {
    out["identified"] = describe_identity(view.study);
  }
  out["transfers"] = json::array();
  for (const auto& transfer : view.transfers) out["transfers"].push_back(describe(transfer));
  out["sums"] = json::array();
  for (const auto& sum : view.sums) out["sums"].push_back(describe(sum));
  return out;
}

}  // namespace veilroute::app

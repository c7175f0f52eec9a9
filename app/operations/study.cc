// study.list, study.show, study.replan, study.shred
#include "app/operations/describe.h"
#include "app/operations/operation.h"
#include "app/operations/retention.h"
#include "router/replan.h"
#include "router/retention.h"

namespace veilroute::app {

namespace {

/// Whoever was told that an object is safe finds it in what is asked next. Where the disk is full,
/// what is written is shown.
Result<void> see_what_was_acknowledged(Site& site) {
  Result<void> flushed = site.catalog().flush();
  if (!flushed.ok() && flushed.error().kind == ErrorKind::exhausted) return {};
  return flushed;
}

}  // namespace

Result<json> list_studies(Site& site, Request& request, Caller&) {
  VR_TRY(see_what_was_acknowledged(site));
  const std::size_t at_most = length_argument(request.arguments);
  VR_TRY(auto studies, site.catalog().list_studies(at_most + 1));
  const bool truncated = cut_to(at_most, studies);
  json rows = json::array();
  for (const auto& study : studies) rows.push_back(describe(study));
  return json{{"studies", std::move(rows)}, {"truncated", truncated}};
}

Result<json> show_study(Site& site, Request& request, Caller&) {
  VR_TRY(see_what_was_acknowledged(site));
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
  out["retention"] =
      describe_retention(view, {router::retention_policy(site.config()), site.clock().now()});
  return out;
}

Result<json> replan_study(Site& site, Request& request, Caller& caller) {
  VR_TRY(const StudyKey key, chosen_study(site, request.arguments));
  const RouteName route{optional_text(request.arguments, "route")};
  VR_TRY(const auto transfers, router::replan_study(site.router(), key, route, caller.actor));
  json rows = json::array();
  for (const TransferId id : transfers) rows.push_back(id.value);
  return json{{"study", key.value}, {"transfers", std::move(rows)}};
}

}  // namespace veilroute::app

// quarantine.accept, quarantine.accepted, quarantine.revoke. What people have said is harmless
// although verification found it (docs/adr/0021).
#include "app/operations/operation.h"
#include "router/accept.h"

namespace veilroute::app {
namespace {

json describe_acceptance(const store::Acceptance& acceptance) {
  json out = {{"acceptance", acceptance.id.value},
              {"route", acceptance.route.value},
              {"destination", acceptance.destination.value},
              {"path", acceptance.path},
              {"transfer", acceptance.transfer.value},
              {"object", acceptance.object.value},
              {"accepted_at", to_text(acceptance.accepted_at)},
              {"accepted_by", acceptance.accepted_by},
              {"holds", acceptance.revoked_at == TimePoint{}}};
  if (acceptance.revoked_at == TimePoint{}) return out;
  out["revoked_at"] = to_text(acceptance.revoked_at);
  out["revoked_by"] = acceptance.revoked_by;
  return out;
}

}  // namespace

Result<json> accept_in_quarantine(Site& site, Request& request, Caller& caller) {
  router::AcceptOrder order;
  VR_TRY(order.transfer.value, number_argument(request.arguments, "transfer"));
  VR_TRY(order.object.value, number_argument(request.arguments, "object"));
  VR_TRY(order.path, text_argument(request.arguments, "path"));
  VR_TRY(order.reason, text_argument(request.arguments, "reason"));
  order.actor = caller.actor;
  VR_TRY(const store::AcceptanceId id, router::accept_finding(site.router(), order, {}));
  return json{{"acceptance", id.value}, {"transfer", order.transfer.value}};
}

Result<json> list_accepted(Site& site, Request& request, Caller&) {
  const std::size_t at_most = length_argument(request.arguments);
  VR_TRY(auto found, site.catalog().acceptances().list_acceptances(at_most + 1));
  const bool truncated = cut_to(at_most, found);
  const bool identified = flag_argument(request.arguments, "identified");
  json rows = json::array();
  for (const store::Acceptance& each : found) {
    json row = describe_acceptance(each);
    if (identified) row["reason"] = each.reason.reveal();
    rows.push_back(std::move(row));
  }
  return json{{"acceptances", std::move(rows)}, {"truncated", truncated}};
}

Result<json> revoke_accepted(Site& site, Request& request, Caller& caller) {
  VR_TRY(const std::uint64_t number, number_argument(request.arguments, "acceptance"));
  VR_TRY(const std::size_t again,
         site.catalog().acceptances().revoke_acceptance(store::AcceptanceId{number}, caller.actor));
  site.ring();
  return json{{"acceptance", number}, {"prepared_again", again}};
}

}  // namespace veilroute::app

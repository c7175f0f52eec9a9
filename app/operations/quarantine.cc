// quarantine.list, quarantine.show, quarantine.resume, quarantine.withdraw. What waits for a person:
// studies on hold, and transfers whose objects did not come out clean.
#include "app/operations/describe.h"
#include "app/operations/operation.h"

namespace veilroute::app {
namespace {

Result<store::Transfer> chosen_transfer(Site& site, const json& arguments) {
  VR_TRY(const std::uint64_t number, number_argument(arguments, "transfer"));
  return site.catalog().load_transfer(TransferId{number});
}

json quarantined_objects(const store::Transfer& transfer) {
  json rows = json::array();
  for (const auto& object : transfer.objects) {
    if (object.state == store::TransferObjectState::quarantined) rows.push_back(describe(object));
  }
  return rows;
}

}  // namespace

Result<json> list_quarantine(Site& site, Request& request, Caller&) {
  store::TransferFilter filter;
  filter.only_quarantined = true;
  const std::size_t at_most = length_argument(request.arguments);
  filter.at_most = at_most + 1;
  VR_TRY(auto transfers, site.catalog().list_transfers(filter));
  bool truncated = cut_to(at_most, transfers);
  json rows = json::array();
  for (const auto& transfer : transfers) {
    json row = describe(transfer);
    row["quarantined"] = quarantined_objects(transfer);
    rows.push_back(std::move(row));
  }
  VR_TRY(auto studies, site.catalog().list_studies(at_most + 1, store::StudyState::held));
  truncated = cut_to(at_most, studies) || truncated;
  json held = json::array();
  for (const auto& study : studies) held.push_back(describe(study));
  return json{{"transfers", std::move(rows)},
              {"held_studies", std::move(held)},
              {"truncated", truncated}};
}

Result<json> show_quarantine(Site& site, Request& request, Caller&) {
  VR_TRY(const auto transfer, chosen_transfer(site, request.arguments));
  json out = describe(transfer);
  out["quarantined"] = quarantined_objects(transfer);
  return out;
}

Result<json> resume_quarantine(Site& site, Request& request, Caller& caller) {
  if (const auto study = optional_number(request.arguments, "study")) {
    VR_TRY(site.catalog().resume_study(StudyKey{*study}, caller.actor));
    site.ring();
    return json{{"study", *study}, {"state", "complete"}};
  }
  VR_TRY(const std::uint64_t number, number_argument(request.arguments, "transfer"));
  VR_TRY(site.catalog().resume_quarantined(TransferId{number}, caller.actor));
  site.ring();
  return json{{"transfer", number}, {"state", "planned"}};
}

Result<json> withdraw_quarantine(Site& site, Request& request, Caller& caller) {
  VR_TRY(const std::uint64_t number, number_argument(request.arguments, "transfer"));
  std::optional<ObjectId> object;
  if (const auto chosen = optional_number(request.arguments, "object")) object = ObjectId{*chosen};
  VR_TRY(site.catalog().withdraw_quarantined(TransferId{number}, object, caller.actor));
  site.ring();
  return show_quarantine(site, request, caller);
}

}  // namespace veilroute::app

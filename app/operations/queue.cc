// queue.list, queue.retry, queue.withdraw
#include <optional>

#include "app/operations/describe.h"
#include "app/operations/operation.h"
#include "router/send.h"

namespace veilroute::app {
namespace {

Result<std::optional<store::TransferState>> state_argument(const json& arguments) {
  using store::TransferState;
  const std::string word = optional_text(arguments, "state");
  if (word.empty()) return std::optional<TransferState>();
  for (const auto state :
       {TransferState::planned, TransferState::blocked, TransferState::cleared,
        TransferState::sending, TransferState::deferred, TransferState::sent,
        TransferState::refused, TransferState::withdrawn}) {
    if (word == store::to_string(state)) return std::optional<TransferState>(state);
  }
  return make_error(ErrorKind::invalid, "argument.wrong-kind",
                    "a transfer is planned, blocked, cleared, sending, deferred, sent, refused or "
                    "withdrawn");
}

/// The one transfer that was named, or all of a study that are not over.
Result<std::vector<TransferId>> chosen_transfers(Site& site, const json& arguments,
                                                 bool also_refused) {
  if (const auto number = optional_number(arguments, "transfer")) {
    return std::vector<TransferId>{TransferId{*number}};
  }
  VR_TRY(const std::uint64_t study, number_argument(arguments, "study"));
  VR_TRY(const auto view, site.catalog().study_view(StudyKey{study}));
  std::vector<TransferId> chosen;
  for (const auto& transfer : view.transfers) {
    const bool refused = transfer.state == store::TransferState::refused;
    if (!store::is_final(transfer.state) || (also_refused && refused)) chosen.push_back(transfer.id);
  }
  if (!chosen.empty()) return chosen;
  return make_error(ErrorKind::invalid, "queue.nothing-to-do",
                    "this study has no transfer for which that can be done");
}

using Change = Result<void> (store::Catalog::*)(TransferId, const std::string&);

Result<json> change_transfers(Site& site, const std::vector<TransferId>& chosen, Change change,
                              const Caller& caller) {
  json done = json::array();
  json not_done = json::array();
  std::optional<Error> first;
  for (const TransferId id : chosen) {
    const auto outcome = (site.catalog().*change)(id, caller.actor);
    if (outcome.ok()) {
      done.push_back(id.value);
      continue;
    }
    if (!first) first = outcome.error();
    not_done.push_back({{"transfer", id.value}, {"error", to_json(outcome.error())}});
  }
  site.ring();
  if (done.empty() && first) return *first;
  return json{{"transfers", std::move(done)}, {"not_done", std::move(not_done)}};
}

/// A person wants these tried now, whatever their destinations' breakers wait for.
Result<void> try_now(Site& site, const json& transfers) {
  for (const json& id : transfers) {
    VR_TRY(const auto transfer, site.catalog().load_transfer({id.get<std::uint64_t>()}));
    site.router().breakers.at(transfer.plan.destination).try_now();
  }
  return {};
}

/// Why a transfer waits that could go: what the node alone knows, or its destination's state.
Result<std::string> why_it_waits(Site& site, const store::Transfer& transfer) {
  using store::TransferState;
  if (transfer.state == TransferState::planned) {
    return site.router().transfers.why(transfer.id);
  }
  const bool could_go =
      transfer.state == TransferState::cleared || transfer.state == TransferState::deferred;
  if (!could_go) return std::string();
  VR_TRY(const auto hold, site.catalog().destinations().hold_of(transfer.plan.destination));
  if (hold.is_paused(site.clock().now())) return std::string(router::kPaused);
  if (hold.suspension && transfer.reason.empty()) return hold.suspension->slug;
  return std::string();
}

}  // namespace

Result<json> list_queue(Site& site, Request& request, Caller&) {
  store::TransferFilter filter;
  VR_TRY(filter.state, state_argument(request.arguments));
  filter.only_open = !filter.state && !flag_argument(request.arguments, "all");
  const std::size_t at_most = length_argument(request.arguments);
  filter.at_most = at_most + 1;
  if (const auto name = optional_text(request.arguments, "destination"); !name.empty()) {
    filter.destination = DestinationName{name};
  }
  VR_TRY(auto transfers, site.catalog().list_transfers(filter));
  const bool truncated = cut_to(at_most, transfers);
  json rows = json::array();
  for (const auto& transfer : transfers) {
    rows.push_back(describe(transfer));
    VR_TRY(const std::string why, why_it_waits(site, transfer));
    if (!why.empty()) rows.back()["reason"] = why;
  }
  return json{{"transfers", std::move(rows)}, {"truncated", truncated}};
}

Result<json> retry_transfers(Site& site, Request& request, Caller& caller) {
  VR_TRY(const auto chosen, chosen_transfers(site, request.arguments, true));
  VR_TRY(json done, change_transfers(site, chosen, &store::Catalog::retry_transfer, caller));
  VR_TRY(try_now(site, done["transfers"]));
  site.ring();
  return done;
}

Result<json> withdraw_transfers(Site& site, Request& request, Caller& caller) {
  VR_TRY(const auto chosen, chosen_transfers(site, request.arguments, false));
  return change_transfers(site, chosen, &store::Catalog::withdraw_transfer, caller);
}

}  // namespace veilroute::app

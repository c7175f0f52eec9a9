// queue.list, queue.retry, queue.withdraw
#include <optional>

#include "app/operations/describe.h"
#include "app/operations/operation.h"

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
    // Why a preparation waits is known to the node alone.
    const bool planned = transfer.state == store::TransferState::planned;
    const std::string why = planned ? site.router().transfers.why(transfer.id) : std::string();
    if (!why.empty()) rows.back()["reason"] = why;
  }
  return json{{"transfers", std::move(rows)}, {"truncated", truncated}};
}

Result<json> retry_transfers(Site& site, Request& request, Caller& caller) {
  VR_TRY(const auto chosen, chosen_transfers(site, request.arguments, true));
  return change_transfers(site, chosen, &store::Catalog::retry_transfer, caller);
}

Result<json> withdraw_transfers(Site& site, Request& request, Caller& caller) {
  VR_TRY(const auto chosen, chosen_transfers(site, request.arguments, false));
  return change_transfers(site, chosen, &store::Catalog::withdraw_transfer, caller);
}

}  // namespace veilroute::app

// commitment.list. What sources asked us to answer for, what they were told, and who has not heard.
#include <algorithm>
#include <map>

#include "app/operations/operation.h"

namespace veilroute::app {
namespace {

constexpr std::size_t kMostCommitments = 1000;
constexpr std::size_t kUsualCommitments = 100;

/// Failure reasons of PS3.3 C.14.1.1 in words.
const char* failure_word(std::uint16_t failure) {
  namespace why = store::failure_reason;
  switch (failure) {
    case why::no_such_instance: return "no-such-object";
    case why::class_instance_conflict: return "of-another-class";
    case why::class_not_supported: return "class-not-taken";
    case why::duplicate_transaction: return "duplicate-request";
    default: return "not-kept";
  }
}

json describe_commitment(const store::Commitment& commitment) {
  using State = store::CommitmentState;
  json out = {{"commitment", commitment.id.value},
              {"source", commitment.source.value},
              {"state", std::string(store::to_string(commitment.state))},
              {"requested_at", to_text(commitment.requested_at)},
              {"objects", commitment.references.size()},
              {"attempts", commitment.attempts}};
  if (!commitment.reason.empty()) out["reason"] = commitment.reason;
  if (commitment.state == State::waiting) return out;
  out["settled_at"] = to_text(commitment.settled_at);
  if (commitment.state == State::settled) out["due_at"] = to_text(commitment.due_at);
  std::map<std::string, std::uint64_t> failed;
  for (const store::Reference& one : commitment.references) {
    if (one.failure != store::failure_reason::none) ++failed[failure_word(one.failure)];
  }
  out["committed"] = commitment.references.size() - commitment.failures();
  out["failed"] = failed;
  return out;
}

}  // namespace

Result<json> list_commitments(Site& site, Request& request, Caller&) {
  const std::size_t at_most = std::min<std::size_t>(
      kMostCommitments, optional_number(request.arguments, "at_most").value_or(kUsualCommitments));
  VR_TRY(const auto found, site.catalog().commitments().list_commitments(at_most));
  json rows = json::array();
  for (const auto& commitment : found) rows.push_back(describe_commitment(commitment));
  return json{{"commitments", std::move(rows)}};
}

}  // namespace veilroute::app

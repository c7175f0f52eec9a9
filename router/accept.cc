#include "router/accept.h"

#include <algorithm>
#include <exception>
#include <set>

#include "core/base/log.h"
#include "profiles/acceptable.h"
#include "router/preparation.h"

namespace veilroute::router {
namespace {

constexpr std::string_view kFound = "verify.identity-found";

Error refused(const char* slug, const char* why) {
  return make_error(ErrorKind::refused, slug, why);
}

/// What the catalog says was found there, before anything is read.
Result<void> check_finding(const store::Transfer& transfer, const AcceptOrder& order) {
  const auto row = std::find_if(
      transfer.objects.begin(), transfer.objects.end(),
      [&order](const store::TransferObject& each) { return each.object == order.object; });
  const bool quarantined =
      row != transfer.objects.end() && row->state == store::TransferObjectState::quarantined;
  if (quarantined && is_among(row->findings, order.path, kFound)) return {};
  const bool other = quarantined && std::any_of(row->findings.begin(), row->findings.end(),
                                                [&order](const store::Finding& each) {
                                                  return each.path == order.path;
                                                });
  if (other) {
    return refused("accept.other-rule",
                   "only a word that verification found (verify.identity-found) can be said to be "
                   "harmless; this finding is of another kind");
  }
  return refused(
      "accept.no-such-finding",
      "this object has no finding at this path in this transfer; `quarantine show` lists "
      "them");
}

/// The value without which the finding is not made. Which values verification asks about, and in
/// what form, is its own affair.
Result<std::string> value_of(Preparation& look, const AcceptOrder& order) {
  const std::string plain = profiles::path_without_items(order.path);
  std::set<std::string> asked;
  VR_TRY(look.look_again([&](std::string_view path, std::string_view value) {
    if (path == plain) asked.emplace(value);
    return false;
  }));
  if (!look.findings().has(order.object, order.path, kFound)) {
    return refused("accept.not-found-again",
                   "the finding does not come out again: have the transfer prepared again with "
                   "`quarantine resume`");
  }
  for (const std::string& candidate : asked) {
    VR_TRY(look.look_again([&](std::string_view path, std::string_view value) {
      return path == plain && value == candidate;
    }));
    if (!look.findings().has(order.object, order.path, kFound)) return candidate;
  }
  return refused("accept.not-a-text",
                 "what was found there is no text that can be read: remove the attribute by a rule "
                 "of the profile, then `study replan`");
}

Result<store::AcceptanceId> accept(RouterRoom& room, const AcceptOrder& order,
                                   const std::stop_token& stop) {
  VR_TRY(const store::Transfer transfer, room.catalog.load_transfer(order.transfer));
  VR_TRY(check_finding(transfer, order));
  VR_TRY(const auto profile,
         profiles::reopen_profile(transfer.plan.profile_text, transfer.plan.profile_version));
  VR_TRY(const store::Study study, room.catalog.load_study(transfer.study));
  Preparation look(room, transfer, study, *profile, true);
  look.choose_quarantined(order.object);
  VR_TRY(look.collect_terms(stop));
  VR_TRY(const std::string value, value_of(look, order));
  VR_TRY(profiles::check_acceptable(order.path, value, look.terms()));
  return room.catalog.acceptances().accept_finding(
      {order.transfer, order.object, profiles::path_without_items(order.path),
       Phi<std::string>(value), order.actor, Phi<std::string>(order.reason)});
}

}  // namespace

Result<store::AcceptanceId> accept_finding(RouterRoom& room, const AcceptOrder& order,
                                           const std::stop_token& stop) {
  try {
    VR_TRY(const store::AcceptanceId id, accept(room, order, stop));
    log::warn("finding.accepted",
              {{"transfer", order.transfer}, {"object", order.object}, {"acceptance", id}});
    return id;
  } catch (const std::exception&) {
    // Its text is not ours and may quote a value.
    return make_error(ErrorKind::internal, "accept.exception", "an exception while looking again");
  }
}

}  // namespace veilroute::router

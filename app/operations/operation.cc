#include "app/operations/operation.h"

#include <algorithm>
#include <iterator>

namespace veilroute::app {
namespace {

constexpr Operation kOperations[] = {
    {"submit", submit},
    {"explain", explain},
    {"study.list", list_studies},
    {"study.show", show_study},
    {"study.replan", replan_study},
    {"study.shred", shred_study},
    {"queue.list", list_queue},
    {"queue.retry", retry_transfers},
    {"queue.withdraw", withdraw_transfers},
    {"queue.pause", pause_destination},
    {"queue.resume", resume_destination},
    {"destination.resume", try_destination},
    {"destination.states", list_destination_states},
    {"quarantine.list", list_quarantine},
    {"quarantine.show", show_quarantine},
    {"quarantine.resume", resume_quarantine},
    {"quarantine.withdraw", withdraw_quarantine},
    {"quarantine.accept", accept_in_quarantine},
    {"quarantine.accepted", list_accepted},
    {"quarantine.revoke", revoke_accepted},
    {"commitment.list", list_commitments},
    {"ledger.entries", ledger_entries},
    {"ledger.inspect", inspect_ledger},
    {"pseudonyms", pseudonyms},
    {"profile.list", nullptr, list_profiles},
    {"profile.show", nullptr, show_profile},
    {"route.list", nullptr, list_routes},
    {"destination.list", nullptr, list_destinations},
    {"echo", nullptr, echo},
    {"doctor", doctor},
};

Error missing(const char* name) {
  return make_error(ErrorKind::invalid, "argument.missing",
                    std::string("the argument `") + name + "` is missing or of the wrong kind");
}

}  // namespace

const Operation* find_operation(std::string_view verb) {
  const auto found = std::find_if(std::begin(kOperations), std::end(kOperations),
                                  [verb](const Operation& row) { return verb == row.verb; });
  return found == std::end(kOperations) ? nullptr : found;
}

Result<json> run_operation(Site& site, Request request, Caller& caller) {
  const Operation* operation = find_operation(request.verb);
  if (operation == nullptr) {
    return make_error(ErrorKind::invalid, "control.unknown-verb",
                      "the node does not know this verb; is it of another version?");
  }
  if (operation->on_settings != nullptr) {
    return operation->on_settings(site.settings(), request.arguments);
  }
  return operation->on_site(site, request, caller);
}

void end_caller(Site& site, Caller& caller) {
  if (!caller.association) return;
  site.in_flight().release(*caller.association);
  caller.association.reset();
  site.ring();
}

Result<std::uint64_t> number_argument(const json& arguments, const char* name) {
  if (const auto number = optional_number(arguments, name)) return *number;
  return missing(name);
}

Result<std::string> text_argument(const json& arguments, const char* name) {
  std::string text = optional_text(arguments, name);
  if (!text.empty()) return text;
  return missing(name);
}

std::optional<std::uint64_t> optional_number(const json& arguments, const char* name) {
  const auto found = arguments.find(name);
  if (found == arguments.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

std::string optional_text(const json& arguments, const char* name) {
  const auto found = arguments.find(name);
  if (found == arguments.end() || !found->is_string()) return {};
  return found->get<std::string>();
}

bool flag_argument(const json& arguments, const char* name) {
  const auto found = arguments.find(name);
  return found != arguments.end() && found->is_boolean() && found->get<bool>();
}

std::size_t length_argument(const json& arguments) {
  return std::min<std::size_t>(kMostListed,
                               optional_number(arguments, "at_most").value_or(kMostListed));
}

Result<StudyKey> chosen_study(Site& site, const json& arguments) {
  if (const auto number = optional_number(arguments, "study")) return StudyKey{*number};
  VR_TRY(const std::string uid, text_argument(arguments, "uid"));
  VR_TRY(const auto key, site.catalog().find_study(Uid{uid}));
  if (key) return *key;
  return make_error(ErrorKind::invalid, "study.unknown",
                    "no study with this UID came in or went out; `veilroute study list` shows all");
}

}  // namespace veilroute::app

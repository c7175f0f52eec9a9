// Routes: what they name exists, and ask_basis, ask_profile and ask_consent of router/gate.cc would
// let a study through.
#include <algorithm>

#include "config/check_parts.h"

namespace veilroute::config {

namespace {

constexpr const char* kAuthorization = "authorization";

std::string in_quotes(const std::string& word) { return "\"" + word + "\""; }

void check_destination(const Draft& draft, const TableReader& table, const Route& route) {
  if (route.destination.value.empty()) return;
  const Destination* destination = draft.config.find(route.destination);
  if (destination == nullptr) {
    const auto known = names_of(draft.destinations);
    if (known.size() < draft.destinations.size()) return;
    return table.problem(table.place("destination"),
                         unknown_word("destination", route.destination.value, known),
                         "route.unknown-destination");
  }
  if (!destination->gate || destination->gate->basis.empty() || route.basis.empty()) return;
  if (destination->gate->basis == route.basis) return;
  table.problem(table.place("basis"),
                "destination " + in_quotes(destination->name.value) + " is approved for basis " +
                    in_quotes(destination->gate->basis) + ", not for " + in_quotes(route.basis),
                "route.basis-not-allowed");
}

void check_profile(const std::vector<KnownProfile>& profiles, const TableReader& table,
                   const Route& route) {
  if (route.profile.value.empty()) return;
  const auto found = std::find_if(profiles.begin(), profiles.end(),
                                  [&](const auto& one) { return one.name == route.profile; });
  if (found == profiles.end()) {
    std::vector<std::string> known;
    for (const KnownProfile& one : profiles) known.push_back(one.name.value);
    table.problem(table.place("profile"), unknown_word("profile", route.profile.value, known),
                  "route.unknown-profile");
    return;
  }
  const auto& bases = found->bases;
  if (route.basis.empty() || std::find(bases.begin(), bases.end(), route.basis) != bases.end()) {
    return;
  }
  std::string allowed;
  for (const std::string& basis : bases) allowed += (allowed.empty() ? "" : ", ") + basis;
  table.problem(table.place("profile"),
                "profile " + in_quotes(route.profile.value) + " is not strict enough for basis " +
                    in_quotes(route.basis) +
                    (allowed.empty() ? "; it names no basis" : "; it is for: " + allowed),
                "route.profile-too-weak");
}

/// What the reference says of a key: the same words here.
std::string sentence_of(std::string_view table, std::string_view key) {
  const auto found = std::find_if(keys().begin(), keys().end(), [&](const KeyInfo& info) {
    return info.table == table && info.key == key;
  });
  if (found == keys().end()) die("a key is asked for that the table of keys does not have");
  return found->what;
}

void check_consent(const TableReader& table, const Route& route) {
  if (!table.has("consent") || table.is_faulty("consent")) return;
  const TableReader consent = table.below("consent");
  if (consent.is_faulty("required") || consent.is_faulty("reason")) return;
  if (route.consent.required) {
    return consent.problem(consent.place("required"),
                           "\"required\": " + sentence_of("route.consent", "required"),
                           "route.consent-required");
  }
  if (route.consent.reason.empty()) {
    consent.problem(consent.place("reason"),
                    "\"reason\" is missing: say why this route needs no consent",
                    "route.consent-unexplained");
  }
}

/// An authorization is itself a consent (45 CFR 164.508), whatever the route says.
void check_authorization(const TableReader& table, const Route& route) {
  if (route.basis != kAuthorization) return;
  table.problem(table.place("basis"),
                "an authorization is the patient's own, and this version keeps no consent records, "
                "so that nothing could be sent; state another basis",
                "route.authorization-unrecorded");
}

}  // namespace

void check_routes(const Draft& draft, const std::vector<KnownProfile>& profiles) {
  check_names(draft.routes, "route.repeated-name");
  for (std::size_t i = 0; i < draft.routes.size(); ++i) {
    const TableReader& table = draft.routes[i];
    const Route& route = draft.config.routes[i];
    check_destination(draft, table, route);
    check_profile(profiles, table, route);
    check_consent(table, route);
    check_authorization(table, route);
  }
}

}  // namespace veilroute::config

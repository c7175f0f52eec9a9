#include "router/gate.h"

#include <algorithm>

#include "config/words.h"

namespace veilroute::router {
namespace {

constexpr std::string_view kDeidentified = "de-identified";
constexpr std::string_view kTreatment = "treatment";
constexpr std::string_view kAuthorization = "authorization";

GateAnswer shut(std::string slug, std::string sentence, std::string remedy) {
  return {false, {}, std::move(slug), std::move(sentence), std::move(remedy)};
}

GateAnswer open_with(std::string document) { return {true, std::move(document), {}, {}, {}}; }

std::string in_quotes(std::string_view name) { return "\"" + std::string(name) + "\""; }

GateAnswer ask_route(const store::TransferPlan& plan, const config::Route* route) {
  if (route == nullptr) {
    return shut("gate.route-unknown",
                "The configuration has no route " + in_quotes(plan.route.value) + " any more.",
                "Put the route back, or withdraw the transfer.");
  }
  if (!route->enabled) {
    return shut("gate.route-disabled", "Route " + in_quotes(plan.route.value) + " is disabled.",
                "Set enabled = true in the route, or withdraw the transfer.");
  }
  return open_with({});
}

GateAnswer ask_way(const store::TransferPlan& plan, const config::Destination* destination) {
  const std::string name = in_quotes(plan.destination.value);
  if (destination == nullptr) {
    return shut("gate.destination-unknown",
                "The configuration has no destination " + name + " any more.",
                "Put the destination back, or withdraw the transfer.");
  }
  if (!config::is_encrypted(*destination) && !config::stays_on_this_machine(*destination)) {
    return shut("gate.not-encrypted", "Destination " + name + " is reached without encryption.",
                "Set protocol = \"dicom+tls\", or an https URL; what is plain is for this machine alone.");
  }
  return open_with({});
}

bool needs_document(std::string_view basis) {
  // Treatment between providers needs no agreement (45 CFR 164.502(e)(1)(ii)(A)).
  return basis != kTreatment;
}

GateAnswer ask_approval(const config::Destination& destination, TimePoint now) {
  const std::string name = in_quotes(destination.name.value);
  const auto& gate = destination.gate;
  if (!gate || gate->approved_by.empty() || (gate->document.empty() && needs_document(gate->basis))) {
    return shut("gate.not-approved", "Nobody has approved destination " + name + ".",
                "Give the destination a whole gate = { basis, document, valid_until, approved_by }.");
  }
  if (!gate->valid_until.ok()) {
    return shut("gate.no-validity",
                "The approval of destination " + name + " does not say until when it holds.",
                "Write valid_until as a date in the destination's gate.");
  }
  // The last day counts whole, in UTC.
  if (now >= std::chrono::sys_days(gate->valid_until) + std::chrono::days(1)) {
    return shut("gate.expired", "The approval of destination " + name + " is over.",
                "Renew the agreement, then set valid_until in the destination's gate.");
  }
  return open_with(gate->document);
}

GateAnswer ask_basis(const store::TransferPlan& plan, const config::Gate& gate) {
  const auto bases = profiles::legal_bases();
  if (std::find(bases.begin(), bases.end(), plan.basis) == bases.end()) {
    return shut("gate.basis-unknown",
                "Route " + in_quotes(plan.route.value) + " names a basis that does not exist.",
                "Use one of de-identified, expert-determination, treatment, authorization, "
                "limited-data-set, baa, waiver.");
  }
  if (plan.basis != gate.basis) {
    return shut("gate.basis-not-allowed",
                "Destination " + in_quotes(plan.destination.value) + " is not approved for basis " +
                    in_quotes(plan.basis) + ".",
                "Have this basis approved, or give the route the approved one.");
  }
  return open_with({});
}

GateAnswer ask_profile(const store::TransferPlan& plan, const profiles::Profile* profile) {
  const std::string name = in_quotes(plan.profile.value);
  if (profile == nullptr || profile->version != plan.profile_version) {
    return shut("gate.profile-changed",
                "Profile " + name + " does not come out as it was when the study was planned.",
                "Plan the study again under the profile as it is now (`study replan`), or withdraw "
                "the transfer.");
  }
  const bool named = std::find(profile->bases.begin(), profile->bases.end(), plan.basis) !=
                     profile->bases.end();
  if (!named || (plan.basis == kDeidentified && !profile->deidentifies)) {
    return shut("gate.profile-too-weak",
                "Profile " + name + " is not strict enough for basis " + in_quotes(plan.basis) + ".",
                "Give the route a profile that names this basis.");
  }
  return open_with({});
}

GateAnswer ask_consent(const store::TransferPlan& plan, const config::Consent& consent) {
  const std::string name = in_quotes(plan.route.value);
  // No consent is on record yet anywhere, so whoever needs one waits; an authorization is itself a
  // consent (45 CFR 164.508), whatever the route says.
  if (consent.required || plan.basis == kAuthorization) {
    return shut("gate.consent-missing", "Route " + name + " needs the patient's consent.",
                "Record the consent, or say in the route why none is needed.");
  }
  if (consent.reason.empty()) {
    return shut("gate.consent-unexplained",
                "Route " + name + " does not say why it needs no consent.",
                "Write consent = { required = false, reason = \"...\" }.");
  }
  return open_with({});
}

/// Trust that was taken back must not go on working for what was planned under it.
GateAnswer ask_pixels(const store::TransferPlan& plan, const config::Route& route) {
  if (plan.pixel_trust.empty() || plan.pixel_trust == route.pixel_trust) return open_with({});
  return shut("gate.pixel-trust-ended",
              "Route " + in_quotes(plan.route.value) +
                  " does not name the document any more by which suspicious pixels were trusted.",
              "Plan the study again as the route is now (`study replan`), or name the document again.");
}

}  // namespace

GateAnswer ask_gate(const store::TransferPlan& plan, const profiles::Profile* profile,
                    const config::Config& config, TimePoint now) {
  const config::Route* route = config.find(plan.route);
  const config::Destination* destination = config.find(plan.destination);
  if (GateAnswer answer = ask_route(plan, route); !answer.open) return answer;
  if (GateAnswer answer = ask_way(plan, destination); !answer.open) return answer;
  GateAnswer approval = ask_approval(*destination, now);
  if (!approval.open) return approval;
  if (GateAnswer answer = ask_basis(plan, *destination->gate); !answer.open) return answer;
  if (GateAnswer answer = ask_profile(plan, profile); !answer.open) return answer;
  if (GateAnswer answer = ask_consent(plan, route->consent); !answer.open) return answer;
  if (GateAnswer answer = ask_pixels(plan, *route); !answer.open) return answer;
  return approval;
}

GateAnswer ask_gate_again(const store::TransferPlan& plan, const config::Config& config,
                          TimePoint now) {
  const auto profile = profiles::reopen_profile(plan.profile_text, plan.profile_version);
  return ask_gate(plan, profile.ok() ? profile.value().get() : nullptr, config, now);
}

}  // namespace veilroute::router

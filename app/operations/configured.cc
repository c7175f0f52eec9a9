// profile.list, profile.show, route.list, destination.list: what the configuration says.
#include "app/operations/operation.h"
#include "profiles/deidentify.h"

namespace veilroute::app {
namespace {

json words_of(const profiles::Options& options) {
  json words = json::array();
  for (const profiles::Option option : profiles::all_options()) {
    if (options.has(option)) words.push_back(std::string(profiles::to_string(option)));
  }
  return words;
}

/// Of a selector that names one attribute; else empty.
std::string keyword_of(const profiles::Selector& selector) {
  using Kind = profiles::Selector::Kind;
  if (selector.kind != Kind::attribute && selector.kind != Kind::path) return {};
  const auto* known = dicom::find(selector.tag);
  return known == nullptr ? std::string() : std::string(known->keyword);
}

json describe_profile(const profiles::Profile& profile) {
  return {{"profile", profile.name.value},        {"version", profile.version.value},
          {"description", profile.description},   {"bases", profile.bases},
          {"deidentifies", profile.deidentifies}, {"options", words_of(profile.options)},
          {"allowed", profile.allowed},           {"own_rules", profile.rules.size()}};
}

json describe_destination(const config::Destination& destination) {
  json out = {{"destination", destination.name.value},
              {"protocol", std::string(config::to_string(destination.protocol))},
              {"host", destination.address.host},
              {"port", destination.address.port},
              {"called_ae", destination.called_ae.value},
              {"scope", destination.scope.value},
              {"associations", destination.associations},
              {"approved", destination.gate.has_value()}};
  if (destination.stow) out["url"] = destination.stow->url;
  for (const config::Endpoint& other : destination.others) {
    out["others"].push_back({{"host", other.host}, {"port", other.port}});
  }
  if (!destination.gate) return out;
  const auto& until = destination.gate->valid_until;
  char date[16];
  std::snprintf(date, sizeof(date), "%04d-%02u-%02u", static_cast<int>(until.year()),
                static_cast<unsigned>(until.month()), static_cast<unsigned>(until.day()));
  out["gate"] = {{"basis", destination.gate->basis},
                 {"document", destination.gate->document},
                 {"valid_until", date},
                 {"approved_by", destination.gate->approved_by}};
  return out;
}

}  // namespace

Result<json> list_profiles(const Settings& settings, const json&) {
  json rows = json::array();
  for (const auto& profile : settings.library->all()) rows.push_back(describe_profile(*profile));
  return json{{"profiles", std::move(rows)},
              {"standard", std::string(profiles::standard_edition())},
              {"engine", std::string(profiles::engine_version())}};
}

Result<json> show_profile(const Settings& settings, const json& arguments) {
  VR_TRY(const std::string name, text_argument(arguments, "profile"));
  const auto profile = settings.library->find(ProfileName{name});
  if (!profile) {
    return make_error(ErrorKind::invalid, "profile.unknown",
                      "there is no profile of this name; `veilroute profile list` shows all");
  }
  json out = describe_profile(*profile);
  out["text"] = profile->text;
  json rules = json::array();
  for (const profiles::Rule& rule : profile->rules.all()) {
    rules.push_back({{"selects", profiles::to_text(rule.selector)},
                     {"keyword", keyword_of(rule.selector)},
                     {"action", std::string(profiles::to_string(rule.action))},
                     {"rule", rule.name}});
  }
  out["rules"] = std::move(rules);
  return out;
}

Result<json> list_routes(const Settings& settings, const json&) {
  json rows = json::array();
  for (const auto& route : settings.config->routes) {
    rows.push_back({{"route", route.name.value},
                    {"enabled", route.enabled},
                    {"when", route.when.text()},
                    {"include", route.include.text()},
                    {"destination", route.destination.value},
                    {"profile", route.profile.value},
                    {"basis", route.basis},
                    {"consent_required", route.consent.required},
                    {"pixel_trust", route.pixel_trust}});
  }
  return json{{"routes", std::move(rows)}};
}

Result<json> list_destinations(const Settings& settings, const json&) {
  json rows = json::array();
  for (const auto& destination : settings.config->destinations) {
    rows.push_back(describe_destination(destination));
  }
  return json{{"destinations", std::move(rows)}};
}

}  // namespace veilroute::app

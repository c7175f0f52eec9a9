// The table of what an operator can do: one row a verb, one file a family of verbs. The node runs
// them for requests on its control socket, the command line when no node runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/control.h"
#include "app/settings.h"
#include "app/site.h"

namespace veilroute::app {

/// Needs the opened site: runs in the process that owns it.
using SiteOperation = Result<json> (*)(Site& site, Request& request, Caller& caller);
/// Needs the configuration only: runs anywhere.
using SettingsOperation = Result<json> (*)(const Settings& settings, const json& arguments);

struct Operation {
  const char* verb;
  SiteOperation on_site = nullptr;
  SettingsOperation on_settings = nullptr;
};

/// Null for an unknown verb.
const Operation* find_operation(std::string_view verb);

/// Runs a verb of the opened site. `invalid` ("control.unknown-verb") when there is none.
Result<json> run_operation(Site& site, Request request, Caller& caller);

/// What `Caller` must give back when its connection ends.
void end_caller(Site& site, Caller& caller);

/// Arguments come from another process: each is checked for its kind. `invalid`
/// ("argument.missing", "argument.wrong-kind") names the argument.
Result<std::uint64_t> number_argument(const json& arguments, const char* name);
Result<std::string> text_argument(const json& arguments, const char* name);
std::optional<std::uint64_t> optional_number(const json& arguments, const char* name);
std::string optional_text(const json& arguments, const char* name);
bool flag_argument(const json& arguments, const char* name);
/// The study that `study` (our own number) or `uid` (what an operator has from elsewhere) names.
/// `invalid` ("study.unknown") when no object of it ever came.
Result<StudyKey> chosen_study(Site& site, const json& arguments);
/// No list is longer, whatever the caller asked for.
inline constexpr std::size_t kMostListed = 1000;
/// `at_most` of the arguments, within that.
std::size_t length_argument(const json& arguments);
/// A list of one row more than are wanted says that there are more: cuts it, and sets "truncated".
template <typename Row>
bool cut_to(std::size_t at_most, std::vector<Row>& rows) {
  const bool more = rows.size() > at_most;
  if (more) rows.resize(at_most);
  return more;
}

// The families, one file each.
Result<json> submit(Site& site, Request& request, Caller& caller);
Result<json> explain(Site& site, Request& request, Caller& caller);
Result<json> list_studies(Site& site, Request& request, Caller& caller);
Result<json> show_study(Site& site, Request& request, Caller& caller);
Result<json> replan_study(Site& site, Request& request, Caller& caller);
Result<json> shred_study(Site& site, Request& request, Caller& caller);
Result<json> list_queue(Site& site, Request& request, Caller& caller);
Result<json> retry_transfers(Site& site, Request& request, Caller& caller);
Result<json> withdraw_transfers(Site& site, Request& request, Caller& caller);
Result<json> pause_destination(Site& site, Request& request, Caller& caller);
Result<json> resume_destination(Site& site, Request& request, Caller& caller);
Result<json> try_destination(Site& site, Request& request, Caller& caller);
Result<json> list_destination_states(Site& site, Request& request, Caller& caller);
Result<json> list_quarantine(Site& site, Request& request, Caller& caller);
Result<json> show_quarantine(Site& site, Request& request, Caller& caller);
Result<json> resume_quarantine(Site& site, Request& request, Caller& caller);
Result<json> withdraw_quarantine(Site& site, Request& request, Caller& caller);
Result<json> accept_in_quarantine(Site& site, Request& request, Caller& caller);
Result<json> list_accepted(Site& site, Request& request, Caller& caller);
Result<json> revoke_accepted(Site& site, Request& request, Caller& caller);
Result<json> list_commitments(Site& site, Request& request, Caller& caller);
Result<json> ledger_entries(Site& site, Request& request, Caller& caller);
Result<json> inspect_ledger(Site& site, Request& request, Caller& caller);
Result<json> pseudonyms(Site& site, Request& request, Caller& caller);
Result<json> doctor(Site& site, Request& request, Caller& caller);
Result<json> list_profiles(const Settings& settings, const json& arguments);
Result<json> show_profile(const Settings& settings, const json& arguments);
Result<json> list_routes(const Settings& settings, const json& arguments);
Result<json> list_destinations(const Settings& settings, const json& arguments);
Result<json> echo(const Settings& settings, const json& arguments);

}  // namespace veilroute::app

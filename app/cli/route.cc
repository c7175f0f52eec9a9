// veilroute route list
#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kRouteLesson =
    R"(A route says who gets what, and in which form: a condition, a destination, a profile, a legal basis.
Routes stand in site.toml and conf.d/; this shows them as they were understood. Needs no node.

Examples:
  veilroute route list --site /srv/veilroute
  veilroute explain --file study/ --source er-xray     which of them would take these files?

Exit codes: 0 shown   2 the configuration is not right)";

std::string consent_of(const json& route) {
  return route.value("consent_required", true) ? "needed" : "not needed";
}

int run_route_list(const Common& common) {
  auto answer = ask_settings(common.site, "route.list", json::object());
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  Table table(
      {"ROUTE", "ENABLED", "DESTINATION", "PROFILE", "BASIS", "CONSENT", "WHEN", "INCLUDE"});
  for (const auto& row : answer.value()["routes"]) {
    table.add({cell(row, "route"), cell(row, "enabled"), cell(row, "destination"),
               cell(row, "profile"), cell(row, "basis"), consent_of(row), cell(row, "when"),
               cell(row, "include")});
  }
  if (table.empty()) {
    return print_line("There is no route: everything that comes in is held."), kDone;
  }
  return print(table), kDone;
}

}  // namespace

void add_route(Verb& app, Common& common, Chosen& chosen) {
  Verb* group = app.add_subcommand("route", "who gets what");
  group->require_subcommand();
  group->footer(std::string("\n") + kRouteLesson);
  Verb* list = add_verb(*group, common, "list", "all routes", kRouteLesson, true);
  list->callback([&common, &chosen] { chosen.run = [&common] { return run_route_list(common); }; });
}

}  // namespace veilroute::app::cli

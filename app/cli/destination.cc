// veilroute destination list | show | resume
#include <memory>

#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kDestinationLesson =
    R"(A destination is an approved receiver. Its approval (the gate) has a basis, a document and a last day;
after that day nothing is sent. Destinations stand in site.toml and conf.d/. Needs no node.

`list` also shows what keeps one back: a person's pause (`queue pause`), a receiver that is down, or a
suspension: its certificate is not trusted, so that the node sends no more than a probe now and then.
`resume` has the next transfer try at once.

Examples:
  veilroute destination list
  veilroute destination show bone-specialist
  veilroute destination resume bone-specialist after its certificate was mended
  veilroute echo bone-specialist               is it there?

Exit codes: 0 done   2 no such destination, or the configuration is not right
            3 the node does not hold back from it, or the site is in use   4 the node was lost)";

std::string address_of(const json& row) { return cell(row, "host") + ":" + cell(row, "port"); }

std::string approval_of(const json& row) {
  if (!row.contains("gate")) return "not approved";
  return "until " + cell(row["gate"], "valid_until");
}

/// What keeps it back, for a person.
std::string state_of_destination(const json& row) {
  std::string text = cell(row, "state");
  if (text == "paused") {
    text += std::string(row.value("paused_all", false) ? " (all)" : "") + " by " +
            cell(row, "paused_by") + " since " + cell(row, "paused_since");
    if (row.contains("paused_until")) text += " until " + cell(row, "paused_until");
  }
  if (text == "suspended") text += " since " + cell(row, "suspended_since");
  if (row.contains("why") && cell(row, "state") != "paused") {
    text += " (" + cell(row, "why") + "), next try " + cell(row, "next_try");
  }
  return text;
}

/// Configuration and state of each. Without the site's catalog (it was never opened, or is in use by
/// a process that does not answer) there is no state.
Result<json> destinations_with_states(const Common& common) {
  VR_TRY(json listed, ask_settings(common.site, "destination.list", json::object()));
  const auto states = ask_site(common.site, "destination.states", json::object());
  if (!states.ok()) return listed;
  for (json& row : listed["destinations"]) {
    for (const json& state : (*states)["destinations"]) {
      if (state["destination"] == row["destination"]) row.update(state);
    }
  }
  return listed;
}

int run_destination_resume(const Common& common, const std::string& name) {
  auto answer = ask_site(common.site, "destination.resume", {{"destination", name}});
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  return print_line("destination " + name + " is tried now"), kDone;
}

int run_destination_list(const Common& common) {
  auto answer = destinations_with_states(common);
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  Table table({"DESTINATION", "PROTOCOL", "ADDRESS", "CALLED AE", "SCOPE", "APPROVED", "WAITING",
               "STATE"});
  for (const auto& row : answer.value()["destinations"]) {
    table.add({cell(row, "destination"), cell(row, "protocol"), address_of(row),
               cell(row, "called_ae"), cell(row, "scope"), approval_of(row), cell(row, "backlog"),
               state_of_destination(row)});
  }
  if (table.empty()) return print_line("There is no destination: nothing can leave."), kDone;
  return print(table), kDone;
}

void print_destination(const json& row) {
  print_line("Destination " + cell(row, "destination"));
  const std::string where = row.contains("url")
                                ? cell(row, "url")
                                : address_of(row) + ", AE title " + cell(row, "called_ae");
  print_line("  Reached by:   " + cell(row, "protocol") + ", " + where);
  print_line("  Associations: " + cell(row, "associations") + " at once");
  print_line("  State:        " + state_of_destination(row) + "; " + cell(row, "backlog") +
             " transfers wait");
  if (row.contains("reason")) print_line("  Paused for:   " + cell(row, "reason"));
  print_line("  Pseudonyms:   scope " + cell(row, "scope"));
  if (!row.contains("gate")) {
    print_line("  Approval:     none; nothing is sent before it has a gate");
    return;
  }
  const json& gate = row["gate"];
  print_line("  Approval:     basis " + cell(gate, "basis") + ", document " +
             cell(gate, "document") + ", by " + cell(gate, "approved_by") + ", until " +
             cell(gate, "valid_until"));
}

int run_destination_show(const Common& common, const std::string& name) {
  auto answer = destinations_with_states(common);
  if (!answer.ok()) return report(answer.error());
  for (const auto& row : answer.value()["destinations"]) {
    if (row.value("destination", std::string()) != name) continue;
    if (common.json) {
      print_json(row);
    } else {
      print_destination(row);
    }
    return kDone;
  }
  return report(
      make_error(ErrorKind::invalid, "destination.unknown",
                 "there is no destination of this name; `veilroute destination list` shows all"));
}

}  // namespace

void add_destination(Verb& app, Common& common, Chosen& chosen) {
  Verb* group = app.add_subcommand("destination", "approved receivers");
  group->require_subcommand();
  group->footer(std::string("\n") + kDestinationLesson);
  Verb* list = add_verb(*group, common, "list", "all destinations", kDestinationLesson, true);
  list->callback(
      [&common, &chosen] { chosen.run = [&common] { return run_destination_list(common); }; });
  Verb* show = add_verb(*group, common, "show", "one of them", kDestinationLesson, true);
  const auto name = std::make_shared<std::string>();
  show->add_option("destination", *name, "its name")->required();
  show->callback([name, &common, &chosen] {
    chosen.run = [name, &common] { return run_destination_show(common, *name); };
  });
  Verb* resume = add_verb(*group, common, "resume", "try one that the node holds back from",
                          kDestinationLesson, true);
  resume->add_option("destination", *name, "its name")->required();
  resume->callback([name, &common, &chosen] {
    chosen.run = [name, &common] { return run_destination_resume(common, *name); };
  });
}

}  // namespace veilroute::app::cli

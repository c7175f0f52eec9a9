// veilroute quarantine list | show | resume | withdraw; accept, accepted and revoke are in
// accept.cc
#include <memory>

#include "app/advice.h"
#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kQuarantineLesson =
    R"(What waits for a person: objects that did not come out clean of de-identification or verification,
and studies on hold. Each has its reason: a tag path, a rule, and what to do. Never a value.
There are four ways out:
  resume     prepares the objects again, under the same version of the profile: after the disk was
             mended, or a value was accepted; or plans a held study afresh
  accept     says that one word which verification found is harmless at its place on this route
  withdraw   gives the quarantined objects up, so that the others of the transfer can go
  study replan   gives the study's blocked transfers a new plan: for a profile or a route that changed

Examples:
  veilroute quarantine list
  veilroute quarantine show 41                     a transfer, finding by finding
  veilroute quarantine resume 41
  veilroute quarantine resume --study 17           a study on hold
  veilroute quarantine withdraw 41 --object 1003   one object; without --object all of them
  veilroute quarantine accept 41 --object 1003 --path '(0018,0015)' --reason 'the view of the hand'
  veilroute study replan 17                        after the profile or the route was changed

Exit codes: 0 done   2 wrong use   3 its state does not allow it, or the site is in use
            4 the node was lost)";

struct QuarantineWanted {
  std::optional<std::uint64_t> transfer;
  std::optional<std::uint64_t> study;
  std::optional<std::uint64_t> object;
};

void print_findings(const json& objects) {
  Table table({"OBJECT", "AT", "RULE", "WHAT TO DO"});
  for (const auto& object : objects) {
    const auto findings = object.value("findings", json::array());
    if (findings.empty()) table.add({cell(object, "object"), "-", cell(object, "reason"), "-"});
    for (const auto& finding : findings) {
      table.add({cell(object, "object"), cell(finding, "at"), cell(finding, "rule"),
                 cell(finding, "advice")});
    }
  }
  if (!table.empty()) print(table);
}

int run_quarantine_list(const Common& common) {
  auto answer = ask_site(common.site, "quarantine.list", json::object());
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  Table table({"TRANSFER", "STUDY", "DESTINATION", "QUARANTINED", "FIRST RULE"});
  for (const auto& row : answer.value()["transfers"]) {
    const auto& objects = row["quarantined"];
    table.add({cell(row, "transfer"), cell(row, "study"), cell(row, "destination"),
               std::to_string(objects.size()),
               objects.empty() ? "-" : cell(objects.front(), "reason")});
  }
  Table held({"STUDY", "HELD SINCE", "REASON"});
  for (const auto& row : answer.value()["held_studies"]) {
    held.add({cell(row, "study"), cell(row, "last_at"), cell(row, "reason")});
  }
  if (table.empty() && held.empty()) return print_line("Nothing is in quarantine."), kDone;
  if (!table.empty()) print(table);
  if (!table.empty() && !held.empty()) print_line("");
  if (!held.empty()) print(held);
  return print_if_truncated(answer.value()), kDone;
}

int run_quarantine_show(const Common& common, const QuarantineWanted& wanted) {
  auto answer =
      ask_site(common.site, "quarantine.show", {{"transfer", wanted.transfer.value_or(0)}});
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  const json& transfer = answer.value();
  print_line("Transfer " + cell(transfer, "transfer") + " of study " + cell(transfer, "study") +
             " to " + cell(transfer, "destination") + ": " + cell(transfer, "state") + " (" +
             counts(transfer, "objects") + ")");
  print_findings(transfer["quarantined"]);
  return kDone;
}

int run_quarantine_change(const Common& common, const std::string& verb,
                          const QuarantineWanted& wanted) {
  json arguments = json::object();
  if (wanted.transfer) arguments["transfer"] = *wanted.transfer;
  if (wanted.study) arguments["study"] = *wanted.study;
  if (wanted.object) arguments["object"] = *wanted.object;
  auto answer = ask_site(common.site, verb, arguments);
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  const json& done = answer.value();
  const bool study = done.contains("study") && !done.contains("transfer");
  print_line((study ? "study " + cell(done, "study") : "transfer " + cell(done, "transfer")) +
             ": now " + cell(done, "state"));
  return kDone;
}

}  // namespace

void add_quarantine(Verb& app, Common& common, Chosen& chosen) {
  Verb* group = app.add_subcommand("quarantine", "what waits for a person");
  group->require_subcommand();
  group->footer(std::string("\n") + kQuarantineLesson);
  const auto wanted = std::make_shared<QuarantineWanted>();
  Verb* list = add_verb(*group, common, "list", "all of it", kQuarantineLesson, true);
  list->callback(
      [&common, &chosen] { chosen.run = [&common] { return run_quarantine_list(common); }; });
  Verb* show = add_verb(*group, common, "show", "one transfer's findings", kQuarantineLesson, true);
  show->add_option("transfer", wanted->transfer, "its number")->required();
  show->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_quarantine_show(common, *wanted); };
  });
  Verb* resume = add_verb(*group, common, "resume", "prepare again", kQuarantineLesson, true);
  auto* transfer = resume->add_option("transfer", wanted->transfer, "its number");
  resume->add_option("--study", wanted->study, "a study on hold")->excludes(transfer);
  Verb* withdraw = add_verb(*group, common, "withdraw", "give objects up", kQuarantineLesson, true);
  withdraw->add_option("transfer", wanted->transfer, "its number")->required();
  withdraw->add_option("--object", wanted->object, "only this object");
  add_accept(*group, common, chosen);
  resume->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] {
      return run_quarantine_change(common, "quarantine.resume", *wanted);
    };
  });
  withdraw->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] {
      return run_quarantine_change(common, "quarantine.withdraw", *wanted);
    };
  });
}

}  // namespace veilroute::app::cli

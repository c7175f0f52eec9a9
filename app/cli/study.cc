// veilroute study list | show
#include <algorithm>
#include <memory>

#include "app/advice.h"
#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kStudyLesson =
    R"(A study is the unit that is completed, matched and forwarded. States: open (objects are arriving),
complete (waits for its plan), planned (has transfers), held (stopped, with a reason).
`show` prints the sum for each route: live = sent + excluded + quarantined + refused + withdrawn +
waiting. It closes always; what is not sent has a reason.

Examples:
  veilroute study list
  veilroute study show 17
  veilroute study show 1.2.840.99.1        by a Study Instance UID, as it came in or as it went out
  veilroute study show 17 --identified     with the identity as it came in

Exit codes: 0 shown   2 no such study   3 the site is in use   4 the node was lost)";

struct StudyWanted {
  std::string study;
  bool identified = false;
};

int run_study_list(const Common& common) {
  auto answer = ask_site(common.site, "study.list", json::object());
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  Table table({"STUDY", "GENERATION", "STATE", "FIRST OBJECT", "LAST OBJECT", "REASON"});
  for (const auto& row : answer.value()["studies"]) {
    table.add({cell(row, "study"), cell(row, "generation"), cell(row, "state"),
               cell(row, "first_at"), cell(row, "last_at"), cell(row, "reason")});
  }
  if (table.empty()) return print_line("No study came in yet."), kDone;
  print(table);
  return print_if_truncated(answer.value()), kDone;
}

void print_sums(const json& sums) {
  Table table({"ROUTE", "DESTINATION", "LIVE", "SENT", "EXCLUDED", "QUARANTINED", "REFUSED",
               "WITHDRAWN", "WAITING", "CLOSES"});
  for (const auto& row : sums) {
    table.add({cell(row, "route"), cell(row, "destination"), cell(row, "live"), cell(row, "sent"),
               cell(row, "excluded"), cell(row, "quarantined"), cell(row, "refused"),
               cell(row, "withdrawn"), cell(row, "waiting"), cell(row, "closes")});
  }
  if (!table.empty()) print(table);
}

void print_advice(const std::string& slug, const std::string& subject, const std::string& due) {
  const std::string text = sentences(slug, Occasion{subject, due});
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    print_line("  " + text.substr(from, end - from));
    from = end + 1;
  }
}

void print_study(const json& study) {
  const std::string number = cell(study, "study");
  print_line("Study " + number + ", generation " + cell(study, "generation") + ": " +
             cell(study, "state") + ". Objects: " + counts(study, "objects") + ".");
  if (study.contains("identified")) {
    const auto& identity = study["identified"];
    print_line("  Study UID " + cell(identity, "study_uid") + ", patient " +
               cell(identity, "patient_id") + ", issuer " + cell(identity, "issuer"));
  }
  if (study.contains("reason")) print_advice(study["reason"], "study " + number, "");
  for (const auto& object : study.value("unusable", json::array())) {
    print_advice(object["reason"], "object " + cell(object, "object") + " at " + cell(object, "at"),
                 "");
  }
  for (const auto& transfer : study["transfers"]) {
    const std::string name = "transfer " + cell(transfer, "transfer");
    print_line("T" + name.substr(1) + " to " + cell(transfer, "destination") + " by route " +
               cell(transfer, "route") + ": " + cell(transfer, "state") + " (" +
               counts(transfer, "objects") + ")");
    if (!transfer.contains("reason")) continue;
    print_advice(transfer["reason"], name + " of study " + number,
                 transfer.value("due_at", std::string()));
  }
  print_sums(study["sums"]);
}

int run_study_show(const Common& common, const StudyWanted& wanted) {
  json arguments = study_argument(wanted.study);
  arguments["identified"] = wanted.identified;
  auto answer = ask_site(common.site, "study.show", arguments);
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  return print_study(answer.value()), kDone;
}

}  // namespace

void add_study(Verb& app, Common& common, Chosen& chosen) {
  Verb* group = app.add_subcommand("study", "what came in, and what became of it");
  group->require_subcommand();
  group->footer(std::string("\n") + kStudyLesson);
  Verb* list = add_verb(*group, common, "list", "all studies, newest first", kStudyLesson, true);
  list->callback([&common, &chosen] { chosen.run = [&common] { return run_study_list(common); }; });
  Verb* show = add_verb(*group, common, "show", "one study and its sums", kStudyLesson, true);
  const auto wanted = std::make_shared<StudyWanted>();
  show->add_option("study", wanted->study, "our number, or a Study Instance UID")->required();
  show->add_flag("--identified", wanted->identified, "also print the identity as it came in");
  show->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_study_show(common, *wanted); };
  });
}

}  // namespace veilroute::app::cli

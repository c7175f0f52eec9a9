// veilroute study list | show | replan | shred
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
waiting. It closes always; what is not sent has a reason. It also says until when objects are kept,
and which were shredded: their keys are gone, and nothing can open them, not even the master key.
`replan` gives blocked transfers of a study a new plan: the route, its profile and its include rule
as they are now; the destination stays. For a profile that changed, trust in pixels that ended, or
late objects of a study that was withdrawn: those then go by this route again, until somebody
withdraws. What was sent stays sent. `queue withdraw` is the other way out.
`shred` destroys the keys at once, of all of a study that is planned or held; its transfers must be over. The
reason is kept in the ledger. It cannot be taken back.

Examples:
  veilroute study list
  veilroute study show 17
  veilroute study show 1.2.840.99.1        by a Study Instance UID, as it came in or as it went out
  veilroute study show 17 --identified     with the identity as it came in
  veilroute study replan 17 --route hands-to-bone
  veilroute study shred 17 --reason "sent to us by mistake, letter of 3 May"

Exit codes: 0 done   2 no such study, or its state does not allow it
            3 nothing is blocked, or the site is in use   4 the node was lost)";

struct StudyWanted {
  std::string study;
  std::string reason;
  bool identified = false;
  std::string route;
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

/// "3 objects are kept until 2026-12-01T...: ..."
void print_retention(const json& rows) {
  for (const auto& row : rows) {
    const Advice* advice = find_advice(cell(row, "reason"));
    const std::string why = advice == nullptr ? cell(row, "reason") : std::string(advice->what);
    const bool one = row.value("objects", std::uint64_t{0}) == 1;
    std::string line = cell(row, "objects") + (one ? " object " : " objects ");
    if (cell(row, "state") == "shredded") {
      line += (one ? "was" : "were");
      line += " shredded at " + cell(row, "at");
    } else {
      line += (one ? "is" : "are");
      line += row.contains("until") ? " kept until " + cell(row, "until") : std::string(" kept");
    }
    print_line(line + ": " + why);
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
  print_retention(study.value("retention", json::array()));
}

int run_study_shred(const Common& common, const StudyWanted& wanted) {
  json arguments = study_argument(wanted.study);
  arguments["reason"] = wanted.reason;
  auto answer = ask_site(common.site, "study.shred", arguments);
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  print_line("study " + cell(answer.value(), "study") + ": " + cell(answer.value(), "shredded") +
             " objects shredded");
  return kDone;
}

int run_study_show(const Common& common, const StudyWanted& wanted) {
  json arguments = study_argument(wanted.study);
  arguments["identified"] = wanted.identified;
  auto answer = ask_site(common.site, "study.show", arguments);
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  return print_study(answer.value()), kDone;
}

int run_study_replan(const Common& common, const StudyWanted& wanted) {
  json arguments = study_argument(wanted.study);
  arguments["route"] = wanted.route;
  auto answer = ask_site(common.site, "study.replan", arguments);
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  for (const auto& id : answer.value()["transfers"]) {
    print_line("transfer " + id.dump() + " is planned again");
  }
  return kDone;
}

void add_study_replan(Verb& group, Common& common, Chosen& chosen) {
  Verb* replan =
      add_verb(group, common, "replan", "plan blocked transfers again", kStudyLesson, true);
  const auto wanted = std::make_shared<StudyWanted>();
  replan->add_option("study", wanted->study, "our number, or a Study Instance UID")->required();
  replan->add_option("--route", wanted->route, "those of this route; needed where there are several")
      ->type_name("NAME");
  replan->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_study_replan(common, *wanted); };
  });
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
  add_study_replan(*group, common, chosen);
  Verb* shred = add_verb(*group, common, "shred", "destroy a study's objects now", kStudyLesson, true);
  shred->add_option("study", wanted->study, "our number, or a Study Instance UID")->required();
  shred->add_option("--reason", wanted->reason, "why, for the ledger")->required();
  shred->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_study_shred(common, *wanted); };
  });
}

}  // namespace veilroute::app::cli

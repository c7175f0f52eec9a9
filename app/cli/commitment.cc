// veilroute commitment list
#include "app/advice.h"
#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kCommitmentLesson =
    R"(What sources asked the node to answer for (storage commitment), newest first. Whether it answers
for anything is said by [commitment] in site.toml; where a source takes reports, by its `report`.
  waiting    not all of the objects are where they must be
  settled    the answer stands; the source has not acknowledged it yet
  reported   the source has acknowledged it
  given-up   nobody took the report for as long as report_for says

Examples:
  veilroute commitment list
  veilroute commitment list --json

Exit codes: 0 done   2 wrong use   3 the site is in use   4 the node was lost)";

/// "2 no-such-object, 1 not-kept".
std::string failures_of(const json& row) {
  std::string text;
  const json failed = row.value("failed", json::object());
  for (const auto& [word, count] : failed.items()) {
    text += (text.empty() ? "" : ", ") + count.dump() + " " + word;
  }
  return text.empty() ? "-" : text;
}

int run_commitments(const Common& common) {
  auto answer = ask_site(common.site, "commitment.list", json::object());
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  Table table({"COMMITMENT", "SOURCE", "REQUESTED", "OBJECTS", "STATE", "FAILED", "LAST TRY"});
  for (const auto& row : answer.value()["commitments"]) {
    table.add({cell(row, "commitment"), cell(row, "source"), cell(row, "requested_at"),
               cell(row, "objects"), cell(row, "state"), failures_of(row), cell(row, "reason")});
  }
  if (table.empty()) return print_line("No source has asked for commitment."), kDone;
  print(table);
  return kDone;
}

}  // namespace

void add_commitment(Verb& app, Common& common, Chosen& chosen) {
  Verb* group = app.add_subcommand("commitment", "what the node answers for");
  group->require_subcommand();
  group->footer(std::string("\n") + kCommitmentLesson);
  Verb* list = add_verb(*group, common, "list", "requests and reports", kCommitmentLesson, true);
  list->callback(
      [&common, &chosen] { chosen.run = [&common] { return run_commitments(common); }; });
}

}  // namespace veilroute::app::cli

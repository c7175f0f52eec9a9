// veilroute spool salvage
#include <unistd.h>

#include <memory>

#include "app/cli/print.h"
#include "app/cli/verbs.h"
#include "app/operations/salvage.h"
#include "core/base/counted.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kLesson = R"(For a site whose catalog.db is lost or damaged. First look for a copy of catalog.db: put it back if
you have one (move catalog.db-wal and catalog.db-shm away with the damaged one), and run this all the
same. Without a copy a new catalog is made with the keys in keys/site.keys; of a damaged one every
row that can be read is copied.

Then the segments of the spool that the catalog does not know are taken over: those that were open
when it was lost, the last ten minutes as a rule. Older ones cannot be opened without the catalog,
since each object's only key stands there; they are moved to state/unreadable/. Nothing is deleted:
what was replaced lies in state/set-aside-*/.

What was sent before is not known. So every study that waits is held, and every open transfer
blocked, until you say: `quarantine resume --study N` and `queue retry --transfer N`.

Examples:
  veilroute spool salvage --dry-run     what would be taken over, and what is beyond help?
  veilroute spool salvage

Exit codes: 0 done, or nothing to do   2 wrong use   3 a node runs, or the keys are not there
            4 disk trouble   5 done, but segments cannot be opened or objects are damaged)";

void print_list(const json& answer, const char* key, const std::string& what) {
  const json& names = answer[key];
  if (names.empty()) return;
  print_line(what + ":");
  for (const auto& name : names) print_line("  " + name.get<std::string>());
}

std::string taken_over(std::uint64_t objects, std::uint64_t held) {
  const std::string waits = held == 1 ? "1 study or transfer waits"
                                      : std::to_string(held) + " studies and transfers wait";
  return counted(objects, "object") + (objects == 1 ? " was" : " were") + " taken over; " + waits +
         " for you: see `study list` and `queue list`.";
}

void print_salvage(const json& answer, bool dry_run) {
  print_line("The catalog is " + cell(answer, "catalog") + ".");
  if (!answer.value("needed", false)) {
    return print_line("Catalog and spool agree: there is nothing to salvage.");
  }
  const json copied = answer.value("copied", json::object());
  for (const auto& [table, rows] : copied.items()) {
    print_line("  " + table + ": " + counted(rows.value("rows", std::uint64_t{0}), "row") +
               " copied, " + counted(rows.value("lost", std::uint64_t{0}), "place") + " lost");
  }
  if (answer.contains("ledger")) print_line("The ledger is " + cell(answer, "ledger") + ".");
  const std::string will = dry_run ? "Would be" : "Were";
  print_list(answer, "segments_taken", will + " taken over");
  print_list(answer, "segments_unreadable", "Cannot be opened by anybody; " +
                                                std::string(dry_run ? "would go" : "are now") +
                                                " in state/unreadable/");
  if (dry_run) return print_line("Nothing was changed.");
  print_line(taken_over(answer.value("objects", std::uint64_t{0}),
                        answer.value("held", std::uint64_t{0})));
  if (answer.contains("checkpoints")) {
    print_line("Signed checkpoints tell of ledger entries that are lost; they were set aside.");
  }
  if (answer.contains("set_aside")) print_line("What was replaced: " + cell(answer, "set_aside"));
}

int run_salvage(const Common& common, bool dry_run) {
  SystemClock clock;
  const auto answer = salvage_site({common.site, dry_run, actor_of(::geteuid())}, clock);
  if (!answer.ok()) return report(answer.error());
  if (common.json) {
    print_json(*answer);
  } else {
    print_salvage(*answer, dry_run);
  }
  const bool whole =
      (*answer)["segments_unreadable"].empty() && answer->value("corrupt", std::uint64_t{0}) == 0;
  return whole ? kDone : kCorrupt;
}

}  // namespace

void add_spool(Verb& app, Common& common, Chosen& chosen) {
  Verb* group = app.add_subcommand("spool", "what was taken in, when its catalog is lost");
  group->require_subcommand();
  group->footer(std::string("\n") + kLesson);
  Verb* salvage =
      add_verb(*group, common, "salvage", "take over what a lost catalog left", kLesson, true);
  const auto dry_run = std::make_shared<bool>(false);
  salvage->add_flag("--dry-run", *dry_run, "say what would be done, and change nothing");
  salvage->callback([dry_run, &common, &chosen] {
    chosen.run = [dry_run, &common] { return run_salvage(common, *dry_run); };
  });
}

}  // namespace veilroute::app::cli

// veilroute queue list | retry | withdraw; pause and resume are in pause.cc
#include <memory>

#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kQueueLesson =
    R"(A transfer is one generation of one study to one destination by one route. `retry` makes a deferred
transfer due now (also while its destination is down), takes a refused one or one whose tries are used
up again, and has one whose outbox file is damaged or gone prepared again. `withdraw` ends a transfer for good; what was sent stays sent, and the ledger says who
withdrew it.

Examples:
  veilroute queue list
  veilroute queue list --state deferred --destination bone-specialist
  veilroute queue retry 8821                all transfers of study 8821 that are not over
  veilroute queue retry --transfer 41       one of them
  veilroute queue withdraw --transfer 41
  veilroute queue pause bone-specialist     nothing leaves for it until `queue resume`

Exit codes: 0 done   2 wrong use, or nothing to do
            3 its state does not allow it (or not for all of them), or the site is in use
            4 the node was lost)";

struct QueueWanted {
  std::optional<std::uint64_t> study;
  std::optional<std::uint64_t> transfer;
  std::string state;
  std::string destination;
  bool all = false;
};

int run_queue_list(const Common& common, const QueueWanted& wanted) {
  json arguments = {{"all", wanted.all}};
  if (!wanted.state.empty()) arguments["state"] = wanted.state;
  if (!wanted.destination.empty()) arguments["destination"] = wanted.destination;
  auto answer = ask_site(common.site, "queue.list", arguments);
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  Table table({"TRANSFER", "STUDY", "DESTINATION", "ROUTE", "STATE", "ATTEMPTS", "NEXT TRY",
               "OBJECTS", "REASON"});
  for (const auto& row : answer.value()["transfers"]) {
    table.add({cell(row, "transfer"), cell(row, "study"), cell(row, "destination"),
               cell(row, "route"), cell(row, "state"), cell(row, "attempts"), cell(row, "due_at"),
               counts(row, "objects"), cell(row, "reason")});
  }
  if (table.empty()) return print_line("No transfer waits."), kDone;
  print(table);
  return print_if_truncated(answer.value()), kDone;
}

int run_queue_change(const Common& common, const std::string& verb, const QueueWanted& wanted) {
  json arguments = json::object();
  if (wanted.transfer) {
    arguments["transfer"] = *wanted.transfer;
  } else if (wanted.study) {
    arguments["study"] = *wanted.study;
  } else {
    return report(make_error(ErrorKind::invalid, "argument.missing",
                             "name a study, or one transfer with --transfer"));
  }
  auto answer = ask_site(common.site, verb, arguments);
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  const bool again = verb == "queue.retry";
  for (const auto& id : answer.value()["transfers"]) {
    print_line("transfer " + id.dump() + (again ? " is due now" : " is withdrawn"));
  }
  int code = kDone;
  for (const auto& row : answer.value()["not_done"]) {
    print_line("transfer " + cell(row, "transfer") + ": " + error_of(row["error"]).text());
    code = kSomeNot;
  }
  return code;
}

}  // namespace

void add_queue(Verb& app, Common& common, Chosen& chosen) {
  Verb* group = app.add_subcommand("queue", "transfers that are not over");
  group->require_subcommand();
  group->footer(std::string("\n") + kQueueLesson);
  const auto wanted = std::make_shared<QueueWanted>();
  Verb* list = add_verb(*group, common, "list", "open transfers", kQueueLesson, true);
  list->add_flag("--all", wanted->all, "also those that are over");
  list->add_option("--state", wanted->state, "only those in this state")->type_name("STATE");
  list->add_option("--destination", wanted->destination, "only those to it")->type_name("NAME");
  list->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_queue_list(common, *wanted); };
  });
  for (const char* name : {"retry", "withdraw"}) {
    Verb* verb = add_verb(*group, common, name,
                          std::string(name) == "retry" ? "try again now" : "end for good",
                          kQueueLesson, true);
    auto* study = verb->add_option("study", wanted->study, "our number of the study");
    verb->add_option("--transfer", wanted->transfer, "one transfer")->excludes(study);
    const std::string operation = std::string("queue.") + name;
    verb->callback([wanted, operation, &common, &chosen] {
      chosen.run = [wanted, operation, &common] {
        return run_queue_change(common, operation, *wanted);
      };
    });
  }
  add_pause(*group, common, chosen);
}

}  // namespace veilroute::app::cli

// veilroute queue pause | resume
#include <memory>

#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kPauseLesson =
    R"(While a destination is paused nothing leaves for it; what is under way stops between two objects.
Studies are still received, de-identified and queued. A pause outlives a restart, and the ledger
says who ordered it.

Examples:
  veilroute queue pause bone-specialist --reason "their PACS is moved"
  veilroute queue pause bone-specialist --until 2h
  veilroute queue pause --all --until 2026-11-28T18:00Z     in UTC
  veilroute queue resume bone-specialist
  veilroute queue resume --all
  veilroute destination list                what is paused, by whom, until when

Exit codes: 0 done   2 wrong use, or no such destination   3 it was not paused, or the site is in use
            4 the node was lost)";

struct PauseWanted {
  std::string destination;
  bool all = false;
  std::string until;
  std::string reason;
};

int run_pause(const Common& common, const std::string& verb, const PauseWanted& wanted) {
  if (wanted.all != wanted.destination.empty()) {
    return report(make_error(ErrorKind::invalid, "argument.missing",
                             "name a destination, or say --all, and not both"));
  }
  json arguments = {{"all", wanted.all}};
  if (!wanted.destination.empty()) arguments["destination"] = wanted.destination;
  if (!wanted.until.empty()) arguments["until"] = wanted.until;
  if (!wanted.reason.empty()) arguments["reason"] = wanted.reason;
  auto answer = ask_site(common.site, verb, arguments);
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  const std::string whom = wanted.all ? "every destination" : "destination " + wanted.destination;
  if (verb == "queue.resume") return print_line(whom + " is resumed"), kDone;
  const bool ends = answer.value().contains("until");
  print_line(whom + " is paused " +
             (ends ? "until " + cell(answer.value(), "until") : "until it is resumed"));
  return kDone;
}

}  // namespace

void add_pause(Verb& queue, Common& common, Chosen& chosen) {
  const auto wanted = std::make_shared<PauseWanted>();
  for (const char* name : {"pause", "resume"}) {
    const bool pauses = std::string(name) == "pause";
    Verb* verb = add_verb(queue, common, name,
                          pauses ? "let nothing leave for a destination" : "end a pause",
                          kPauseLesson, true);
    verb->add_option("destination", wanted->destination, "its name");
    verb->add_flag("--all", wanted->all, "every destination");
    if (pauses) {
      verb->add_option("--until", wanted->until, "when it ends by itself")->type_name("TIME");
      verb->add_option("--reason", wanted->reason, "for the ledger")->type_name("TEXT");
    }
    const std::string operation = std::string("queue.") + name;
    verb->callback([wanted, operation, &common, &chosen] {
      chosen.run = [wanted, operation, &common] { return run_pause(common, operation, *wanted); };
    });
  }
}

}  // namespace veilroute::app::cli

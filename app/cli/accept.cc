// veilroute quarantine accept | accepted | revoke
#include <memory>

#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"
#include "core/base/counted.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kAcceptLesson =
    R"(Verification found a word of the patient, or of a place, in a finished copy: "PALMAR" in Body Part
Examined, of a patient called Palmar. If you have looked, and the word means something else there,
`accept` says so: from then on verification of this route does not hold exactly this value at this
tag path, of whichever patient. Who said it, when and where stands in the ledger, your reason sealed
beside it; each attempt names the acceptances it was cleared under. Then `quarantine resume` prepares
the transfer again. The value itself is not kept, only a digest under the site's key.

Only findings of the rule verify.identity-found can be accepted, and of those only one word that is
also a word of a name or a place. Never: a number, a date, a UID, a whole name, or anything in the
patient's own attributes. Those leave by a rule of the profile, then `study replan`.

`accepted` lists what was accepted. `revoke` ends it: what was cleared under it and has not gone is
prepared again, and held again; an attempt under way ends first.

Examples:
  veilroute quarantine show 41
  veilroute quarantine accept 41 --object 1003 --path '(0018,0015)' --reason 'the view of the hand'
  veilroute quarantine resume 41
  veilroute quarantine accepted --identified       with the reasons
  veilroute quarantine revoke 1207

Exit codes: 0 done   2 wrong use   3 it cannot be accepted, or the site is in use
            4 the node was lost)";

struct AcceptWanted {
  std::optional<std::uint64_t> number;  ///< of the transfer, or of the acceptance
  std::optional<std::uint64_t> object;
  std::string path;
  std::string reason;
  bool identified = false;
};

int run_accept(const Common& common, const AcceptWanted& wanted) {
  const auto answer = ask_site(common.site, "quarantine.accept",
                               {{"transfer", wanted.number.value_or(0)},
                                {"object", wanted.object.value_or(0)},
                                {"path", wanted.path},
                                {"reason", wanted.reason}});
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  const std::string transfer = cell(answer.value(), "transfer");
  print_line("acceptance " + cell(answer.value(), "acceptance") +
             ": written down. `veilroute quarantine resume " + transfer +
             "` prepares the transfer again.");
  return kDone;
}

std::string state_of_acceptance(const json& row) {
  if (row.value("holds", false)) return "holds";
  return "revoked " + cell(row, "revoked_at") + " by " + cell(row, "revoked_by");
}

int run_accepted(const Common& common, const AcceptWanted& wanted) {
  const auto answer =
      ask_site(common.site, "quarantine.accepted", {{"identified", wanted.identified}});
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  std::vector<std::string> headings{"ACCEPTANCE", "ROUTE", "DESTINATION", "PATH",
                                    "ACCEPTED",   "BY",    "STATE"};
  if (wanted.identified) headings.emplace_back("REASON");
  Table table(headings);
  for (const auto& row : answer.value()["acceptances"]) {
    std::vector<std::string> cells{cell(row, "acceptance"),  cell(row, "route"),
                                   cell(row, "destination"), cell(row, "path"),
                                   cell(row, "accepted_at"), cell(row, "accepted_by"),
                                   state_of_acceptance(row)};
    if (wanted.identified) cells.push_back(cell(row, "reason"));
    table.add(std::move(cells));
  }
  if (table.empty()) return print_line("Nothing was accepted."), kDone;
  print(table);
  return print_if_truncated(answer.value()), kDone;
}

int run_revoke(const Common& common, const AcceptWanted& wanted) {
  const auto answer =
      ask_site(common.site, "quarantine.revoke", {{"acceptance", wanted.number.value_or(0)}});
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  const std::uint64_t again = answer.value().value("prepared_again", std::uint64_t{0});
  print_line("acceptance " + cell(answer.value(), "acceptance") + ": revoked; " +
             counted(again, "transfer") + " prepared again");
  return kDone;
}

}  // namespace

void add_accept(Verb& quarantine, Common& common, Chosen& chosen) {
  const auto wanted = std::make_shared<AcceptWanted>();
  Verb* accept = add_verb(quarantine, common, "accept", "say that a value is harmless at its place",
                          kAcceptLesson, true);
  accept->add_option("transfer", wanted->number, "its number")->required();
  accept->add_option("--object", wanted->object, "in which object it was found")->required();
  accept->add_option("--path", wanted->path, "where, as `quarantine show` has it")
      ->required()
      ->type_name("TAGPATH");
  accept->add_option("--reason", wanted->reason, "why it is harmless there, for the ledger")
      ->required()
      ->type_name("TEXT");
  accept->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_accept(common, *wanted); };
  });
  Verb* accepted =
      add_verb(quarantine, common, "accepted", "what was accepted", kAcceptLesson, true);
  accepted->add_flag("--identified", wanted->identified, "also print the reasons");
  accepted->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_accepted(common, *wanted); };
  });
  Verb* revoke = add_verb(quarantine, common, "revoke", "end an acceptance", kAcceptLesson, true);
  revoke->add_option("acceptance", wanted->number, "its number")->required();
  revoke->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_revoke(common, *wanted); };
  });
}

}  // namespace veilroute::app::cli

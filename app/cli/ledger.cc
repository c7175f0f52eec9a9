// veilroute ledger show | inspect | export
#include <algorithm>
#include <cstdio>
#include <memory>

#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"
#include "core/store/ledger/entry.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kLedgerLesson =
    R"(The ledger is the record of everything that came in, was decided, and left. Each entry is linked to
the one before by a hash, and the length is signed now and then: an entry that was changed, dropped
or cut off shows. Patients appear by reference only; --identified also opens what is sealed.

Examples:
  veilroute ledger show                                   the newest entries
  veilroute ledger show --study 17
  veilroute ledger show --kind attempt.finished --destination bone-specialist
  veilroute ledger inspect                                does every entry fit?
  veilroute ledger export > ledger.jsonl                  all of it, a line of JSON for each entry

Exit codes: 0 done   2 wrong use   3 the site is in use   4 the node was lost, or the output is full
            5 the ledger is damaged (inspect says at which entry))";

constexpr std::uint64_t kShown = 100;
constexpr std::uint64_t kPage = 1000;

struct LedgerWanted {
  std::optional<std::uint64_t> study;
  std::optional<std::uint64_t> transfer;
  std::uint64_t at_most = kShown;
  std::uint64_t from = 1;
  std::string destination;
  std::string kind;
  bool identified = false;
};

/// Digests are shown by their first digits; `export` and --json give them whole.
std::string shortened(const std::string& text) {
  constexpr std::size_t kDigestDigits = 64;
  constexpr std::size_t kShownDigits = 12;
  const bool digest = text.size() == kDigestDigits &&
                      text.find_first_not_of("0123456789abcdef") == std::string::npos;
  return digest ? text.substr(0, kShownDigits) : text;
}

/// {"a": "b", "c": 1} as "a=b c=1".
std::string in_words(const json& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end() || !found->is_object() || found->empty()) return "-";
  std::string out;
  for (const auto& [name, value] : found->items()) {
    out += (out.empty() ? "" : " ") + name + "=" +
           (value.is_string() ? shortened(value.get<std::string>()) : value.dump());
  }
  return out;
}

/// "3 sent, 1 refused" of an entry's items.
std::string items_in_words(const json& row) {
  json by_state = json::object();
  for (const auto& item : row.value("items", json::array())) {
    const std::string state = item.value("state", std::string("object"));
    by_state[state] = by_state.value(state, std::uint64_t{0}) + 1;
  }
  return counts(json{{"items", by_state}}, "items");
}

json show_arguments(const LedgerWanted& wanted) {
  json arguments = {
      {"newest", true}, {"at_most", wanted.at_most}, {"identified", wanted.identified}};
  if (wanted.study) arguments["study"] = *wanted.study;
  if (wanted.transfer) arguments["transfer"] = *wanted.transfer;
  if (!wanted.destination.empty()) arguments["destination"] = wanted.destination;
  if (!wanted.kind.empty()) arguments["kind"] = wanted.kind;
  return arguments;
}

int run_ledger_show(const Common& common, const LedgerWanted& wanted) {
  auto answer = ask_site(common.site, "ledger.entries", show_arguments(wanted));
  if (!answer.ok()) return report(answer.error());
  auto& entries = answer.value()["entries"];
  std::sort(entries.begin(), entries.end(), [](const json& a, const json& b) {
    return a.value("sequence", std::uint64_t{0}) > b.value("sequence", std::uint64_t{0});
  });
  if (common.json) return print_json(answer.value()), kDone;
  std::vector<std::string> headings{"ENTRY", "AT", "KIND", "STUDY", "TRANSFER", "OBJECTS", "FACTS"};
  if (wanted.identified) headings.emplace_back("IDENTIFIED");
  Table table(headings);
  for (const auto& row : entries) {
    std::vector<std::string> cells{
        cell(row, "sequence"), cell(row, "at"),     cell(row, "kind"),      cell(row, "study"),
        cell(row, "transfer"), items_in_words(row), in_words(row, "fields")};
    if (wanted.identified) cells.push_back(in_words(row, "identified"));
    table.add(std::move(cells));
  }
  if (table.empty()) return print_line("The ledger has no such entry."), kDone;
  return print(table), kDone;
}

int run_ledger_inspect(const Common& common) {
  auto answer = ask_site(common.site, "ledger.inspect", json::object());
  if (!answer.ok()) return report(answer.error());
  const json& found = answer.value();
  const bool whole = found.value("ok", false);
  if (common.json) return print_json(found), whole ? kDone : kCorrupt;
  if (whole) {
    print_line("The ledger is whole: " + cell(found, "entries") + " entries, " +
               cell(found, "checkpoints") + " signed checkpoints, head " + cell(found, "head") +
               ".");
    return kDone;
  }
  print_line("The ledger is damaged at entry " + cell(found, "bad_sequence") + ": " +
             cell(found, "advice") + " [" + cell(found, "slug") + "]");
  return kCorrupt;
}

/// One page, smaller when its entries are too many bytes for one answer.
Result<json> next_page(Reach& reach, const LedgerWanted& wanted, std::uint64_t from,
                       std::uint64_t& page) {
  for (;;) {
    auto answer = reach.ask("ledger.entries",
                            {{"from", from}, {"at_most", page}, {"identified", wanted.identified}});
    const bool too_long = !answer.ok() && answer.error().slug == "control.message-too-long";
    if (!too_long || page == 1) return answer;
    page /= 2;
  }
}

int run_ledger_export(const Common& common, const LedgerWanted& wanted) {
  auto reach = Reach::open(common.site);
  if (!reach.ok()) return report(reach.error());
  std::uint64_t from = wanted.from;
  std::uint64_t page = kPage;
  for (;;) {
    auto answer = next_page(**reach, wanted, from, page);
    if (!answer.ok()) return report(answer.error());
    const auto& entries = answer.value()["entries"];
    if (entries.empty()) break;
    for (const auto& entry : entries) {
      const std::string line = entry.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
      std::fwrite(line.data(), 1, line.size(), stdout);
      from = entry.value("sequence", from) + 1;
    }
    // A ledger that was cut off on its way to the disk must not pass for a whole one.
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      return report_cut_off();
    }
  }
  return kDone;
}

std::string all_kinds() {
  std::string out = "one of:";
  for (std::uint16_t number = 1; number < 100; ++number) {
    const auto word = ledger::to_string(static_cast<ledger::Kind>(number));
    if (ledger::kind_of(word)) out += " " + std::string(word);
  }
  return out;
}

}  // namespace

void add_ledger(Verb& app, Common& common, Chosen& chosen) {
  Verb* group = app.add_subcommand("ledger", "the record of all that happened");
  group->require_subcommand();
  group->footer(std::string("\n") + kLedgerLesson);
  const auto wanted = std::make_shared<LedgerWanted>();
  Verb* show = add_verb(*group, common, "show", "entries, newest first", kLedgerLesson, true);
  show->add_option("--study", wanted->study, "of this study (our number)");
  show->add_option("--transfer", wanted->transfer, "of this transfer");
  show->add_option("--destination", wanted->destination, "of this destination")->type_name("NAME");
  show->add_option("--kind", wanted->kind, all_kinds())->type_name("KIND");
  show->add_option("--at-most", wanted->at_most, "how many entries")
      ->between(1, kPage)
      ->capture_default_str();
  Verb* inspect = add_verb(*group, common, "inspect", "does every entry fit?", kLedgerLesson, true);
  Verb* all = add_verb(*group, common, "export", "every entry, as JSON lines", kLedgerLesson, true);
  all->add_option("--from", wanted->from, "the first entry")->capture_default_str();
  for (Verb* verb : {show, all}) {
    verb->add_flag("--identified", wanted->identified, "also open what is sealed");
  }
  show->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_ledger_show(common, *wanted); };
  });
  inspect->callback(
      [&common, &chosen] { chosen.run = [&common] { return run_ledger_inspect(common); }; });
  all->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_ledger_export(common, *wanted); };
  });
}

}  // namespace veilroute::app::cli

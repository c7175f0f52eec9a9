// veilroute verify: finished copies, ours or another tool's, against what they were made from.
#include "app/operations/verify.h"

#include <memory>

#include "app/cli/print.h"
#include "app/cli/rows.h"
#include "app/cli/verbs.h"
#include "core/base/counted.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kVerifyLesson =
    R"(Reads a source and a copy that some tool made of it, or two folders of them, and tells what of the
source is still there: names, numbers, dates and UIDs in values, in the file's own head and in its
name; private text; groups, overlays and comments that no copy may hold; and whether the copy says
that and how it was de-identified. Pixels are not looked at: text burned into them is not found.
Nothing is written, and no value is told: findings name file, tag path and rule.

In folders a copy belongs to the source of the same name. Copies that have new names need a --map of
rows id_old,id_new (`deidentify --map` writes one). Where no name fits and there are as many files on
both sides they are taken in order, and each copy is held against the words of all sources.

For copies of our own --profile asks for all that this profile promises. With the --secret-file of the
run, or the --site (and --scope) whose pseudonyms they have, each pseudonym and each new UID is
checked as well; without, only that they agree within a copy. With --site, a patient that the site
does not know yet is given a pseudonym.

Examples:
  veilroute verify in/a.dcm out/a.dcm
  veilroute verify study/ clean/ --map ids.csv
  veilroute verify study/ clean/ --map ids.csv --profile basic --secret-file run.secret
  veilroute verify study/ clean/ --json

Exit codes: 0 nothing was found   3 something was found (a file that cannot be read is a finding)
            2 wrong use, or nothing to compare with   4 the site cannot be reached)";

struct VerifyOptions {
  VerifyWanted run;
  std::string profile;
  RowsWanted rows;
};

void print_verified(const VerifyOutcome& outcome) {
  if (outcome.findings.empty()) return;
  const auto& file = outcome.output.empty() ? outcome.source : outcome.output;
  for (const store::Finding& each : outcome.findings) {
    print_line("found  " + file.string() + ": " + (each.path.empty() ? "" : each.path + ": ") +
               each.advice + " [" + each.rule + "]");
  }
}

int report_verified(const VerifyTally& tally, bool as_json, json rows) {
  if (as_json) {
    print_json({{"verified", tally.verified},
                {"found", tally.found},
                {"sources_without_copy", tally.without_copy},
                {"paired_by", tally.paired_by},
                {"files", std::move(rows)}});
  } else {
    std::string text = counted(tally.verified, "file") + " verified, " +
                       std::to_string(tally.found) + " with findings";
    if (tally.without_copy > 0) {
      text += "; " + counted(tally.without_copy, "source") + " without a copy";
    }
    if (tally.paired_by == "order") text += "; paired by their order, since no name fits";
    print_line(text);
  }
  return tally.found == 0 ? kDone : kSomeNot;
}

int run_verify(const Common& common, VerifyOptions wanted) {
  wanted.rows.make_secret = false;
  const bool with_rows = common.site_given || !wanted.rows.secret_file.empty();
  if (wanted.profile.empty() && with_rows) {
    return report(
        make_error(ErrorKind::invalid, "argument.missing",
                   "--site and --secret-file need --profile: without its rules pseudonyms "
                   "say nothing"));
  }
  auto chosen = choose_rows(common, wanted.profile, wanted.rows);
  if (!chosen.ok()) return report(chosen.error());
  wanted.run.profile = chosen->profile;
  wanted.run.default_issuer = chosen->default_issuer;
  json rows = json::array();
  VerifyWatch watch;
  watch.outcome = [&](const VerifyOutcome& outcome) {
    if (common.json) return rows.push_back(describe(outcome));
    print_verified(outcome);
  };
  ProgressInParts progress;
  watch.read = [&](std::size_t done, std::size_t total) { progress.step("read", done, total); };
  watch.verified = [&](std::size_t done, std::size_t total) {
    progress.step("verified", done, total);
  };
  const auto tally = verify_files(wanted.run, chosen->rows, watch);
  progress.end();
  if (!tally.ok()) return report(tally.error());
  return report_verified(*tally, common.json, std::move(rows));
}

}  // namespace

void add_verify(Verb& app, Common& common, Chosen& chosen) {
  Verb* verb = add_verb(app, common, "verify", "what of a source is still in a copy", kVerifyLesson,
                        true, "the copies have the pseudonyms of this site (default: no site)");
  const auto wanted = std::make_shared<VerifyOptions>();
  verb->add_option("originals", wanted->run.source, "what the copies were made from")
      ->required()
      ->type_name("SOURCE");
  verb->add_option("copies", wanted->run.output, "the copies")->required()->type_name("OUTPUT");
  verb->add_option("--map", wanted->run.map, "rows of id_old,id_new: which object became which")
      ->type_name("FILE");
  verb->add_option("--profile", wanted->profile, "for copies of our own: by which rules")
      ->type_name("NAME");
  verb->add_option("--secret-file", wanted->rows.secret_file, "the secret they were made with")
      ->type_name("FILE");
  verb->add_option("--scope", wanted->rows.scope, "with --site: the scope of its pseudonyms")
      ->type_name("SCOPE")
      ->capture_default_str();
  verb->add_option(
          "--source", wanted->rows.source,
          "with --site: the source whose issuer of Patient IDs stands in for an absent one")
      ->type_name("NAME");
  verb->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_verify(common, *wanted); };
  });
}

}  // namespace veilroute::app::cli

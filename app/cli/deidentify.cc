// veilroute deidentify: de-identified copies of files, without a node.
#include "app/operations/deidentify.h"

#include <cstdio>
#include <memory>

#include "app/cli/print.h"
#include "app/cli/rows.h"
#include "app/cli/verbs.h"
#include "app/operations/copy_folder.h"
#include "app/operations/copy_records.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kDeidentifyLesson =
    R"(Writes de-identified copies of DICOM files, by the engine that the node uses: each copy is verified
before it gets its name. Copies are named by their new UIDs (OUT/study/series/instance.dcm), since
names of files carry names of people. What did not come out clean is not written, but listed with
its reason. Sources are only read; a file in the output folder is never replaced. The report, the map
and the secret say who is who: they may not lie in the output folder. Links in folders are not followed.

Without --site ($VEILROUTE_SITE does not count here) every run has a fresh random secret, so that no
two runs can be linked; keep it in a --secret-file to get the same pseudonyms and UIDs again. With
--site the pseudonyms are the site's: those that the node gives the same patients in this --scope.

Examples:
  veilroute deidentify --profile basic --out clean /media/cdrom
  veilroute deidentify --profile basic --out clean --report r.jsonl --map ids.csv study/
  veilroute deidentify --profile basic --site /srv/veilroute --scope destination:bone-specialist \
      --out clean study/
  veilroute deidentify --profile basic --secret-file run.secret --out clean study/

Exit codes: 0 all written   2 wrong use   3 some held (each is listed with its reason)
            4 the disk is full, or the site cannot be reached)";

struct DeidentifyOptions {
  DeidentifyWanted run;
  std::string profile;
  RowsWanted rows;
};

Result<PseudonymsFor> prepare(const Common& common, DeidentifyOptions& wanted) {
  // Before the secret is made.
  VR_TRY(check_records_outside(wanted.run.out,
                               {wanted.run.report, wanted.run.map, wanted.rows.secret_file}));
  VR_TRY(ChosenRows chosen, choose_rows(common, wanted.profile, wanted.rows));
  wanted.run.profile = std::move(chosen.profile);
  wanted.run.default_issuer = std::move(chosen.default_issuer);
  return std::move(chosen.rows);
}

void print_outcome(const FileOutcome& outcome) {
  if (outcome.kind != FileOutcome::Kind::held || outcome.findings.empty()) return;
  const auto& first = outcome.findings.front();
  std::string text = "held  " + outcome.source.string() + ": ";
  if (!first.path.empty()) text += first.path + ": ";
  text += first.advice + " [" + first.rule + "]";
  if (outcome.findings.size() > 1) {
    text += " (and " + std::to_string(outcome.findings.size() - 1) + " more)";
  }
  print_line(text);
}

int report_tally(const DeidentifyTally& tally, bool as_json, json rows) {
  if (as_json) {
    print_json({{"written", tally.written},
                {"held", tally.held},
                {"left_out", tally.left_out},
                {"files", std::move(rows)}});
  } else {
    std::string text =
        std::to_string(tally.written) + " written, " + std::to_string(tally.held) + " held";
    if (tally.left_out > 0) {
      text += ", " + std::to_string(tally.left_out) + " left out (DICOMDIR files, second copies)";
    }
    print_line(text);
  }
  return tally.held == 0 ? kDone : kSomeNot;
}

int run_deidentify(const Common& common, DeidentifyOptions wanted) {
  const auto pseudonyms = prepare(common, wanted);
  if (!pseudonyms.ok()) return report(pseudonyms.error());
  if (wanted.run.keep_names) {
    std::fprintf(
        stderr,
        "Warning: --keep-names keeps names of files and folders, and those may carry names "
        "of people.\n");
  }
  json rows = json::array();
  DeidentifyWatch watch;
  watch.outcome = [&](const FileOutcome& outcome) {
    if (common.json) return rows.push_back(describe(outcome));
    print_outcome(outcome);
  };
  ProgressInParts progress;
  watch.scanned = [&](std::size_t done, std::size_t total) { progress.step("read", done, total); };
  watch.copied = [&](std::size_t done, std::size_t total) {
    progress.step("de-identified", done, total);
  };
  const auto tally = deidentify_files(wanted.run, *pseudonyms, watch);
  progress.end();
  if (!tally.ok()) return report(tally.error());
  return report_tally(*tally, common.json, std::move(rows));
}

}  // namespace

void add_deidentify(Verb& app, Common& common, Chosen& chosen) {
  Verb* verb =
      add_verb(app, common, "deidentify", "de-identified copies of files", kDeidentifyLesson, true,
               "take pseudonyms from the site in this folder (default: no site)");
  const auto wanted = std::make_shared<DeidentifyOptions>();
  verb->add_option("paths", wanted->run.paths, "files and folders")->required()->type_name("PATH");
  verb->add_option("--profile", wanted->profile, "by which rules")->required()->type_name("NAME");
  verb->add_option("--out", wanted->run.out, "where copies go")->required()->type_name("DIR");
  verb->add_option("--scope", wanted->rows.scope, "with --site: the scope of its pseudonyms")
      ->type_name("SCOPE")
      ->capture_default_str();
  verb->add_option(
          "--source", wanted->rows.source,
          "with --site: the source whose issuer of Patient IDs stands in for an absent one")
      ->type_name("NAME");
  verb->add_option("--secret-file", wanted->rows.secret_file,
                   "without --site: where the run's secret is kept; made when it is not there")
      ->type_name("FILE");
  verb->add_option("--pixel-trust", wanted->run.pixel_trust,
                   "the document that says why suspicious pixels carry no identity")
      ->type_name("DOCUMENT");
  verb->add_option("--report", wanted->run.report, "a line of JSON for each file")
      ->type_name("FILE");
  verb->add_option("--map", wanted->run.map, "rows of id_old,id_new: as secret as the objects")
      ->type_name("FILE");
  verb->add_flag("--keep-names", wanted->run.keep_names, "keep names of files and folders");
  verb->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_deidentify(common, *wanted); };
  });
}

}  // namespace veilroute::app::cli

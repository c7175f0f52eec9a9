// veilroute submit: takes files in, as if a source had sent them.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"
#include "app/paths.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kSubmitLesson =
    R"(Takes DICOM files, or all files in folders, into the site, by the same way as objects that a
modality sends: sealed, recorded, completed into studies, and routed. While a node runs, each opened
file is handed to it, so the node needs no right to read your folders. DICOMDIR files are left out;
symbolic links in folders are not followed, and each is listed as not taken.

Examples:
  veilroute submit /media/cdrom
  veilroute submit --source er-xray study/*.dcm       as if er-xray had sent them

Exit codes: 0 all taken   2 wrong use, no files, or an unknown source
            3 some not taken (each is listed with its reason), or the site is in use
            4 some not taken for want of the site: the node was lost, or its disk is full)";

struct SubmitWanted {
  std::vector<std::filesystem::path> paths;
  std::string source = "submit";
};

struct Tally {
  std::uint64_t taken = 0, left_out = 0, not_taken = 0;
  bool site_is_lacking = false;  ///< lost, or full: another try later may do
  json rows = json::array();
};

/// The site was lost or is full; not that the operator's own file cannot be read.
bool is_of_the_site(const Error& error) {
  if (error.slug == "file.unreadable" || error.slug == "file.changed-meanwhile") return false;
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::exhausted;
}

/// An error: no file can be taken in this way.
Result<void> submit_one(Reach& reach, const FoundFile& file, const SubmitWanted& wanted,
                        bool as_json, Tally& tally) {
  auto source = file.failure ? Result<std::unique_ptr<FileSource>>(*file.failure)
                             : FileSource::open(file.path);
  auto outcome = source.ok() ? reach.ask("submit", {{"source", wanted.source}},
                                         source.value()->descriptor())
                             : Result<json>(source.error());
  if (!outcome.ok() && outcome.error().slug == "source.unknown") return outcome.error();
  json row = {{"file", file.path.string()}};
  if (outcome.ok()) {
    ++tally.taken;
    row["object"] = outcome.value()["object"];
  } else if (outcome.error().slug == "file.media-directory" && !file.named) {
    ++tally.left_out;
    row["left_out"] = outcome.error().slug;
  } else {
    ++tally.not_taken;
    tally.site_is_lacking = tally.site_is_lacking || is_of_the_site(outcome.error());
    row["error"] = to_json(outcome.error());
    if (!as_json) print_line("not taken  " + file.path.string() + ": " + outcome.error().text());
  }
  if (as_json) tally.rows.push_back(std::move(row));
  return {};
}

int run_submit(const Common& common, const SubmitWanted& wanted) {
  const auto files = find_files(wanted.paths);
  if (files.empty()) {
    return report(make_error(ErrorKind::invalid, "submit.no-files",
                             "there are no files in the folders that were named"));
  }
  auto reach = Reach::open(common.site);
  if (!reach.ok()) return report(reach.error());
  Tally tally;
  {
    Progress progress("submitted", files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto submitted = submit_one(*reach.value(), files[i], wanted, common.json, tally);
      if (!submitted.ok()) return report(submitted.error());
      progress.step(i + 1);
    }
  }
  if (common.json) {
    print_json({{"taken", tally.taken},
                {"left_out", tally.left_out},
                {"not_taken", tally.not_taken},
                {"files", std::move(tally.rows)}});
  } else {
    print_line(std::to_string(tally.taken) + " taken, " + std::to_string(tally.not_taken) +
               " not taken" +
               (tally.left_out > 0 ? ", " + std::to_string(tally.left_out) + " DICOMDIR left out"
                                   : std::string()));
    if (tally.taken > 0 && !reach.value()->node_runs()) {
      print_line("No node runs here: they wait in the spool for `veilroute serve`.");
    }
  }
  if (tally.site_is_lacking) return kUnavailable;
  return tally.not_taken == 0 ? kDone : kSomeNot;
}

}  // namespace

void add_submit(Verb& app, Common& common, Chosen& chosen) {
  Verb* verb = add_verb(app, common, "submit", "take files in", kSubmitLesson, true);
  const auto wanted = std::make_shared<SubmitWanted>();
  verb->add_option("paths", wanted->paths, "files and folders")->required()->type_name("PATH");
  verb->add_option("--source", wanted->source, "the source they come from")
      ->type_name("NAME")
      ->capture_default_str();
  verb->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_submit(common, *wanted); };
  });
}

}  // namespace veilroute::app::cli

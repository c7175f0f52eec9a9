// veilroute explain: why did it go there; where would it go?
#include <filesystem>
#include <memory>

#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"
#include "app/operations/explain.h"
#include "app/paths.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kExplainLesson =
    R"(Says for each route whether it takes the study, comparison by comparison, what its gate says, and what
happens next. Shows attribute names and your own words only, never a value of the study.

Examples:
  veilroute explain 17                          a study by our number
  veilroute explain 1.2.840.99.1                or by its UID, as it came in or as it went out
  veilroute explain --file a.dcm --source er-xray    files that are not here yet: where would they go?

Exit codes: 0 explained   2 no such study, or a file that cannot be used
            3 the site is in use, or a link is among the files   4 the node was lost)";

struct ExplainWanted {
  std::string study;
  std::vector<std::filesystem::path> files;
  std::string source = "submit";
};

Result<json> ask(const Common& common, const ExplainWanted& wanted) {
  if (wanted.files.empty()) {
    if (wanted.study.empty()) {
      return make_error(ErrorKind::invalid, "argument.missing", "name a study, or files by --file");
    }
    return ask_site(common.site, "explain", study_argument(wanted.study));
  }
  const TimePoint now = SystemClock().now();
  VR_TRY(const Settings settings, require_settings(common.site, now));
  std::vector<std::filesystem::path> files;
  for (const auto& file : find_files(wanted.files)) {
    if (file.failure) return *file.failure;
    files.push_back(file.path);
  }
  return explain_files(settings, files, wanted.source, now);
}

int run_explain(const Common& common, const ExplainWanted& wanted) {
  auto answer = ask(common, wanted);
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  for (const auto& sentence : answer.value()["sentences"]) {
    print_line(sentence.get<std::string>());
  }
  return kDone;
}

}  // namespace

void add_explain(Verb& app, Common& common, Chosen& chosen) {
  Verb* verb = add_verb(app, common, "explain", "why did it go there?", kExplainLesson, true);
  const auto wanted = std::make_shared<ExplainWanted>();
  auto* study = verb->add_option("study", wanted->study, "our number, or a Study Instance UID");
  verb->add_option("--file", wanted->files, "files or a folder of one study")
      ->type_name("PATH")
      ->excludes(study);
  verb->add_option("--source", wanted->source, "the source they would come from")
      ->type_name("NAME")
      ->capture_default_str();
  verb->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_explain(common, *wanted); };
  });
}

}  // namespace veilroute::app::cli

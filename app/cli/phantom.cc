// veilroute phantom: synthetic objects to try a site with.
#include "app/operations/phantom.h"

#include <memory>

#include "app/cli/print.h"
#include "app/cli/verbs.h"
#include "core/base/counted.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kPhantomLesson =
    R"(Writes complete synthetic DICOM objects: made-up patients ("PHANTOM^ONE"), made-up places, pictures
that a program drew. Nothing in them comes from a person, and every identifier is easy to find again.
--canary puts a marker of its own into every attribute that de-identification must treat.

Examples:
  veilroute phantom --out phantoms                            one digital X-ray
  veilroute phantom --kind ct --count 20 --studies 3 --out phantoms
  veilroute phantom --canary --out phantoms --json            also lists the markers

Exit codes: 0 made   2 wrong use   3 a file of that name is there   4 disk trouble)";

int run_phantom(const Common& common, const PhantomsWanted& wanted) {
  const auto made = write_phantoms(wanted);
  if (!made.ok()) return report(made.error());
  if (!common.json) {
    print_line(counted(made->size(), "object") + " in " + wanted.out.string());
    return kDone;
  }
  json files = json::array();
  for (const auto& written : *made) {
    json row = {{"file", written.file.string()}};
    if (wanted.canary) row["markers"] = written.markers;
    files.push_back(std::move(row));
  }
  print_json({{"files", std::move(files)}});
  return kDone;
}

}  // namespace

void add_phantom(Verb& app, Common& common, Chosen& chosen) {
  Verb* verb = app.add_subcommand("phantom", "synthetic objects to try a site with");
  verb->footer(std::string("\n") + kPhantomLesson);
  verb->add_flag("--json", common.json, "print JSON instead of a sentence");
  const auto wanted = std::make_shared<PhantomsWanted>();
  verb->add_option("--out", wanted->out, "where they go")->required()->type_name("DIR");
  verb->add_option_function(
          "--kind",
          [wanted](const std::string& word) { wanted->kind = *dicom::parse_phantom_kind(word); },
          "dx, cr, ct or us")
      ->type_name("KIND")
      ->one_of({"dx", "cr", "ct", "us"})
      ->default_str("dx");
  verb->add_option("--studies", wanted->studies, "studies, each of a patient of its own")
      ->between(1, 9999)
      ->capture_default_str();
  verb->add_option("--count", wanted->count, "objects a study")
      ->between(1, 99999)
      ->capture_default_str();
  verb->add_option("--first", wanted->first, "number of the first patient")
      ->between(1, 9999)
      ->capture_default_str();
  verb->add_option("--rows", wanted->rows, "height of the picture, 16 to 4096 (default: by kind)");
  verb->add_option("--columns", wanted->columns, "width, 16 to 4096 (default: by kind)");
  verb->add_option("--seed", wanted->seed, "any text; the same seed gives the same bytes")
      ->type_name("TEXT");
  verb->add_option("--transfer-syntax", wanted->transfer_syntax, "its UID; pixels are native")
      ->type_name("UID")
      ->capture_default_str();
  verb->add_flag("--canary", wanted->canary, "a marker in every attribute of Table E.1-1");
  verb->callback([wanted, &common, &chosen] {
    chosen.run = [wanted, &common] { return run_phantom(common, *wanted); };
  });
}

}  // namespace veilroute::app::cli

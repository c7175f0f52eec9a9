// veilroute check: is the configuration right?
#include "app/cli/print.h"
#include "app/cli/verbs.h"
#include "app/descriptors.h"
#include "app/settings.h"
#include "core/base/counted.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kCheckLesson =
    R"(Reads site.toml, conf.d/*.toml and profiles/*.toml and lists everything that is wrong at once, each
with file:line:column, what is wrong, and the nearest valid word. Changes nothing; needs no node.

Examples:
  veilroute check --site /srv/veilroute
  veilroute check --site /srv/veilroute --json

Exit codes: 0 right (there may be warnings)   2 there are errors)";

int run_check(const Common& common) {
  auto loaded = load_settings(common.site, SystemClock().now());
  if (loaded.ok()) {
    auto few = too_few_descriptors(*loaded.settings.config, descriptor_limit().most);
    if (few) loaded.problems.push_back(std::move(*few));
  }
  if (common.json) {
    json rows = json::array();
    for (const auto& problem : loaded.problems) {
      rows.push_back({{"file", problem.place.file},
                      {"line", problem.place.line},
                      {"column", problem.place.column},
                      {"what", problem.what},
                      {"slug", problem.slug},
                      {"warning", problem.warning}});
    }
    print_json({{"ok", loaded.ok()}, {"problems", std::move(rows)}});
    return loaded.ok() ? kDone : kInvalid;
  }
  for (const auto& problem : loaded.problems) {
    print_line((problem.warning ? "warning: " : "") + problem.text());
  }
  if (!loaded.ok()) return kInvalid;
  const auto& config = *loaded.settings.config;
  print_line("The configuration is right: " + counted(config.listeners.size(), "listener") + ", " +
             counted(config.sources.size(), "source") + ", " +
             counted(config.destinations.size(), "destination") + ", " +
             counted(config.routes.size(), "route") + ".");
  return kDone;
}

}  // namespace

void add_check(Verb& app, Common& common, Chosen& chosen) {
  Verb* verb = add_verb(app, common, "check", "is the configuration right?", kCheckLesson, true);
  verb->callback([&] { chosen.run = [&] { return run_check(common); }; });
}

}  // namespace veilroute::app::cli

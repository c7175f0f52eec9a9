// veilroute init: makes a site.
#include "app/operations/init.h"

#include <memory>

#include "app/cli/print.h"
#include "app/cli/verbs.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kInitLesson =
    R"(Makes a new site: commented configuration, a master key, development certificates (an authority
of their own, RSA-3072), an empty catalog. Refuses a folder that holds anything.

Examples:
  veilroute init /srv/veilroute --name north-radiology --listen 0.0.0.0:11112
  veilroute init my-site --demo      with a source, a destination and a route to try it with

Exit codes: 0 made   2 a name is not right   3 the folder is not empty   4 disk trouble)";

void print_next_steps(const NewSite& wanted, const std::vector<std::string>& made) {
  const std::string folder = wanted.folder.string();
  print_line("Made the site " + wanted.name + " in " + folder + ":");
  for (const auto& name : made) print_line("  " + name);
  print_line("");
  print_line("Next:");
  print_line("  1. Copy " + folder + "/keys/master.key to a safe place. Without it, nothing that");
  print_line("     this site keeps can ever be opened again.");
  if (wanted.demo) {
    print_line("  2. veilroute serve --site " + folder);
    print_line("  3. Send as DEMO_XRAY to " + wanted.ae_title + " at " + wanted.listen + ";");
    print_line("     the demo partner is expected at " + wanted.partner + " (TLS, AE DEMO_PARTNER).");
  } else {
    print_line("  2. Edit " + folder + "/site.toml: name the sources that may send to us.");
    print_line("  3. Copy the examples in " + folder + "/conf.d/ to *.toml and fill them in.");
    print_line("  4. veilroute check --site " + folder);
    print_line("  5. veilroute serve --site " + folder);
  }
  print_line("The certificates in keys/ are for development: use those of your own authority with");
  print_line("partners.");
}

int run_init(const NewSite& wanted) {
  auto made = init_site(wanted);
  if (!made.ok()) return report(made.error());
  print_next_steps(wanted, made.value());
  return kDone;
}

}  // namespace

void add_init(Verb& app, Common&, Chosen& chosen) {
  Verb* verb = app.add_subcommand("init", "make a new site");
  verb->footer(std::string("\n") + kInitLesson);
  const auto wanted = std::make_shared<NewSite>();
  verb->add_option("folder", wanted->folder, "the new site's folder")->required()->type_name("DIR");
  verb->add_option("--name", wanted->name, "the site's name")->capture_default_str();
  verb->add_option("--ae-title", wanted->ae_title, "its AE title")->capture_default_str();
  verb->add_option("--listen", wanted->listen, "where the first listener binds")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str();
  verb->add_flag("--demo", wanted->demo, "add a demo source, destination and route");
  verb->add_option("--partner", wanted->partner, "where the demo destination listens")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  verb->callback([wanted, &chosen] { chosen.run = [wanted] { return run_init(*wanted); }; });
}

}  // namespace veilroute::app::cli

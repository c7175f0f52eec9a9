// The command line as a whole: the table of verbs, the common options, the exit code.
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "app/cli/print.h"
#include "app/cli/verbs.h"
#include "app/version.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kRunLesson = R"(Start here:
  veilroute init my-site --demo     make a site to try things with
  veilroute check --site my-site    is the configuration right?
  veilroute serve --site my-site    run the node; Ctrl-C stops it
  veilroute VERB --help             each verb explains itself, with examples

The site is the folder of --site, else $VEILROUTE_SITE, else the current folder.
While a node runs, verbs ask it over its control socket; otherwise they open the site themselves.

Exit codes:
  0 done   2 wrong use or configuration   3 refused, or some objects were not taken or are held
  4 not available now   5 damaged (a digest, a seal or the ledger does not agree)   70 our own fault)";

constexpr mode_t kOnlyOwner = 077;

/// No patient data in core files, none in files that others may read, and a peer that hangs up is
/// an error to handle, not a reason to die.
void keep_to_ourselves() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::umask(kOnlyOwner);
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

Verb* add_verb(Verb& parent, Common& common, const std::string& name, const std::string& what,
               const std::string& lesson, bool lists, const char* site) {
  Verb* verb = parent.add_subcommand(name, what);
  verb->footer("\n" + lesson);
  verb->add_option_function(
          "--site",
          [&common](const std::string& folder) {
            common.site = folder;
            common.site_given = true;
          },
          site)
      ->type_name("DIR");
  if (lists) verb->add_flag("--json", common.json, "print JSON instead of a table");
  return verb;
}

int run(int argc, char** argv) {
  keep_to_ourselves();
  Common common;
  Chosen chosen;
  CommandLine line(
      "Veilroute takes in medical images, de-identifies them, and forwards them on record.",
      "veilroute", std::string("veilroute ") + kVersion);
  line.root().footer(std::string("\n") + kRunLesson);
  line.root().require_subcommand();
  if (const char* site = std::getenv("VEILROUTE_SITE"); site != nullptr && *site != '\0') {
    common.site = site;
  }
  for (const auto add : {add_init, add_check, add_serve, add_submit, add_echo, add_doctor, add_phantom,
                         add_deidentify, add_verify, add_explain, add_study, add_queue, add_quarantine,
                         add_commitment, add_spool, add_ledger, add_profile, add_route,
                         add_destination}) {
    add(line.root(), common, chosen);
  }
  if (const auto code = line.parse(argc, argv)) return *code;
  if (!chosen.run) return kInvalid;
  const int code = chosen.run();
  // What a script reads from a file that was cut off must not pass for the whole answer.
  return code == kDone && output_is_cut_off() ? report_cut_off() : code;
}

}  // namespace veilroute::app::cli

// The verbs of the command line: one add_... a file, each adds its subcommand and what it runs.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "app/cli/arguments.h"

namespace veilroute::app::cli {

/// What the chosen verb does; returns the exit code. Set by the verb's callback, run by main.
struct Chosen {
  std::function<int()> run;
};

/// Options every verb has.
struct Common {
  std::filesystem::path site = ".";
  bool site_given = false;  ///< by --site, not by the environment or the default
  bool json = false;
};

/// Exit codes (docs/adr/0001): part of every help text.
inline constexpr int kDone = 0, kInvalid = 2, kSomeNot = 3, kUnavailable = 4, kCorrupt = 5,
                     kInternal = 70;

void add_init(Verb& app, Common& common, Chosen& chosen);
void add_check(Verb& app, Common& common, Chosen& chosen);
void add_serve(Verb& app, Common& common, Chosen& chosen);
void add_submit(Verb& app, Common& common, Chosen& chosen);
void add_echo(Verb& app, Common& common, Chosen& chosen);
void add_doctor(Verb& app, Common& common, Chosen& chosen);
void add_phantom(Verb& app, Common& common, Chosen& chosen);
void add_deidentify(Verb& app, Common& common, Chosen& chosen);
void add_verify(Verb& app, Common& common, Chosen& chosen);
void add_explain(Verb& app, Common& common, Chosen& chosen);
void add_study(Verb& app, Common& common, Chosen& chosen);
void add_queue(Verb& app, Common& common, Chosen& chosen);
/// Its verbs pause and resume.
void add_pause(Verb& queue, Common& common, Chosen& chosen);
void add_quarantine(Verb& app, Common& common, Chosen& chosen);
/// Its verbs accept, accepted and revoke.
void add_accept(Verb& quarantine, Common& common, Chosen& chosen);
void add_commitment(Verb& app, Common& common, Chosen& chosen);
void add_spool(Verb& app, Common& common, Chosen& chosen);
void add_ledger(Verb& app, Common& common, Chosen& chosen);
void add_profile(Verb& app, Common& common, Chosen& chosen);
void add_route(Verb& app, Common& common, Chosen& chosen);
void add_destination(Verb& app, Common& common, Chosen& chosen);

inline constexpr const char* kSiteHelp =
    "the site's folder (default: $VEILROUTE_SITE, else the current folder)";
/// A subcommand with --site and --json (where it lists), whose help ends with `lesson`: examples
/// and exit codes. `site`: what help says of --site.
Verb* add_verb(Verb& parent, Common& common, const std::string& name, const std::string& what,
               const std::string& lesson, bool lists, const char* site = kSiteHelp);

/// Runs the whole command line; what main() returns.
int run(int argc, char** argv);

}  // namespace veilroute::app::cli

// veilroute profile list | show
#include <filesystem>
#include <memory>

#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"
#include "app/operations/operation.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kProfileLesson =
    R"(A profile says what happens to each attribute of an object. Profiles are shipped, or stand in the
site's profiles/ folder; without a site the shipped ones are shown. A profile's version is a digest of
its text, of the standard's tables and of the engine: a study keeps the version it was planned with.

A profile of the site extends another by rules: [[rule]] with an attribute and an action (keep, remove,
empty, dummy, uid, pseudonym, accession, or replace with a value). Patient's Name and Patient ID always
become the pseudonym. Under the basis "de-identified" a rule may not keep what the standard's tables
change, and what it keeps is still judged: a value that is not as its type says goes. A profile that
keeps a date or time says so in its copies (Longitudinal Temporal Information Modified: UNMODIFIED). With
deidentifies = false nothing is changed, and no rule may stand there.

Examples:
  veilroute profile list
  veilroute profile show basic

Exit codes: 0 shown   2 no such profile, or the configuration is not right)";

constexpr std::size_t kVersionDigits = 12;

/// The shipped profiles where nobody named a site and none is here.
Result<Settings> settings_of(const Common& common) {
  std::error_code unreadable;
  if (common.site_given || std::filesystem::exists(common.site / "site.toml", unreadable)) {
    return require_settings(common.site, SystemClock().now());
  }
  Settings settings;
  settings.library = std::make_shared<const profiles::Library>(profiles::Library::shipped());
  return settings;
}

int run_profile_list(const Common& common) {
  const auto settings = settings_of(common);
  if (!settings.ok()) return report(settings.error());
  auto answer = list_profiles(*settings, json::object());
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  Table table({"PROFILE", "VERSION", "DE-IDENTIFIES", "STRICT ENOUGH FOR", "DESCRIPTION"});
  for (const auto& row : answer.value()["profiles"]) {
    table.add({cell(row, "profile"), cell(row, "version").substr(0, kVersionDigits),
               cell(row, "deidentifies"), cell(row, "bases"), cell(row, "description")});
  }
  print(table);
  print_line("Standard: " + cell(answer.value(), "standard") + ", engine " +
             cell(answer.value(), "engine"));
  return kDone;
}

void print_lines(const std::string& text) {
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    print_line(text.substr(from, end - from));
    from = end + 1;
  }
}

int run_profile_show(const Common& common, const std::string& name) {
  const auto settings = settings_of(common);
  if (!settings.ok()) return report(settings.error());
  auto answer = show_profile(*settings, {{"profile", name}});
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  const json& profile = answer.value();
  print_line("Profile " + name + ", version " + cell(profile, "version"));
  print_line("Strict enough for: " + cell(profile, "bases"));
  print_line("");
  print_lines(cell(profile, "text"));
  if (profile["rules"].empty()) {
    print_line("No rules of its own: PS3.15 Table E.1-1 decides.");
    return kDone;
  }
  Table table({"TAG", "ATTRIBUTE", "ACTION", "RULE"});
  for (const auto& rule : profile["rules"]) {
    table.add({cell(rule, "tag"), cell(rule, "keyword"), cell(rule, "action"), cell(rule, "rule")});
  }
  return print(table), kDone;
}

}  // namespace

void add_profile(Verb& app, Common& common, Chosen& chosen) {
  Verb* group = app.add_subcommand("profile", "what happens to each attribute");
  group->require_subcommand();
  group->footer(std::string("\n") + kProfileLesson);
  Verb* list = add_verb(*group, common, "list", "all profiles", kProfileLesson, true);
  list->callback(
      [&common, &chosen] { chosen.run = [&common] { return run_profile_list(common); }; });
  Verb* show = add_verb(*group, common, "show", "one profile and its rules", kProfileLesson, true);
  const auto name = std::make_shared<std::string>();
  show->add_option("profile", *name, "its name")->required();
  show->callback([name, &common, &chosen] {
    chosen.run = [name, &common] { return run_profile_show(common, *name); };
  });
}

}  // namespace veilroute::app::cli

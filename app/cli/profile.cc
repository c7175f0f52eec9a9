// veilroute profile list | show, and the group that the other verbs join
#include "app/cli/profile.h"

#include <filesystem>
#include <memory>

#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/operations/operation.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kProfileLesson =
    R"(A profile says what happens to each attribute of an object. Profiles are shipped, or stand in the
site's profiles/ folder; without a site the shipped ones are shown. A profile's version is a digest of
its text, of the standard's tables and of the engine: a study keeps the version it was planned with.

A profile of the site extends another, takes options of PS3.15 Annex E (options = ["retain-device", ...])
and adds rules. [[rule]] selects by one of: attribute (keyword or tag, at any depth), path (sequences and
an attribute, joined by dots), group, vr, creator (with group and element: private attributes), code (the
concept name of a content item). Its action is one of keep, remove, empty, dummy, uid, pseudonym,
accession, replace (with a value), shift, year, age, hash, clean; a rule whose action cannot be done on
an attribute does not match it. The first rule that matches decides, the profile's own before its
parent's; then options, then Table E.1-1, then the VR. Patient's Name and Patient ID always become the
pseudonym. Under the basis "de-identified" no rule and no option may leave what safe harbor lists, and
what is kept is still judged: a value that is not as its type says goes. With deidentifies = false nothing
is changed, and no rule may stand there. allow = ["raw-data", ...] lets objects through that are else
refused.

Examples:
  veilroute profile list
  veilroute profile show basic

Exit codes: 0 shown   2 no such profile, or the configuration is not right)";

constexpr std::size_t kVersionDigits = 12;

int run_profile_list(const Common& common) {
  const auto settings = settings_for_profiles(common);
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
  const auto settings = settings_for_profiles(common);
  if (!settings.ok()) return report(settings.error());
  auto answer = show_profile(*settings, {{"profile", name}});
  if (!answer.ok()) return report(answer.error());
  if (common.json) return print_json(answer.value()), kDone;
  const json& profile = answer.value();
  print_line("Profile " + name + ", version " + cell(profile, "version"));
  print_line("Strict enough for: " + cell(profile, "bases"));
  print_line("");
  print_lines(cell(profile, "text"));
  if (!profile["options"].empty()) print_line("Options: " + cell(profile, "options"));
  if (profile["rules"].empty()) {
    print_line("No rules of its own: PS3.15 Table E.1-1 decides.");
    return kDone;
  }
  Table table({"FOR", "ATTRIBUTE", "ACTION", "RULE"});
  for (const auto& rule : profile["rules"]) {
    table.add(
        {cell(rule, "selects"), cell(rule, "keyword"), cell(rule, "action"), cell(rule, "rule")});
  }
  return print(table), kDone;
}

}  // namespace

Result<Settings> settings_for_profiles(const Common& common) {
  std::error_code unreadable;
  if (common.site_given || std::filesystem::exists(common.site / "site.toml", unreadable)) {
    return require_settings(common.site, SystemClock().now());
  }
  Settings settings;
  settings.library = std::make_shared<const profiles::Library>(profiles::Library::shipped());
  return settings;
}

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
  add_profile_work(*group, common, chosen);
}

}  // namespace veilroute::app::cli

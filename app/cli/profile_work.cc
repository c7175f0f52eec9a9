// veilroute profile lint | test | diff | explain
#include "app/operations/profile_work.h"

#include <filesystem>
#include <memory>

#include "app/cli/print.h"
#include "app/cli/profile.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kLintLesson =
    R"(Says what is wrong with a profile, each problem with file, line and column, and what a valid one lets
happen that you may not have meant: options and rules that break safe harbor, rules that are never
reached, objects that nobody can read through.

Examples:
  veilroute profile lint research
  veilroute profile lint profiles/teaching.toml

Exit codes: 0 nothing to say   2 not valid, or not readable   3 valid, with warnings)";

constexpr const char* kTestLesson =
    R"(Runs the cases of a profile: given values, and what must have become of them. They stand beside the
profile as NAME.cases.toml, or where --cases says:

  [[case]]
  name = "the birth year stays"
  given = { PatientBirthDate = "19610203" }
  expect = { PatientBirthDate = "19610101" }

"{pseudonym}", "{accession}", "{uid}" and "{shifted}" stand for what becomes of the given value,
"{absent}" for gone, "" for present and empty. What has no `expect` may become anything.

Examples:
  veilroute profile test profiles/teaching.toml
  veilroute profile test research --cases my.cases.toml

Exit codes: 0 all passed   2 a text cannot be read   3 a case failed)";

constexpr const char* kDiffLesson =
    R"(Says what one profile does otherwise than another: options, rules, and each attribute of PS3.6 that
is treated in another way (its value at top level looking its best).

Examples:
  veilroute profile diff basic safe-harbor
  veilroute profile diff research profiles/teaching.toml

Exit codes: 0 compared   2 a profile cannot be read)";

constexpr const char* kExplainAttributesLesson =
    R"(Says for every attribute of a file what a profile does with it, and which rule decided: a rule of the
profile's own, an option, a row of PS3.15 Table E.1-1, or the attribute's VR. Shows no value, and writes
nothing.

Examples:
  veilroute profile explain basic a.dcm
  veilroute profile explain research a.dcm --json

Exit codes: 0 explained   2 no such profile, or no readable object
            3 the object as a whole would be held)";

int run_lint(const Common& common, const std::string& profile) {
  const auto settings = settings_for_profiles(common);
  if (!settings.ok()) return report(settings.error());
  const auto answer = lint_profile(*settings->library, profile);
  if (!answer.ok()) return report(answer.error());
  const json& found = answer.value();
  const bool valid = found["problems"].empty();
  const int code = !valid ? kInvalid : found["warnings"].empty() ? kDone : kSomeNot;
  if (common.json) return print_json(found), code;
  for (const auto& problem : found["problems"]) {
    print_line(cell(problem, "place") + ": " + cell(problem, "what") + " [" +
               cell(problem, "slug") + "]");
  }
  for (const auto& warning : found["warnings"]) {
    print_line("warning: " + cell(warning, "what") + " [" + cell(warning, "slug") + "]");
  }
  if (valid && found["warnings"].empty())
    print_line("Nothing to say about " + cell(found, "profile"));
  return code;
}

std::filesystem::path cases_beside(const std::string& profile) {
  std::filesystem::path path(profile);
  if (path.extension() == ".toml") return path.replace_extension(".cases.toml");
  return profile + ".cases.toml";
}

int run_test(const Common& common, const std::string& profile, std::filesystem::path cases) {
  const auto settings = settings_for_profiles(common);
  if (!settings.ok()) return report(settings.error());
  if (cases.empty()) cases = cases_beside(profile);
  const auto answer = test_profile(*settings->library, profile, cases);
  if (!answer.ok()) return report(answer.error());
  const json& tested = answer.value();
  const int code = tested["failed"] == 0 ? kDone : kSomeNot;
  if (common.json) return print_json(tested), code;
  for (const auto& test : tested["cases"]) {
    if (test["failures"].empty()) continue;
    print_line(cell(test, "place") + ": " + cell(test, "case"));
    for (const auto& failure : test["failures"]) print_line("  " + failure.get<std::string>());
  }
  print_line(cell(tested, "passed") + " passed, " + cell(tested, "failed") + " failed");
  return code;
}

void print_changes(const char* what, const json& changes) {
  for (const auto& word : changes["added"]) {
    print_line(std::string("+ ") + what + " " + word.get<std::string>());
  }
  for (const auto& word : changes["dropped"]) {
    print_line(std::string("- ") + what + " " + word.get<std::string>());
  }
}

int run_diff(const Common& common, const std::string& first, const std::string& second) {
  const auto settings = settings_for_profiles(common);
  if (!settings.ok()) return report(settings.error());
  const auto before = find_profile(*settings->library, first);
  if (!before.ok()) return report(before.error());
  const auto after = find_profile(*settings->library, second);
  if (!after.ok()) return report(after.error());
  const auto answer = diff_profiles(**before, **after);
  if (!answer.ok()) return report(answer.error());
  const json& difference = answer.value();
  if (common.json) return print_json(difference), kDone;
  print_changes("option", difference["options"]);
  print_changes("rule", difference["rules"]);
  Table table({"TAG", "ATTRIBUTE", "BEFORE", "AFTER"});
  for (const auto& row : difference["attributes"]) {
    table.add({cell(row, "tag"), cell(row, "keyword"), cell(row, "before"), cell(row, "after")});
  }
  if (table.empty()) {
    print_line("No attribute is treated in another way.");
  } else {
    print(table);
  }
  return kDone;
}

int run_explain_attributes(const Common& common, const std::string& name,
                           const std::filesystem::path& file) {
  const auto settings = settings_for_profiles(common);
  if (!settings.ok()) return report(settings.error());
  const auto profile = find_profile(*settings->library, name);
  if (!profile.ok()) return report(profile.error());
  const auto answer = explain_attributes(**profile, file);
  if (!answer.ok()) return report(answer.error());
  const json& explained = answer.value();
  const int code = explained["held"].empty() ? kDone : kSomeNot;
  if (common.json) return print_json(explained), code;
  Table table({"ACTION", "PATH", "ATTRIBUTE", "RULE"});
  for (const auto& row : explained["attributes"]) {
    table.add({cell(row, "action"), cell(row, "path"), cell(row, "keyword"), cell(row, "rule")});
  }
  print(table);
  print_line("Pixels: " + cell(explained, "pixels"));
  for (const auto& problem : explained["held"]) {
    print_line("Held: " + cell(problem, "path") + " " + cell(problem, "advice") + " [" +
               cell(problem, "rule") + "]");
  }
  return code;
}

}  // namespace

void add_profile_work(Verb& group, Common& common, Chosen& chosen) {
  struct Words {
    std::string profile, other;
    std::filesystem::path file;
  };
  const auto words = std::make_shared<Words>();
  Verb* lint = add_verb(group, common, "lint", "what is wrong or doubtful", kLintLesson, true);
  lint->add_option("profile", words->profile, "a name, or a file")->required();
  lint->callback([words, &common, &chosen] {
    chosen.run = [words, &common] { return run_lint(common, words->profile); };
  });
  Verb* test = add_verb(group, common, "test", "run its cases", kTestLesson, true);
  test->add_option("profile", words->profile, "a name, or a file")->required();
  test->add_option("--cases", words->file, "the cases (default: beside the profile)")
      ->type_name("FILE");
  test->callback([words, &common, &chosen] {
    chosen.run = [words, &common] { return run_test(common, words->profile, words->file); };
  });
  Verb* diff = add_verb(group, common, "diff", "what two do otherwise", kDiffLesson, true);
  diff->add_option("before", words->profile, "a name, or a file")->required();
  diff->add_option("after", words->other, "a name, or a file")->required();
  diff->callback([words, &common, &chosen] {
    chosen.run = [words, &common] { return run_diff(common, words->profile, words->other); };
  });
  Verb* explain = add_verb(group, common, "explain", "what becomes of each attribute of a file",
                           kExplainAttributesLesson, true);
  explain->add_option("profile", words->profile, "a name, or a file")->required();
  explain->add_option("file", words->file, "an object")->required()->type_name("FILE");
  explain->callback([words, &common, &chosen] {
    chosen.run = [words, &common] {
      return run_explain_attributes(common, words->profile, words->file);
    };
  });
}

}  // namespace veilroute::app::cli

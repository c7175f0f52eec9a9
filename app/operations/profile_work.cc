#include "app/operations/profile_work.h"

#include <algorithm>

#include "app/file_source.h"
#include "app/object_file.h"
#include "core/base/crypto.h"
#include "core/base/files.h"
#include "profiles/cases.h"
#include "profiles/decide.h"
#include "profiles/deidentify.h"
#include "profiles/lint.h"
#include "profiles/strip_pixels.h"

namespace veilroute::app {
namespace {

constexpr std::uint64_t kLargestProfileText = 1U << 20U;

bool is_file(const std::string& name_or_file) {
  return name_or_file.find('/') != std::string::npos || name_or_file.ends_with(".toml");
}

std::shared_ptr<const profiles::Profile> parent_in(const ProfileName& name, void* library) {
  return static_cast<const profiles::Library*>(library)->find(name);
}

Result<profiles::ParsedProfile> parse_file(const profiles::Library& library,
                                           const std::string& file) {
  VR_TRY(const std::string text, read_text_file(file, kLargestProfileText));
  profiles::Library parents = library;
  return profiles::parse_profile(text, file, parent_in, &parents);
}

json problem_row(const profiles::ProfileProblem& problem) {
  return {{"place", problem.place.text()}, {"what", problem.what}, {"slug", problem.slug}};
}

std::string keyword_of_tag(dicom::Tag tag) {
  const dicom::DictionaryEntry* entry = dicom::find(tag);
  return entry == nullptr ? std::string() : std::string(entry->keyword);
}

std::set<std::string> option_words_of(const profiles::Profile& profile) {
  std::set<std::string> words;
  for (const profiles::Option option : profiles::all_options()) {
    if (profile.options.has(option)) words.insert(std::string(profiles::to_string(option)));
  }
  return words;
}

std::set<std::string> rule_words_of(const profiles::Profile& profile) {
  std::set<std::string> words;
  for (const profiles::Rule& rule : profile.rules.all()) {
    std::string word =
        profiles::to_text(rule.selector) + ": " + std::string(profiles::to_string(rule.action));
    if (!rule.value.empty()) word += " \"" + rule.value + "\"";
    words.insert(std::move(word));
  }
  return words;
}

json changes(const std::set<std::string>& before, const std::set<std::string>& after) {
  json added = json::array();
  json dropped = json::array();
  for (const std::string& word : after) {
    if (!before.contains(word)) added.push_back(word);
  }
  for (const std::string& word : before) {
    if (!after.contains(word)) dropped.push_back(word);
  }
  return {{"added", std::move(added)}, {"dropped", std::move(dropped)}};
}

/// What becomes of an attribute of this tag with a plain value.
std::string action_on(const profiles::Profile& profile, const dicom::DictionaryEntry& entry) {
  dicom::Element element;
  element.tag = entry.tag;
  element.vr = entry.vr;
  element.holds = entry.vr == dicom::vr::SQ ? dicom::Holds::sequence : dicom::Holds::value;
  static const Bytes kPlain{'1', ' '};
  if (entry.vr != dicom::vr::SQ) element.value = kPlain;
  const profiles::Decision decision = profiles::Decider(profile).decide(element, {});
  return std::string(profiles::to_string(decision.action)) + " (" + decision.rule + ")";
}

}  // namespace

Result<std::shared_ptr<const profiles::Profile>> find_profile(const profiles::Library& library,
                                                              const std::string& name_or_file) {
  if (!is_file(name_or_file)) {
    auto profile = library.find(ProfileName{name_or_file});
    if (profile != nullptr) return profile;
    return make_error(ErrorKind::invalid, "profile.unknown",
                      "there is no profile of this name; `veilroute profile list` shows all");
  }
  VR_TRY(profiles::ParsedProfile parsed, parse_file(library, name_or_file));
  if (parsed.profile != nullptr) return std::move(parsed.profile);
  std::string all;
  for (const profiles::ProfileProblem& problem : parsed.problems) {
    all += "\n  " + problem.place.text() + ": " + problem.what;
  }
  return make_error(ErrorKind::invalid, "profile.not-valid", "the profile is not valid:" + all);
}

Result<json> lint_profile(const profiles::Library& library, const std::string& name_or_file) {
  json answer = {{"problems", json::array()}, {"warnings", json::array()}};
  std::shared_ptr<const profiles::Profile> profile;
  if (is_file(name_or_file)) {
    VR_TRY(profiles::ParsedProfile parsed, parse_file(library, name_or_file));
    for (const auto& problem : parsed.problems) answer["problems"].push_back(problem_row(problem));
    profile = std::move(parsed.profile);
  } else {
    VR_TRY(profile, find_profile(library, name_or_file));
  }
  if (profile == nullptr) return answer;
  answer["profile"] = profile->name.value;
  answer["version"] = profile->version.value;
  for (const profiles::Warning& warning : profiles::lint(*profile)) {
    answer["warnings"].push_back({{"slug", warning.slug}, {"what", warning.what}});
  }
  return answer;
}

Result<json> test_profile(const profiles::Library& library, const std::string& name_or_file,
                          const std::filesystem::path& cases) {
  VR_TRY(const auto profile, find_profile(library, name_or_file));
  VR_TRY(const std::string text, read_text_file(cases, kLargestProfileText));
  VR_TRY(const auto outcomes, profiles::run_cases(*profile, text, cases.string()));
  json rows = json::array();
  std::size_t failed = 0;
  for (const profiles::CaseOutcome& outcome : outcomes) {
    failed += outcome.failures.empty() ? 0 : 1;
    rows.push_back(
        {{"case", outcome.name}, {"place", outcome.place.text()}, {"failures", outcome.failures}});
  }
  return json{{"profile", profile->name.value},
              {"passed", outcomes.size() - failed},
              {"failed", failed},
              {"cases", std::move(rows)}};
}

Result<json> diff_profiles(const profiles::Profile& before, const profiles::Profile& after) {
  json attributes = json::array();
  for (const dicom::DictionaryEntry& entry : dicom::all_entries()) {
    const std::string was = action_on(before, entry);
    const std::string is = action_on(after, entry);
    if (was == is) continue;
    attributes.push_back({{"tag", dicom::to_text(entry.tag)},
                          {"keyword", std::string(entry.keyword)},
                          {"before", was},
                          {"after", is}});
  }
  return json{{"options", changes(option_words_of(before), option_words_of(after))},
              {"rules", changes(rule_words_of(before), rule_words_of(after))},
              {"attributes", std::move(attributes)}};
}

Result<json> explain_attributes(const profiles::Profile& profile,
                                const std::filesystem::path& file) {
  VR_TRY(const ObjectFile object, scan_object_file(file, {}));
  VR_TRY(const auto source, reopen(object));
  VR_TRY(dicom::Dataset dataset, read_header(object, *source));
  const OpenSource open = [&]() -> Result<std::unique_ptr<ByteSource>> {
    return std::unique_ptr<ByteSource>(
        std::make_unique<TailSource>(*source, object.head.dataset_offset));
  };
  VR_TRY(profiles::strip_pixels(dataset, profile, open));
  const Secret secret = crypto::random_key();
  const profiles::Pseudonyms row{Phi<std::string>("VR-EXPLAIN"), Phi<std::string>("EXPLAIN"),
                                 Phi<int>(1), secret.view()};
  profiles::DeidSettings settings;
  settings.trace = true;
  VR_TRY(const profiles::DeidReport report, profiles::deidentify(dataset, profile, row, settings));
  json rows = json::array();
  for (const profiles::Change& change : report.changes) {
    const std::size_t last = change.path.rfind('(');
    const auto tag =
        last == std::string::npos ? std::nullopt : dicom::parse_tag(change.path.substr(last));
    rows.push_back({{"path", change.path},
                    {"keyword", tag ? keyword_of_tag(*tag) : std::string()},
                    {"action", std::string(profiles::to_string(change.action))},
                    {"rule", change.rule}});
  }
  json held = json::array();
  for (const profiles::Problem& problem : report.problems) {
    held.push_back({{"path", problem.path}, {"rule", problem.rule}, {"advice", problem.advice}});
  }
  return json{{"profile", profile.name.value},
              {"attributes", std::move(rows)},
              {"held", std::move(held)},
              {"pixels", report.pixels}};
}

}  // namespace veilroute::app

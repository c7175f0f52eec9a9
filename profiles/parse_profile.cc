// TOML to Profile, or every problem with its place and the nearest valid word.
#include <algorithm>
#include <array>
#include <utility>

#include "profiles/canonical.h"
#include "profiles/parse_rules.h"
#include "profiles/profile.h"
#include "profiles/refusals.h"
#include "profiles/strictness.h"

namespace veilroute::profiles {
namespace {

using toml::Kind;
using toml::Node;

constexpr auto kBases =
    std::to_array<std::string_view>({"de-identified", "expert-determination", "treatment",
                                     "authorization", "limited-data-set", "baa", "waiver"});
constexpr auto kProfileKeys = std::to_array<std::string_view>(
    {"name", "description", "extends", "bases", "deidentifies", "options", "allow", "rule"});

bool is_profile_name(std::string_view name) {
  constexpr std::size_t kLongest = 32;
  return !name.empty() && name.size() <= kLongest && name.front() >= 'a' && name.front() <= 'z' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == name.npos;
}

class Parser {
 public:
  Parser(const std::string& file, FindParent find_parent, void* context)
      : file_(file), find_parent_(find_parent), context_(context) {}

  ParsedProfile parse(std::string_view text) {
    const toml::Parsed parsed = toml::parse(text, file_);
    if (parsed.error) {
      problems_.add(parsed.error->place, "profile.syntax", parsed.error->what);
      return finish();
    }
    read_head(parsed.root);
    read_options(parsed.root);
    read_allowed(parsed.root);
    read_rules(parsed.root);
    check_bases(parsed.root);
    check_effect(parsed.root);
    return finish();
  }

 private:
  ParsedProfile finish() {
    if (problems_.size() != 0) return {nullptr, problems_.take()};
    profile_.text = canonical_text(profile_);
    profile_.version = version_of(profile_.text);
    return {std::make_shared<const Profile>(std::move(profile_)), {}};
  }

  void read_head(const Node& root) {
    problems_.check_keys(root, kProfileKeys);
    profile_.name.value = problems_.text(root, "name");
    if (!is_profile_name(profile_.name.value)) {
      const Node* name = root.find("name");
      problems_.add(name == nullptr ? root.place : name->place, "profile.name",
                    "a profile needs a name of small letters, digits and hyphens, at most 32");
    }
    profile_.description = problems_.text(root, "description");
    read_parent(root);
    if (const Node* node = problems_.get(root, "deidentifies", Kind::boolean)) {
      profile_.deidentifies = node->boolean;
    }
    if (problems_.get(root, "bases", Kind::array) != nullptr) {
      profile_.bases = words(root, "bases", kBases, "profile.unknown-basis", "basis");
    }
  }

  void read_parent(const Node& root) {
    const Node* node = problems_.get(root, "extends", Kind::text);
    if (node == nullptr) return;
    parent_ = find_parent_ == nullptr ? nullptr : find_parent_({node->string}, context_);
    if (parent_ == nullptr) {
      problems_.add(node->place, "profile.unknown-parent",
                    "profile \"" + node->string + "\" does not exist");
      return;
    }
    profile_.bases = parent_->bases;
    profile_.deidentifies = parent_->deidentifies;
    profile_.options = parent_->options;
    profile_.allowed = parent_->allowed;
  }

  /// The texts of a list, each one of `valid`; a problem for every other.
  std::vector<std::string> words(const Node& root, std::string_view key,
                                 std::span<const std::string_view> valid, std::string_view slug,
                                 std::string_view what) {
    std::vector<std::string> found;
    const Node* list = problems_.get(root, key, Kind::array);
    if (list == nullptr) return found;
    for (const Node& node : list->items) {
      if (node.kind == Kind::text && is_among(node.string, valid)) {
        found.push_back(node.string);
      } else {
        problems_.add(node.place, std::string(slug),
                      "unknown " + std::string(what) + " \"" + node.string + "\"" +
                          did_you_mean(node.string, valid));
      }
    }
    return found;
  }

  /// A list replaces the parent's, so that a child can also be stricter.
  void read_options(const Node& root) {
    if (root.find("options") == nullptr) return;
    profile_.options = {};
    for (const std::string& word :
         words(root, "options", option_words(), "profile.unknown-option", "option")) {
      profile_.options.add(*option_of(word));
    }
    if (profile_.options.has(Option::retain_full_dates) &&
        profile_.options.has(Option::retain_modified_dates)) {
      problems_.add(
          root.find("options")->place, "profile.options-exclude",
          "retain-full-dates and retain-modified-dates exclude each other (PS3.15 E.3.6): "
          "drop one");
    }
  }

  void read_allowed(const Node& root) {
    if (root.find("allow") == nullptr) return;
    profile_.allowed.clear();
    for (std::string& word :
         words(root, "allow", refusable_kinds(), "profile.unknown-kind", "kind of object")) {
      profile_.allowed.insert(std::move(word));
    }
  }

  /// A rule of the parent for the same attributes is never reached, so it is left out.
  void read_rules(const Node& root) {
    own_rules_ = parse_rules(root, profile_.name, problems_);
    for (const PlacedRule& each : own_rules_) profile_.rules.add(each.rule);
    if (parent_ == nullptr) return;
    for (const Rule& inherited : parent_->rules.all()) {
      const bool shadowed = std::any_of(
          own_rules_.begin(), own_rules_.end(),
          [&inherited](const PlacedRule& own) { return own.rule.selector == inherited.selector; });
      if (!shadowed) profile_.rules.add(inherited);
    }
  }

  toml::Place place_of(const Node& root, std::string_view key) const {
    const Node* node = root.find(key);
    return node == nullptr ? root.place : node->place;
  }

  /// A profile may claim "de-identified" only if nothing in it keeps what safe harbor lists.
  void check_bases(const Node& root) {
    if (!claims_deidentified(profile_)) return;
    if (!profile_.deidentifies) {
      problems_.add(place_of(root, "bases"), "profile.basis-broken",
                    "a profile that does not de-identify cannot claim \"de-identified\"");
    }
    for (const Option option : all_options()) {
      if (!profile_.options.has(option) || !breaks_safe_harbor(option)) continue;
      problems_.add(place_of(root, "options"), "profile.basis-broken",
                    "the option \"" + std::string(to_string(option)) +
                        "\" keeps what safe harbor lists (45 CFR 164.514(b)(2)): drop it, or claim "
                        "\"expert-determination\" instead of \"de-identified\"");
    }
    if (!profile_.allowed.empty()) {
      problems_.add(place_of(root, "allow"), "profile.basis-broken",
                    "objects that nobody can read through may not leave as \"de-identified\": drop "
                    "\"allow\", or the basis");
    }
    for (const Rule& rule : profile_.rules.all()) {
      const std::string why = breach_of(rule);
      if (why.empty()) continue;
      problems_.add(
          place_of_rule(root, rule), "profile.basis-broken",
          "rule " + rule.name + " " + why + ": drop the rule, or the basis \"de-identified\"");
    }
  }

  toml::Place place_of_rule(const Node& root, const Rule& rule) const {
    for (const PlacedRule& own : own_rules_) {
      if (own.rule.selector == rule.selector) return own.place;
    }
    return place_of(root, "bases");
  }

  /// Without de-identification no attribute is touched: a rule there would only look like one.
  void check_effect(const Node& root) {
    if (profile_.deidentifies) return;
    if (!profile_.rules.empty() || !profile_.options.empty()) {
      problems_.add(place_of(root, "deidentifies"), "profile.rules-without-effect",
                    "a profile that does not de-identify sends every attribute as it came, so its "
                    "rules and options would do nothing: drop the rules, or let the profile "
                    "de-identify");
    }
  }

  const std::string& file_;
  FindParent find_parent_;
  void* context_;
  Profile profile_;
  std::shared_ptr<const Profile> parent_;
  std::vector<PlacedRule> own_rules_;
  ProblemList problems_;
};

bool is_date_or_time(dicom::Vr which) {
  return which == dicom::vr::DA || which == dicom::vr::TM || which == dicom::vr::DT;
}

/// Dates or times are what the rule is for, or may be.
bool reaches_dates(const Rule& rule) {
  switch (rule.selector.kind) {
    case Selector::Kind::attribute:
    case Selector::Kind::path: {
      const dicom::DictionaryEntry* entry = dicom::find(rule.selector.tag);
      return entry != nullptr && is_date_or_time(entry->vr);
    }
    case Selector::Kind::vr:
      return is_date_or_time(rule.selector.vr);
    case Selector::Kind::group:
    case Selector::Kind::code:
      return true;
    case Selector::Kind::block:
      return false;
  }
  return true;
}

}  // namespace

std::string_view standard_edition() { return "PS3.15 2026d"; }

/// Raise it whenever the same profile and tables would write other bytes than before.
std::string_view engine_version() { return "3"; }

std::span<const std::string_view> legal_bases() { return kBases; }

bool claims_deidentified(const Profile& profile) {
  return std::find(profile.bases.begin(), profile.bases.end(), kBases[0]) != profile.bases.end();
}

std::string_view longitudinal_word(const Profile& profile) {
  bool kept = profile.options.has(Option::retain_full_dates);
  bool changed = profile.options.has(Option::retain_modified_dates);
  for (const Rule& rule : profile.rules.all()) {
    if (!reaches_dates(rule)) continue;
    kept = kept || (rule.action == Action::keep && !claims_deidentified(profile));
    changed = changed || rule.action == Action::shift || rule.action == Action::year;
  }
  if (changed) return "MODIFIED";
  return kept ? "UNMODIFIED" : "REMOVED";
}

ParsedProfile parse_profile(std::string_view text, const std::string& file, FindParent find_parent,
                            void* context) {
  return Parser(file, find_parent, context).parse(text);
}

Result<std::shared_ptr<const Profile>> reopen_profile(std::string_view canonical_text,
                                                      const ProfileVersion& expected) {
  ParsedProfile parsed = parse_profile(canonical_text, "profile", nullptr, nullptr);
  if (parsed.profile == nullptr) {
    return make_error(ErrorKind::refused, "profile.not-reopened",
                      "the pinned profile is no longer valid: " + parsed.problems.front().slug);
  }
  if (parsed.profile->version != expected) {
    return make_error(ErrorKind::refused, "profile.version-changed",
                      "the pinned profile now means something else (another engine or table): plan "
                      "the study again");
  }
  return std::move(parsed.profile);
}

}  // namespace veilroute::profiles

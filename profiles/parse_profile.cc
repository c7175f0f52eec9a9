// TOML to Profile, or every problem with its place and the nearest valid word.
#include <algorithm>
#include <array>
#include <set>

#include "core/base/crypto.h"
#include "profiles/decide.h"
#include "profiles/profile.h"
#include "profiles/standard_table.h"

namespace veilroute::profiles {
namespace {

using dicom::Tag;
using toml::Kind;
using toml::Node;
namespace vr = dicom::vr;

constexpr std::size_t kLongestValue = 64;  // an LO value, so that it fits any text VR but SH
constexpr std::array<std::string_view, 6> kBases{"de-identified",    "treatment", "authorization",
                                                 "limited-data-set", "baa",       "waiver"};
constexpr std::array<std::string_view, 8> kActions{"keep", "remove",    "empty",     "dummy",
                                                   "uid",  "pseudonym", "accession", "replace"};
constexpr std::array<std::string_view, 6> kProfileKeys{"name",  "description",  "extends",
                                                       "bases", "deidentifies", "rule"};
constexpr std::array<std::string_view, 5> kRuleKeys{"attribute", "action", "value", "reason",
                                                    "name"};

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = i;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t swap = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({swap, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

template <std::size_t N>
std::string did_you_mean(std::string_view word, const std::array<std::string_view, N>& valid) {
  const auto nearest = std::min_element(valid.begin(), valid.end(), [word](auto a, auto b) {
    return distance(word, a) < distance(word, b);
  });
  return "; did you mean \"" + std::string(*nearest) + "\"?";
}

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& valid, std::string_view word) {
  return std::find(valid.begin(), valid.end(), word) != valid.end();
}

bool is_profile_name(std::string_view name) {
  constexpr std::size_t kLongest = 32;
  return !name.empty() && name.size() <= kLongest && name.front() >= 'a' && name.front() <= 'z' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == name.npos;
}

/// A quoted TOML string; control characters never get this far (toml.cc refuses them unescaped).
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' || c == '\t' || c == '\r' ? ' ' : c;
  }
  return out + "\"";
}

std::string canonical_text(const Profile& profile) {
  std::string text = "name = " + in_quotes(profile.name.value) + "\n";
  text += "description = " + in_quotes(profile.description) + "\n";
  text += std::string("deidentifies = ") + (profile.deidentifies ? "true" : "false") + "\n";
  text += "bases = [";
  for (std::size_t i = 0; i < profile.bases.size(); ++i) {
    text += (i == 0 ? "" : ", ") + in_quotes(profile.bases[i]);
  }
  text += "]\n";
  for (const auto& [packed, rule] : profile.rules) {
    text += "\n[[rule]]\nattribute = " + in_quotes(dicom::to_text(rule.tag)) + "\n";
    text += "action = " + in_quotes(to_string(rule.action)) + "\n";
    if (rule.action == Action::replace) text += "value = " + in_quotes(rule.value) + "\n";
    text += "name = " + in_quotes(rule.name) + "\n";
  }
  return text;
}

ProfileVersion version_of(std::string_view text) {
  Encoder encoder;
  encoder.text(text).digest(standard_tables_digest());
  encoder.text(standard_edition()).text(engine_version());
  return {to_hex(crypto::sha256(encoder.out()))};
}

/// They carry the pseudonym, and nothing else passes verification (decisions 6).
bool is_pseudonymous(Tag tag) {
  return tag == dicom::tags::PatientName || tag == dicom::tags::PatientID;
}

/// What the engine says about the object itself, or needs unchanged to say it.
bool is_fixed(Tag tag) {
  return tag == dicom::tags::SOPClassUID || tag == dicom::tags::SpecificCharacterSet ||
         (tag.group == 0x0012 && tag.element >= 0x0062 && tag.element <= 0x0064) ||
         tag == Tag{0x0028, 0x0303} || is_pseudonymous(tag);
}

class Parser {
 public:
  Parser(const std::string& file, FindParent find_parent, void* context)
      : file_(file), find_parent_(find_parent), context_(context) {}

  ParsedProfile parse(std::string_view text) {
    const toml::Parsed parsed = toml::parse(text, file_);
    if (parsed.error) {
      problem(parsed.error->place, "profile.syntax", parsed.error->what);
      return finish();
    }
    read_head(parsed.root);
    read_rules(parsed.root);
    check_bases(parsed.root);
    check_rules_count(parsed.root);
    return finish();
  }

 private:
  void problem(const toml::Place& place, std::string slug, std::string what) {
    problems_.push_back({place, std::move(what), std::move(slug)});
  }

  ParsedProfile finish() {
    if (!problems_.empty()) return {nullptr, std::move(problems_)};
    profile_.text = canonical_text(profile_);
    profile_.version = version_of(profile_.text);
    return {std::make_shared<const Profile>(std::move(profile_)), {}};
  }

  template <std::size_t N>
  void check_keys(const Node& table, const std::array<std::string_view, N>& valid) {
    for (const auto& [key, node] : table.members) {
      if (contains(valid, key)) continue;
      const auto place = table.key_places.find(key);
      problem(place == table.key_places.end() ? node.place : place->second, "profile.unknown-key",
              "unknown key \"" + key + "\"" + did_you_mean(key, valid));
    }
  }

  /// The node if it is there and of that kind; else null, and a problem if it is of another kind.
  const Node* get(const Node& table, std::string_view key, Kind kind) {
    const Node* node = table.find(key);
    if (node == nullptr || node->kind == kind) return node;
    problem(node->place, "profile.wrong-kind",
            "\"" + std::string(key) + "\" must be " + std::string(toml::describe(kind)) + ", not " +
                std::string(toml::describe(node->kind)));
    return nullptr;
  }

  std::string text(const Node& table, std::string_view key) {
    const Node* node = get(table, key, Kind::text);
    return node == nullptr ? std::string() : node->string;
  }

  void read_head(const Node& root) {
    check_keys(root, kProfileKeys);
    profile_.name.value = text(root, "name");
    if (!is_profile_name(profile_.name.value)) {
      const Node* name = root.find("name");
      problem(name == nullptr ? root.place : name->place, "profile.name",
              "a profile needs a name of small letters, digits and hyphens, at most 32");
    }
    profile_.description = text(root, "description");
    read_parent(root);
    if (const Node* node = get(root, "deidentifies", Kind::boolean)) {
      profile_.deidentifies = node->boolean;
    }
    if (const Node* bases = get(root, "bases", Kind::array)) read_bases(*bases);
  }

  void read_parent(const Node& root) {
    const Node* node = get(root, "extends", Kind::text);
    if (node == nullptr) return;
    const auto parent = find_parent_ == nullptr ? nullptr : find_parent_({node->string}, context_);
    if (parent == nullptr) {
      problem(node->place, "profile.unknown-parent",
              "profile \"" + node->string + "\" does not exist");
      return;
    }
    profile_.bases = parent->bases;
    profile_.deidentifies = parent->deidentifies;
    profile_.rules = parent->rules;
  }

  void read_bases(const Node& bases) {
    profile_.bases.clear();
    for (const Node& node : bases.items) {
      if (node.kind != Kind::text || !contains(kBases, node.string)) {
        problem(node.place, "profile.unknown-basis",
                "unknown basis \"" + node.string + "\"" + did_you_mean(node.string, kBases));
      } else {
        profile_.bases.push_back(node.string);
      }
    }
  }

  void read_rules(const Node& root) {
    const Node* rules = get(root, "rule", Kind::array);
    if (rules == nullptr) return;
    std::set<std::uint32_t> seen;
    for (const Node& node : rules->items) {
      if (node.kind != Kind::table) {
        problem(node.place, "profile.wrong-kind", "a rule is written as a table: [[rule]]");
        continue;
      }
      check_keys(node, kRuleKeys);
      const std::optional<Rule> rule = read_rule(node);
      if (!rule) continue;
      if (!seen.insert(rule->tag.packed()).second) {
        problem(node.place, "profile.repeated-rule",
                "a second rule for " + dicom::to_text(rule->tag) + "; only one can hold");
      }
      profile_.rules.insert_or_assign(rule->tag.packed(), *rule);
      places_.insert_or_assign(rule->tag.packed(), node.place);
    }
  }

  std::optional<Rule> read_rule(const Node& node) {
    const std::optional<Tag> tag = read_attribute(node);
    const std::optional<Action> action = read_action(node);
    if (!tag || !action) return std::nullopt;
    Rule rule{*tag, *action, text(node, "value"), text(node, "name")};
    if (rule.name.empty()) {
      rule.name = profile_.name.value + ":" + std::to_string(node.place.line);
    }
    const std::size_t before = problems_.size();
    check_rule(rule, node);
    return problems_.size() == before ? std::optional<Rule>(rule) : std::nullopt;
  }

  std::optional<Tag> read_attribute(const Node& node) {
    const Node* attribute = get(node, "attribute", Kind::text);
    if (attribute == nullptr) {
      if (node.find("attribute") == nullptr) {
        problem(node.place, "profile.missing-key", "a rule needs an attribute");
      }
      return std::nullopt;
    }
    if (const auto tag = dicom::parse_tag(attribute->string)) return tag;
    if (const auto* entry = dicom::find_keyword(attribute->string)) return entry->tag;
    std::string what = "unknown attribute \"" + attribute->string + "\"";
    const auto nearest = dicom::nearest_keywords(attribute->string, 1);
    if (!nearest.empty()) what += "; did you mean \"" + nearest.front() + "\"?";
    problem(attribute->place, "profile.unknown-attribute", std::move(what));
    return std::nullopt;
  }

  std::optional<Action> read_action(const Node& node) {
    const Node* action = get(node, "action", Kind::text);
    if (action == nullptr) {
      if (node.find("action") == nullptr) {
        problem(node.place, "profile.missing-key", "a rule needs an action");
      }
      return std::nullopt;
    }
    const auto found = std::find(kActions.begin(), kActions.end(), action->string);
    if (found != kActions.end()) return static_cast<Action>(found - kActions.begin());
    problem(action->place, "profile.unknown-action",
            "unknown action \"" + action->string + "\"" + did_you_mean(action->string, kActions));
    return std::nullopt;
  }

  void check_rule(const Rule& rule, const Node& node) {
    if (!always_removed(rule.tag).empty() || is_fixed(rule.tag)) {
      problem(node.place, "profile.fixed-attribute",
              dicom::to_text(rule.tag) +
                  (is_pseudonymous(rule.tag) ? " always becomes the pseudonym: drop the rule"
                                             : " is not for a profile to decide"));
      return;
    }
    const dicom::DictionaryEntry* entry = dicom::find(rule.tag);
    if (entry == nullptr) {
      problem(node.place, "profile.unknown-attribute",
              dicom::to_text(rule.tag) + " is not in PS3.6");
      return;
    }
    check_action_fits(rule, node, entry->vr);
    if (rule.value.size() > kLongestValue ||
        std::any_of(rule.value.begin(), rule.value.end(),
                    [](char c) { return c < ' ' || c > '~' || c == '\\'; })) {
      problem(node.place, "profile.value", "a value is at most 64 printable ASCII characters");
    }
    if ((rule.action == Action::replace) != (node.find("value") != nullptr)) {
      problem(node.place, "profile.value",
              "a value belongs to the action \"replace\", and to it alone");
    }
  }

  void check_action_fits(const Rule& rule, const Node& node, dicom::Vr vr) {
    const bool is_uid = vr == vr::UI;
    const bool fits = rule.action == Action::uid ? is_uid
                      : rule.action == Action::pseudonym || rule.action == Action::replace
                          ? dicom::is_text(vr) && !is_uid
                      : rule.action == Action::accession ? vr == vr::SH || vr == vr::LO
                                                         : true;
    // Instances keep pointing at one another only when every UID is mapped (PS3.15 E.1.1).
    const bool breaks_links = is_uid && default_action(rule.tag) == Action::uid &&
                              rule.action != Action::uid && rule.action != Action::remove &&
                              rule.action != Action::keep;
    if (!fits || breaks_links) {
      problem(node.place, "profile.action-does-not-fit",
              "the action \"" + std::string(to_string(rule.action)) + "\" does not fit VR " +
                  dicom::to_text(vr));
    }
  }

  /// Without de-identification no attribute is touched: a rule there would only look like one.
  void check_rules_count(const Node& root) {
    if (profile_.deidentifies || profile_.rules.empty()) return;
    const Node* node = root.find("deidentifies");
    problem(node == nullptr ? root.place : node->place, "profile.rules-without-effect",
            "a profile that does not de-identify sends every attribute as it came, so its rules "
            "would do nothing: drop the rules, or let the profile de-identify");
  }

  /// A profile may claim "de-identified" only if none of its rules keeps what the tables change.
  void check_bases(const Node& root) {
    if (!claims_deidentified(profile_)) return;
    const Node* bases = root.find("bases");
    const toml::Place place = bases == nullptr ? root.place : bases->place;
    if (!profile_.deidentifies) {
      problem(place, "profile.basis-broken",
              "a profile that does not de-identify cannot claim \"de-identified\"");
    }
    for (const auto& [packed, rule] : profile_.rules) {
      if (rule.action != Action::keep || default_action(rule.tag) == Action::keep) continue;
      const auto own = places_.find(packed);
      problem(own == places_.end() ? place : own->second, "profile.basis-broken",
              "rule " + rule.name + " keeps " + dicom::to_text(rule.tag) +
                  ", which the standard's tables change: drop the rule, or the basis "
                  "\"de-identified\"");
    }
  }

  const std::string& file_;
  FindParent find_parent_;
  void* context_;
  Profile profile_;
  std::map<std::uint32_t, toml::Place> places_;
  std::vector<ProfileProblem> problems_;
};

}  // namespace

std::string_view standard_edition() { return "PS3.15 2026d"; }

/// Raise it whenever the same profile and tables would write other bytes than before.
std::string_view engine_version() { return "2"; }

bool claims_deidentified(const Profile& profile) {
  return std::find(profile.bases.begin(), profile.bases.end(), kBases[0]) != profile.bases.end();
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

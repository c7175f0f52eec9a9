// One [[rule]]: exactly one selector, one action that can be done on what it selects.
#include "profiles/parse_rules.h"

#include <optional>
#include <utility>

#include "profiles/decide.h"

namespace veilroute::profiles {
namespace {

using dicom::Tag;
using toml::Kind;
using toml::Node;
namespace vr = dicom::vr;

constexpr std::size_t kLongestValue = 64;  // an LO value, so that it fits any text VR but SH
constexpr auto kSelectorKeys =
    std::to_array<std::string_view>({"attribute", "path", "group", "vr", "creator", "code"});
constexpr auto kRuleKeys =
    std::to_array<std::string_view>({"attribute", "path", "group", "vr", "creator", "code",
                                     "element", "action", "value", "reason", "name"});

const std::array<std::string_view, kActionCount>& action_words() {
  static const auto kWords = [] {
    std::array<std::string_view, kActionCount> words{};
    for (std::size_t i = 0; i < kActionCount; ++i) words[i] = to_string(static_cast<Action>(i));
    return words;
  }();
  return kWords;
}

std::optional<unsigned> hex_number(std::string_view text, std::size_t digits) {
  if (text.size() != digits ||
      text.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
    return std::nullopt;
  }
  return static_cast<unsigned>(std::stoul(std::string(text), nullptr, 16));
}

class RuleReader {
 public:
  RuleReader(const ProfileName& profile, ProblemList& problems)
      : profile_(profile), problems_(problems) {}

  std::optional<Rule> read(const Node& node) {
    problems_.check_keys(node, kRuleKeys);
    const std::optional<Selector> selector = read_selector(node);
    const std::optional<Action> action = read_action(node);
    if (!selector || !action) return std::nullopt;
    Rule rule{*selector, *action, problems_.text(node, "value"), problems_.text(node, "name")};
    if (rule.name.empty()) rule.name = profile_.value + ":" + std::to_string(node.place.line);
    const std::size_t before = problems_.size();
    check(rule, node);
    return problems_.size() == before ? std::optional<Rule>(std::move(rule)) : std::nullopt;
  }

 private:
  std::optional<Selector> read_selector(const Node& node) {
    std::vector<std::string_view> given;
    for (const std::string_view key : kSelectorKeys) {
      if (node.find(key) != nullptr) given.push_back(key);
    }
    // A private attribute is named by its creator, and its group and element within that block.
    if (given.size() == 2 && given[0] == "group" && given[1] == "creator")
      given.erase(given.begin());
    if (given.size() != 1) {
      problems_.add(
          node.place, "profile.missing-key",
          "a rule selects by exactly one of: an attribute, a path, a group, a vr, a creator, "
          "a code");
      return std::nullopt;
    }
    if (node.find("element") != nullptr && given[0] != "creator") {
      problems_.add(node.place, "profile.unknown-key",
                    "an element goes with a creator and a group");
      return std::nullopt;
    }
    const Node* value = problems_.get(node, given[0], Kind::text);
    if (value == nullptr) return std::nullopt;
    if (given[0] == "attribute") return by_attribute(*value);
    if (given[0] == "path") return by_path(*value);
    if (given[0] == "group") return by_group(*value);
    if (given[0] == "vr") return by_vr(*value);
    if (given[0] == "creator") return by_block(node, *value);
    return by_code(*value);
  }

  std::optional<Tag> attribute(const Node& node, std::string_view word) {
    if (const auto tag = dicom::parse_tag(word)) return tag;
    if (const auto* entry = dicom::find_keyword(word)) return entry->tag;
    std::string what = "unknown attribute \"" + std::string(word) + "\"";
    const auto nearest = dicom::nearest_keywords(word, 1);
    if (!nearest.empty()) what += "; did you mean \"" + nearest.front() + "\"?";
    problems_.add(node.place, "profile.unknown-attribute", std::move(what));
    return std::nullopt;
  }

  std::optional<Selector> by_attribute(const Node& node) {
    const std::optional<Tag> tag = attribute(node, node.string);
    if (!tag) return std::nullopt;
    Selector selector;
    selector.tag = *tag;
    return selector;
  }

  std::optional<Selector> by_path(const Node& node) {
    Selector selector;
    selector.kind = Selector::Kind::path;
    std::string_view rest = node.string;
    for (;;) {
      const std::size_t end = rest.find('.');
      const std::optional<Tag> tag = attribute(node, rest.substr(0, end));
      if (!tag) return std::nullopt;
      if (end == std::string_view::npos) {
        selector.tag = *tag;
        return selector;
      }
      const dicom::DictionaryEntry* entry = dicom::find(*tag);
      if (entry == nullptr || entry->vr != vr::SQ) {
        problems_.add(node.place, "profile.path",
                      dicom::to_text(*tag) + " is no sequence, so nothing stands below it");
        return std::nullopt;
      }
      selector.around.push_back(*tag);
      rest.remove_prefix(end + 1);
    }
  }

  std::optional<Selector> by_group(const Node& node) {
    const auto group = hex_number(node.string, 4);
    if (!group || (*group & 1U) != 0 || *group < 8) {
      problems_.add(
          node.place, "profile.group",
          "a group is four hexadecimal digits, even and not below 0008: \"0018\"; private "
          "attributes are selected by their creator");
      return std::nullopt;
    }
    Selector selector;
    selector.kind = Selector::Kind::group;
    selector.group = static_cast<std::uint16_t>(*group);
    return selector;
  }

  std::optional<Selector> by_vr(const Node& node) {
    const bool two = node.string.size() == 2;
    const dicom::Vr which = two ? dicom::vr_of(node.string[0], node.string[1]) : dicom::Vr::none;
    if (!two || !dicom::is_known(which)) {
      problems_.add(node.place, "profile.vr", "a vr is one of PS3.5 6.2, such as \"LO\"");
      return std::nullopt;
    }
    Selector selector;
    selector.kind = Selector::Kind::vr;
    selector.vr = which;
    return selector;
  }

  std::optional<Selector> by_block(const Node& rule, const Node& creator) {
    Selector selector;
    selector.kind = Selector::Kind::block;
    selector.text = creator.string;
    if (selector.text.empty() || selector.text.size() > kLongestValue) {
      problems_.add(creator.place, "profile.creator", "a creator is 1 to 64 characters");
      return std::nullopt;
    }
    if (const Node* group = problems_.get(rule, "group", Kind::text)) {
      const auto number = hex_number(group->string, 4);
      if (!number || (*number & 1U) == 0) {
        problems_.add(group->place, "profile.group",
                      "a private group is four hexadecimal digits and odd: \"0019\"");
        return std::nullopt;
      }
      selector.group = static_cast<std::uint16_t>(*number);
    }
    if (const Node* element = problems_.get(rule, "element", Kind::text)) {
      const auto number = hex_number(element->string, 2);
      if (!number || selector.group == 0) {
        problems_.add(
            element->place, "profile.element",
            "an element is the last two hexadecimal digits within the creator's block, and "
            "needs the group: group = \"0019\", element = \"10\"");
        return std::nullopt;
      }
      selector.element = static_cast<int>(*number);
    }
    return selector;
  }

  std::optional<Selector> by_code(const Node& node) {
    const std::size_t colon = node.string.find(':');
    if (colon == 0 || colon == std::string::npos || colon + 1 == node.string.size()) {
      problems_.add(node.place, "profile.code",
                    "a code is the concept name's scheme and value: \"DCM:121106\"");
      return std::nullopt;
    }
    Selector selector;
    selector.kind = Selector::Kind::code;
    selector.text = node.string;
    return selector;
  }

  std::optional<Action> read_action(const Node& node) {
    const Node* action = problems_.get(node, "action", Kind::text);
    if (action == nullptr) {
      if (node.find("action") == nullptr) {
        problems_.add(node.place, "profile.missing-key", "a rule needs an action");
      }
      return std::nullopt;
    }
    const auto& words = action_words();
    const auto found = std::find(words.begin(), words.end(), action->string);
    if (found != words.end()) return static_cast<Action>(found - words.begin());
    problems_.add(
        action->place, "profile.unknown-action",
        "unknown action \"" + action->string + "\"" + did_you_mean(action->string, words));
    return std::nullopt;
  }

  void check(const Rule& rule, const Node& node) {
    check_value(rule, node);
    switch (rule.selector.kind) {
      case Selector::Kind::attribute:
      case Selector::Kind::path:
        return check_attribute(rule, node);
      case Selector::Kind::vr:
        if (!fits_vr(rule.action, rule.selector.vr)) does_not_fit(rule, node, rule.selector.vr);
        return;
      case Selector::Kind::group:
      case Selector::Kind::code:
        if (rule.action == Action::pseudonym || rule.action == Action::accession) {
          does_not_fit(rule, node, dicom::Vr::none);
        }
        return;
      case Selector::Kind::block:
        // Nobody knows what a private value means: it stays as it is, or says nothing.
        if (rule.action != Action::keep && rule.action != Action::remove &&
            rule.action != Action::empty) {
          does_not_fit(rule, node, dicom::Vr::none);
        }
        return;
    }
  }

  void check_value(const Rule& rule, const Node& node) {
    if (rule.value.size() > kLongestValue ||
        std::any_of(rule.value.begin(), rule.value.end(),
                    [](char c) { return c < ' ' || c > '~' || c == '\\'; })) {
      problems_.add(node.place, "profile.value",
                    "a value is at most 64 printable ASCII characters");
    }
    if ((rule.action == Action::replace) != (node.find("value") != nullptr)) {
      problems_.add(node.place, "profile.value",
                    "a value belongs to the action \"replace\", and to it alone");
    }
  }

  void check_attribute(const Rule& rule, const Node& node) {
    const Tag tag = rule.selector.tag;
    if (!always_removed(tag).empty() || is_beyond_rules(tag)) {
      std::string why = " is not for a profile to decide";
      if (is_pseudonymous(tag)) why = " always becomes the pseudonym: drop the rule";
      if (tag.is_private()) why = " is private: select it by its creator";
      problems_.add(node.place, "profile.fixed-attribute", dicom::to_text(tag) + why);
      return;
    }
    const dicom::DictionaryEntry* entry = dicom::find(tag);
    if (entry == nullptr) {
      problems_.add(node.place, "profile.unknown-attribute",
                    dicom::to_text(tag) + " is not in PS3.6");
      return;
    }
    // Instances keep pointing at one another only when every UID is mapped (PS3.15 E.1.1).
    const bool breaks_links = entry->vr == vr::UI && default_action(tag) == Action::uid &&
                              rule.action != Action::uid && rule.action != Action::remove &&
                              rule.action != Action::keep;
    if (!fits_vr(rule.action, entry->vr) || breaks_links) does_not_fit(rule, node, entry->vr);
  }

  void does_not_fit(const Rule& rule, const Node& node, dicom::Vr which) {
    const std::string what =
        which == dicom::Vr::none ? to_text(rule.selector) : "VR " + dicom::to_text(which);
    problems_.add(
        node.place, "profile.action-does-not-fit",
        "the action \"" + std::string(to_string(rule.action)) + "\" does not fit " + what);
  }

  const ProfileName& profile_;
  ProblemList& problems_;
};

}  // namespace

std::vector<PlacedRule> parse_rules(const Node& root, const ProfileName& profile,
                                    ProblemList& problems) {
  std::vector<PlacedRule> rules;
  const Node* nodes = problems.get(root, "rule", Kind::array);
  if (nodes == nullptr) return rules;
  RuleReader reader(profile, problems);
  for (const Node& node : nodes->items) {
    if (node.kind != Kind::table) {
      problems.add(node.place, "profile.wrong-kind", "a rule is written as a table: [[rule]]");
      continue;
    }
    std::optional<Rule> rule = reader.read(node);
    if (!rule) continue;
    const bool repeated = std::any_of(rules.begin(), rules.end(), [&rule](const PlacedRule& each) {
      return each.rule.selector == rule->selector;
    });
    if (repeated) {
      problems.add(node.place, "profile.repeated-rule",
                   "a second rule for " + to_text(rule->selector) + "; only the first can hold");
      continue;
    }
    rules.push_back({std::move(*rule), node.place});
  }
  return rules;
}

}  // namespace veilroute::profiles

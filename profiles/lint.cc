// Doubts about options, about single rules, and about rules that hide one another.
#include "profiles/lint.h"

#include "profiles/strictness.h"

namespace veilroute::profiles {
namespace {

class Linter {
 public:
  explicit Linter(const Profile& profile) : profile_(profile) {}

  std::vector<Warning> lint() {
    of_bases();
    of_options();
    for (const std::string& kind : profile_.allowed) {
      warn("lint.allows-unread", "allow = [\"" + kind +
                                     "\"]: nobody can read through such objects, so whatever "
                                     "identifies in them leaves");
    }
    const std::vector<Rule>& rules = profile_.rules.all();
    for (std::size_t i = 0; i < rules.size(); ++i) {
      of_rule(rules[i]);
      of_order(rules, i);
    }
    return std::move(warnings_);
  }

 private:
  void warn(std::string slug, std::string what) {
    warnings_.push_back({std::move(slug), std::move(what)});
  }

  void of_bases() {
    if (profile_.bases.empty()) {
      warn("lint.no-basis",
           "no route can use this profile: it names no legal basis (bases = [...])");
    }
  }

  void of_options() {
    for (const Option option : all_options()) {
      if (!profile_.options.has(option) || !breaks_safe_harbor(option)) continue;
      warn("lint.breaks-safe-harbor",
           "the option \"" + std::string(to_string(option)) +
               "\" leaves what safe harbor lists: the route has to stand on another basis");
    }
    const bool small_cells = profile_.options.has(Option::clean_descriptors) &&
                             profile_.options.has(Option::retain_patient_characteristics) &&
                             profile_.options.has(Option::retain_institution);
    if (small_cells) {
      warn("lint.small-cells",
           "descriptions, age and sex, and the institution together can point at one person with a "
           "rare disease: drop one of these options, or have an expert look at it");
    }
  }

  void of_rule(const Rule& rule) {
    const std::string why = breach_of(rule);
    if (!why.empty()) warn("lint.breaks-safe-harbor", "rule " + rule.name + " " + why);
  }

  /// A rule behind one that takes all its attributes decides nothing.
  void of_order(const std::vector<Rule>& rules, std::size_t index) {
    const Selector& selector = rules[index].selector;
    const bool one =
        selector.kind == Selector::Kind::attribute || selector.kind == Selector::Kind::path;
    const dicom::DictionaryEntry* entry = one ? dicom::find(selector.tag) : nullptr;
    if (entry == nullptr) return;
    const Place place{selector.around, selector.tag, entry->vr, {}, {}};
    for (std::size_t i = 0; i < index; ++i) {
      const Selector& before = rules[i].selector;
      const bool wider =
          before.kind != Selector::Kind::path || selector.kind == Selector::Kind::path;
      if (!wider || !before.matches(place) || !fits_vr(rules[i].action, entry->vr)) continue;
      warn("lint.rule-unreached", "rule " + rules[index].name + " is never reached: rule " +
                                      rules[i].name + " stands before it and takes " +
                                      dicom::to_text(selector.tag) + " already");
      return;
    }
  }

  const Profile& profile_;
  std::vector<Warning> warnings_;
};

}  // namespace

std::vector<Warning> lint(const Profile& profile) { return Linter(profile).lint(); }

}  // namespace veilroute::profiles

// Creators and their blocks are judged together: an element means nothing without its creator.
#include "profiles/private_attributes.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/dicom/padding.h"
#include "profiles/safe_private.h"

namespace veilroute::profiles {
namespace {

using dicom::Element;
using dicom::Holds;
using dicom::Tag;
namespace vr = dicom::vr;

constexpr unsigned kBlockShift = 8;

/// (group, block) → creator. A second creator for one block cannot be: tags do not repeat.
using Creators = std::map<std::pair<std::uint16_t, unsigned>, std::string_view>;

Creators creators_of(const dicom::Item& item) {
  Creators creators;
  for (const Element& element : item.elements) {
    const bool names =
        element.holds == Holds::value && (element.vr == vr::LO || element.vr == vr::UN);
    if (!element.tag.is_private_creator() || !names) continue;
    creators.emplace(std::pair{element.tag.group, unsigned{element.tag.element}},
                     dicom::trimmed(element.value));
  }
  return creators;
}

std::pair<std::uint16_t, unsigned> block_of(Tag tag) {
  return {tag.group, static_cast<unsigned>(tag.element) >> kBlockShift};
}

class PrivateJudge {
 public:
  PrivateJudge(const dicom::Item& item, std::span<const Tag> around, bool big_endian,
               const Profile& profile)
      : item_(item),
        around_(around),
        big_endian_(big_endian),
        profile_(profile),
        creators_(creators_of(item)) {}

  std::vector<std::optional<Decision>> judge() {
    std::vector<std::optional<Decision>> decisions(item_.elements.size());
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      const Element& element = item_.elements[i];
      if (!element.tag.is_private() || element.tag.is_private_creator()) continue;
      decisions[i] = element_decision(element);
      if (decisions[i]->action != Action::remove) ++kept_[block_of(element.tag)];
    }
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      const Tag tag = item_.elements[i].tag;
      if (tag.is_private_creator()) decisions[i] = creator_decision(tag);
    }
    return decisions;
  }

 private:
  Decision element_decision(const Element& element) {
    const auto creator = creators_.find(block_of(element.tag));
    if (creator == creators_.end() || creator->second.empty()) {
      return {Action::remove, "private without creator"};
    }
    const Rule* rule = profile_.rules.find({around_, element.tag, element.vr, creator->second, {}});
    const bool decides =
        rule != nullptr && (rule->action != Action::keep || !claims_deidentified(profile_));
    if (!decides) return by_list(creator->second, element);
    // A rule keeps what stands there, not the links to other objects (PS3.15 E.1.1).
    const bool links = element.vr == vr::UI && !profile_.options.has(Option::retain_uids);
    return {rule->action == Action::keep && links ? Action::uid : rule->action, rule->name};
  }

  Decision by_list(std::string_view creator, const Element& element) const {
    if (!profile_.options.has(Option::retain_safe_private)) return {Action::remove, "private"};
    const PrivateVerdict verdict = judge_private_value(creator, element, big_endian_);
    return {verdict.keep ? Action::keep : Action::remove, std::string(verdict.rule)};
  }

  Decision creator_decision(Tag tag) const {
    const bool owns = kept_.find({tag.group, unsigned{tag.element}}) != kept_.end();
    return owns ? Decision{Action::keep, "private creator"}
                : Decision{Action::remove, "private creator of nothing kept"};
  }

  const dicom::Item& item_;
  std::span<const Tag> around_;
  bool big_endian_;
  const Profile& profile_;
  Creators creators_;
  std::map<std::pair<std::uint16_t, unsigned>, std::size_t> kept_;
};

}  // namespace

bool may_keep_private(const Profile& profile) {
  return profile.rules.select_private() || profile.options.has(Option::retain_safe_private);
}

std::vector<std::optional<Decision>> decide_private(const dicom::Item& item,
                                                    std::span<const Tag> around, bool big_endian,
                                                    const Profile& profile) {
  return PrivateJudge(item, around, big_endian, profile).judge();
}

}  // namespace veilroute::profiles

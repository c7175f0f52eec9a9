// Selectors and the order of rules.
#include "profiles/rules.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace veilroute::profiles {
namespace {

using dicom::Tag;
using dicom::Vr;
namespace vr = dicom::vr;

constexpr std::array<std::string_view, kActionCount> kActionWords{
    "keep",    "remove", "empty", "dummy", "uid",  "pseudonym", "accession",
    "replace", "shift",  "year",  "age",   "hash", "clean"};

bool is_short_text(Vr which) {
  return which == vr::SH || which == vr::LO || which == vr::UC || which == vr::LT ||
         which == vr::ST || which == vr::UT;
}

std::string hex(unsigned number, int digits) {
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%0*X", digits, number);
  return text.data();
}

constexpr std::uint16_t kElementOfBlock = 0xFF;

}  // namespace

std::string_view to_string(Action action) { return kActionWords[static_cast<std::size_t>(action)]; }

bool fits_vr(Action action, Vr which) {
  const bool text = dicom::is_text(which) && which != vr::UI;
  switch (action) {
    case Action::keep:
    case Action::remove:
    case Action::empty:
      return true;
    case Action::dummy:
      return which != vr::UN && which != Vr::none;
    case Action::uid:
      return which == vr::UI;
    case Action::pseudonym:
    case Action::replace:
      return text;
    case Action::accession:
      return which == vr::SH || which == vr::LO;
    case Action::shift:
      return which == vr::DA || which == vr::DT || which == vr::TM;
    case Action::year:
      return which == vr::DA || which == vr::DT;
    case Action::age:
      return which == vr::AS;
    case Action::hash:
      return is_short_text(which);
    case Action::clean:
      return is_short_text(which) || which == vr::SQ;
  }
  return false;
}

bool is_pseudonymous(Tag tag) {
  return tag == dicom::tags::PatientName || tag == dicom::tags::PatientID;
}

bool is_beyond_rules(Tag tag) {
  return tag == dicom::tags::SOPClassUID || tag == dicom::tags::SpecificCharacterSet ||
         (tag.group == 0x0012 && tag.element >= 0x0062 && tag.element <= 0x0064) ||
         tag == Tag{0x0028, 0x0303} || is_pseudonymous(tag);
}

bool is_content_value(Tag tag) {
  static constexpr std::array<Tag, 9> kTags{{{0x0040, 0xA120},
                                             {0x0040, 0xA121},
                                             {0x0040, 0xA122},
                                             {0x0040, 0xA123},
                                             {0x0040, 0xA124},
                                             {0x0040, 0xA160},
                                             {0x0040, 0xA168},
                                             {0x0040, 0xA300},
                                             {0x0040, 0xA730}}};
  return std::find(kTags.begin(), kTags.end(), tag) != kTags.end();
}

bool Selector::matches(const Place& place) const {
  switch (kind) {
    case Kind::attribute:
      return place.tag == tag;
    case Kind::path:
      return place.tag == tag &&
             std::equal(around.begin(), around.end(), place.around.begin(), place.around.end());
    case Kind::group:
      return place.tag.group == group;
    case Kind::vr:
      return place.vr == vr && !place.tag.is_private();
    case Kind::block:
      return place.tag.is_private() && !place.tag.is_private_creator() && place.creator == text &&
             (group == 0 || place.tag.group == group) &&
             (element < 0 || (place.tag.element & kElementOfBlock) == element);
    case Kind::code:
      return place.concept_name == text && is_content_value(place.tag);
  }
  return false;
}

std::string to_text(const Selector& selector) {
  switch (selector.kind) {
    case Selector::Kind::attribute:
      return "attribute " + dicom::to_text(selector.tag);
    case Selector::Kind::path: {
      std::string text = "path ";
      for (const Tag tag : selector.around) text += dicom::to_text(tag) + ".";
      return text + dicom::to_text(selector.tag);
    }
    case Selector::Kind::group:
      return "group " + hex(selector.group, 4);
    case Selector::Kind::vr:
      return "vr " + dicom::to_text(selector.vr);
    case Selector::Kind::block: {
      std::string text = "creator \"" + selector.text + "\"";
      if (selector.group != 0) text += " group " + hex(selector.group, 4);
      if (selector.element >= 0)
        text += " element " + hex(static_cast<unsigned>(selector.element), 2);
      return text;
    }
    case Selector::Kind::code:
      return "code \"" + selector.text + "\"";
  }
  return {};
}

void Rules::add(Rule rule) {
  const Selector::Kind kind = rule.selector.kind;
  const std::size_t index = rules_.size();
  if (kind == Selector::Kind::attribute || kind == Selector::Kind::path) {
    by_tag_[rule.selector.tag.packed()].push_back(index);
  } else {
    others_.push_back(index);
  }
  select_private_ = select_private_ || kind == Selector::Kind::block;
  select_codes_ = select_codes_ || kind == Selector::Kind::code;
  rules_.push_back(std::move(rule));
}

const Rule* Rules::find(const Place& place) const {
  if (rules_.empty()) return nullptr;
  std::size_t best = rules_.size();
  const auto first_of = [&](const std::vector<std::size_t>& ascending) {
    for (const std::size_t index : ascending) {
      if (index >= best) return;
      const Rule& rule = rules_[index];
      if (!fits_vr(rule.action, place.vr) || !rule.selector.matches(place)) continue;
      best = index;
      return;
    }
  };
  const auto own = by_tag_.find(place.tag.packed());
  if (own != by_tag_.end()) first_of(own->second);
  first_of(others_);
  return best == rules_.size() ? nullptr : &rules_[best];
}

}  // namespace veilroute::profiles

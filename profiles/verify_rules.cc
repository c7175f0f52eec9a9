// What each attribute of a finished copy may look like.
#include "profiles/verify_rules.h"

#include <algorithm>
#include <array>

#include "core/dicom/padding.h"
#include "core/dicom/uid.h"
#include "profiles/verify_scopes.h"
#include "profiles/verify_table.h"
#include "profiles/verify_values.h"

namespace veilroute::profiles {
namespace {

using dicom::Tag;
using dicom::Vr;
namespace vr = dicom::vr;

constexpr Tag kCodeValue{0x0008, 0x0100}, kCodeMeaning{0x0008, 0x0104};
constexpr std::string_view kNumberMarks = "+-.eE \\";

bool all_of(std::string_view text, bool (*test)(char)) {
  return std::all_of(text.begin(), text.end(), test);
}

std::size_t digits_in(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }));
}

std::size_t longest_number(std::string_view text) {
  std::size_t run = 0;
  std::size_t longest = 0;
  for (const char c : text) {
    run = c >= '0' && c <= '9' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

bool is_one_of(Vr which, std::initializer_list<Vr> list) {
  return std::find(list.begin(), list.end(), which) != list.end();
}

class Check {
 public:
  Check(const Permitted& permitted, std::vector<Problem>& problems)
      : permitted_(permitted), problems_(problems) {}

  void attribute(const Seen& seen) {
    // Sequences that contain this attribute, outermost first.
    while (inside_.size() > seen.depth) inside_.pop_back();
    scopes_.enter(seen, inside_);
    if (seen.tag.is_private()) return private_attribute(seen);
    if (forbidden_group(seen) || unreadable(seen)) return;
    if (seen.is_sequence) {
      sequence(seen);
      inside_.resize(seen.depth);
      inside_.push_back(seen.tag);
      return;
    }
    const Rule* rule = own_rule(seen);
    if (seen.is_range && unread(seen, rule)) return;
    if (rule != nullptr) return by_rule(seen, *rule);
    const Demand demand = demand_for(seen.tag, options());
    if (demand.listed) return listed(seen, demand);
    unlisted(seen);
  }

 private:
  [[nodiscard]] const Options& options() const { return permitted_.profile->options; }

  [[nodiscard]] const Rule* own_rule(const Seen& seen) const {
    const dicom::DictionaryEntry* entry = dicom::find(seen.tag);
    const Vr which = entry == nullptr ? seen.vr : entry->vr;
    return rule_in({inside_, seen.tag, which, scopes_.creator_of(seen.tag), scopes_.concept_name()},
                   *permitted_.profile);
  }

  [[nodiscard]] bool is_safe_private(const Seen& seen) const {
    constexpr unsigned kLowByte = 0xFF;
    return options().has(Option::retain_safe_private) && !seen.is_sequence &&
           is_listed_as_safe(scopes_.creator_of(seen.tag), seen.tag.group,
                             seen.tag.element & kLowByte);
  }

  /// Nothing private stands in a copy but what a rule, or the list of safe ones, lets stand.
  void private_attribute(const Seen& seen) {
    if (seen.tag.is_private_creator()) {
      if (!is_creator_that_may_stay(text_of(seen), *permitted_.profile))
        find(seen, "verify.private");
      return;
    }
    const Rule* rule = own_rule(seen);
    const bool by_rule = rule != nullptr && (rule->action == Action::keep ||
                                             (rule->action == Action::empty && seen.value.empty()));
    if (by_rule && seen.vr == vr::UI && !options().has(Option::retain_uids)) return uid(seen);
    if (!by_rule && !is_safe_private(seen)) find(seen, "verify.private");
    if (seen.is_sequence) {
      inside_.resize(seen.depth);
      inside_.push_back(seen.tag);
    }
  }

  void find(const Seen& seen, std::string_view rule) {
    problems_.push_back({std::string(seen.path), std::string(rule), std::string(kBrokenPromise)});
  }

  bool forbidden_group(const Seen& seen) {
    const std::uint16_t group = seen.tag.group;
    const std::uint16_t family = group & 0xFF00U;
    const bool never = group == 0x0000 || group == 0x0002 || group == 0x0004 || family == 0x5000 ||
                       family == 0x6000 || group == 0x4FFE || group == 0xFFFA || group == 0xFFFC;
    if (never || seen.tag.element == 0) {
      find(seen, "verify.forbidden-group");
      return true;
    }
    return false;
  }

  bool unreadable(const Seen& seen) {
    const dicom::DictionaryEntry* entry = dicom::find(seen.tag);
    if (entry == nullptr) {
      find(seen, "verify.unknown-attribute");
      return true;
    }
    if (seen.opaque || seen.vr == vr::UN || (entry->vr == vr::SQ) != seen.is_sequence) {
      find(seen, "verify.unread-value");
      return true;
    }
    return false;
  }

  /// Bytes that nobody has looked at pass only where no text can be, or a rule lets anything pass.
  bool unread(const Seen& seen, const Rule* rule) {
    const bool kept = rule != nullptr && rule->action == Action::keep;
    if (kept || (rule == nullptr && is_understood_bulk(seen.tag))) return false;
    find(seen, "verify.unread-bulk");
    return true;
  }

  void sequence(const Seen& seen) {
    if (const Rule* rule = own_rule(seen)) {
      if (rule->action == Action::remove) find(seen, "verify.profile-rule");
      if (rule->action == Action::empty && seen.has_items) find(seen, "verify.profile-rule");
      return;
    }
    const Demand demand = demand_for(seen.tag, options());
    if (demand.is_retained || demand.is_cleaned) return;
    if (demand.listed && !demand.may_be_present) find(seen, "verify.listed-present");
    if (demand.listed && demand.may_be_present && !demand.may_be_filled && seen.has_items) {
      find(seen, "verify.listed-filled");
    }
    if (seen.tag == Tag{0x0040, 0xA730}) find(seen, "verify.report-content");
    if (seen.tag == Tag{0x0400, 0x0500} || seen.tag == Tag{0x0008, 0x0300}) {
      find(seen, "verify.forbidden-group");
    }
  }

  void by_rule(const Seen& seen, const Rule& rule) {
    if (rule.action == Action::uid) return uid(seen);
    const std::string_view text = text_of(seen);
    if (rule.action == Action::keep && seen.vr == vr::UI && !options().has(Option::retain_uids) &&
        !is_beyond_rules(seen.tag)) {
      return kept_uid(seen);
    }
    const bool right = rule.action == Action::keep ||
                       (rule.action == Action::pseudonym && text == permitted_.pseudonym) ||
                       (rule.action == Action::accession && text == permitted_.accession) ||
                       (rule.action == Action::replace && text == rule.value) ||
                       says_nothing(rule.action, seen) || is_left_by(rule.action, seen);
    if (!right) find(seen, "verify.profile-rule");
  }

  /// Nothing, or a dummy, where an action may leave that.
  static bool says_nothing(Action action, const Seen& seen) {
    const std::string_view text = text_of(seen);
    switch (action) {
      case Action::empty:
        return text.empty();
      case Action::dummy:
      case Action::shift:
      case Action::year:
      case Action::age:
      case Action::hash:
      case Action::clean:
        return text.empty() || is_dummy(text) || is_zeros(seen);
      default:
        return false;
    }
  }

  /// Every value is what the action makes of one.
  [[nodiscard]] bool is_left_by(Action action, const Seen& seen) const {
    const std::vector<std::string_view> values = components(text_of(seen));
    return std::all_of(values.begin(), values.end(), [&](std::string_view value) {
      if (value.empty()) return true;
      switch (action) {
        case Action::shift:
          return permitted_.shifted.allow(seen.vr, value);
        case Action::year:
          return is_year_alone(seen.vr, value);
        case Action::age:
          return is_age_that_may_leave(value);
        case Action::hash:
          return is_hash(value);
        case Action::clean:
          return is_clean_text(value);
        default:
          return false;
      }
    });
  }

  /// A rule keeps a UID: it is one of the source, or ours.
  void kept_uid(const Seen& seen) {
    for (const std::string_view each : components(text_of(seen))) {
      if (!each.empty() && !dicom::is_valid_uid(each)) return find(seen, "verify.odd-value");
    }
  }

  /// What an option leaves of a value, by its VR.
  [[nodiscard]] bool is_left_by_option(const Seen& seen, Vr which) const {
    if (says_nothing(Action::dummy, seen)) return true;
    if (is_one_of(which, {vr::DA, vr::DT, vr::TM})) {
      return options().has(Option::retain_full_dates) || is_left_by(Action::shift, seen);
    }
    if (which == vr::AS) return is_left_by(Action::age, seen);
    return is_one_of(which, {vr::SH, vr::LO, vr::UC, vr::LT, vr::ST, vr::UT}) &&
           is_left_by(Action::clean, seen);
  }

  void listed(const Seen& seen, const Demand& demand) {
    const std::string_view text = text_of(seen);
    if (demand.is_retained) {
      const bool old = seen.vr == vr::AS && !is_left_by(Action::age, seen);
      if (old && !says_nothing(Action::age, seen)) find(seen, "verify.listed-filled");
      return;
    }
    if (demand.is_uid) return uid(seen);
    if (demand.is_cleaned) {
      if (!is_left_by_option(seen, seen.vr)) find(seen, "verify.listed-filled");
      return;
    }
    if (!demand.may_be_present) return find(seen, "verify.listed-present");
    if (seen.value.empty() || text.empty()) return;
    if (seen.tag == dicom::tags::PatientName || seen.tag == dicom::tags::PatientID) {
      if (text != permitted_.pseudonym) find(seen, "verify.not-the-pseudonym");
      return;
    }
    if (seen.tag == dicom::tags::AccessionNumber) {
      if (text != permitted_.accession) find(seen, "verify.not-the-pseudonym");
      return;
    }
    if (seen.tag == Tag{0x0042, 0x0011}) return find(seen, "verify.encapsulated-document");
    if (!demand.may_be_filled) return find(seen, "verify.listed-filled");
    if (!is_dummy(text) && !is_zeros(seen)) find(seen, "verify.listed-filled");
  }

  void unlisted(const Seen& seen) {
    const Vr registered = dicom::find(seen.tag)->vr;
    for (const Vr each : {registered, seen.vr}) {
      const std::size_t before = problems_.size();
      by_vr(seen, each);
      if (problems_.size() != before) return;
    }
    if (pixel_data_of_an_item(seen)) find(seen, "verify.nested-pixel-data");
  }

  static bool pixel_data_of_an_item(const Seen& seen) {
    return seen.depth != 0 && seen.tag.group == 0x7FE0;
  }

  void by_vr(const Seen& seen, Vr which) {
    if (which == vr::UI) return uid(seen);
    if (is_one_of(which, {vr::PN, vr::DA, vr::DT, vr::TM, vr::AE, vr::AS, vr::UR, vr::LT, vr::ST,
                          vr::UT, vr::UC})) {
      if (!is_unlisted_text_left(seen, which)) find(seen, "verify.unlisted-text");
    } else if (which == vr::LO || which == vr::SH) {
      short_text(seen);
    } else if (which == vr::CS) {
      code_string(seen);
    } else if (which == vr::DS || which == vr::IS) {
      number(seen);
    } else if (is_one_of(which, {vr::OB, vr::OW, vr::OD, vr::OF, vr::OL, vr::OV})) {
      if (!is_understood_bulk(seen.tag)) find(seen, "verify.unread-bulk");
    }
  }

  /// Under an option dates and texts that the table forgot are treated as those which it lists.
  [[nodiscard]] bool is_unlisted_text_left(const Seen& seen, Vr which) const {
    const std::string_view text = text_of(seen);
    if (text.empty() || is_dummy(text)) return true;
    const bool dates =
        options().has(Option::retain_full_dates) || options().has(Option::retain_modified_dates);
    const bool temporal = is_one_of(which, {vr::DA, vr::DT, vr::TM});
    const bool descriptor = is_one_of(which, {vr::LT, vr::ST, vr::UT, vr::UC});
    return ((temporal && dates) || (descriptor && options().has(Option::clean_descriptors))) &&
           is_left_by_option(seen, which);
  }

  void uid(const Seen& seen) {
    if (options().has(Option::retain_uids)) return kept_uid(seen);
    for (const std::string_view each : components(text_of(seen))) {
      const bool fine =
          each.empty() || is_mapped(each) ||
          (dicom::is_structural_uid(each) && !must_be_mapped(seen.tag)) ||
          (names_a_class(seen.tag) && dicom::is_valid_uid(each) && !each.starts_with("2.25."));
      if (!fine) return find(seen, "verify.uid-not-replaced");
    }
  }

  void short_text(const Seen& seen) {
    const std::string_view text = text_of(seen);
    // Inside a sequence whose codes name persons or places no code but ours may stand.
    const bool names_someone = !inside_.empty() &&
                               demand_for(inside_.back(), {}).code_names_someone &&
                               (seen.tag == kCodeValue || seen.tag == kCodeMeaning);
    if (names_someone && !is_dummy(text)) return find(seen, "verify.listed-filled");
    if (seen.tag == Tag{0x0012, 0x0063}) return;  // check_declarations reads it
    if (!may_hold_text(seen.tag) && !text.empty() && !is_dummy(text)) {
      const bool cleaned = options().has(Option::clean_descriptors) &&
                           is_left_by_option(seen, dicom::find(seen.tag)->vr);
      if (!cleaned) find(seen, "verify.unlisted-text");
      return;
    }
    constexpr std::size_t kLongestShortText = 64;
    constexpr std::size_t kMostDigits = 5;
    const bool code = seen.tag == kCodeValue;
    for (const std::string_view part : components(text)) {
      const bool plain = part.size() <= kLongestShortText &&
                         (code || longest_number(part) <= kMostDigits) && all_of(part, [](char c) {
                           return c >= ' ' && c <= '~' && c != '^' && c != '=' && c != '@';
                         });
      if (!plain) return find(seen, "verify.unlisted-text");
    }
  }

  void code_string(const Seen& seen) {
    for (const std::string_view part : components(text_of(seen))) {
      const bool plain =
          part.size() <= 16 && longest_number(part) <= 5 && digits_in(part) <= 7 &&
          all_of(part, [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '_';
          });
      if (!plain) return find(seen, "verify.odd-value");
    }
  }

  void number(const Seen& seen) {
    if (!all_of(text_of(seen), [](char c) {
          return (c >= '0' && c <= '9') || kNumberMarks.find(c) != kNumberMarks.npos;
        })) {
      find(seen, "verify.odd-value");
    }
  }

  [[nodiscard]] bool is_mapped(std::string_view uid) const {
    return permitted_.new_uids.find(uid) != permitted_.new_uids.end();
  }

  static bool is_zeros(const Seen& seen) {
    constexpr std::size_t kDummyBytes = 8;
    return seen.value.size() <= kDummyBytes &&
           std::all_of(seen.value.begin(), seen.value.end(), [](auto b) { return b == 0; });
  }

  const Permitted& permitted_;
  std::vector<Problem>& problems_;
  std::vector<Tag> inside_;
  ReadingScopes scopes_;
};

}  // namespace

std::vector<Problem> check_attributes(const std::vector<Seen>& attributes,
                                      const Permitted& permitted) {
  std::vector<Problem> problems;
  Check check(permitted, problems);
  for (const Seen& seen : attributes) check.attribute(seen);
  return problems;
}

}  // namespace veilroute::profiles

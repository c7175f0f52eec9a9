// Exactly one decision for each attribute: what never leaves, the profile's own rules, Table E.1-1,
// and by VR what neither names (deid.md A). Whatever is not understood is removed.
#include "profiles/decide.h"

#include <algorithm>
#include <optional>
#include <string>

#include "core/dicom/padding.h"
#include "core/dicom/uid.h"
#include "profiles/dates.h"
#include "profiles/shapes.h"
#include "profiles/standard_table.h"

namespace veilroute::profiles {
namespace {

using dicom::Element;
using dicom::Holds;
using dicom::Tag;
using dicom::Vr;
namespace vr = dicom::vr;

constexpr Tag kReferencedStudySequence{0x0008, 0x1110};
constexpr Tag kInstitutionCodeSequence{0x0008, 0x0082};
constexpr Tag kPersonIdentificationCodeSequence{0x0040, 0x1101};

/// D or a branch of a compound code that may be D. A sequence keeps its items, each walked with the
/// same rules, so that what a receiver needs stays; the two whose items are nothing but the code of
/// a person or a place get one item with a code that names nobody.
Action dummy_for(const StandardRow& row) {
  if (row.vr == vr::UI) return Action::uid;
  // A dummy that nobody can read is no better than what it stands for.
  if (row.vr == vr::UN) return Action::remove;
  if (row.vr != vr::SQ) return Action::dummy;
  const bool names_someone =
      row.tag == kInstitutionCodeSequence || row.tag == kPersonIdentificationCodeSequence;
  return names_someone ? Action::dummy : Action::keep;
}

/// Table E.1-1; a compound code takes the branch of the attribute's Type (PS3.15 E.3, decisions 6).
Action action_of(const StandardRow& row, Type type) {
  if (is_pseudonymous(row.tag)) return Action::pseudonym;
  if (row.tag == dicom::tags::AccessionNumber) return Action::accession;
  // Type 2 in reports alone; elsewhere it is Type 3 and may not be without items.
  if (row.tag == kReferencedStudySequence && type != Type::two) return Action::remove;
  // Links between images are worth having, and say nothing once their UIDs are replaced.
  if (row.code == Code::X_Z_U) return Action::keep;
  switch (resolve(row.code, type)) {
    case Branch::remove:
      return Action::remove;
    case Branch::empty:
      return Action::empty;
    case Branch::dummy:
      return dummy_for(row);
    case Branch::uid:
      return row.vr == vr::SQ ? Action::keep : Action::uid;
  }
  return Action::remove;
}

std::string in_rule(std::string_view prefix, std::string_view rest) {
  return std::string(prefix) + std::string(rest);
}

/// Private SOP classes may be named here; everything else structural must be of the standard.
bool names_a_class(Tag tag) {
  static constexpr Tag kTags[] = {{0x0008, 0x0016}, {0x0008, 0x001A}, {0x0008, 0x001B},
                                  {0x0008, 0x0062}, {0x0008, 0x1150}, {0x0008, 0x115A},
                                  {0x3010, 0x0052}, {0x3010, 0x0053}};
  for (const Tag each : kTags) {
    if (each == tag) return true;
  }
  return false;
}

std::string under(Option option) { return in_rule("option ", to_string(option)); }

bool is_temporal(Vr vr) { return vr == vr::DA || vr == vr::DT || vr == vr::TM; }

bool retains_dates(const Options& options) {
  return options.has(Option::retain_full_dates) || options.has(Option::retain_modified_dates);
}

/// What stands there is a date or time as its VR, or the stated one, writes them: else anything
/// could leave under the name of a date.
bool is_moment(const Element& element) {
  if (element.holds != Holds::value) return false;
  const std::string_view text = dicom::trimmed(element.value);
  const dicom::DictionaryEntry* entry = dicom::find(element.tag);
  const Vr which = entry == nullptr ? element.vr : entry->vr;
  if (which == vr::DA) return date_to_year(text).has_value();
  if (which == vr::DT) return date_time_to_year(text).has_value();
  return keep_time(text).has_value();
}

/// A date or time under one of the two options of PS3.15 E.3.6.
Decision temporal(const Element& element, const Options& options) {
  const bool full = options.has(Option::retain_full_dates);
  const Action otherwise =
      default_action(element.tag) == Action::dummy ? Action::dummy : Action::empty;
  if (element.holds != Holds::value) return {Action::remove, "odd value"};
  if (full && !is_moment(element)) return {otherwise, "no date"};
  return {full ? Action::keep : Action::shift,
          under(full ? Option::retain_full_dates : Option::retain_modified_dates), otherwise};
}

/// C: cleaned as its VR can be. An option names many kinds of attributes.
Decision cleaned(const StandardRow& row, Option option, Action otherwise) {
  const std::string rule = under(option);
  if (row.vr == vr::SQ) return {Action::keep, rule};
  if (row.vr == vr::UI) return {Action::uid, rule};
  if (row.vr == vr::AS) return {Action::age, rule, otherwise};
  if (is_temporal(row.vr)) return {Action::shift, rule, otherwise};
  if (fits_vr(Action::clean, row.vr)) return {Action::clean, rule, otherwise};
  return {otherwise, in_rule("E.1-1 ", row.code_text)};
}

/// K: as it came, but no age over 89 (45 CFR 164.514(b)(2)(i)(C)).
Decision retained(const StandardRow& row, const Element& element, Option option, Action otherwise) {
  if (is_temporal(row.vr) && !is_moment(element)) {
    return {otherwise == Action::keep ? Action::remove : otherwise, "no date"};
  }
  if (row.vr == vr::AS) return {Action::age, under(option), otherwise};
  return {Action::keep, under(option), otherwise};
}

/// The zone goes with the dates that are moved: they are all in the object's own then (trap 34).
constexpr Tag kTimezoneOffset{0x0008, 0x0201};

/// Of the profile's options those that name the attribute override the table; C goes before K,
/// since it leaves less.
Decision by_table(const StandardRow& row, const Element& element, Type type,
                  const Options& options) {
  const Action otherwise = action_of(row, type);
  std::optional<Decision> best;
  if (!options.empty() && !is_beyond_rules(row.tag) &&
      element.tag != dicom::tags::AccessionNumber) {
    for (const Option option : all_options()) {
      if (!options.has(option) || row.under(option) == ' ') continue;
      if (row.under(option) == 'C' && element.tag != kTimezoneOffset) {
        return cleaned(row, option, otherwise);
      }
      if (row.under(option) == 'K') best = retained(row, element, option, otherwise);
    }
  }
  return best ? *best : Decision{otherwise, in_rule("E.1-1 ", row.code_text)};
}

/// UIDs made from UUIDs name instances, never classes; and no maker numbers his classes so high
/// that the number could be a record's or a date.
bool may_name_a_private_class(std::string_view uid) {
  constexpr std::size_t kMostDigits = 7;  // the longest registered roots
  std::size_t digits = 0;
  for (const char c : uid) {
    digits = c == '.' ? 0 : digits + 1;
    if (digits > kMostDigits) return false;
  }
  return dicom::is_valid_uid(uid) && !uid.starts_with("2.25.");
}

Decision unlisted_uid(const Element& element, const Options& options) {
  if (element.holds != Holds::value) return {Action::remove, "unlisted UI"};
  const std::string_view text = dicom::trimmed(element.value);
  if (text.empty()) return {Action::keep, "empty"};
  if (options.has(Option::retain_uids)) return {Action::keep, under(Option::retain_uids)};
  if (gap_class(element.tag) != "structural-uid") return {Action::uid, "unlisted UI"};
  const bool by_class = names_a_class(element.tag);
  const bool structural = all_components(text, [by_class](std::string_view uid) {
    uid = dicom::trimmed(uid);
    return dicom::is_structural_uid(uid) || (by_class && may_name_a_private_class(uid));
  });
  return structural ? Decision{Action::keep, "structural UID"}
                    : Decision{Action::uid, "unlisted UI"};
}

Decision unlisted_text(const Element& element, const dicom::Item* item, Vr vr,
                       const Options& options) {
  const std::string_view known = gap_class(element.tag);
  const std::string rule = in_rule("gap ", known.empty() ? std::string_view("text") : known);
  if (element.holds != Holds::value) return {Action::remove, rule};
  const UnlistedRow* row = find_unlisted_row(element.tag);
  const Action otherwise = row == nullptr ? Action::remove : row->otherwise;
  const std::string_view text = dicom::trimmed(element.value);
  if (text.empty() && row != nullptr) return {Action::keep, "empty"};
  if (row != nullptr && row->keep != Shape::none) {
    const bool keep = row->keep == Shape::code ? item != nullptr && is_published_code(*item)
                                               : fits(row->keep, text);
    if (keep || row->keep == Shape::code) return {keep ? Action::keep : otherwise, rule};
  }
  // A descriptor like those that the table lists, only newer or forgotten (PS3.15 E.3.5).
  if (options.has(Option::clean_descriptors) && fits_vr(Action::clean, vr)) {
    return {Action::clean, under(Option::clean_descriptors), otherwise};
  }
  return {otherwise, rule};
}

Decision unlisted_bulk(const Element& element) {
  const UnlistedRow* row = find_unlisted_row(element.tag);
  const bool understood = row != nullptr && row->keep == Shape::bulk;
  // Pixels are judged by pixels.cc; a flat grey image may look like a text.
  const bool pixels = element.tag.group == dicom::tags::PixelData.group;
  const bool text = element.holds == Holds::value && !pixels && reads_as_text(element.value);
  return {understood && !text ? Action::keep : Action::remove, "gap bulk"};
}

std::size_t size_of_value(Vr vr) {
  if (vr == vr::US || vr == vr::SS) return 2;
  if (vr == vr::AT || vr == vr::FL || vr == vr::SL || vr == vr::UL) return 4;
  if (vr == vr::FD || vr == vr::SV || vr == vr::UV) return 8;
  return 0;
}

/// `size`: of one number, in bytes.
Decision unlisted_number(const Element& element, std::size_t size) {
  if (element.holds == Holds::range) return unlisted_bulk(element);
  if (element.vr == vr::UN && reads_as_text(element.value)) return {Action::remove, "odd number"};
  const bool whole = element.holds == Holds::value && element.value.size() % size == 0;
  return whole ? Decision{Action::keep, "number"} : Decision{Action::remove, "odd number"};
}

Decision unlisted_string(const Element& element, Vr vr) {
  if (element.holds != Holds::value) return {Action::remove, "odd value"};
  const std::string_view text = dicom::trimmed(element.value);
  const bool plain = text.empty() || (vr == vr::CS ? is_code_string(text) : is_number_string(text));
  return plain ? Decision{Action::keep, "coded"} : Decision{Action::remove, "odd value"};
}

/// By VR: what Table E.1-1 does not list.
Decision unlisted(const Element& element, const dicom::Item* item, Vr vr, const Options& options) {
  if (vr == vr::SQ) {
    // A sequence whose bytes could not be parsed has not been read: it cannot pass.
    return element.holds == Holds::sequence ? Decision{Action::keep, "sequence"}
                                            : Decision{Action::remove, "unparsed"};
  }
  if (element.holds == Holds::sequence) return {Action::remove, "unexpected sequence"};
  if (vr == vr::UI) return unlisted_uid(element, options);
  if (is_temporal(vr) && retains_dates(options)) return temporal(element, options);
  if (vr == vr::CS || vr == vr::DS || vr == vr::IS) return unlisted_string(element, vr);
  if (const std::size_t size = size_of_value(vr); size != 0) return unlisted_number(element, size);
  if (vr == vr::OB || vr == vr::OW || vr == vr::OF || vr == vr::OD || vr == vr::OL ||
      vr == vr::OV) {
    return unlisted_bulk(element);
  }
  if (dicom::is_text(vr)) return unlisted_text(element, item, vr, options);
  return {Action::remove, "unparsed"};
}

int strictness(Action action) {
  if (action == Action::remove) return 2;
  return action == Action::keep ? 0 : 1;
}

bool is_pixel_data(Tag tag) {
  return tag == dicom::tags::PixelData || tag == dicom::tags::FloatPixelData ||
         tag == dicom::tags::DoubleFloatPixelData;
}

/// Stated and registered VR differ in a way that matters: several VRs of one family are usual
/// ("US or SS", "OB or OW"), and UN or no VR at all says nothing.
bool states_other_vr(const Element& element, Vr registered) {
  if (element.vr == registered || element.vr == Vr::none || element.vr == vr::UN) return false;
  return !(element.holds == Holds::sequence && element.vr == vr::SQ && registered == vr::SQ);
}

}  // namespace

std::string_view always_removed(Tag tag) {
  if (tag.is_private()) return "private";
  if (tag.group == 0x0000 || tag.group == 0x0002) return "command or meta group";
  if (tag.group == 0x0004) return "directory group";
  // Length to End, retired, is no better than they are: wrong in the copy, and needed by nobody.
  if (tag.is_group_length() || tag == Tag{0x0008, 0x0001}) return "group length";
  if ((tag.group & 0xFF00U) == 0x5000U) return "E.1-1 X";
  // Table E.1-1 lists the data and the comments; without them the rest of the group is a headless
  // overlay, and its label and description are text (deid.md trap 47).
  if ((tag.group & 0xFF00U) == 0x6000U) return "overlay group";
  // They sign or hide what was changed, and name who did it (deid.md traps 24, 25).
  if (tag.group == 0x4FFE || tag.group == 0xFFFA || tag == Tag{0x0400, 0x0500} ||
      tag == Tag{0x0400, 0x0520}) {
    return "signature or encryption";
  }
  if (tag == Tag{0x0008, 0x0300}) return "private";
  return {};
}

Decider::Decider(const Profile& profile, const dicom::Dataset& object)
    : profile_(profile),
      types_(IodTypes::of(object)),
      has_frame_groups_(object.find({0x5200, 0x9230}) != nullptr) {}

Type Decider::type_of(Tag tag, const Surroundings& where) const {
  // Of Content Date and Time the general image module says 2C, that of functional groups 1 (PS3.3
  // C.7.6.16): an object of many classes may hold either.
  const bool content_time = tag == Tag{0x0008, 0x0023} || tag == Tag{0x0008, 0x0033};
  if (has_frame_groups_ && content_time && where.around.empty()) return Type::one;
  return types_.type_of(where.around, tag);
}

const Rule* Decider::own_rule(const Element& element, Vr which, const Surroundings& where) const {
  if (profile_.rules.empty() || is_beyond_rules(element.tag)) return nullptr;
  const Rule* rule =
      profile_.rules.find({where.around, element.tag, which, {}, where.concept_name});
  if (rule == nullptr) return nullptr;
  // A promise of de-identification is kept value by value: "keep" spares no value its check.
  return rule->action == Action::keep && claims_deidentified(profile_) ? nullptr : rule;
}

Decision Decider::by_own_rule(const Rule& rule, const Element& element) const {
  Decision decision{rule.action, rule.name, default_action(element.tag), rule.value};
  // What a rule cannot do with a value must not leave the value as it is.
  if (decision.otherwise == Action::keep || decision.otherwise == Action::uid) {
    decision.otherwise = Action::remove;
  }
  return decision;
}

Decision Decider::decide(const Element& element, const Surroundings& where) const {
  const std::string_view always = always_removed(element.tag);
  if (!profile_.deidentifies) {
    return always == "group length" || always == "command or meta group"
               ? Decision{Action::remove, std::string(always)}
               : Decision{Action::keep, "identified"};
  }
  if (!always.empty()) return {Action::remove, std::string(always)};
  const dicom::DictionaryEntry* entry = dicom::find(element.tag);
  const Vr registered = entry == nullptr ? element.vr : entry->vr;
  if (const Rule* rule = own_rule(element, registered, where)) return by_own_rule(*rule, element);
  if (const StandardRow* row = find_standard_row(element.tag)) {
    // What no edition of PS3.6 here knows could not be read again, so no option keeps any of it.
    return by_table(*row, element, type_of(element.tag, where),
                    entry == nullptr ? Options{} : profile_.options);
  }
  if (entry == nullptr) return {Action::remove, "unknown public"};
  // Icons are listed; no other item holds pixels that the triage has looked at.
  if (!where.around.empty() && is_pixel_data(element.tag)) {
    return {Action::remove, "nested pixel data"};
  }
  Decision decision = unlisted(element, where.item, entry->vr, profile_.options);
  if (states_other_vr(element, entry->vr)) {
    // Readers disagree about what this is: the stricter reading holds (deid.md trap 11).
    Decision stated = unlisted(element, where.item, element.vr, profile_.options);
    if (strictness(stated.action) > strictness(decision.action)) decision = std::move(stated);
  }
  return decision;
}

Action default_action(Tag tag) {
  if (!always_removed(tag).empty()) return Action::remove;
  if (const StandardRow* row = find_standard_row(tag)) {
    // A sequence whose code is not K keeps its items only as far as they are cleaned.
    return action_of(*row, Type::unknown);
  }
  const dicom::DictionaryEntry* entry = dicom::find(tag);
  if (entry == nullptr) return Action::remove;
  if (const UnlistedRow* row = find_unlisted_row(tag)) {
    return row->keep == Shape::bulk ? Action::keep : row->otherwise;
  }
  if (entry->vr == vr::UI) {
    return gap_class(tag) == "structural-uid" ? Action::keep : Action::uid;
  }
  const bool harmless = entry->vr == vr::SQ || entry->vr == vr::CS || entry->vr == vr::DS ||
                        entry->vr == vr::IS || size_of_value(entry->vr) != 0;
  return harmless ? Action::keep : Action::remove;
}

}  // namespace veilroute::profiles

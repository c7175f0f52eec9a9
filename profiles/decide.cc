// Exactly one decision for each attribute: what never leaves, the profile's own rules, Table E.1-1,
// and by VR what neither names (deid.md A). Whatever is not understood is removed.
#include "profiles/decide.h"

#include <algorithm>
#include <string>

#include "core/dicom/padding.h"
#include "core/dicom/uid.h"
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

/// Table E.1-1. Compound codes take the branch that is right whatever the IOD says: an empty or
/// dummy value where Type 1 or 2 is possible (PS3.15 E.3, decisions 6).
Action action_of(const StandardRow& row) {
  if (row.tag == dicom::tags::PatientName || row.tag == dicom::tags::PatientID) {
    return Action::pseudonym;
  }
  if (row.tag == dicom::tags::AccessionNumber) return Action::accession;
  // Type 2 in reports alone, which are held; elsewhere it is Type 3 and may not be without items.
  if (row.tag == kReferencedStudySequence) return Action::remove;
  switch (row.code) {
    case Code::X:
      return Action::remove;
    case Code::Z:
    case Code::X_Z:
      return Action::empty;
    case Code::U:
      return Action::uid;
    case Code::X_Z_U:
      return Action::keep;
    case Code::D:
    case Code::Z_D:
    case Code::X_D:
    case Code::X_Z_D:
      return dummy_for(row);
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

Decision unlisted_uid(const Element& element) {
  if (element.holds != Holds::value) return {Action::remove, "unlisted UI"};
  const std::string_view text = dicom::trimmed(element.value);
  if (text.empty()) return {Action::keep, "empty"};
  if (gap_class(element.tag) != "structural-uid") return {Action::uid, "unlisted UI"};
  const bool by_class = names_a_class(element.tag);
  const bool structural = all_components(text, [by_class](std::string_view uid) {
    uid = dicom::trimmed(uid);
    // UIDs made from UUIDs name instances, never classes.
    return dicom::is_structural_uid(uid) ||
           (by_class && dicom::is_valid_uid(uid) && !uid.starts_with("2.25."));
  });
  return structural ? Decision{Action::keep, "structural UID"}
                    : Decision{Action::uid, "unlisted UI"};
}

Decision unlisted_text(const Element& element, const dicom::Item* item) {
  const std::string_view known = gap_class(element.tag);
  const std::string rule = in_rule("gap ", known.empty() ? std::string_view("text") : known);
  if (element.holds != Holds::value) return {Action::remove, rule};
  const UnlistedRow* row = find_unlisted_row(element.tag);
  if (row == nullptr) return {Action::remove, rule};
  const std::string_view text = dicom::trimmed(element.value);
  if (text.empty()) return {Action::keep, "empty"};
  const bool keep = row->keep == Shape::code ? item != nullptr && is_published_code(*item)
                                             : fits(row->keep, text);
  return {keep ? Action::keep : row->otherwise, rule};
}

/// Nothing but printable characters: a sentence where a table or a curve should be.
bool reads_as_text(ByteView bytes) {
  constexpr std::size_t kShortestSentence = 4;
  const std::string_view text = dicom::trimmed(bytes);
  return text.size() >= kShortestSentence &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
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

Decision unlisted_number(const Element& element, Vr vr) {
  if (element.holds == Holds::range) return unlisted_bulk(element);
  const bool whole = element.holds == Holds::value && element.value.size() % size_of_value(vr) == 0;
  return whole ? Decision{Action::keep, "number"} : Decision{Action::remove, "odd number"};
}

Decision unlisted_string(const Element& element, Vr vr) {
  if (element.holds != Holds::value) return {Action::remove, "odd value"};
  const std::string_view text = dicom::trimmed(element.value);
  const bool plain = text.empty() || (vr == vr::CS ? is_code_string(text) : is_number_string(text));
  return plain ? Decision{Action::keep, "coded"} : Decision{Action::remove, "odd value"};
}

/// By VR: what Table E.1-1 does not list.
Decision unlisted(const Element& element, const dicom::Item* item, Vr vr) {
  if (vr == vr::SQ) {
    // A sequence whose bytes could not be parsed has not been read: it cannot pass.
    return element.holds == Holds::sequence ? Decision{Action::keep, "sequence"}
                                            : Decision{Action::remove, "unparsed"};
  }
  if (element.holds == Holds::sequence) return {Action::remove, "unexpected sequence"};
  if (vr == vr::UI) return unlisted_uid(element);
  if (vr == vr::CS || vr == vr::DS || vr == vr::IS) return unlisted_string(element, vr);
  if (size_of_value(vr) != 0) return unlisted_number(element, vr);
  if (vr == vr::OB || vr == vr::OW || vr == vr::OF || vr == vr::OD || vr == vr::OL ||
      vr == vr::OV) {
    return unlisted_bulk(element);
  }
  if (dicom::is_text(vr)) return unlisted_text(element, item);
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
  if (tag.is_group_length()) return "group length";
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

Decision decide_in(const Element& element, const dicom::Item* item, bool top_level,
                   const Profile& profile) {
  const std::string_view always = always_removed(element.tag);
  if (!profile.deidentifies) {
    return always == "group length" || always == "command or meta group"
               ? Decision{Action::remove, std::string(always)}
               : Decision{Action::keep, "identified"};
  }
  if (!always.empty()) return {Action::remove, std::string(always)};
  const auto own = profile.rules.find(element.tag.packed());
  // A promise of de-identification is kept value by value: "keep" spares no value its check.
  const bool decides = own != profile.rules.end() && (own->second.action != Action::keep ||
                                                      !claims_deidentified(profile));
  if (decides) return {own->second.action, own->second.name};
  if (const StandardRow* row = find_standard_row(element.tag)) {
    return {action_of(*row), in_rule("E.1-1 ", row->code_text)};
  }
  const dicom::DictionaryEntry* entry = dicom::find(element.tag);
  if (entry == nullptr) return {Action::remove, "unknown public"};
  // Icons are listed; no other item holds pixels that the triage has looked at.
  if (!top_level && is_pixel_data(element.tag)) return {Action::remove, "nested pixel data"};
  Decision decision = unlisted(element, item, entry->vr);
  if (states_other_vr(element, entry->vr)) {
    // Readers disagree about what this is: the stricter reading holds (deid.md trap 11).
    Decision stated = unlisted(element, item, element.vr);
    if (strictness(stated.action) > strictness(decision.action)) decision = std::move(stated);
  }
  return decision;
}

Action default_action(Tag tag) {
  if (!always_removed(tag).empty()) return Action::remove;
  if (const StandardRow* row = find_standard_row(tag)) {
    // A sequence whose code is not K keeps its items only as far as they are cleaned.
    return action_of(*row);
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

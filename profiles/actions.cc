// The actions of Table E.1-1 on one attribute (PS3.15 Table E.1-1a).
#include "profiles/actions.h"

#include <array>
#include <utility>

#include "core/dicom/padding.h"
#include "core/dicom/uid.h"
#include "profiles/shapes.h"

namespace veilroute::profiles {
namespace {

using dicom::Element;
using dicom::Holds;
using dicom::Tag;
using dicom::Vr;
namespace vr = dicom::vr;

/// Of the registry, since a wrong stated VR must not decide what a dummy looks like; as stated
/// where PS3.6 leaves a choice.
Vr vr_to_write(const Element& element) {
  const dicom::DictionaryEntry* entry = dicom::find(element.tag);
  if (entry == nullptr || entry->vr == Vr::none) return element.vr;
  return entry->vr;
}

void forget(Element& element) {
  element.value = {};
  element.range = {};
  element.items.clear();
  element.undefined_length = false;
  element.nested_implicit = false;
  element.vr = vr_to_write(element);
  element.holds = element.vr == vr::SQ ? Holds::sequence : Holds::value;
}

bool is_empty(const Element& element) {
  if (element.holds == Holds::sequence) return element.items.empty();
  return element.holds == Holds::value && dicom::trimmed(element.value).empty();
}

std::string kind_of(Tag tag) {
  if (tag == dicom::tags::StudyInstanceUID) return "study";
  if (tag == dicom::tags::SeriesInstanceUID) return "series";
  if (tag == dicom::tags::SOPInstanceUID || tag == Tag{0x0008, 0x1155}) return "instance";
  return "other";
}

/// Whatever stands there names one study, series or object, also where its maker hung it under the
/// standard's own root.
bool names_an_instance(Tag tag) { return kind_of(tag) != "other"; }

constexpr std::string_view kRemovedText = "REMOVED";

}  // namespace

std::string_view dummy_text(Vr vr) {
  static constexpr std::array<std::pair<Vr, std::string_view>, 17> kDummies{{
      {vr::AE, kRemovedText},
      {vr::AS, "000Y"},
      {vr::CS, kRemovedText},
      {vr::DA, "19000101"},
      {vr::DS, "0"},
      {vr::DT, "19000101000000"},
      {vr::IS, "0"},
      {vr::LO, kRemovedText},
      {vr::LT, kRemovedText},
      {vr::PN, kRemovedText},
      {vr::SH, kRemovedText},
      {vr::ST, kRemovedText},
      {vr::TM, "000000"},
      {vr::UC, kRemovedText},
      {vr::UR, "urn:removed"},
      {vr::UT, kRemovedText},
      {vr::UI, "2.25.0"},
  }};
  for (const auto& [which, text] : kDummies) {
    if (which == vr) return text;
  }
  return {};
}

Actions::Actions(dicom::Dataset& object, const Profile& profile, const Pseudonyms& pseudonyms,
                 DeidReport& report)
    : object_(object),
      pseudonyms_(pseudonyms),
      report_(report),
      parts_(object, profile, pseudonyms) {}

void Actions::put_text(Element& element, std::string_view text) {
  forget(element);
  Bytes bytes(text.begin(), text.end());
  if (bytes.size() % 2 != 0) bytes.push_back(dicom::padding_of(element.vr));
  element.value = object_.keep(std::move(bytes));
}

bool Actions::make_empty(Element& element) {
  if (is_empty(element)) return false;
  forget(element);
  return true;
}

void Actions::make_dummy(Element& element) {
  forget(element);
  const std::string_view text = dummy_text(element.vr);
  if (element.vr == vr::SQ) {
    // One code that names nobody: only sequences of codes get a dummy (decide.cc).
    dicom::Item item;
    object_.put_text(item, {0x0008, 0x0100}, vr::SH, kRemovedText);
    object_.put_text(item, {0x0008, 0x0102}, vr::SH, "99VEILROUTE");
    object_.put_text(item, {0x0008, 0x0104}, vr::LO, kRemovedText);
    element.items.push_back(std::move(item));
  } else if (!text.empty()) {
    put_text(element, text);
  } else {
    // Binary: eight zero bytes are one or more whole values of every binary VR.
    element.value = object_.keep(Bytes(8, 0));
  }
}

std::string Actions::map_uid(std::string_view old_uid, Tag tag) {
  const std::string kind = kind_of(tag);
  const auto known = known_uids_.find(old_uid);
  if (known != known_uids_.end()) {
    UidChange& change = report_.uids[known->second];
    if (change.kind == "other") change.kind = kind;
    return change.replacement.value;
  }
  const Uid replacement = dicom::mapped_uid(pseudonyms_.secret, old_uid);
  known_uids_.emplace(std::string(old_uid), report_.uids.size());
  report_.uids.push_back({Phi<std::string>(std::string(old_uid)), replacement, kind});
  return replacement.value;
}

bool Actions::map_uids(Element& element) {
  if (is_empty(element)) return false;
  if (element.holds != Holds::value) {
    forget(element);
    return true;
  }
  std::string mapped;
  bool first = true;
  all_components(dicom::trimmed(element.value), [&](std::string_view uid) {
    uid = dicom::trimmed(uid);
    while (uid.starts_with(' ')) uid.remove_prefix(1);
    if (!std::exchange(first, false)) mapped += '\\';
    // Well-known frames of reference and the like name no instance (deid.md trap 32).
    const bool stays =
        uid.empty() || (dicom::is_structural_uid(uid) && !names_an_instance(element.tag));
    mapped += stays ? std::string(uid) : map_uid(uid, element.tag);
    return true;
  });
  if (mapped == dicom::trimmed(element.value) && element.vr == vr::UI) return false;
  put_text(element, mapped);
  element.vr = vr::UI;
  return true;
}

Applied Actions::apply(Element& element, const Decision& decision) {
  const auto answer = [](bool changed) { return changed ? Applied::changed : Applied::unchanged; };
  switch (decision.action) {
    case Action::keep:
    case Action::remove:
      return Applied::unchanged;
    case Action::empty:
      return answer(make_empty(element));
    case Action::dummy:
      make_dummy(element);
      return Applied::changed;
    case Action::uid:
      return answer(map_uids(element));
    case Action::pseudonym:
      put_text(element, pseudonyms_.pseudonym.reveal());
      return Applied::changed;
    case Action::accession:
      put_text(element, pseudonyms_.accession.reveal());
      return Applied::changed;
    case Action::replace:
      put_text(element, decision.value);
      return Applied::changed;
    case Action::shift:
    case Action::year:
    case Action::age:
    case Action::hash:
    case Action::clean:
      return leave_part(element, decision.action);
  }
  return Applied::impossible;
}

/// A text made of what stood there; where nothing may be left of it, or it is no text that can be
/// read, the decision's other action has to be taken.
Applied Actions::leave_part(Element& element, Action action) {
  if (element.holds != Holds::value) return Applied::impossible;
  const std::string_view before = dicom::trimmed(element.value);
  if (before.empty()) return Applied::unchanged;
  const std::optional<std::string> after = parts_.leave(action, element, vr_to_write(element));
  if (!after || after->empty()) return Applied::impossible;
  if (*after == before) return Applied::unchanged;
  put_text(element, *after);
  return Applied::changed;
}

}  // namespace veilroute::profiles

// Walk step 6: one pass over every attribute at every depth, exactly one action for each. What is
// not understood is removed; what must not leave at all is a problem, and the object stays.
#include "profiles/deidentify.h"

#include <array>
#include <string>
#include <utility>

#include "core/dicom/charset.h"
#include "core/dicom/padding.h"
#include "profiles/actions.h"
#include "profiles/decide.h"
#include "profiles/method.h"
#include "profiles/overlay_mask.h"
#include "profiles/pixels.h"
#include "profiles/private_attributes.h"
#include "profiles/refusals.h"
#include "profiles/shapes.h"

namespace veilroute::profiles {
namespace {

using dicom::Dataset;
using dicom::Element;
using dicom::Holds;
using dicom::Item;
using dicom::Tag;
using dicom::Vr;
namespace vr = dicom::vr;

constexpr std::size_t kSecretBytes = 32;

/// UN hides a VR that the registry knows (PS3.5 6.2.2): such a value is little endian and is judged
/// and written as what it is, so that no reader need guess. Numbers in a big endian data set would
/// have to be turned: they stay UN and are removed.
void restate_unknown(Element& element, bool big_endian) {
  if (element.vr != vr::UN || element.holds == Holds::range) return;
  const dicom::DictionaryEntry* entry = dicom::find(element.tag);
  if (entry == nullptr || element.tag.is_private()) return;
  if (element.holds == Holds::sequence && entry->vr == vr::SQ && !big_endian) {
    element.vr = vr::SQ;
    element.nested_implicit = false;
  }
  if (element.holds == Holds::sequence || entry->vr == vr::SQ) return;
  if (big_endian && !dicom::is_text(entry->vr) && entry->vr != vr::UI) return;
  // Text where numbers should be stays UN, and goes (decide.cc).
  if (!dicom::is_text(entry->vr) && entry->vr != vr::UI && reads_as_text(element.value)) return;
  // 16-bit lengths: a longer value could not be written under its own VR.
  constexpr std::size_t kLongestShortValue = 0xFFFE;
  if (!dicom::has_long_length(entry->vr) && element.value.size() > kLongestShortValue) return;
  element.vr = entry->vr;
}

/// "DCM:121106": the concept name of a content item (PS3.3 10.2); empty where there is none.
std::string concept_of(const Item& item) {
  const Element* name = Dataset::find(item, {0x0040, 0xA043});
  if (name == nullptr || name->holds != Holds::sequence || name->items.empty()) return {};
  const auto text = [&](Tag tag) {
    const Element* element = Dataset::find(name->items.front(), tag);
    const bool there = element != nullptr && element->holds == Holds::value;
    return there ? std::string(dicom::trimmed(element->value)) : std::string();
  };
  return text({0x0008, 0x0102}) + ":" + text({0x0008, 0x0100});
}

class Walk {
 public:
  Walk(Dataset& object, const Profile& profile, const Pseudonyms& pseudonyms,
       const DeidSettings& settings, DeidReport& report)
      : object_(object),
        profile_(profile),
        settings_(settings),
        report_(report),
        decider_(profile, object),
        actions_(object, profile, pseudonyms, report) {}

  void root() { item(object_.root(), "", {}); }

 private:
  void item(Item& item, const std::string& prefix, const dicom::CharacterSet& inherited) {
    const dicom::CharacterSet set = dicom::character_set_of(item, inherited);
    for (Element& element : item.elements) restate_unknown(element, object_.syntax().big_endian);
    // Decided before anything changes: a code's meaning is judged with its coding scheme.
    std::vector<Decision> decisions = decide(item);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < item.elements.size(); ++i) {
      Element& element = item.elements[i];
      const std::string path = prefix + dicom::to_text(element.tag);
      if (!element_stays(element, decisions[i], path, set)) continue;
      if (kept != i) item.elements[kept] = std::move(element);
      ++kept;
    }
    item.elements.resize(kept);
  }

  std::vector<Decision> decide(const Item& item) {
    const std::string concept_name =
        profile_.rules.select_codes() ? concept_of(item) : std::string();
    const Surroundings where{&item, around_, concept_name};
    std::vector<std::optional<Decision>> own;
    if (profile_.deidentifies && may_keep_private(profile_)) {
      own = decide_private(item, around_, object_.syntax().big_endian, profile_);
    }
    std::vector<Decision> decisions;
    decisions.reserve(item.elements.size());
    for (std::size_t i = 0; i < item.elements.size(); ++i) {
      const bool is_private = i < own.size() && own[i].has_value();
      decisions.push_back(is_private ? std::move(*own[i])
                                     : decider_.decide(item.elements[i], where));
    }
    return decisions;
  }

  bool element_stays(Element& element, const Decision& decision, const std::string& path,
                     const dicom::CharacterSet& set) {
    Action action = decision.action;
    if (action != Action::remove && action != Action::keep) {
      const Applied applied = actions_.apply(element, decision);
      if (applied == Applied::changed) note(path, action, decision.rule);
      if (applied == Applied::unchanged) trace(path, decision.rule);
      if (applied != Applied::impossible) return true;
      // Nothing falls back to the value itself.
      action = decision.otherwise == Action::keep ? Action::remove : decision.otherwise;
      if (action != Action::remove) {
        actions_.apply(element, {action, decision.rule});
        note(path, action, decision.rule);
        return true;
      }
    }
    if (action == Action::remove) {
      note(path, Action::remove, decision.rule);
      return false;
    }
    if (element.holds != Holds::sequence) {
      return kept_is_understood(element, path, decision.rule, set);
    }
    trace(path, decision.rule);
    items_of(element, path, set);
    return true;
  }

  void items_of(Element& element, const std::string& path, const dicom::CharacterSet& set) {
    around_.push_back(element.tag);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < element.items.size(); ++i) {
      const std::string prefix = path + "[" + std::to_string(i + 1) + "].";
      if (const Rule* rule = rule_that_drops(element.items[i])) {
        note(prefix, Action::remove, rule->name);
        continue;
      }
      item(element.items[i], prefix, set);
      if (kept != i) element.items[kept] = std::move(element.items[i]);
      ++kept;
    }
    element.items.resize(kept);
    around_.pop_back();
  }

  /// A rule that removes a concept takes the whole content item: one without its value would be
  /// broken (PS3.3 C.17.3).
  const Rule* rule_that_drops(const Item& item) const {
    if (!profile_.rules.select_codes()) return nullptr;
    const std::string concept_name = concept_of(item);
    const Rule* rule = profile_.rules.find({around_, {0x0040, 0xA730}, vr::SQ, {}, concept_name});
    const bool by_code = rule != nullptr && rule->selector.kind == Selector::Kind::code;
    return by_code && rule->action == Action::remove ? rule : nullptr;
  }

  /// Not: a sequence that the table keeps for its items, but whose bytes could not be parsed; a
  /// text that is not in the character set of its item, so that nobody can say what it says.
  bool kept_is_understood(const Element& element, const std::string& path, const std::string& rule,
                          const dicom::CharacterSet& set) {
    const dicom::DictionaryEntry* entry = dicom::find(element.tag);
    const bool unparsed = profile_.deidentifies && !element.tag.is_private() &&
                          (element.vr == vr::UN || (entry != nullptr && entry->vr == vr::SQ));
    const bool undecodable = profile_.deidentifies && element.holds == Holds::value &&
                             dicom::is_in_character_set(element.vr) &&
                             !dicom::is_plain_ascii(element.value) &&
                             !dicom::decode_text(element.value, element.vr, set);
    if (unparsed || undecodable) {
      note(path, Action::remove, unparsed ? "unparsed" : "undecodable text");
    } else {
      trace(path, rule);
    }
    return !unparsed && !undecodable;
  }

  void note(const std::string& path, Action action, const std::string& rule) {
    report_.changes.push_back({path, action, rule});
  }
  void trace(const std::string& path, const std::string& rule) {
    if (settings_.trace) note(path, Action::keep, rule);
  }

  Dataset& object_;
  const Profile& profile_;
  const DeidSettings& settings_;
  DeidReport& report_;
  Decider decider_;
  Actions actions_;
  std::vector<Tag> around_;
};

struct Restored {
  Tag tag;
  std::string_view keyword;
};

/// What a returning report must be given back (decisions 15).
void remember(const Dataset& object, DeidReport& report) {
  static constexpr std::array<Restored, 15> kRestored{{
      {{0x0008, 0x0005}, "SpecificCharacterSet"},
      {{0x0008, 0x0020}, "StudyDate"},
      {{0x0008, 0x0030}, "StudyTime"},
      {{0x0008, 0x0050}, "AccessionNumber"},
      {{0x0008, 0x0090}, "ReferringPhysicianName"},
      {{0x0008, 0x1030}, "StudyDescription"},
      {{0x0010, 0x0010}, "PatientName"},
      {{0x0010, 0x0020}, "PatientID"},
      {{0x0010, 0x0021}, "IssuerOfPatientID"},
      {{0x0010, 0x0030}, "PatientBirthDate"},
      {{0x0010, 0x0040}, "PatientSex"},
      {{0x0020, 0x000D}, "StudyInstanceUID"},
      {{0x0020, 0x0010}, "StudyID"},
      {{0x0038, 0x0010}, "AdmissionID"},
      {{0x0040, 0x1001}, "RequestedProcedureID"},
  }};
  for (const Restored& each : kRestored) {
    const std::string value = object.text(each.tag).reveal();
    if (!value.empty()) report.restore.emplace(each.keyword, value);
  }
  // Classic images say it in Request Attributes Sequence only.
  const Element* requests = object.find({0x0040, 0x0275});
  if (requests == nullptr || requests->holds != Holds::sequence || requests->items.empty()) return;
  const Item& first = requests->items.front();
  for (const Restored& each : {Restored{{0x0040, 0x1001}, "RequestedProcedureID"},
                               Restored{{0x0040, 0x0009}, "ScheduledProcedureStepID"}}) {
    const Element* element = Dataset::find(first, each.tag);
    if (element == nullptr || element->holds != Holds::value) continue;
    report.restore.emplace(each.keyword, std::string(dicom::trimmed(element->value)));
  }
}

/// Native pixels end where the header says; bytes beyond held text or other frames (trap 50).
void cut_surplus(Dataset& object, DeidReport& report) {
  if (object.syntax().encapsulated) return;
  for (const Tag tag :
       {dicom::tags::FloatPixelData, dicom::tags::DoubleFloatPixelData, dicom::tags::PixelData}) {
    Element* element = Dataset::find(object.root(), tag);
    if (element == nullptr || element->holds == Holds::sequence) continue;
    const std::string path = dicom::to_text(tag);
    const auto expected = native_length_bytes(object, tag);
    const std::uint64_t length = element->holds == Holds::range
                                     ? element->range.end - element->range.begin
                                     : element->value.size();
    if (!expected) {
      report.problems.push_back({path, "deid.pixel-length-unknown",
                                 "Rows, Columns, bits or frames are missing or odd, so nobody can "
                                 "say where the pixels end: have the source repair the object."});
    } else if (const auto full = full_colour_length_bytes(object, tag);
               full > expected && length >= *full) {
      report.problems.push_back({path, "deid.pixel-length-unknown",
                                 "The header says that colour is subsampled, and there are bytes "
                                 "as if it were not, so nobody can say where the pixels end: have "
                                 "the source repair the object."});
    } else if (length > *expected) {
      if (element->holds == Holds::range) {
        element->range.end = element->range.begin + *expected;
      } else {
        element->value = element->value.first(static_cast<std::size_t>(*expected));
      }
      report.changes.push_back({path, Action::remove, "surplus pixel bytes"});
    }
  }
}

/// What does not show in the attributes: overlays in the pixels' unused bits, and what
/// strip_pixels() took out before.
void edit_pixels(Dataset& object, DeidReport& report) {
  const std::string path = dicom::to_text(dicom::tags::PixelData);
  if (mask_overlay_in_pixels(object)) {
    report.changes.push_back({path, Action::remove, "overlay in the pixels"});
  }
  const Element* pixels = object.find(dicom::tags::PixelData);
  if (pixels != nullptr && pixels->pieced) {
    report.changes.push_back({path, Action::remove, "beside the picture"});
  }
}

void judge(const Dataset& object, const DeidSettings& settings, DeidReport& report) {
  const PixelVerdict verdict = judge_pixels(object);
  if (!verdict.has_pixels) {
    report.pixels = "none";
  } else if (verdict.reason.empty()) {
    report.pixels = "clean-by-nature";
  } else if (!settings.pixel_trust.empty()) {
    report.pixels = "trusted";
  } else {
    report.pixels = "suspicious: " + verdict.reason;
    report.problems.push_back({dicom::to_text(dicom::tags::PixelData), verdict.reason,
                               advice_for_pixels(verdict.reason)});
  }
}

/// An absent name or ID would make receivers merge patients (decisions 6).
void ensure_pseudonym(Dataset& object, const Pseudonyms& pseudonyms) {
  if (object.find(dicom::tags::PatientName) == nullptr) {
    object.put_text(dicom::tags::PatientName, vr::PN, pseudonyms.pseudonym.reveal());
  }
  if (object.find(dicom::tags::PatientID) == nullptr) {
    object.put_text(dicom::tags::PatientID, vr::LO, pseudonyms.pseudonym.reveal());
  }
}

}  // namespace

Result<DeidReport> deidentify(Dataset& object, const Profile& profile, const Pseudonyms& pseudonyms,
                              const DeidSettings& settings) {
  DeidReport report;
  remember(object, report);
  if (!profile.deidentifies) {
    report.pixels = judge_pixels(object).has_pixels ? "as they came" : "none";
    Walk(object, profile, pseudonyms, settings, report).root();
    return report;
  }
  if (pseudonyms.secret.size() != kSecretBytes || pseudonyms.pseudonym.reveal().empty()) {
    return make_error(ErrorKind::internal, "deid.no-pseudonym",
                      "the pseudonym row is incomplete; nothing may leave under it");
  }
  report.problems = find_refusals(object, profile);
  judge(object, settings, report);
  cut_surplus(object, report);
  edit_pixels(object, report);
  Walk(object, profile, pseudonyms, settings, report).root();
  ensure_pseudonym(object, pseudonyms);
  write_method(object, profile);
  return report;
}

}  // namespace veilroute::profiles

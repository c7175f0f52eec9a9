// Walk step 6: one pass over every attribute at every depth, exactly one action for each. What is
// not understood is removed; what must not leave at all is a problem, and the object stays.
#include "profiles/deidentify.h"

#include <array>
#include <string>
#include <utility>

#include "core/dicom/padding.h"
#include "profiles/actions.h"
#include "profiles/decide.h"
#include "profiles/method.h"
#include "profiles/pixels.h"
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
  // 16-bit lengths: a longer value could not be written under its own VR.
  constexpr std::size_t kLongestShortValue = 0xFFFE;
  if (!dicom::has_long_length(entry->vr) && element.value.size() > kLongestShortValue) return;
  element.vr = entry->vr;
}

class Walk {
 public:
  Walk(Dataset& object, const Profile& profile, const Pseudonyms& pseudonyms, DeidReport& report)
      : object_(object),
        profile_(profile),
        report_(report),
        actions_(object, profile, pseudonyms, report) {}

  void root() { item(object_.root(), "", true); }

 private:
  void item(Item& item, const std::string& prefix, bool top_level) {
    for (Element& element : item.elements) restate_unknown(element, object_.syntax().big_endian);
    // Decided before anything changes: a code's meaning is judged with its coding scheme.
    std::vector<Decision> decisions;
    decisions.reserve(item.elements.size());
    for (const Element& element : item.elements) {
      decisions.push_back(decide_in(element, &item, top_level, profile_));
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < item.elements.size(); ++i) {
      Element& element = item.elements[i];
      const std::string path = prefix + dicom::to_text(element.tag);
      if (!element_stays(element, decisions[i], path)) continue;
      if (kept != i) item.elements[kept] = std::move(element);
      ++kept;
    }
    item.elements.resize(kept);
  }

  bool element_stays(Element& element, const Decision& decision, const std::string& path) {
    if (decision.action == Action::remove) {
      report_.changes.push_back({path, Action::remove, decision.rule});
      return false;
    }
    if (decision.action != Action::keep) {
      if (actions_.apply(element, decision)) {
        report_.changes.push_back({path, decision.action, decision.rule});
      }
      return true;
    }
    if (element.holds != Holds::sequence) return kept_is_understood(element, path);
    for (std::size_t i = 0; i < element.items.size(); ++i) {
      item(element.items[i], path + "[" + std::to_string(i + 1) + "].", false);
    }
    return true;
  }

  /// A sequence that the table keeps for its items, but whose bytes could not be parsed.
  bool kept_is_understood(const Element& element, const std::string& path) {
    const dicom::DictionaryEntry* entry = dicom::find(element.tag);
    const bool unparsed = profile_.deidentifies &&
                          (element.vr == vr::UN || (entry != nullptr && entry->vr == vr::SQ));
    if (unparsed) report_.changes.push_back({path, Action::remove, "unparsed"});
    return !unparsed;
  }

  Dataset& object_;
  const Profile& profile_;
  DeidReport& report_;
  Actions actions_;
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

std::string_view to_string(Action action) {
  static constexpr std::array<std::string_view, 8> kWords{
      "keep", "remove", "empty", "dummy", "uid", "pseudonym", "accession", "replace"};
  return kWords[static_cast<std::size_t>(action)];
}

Result<DeidReport> deidentify(Dataset& object, const Profile& profile, const Pseudonyms& pseudonyms,
                              const DeidSettings& settings) {
  DeidReport report;
  remember(object, report);
  if (!profile.deidentifies) {
    report.pixels = judge_pixels(object).has_pixels ? "as they came" : "none";
    Walk(object, profile, pseudonyms, report).root();
    return report;
  }
  if (pseudonyms.secret.size() != kSecretBytes || pseudonyms.pseudonym.reveal().empty()) {
    return make_error(ErrorKind::internal, "deid.no-pseudonym",
                      "the pseudonym row is incomplete; nothing may leave under it");
  }
  report.problems = find_refusals(object);
  judge(object, settings, report);
  cut_surplus(object, report);
  Walk(object, profile, pseudonyms, report).root();
  ensure_pseudonym(object, pseudonyms);
  write_method(object, profile);
  return report;
}

}  // namespace veilroute::profiles

// Which objects are held in quarantine as a whole, and the sentence a person reads about it.
#include "profiles/refusals.h"

#include <array>
#include <optional>
#include <string>

#include "core/dicom/padding.h"
#include "core/dicom/uid.h"
#include "profiles/overlay_mask.h"
#include "profiles/shapes.h"

namespace veilroute::profiles {
namespace {

using dicom::Dataset;
using dicom::Element;
using dicom::Holds;
using dicom::Tag;

constexpr Tag kEncapsulatedDocument{0x0042, 0x0011};
constexpr Tag kContentSequence{0x0040, 0xA730};

constexpr std::string_view kRulePrefix = "deid.";
constexpr std::string_view kReportRule = "deid.structured-report";

struct Refusal {
  std::string_view prefix;  ///< of the SOP class below kStorageRoot; ends with '.' for a family
  std::string_view rule;
  std::string_view advice;
};

constexpr std::string_view kDocumentAdvice =
    "This profile cannot read what is inside a document: exclude encapsulated documents from the "
    "route.";
constexpr std::string_view kReportAdvice =
    "A structured report without its content would be hollow: exclude reports from the route, or "
    "use a profile that cleans structured content.";
constexpr std::string_view kAudioAdvice =
    "A voice identifies its speaker: exclude audio from the route.";

constexpr std::array<Refusal, 5> kRefusals{{
    {"104.", "deid.encapsulated-document", kDocumentAdvice},
    {"88.", kReportRule, kReportAdvice},
    {"66", "deid.raw-data",
     "Raw data has no layout that could be read: exclude raw data from the route."},
    {"9.4.1", "deid.voice-audio", kAudioAdvice},
    {"9.4.2", "deid.voice-audio", kAudioAdvice},
}};

bool applies(const Refusal& refusal, std::string_view sop_class) {
  if (!sop_class.starts_with(dicom::kStorageRoot)) return false;
  const std::string_view rest = sop_class.substr(dicom::kStorageRoot.size());
  return refusal.prefix.ends_with('.') ? rest.starts_with(refusal.prefix) : rest == refusal.prefix;
}

/// "deid.raw-data" is not refused where a profile allows "raw-data". Reports are allowed by
/// cleaning them (PS3.15 E.3.4), not by looking away.
bool is_allowed(std::string_view rule, const Profile& profile) {
  if (rule == kReportRule) return profile.options.has(Option::clean_structured_content);
  return profile.allowed.find(std::string(rule.substr(kRulePrefix.size()))) !=
         profile.allowed.end();
}

void refuse_class(const Dataset& object, const Profile& profile, std::vector<Problem>& problems) {
  const std::string sop_class = object.text(dicom::tags::SOPClassUID).reveal();
  const std::string path = dicom::to_text(dicom::tags::SOPClassUID);
  for (const Refusal& refusal : kRefusals) {
    if (applies(refusal, sop_class)) {
      if (is_allowed(refusal.rule, profile)) return;
      problems.push_back({path, std::string(refusal.rule), std::string(refusal.advice)});
      return;
    }
  }
  if (!dicom::is_storage_class(sop_class) && !is_allowed("deid.unknown-sop-class", profile)) {
    problems.push_back({path, "deid.unknown-sop-class",
                        "The standard does not say what objects of this class hold: exclude them "
                        "from the route."});
  }
}

void refuse_content(const Dataset& object, const Profile& profile, std::vector<Problem>& problems) {
  if (problems.empty() && object.find(kEncapsulatedDocument) != nullptr &&
      !is_allowed("deid.encapsulated-document", profile)) {
    problems.push_back({dicom::to_text(kEncapsulatedDocument), "deid.encapsulated-document",
                        std::string(kDocumentAdvice)});
  }
  if (problems.empty() && object.find(kContentSequence) != nullptr &&
      !is_allowed(kReportRule, profile)) {
    problems.push_back(
        {dicom::to_text(kContentSequence), std::string(kReportRule), std::string(kReportAdvice)});
  }
}

/// A slide's label and its overview show what is written on the glass (deid.md trap 62).
void refuse_label_image(const Dataset& object, const Profile& profile,
                        std::vector<Problem>& problems) {
  const std::string text = object.text({0x0008, 0x0008}).reveal();
  const bool label = !all_components(text, [](std::string_view part) {
    return dicom::trimmed(as_bytes(part)) != "LABEL" &&
           dicom::trimmed(as_bytes(part)) != "OVERVIEW";
  });
  if (!label || is_allowed("deid.label-image", profile)) return;
  problems.push_back({"(0008,0008)", "deid.label-image",
                      "A label or overview image shows what is written on the slide: exclude such "
                      "images from the route."});
}

/// Only parametric maps have numbers for pixels (PS3.3 C.7.6.24): elsewhere nobody would look at
/// them.
void refuse_real_values(const Dataset& object, std::vector<Problem>& problems) {
  constexpr std::string_view kParametricMap = "1.2.840.10008.5.1.4.1.1.30";
  if (object.text(dicom::tags::SOPClassUID).reveal() == kParametricMap) return;
  for (const Tag tag : {dicom::tags::FloatPixelData, dicom::tags::DoubleFloatPixelData}) {
    if (object.find(tag) == nullptr) continue;
    problems.push_back({dicom::to_text(tag), "deid.real-valued-pixels",
                        "Objects of this class have no floating-point pixels: have the source send "
                        "them as a parametric map, or repair the object."});
  }
}

/// An overlay in the unused high bits of Pixel Data stays there when its group is removed, unless
/// it can be masked.
void refuse_high_bit_overlay(const Dataset& object, std::vector<Problem>& problems) {
  const std::optional<OverlayInPixels> overlay = find_overlay_in_pixels(object);
  if (!overlay || !overlay->mask.is_none()) return;
  problems.push_back({dicom::to_text(overlay->tag), "deid.overlay-in-pixels",
                      "An overlay is stored in the bits of the pixels and cannot be told from the "
                      "picture: have the source send overlays apart."});
}

void refuse_syntax(const Dataset& object, std::vector<Problem>& problems) {
  // MPEG and HEVC streams, JPIP references and SMPTE 2110 carry data beside the pixels that nothing
  // here reads.
  const std::string& uid = object.syntax().uid.value;
  static constexpr std::array<std::string_view, 5> kPrefixes{
      "1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.10",
      "1.2.840.10008.1.2.7.", "1.2.840.10008.1.2.4.204"};
  for (const std::string_view prefix : kPrefixes) {
    if (uid.starts_with(prefix)) {
      problems.push_back({"", "deid.video-or-reference",
                          "Video streams and pixels by reference carry data that is not read "
                          "here: exclude this transfer syntax from the route."});
      return;
    }
  }
}

struct CodestreamRefusal {
  dicom::Codestream found;
  std::string_view rule;
  std::string_view advice;
};
constexpr std::array<CodestreamRefusal, 3> kCodestreamRefusals{{
    {dicom::Codestream::surplus, "deid.pixel-surplus",
     "Bytes stand behind the end of a compressed frame, and cannot be cut off without a risk to "
     "the "
     "picture: have the source write the object anew."},
    {dicom::Codestream::metadata, "deid.pixel-metadata",
     "A comment or application data stand inside the compressed pixels, where devices write names, "
     "and cannot be taken out without a risk to the picture: have the source send the object "
     "without "
     "them, or uncompressed."},
    {dicom::Codestream::unread, "deid.pixel-unread",
     "The compressed pixels have a layout that is not read here, or are damaged: have the source "
     "send the object in another transfer syntax."},
}};

/// What stands in fragments beside the picture would leave with them, unless strip_pixels() has
/// taken it out (traps 50 to 52).
void refuse_codestream(const Dataset& object, std::vector<Problem>& problems) {
  const Element* pixels = object.find(dicom::tags::PixelData);
  if (pixels == nullptr || pixels->holds != Holds::range || pixels->pieced) return;
  for (const CodestreamRefusal& refusal : kCodestreamRefusals) {
    if (refusal.found != pixels->range.codestream) continue;
    problems.push_back({dicom::to_text(dicom::tags::PixelData), std::string(refusal.rule),
                        std::string(refusal.advice)});
  }
}

}  // namespace

std::span<const std::string_view> refusable_kinds() {
  static constexpr auto kKinds = std::to_array<std::string_view>(
      {"encapsulated-document", "raw-data", "voice-audio", "unknown-sop-class", "label-image"});
  return kKinds;
}

std::vector<Problem> find_refusals(const Dataset& object, const Profile& profile) {
  std::vector<Problem> problems;
  refuse_class(object, profile, problems);
  refuse_content(object, profile, problems);
  refuse_label_image(object, profile, problems);
  refuse_real_values(object, problems);
  refuse_high_bit_overlay(object, problems);
  refuse_syntax(object, problems);
  refuse_codestream(object, problems);
  return problems;
}

}  // namespace veilroute::profiles

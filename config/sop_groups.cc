// The table of named sets of SOP classes. An entry that ends with a dot stands for everything below
// it, so that a class younger than this table still falls into its family.
#include "config/sop_groups.h"

#include <algorithm>
#include <iterator>

namespace veilroute::config {

namespace {

/// The root of the standard's storage classes (PS3.4 B.5); entries are written from here.
constexpr std::string_view kRoot = "1.2.840.10008.5.1.4.";

constexpr std::string_view kImages[] = {
    "1.1.1",       // Computed Radiography
    "1.1.1.1",     // Digital X-Ray, for presentation
    "1.1.1.1.1",   // Digital X-Ray, for processing
    "1.1.1.2",     // Digital Mammography, for presentation
    "1.1.1.2.1",   // Digital Mammography, for processing
    "1.1.1.3",     // Digital Intra-oral X-Ray, for presentation
    "1.1.1.3.1",   // Digital Intra-oral X-Ray, for processing
    "1.1.2",       // CT
    "1.1.2.1",     // Enhanced CT
    "1.1.2.2",     // Legacy Converted Enhanced CT
    "1.1.3",       // Ultrasound Multi-frame (retired)
    "1.1.3.1",     // Ultrasound Multi-frame
    "1.1.4",       // MR
    "1.1.4.1",     // Enhanced MR
    "1.1.4.3",     // Enhanced MR Color
    "1.1.4.4",     // Legacy Converted Enhanced MR
    "1.1.5",       // Nuclear Medicine (retired)
    "1.1.6",       // Ultrasound (retired)
    "1.1.6.1",     // Ultrasound
    "1.1.6.2",     // Enhanced US Volume
    "1.1.6.3",     // Photoacoustic
    "1.1.7",       // Secondary Capture
    "1.1.7.1",     // Multi-frame Single Bit Secondary Capture
    "1.1.7.2",     // Multi-frame Grayscale Byte Secondary Capture
    "1.1.7.3",     // Multi-frame Grayscale Word Secondary Capture
    "1.1.7.4",     // Multi-frame True Color Secondary Capture
    "1.1.12.1",    // X-Ray Angiographic
    "1.1.12.1.1",  // Enhanced XA
    "1.1.12.2",    // X-Ray Radiofluoroscopic
    "1.1.12.2.1",  // Enhanced XRF
    "1.1.12.3",    // X-Ray Angiographic Bi-plane (retired)
    "1.1.13.1.1",  // X-Ray 3D Angiographic
    "1.1.13.1.2",  // X-Ray 3D Craniofacial
    "1.1.13.1.3",  // Breast Tomosynthesis
    "1.1.13.1.4",  // Breast Projection X-Ray, for presentation
    "1.1.13.1.5",  // Breast Projection X-Ray, for processing
    "1.1.14.1",    // Intravascular OCT, for presentation
    "1.1.14.2",    // Intravascular OCT, for processing
    "1.1.20",      // Nuclear Medicine
    "1.1.77.1.",   // Visible light, ophthalmic, slide, dermoscopic and microscopy images
    "1.1.81.1",    // Ophthalmic Thickness Map
    "1.1.82.1",    // Corneal Topography Map
    "1.1.128",     // Positron Emission Tomography
    "1.1.128.1",   // Legacy Converted Enhanced PET
    "1.1.130",     // Enhanced PET
    "1.1.481.1",   // RT Image
    "1.1.481.23",  // Enhanced RT Image
    "1.1.481.24",  // Enhanced Continuous RT Image
};
/// Below "1.1.77.1." but without pixels.
constexpr std::string_view kNotImages[] = {"1.1.77.1.5.3"};  // Stereometric Relationship

constexpr std::string_view kSecondaryCaptures[] = {"1.1.7", "1.1.7."};
constexpr std::string_view kVideos[] = {"1.1.77.1.1.1", "1.1.77.1.2.1", "1.1.77.1.4.1"};
constexpr std::string_view kStructuredReports[] = {
    "1.1.88.",   // SR documents, dose reports, key object selections
    "1.1.78.6",  // Spectacle Prescription Report
    "1.1.79.1",  // Macular Grid Thickness and Volume Report
};
constexpr std::string_view kDoseReports[] = {"1.1.88.67", "1.1.88.68", "1.1.88.73", "1.1.88.76"};
constexpr std::string_view kKeyObjects[] = {"1.1.88.59"};
constexpr std::string_view kPresentationStates[] = {"1.1.11."};
constexpr std::string_view kRadiotherapy[] = {"1.1.481.", "34.7", "34.10"};
constexpr std::string_view kWaveforms[] = {"1.1.9."};
constexpr std::string_view kEncapsulatedDocuments[] = {"1.1.104."};
constexpr std::string_view kSegmentations[] = {"1.1.66.4", "1.1.66.5", "1.1.66.7"};
constexpr std::string_view kRegistrations[] = {"1.1.66.1", "1.1.66.2", "1.1.66.3"};
constexpr std::string_view kRawData[] = {"1.1.66", "1.1.4.2"};  // and MR Spectroscopy

struct Group {
  std::string_view name;
  const std::string_view* begin;
  const std::string_view* end;
};
#define VR_GROUP(name, list) \
  Group { name, std::begin(list), std::end(list) }
constexpr Group kGroups[] = {
    VR_GROUP("image", kImages),
    VR_GROUP("secondary-capture", kSecondaryCaptures),
    VR_GROUP("video", kVideos),
    VR_GROUP("structured-report", kStructuredReports),
    VR_GROUP("dose-report", kDoseReports),
    VR_GROUP("key-object", kKeyObjects),
    VR_GROUP("presentation-state", kPresentationStates),
    VR_GROUP("radiotherapy", kRadiotherapy),
    VR_GROUP("waveform", kWaveforms),
    VR_GROUP("encapsulated-document", kEncapsulatedDocuments),
    VR_GROUP("segmentation", kSegmentations),
    VR_GROUP("registration", kRegistrations),
    VR_GROUP("raw-data", kRawData),
};
#undef VR_GROUP

const Group* find_group(std::string_view name) {
  const auto* group = std::find_if(std::begin(kGroups), std::end(kGroups),
                                   [&](const Group& one) { return one.name == name; });
  return group == std::end(kGroups) ? nullptr : group;
}

bool covers(std::string_view entry, std::string_view class_below_root) {
  return entry.back() == '.' ? class_below_root.starts_with(entry) : class_below_root == entry;
}

}  // namespace

std::vector<std::string> sop_group_names() {
  std::vector<std::string> names;
  for (const Group& group : kGroups) names.emplace_back(group.name);
  return names;
}

bool is_sop_group(std::string_view name) { return find_group(name) != nullptr; }

bool is_in_sop_group(std::string_view name, std::string_view sop_class) {
  const Group* group = find_group(name);
  if (group == nullptr || !sop_class.starts_with(kRoot)) return false;
  const std::string_view below = sop_class.substr(kRoot.size());
  const auto matches = [&](std::string_view entry) { return covers(entry, below); };
  if (group->begin == std::begin(kImages) &&
      std::any_of(std::begin(kNotImages), std::end(kNotImages), matches)) {
    return false;
  }
  return std::any_of(group->begin, group->end, matches);
}

}  // namespace veilroute::config

// Checking, making and telling apart UIDs.
#include "core/dicom/uid.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/crypto.h"

extern "C" {
extern const char veilroute_sop_classes[];
extern const char veilroute_sop_classes_end[];
}

namespace veilroute::dicom {
namespace {

constexpr std::string_view kStandardRoot = "1.2.840.10008.";
constexpr std::size_t kLongestUid = 64;

struct SopClass {
  std::string_view uid;
  std::string_view iod;
};

std::vector<SopClass> parse_sop_classes() {
  std::string_view text(
      veilroute_sop_classes,
      static_cast<std::size_t>(veilroute_sop_classes_end - veilroute_sop_classes));
  std::vector<SopClass> classes;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    const std::size_t first = line.find('\t');
    const std::size_t last = line.rfind('\t');
    if (first == std::string_view::npos || line.starts_with("sop_class_uid")) continue;
    classes.push_back({line.substr(0, first), line.substr(last + 1)});
  }
  std::sort(classes.begin(), classes.end(),
            [](const SopClass& a, const SopClass& b) { return a.uid < b.uid; });
  return classes;
}

const SopClass* find_class(std::string_view uid) {
  static const std::vector<SopClass> classes = parse_sop_classes();
  const auto at =
      std::lower_bound(classes.begin(), classes.end(), uid,
                       [](const SopClass& row, std::string_view text) { return row.uid < text; });
  return at != classes.end() && at->uid == uid ? &*at : nullptr;
}

/// Stored, but not about a patient (PS3.4 Annex GG and U, X, BB, HH): never forwarded.
constexpr std::array<std::string_view, 11> kWithoutPatient = {
    "1.2.840.10008.1.3.10",               // a directory of media
    "1.2.840.10008.5.1.4.38.1",           // hanging protocol
    "1.2.840.10008.5.1.4.39.1",           // color palette
    "1.2.840.10008.5.1.4.43.1",           // implant templates
    "1.2.840.10008.5.1.4.44.1",
    "1.2.840.10008.5.1.4.45.1",
    "1.2.840.10008.5.1.4.1.1.200.1",      // defined procedure protocols and their approval
    "1.2.840.10008.5.1.4.1.1.200.3",
    "1.2.840.10008.5.1.4.1.1.200.7",
    "1.2.840.10008.5.1.4.1.1.201.1",      // inventory
    "1.2.840.10008.5.1.4.1.1.131"};       // basic structured display

/// Retired storage classes that stand outside the storage root (PS3.6 Annex A); archives still hold
/// their objects.
constexpr std::array<std::string_view, 4> kRetiredElsewhere = {
    "1.2.840.10008.5.1.1.27",     // stored print
    "1.2.840.10008.5.1.1.29",     // hardcopy, gray
    "1.2.840.10008.5.1.1.30",     // hardcopy, colour
    "1.2.840.10008.5.1.4.34.1"};  // RT beams, trial

/// First part of an IOD's name in sop-classes.tsv, and what people call its objects.
struct Label {
  std::string_view iod;
  std::string_view label;
};
constexpr std::array kLabels = {
    Label{"CRImage", "CR"}, Label{"DXImage", "DX"}, Label{"Mammography", "MG"},
    Label{"Intraoral", "IO"}, Label{"Breast", "MG"}, Label{"CTImage", "CT"},
    Label{"EnhancedCT", "CT"}, Label{"LegacyConvertedEnhancedCT", "CT"},
    Label{"PrivatePixelMedLegacyConvertedEnhancedCT", "CT"}, Label{"MRImage", "MR"},
    Label{"EnhancedMR", "MR"}, Label{"LegacyConvertedEnhancedMR", "MR"},
    Label{"PrivatePixelMedLegacyConvertedEnhancedMR", "MR"}, Label{"MRSpectroscopy", "MR"},
    Label{"NMImage", "NM"}, Label{"PETImage", "PT"}, Label{"EnhancedPET", "PT"},
    Label{"LegacyConvertedEnhancedPET", "PT"},
    Label{"PrivatePixelMedLegacyConvertedEnhancedPET", "PT"}, Label{"US", "US"},
    Label{"EnhancedUltrasound", "US"}, Label{"Photoacoustic", "PA"}, Label{"SCImage", "SC"},
    Label{"Multiframe", "SC"}, Label{"XRF", "RF"}, Label{"EnhancedXRF", "RF"}, Label{"XA", "XA"},
    Label{"EnhancedXA", "XA"}, Label{"XRay3D", "XA"}, Label{"RTImage", "RTIMAGE"},
    Label{"RTDose", "RTDOSE"}, Label{"RTStructureSet", "RTSTRUCT"}, Label{"RTPlan", "RTPLAN"},
    Label{"RTIonPlan", "RTPLAN"}, Label{"RT", "RTRECORD"},
    Label{"Segmentation", "SEG"}, Label{"SurfaceSegmentation", "SEG"},
    Label{"ParametricMap", "PMAP"}, Label{"RealWorldValueMapping", "RWV"}, Label{"VL", "VL"},
    Label{"Video", "VL"}, Label{"Dermoscopic", "VL"}, Label{"Ophthalmic", "OP"},
    Label{"EncapsulatedPDF", "DOC"}, Label{"EncapsulatedCDA", "DOC"},
    Label{"KeyObjectSelection", "KO"}, Label{"TwelveLeadECG", "ECG"}, Label{"GeneralECG", "ECG"},
    Label{"AmbulatoryECG", "ECG"}, Label{"HemodynamicWaveform", "HD"}, Label{"RawData", "RAW"},
    Label{"BasicTextSR", "SR"}, Label{"ProcedureLog", "SR"}};

/// A part of the standard's UID tree whose members name things, and how many digits a component
/// there may have: an instance UID somebody hung under the standard's root has longer ones.
struct Branch {
  std::string_view under;
  std::size_t digits;
};
constexpr std::array kBranches = {
    Branch{"1.", 3},   // transfer syntaxes, frames of reference, palettes, services
    Branch{"2.", 3},   // coding schemes
    Branch{"3.", 3},   Branch{"4.", 3},
    Branch{"5.", 3},   // SOP classes
    Branch{"6.1.", 4}, // context groups
    Branch{"7.", 3},   Branch{"8.", 3},
    Branch{"9.", 3},   Branch{"15.", 3},
};
constexpr std::size_t kMostComponents = 10;

bool has_short_components(std::string_view text, std::size_t digits) {
  std::size_t components = 1;
  std::size_t length = 0;
  for (const char c : text) {
    if (c == '.') {
      ++components;
      length = 0;
    } else if (++length > digits) {
      return false;
    }
  }
  return components <= kMostComponents;
}

std::string_view without_padding(std::string_view text) {
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool is_valid_uid(std::string_view text) {
  if (text.empty() || text.size() > kLongestUid) return false;
  char before = '.';
  for (const char c : text) {
    if (c == '.' ? before == '.' : (c < '0' || c > '9')) return false;
    before = c;
  }
  return before != '.';
}

Uid uid_from_bits(std::span<const std::uint8_t, 16> bits) {
  std::array<std::uint8_t, 16> number{};
  std::copy(bits.begin(), bits.end(), number.begin());
  number[6] = static_cast<std::uint8_t>((number[6] & 0x0FU) | 0x40U);
  number[8] = static_cast<std::uint8_t>((number[8] & 0x3FU) | 0x80U);
  // Divide by ten until nothing is left: 128 bits have 39 digits at most.
  std::string digits;
  bool any = true;
  while (any) {
    unsigned rest = 0;
    any = false;
    for (auto& byte : number) {
      const unsigned value = (rest << 8U) | byte;
      byte = static_cast<std::uint8_t>(value / 10U);
      rest = value % 10U;
      any = any || byte != 0;
    }
    digits.push_back(static_cast<char>('0' + rest));
  }
  std::reverse(digits.begin(), digits.end());
  return Uid{"2.25." + digits};
}

Uid mapped_uid(ByteView secret, std::string_view old_uid) {
  const Digest digest = crypto::hmac_sha256(secret, as_bytes(without_padding(old_uid)));
  return uid_from_bits(std::span(digest).first<16>());
}

Uid random_uid() {
  std::array<std::uint8_t, 16> bits{};
  crypto::random_fill(bits);
  return uid_from_bits(bits);
}

bool is_structural_uid(std::string_view uid) {
  uid = without_padding(uid);
  if (!is_valid_uid(uid)) return false;
  if (find_class(uid) != nullptr) return true;
  if (!uid.starts_with(kStandardRoot)) return false;
  const std::string_view rest = uid.substr(kStandardRoot.size());
  return std::any_of(kBranches.begin(), kBranches.end(), [&](const Branch& branch) {
    return rest.starts_with(branch.under) && has_short_components(rest, branch.digits);
  });
}

bool is_storage_class(std::string_view sop_class) {
  sop_class = without_padding(sop_class);
  const bool without_patient = std::find(kWithoutPatient.begin(), kWithoutPatient.end(),
                                         sop_class) != kWithoutPatient.end();
  return !without_patient && find_class(sop_class) != nullptr;
}

bool looks_like_storage_class(std::string_view sop_class) {
  sop_class = without_padding(sop_class);
  const bool without_patient = std::find(kWithoutPatient.begin(), kWithoutPatient.end(),
                                         sop_class) != kWithoutPatient.end();
  const bool retired = std::find(kRetiredElsewhere.begin(), kRetiredElsewhere.end(), sop_class) !=
                       kRetiredElsewhere.end();
  return retired ||
         (!without_patient && sop_class.starts_with(kStorageRoot) && is_structural_uid(sop_class));
}

std::string_view short_name(std::string_view sop_class) {
  const SopClass* found = find_class(without_padding(sop_class));
  if (found == nullptr) return "object";
  for (const Label& label : kLabels) {
    if (found->iod.starts_with(label.iod)) return label.label;
  }
  if (found->iod.find("SR") != std::string_view::npos) return "SR";
  if (found->iod.find("PresentationState") != std::string_view::npos) return "PR";
  return "object";
}

}  // namespace veilroute::dicom

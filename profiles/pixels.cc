// Header triage of pixels. Order matters: the first sign found is the reason reported.
#include "profiles/pixels.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <vector>

#include "core/dicom/uid.h"
#include "profiles/shapes.h"

namespace veilroute::profiles {
namespace {

using dicom::Dataset;
using dicom::Element;
using dicom::Holds;
using dicom::Tag;

constexpr Tag kImageType{0x0008, 0x0008}, kConversionType{0x0008, 0x0064},
    kSeriesDescription{0x0008, 0x103E}, kDerivationDescription{0x0008, 0x2111},
    kImageComments{0x0020, 0x4000}, kBurnedInAnnotation{0x0028, 0x0301},
    kSamplesPerPixel{0x0028, 0x0002}, kPhotometricInterpretation{0x0028, 0x0004},
    kNumberOfFrames{0x0028, 0x0008}, kRows{0x0028, 0x0010}, kColumns{0x0028, 0x0011},
    kBitsAllocated{0x0028, 0x0100}, kBitsStored{0x0028, 0x0101};

/// Which signs apply to a class of objects.
enum class Nature : std::uint8_t {
  scanner,     ///< CT, MR, PET: 16-bit data; 8 bits or colour is a screen capture
  projection,  ///< CR, DX, MG and their kin: a clean header passes
  derived,     ///< computed from others: segmentations, dose grids, parametric maps
};

struct KnownClass {
  std::string_view uid;
  Nature nature;
};
constexpr std::array<KnownClass, 26> kCleanByNature{{
    {"1", Nature::projection},      {"1.1", Nature::projection},    {"1.1.1", Nature::projection},
    {"1.2", Nature::projection},    {"1.2.1", Nature::projection},  {"1.3", Nature::projection},
    {"1.3.1", Nature::projection},  {"13.1.3", Nature::projection}, {"13.1.4", Nature::projection},
    {"13.1.5", Nature::projection}, {"2", Nature::scanner},         {"2.1", Nature::scanner},
    {"2.2", Nature::scanner},       {"4", Nature::scanner},         {"4.1", Nature::scanner},
    {"4.4", Nature::scanner},       {"128", Nature::scanner},       {"130", Nature::scanner},
    {"128.1", Nature::scanner},     {"20", Nature::projection},     {"481.1", Nature::projection},
    {"481.2", Nature::derived},     {"66.4", Nature::derived},      {"66.7", Nature::derived},
    {"30", Nature::derived},        {"481.23", Nature::projection},
}};

struct SuspiciousFamily {
  std::string_view prefix;
  std::string_view reason;
};
constexpr std::array<SuspiciousFamily, 7> kSuspiciousFamilies{{
    {"7", "pixels.secondary-capture"},
    {"6", "pixels.ultrasound"},
    {"3", "pixels.ultrasound"},
    {"12", "pixels.angiography"},
    {"13", "pixels.angiography"},
    {"77", "pixels.visible-light"},
    {"104", "pixels.encapsulated-document"},
}};

std::string upper_text(const Dataset& object, Tag tag) {
  std::string text = object.text(tag).reveal();
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

/// The VM 1 to n parts of a text, spaces trimmed.
std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  all_components(text, [&parts](std::string_view part) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    parts.emplace_back(part);
    return true;
  });
  return parts;
}

std::optional<std::uint64_t> unsigned_short(const Dataset& object, Tag tag) {
  const Element* element = object.find(tag);
  if (element == nullptr || element->holds != Holds::value || element->value.size() < 2) {
    return std::nullopt;
  }
  const unsigned first = element->value[0];
  const unsigned second = element->value[1];

  return object.syntax().big_endian ? (first << 8U) | second : (second << 8U) | first;
}

bool has_pixels(const Dataset& object) {
  return object.find(dicom::tags::PixelData) != nullptr ||
         object.find(dicom::tags::FloatPixelData) != nullptr ||
         object.find(dicom::tags::DoubleFloatPixelData) != nullptr;
}

std::optional<Nature> nature_of(std::string_view sop_class) {
  if (!sop_class.starts_with(dicom::kStorageRoot)) return std::nullopt;
  for (const KnownClass& known : kCleanByNature) {
    if (known.uid == sop_class.substr(dicom::kStorageRoot.size())) return known.nature;
  }
  return std::nullopt;
}

std::string_view suspicious_class(std::string_view sop_class) {
  if (!sop_class.starts_with(dicom::kStorageRoot)) return "pixels.unknown-class";
  const std::string_view rest = sop_class.substr(dicom::kStorageRoot.size());
  for (const SuspiciousFamily& family : kSuspiciousFamilies) {
    if (rest == family.prefix ||
        (rest.starts_with(family.prefix) && rest.substr(family.prefix.size()).starts_with('.'))) {
      return family.reason;
    }
  }
  return "pixels.unknown-class";
}

std::string_view suspicious_image_type(const Dataset& object, Nature nature) {
  const std::vector<std::string> parts = parts_of(upper_text(object, kImageType));
  if (parts.size() < 2) {
    // CR and RT classes may leave it out; a scanner never does.
    return nature == Nature::scanner ? "pixels.image-type-missing" : "";
  }
  if (parts[0] != "ORIGINAL" && parts[0] != "DERIVED" && parts[0] != "MIXED") {
    return "pixels.image-type-odd";
  }
  if (parts[1] != "PRIMARY" && nature != Nature::derived) return "pixels.image-type-secondary";
  if (parts[1] != "PRIMARY" && parts[1] != "SECONDARY") return "pixels.image-type-odd";
  for (std::size_t i = 2; i < parts.size(); ++i) {
    const std::string& part = parts[i];
    if (part.find("SCREEN") != part.npos || part.find("CAPTURE") != part.npos) {
      return "pixels.image-type-screen";
    }
    if (part.find("DOSE") != part.npos && nature != Nature::derived) {
      return "pixels.image-type-dose";
    }
    // A localizer straight from the detector is an image like the others; one that was derived has
    // lines and labels drawn into it.
    if (part == "LOCALIZER" && parts[0] != "ORIGINAL") return "pixels.image-type-localizer";
  }
  return "";
}

std::string_view suspicious_layout(const Dataset& object, Nature nature) {
  const std::string photometric = upper_text(object, kPhotometricInterpretation);
  const auto samples = unsigned_short(object, kSamplesPerPixel);
  const bool monochrome = photometric == "MONOCHROME1" || photometric == "MONOCHROME2";
  if (!monochrome || samples.value_or(1) != 1) return "pixels.colour";
  if (nature != Nature::scanner) return "";
  if (unsigned_short(object, kBitsAllocated).value_or(0) <= 8 ||
      unsigned_short(object, kBitsStored).value_or(0) <= 8) {
    return "pixels.eight-bit";
  }
  return "";
}

bool is_word_of_captures(std::string_view word) {
  static constexpr std::array<std::string_view, 14> kWords{
      "DOSE",     "REPORT",    "REPORTS", "SCREEN", "SCREENSAVE", "SCREENSHOT", "SCREENSHOTS",
      "PROTOCOL", "PROTOCOLS", "FILM",    "FILMS",  "FILMING",    "CAPTURE",    "CAPTURES"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

bool speaks_of_captures(const std::string& text) {
  std::string word;
  for (const char c : text + " ") {
    if (c >= 'A' && c <= 'Z') {
      word += c;
    } else {
      if (is_word_of_captures(word)) return true;
      word.clear();
    }
  }
  return false;
}

std::string_view suspicious_description(const Dataset& object, Nature nature) {
  if (nature == Nature::derived) return "";
  for (const Tag tag : {kSeriesDescription, kDerivationDescription, kImageComments}) {
    if (speaks_of_captures(upper_text(object, tag))) return "pixels.description";
  }
  return "";
}

std::string_view suspicious_device(const Dataset& object) {
  if (!object.text(kConversionType).reveal().empty()) return "pixels.conversion-type";
  static constexpr std::array<Tag, 8> kCaptureDevice{{{0x0018, 0x1010},
                                                      {0x0018, 0x1011},
                                                      {0x0018, 0x1012},
                                                      {0x0018, 0x1014},
                                                      {0x0018, 0x1016},
                                                      {0x0018, 0x1018},
                                                      {0x0018, 0x1019},
                                                      {0x0018, 0x1022}}};
  for (const Tag tag : kCaptureDevice) {
    if (!object.text(tag).reveal().empty()) return "pixels.capture-device";
  }
  static constexpr std::array<std::string_view, 8> kModalities{"OT", "SC", "US",  "ES",
                                                               "XC", "GM", "DOC", "AU"};
  const std::string modality = upper_text(object, dicom::tags::Modality);
  const bool named =
      std::find(kModalities.begin(), kModalities.end(), modality) != kModalities.end();
  return named ? "pixels.modality" : "";
}

std::string_view reason_for(const Dataset& object) {
  const std::string burned_in = upper_text(object, kBurnedInAnnotation);
  if (!burned_in.empty() && burned_in != "NO") return "pixels.burned-in-annotation";
  const std::string sop_class = object.text(dicom::tags::SOPClassUID).reveal();
  const std::optional<Nature> nature = nature_of(sop_class);
  if (!nature) return suspicious_class(sop_class);
  for (const std::string_view reason :
       {suspicious_image_type(object, *nature), suspicious_layout(object, *nature),
        suspicious_device(object), suspicious_description(object, *nature)}) {
    if (!reason.empty()) return reason;
  }
  return "";
}

}  // namespace

std::optional<std::uint64_t> stated_frames(const Dataset& object) {
  const std::string text = object.text(kNumberOfFrames).reveal();
  if (text.empty()) return 1;
  std::uint64_t frames = 1;
  const std::size_t begin = std::min(text.find_first_not_of(" +"), text.size());
  const auto read = std::from_chars(text.data() + begin, text.data() + text.size(), frames);
  // "1A" is no number: taken for 1, fourteen of its fifteen frames would be cut off.
  const bool whole =
      text.find_first_not_of(' ', static_cast<std::size_t>(read.ptr - text.data())) == text.npos;
  const bool said = read.ec == std::errc{} && whole && frames > 0 &&
                    frames <= std::numeric_limits<std::uint32_t>::max();
  return said ? std::optional(frames) : std::nullopt;
}

PixelVerdict judge_pixels(const Dataset& object) {
  PixelVerdict verdict;
  verdict.has_pixels = has_pixels(object);
  if (verdict.has_pixels) verdict.reason = std::string(reason_for(object));
  return verdict;
}

namespace {

/// `halves`: samples of a pixel, times two, from the number of samples (PS3.3 C.7.6.3: native
/// subsampled colour stores two chroma samples for every two or four pixels).
std::uint64_t halves_as_stated(const Dataset& object, std::uint64_t samples) {
  const std::string photometric = upper_text(object, kPhotometricInterpretation);
  if (photometric == "YBR_FULL_422" || photometric == "YBR_PARTIAL_422") return 4;
  if (photometric == "YBR_PARTIAL_420") return 3;
  return samples * 2;
}
std::uint64_t halves_of_full_colour(const Dataset&, std::uint64_t samples) { return samples * 2; }

std::optional<std::uint64_t> length_of_pixels(const Dataset& object, Tag tag,
                                              std::uint64_t (*halves_of)(const Dataset&,
                                                                         std::uint64_t)) {
  const auto rows = unsigned_short(object, kRows);
  const auto columns = unsigned_short(object, kColumns);
  const bool real_valued = tag != dicom::tags::PixelData;
  const auto samples =
      real_valued ? std::optional<std::uint64_t>(1) : unsigned_short(object, kSamplesPerPixel);
  auto bits = unsigned_short(object, kBitsAllocated);
  if (real_valued) bits = tag == dicom::tags::FloatPixelData ? 32 : 64;
  // Zero says as little as nothing: bytes would be called surplus that are pixels.
  const auto is_said = [](std::optional<std::uint64_t> number) { return number.value_or(0) != 0; };
  if (!is_said(rows) || !is_said(columns) || !is_said(samples) || !is_said(bits)) {
    return std::nullopt;
  }
  const std::optional<std::uint64_t> frames = stated_frames(object);
  if (!frames) return std::nullopt;
  const std::uint64_t halves = halves_of(object, *samples);
  if (halves > 8 || *bits > 64) return std::nullopt;
  const std::uint64_t pixels = *rows * *columns;
  if (pixels > (std::uint64_t{1} << 52U) / *frames) return std::nullopt;
  const std::uint64_t total_bits = (pixels * *frames * halves + 1) / 2 * *bits;
  const std::uint64_t bytes = (total_bits + 7) / 8;
  return bytes + bytes % 2;
}

}  // namespace

std::optional<std::uint64_t> native_length_bytes(const Dataset& object, Tag tag) {
  return length_of_pixels(object, tag, halves_as_stated);
}

std::optional<std::uint64_t> full_colour_length_bytes(const Dataset& object, Tag tag) {
  return length_of_pixels(object, tag, halves_of_full_colour);
}

std::string advice_for_pixels(std::string_view reason) {
  if (reason == "pixels.burned-in-annotation") {
    return "The object says that text is burned into its pixels: have a person look at it.";
  }
  return "The header suggests a screen capture or text in the pixels: have a person look, exclude "
         "such objects by the route's include rule, or trust the source by a document "
         "(pixels = { trust = ... }).";
}

}  // namespace veilroute::profiles

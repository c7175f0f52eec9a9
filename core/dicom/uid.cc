// Checking, making and telling apart UIDs.
#include "core/dicom/uid.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/crypto.h"
#include "core/dicom/padding.h"

extern "C" {
extern const char veilroute_sop_classes[];
extern const char veilroute_sop_classes_end[];
}

namespace veilroute::dicom {
namespace {

constexpr std::string_view kStandardRoot = "1.2.840.10008.";
constexpr std::size_t kLongestUid = 64;

struct KnownClass {
  std::string_view uid;
  std::string_view name;
};

/// The first two columns of sop-classes.tsv, by UID.
std::vector<KnownClass> parse_sop_classes() {
  std::string_view text(
      veilroute_sop_classes,
      static_cast<std::size_t>(veilroute_sop_classes_end - veilroute_sop_classes));
  std::vector<KnownClass> classes;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    const std::size_t first = line.find('\t');
    if (first == std::string_view::npos || line.starts_with("sop_class_uid")) continue;
    const std::size_t second = std::min(line.find('\t', first + 1), line.size());
    classes.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1)});
  }
  std::sort(classes.begin(), classes.end(),
            [](const KnownClass& a, const KnownClass& b) { return a.uid < b.uid; });
  return classes;
}

/// Null: not in the standard's list.
const KnownClass* find_class(std::string_view uid) {
  static const std::vector<KnownClass> classes = parse_sop_classes();
  const auto at = std::lower_bound(
      classes.begin(), classes.end(), uid,
      [](const KnownClass& known, std::string_view sought) { return known.uid < sought; });
  return at != classes.end() && at->uid == uid ? &*at : nullptr;
}

bool is_known_class(std::string_view uid) { return find_class(uid) != nullptr; }

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
  const Digest digest = crypto::hmac_sha256(secret, as_bytes(trimmed(old_uid)));
  return uid_from_bits(std::span(digest).first<16>());
}

bool is_structural_uid(std::string_view uid) {
  uid = trimmed(uid);
  if (!is_valid_uid(uid)) return false;
  if (is_known_class(uid)) return true;
  if (!uid.starts_with(kStandardRoot)) return false;
  const std::string_view rest = uid.substr(kStandardRoot.size());
  return std::any_of(kBranches.begin(), kBranches.end(), [&](const Branch& branch) {
    return rest.starts_with(branch.under) && has_short_components(rest, branch.digits);
  });
}

bool is_storage_class(std::string_view sop_class) {
  sop_class = trimmed(sop_class);
  const bool without_patient = std::find(kWithoutPatient.begin(), kWithoutPatient.end(),
                                         sop_class) != kWithoutPatient.end();
  return !without_patient && is_known_class(sop_class);
}

std::string_view name_of_storage_class(std::string_view sop_class) {
  const KnownClass* known = find_class(trimmed(sop_class));
  return known == nullptr ? std::string_view() : known->name;
}

bool looks_like_storage_class(std::string_view sop_class) {
  sop_class = trimmed(sop_class);
  const bool without_patient = std::find(kWithoutPatient.begin(), kWithoutPatient.end(),
                                         sop_class) != kWithoutPatient.end();
  const bool retired = std::find(kRetiredElsewhere.begin(), kRetiredElsewhere.end(), sop_class) !=
                       kRetiredElsewhere.end();
  return retired ||
         (!without_patient && sop_class.starts_with(kStorageRoot) && is_structural_uid(sop_class));
}

}  // namespace veilroute::dicom

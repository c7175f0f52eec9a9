#include "profiles/verify_foreign.h"

#include <algorithm>
#include <array>

#include "core/dicom/element_header.h"

namespace veilroute::profiles {
namespace {

using dicom::Tag;
using dicom::Vr;
namespace vr = dicom::vr;

constexpr std::string_view kRemoveIt =
    "No de-identified copy may hold this: have the tool that made the copy remove it.";
constexpr std::string_view kNobodyKnows =
    "Nobody can vouch for what this holds: look at it in the source, or have it removed.";
constexpr std::string_view kDeclare =
    "A copy says that and how it was de-identified, in (0012,0062), (0012,0063) or (0012,0064), "
    "and "
    "(0028,0303): have the tool that made the copy write them.";
constexpr std::string_view kReplace =
    "A UID of the source still stands in the copy, and leads whoever knows it to the patient: have "
    "it replaced, everywhere by the same one.";

constexpr std::size_t kPreamble = 128;
/// So many printable characters in a row are no chance.
constexpr std::size_t kShortestPrintableRun = 8;

Problem foreign_problem(std::string_view path, std::string_view rule, std::string_view advice) {
  return {std::string(path), std::string(rule), std::string(advice)};
}

bool is_one_of_vrs(Vr which, std::initializer_list<Vr> list) {
  return std::find(list.begin(), list.end(), which) != list.end();
}

bool is_private_tag(Tag tag) { return (tag.group & 1U) != 0; }
bool is_creator(Tag tag) {
  return is_private_tag(tag) && tag.element >= 0x10 && tag.element <= 0xFF;
}

/// The command set, file meta information, directories, overlays, curves, signatures, padding.
bool is_in_forbidden_group(Tag tag) {
  const std::uint16_t family = tag.group & 0xFF00U;
  static constexpr std::array<std::uint16_t, 6> kGroups{0x0000, 0x0002, 0x0004,
                                                        0x4FFE, 0xFFFA, 0xFFFC};
  return !is_private_tag(tag) &&
         (family == 0x5000 || family == 0x6000 ||
          std::find(kGroups.begin(), kGroups.end(), tag.group) != kGroups.end());
}

bool holds_printable_text(ByteView value) {
  std::size_t run = 0;
  for (const std::uint8_t byte : value) {
    run = byte >= ' ' && byte <= '~' ? run + 1 : 0;
    if (run >= kShortestPrintableRun) return true;
  }
  return false;
}

bool is_word_vr(Vr which) {
  return is_one_of_vrs(which, {vr::AE, vr::DA, vr::DT, vr::LO, vr::LT, vr::PN, vr::SH, vr::ST,
                               vr::TM, vr::UC, vr::UR, vr::UT});
}

bool is_byte_vr(Vr which) { return is_one_of_vrs(which, {vr::OB, vr::OW, vr::UN}); }

std::string_view rule_broken_by(const Seen& seen) {
  if (is_in_forbidden_group(seen.tag)) return "verify.forbidden-group";
  if (seen.is_sequence) return {};
  if (seen.is_range) {
    const bool picture = seen.depth == 0 && dicom::is_pixel_data(seen.tag);
    const bool may_be_text = is_private_tag(seen.tag) || dicom::is_text(seen.vr) ||
                             is_one_of_vrs(seen.vr, {vr::OB, vr::UN});
    return !picture && may_be_text ? "verify.unread-bulk" : std::string_view();
  }
  if (!is_private_tag(seen.tag)) {
    return seen.opaque && !seen.value.empty() ? "verify.unread-value" : std::string_view();
  }
  if (is_creator(seen.tag)) return {};
  const bool text = (is_word_vr(seen.vr) && !text_of(seen).empty()) ||
                    (is_byte_vr(seen.vr) && holds_printable_text(seen.value));
  return text ? "verify.private-text" : std::string_view();
}

std::string_view top_level_text(const std::vector<Seen>& attributes, Tag tag) {
  for (const Seen& seen : attributes) {
    if (seen.depth == 0 && seen.tag == tag) {
      return seen.is_sequence ? (seen.has_items ? "items" : "") : text_of(seen);
    }
  }
  return {};
}

void check_declared(const std::vector<Seen>& attributes, std::vector<Problem>& problems) {
  constexpr Tag kRemoved{0x0012, 0x0062}, kMethod{0x0012, 0x0063}, kMethodCodes{0x0012, 0x0064},
      kTemporal{0x0028, 0x0303};
  const auto missing = [&problems](Tag tag) {
    problems.push_back(foreign_problem(dicom::to_text(tag), "verify.not-declared", kDeclare));
  };
  if (top_level_text(attributes, kRemoved) != "YES") missing(kRemoved);
  if (top_level_text(attributes, kMethod).empty() &&
      top_level_text(attributes, kMethodCodes).empty()) {
    missing(kMethod);
  }
  if (top_level_text(attributes, kTemporal).empty()) missing(kTemporal);
}

/// What PS3.10 requires, and who wrote the file.
bool may_stand_in_meta(Tag tag) {
  static constexpr std::array<std::uint16_t, 7> kAllowed{0x0000, 0x0001, 0x0002, 0x0003,
                                                         0x0010, 0x0012, 0x0013};
  return std::find(kAllowed.begin(), kAllowed.end(), tag.element) != kAllowed.end();
}

}  // namespace

std::vector<Problem> check_foreign(const std::vector<Seen>& attributes) {
  std::vector<Problem> problems;
  for (const Seen& seen : attributes) {
    const std::string_view rule = rule_broken_by(seen);
    if (rule.empty()) continue;
    const bool removed = rule == "verify.forbidden-group";
    problems.push_back(foreign_problem(seen.path, rule, removed ? kRemoveIt : kNobodyKnows));
  }
  check_declared(attributes, problems);
  return problems;
}

std::vector<Problem> check_uids(const std::vector<Seen>& attributes, const OldUids& old_uids) {
  std::vector<Problem> problems;
  for (const Seen& seen : attributes) {
    if (seen.is_sequence || seen.vr != vr::UI) continue;
    const auto parts = components(text_of(seen));
    const bool old = std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
      return old_uids.find(part) != old_uids.end();
    });
    if (old) problems.push_back(foreign_problem(seen.path, "verify.uid-not-replaced", kReplace));
  }
  return problems;
}

FileMeta read_file_meta(ByteView head) {
  constexpr std::size_t kPrefix = 4;
  constexpr dicom::Encoding kMetaEncoding{false, false};
  FileMeta meta;
  const bool with_prefix =
      head.size() >= kPreamble + kPrefix && as_text(head.subspan(kPreamble, kPrefix)) == "DICM";
  std::size_t at = with_prefix ? kPreamble + kPrefix : 0;
  while (head.size() - at >= dicom::kItemHeaderBytes) {
    const std::uint32_t size = dicom::header_size_bytes(head.data() + at, kMetaEncoding);
    if (head.size() - at < size) break;
    const dicom::ElementHeader header = dicom::read_header(head.data() + at, kMetaEncoding);
    if (!header.problem.empty() || header.length > head.size() - at - size) break;
    Seen seen;
    seen.tag = header.tag;
    seen.vr = header.vr;
    seen.value = head.subspan(at + size, header.length);
    meta.attributes.push_back(seen);
    meta.paths.push_back(dicom::to_text(header.tag));
    at += size + header.length;
  }
  for (std::size_t i = 0; i < meta.paths.size(); ++i) meta.attributes[i].path = meta.paths[i];
  return meta;
}

std::vector<Problem> check_file_head(ByteView head, const FileMeta& meta) {
  std::vector<Problem> problems;
  const ByteView preamble = head.first(std::min(head.size(), kPreamble));
  if (head.size() > kPreamble &&
      std::any_of(preamble.begin(), preamble.end(), [](std::uint8_t byte) { return byte != 0; })) {
    problems.push_back(foreign_problem("", "verify.preamble", kRemoveIt));
  }
  for (const Seen& seen : meta.attributes) {
    if (may_stand_in_meta(seen.tag)) continue;
    problems.push_back(foreign_problem(seen.path, "verify.file-meta", kRemoveIt));
  }
  return problems;
}

}  // namespace veilroute::profiles

// The table of transfer syntaxes (PS3.5 Annex A, PS3.6 Annex A).
#include "core/dicom/transfer_syntax.h"

#include <algorithm>
#include <array>

namespace veilroute::dicom {
namespace {

enum class Layout : std::uint8_t { implicit_le, explicit_le, explicit_be, deflated, encapsulated };

struct Row {
  std::string_view uid;
  Layout layout;
};

constexpr std::array kRows = {
    Row{"1.2.840.10008.1.2", Layout::implicit_le},
    Row{"1.2.840.10008.1.2.1", Layout::explicit_le},
    Row{"1.2.840.10008.1.2.1.98", Layout::encapsulated},  // encapsulated uncompressed
    Row{"1.2.840.10008.1.2.1.99", Layout::deflated},
    Row{"1.2.840.10008.1.2.2", Layout::explicit_be},
    // JPIP: the pixels are elsewhere; only the reference is in the data set.
    Row{"1.2.840.10008.1.2.4.94", Layout::explicit_le},
    Row{"1.2.840.10008.1.2.4.95", Layout::deflated},
    Row{"1.2.840.10008.1.2.4.204", Layout::explicit_le},
    Row{"1.2.840.10008.1.2.4.205", Layout::deflated},
    Row{"1.2.840.10008.1.2.5", Layout::encapsulated},    // RLE
    Row{"1.2.840.10008.1.2.7.1", Layout::encapsulated},  // SMPTE ST 2110
    Row{"1.2.840.10008.1.2.7.2", Layout::encapsulated},
    Row{"1.2.840.10008.1.2.7.3", Layout::encapsulated},
    Row{"1.2.840.10008.1.2.8.1", Layout::encapsulated},  // deflated frames
    // GE: implicit VR little endian; only Pixel Data is big endian, and that is never interpreted.
    Row{"1.2.840.113619.5.2", Layout::implicit_le},
};

/// Last components under 1.2.840.10008.1.2.4. that are encapsulated.
constexpr std::array<std::string_view, 46> kEncapsulated4 = {
    "50",    "51",  "52",    "53",  "54",    "55",  "56",    "57",  "58",    "59",  "60",
    "61",    "62",  "63",    "64",  "65",    "66",  "70",    "80",  "81",    "90",  "91",
    "92",    "93",  "100",   "101", "102",   "103", "104",   "105", "106",   "107", "108",
    "110",   "111", "112",   "201", "202",   "203", "100.1", "101.1", "102.1", "103.1", "104.1",
    "105.1", "106.1"};

bool is_encapsulated4(std::string_view uid) {
  constexpr std::string_view root = "1.2.840.10008.1.2.4.";
  if (!uid.starts_with(root) || uid.size() == root.size()) return false;
  const std::string_view last = uid.substr(root.size());
  return std::find(kEncapsulated4.begin(), kEncapsulated4.end(), last) != kEncapsulated4.end();
}

}  // namespace

Result<TransferSyntax> find_transfer_syntax(const Uid& uid) {
  TransferSyntax syntax;
  syntax.uid = uid;
  if (is_encapsulated4(uid.value)) {
    syntax.encapsulated = true;
    return syntax;
  }
  const auto* row = std::find_if(kRows.begin(), kRows.end(),
                                 [&](const Row& candidate) { return candidate.uid == uid.value; });
  if (row == kRows.end()) {
    return make_error(ErrorKind::invalid, "transfer-syntax.unknown",
                      "the transfer syntax is not one that can be read");
  }
  syntax.implicit_vr = row->layout == Layout::implicit_le;
  syntax.big_endian = row->layout == Layout::explicit_be;
  syntax.deflated = row->layout == Layout::deflated;
  syntax.encapsulated = row->layout == Layout::encapsulated;
  return syntax;
}

}  // namespace veilroute::dicom

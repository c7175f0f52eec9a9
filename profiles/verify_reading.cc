// Asks the second reader, and shows its answer to the rules.
#include "profiles/verify_reading.h"

#include <algorithm>

#include "core/dicom/second_reader.h"

namespace veilroute::profiles {

struct CopyReading::Held {
  dicom::SecondReading reading;
};

CopyReading::CopyReading() = default;
CopyReading::CopyReading(CopyReading&&) noexcept = default;
CopyReading::~CopyReading() = default;

namespace {

/// The ranges as the copy refers to them: native Pixel Data may have been cut (check_pieces has
/// allowed that already).
std::vector<dicom::LargeValue> as_referred(const dicom::OutboxRecord& record,
                                           std::vector<dicom::LargeValue> source_large) {
  for (const dicom::Piece& piece : record.pieces) {
    for (dicom::LargeValue& large : source_large) {
      if (!piece.own && piece.offset == large.begin) large.end = piece.offset + piece.length;
    }
  }
  return source_large;
}

}  // namespace

Result<CopyReading> CopyReading::open(const dicom::OutboxRecord& record, ByteView own,
                                      const std::vector<dicom::LargeValue>& source_large) {
  VR_TRY(const dicom::TransferSyntax syntax, dicom::find_transfer_syntax(record.transfer_syntax));
  const std::vector<dicom::LargeValue> ranges = as_referred(record, source_large);
  CopyReading copy;
  copy.held_ = std::make_unique<Held>();
  VR_TRY(copy.held_->reading, dicom::read_record_with_dcmtk(record.pieces, own, ranges, syntax));
  const std::vector<dicom::SeenElement>& elements = copy.held_->reading.elements;
  copy.attributes_.reserve(elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const dicom::SeenElement& element = elements[i];
    Seen seen;
    seen.path = element.path;
    seen.tag = element.tag;
    seen.vr = element.vr;
    seen.depth = element.depth;
    seen.is_sequence = element.is_sequence;
    seen.opaque = element.opaque;
    seen.is_range = element.large;
    seen.value = as_bytes(element.raw);
    constexpr std::uint32_t kUndefinedLength = 0xFFFFFFFF;
    const bool followed = i + 1 < elements.size() && elements[i + 1].depth > element.depth;
    seen.has_items = element.is_sequence &&
                     (followed || (element.length != 0 && element.length != kUndefinedLength));
    copy.attributes_.push_back(seen);
  }
  return copy;
}

}  // namespace veilroute::profiles

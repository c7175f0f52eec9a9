// The second reader: DCMTK's view of a finished copy, for verification (walk step 7). It knows
// nothing of read_dataset, and reads what most receivers would read. Only second_reader.cc names
// DCMTK's data sets.
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/dicom/dataset.h"
#include "core/dicom/dictionary.h"
#include "core/dicom/transfer_syntax.h"

namespace veilroute::dicom {

/// One attribute as DCMTK sees it, in the order of the data set, a sequence before its items.
struct SeenElement {
  std::string path;          ///< "(0040,0275)[1].(0010,0010)"; items count from 1
  Tag tag;
  unsigned depth = 0;        ///< sequences around it
  Vr vr = Vr::none;
  std::string raw;           ///< the value's bytes; numbers in this machine's byte order
  std::uint32_t length = 0;  ///< of the value as encoded; of sequences as stated
  bool is_sequence = false;
  bool opaque = false;       ///< UN: DCMTK did not look inside
  bool large = false;        ///< 64 KiB or more, or encapsulated Pixel Data: `raw` is empty
};

struct SecondReading {
  std::vector<SeenElement> elements;
};

/// Reads one record as it will leave. Own pieces are read as they are; a source piece, which is
/// exactly one of `source_large`, is stood in for by as many zero bytes (as one fragment, where it
/// is encapsulated), so that nothing of the source is needed or held. Values of 64 KiB and more
/// are stepped over. Deflated records are inflated within limits.
///
/// Fails (`invalid`) when DCMTK cannot read it, leaves bytes over, or shows elements that do not
/// account for every byte: of duplicates it keeps the first in silence. Slugs:
/// second-reader.cannot-read, .bytes-left, .bytes-unaccounted, .broken-range; and the scanner's,
/// which looks first, since deep nesting would end the process inside DCMTK. Any thread.
Result<SecondReading> read_record_with_dcmtk(const std::vector<Piece>& pieces, ByteView own,
                                             const std::vector<LargeValue>& source_large,
                                             const TransferSyntax& syntax);
/// The same for a data set that is whole in memory.
Result<SecondReading> read_with_dcmtk(ByteView dataset, const TransferSyntax& syntax);

/// Loads DCMTK's dictionary, adds the attributes it lacks, and silences its log, whose messages
/// hold values. Done once; reading does it too. `internal` when there is no dictionary.
Result<void> prepare_second_reader();

}  // namespace veilroute::dicom

// Scores one copy against its source by the ten checks of the MIDI-B benchmark, with an answer key
// made from the printed Table E.1-1 and what a profile may leave.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/dicom/dataset.h"
#include "tests/profiles/allowances.h"
#include "tests/profiles/preparation.h"

namespace veilroute::profiles::proof {

enum class Check : std::uint8_t {
  tag_retained,
  text_notnull,
  text_retained,
  text_removed,
  date_shifted,
  uid_changed,
  uid_consistent,
  patid_consistent,
  pixels_hidden,    ///< here: suspicious pixels are held, or a document trusts their source
  pixels_retained,  ///< Pixel Data byte for byte as encoded, but for what stood beside the picture
};
inline constexpr std::size_t kCheckCount = 10;
std::string_view to_string(Check check);
/// Checks whose failure discloses something; of the others a failure is a loss of use.
bool protects(Check check);

struct Score {
  struct Count {
    std::size_t passed = 0;
    std::size_t failed = 0;
  };
  std::map<Check, Count> counts;
  /// Per check: attribute → failures.
  std::map<Check, std::map<std::string, std::size_t>> failures;
  void add(Check check, dicom::Tag tag, bool passed);
};

struct Pair {
  const dicom::Dataset& source;
  const dicom::Dataset& copy;
  ByteView source_bytes;  ///< the data set as received
  ByteView copy_bytes;
};
/// Adds the checks of one object to a score.
void score_object(const Pair& pair, const Allowance& allowance, Score& score);

/// Lower-case words of three characters and more without stop words: what MIDI-B compares.
std::vector<std::string> tokens_of(std::string_view text);

}  // namespace veilroute::profiles::proof

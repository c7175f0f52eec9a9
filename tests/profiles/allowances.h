// What each shipped profile may leave, from allowances.tsv and the printed Table E.1-1: read afresh
// here, so that neither the engine nor the verifier is asked what it allows itself.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/dicom/dictionary.h"
#include "profiles/profile.h"

namespace veilroute::profiles::proof {

/// Cells of a table of the tests' own or of profiles/standard, by the header's words.
using Row = std::vector<std::string>;
std::vector<Row> rows_of(const std::string& path_in_source,
                         std::vector<std::string>* header = nullptr);
std::vector<std::string> split(const std::string& text, char at);

enum class Dates : std::uint8_t { removed, years, shifted, kept };

struct Allowance {
  Dates dates = Dates::removed;
  std::vector<std::string> columns;  ///< option columns of Table E.1-1 that the profile uses

  /// An option column says K: the value may stay as it came.
  [[nodiscard]] bool keeps(dicom::Tag tag) const;
  /// An option column says C: what is left after cleaning may stay.
  [[nodiscard]] bool cleans(dicom::Tag tag) const;
};

struct Judged {
  std::shared_ptr<const Profile> profile;
  Allowance allowance;
};
/// Every shipped profile that de-identifies. A profile without a row fails the test that asks.
std::vector<Judged> judged_profiles();

/// A single-tag row of Table E.1-1; empty code: not listed.
struct Printed {
  dicom::Tag tag;
  dicom::Vr vr = dicom::Vr::none;
  std::string code;
  std::string text;                  ///< the tag as printed; of pattern rows "(60xx,3000)"
  std::vector<std::string> options;  ///< of the option columns, in the order of printed_columns()
};
const std::vector<Printed>& printed_table();
const Printed* printed_row(dicom::Tag tag);

}  // namespace veilroute::profiles::proof

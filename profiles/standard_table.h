// The tables of PS3.15 Annex E as compiled in (standard/*.tsv), parsed once and looked up by tag.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "core/base/bytes.h"
#include "core/dicom/dictionary.h"
#include "profiles/profile.h"

namespace veilroute::profiles {

/// The codes of the Basic Profile column of Table E.1-1 (Table E.1-1a gives their meaning).
enum class Code : std::uint8_t { D, Z, X, U, Z_D, X_Z, X_D, X_Z_D, X_Z_U };

/// One row of Table E.1-1.
struct StandardRow {
  dicom::Tag tag;  ///< of a pattern row: zero
  dicom::Vr vr = dicom::Vr::none;
  Code code = Code::X;
  std::string_view code_text;  ///< as printed: "X/Z/D"
  /// Columns of the ten options: 'K' keep, 'C' clean, ' ' the profile's own action holds.
  std::array<char, kOptionCount> options{};
  [[nodiscard]] char under(Option option) const {
    return options[static_cast<std::size_t>(option)];
  }
};

/// The row that lists a tag; the rows (50xx,xxxx), (60xx,3000), (60xx,4000) and the one for private
/// attributes answer for all their tags. Null: Table E.1-1 does not list it. Any thread.
const StandardRow* find_standard_row(dicom::Tag tag);
/// Rows of the table, the pattern rows included.
std::size_t standard_row_count();

/// What an unlisted text or bulk value must look like to be kept (standard/unlisted.tsv).
enum class Shape : std::uint8_t {
  none,     ///< never kept
  code,     ///< part of a code item: judged together with the item's coding scheme
  device,   ///< a maker's or model's name
  version,  ///< of software
  token,    ///< one short technical word or a list of them
  phrase,   ///< a few words, hardly any digits
  method,   ///< De-identification Method
  bulk,     ///< binary values whose layout is known and holds no text
};

/// What happens to an attribute that Table E.1-1 does not list.
struct UnlistedRow {
  dicom::Tag tag;
  Shape keep = Shape::none;
  Action otherwise = Action::remove;  ///< dummy where some IOD says Type 1, empty where Type 2
};
/// Null: a text or bulk value of this tag is removed.
const UnlistedRow* find_unlisted_row(dicom::Tag tag);

/// The class e11-gaps.tsv gives an attribute ("short-text", "instance-uid", ...); empty: none.
std::string_view gap_class(dicom::Tag tag);

/// Code Meaning of a De-identification Method code (CID 7050); empty when the table lacks it.
std::string_view method_meaning(std::string_view code_value);

/// SHA-256 over all the tables: part of every profile's version.
const Digest& standard_tables_digest();

}  // namespace veilroute::profiles

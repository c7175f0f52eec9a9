// Verify's own reading of Table E.1-1: written apart from standard_table.cc on purpose, so that a
// mistake there is not repeated here.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/dicom/dictionary.h"
#include "profiles/options.h"

namespace veilroute::profiles {

/// What an attribute that the table lists may look like in a finished copy.
struct Demand {
  bool listed = false;
  bool may_be_present = false;  ///< X alone: no
  bool may_be_filled = false;   ///< Z: empty, or the pseudonym where decisions 6 say so
  bool is_uid = false;          ///< U
  bool code_names_someone = false;  ///< its items are codes of persons or places
  bool is_retained = false;         ///< an option of the profile lets the value pass as it came
  bool is_cleaned = false;          ///< an option lets what is left after cleaning pass
};

/// Under the options of a profile. Patterns (overlays, curves, private) are not answered here: such groups are forbidden as a
/// whole.
Demand demand_for(dicom::Tag tag, const Options& options = {});

/// True where unlisted.tsv lets some text of an attribute stand that Table E.1-1 does not list.
bool may_hold_text(dicom::Tag tag);

/// True for the private attributes that safe-private.tsv lists: `low_byte` of the element within the
/// block of `creator`.
bool is_listed_as_safe(std::string_view creator, std::uint16_t group, unsigned low_byte);
/// True for a creator that owns at least one of those.
bool is_creator_of_safe(std::string_view creator);

}  // namespace veilroute::profiles

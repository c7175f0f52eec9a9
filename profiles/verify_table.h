// Verify's own reading of Table E.1-1: written apart from standard_table.cc on purpose, so that a
// mistake there is not repeated here.
#pragma once

#include <string_view>

#include "core/dicom/dictionary.h"

namespace veilroute::profiles {

/// What an attribute that the table lists may look like in a finished copy.
struct Demand {
  bool listed = false;
  bool may_be_present = false;  ///< X alone: no
  bool may_be_filled = false;   ///< Z: empty, or the pseudonym where decisions 6 say so
  bool is_uid = false;          ///< U
  bool code_names_someone = false;  ///< its items are codes of persons or places
};

/// Patterns (overlays, curves, private) are not answered here: such groups are forbidden as a
/// whole.
Demand demand_for(dicom::Tag tag);

}  // namespace veilroute::profiles

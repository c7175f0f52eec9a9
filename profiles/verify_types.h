// Verify's own look at Types (PS3.5 7.4): what an IOD requires and the source had is in the copy.
// Reads the tables of Types afresh, written apart from iod_types.cc on purpose: a mistake there is
// not repeated here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/dicom/dataset.h"
#include "profiles/verify_rules.h"

namespace veilroute::profiles {

/// How often an attribute is there, over all items that it could stand in.
struct Occurrences {
  std::size_t items = 0;  ///< of the sequence it stands in; 1 at top level
  std::size_t present = 0;
  std::size_t filled = 0;
};

/// Of the attributes that Table E.1-1 names and the source's IOD requires (Type 1, 1C, 2, 2C): how
/// often the source had them. No values; a few hundred numbers at most. Taken before the source is
/// changed.
class RequiredOfSource {
 public:
  static RequiredOfSource of(const dicom::Dataset& source);

 private:
  friend std::vector<Problem> check_types(const std::vector<Seen>&, const RequiredOfSource&,
                                          const Permitted&);
  std::string iod_;  ///< empty: not in the tables, nothing is asked
  std::map<std::uint32_t, Occurrences> occurrences_;  ///< by place in the tables
};

/// What the copy lacks more often than its source did: "verify.type-1-empty" for a value or an
/// attribute, "verify.type-2-absent" for an attribute. Items are counted, not compared one by one:
/// they may leave with all that is in them. Modules of every usage count, since the source had the
/// attribute. Not asked for is what Table E.1-1 itself removes (X) or empties (Z), and what a rule
/// of the profile removes or empties. Paths name no items.
std::vector<Problem> check_types(const std::vector<Seen>& copy, const RequiredOfSource& source,
                                 const Permitted& permitted);

}  // namespace veilroute::profiles

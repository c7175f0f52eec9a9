// What verify searches for: the words, numbers, dates and UIDs of the source that identify.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/dicom/dictionary.h"
#include "profiles/verify.h"

namespace veilroute::profiles {

enum class TermKind : std::uint8_t {
  person,      ///< a name or a part of one
  identifier,  ///< a record, accession, serial or telephone number
  place,       ///< institution, department, address, station
  date,        ///< eight digits
  uid,
};

struct Term {
  TermKind kind = TermKind::identifier;
  bool digits_only = false;
  bool part_of_place = true;        ///< only ever seen as one word of a longer place
  std::set<std::uint32_t> sources;  ///< packed tags it was read from
};

/// Upper-case term → what it is.
struct IdentityTerms::State {
  std::map<std::string, Term> terms;
  std::set<std::string, std::less<>> uids;  ///< every UID of the sources that may name an instance
};

/// Words that stand in objects of every patient ("CHEST", "MEDICAL"): no evidence of a leak.
bool is_common_token(std::string_view upper_case);

}  // namespace veilroute::profiles

// What the leak search looks for: each identity term in every form in which it may leave.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "profiles/identity_terms.h"

namespace veilroute::profiles {

struct Needle {
  TermKind kind = TermKind::identifier;
  std::size_t length = 0;
  bool digits_only = false;
  bool part_of_place = false;
  bool strong = false;                  ///< long enough to be searched in bytes that are no text
  bool is_bytes = false;                ///< another encoding of a term, not its comparable form
  bool is_notation = false;             ///< a date in other figures than DA's
  bool is_short_date = false;           ///< and with two digits for the year
  bool names_a_station = false;         ///< one word without digits, read from Station Name alone
  std::vector<std::uint32_t> stays_in;  ///< packed tags in which the term may leave as it came
};

struct Needles {
  std::vector<std::string> texts;
  std::vector<Needle> needles;  ///< of the same index
};

/// What becomes of a term: empty, it is not sought; else sought everywhere but in these (packed)
/// tags.
using Seek = std::function<std::optional<std::vector<std::uint32_t>>(const Term&)>;

/// All forms of the terms that are sought: comparable, in the byte forms of every encoding that
/// could hold them, dates in their notations; and the UIDs, unless the profile keeps them.
Needles needles_for(const IdentityTerms::State& terms, const Seek& seek, bool uids_are_sought);

/// False where an occurrence is another number, word or date that only holds the needle's letters.
bool counts(const Needle& needle, ByteView bytes, std::size_t begin);

}  // namespace veilroute::profiles

// The ways in which people and machines write a day.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace veilroute::profiles {

struct DateNotation {
  std::string text;       ///< comparable (core/base/unicode.h)
  bool is_short = false;  ///< two digits for the year: evidence only as a whole word of a text
};

/// Of a day as DA writes it (YYYYMMDD): with dashes, slashes, dots and colons, day or month or year first,
/// padded or not, with the names of the month in English, German, French, Spanish and Italian, and as
/// Chinese, Japanese and Korean write it; without YYYYMMDD itself, and without doubles. Empty when it
/// is no day.
std::vector<DateNotation> notations_of(std::string_view day);

}  // namespace veilroute::profiles

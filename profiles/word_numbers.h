// Which numbers of a text may stay: measures may, dates, times, ages and record numbers may not.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/words.h"

namespace veilroute::profiles {

/// One word or number of a text, and what stands between it and the one before.
struct Atom {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string upper;        ///< the letters of ASCII in upper case
  std::string_view before;  ///< separator since the previous atom, or the beginning
  bool kept = false;
  bool is_unknown_word = false;  ///< may be a name: goes, and takes initials along
};

/// The name of a month or its usual abbreviation, in English, German, French or Spanish.
bool names_a_month(std::string_view upper);

/// Digits with points or commas between them: "12", "0.625", "3.4.21".
bool is_number(std::string_view upper);

/// Letters and digits together that are a measure or a technical name: "3MM", "T2W", "B30F",
/// "256X256". `is_word` says which runs of letters are known words.
bool is_measure(std::string_view upper, const WordTest& is_word);

/// Drops, of the numbers kept so far, those that read as a date or a time or belong to one, tell an
/// age, or are too long, alone or in a row.
void drop_telling_numbers(std::vector<Atom>& atoms);

}  // namespace veilroute::profiles

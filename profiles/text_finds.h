// What identifies within a text that nobody has structured: numbers, addresses, telephone numbers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace veilroute::profiles {

/// All take a comparable text (core/base/unicode.h). Any thread.

/// Runs of `least` digits and more that are no fractions ("0.35714"), each also without leading
/// zeros where enough is left.
std::vector<std::string> numbers_in(std::string_view text, std::size_t least);
/// "ANN.DOE@EXAMPLE.ORG", and what stands before the @.
std::vector<std::string> mail_addresses_in(std::string_view text);
/// Seven to fifteen digits, parted by blanks, dots, dashes, slashes or brackets: as written, and
/// the digits alone.
std::vector<std::string> telephone_numbers_in(std::string_view text);
/// What stands between blanks, quotes, angle brackets and the like.
std::vector<std::string_view> tokens_in(std::string_view text);

/// "480.000000": a number with a fraction.
bool is_measurement(std::string_view text);

std::size_t digits_of(std::string_view text);
bool is_all_digits(std::string_view text);

}  // namespace veilroute::profiles

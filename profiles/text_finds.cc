// Finds without a grammar: rather one too many, since each is only searched for.
#include "profiles/text_finds.h"

#include <algorithm>

namespace veilroute::profiles {
namespace {

bool is_decimal(char c) { return c >= '0' && c <= '9'; }

constexpr std::string_view kBetweenDigits = " .-/()+";

std::string_view cut_to_digits(std::string_view text) {
  while (!text.empty() && !is_decimal(text.front())) text.remove_prefix(1);
  while (!text.empty() && !is_decimal(text.back())) text.remove_suffix(1);
  return text;
}

std::string only_digits(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), is_decimal);
  return digits;
}

/// "35714" of "0.35714": a measurement, and no number that anybody is filed under. "1.2.35714" and
/// "0.35714.2" are none.
bool is_fraction(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin < 2 || text[begin - 1] != '.' || !is_decimal(text[begin - 2])) return false;
  std::size_t whole = begin - 2;
  while (whole > 0 && is_decimal(text[whole - 1])) --whole;
  return (whole == 0 || text[whole - 1] != '.') && (end >= text.size() || text[end] != '.');
}

}  // namespace

std::vector<std::string> numbers_in(std::string_view text, std::size_t least) {
  std::vector<std::string> numbers;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_decimal(text[at])) continue;
    std::size_t end = at;
    while (end < text.size() && is_decimal(text[end])) ++end;
    std::string_view run = text.substr(at, end - at);
    const bool fraction = is_fraction(text, at, end);
    at = end;
    if (run.size() < least || fraction) continue;
    numbers.emplace_back(run);
    const std::size_t first = run.find_first_not_of('0');
    if (first != 0 && first != run.npos && run.size() - first >= least) {
      numbers.emplace_back(run.substr(first));
    }
  }
  return numbers;
}

std::vector<std::string> mail_addresses_in(std::string_view text) {
  std::vector<std::string> addresses;
  constexpr std::size_t kShortestLocalPart = 4;
  for (std::string_view token : tokens_in(text)) {
    while (!token.empty() && token.back() == '.') token.remove_suffix(1);
    const std::size_t at = token.find('@');
    if (at == token.npos || at == 0 || token.find('.', at) == token.npos) continue;
    addresses.emplace_back(token);
    if (at >= kShortestLocalPart) addresses.emplace_back(token.substr(0, at));
  }
  return addresses;
}

bool is_measurement(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  const std::size_t dot = text.find('.');
  const std::size_t exponent = std::min(text.find_first_of("eE"), text.size());
  if (dot == text.npos || dot > exponent) return false;
  const std::string_view whole = text.substr(0, dot);
  const std::string_view fraction = text.substr(dot + 1, exponent - dot - 1);
  // "555.1234" is how some write a telephone number.
  const bool telephone = whole.size() == 3 && fraction.size() == 4;
  return (whole.empty() || is_all_digits(whole)) && is_all_digits(fraction) && !telephone;
}

std::vector<std::string> telephone_numbers_in(std::string_view text) {
  constexpr std::size_t kLeast = 7;
  constexpr std::size_t kMost = 15;  // E.164
  std::vector<std::string> numbers;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto belongs = [](char c) {
      return is_decimal(c) || kBetweenDigits.find(c) != kBetweenDigits.npos;
    };
    std::size_t end = at;
    while (end < text.size() && belongs(text[end])) ++end;
    const std::string_view run = cut_to_digits(text.substr(at, end - at));
    at = end;
    const std::size_t digits = digits_of(run);
    if (digits < kLeast || digits > kMost || digits == run.size() || is_measurement(run)) continue;
    numbers.emplace_back(run);
    numbers.push_back(only_digits(run));
  }
  return numbers;
}

std::vector<std::string_view> tokens_in(std::string_view text) {
  std::vector<std::string_view> tokens;
  constexpr std::string_view kBetween = " \t\r\n\f\\\"'<>,;|=()[]{}";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(kBetween), text.size());
    if (end != 0) tokens.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return tokens;
}

std::size_t digits_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_decimal));
}

bool is_all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_decimal);
}

}  // namespace veilroute::profiles

// Dates by counting days, texts by the vocabulary's own lines.
#include "profiles/verify_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <sstream>

#include "core/base/unicode.h"

extern "C" {
extern const char veilroute_vocabulary[];
extern const char veilroute_vocabulary_end[];
}

namespace veilroute::profiles {
namespace {

namespace vr = dicom::vr;

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int number(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_in(int year, int month) {
  static constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

/// Day by day: slow, plain, and unlike the arithmetic it checks.
std::optional<std::string> moved(std::string_view day, int offset) {
  int year = number(day.substr(0, 4));
  int month = number(day.substr(4, 2));
  int date = number(day.substr(6, 2));
  if (year < 1 || month < 1 || month > 12 || date < 1 || date > days_in(year, month))
    return std::nullopt;
  for (; offset > 0; --offset) {
    if (++date <= days_in(year, month)) continue;
    date = 1;
    if (++month > 12) ++year, month = 1;
  }
  for (; offset < 0; ++offset) {
    if (--date > 0) continue;
    if (--month < 1) --year, month = 12;
    if (year < 1) return std::nullopt;
    date = days_in(year, month);
  }
  if (year > 9999) return std::nullopt;
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04d%02d%02d", year, month, date);
  return text.data();
}

/// The vocabulary, read here by itself.
const std::set<std::string, std::less<>>& vocabulary() {
  static const auto kWords = [] {
    std::set<std::string, std::less<>> words;
    std::istringstream lines(std::string(veilroute_vocabulary, veilroute_vocabulary_end));
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty() && line.front() != '#') words.insert(upper_case(line));
    }
    return words;
  }();
  return kWords;
}

enum class Sort : std::uint8_t { letter, digit, between, strange };

Sort sort_of(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Sort::letter;
  if (c >= '0' && c <= '9') return Sort::digit;
  return c >= ' ' && c <= '~' ? Sort::between : Sort::strange;
}

/// Letters that may leave: a word of the vocabulary, or too few to be a name ("mm", "kV", "B" of
/// "B30f").
bool is_plain_run(std::string_view run) {
  constexpr std::size_t kLongestUnit = 3;
  return run.size() <= kLongestUnit || vocabulary().contains(upper_case(run));
}

/// "PelvisLateral" is two words.
bool is_plain_word(std::string_view word) {
  if (is_plain_run(word)) return true;
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= word.size(); ++i) {
    const bool ends = i == word.size() || (word[i] >= 'A' && word[i] <= 'Z' && word[i - 1] >= 'a' &&
                                           word[i - 1] <= 'z');
    if (!ends) continue;
    if (!is_plain_run(word.substr(begin, i - begin))) return false;
    begin = i;
  }
  return true;
}

/// Runs of letters and of digits, joined without a space.
bool is_clean_token(std::string_view token) {
  constexpr std::size_t kLongestNumber = 4;
  if (vocabulary().contains(upper_case(token))) return true;
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= token.size(); ++i) {
    if (i < token.size() && sort_of(token[i]) == sort_of(token[begin])) continue;
    const std::string_view run = token.substr(begin, i - begin);
    const bool fine =
        sort_of(run.front()) == Sort::digit ? run.size() <= kLongestNumber : is_plain_word(run);
    if (!fine) return false;
    begin = i;
  }
  return true;
}

std::string_view date_part(std::string_view value) {
  return value.substr(0, std::min<std::size_t>(value.find_first_not_of("0123456789"), 8));
}

}  // namespace

ShiftedDays::ShiftedDays(const std::set<std::string, std::less<>>& days, int offset_days) {
  for (const std::string& day : days) {
    if (!all_digits(day) || day.size() != 8) continue;
    if (const auto to = moved(day, offset_days)) days_.insert(*to);
    for (const int zone : {-1, 1}) {
      if (const auto to = moved(day, offset_days + zone)) neighbours_.insert(*to);
    }
  }
}

bool ShiftedDays::allow(dicom::Vr which, std::string_view value) const {
  if (which == vr::TM) return true;
  if (value.find_first_of("+-") != value.npos) return false;  // a zone, or a range
  std::string plain(value);
  std::erase(plain, '.');
  const std::string_view date = date_part(which == vr::DA ? std::string_view(plain) : value);
  constexpr std::size_t kDay = 8;
  // A year, or a year and a month, of a DT.
  if (date.size() < kDay) return which == vr::DT && date.size() == value.size();
  if (days_.find(date) != days_.end()) return true;
  return which == vr::DT && value.size() > kDay && neighbours_.find(date) != neighbours_.end();
}

bool is_year_alone(dicom::Vr which, std::string_view value) {
  if (!all_digits(value)) return false;
  return which == vr::DA ? value.size() == 8 && value.ends_with("0101")
                         : which == vr::DT && value.size() == 4;
}

bool is_age_that_may_leave(std::string_view value) {
  if (value.size() != 4 || !all_digits(value.substr(0, 3))) return false;
  const int count = number(value.substr(0, 3));
  switch (value.back()) {
    case 'Y':
      return count <= 90;
    case 'M':
      return count < 90 * 12;
    case 'W':
    case 'D':
      return true;  // 999 weeks are 19 years
    default:
      return false;
  }
}

bool is_clean_text(std::string_view value) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= value.size(); ++i) {
    if (i < value.size() && sort_of(value[i]) == Sort::strange) return false;
    if (i < value.size() && sort_of(value[i]) != Sort::between) continue;
    if (i > begin && !is_clean_token(value.substr(begin, i - begin))) return false;
    begin = i + 1;
  }
  return true;
}

bool is_hash(std::string_view value) {
  constexpr std::size_t kDigits = 16;
  return value.size() == kDigits &&
         value.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

}  // namespace veilroute::profiles

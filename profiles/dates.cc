#include "profiles/dates.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "profiles/shapes.h"

namespace veilroute::profiles {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// The Gregorian calendar repeats after these, to the day.
constexpr std::int64_t kCycleYears = 400;
constexpr std::int64_t kCycleDays = 146'097;
constexpr std::int64_t kMonthsAYear = 12;
constexpr int kLastYear = 9999;
constexpr int kMinutesAnHour = 60;
constexpr int kMinutesADay = 24 * 60;

bool is_digits_only(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// Of digits only, at most nine of them.
int digits_to_int(std::string_view digits) {
  int number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

/// A text with each of its values changed; nullopt as soon as one answer is.
template <typename Change>
std::optional<std::string> change_each(std::string_view text, Change change) {
  std::string out;
  const bool all = all_components(text, [&](std::string_view value) {
    if (!value.empty()) {
      const std::optional<std::string> changed = change(value);
      if (!changed) return false;
      out += *changed;
    }
    out += '\\';
    return true;
  });
  if (!all) return std::nullopt;
  out.pop_back();
  return out;
}

std::optional<year_month_day> calendar_day(int year, int month, int day) {
  const year_month_day date{std::chrono::year(year),
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1 || year > kLastYear || !date.ok()) return std::nullopt;
  return date;
}

/// YYYYMMDD.
std::optional<year_month_day> parse_day(std::string_view digits) {
  if (digits.size() != 8 || !is_digits_only(digits)) return std::nullopt;
  return calendar_day(digits_to_int(digits.substr(0, 4)), digits_to_int(digits.substr(4, 2)),
                      digits_to_int(digits.substr(6, 2)));
}

/// A DA, and whether it stands in the form of ACR-NEMA.
struct ParsedDate {
  year_month_day day;
  bool dotted = false;
};
std::optional<ParsedDate> parse_date(std::string_view text) {
  std::string digits(text);
  const bool dotted = text.size() == 10 && text[4] == '.' && text[7] == '.';
  if (dotted) digits = digits.substr(0, 4) + digits.substr(5, 2) + digits.substr(8, 2);
  const auto day = parse_day(digits);
  if (!day) return std::nullopt;
  return ParsedDate{*day, dotted};
}

/// At least `width` digits.
std::string padded(std::int64_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

std::string day_text(year_month_day day, std::string_view between) {
  std::string text = padded(static_cast<int>(day.year()), 4);
  text.append(between).append(padded(static_cast<unsigned>(day.month()), 2));
  return text.append(between).append(padded(static_cast<unsigned>(day.day()), 2));
}

std::optional<year_month_day> move_day(year_month_day day, std::int64_t by) {
  constexpr sys_days kFirst{std::chrono::year(1) / 1 / 1};
  constexpr sys_days kLast{std::chrono::year(kLastYear) / 12 / 31};
  const sys_days from(day);
  // Compared as differences: `from + by` may not be one that a calendar can hold.
  if (by < (kFirst - from).count() || by > (kLast - from).count()) return std::nullopt;
  return year_month_day(from + days(by));
}

/// Days in the unit of which the calendar's cycle has `units`; to the nearest, halves away from
/// 0, so that the opposite offset leads back.
std::int64_t nearest(std::int64_t by, std::int64_t units) {
  const std::int64_t half = by < 0 ? -kCycleDays : kCycleDays;
  return (2 * by * units + half) / (2 * kCycleDays);
}

/// HH, HHMM, HHMMSS or HHMMSS.F to .FFFFFF. A leap second is one.
bool is_clock_time(std::string_view text) {
  const std::string_view whole = text.substr(0, text.find('.'));
  if (whole.size() > 6 || whole.size() % 2 != 0 || !is_digits_only(whole)) return false;
  constexpr std::array<int, 3> kLargest{23, 59, 60};
  for (std::size_t i = 0; i * 2 < whole.size(); ++i) {
    if (digits_to_int(whole.substr(i * 2, 2)) > kLargest.at(i)) return false;
  }
  if (whole.size() == text.size()) return true;
  const std::string_view fraction = text.substr(whole.size() + 1);
  return whole.size() == 6 && fraction.size() <= 6 && is_digits_only(fraction);
}

/// A DT in its parts. Month and day are 1 where the text ends before them.
struct ParsedDateTime {
  year_month_day day;
  std::size_t date_digits = 8;  ///< 4, 6 or 8
  std::string_view time;        ///< valid, or empty
  std::optional<minutes> zone;
};
std::optional<ParsedDateTime> parse_date_time(std::string_view text) {
  ParsedDateTime parsed;
  const std::size_t sign = text.find_first_of("+-");
  if (sign != text.npos) {
    parsed.zone = parse_zone(text.substr(sign));
    if (!parsed.zone) return std::nullopt;
    text = text.substr(0, sign);
  }
  std::string date(text.substr(0, 8));
  parsed.date_digits = date.size();
  parsed.time = text.substr(date.size());
  if (date.size() == 4) date += "0101";
  if (date.size() == 6) date += "01";
  const auto day = parse_day(date);
  if (!day || (!parsed.time.empty() && !is_clock_time(parsed.time))) return std::nullopt;
  parsed.day = *day;
  return parsed;
}

/// The year of a DA, which may also end after the year or the month.
std::optional<int> year_of_date(std::string_view text) {
  if (const auto date = parse_date(text)) return static_cast<int>(date->day.year());
  if (text.size() != 4 && text.size() != 6) return std::nullopt;
  const auto partial = parse_date_time(text);
  if (!partial) return std::nullopt;
  return static_cast<int>(partial->day.year());
}

/// YYYY or YYYYMM.
std::optional<std::string> move_partial(const ParsedDateTime& from, std::int64_t by) {
  const std::int64_t year = static_cast<int>(from.day.year());
  if (from.date_digits == 4) {
    const std::int64_t moved = year + nearest(by, kCycleYears);
    if (moved < 1 || moved > kLastYear) return std::nullopt;
    return padded(moved, 4);
  }
  const std::int64_t month = year * kMonthsAYear + static_cast<unsigned>(from.day.month()) - 1;
  const std::int64_t moved = month + nearest(by, kCycleYears * kMonthsAYear);
  if (moved < kMonthsAYear || moved >= (kLastYear + 1) * kMonthsAYear) return std::nullopt;
  return padded(moved / kMonthsAYear, 4) + padded(moved % kMonthsAYear + 1, 2);
}

/// YYYYMMDD with or without a time; `later`: what is added to the clock to be in the object's zone.
std::optional<std::string> move_full(const ParsedDateTime& from, std::int64_t by, minutes later) {
  std::string time(from.time);
  if (!time.empty() && later != minutes(0)) {
    const bool has_minutes = time.size() >= 4;
    int clock = digits_to_int(from.time.substr(0, 2)) * kMinutesAnHour +
                static_cast<int>(later.count()) +
                (has_minutes ? digits_to_int(from.time.substr(2, 2)) : 0);
    while (clock < 0) clock += kMinutesADay, --by;
    while (clock >= kMinutesADay) clock -= kMinutesADay, ++by;
    time.replace(0, 2, padded(clock / kMinutesAnHour, 2));
    if (has_minutes) time.replace(2, 2, padded(clock % kMinutesAnHour, 2));
  }
  const auto day = move_day(from.day, by);
  if (!day) return std::nullopt;
  return day_text(*day, "") + time;
}

/// An AS that can be read, also with too few or too many digits for its VR.
struct ParsedAge {
  bool over_89 = false;
  bool well_formed = false;
};
std::optional<ParsedAge> parse_age(std::string_view text) {
  struct Unit {
    char letter;
    std::int64_t cycle;  ///< how many make 400 years
  };
  static constexpr std::array<Unit, 4> kUnits{{{'D', kCycleDays},
                                               {'W', kCycleDays / 7},
                                               {'M', kCycleYears * kMonthsAYear},
                                               {'Y', kCycleYears}}};
  constexpr std::size_t kMostDigits = 6;
  constexpr std::int64_t kFirstHiddenAge = 90;
  if (text.size() < 2 || text.size() > kMostDigits + 1) return std::nullopt;
  const std::string_view digits = text.substr(0, text.size() - 1);
  const auto* const unit =
      std::find_if(kUnits.begin(), kUnits.end(), [&](Unit u) { return u.letter == text.back(); });
  if (unit == kUnits.end() || !is_digits_only(digits)) return std::nullopt;
  const std::int64_t age = digits_to_int(digits);
  return ParsedAge{age * kCycleYears >= kFirstHiddenAge * unit->cycle, digits.size() == 3};
}

}  // namespace

std::optional<minutes> parse_zone(std::string_view text) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-') || !is_digits_only(text.substr(1))) {
    return std::nullopt;
  }
  const int past_the_hour = digits_to_int(text.substr(3));
  if (past_the_hour >= kMinutesAnHour) return std::nullopt;
  const minutes east((digits_to_int(text.substr(1, 2)) * kMinutesAnHour + past_the_hour) *
                     (text[0] == '-' ? -1 : 1));
  if (east < std::chrono::hours(-12) || east > std::chrono::hours(14)) return std::nullopt;
  return east;
}

void ObjectZone::see(std::string_view date_times) {
  all_components(date_times, [this](std::string_view value) {
    const auto parsed = parse_date_time(value);
    if (parsed && parsed->zone) ++seen_[*parsed->zone];
    return true;
  });
}

std::optional<minutes> ObjectZone::get() const {
  if (declared_) return declared_;
  const auto most = std::max_element(
      seen_.begin(), seen_.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == seen_.end()) return std::nullopt;
  return most->first;
}

std::optional<std::string> DateShift::date(std::string_view dates) const {
  if (days_ == days(0)) return std::nullopt;
  return change_each(dates, [this](std::string_view value) -> std::optional<std::string> {
    const auto from = parse_date(value);
    if (!from) return std::nullopt;
    const auto day = move_day(from->day, days_.count());
    if (!day) return std::nullopt;
    return day_text(*day, from->dotted ? "." : "");
  });
}

std::optional<std::string> DateShift::date_time(std::string_view date_times) const {
  if (days_ == days(0)) return std::nullopt;
  return change_each(date_times, [this](std::string_view value) -> std::optional<std::string> {
    const auto from = parse_date_time(value);
    if (!from || (from->zone && !zone_)) return std::nullopt;
    if (from->date_digits < 8) return move_partial(*from, days_.count());
    return move_full(*from, days_.count(), from->zone ? *zone_ - *from->zone : minutes(0));
  });
}

std::optional<std::string> date_to_year(std::string_view dates) {
  return change_each(dates, [](std::string_view value) -> std::optional<std::string> {
    const auto year = year_of_date(value);
    if (!year) return std::nullopt;
    return padded(*year, 4) + "0101";
  });
}

std::optional<std::string> date_time_to_year(std::string_view date_times) {
  return change_each(date_times, [](std::string_view value) -> std::optional<std::string> {
    const auto parsed = parse_date_time(value);
    if (!parsed) return std::nullopt;
    return padded(static_cast<int>(parsed->day.year()), 4);
  });
}

std::optional<std::string> keep_time(std::string_view times) {
  return change_each(times, [](std::string_view value) -> std::optional<std::string> {
    std::string digits(value);
    if (value.size() >= 8 && value[2] == ':' && value[5] == ':') digits.erase(5, 1).erase(2, 1);
    if (!is_clock_time(digits)) return std::nullopt;
    return std::string(value);
  });
}

std::optional<std::string> cap_age(std::string_view ages) {
  return change_each(ages, [](std::string_view value) -> std::optional<std::string> {
    const auto age = parse_age(value);
    if (age && age->over_89) return "090Y";
    if (!age || !age->well_formed) return std::nullopt;
    return std::string(value);
  });
}

bool birth_year_reveals_age(const AgeClues& clues) {
  constexpr int kOldestShownAge = 89;
  const auto age = parse_age(clues.age);
  if (age && age->over_89) return true;
  const auto born = year_of_date(clues.birth_date);
  const auto studied = year_of_date(clues.study_date);
  if (born && studied) return *studied - *born > kOldestShownAge;
  return !born || !age || !age->well_formed;
}

}  // namespace veilroute::profiles

#include "profiles/word_numbers.h"

#include <algorithm>
#include <array>
#include <span>

namespace veilroute::profiles {
namespace {

constexpr std::size_t kMostDigits = 4;      // of one number: dates and record numbers have more
constexpr std::size_t kMostDigitsARow = 6;  // of numbers with no word between: telephones have more
constexpr std::size_t kMostMatrixDigits = 9;  // "512x512x512"

bool digit_at(std::string_view text, std::size_t i) {
  return i < text.size() && text[i] >= '0' && text[i] <= '9';
}

std::size_t count_digits(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }));
}

bool is_whole_number(std::string_view text) {
  return !text.empty() && count_digits(text) == text.size();
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// May follow a number directly. None that an age is told in: years, months, weeks, days.
bool is_unit(std::string_view word) {
  static constexpr auto kUnits = std::to_array<std::string_view>(
      {"MM",  "CM",   "UM",  "NM",   "CC",  "ML",  "DL",   "MG",   "UG",  "KG",    "G",
       "KV",  "KVP",  "KEV", "MEV",  "MV",  "MA",  "MAS",  "UA",   "UAS", "MS",    "S",
       "SEC", "SECS", "MIN", "MINS", "HZ",  "KHZ", "MHZ",  "GY",   "CGY", "MGY",   "UGY",
       "SV",  "MSV",  "BQ",  "KBQ",  "MBQ", "GBQ", "MCI",  "CI",   "T",   "TESLA", "X",
       "CH",  "FPS",  "DEG", "PX",   "PCT", "BPM", "MMHG", "HU",   "PPM", "MMOL",  "MOL",
       "ST",  "ND",   "RD",  "TH",   "V",   "VW",  "VWS",  "ECHO", "SL",  "SLC",   "NEX"});
  return is_one_of(kUnits, word);
}

/// How many digits may follow letters; 0: these letters stand before no number. Of single letters
/// only those of vertebrae, weightings and reconstruction kernels: "M45" and "F92" are people.
std::size_t digits_after(std::string_view letters, const WordTest& is_word) {
  static constexpr auto kPhysics = std::to_array<std::string_view>({"B", "TE", "TI", "TR"});
  static constexpr auto kShort = std::to_array<std::string_view>(
      {"C",  "D",  "H",  "I",  "J",  "K",  "L",  "P",  "Q",  "R",  "S",  "T",
       "U",  "V",  "X",  "TH", "BF", "BL", "BR", "BV", "BC", "EP", "ET", "FA",
       "FC", "FL", "HC", "HF", "HP", "HR", "HV", "QR", "SV", "TF", "TP", "UR"});
  if (is_one_of(kPhysics, letters)) return kMostDigits;
  if (is_one_of(kShort, letters) || (letters.size() > 1 && is_word(letters))) return 2;
  return 0;
}

/// May end a name that has digits within: "T2W", "B30F", "EP2D".
bool is_suffix(std::string_view letters, const WordTest& is_word) {
  constexpr std::string_view kLetters = "ABCDFHRSWX";
  if (letters.size() == 1) return kLetters.find(letters[0]) != kLetters.npos;
  return is_word(letters);
}

/// Letters and numbers in turn; a number may have one point or comma. Empty: it has more.
std::vector<std::string_view> runs_of(std::string_view text) {
  std::vector<std::string_view> runs;
  while (!text.empty()) {
    const bool digits = digit_at(text, 0);
    std::size_t end = 1;
    const auto belongs = [&](char c) {
      return ((c >= '0' && c <= '9') || c == '.' || c == ',') == digits;
    };
    while (end < text.size() && belongs(text[end])) ++end;
    runs.push_back(text.substr(0, end));
    if (end - count_digits(runs.back()) > 1 && digits) return {};
    text.remove_prefix(end);
  }
  return runs;
}

/// "3MM", "2VIEWS", "256X256", "0.6X0.6X3MM": numbers with X between, then a unit.
bool is_number_with_unit(std::span<const std::string_view> runs, const WordTest& is_word) {
  std::size_t i = 0;
  std::size_t digits = 0;
  while (i + 2 < runs.size() && runs[i + 1] == "X") {
    if (count_digits(runs[i]) > kMostDigits) return false;
    digits += count_digits(runs[i]);
    i += 2;
  }
  digits += count_digits(runs[i]);
  if (digits > (i == 0 ? kMostDigits : kMostMatrixDigits)) return false;
  if (count_digits(runs[i]) > kMostDigits) return false;
  if (i + 1 == runs.size()) return i > 0;
  if (i + 2 != runs.size()) return false;
  const std::string_view unit = runs[i + 1];
  return is_unit(unit) || (runs[i].size() <= 2 && unit.size() > 2 && is_word(unit));
}

/// "T2", "B30F", "EP2D1", "L4L5": known letters, few digits, perhaps known letters.
bool is_name_with_digits(std::span<const std::string_view> runs, const WordTest& is_word) {
  std::size_t digits = 0;
  for (std::size_t i = 0; i + 1 < runs.size(); i += 2) {
    const std::size_t most = digits_after(runs[i], is_word);
    const bool repeats = i > 0 && is_suffix(runs[i], is_word);
    if (most == 0 && !repeats) return false;
    if (count_digits(runs[i + 1]) > (most == 0 ? 2 : most)) return false;
    digits += count_digits(runs[i + 1]);
  }
  if (digits > kMostDigits) return false;
  return runs.size() % 2 == 0 || is_suffix(runs.back(), is_word);
}

int whole_number(std::string_view digits) {
  int number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

bool may_be_day(std::string_view digits) {
  return digits.size() <= 2 && whole_number(digits) >= 1 && whole_number(digits) <= 31;
}
bool may_be_month(std::string_view digits) {
  return digits.size() <= 2 && whole_number(digits) >= 1 && whole_number(digits) <= 12;
}
bool may_be_year(std::string_view digits) {
  if (digits.size() == 2) return true;
  return digits.size() == 4 && whole_number(digits) >= 1900 && whole_number(digits) <= 2099;
}

/// One number that by itself reads as a date: "2021", "0304" or "1203" (month and day in either
/// order), "12.05" (day and month).
bool looks_like_date(std::string_view number) {
  const std::size_t point = number.find_first_of(".,");
  if (point != number.npos) {
    const std::string_view after = number.substr(point + 1);
    return may_be_day(number.substr(0, point)) && after.size() == 2 && may_be_month(after);
  }
  if (number.size() != 4) return false;
  const std::string_view first = number.substr(0, 2);
  const std::string_view last = number.substr(2);
  return may_be_year(number) || number[0] == '0' || (may_be_day(first) && may_be_month(last)) ||
         (may_be_month(first) && may_be_day(last));
}

/// Three numbers with anything between: "3 4 21", "2021 3 4".
bool looks_like_date(std::string_view a, std::string_view b, std::string_view c) {
  if (!is_whole_number(a) || !is_whole_number(b) || !is_whole_number(c)) return false;
  const auto day_and_month = [](std::string_view x, std::string_view y) {
    return (may_be_day(x) && may_be_month(y)) || (may_be_month(x) && may_be_day(y));
  };
  return (day_and_month(a, b) && may_be_year(c)) || (may_be_year(a) && day_and_month(b, c));
}

/// Two numbers joined by one mark: "3/4", "03-21", "14:30".
bool looks_like_date_or_time(std::string_view a, char mark, std::string_view b) {
  if (mark == ':') return b.size() == 2;
  if (!is_whole_number(a) || !is_whole_number(b)) return false;
  const bool day_and_month =
      (may_be_day(a) && may_be_month(b)) || (may_be_month(a) && may_be_day(b));
  if (mark == '/') return day_and_month || (may_be_month(a) && may_be_year(b));
  return a[0] == '0' || b[0] == '0';
}

/// Beside these a number is a date or an age.
bool tells_of_time(std::string_view word) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"Y",    "YO",    "YR",      "YRS",   "YEAR",   "YEARS", "OLD",   "AGE",  "AGED",
       "JAHR", "JAHRE", "JAEHRIG", "J",     "ALTER",  "ANS",   "ANO",   "ANOS", "EDAD",
       "DOB",  "BORN",  "GEB",     "MONTH", "MONTHS", "WEEK",  "WEEKS", "WK",   "WKS",
       "DAY",  "DAYS",  "YOM",     "YOF",   "MOS",    "TEL",   "PHONE", "MRN"});
  return names_a_month(word) || is_one_of(kWords, word);
}

/// True when atom `i` and the one before are numbers with one mark and nothing else between.
bool is_joined(const std::vector<Atom>& atoms, std::size_t i) {
  constexpr std::string_view kMarks = "/-:._";
  return atoms[i].before.size() == 1 && kMarks.find(atoms[i].before[0]) != kMarks.npos;
}

/// Numbers in a row, with no word between.
class RowOfAtoms {
 public:
  RowOfAtoms(std::vector<Atom>& atoms, std::size_t begin, std::size_t end)
      : atoms_(atoms), begin_(begin), end_(end) {}

  void judge() {
    std::size_t digits = 0;
    bool is_date = false;
    for (std::size_t i = begin_; i < end_; ++i) {
      digits += count_digits(atoms_[i].upper);
      is_date =
          is_date || (i >= begin_ + 2 &&
                      looks_like_date(atoms_[i - 2].upper, atoms_[i - 1].upper, atoms_[i].upper));
    }
    if (is_date || digits > kMostDigitsARow) return drop(begin_, end_);
    for (std::size_t i = begin_; i < end_;) {
      std::size_t end = i + 1;
      while (end < end_ && is_joined(atoms_, end)) ++end;
      joined(i, end);
      i = end;
    }
  }

 private:
  void drop(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) atoms_[i].kept = false;
  }

  void joined(std::size_t begin, std::size_t end) {
    std::size_t digits = 0;
    bool is_date = end - begin > 2;
    for (std::size_t i = begin; i < end; ++i) {
      digits += count_digits(atoms_[i].upper);
      is_date = is_date || is_date_alone(i);
    }
    if (end - begin == 2) {
      const Atom& last = atoms_[begin + 1];
      is_date = is_date || looks_like_date_or_time(atoms_[begin].upper, last.before[0], last.upper);
    }
    if (is_date || digits > kMostDigits) drop(begin, end);
  }

  [[nodiscard]] bool is_date_alone(std::size_t i) const {
    const bool has_unit = i + 1 < atoms_.size() && atoms_[i + 1].upper.size() > 1 &&
                          is_unit(atoms_[i + 1].upper) && atoms_[i + 1].before == " ";
    const std::string& number = atoms_[i].upper;
    if (std::count_if(number.begin(), number.end(), [](char c) { return c == '.' || c == ','; }) >
        1) {
      return true;
    }
    return !has_unit && looks_like_date(number);
  }

  std::vector<Atom>& atoms_;
  std::size_t begin_;
  std::size_t end_;
};

}  // namespace

bool names_a_month(std::string_view upper) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"JAN",      "FEB",       "MAR",      "APR",       "MAY",        "JUN",      "JUL",
       "AUG",      "SEP",       "SEPT",     "OCT",       "NOV",        "DEC",      "JANUARY",
       "FEBRUARY", "MARCH",     "APRIL",    "JUNE",      "JULY",       "AUGUST",   "SEPTEMBER",
       "OCTOBER",  "NOVEMBER",  "DECEMBER", "JANUAR",    "FEBRUAR",    "MAERZ",    "MRZ",
       "MAI",      "JUNI",      "JULI",     "OKT",       "OKTOBER",    "DEZ",      "DEZEMBER",
       "ENE",      "ENERO",     "FEBRERO",  "MARZO",     "ABR",        "ABRIL",    "MAYO",
       "JUNIO",    "JULIO",     "AGO",      "AGOSTO",    "SEPTIEMBRE", "OCTUBRE",  "NOVIEMBRE",
       "DIC",      "DICIEMBRE", "JANV",     "JANVIER",   "FEVRIER",    "MARS",     "AVRIL",
       "JUIN",     "JUILLET",   "AOUT",     "SEPTEMBRE", "OCTOBRE",    "NOVEMBRE", "DECEMBRE"});
  return is_one_of(kNames, upper);
}

bool is_number(std::string_view upper) {
  return digit_at(upper, 0) && upper.find_first_not_of("0123456789.,") == upper.npos;
}

bool is_measure(std::string_view upper, const WordTest& is_word) {
  const std::vector<std::string_view> runs = runs_of(upper);
  if (runs.size() < 2) return false;
  return digit_at(upper, 0) ? is_number_with_unit(runs, is_word)
                            : is_name_with_digits(runs, is_word);
}

void drop_telling_numbers(std::vector<Atom>& atoms) {
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const bool beside_time = (i > 0 && tells_of_time(atoms[i - 1].upper)) ||
                             (i + 1 < atoms.size() && tells_of_time(atoms[i + 1].upper));
    if (digit_at(atoms[i].upper, 0) && beside_time) atoms[i].kept = false;
  }
  for (std::size_t i = 0; i < atoms.size();) {
    std::size_t end = i;
    while (end < atoms.size() && is_number(atoms[end].upper)) ++end;
    if (end > i) RowOfAtoms(atoms, i, end).judge();
    i = std::max(end, i + 1);
  }
}

}  // namespace veilroute::profiles

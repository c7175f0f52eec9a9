// The shapes of values that may be kept unread (standard/unlisted.tsv names them).
#include "profiles/shapes.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/dicom/padding.h"
#include "profiles/word_numbers.h"

namespace veilroute::profiles {
namespace {

constexpr std::size_t kLongestNumber = 32;  // DS says 16; devices write up to 24
constexpr std::size_t kLongestCode = 16;
constexpr std::string_view kCodeMarks = "-.*/[]{}()%'_+";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_upper(c) || is_small(c); }

struct Count {
  std::size_t digits = 0;
  std::size_t digit_run = 0;
  std::size_t letter_run = 0;
};
Count count(std::string_view text) {
  Count most;
  std::size_t digits = 0;
  std::size_t letters = 0;
  for (const char c : text) {
    digits = is_digit(c) ? digits + 1 : 0;
    letters = is_letter(c) ? letters + 1 : 0;
    most.digits += is_digit(c) ? 1 : 0;
    most.digit_run = std::max(most.digit_run, digits);
    most.letter_run = std::max(most.letter_run, letters);
  }
  return most;
}

bool is_same_kind(char a, char b) {
  return (is_digit(a) && is_digit(b)) || (is_letter(a) && is_letter(b));
}

/// Runs of letters and runs of digits, in capitals, in their order.
std::vector<std::string> runs_in_capitals(std::string_view text) {
  std::vector<std::string> runs;
  char last = ' ';
  for (const char c : text) {
    if (is_letter(c) || is_digit(c)) {
      if (!is_same_kind(last, c)) runs.emplace_back();
      runs.back() += is_small(c) ? static_cast<char>(c - 'a' + 'A') : c;
    }
    last = c;
  }
  return runs;
}

/// "Jan 17", "17JAN2026": a month beside a number.
bool names_a_date(std::string_view text) {
  const std::vector<std::string> runs = runs_in_capitals(text);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!names_a_month(runs[i])) continue;
    const auto is_number_at = [&](std::size_t at) {
      return at < runs.size() && is_digit(runs[at][0]);
    };
    if (is_number_at(i + 1) || (i > 0 && is_number_at(i - 1))) return true;
  }
  return false;
}

/// Ages as AS writes them, alone.
bool is_age(std::string_view text) {
  constexpr std::size_t kLength = 4;
  constexpr std::string_view kUnits = "DWMY";
  return text.size() == kLength && count(text.substr(0, kLength - 1)).digits == kLength - 1 &&
         kUnits.find(text.back()) != kUnits.npos;
}

/// "https://", "www.", "host.example", "face.jpg": where something is, not what. Numbers with
/// points between them are versions as often as they are addresses: not judged here.
bool is_address(std::string_view text) {
  constexpr std::size_t kShortest = 2;  // of what stands behind the point in a name
  if (text.find("://") != text.npos || text.find("www.") != text.npos) return true;
  for (std::size_t i = 1; i + kShortest < text.size(); ++i) {
    const std::string_view behind = text.substr(i + 1, kShortest);
    if (text[i] == '.' && is_letter(text[i - 1]) &&
        std::all_of(behind.begin(), behind.end(), is_small)) {
      return true;
    }
  }
  return false;
}

/// What looks like technique to a shape and yet tells of a person.
bool tells(std::string_view text) { return names_a_date(text) || is_age(text) || is_address(text); }

struct Limits {
  std::size_t longest;
  std::size_t digits;     ///< in all
  std::size_t digit_run;  ///< one after another: dates, phone and record numbers are longer
  std::size_t letter_run;
  std::string_view marks;  ///< besides letters, digits and the space
};

bool within(std::string_view text, const Limits& limits) {
  if (text.size() > limits.longest) return false;
  const Count most = count(text);
  if (most.digits > limits.digits || most.digit_run > limits.digit_run) return false;
  if (most.letter_run > limits.letter_run || tells(text)) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || is_digit(c) || c == ' ' || limits.marks.find(c) != limits.marks.npos;
  });
}

constexpr Limits kDevice{64, 6, 4, 64, "-_.,/+()&*"};
// Versions are full of digits; words in them are where sites write their names.
constexpr Limits kVersion{64, 12, 5, 5, "-_.,/+():;"};
constexpr Limits kToken{32, 6, 4, 32, "-_.,/+()*:#%"};
constexpr Limits kPhrase{64, 4, 3, 64, "-_.,/+()&:%'"};

/// Ours is recognised whole, digits and all, so that a second run does not lose the first one's.
bool is_own_method(std::string_view text) {
  constexpr std::string_view kPrefix = "Veilroute ";
  constexpr std::size_t kHexDigits = 12;
  if (!text.starts_with(kPrefix) || text.size() < kPrefix.size() + kHexDigits + 2) return false;
  const std::string_view hex = text.substr(text.size() - kHexDigits);
  const std::string_view name =
      text.substr(kPrefix.size(), text.size() - kHexDigits - kPrefix.size());
  return name.back() == ' ' && name.size() <= 33 && count(name).digit_run <= 2 &&
         hex.find_first_not_of("0123456789abcdef") == hex.npos &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789- ") == name.npos;
}

std::string_view without_spaces(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

bool is_published_scheme(std::string_view designator) {
  // PS3.16 chapter 8; 99SDM and SRT are SNOMED under older designators. Local schemes are absent on
  // purpose: their meanings name rooms, people and procedures of one hospital.
  static constexpr std::array<std::string_view, 21> kSchemes{
      "DCM", "SCT",    "SRT",  "SNM3",     "99SDM",  "LN",          "UCUM",
      "FMA", "RADLEX", "UMLS", "NCIt",     "MDC",    "BI",          "ACR",
      "NEU", "UNS",    "MA",   "ITIS_TSN", "UBERON", "PUBCHEM_CID", "ISO639_1"};
  return std::find(kSchemes.begin(), kSchemes.end(), designator) != kSchemes.end();
}

std::string_view text_of(const dicom::Item& item, dicom::Tag tag) {
  const dicom::Element* element = dicom::Dataset::find(item, tag);
  if (element == nullptr || element->holds != dicom::Holds::value) return {};
  return without_spaces(dicom::trimmed(element->value));
}

}  // namespace

bool fits(Shape shape, std::string_view text) {
  return all_components(text, [shape](std::string_view part) {
    part = without_spaces(part);
    switch (shape) {
      case Shape::device:
        return within(part, kDevice);
      case Shape::version:
        return within(part, kVersion);
      case Shape::token:
        return within(part, kToken);
      case Shape::phrase:
        return within(part, kPhrase);
      case Shape::method:
        return is_own_method(part) || within(part, kPhrase);
      case Shape::none:
      case Shape::code:
      case Shape::bulk:
        return false;
    }
    return false;
  });
}

bool is_published_code(const dicom::Item& item) {
  const std::string_view value = text_of(item, {0x0008, 0x0100});
  const std::string_view scheme = text_of(item, {0x0008, 0x0102});
  const std::string_view version = text_of(item, {0x0008, 0x0103});
  const std::string_view meaning = text_of(item, {0x0008, 0x0104});
  if (value.empty() || value.size() > kLongestCode || !is_published_scheme(scheme)) return false;
  // Long codes and URNs come with code values too long for SH: not judged here, so not kept.
  const bool plain_value = std::all_of(value.begin(), value.end(), [](char c) {
    return is_letter(c) || is_digit(c) || kCodeMarks.find(c) != kCodeMarks.npos;
  });
  return plain_value && within(version, kVersion) && within(meaning, kPhrase);
}

bool is_code_string(std::string_view text) {
  return all_components(text, [](std::string_view part) {
    part = without_spaces(part);
    const Count most = count(part);
    return part.size() <= kLongestCode && most.digit_run <= 5 && most.digits <= 7 && !tells(part) &&
           std::all_of(part.begin(), part.end(),
                       [](char c) { return is_upper(c) || is_digit(c) || c == ' ' || c == '_'; });
  });
}

bool is_number_string(std::string_view text) {
  return all_components(text, [](std::string_view part) {
    part = without_spaces(part);
    if (part.empty()) return true;
    return part.size() <= kLongestNumber && part.find_first_not_of("0123456789+-.eE") == part.npos;
  });
}

bool reads_as_text(ByteView bytes) {
  constexpr std::size_t kShortestSentence = 4;
  const std::string_view text = dicom::trimmed(bytes);
  return text.size() >= kShortestSentence &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace veilroute::profiles

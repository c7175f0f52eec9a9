// Keyed on (creator, group, low byte): the same number means another thing under another creator,
// and a listed meaning does not yet make a value harmless (deid.md traps 19 to 21).
#include "profiles/safe_private.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>

#include "core/base/crypto.h"
#include "core/dicom/padding.h"
#include "profiles/shapes.h"
#include "profiles/table_text.h"

extern "C" {
extern const char veilroute_table_safe_private[];
extern const char veilroute_table_safe_private_end[];
}

namespace veilroute::profiles {
namespace {

using dicom::Element;
using dicom::Holds;
using dicom::Tag;
using dicom::Vr;
namespace vr = dicom::vr;

constexpr std::string_view kSafe = "safe private";
constexpr std::string_view kNoCreator = "private without creator";
constexpr std::string_view kNotListed = "private not listed";
constexpr std::string_view kOtherVr = "private under another VR";
constexpr std::string_view kOddValue = "private listed but odd value";
constexpr std::string_view kSequence = "private sequence";

struct SafeKey {
  std::string_view creator;
  std::uint16_t group = 0;
  std::uint8_t low_byte = 0;
  auto operator<=>(const SafeKey&) const = default;
};

struct SafeRow {
  std::vector<Vr> vrs;     ///< OB among them: devices state it for any of the others
  std::size_t values = 0;  ///< 0: any number of them
  [[nodiscard]] bool allows(Vr which) const {
    return std::find(vrs.begin(), vrs.end(), which) != vrs.end();
  }
};

template <typename Number>
Number from_hex(std::string_view digits) {
  Number number = 0;
  const char* const first = digits.data();
  const char* const last = first + digits.size();
  const auto [end, fault] = std::from_chars(first, last, number, 16);
  if (fault != std::errc{} || end != last) die("safe-private.tsv has an unreadable number");
  return number;
}

SafeRow safe_row(std::string_view vrs, std::string_view multiplicity) {
  SafeRow row;
  while (!vrs.empty()) {
    const std::string_view word = take_until(vrs, '/');
    if (word.size() != 2) die("safe-private.tsv has an unreadable VR");
    row.vrs.push_back(dicom::vr_of(word[0], word[1]));
  }
  // "3-n" and the like leave the number open.
  const char* const first = multiplicity.data();
  const char* const last = first + multiplicity.size();
  const auto [end, fault] = std::from_chars(first, last, row.values);
  if (fault != std::errc{} || end != last) row.values = 0;
  return row;
}

std::string_view safe_private_text() {
  return embedded_table(veilroute_table_safe_private, veilroute_table_safe_private_end);
}

using SafeTable = std::map<SafeKey, SafeRow>;

SafeTable read_safe_table() {
  SafeTable table;
  for_each_line(safe_private_text(), [&table](std::string_view line) {
    SafeKey key;
    key.creator = take_until(line, '\t');
    key.group = from_hex<std::uint16_t>(take_until(line, '\t'));
    key.low_byte = from_hex<std::uint8_t>(take_until(line, '\t'));
    const std::string_view vrs = take_until(line, '\t');
    table.emplace(key, safe_row(vrs, take_until(line, '\t')));
  });
  return table;
}

const SafeTable& safe_table() {
  static const SafeTable kTable = read_safe_table();
  return kTable;
}

const SafeRow* find_safe_row(std::string_view creator, Tag tag) {
  const auto low_byte = static_cast<std::uint8_t>(tag.element & 0xFFU);
  const auto row = safe_table().find({creator, tag.group, low_byte});
  return row == safe_table().end() ? nullptr : &row->second;
}

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_decimal_digit(char c) { return c >= '0' && c <= '9'; }

/// 20260131, or seconds since 1970 that fall between 1989 and 2043: what a device calls a number
/// may say when (deid.md trap 33).
bool says_when(double number) {
  constexpr double kFirstSecond = 6.0e8, kLastSecond = 2.3e9;
  if (number >= kFirstSecond && number <= kLastSecond) return true;
  constexpr double kFirstDay = 19000101, kLastDay = 20991231;
  if (number < kFirstDay || number > kLastDay) return false;
  const auto whole = static_cast<std::uint32_t>(number);
  const std::uint32_t month = whole / 100 % 100;
  const std::uint32_t day = whole % 100;
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/// A device's number has a size; what is read as one by mistake has none.
bool is_plausible(double number) {
  constexpr double kLargest = 1e12, kSmallest = 1e-12;
  const double size = std::fabs(number);
  return std::isfinite(number) && (size == 0 || (size >= kSmallest && size <= kLargest)) &&
         !says_when(number);
}

/// DS or IS: one number, and nothing else. Spaces around it are padding.
bool is_one_number(std::string_view part) {
  constexpr std::size_t kLongest = 24;  // DS says 16; devices write more
  part = without_blanks(part);
  if (part.empty()) return true;
  if (part.starts_with('+')) part.remove_prefix(1);
  if (part.starts_with('+') || part.size() > kLongest) return false;
  double number = 0;
  const char* const first = part.data();
  const char* const last = first + part.size();
  const auto [end, fault] = std::from_chars(first, last, number);
  return fault == std::errc{} && end == last && is_plausible(number);
}

/// 3/4/21, 2021-03-04, 4.3.2021: three groups of digits with the same kind of mark between them.
bool holds_a_date(std::string_view text) {
  std::size_t groups = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_decimal_digit(text[i])) {
      ++i;
      continue;
    }
    while (i < text.size() && is_decimal_digit(text[i])) ++i;
    ++groups;
    const bool goes_on = i + 1 < text.size() &&
                         (text[i] == '/' || text[i] == '-' || text[i] == '.') &&
                         is_decimal_digit(text[i + 1]);
    if (groups == 3) return true;
    if (goes_on) {
      ++i;
    } else {
      groups = 0;
    }
  }
  return false;
}

/// What a menu of a device writes: a number, or at most three short words. A name of one word
/// passes too: verify looks for the patient's.
bool is_code_like(std::string_view part) {
  if (is_one_number(part)) {
    constexpr std::size_t kMostDigits = 6;  // record numbers are longer
    return std::count_if(part.begin(), part.end(), is_decimal_digit) <=
           static_cast<std::ptrdiff_t>(kMostDigits);
  }
  part = without_blanks(part);
  return std::count(part.begin(), part.end(), ' ') <= 2 && part.find(',') == part.npos &&
         !holds_a_date(part) && fits(Shape::token, part);
}

bool is_text_vr(Vr which) {
  return which == vr::LO || which == vr::SH || which == vr::ST || which == vr::LT;
}

std::size_t number_size(Vr which) {
  if (which == vr::US || which == vr::SS) return 2;
  if (which == vr::UL || which == vr::SL || which == vr::FL || which == vr::AT) return 4;
  if (which == vr::FD || which == vr::SV || which == vr::UV) return 8;
  return 0;
}

/// Letters one after another where numbers should be. Four may be a number by chance.
bool spells_a_word(ByteView bytes) {
  constexpr std::size_t kLongestChance = 4;
  std::size_t run = 0;
  for (const std::uint8_t byte : bytes) {
    run = byte >= ' ' && byte <= '~' ? run + 1 : 0;
    if (run > kLongestChance) return true;
  }
  return run == bytes.size() && run >= kLongestChance;
}

double number_of(ByteView bytes, Vr which, bool big_endian) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bits = (bits << 8U) | bytes[big_endian ? i : bytes.size() - 1 - i];
  }
  if (which == vr::FL) return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  if (which == vr::FD) return std::bit_cast<double>(bits);
  if (which == vr::SL) return static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
  if (which == vr::SV) return static_cast<double>(static_cast<std::int64_t>(bits));
  return static_cast<double>(bits);
}

bool fits_numbers(ByteView bytes, Vr which, const SafeRow& row, bool big_endian) {
  constexpr std::size_t kLongest = 1024;  // more is a table or a header, of which no list says what
  const std::size_t size = number_size(which);
  if (bytes.size() % size != 0 || bytes.size() > kLongest) return false;
  if (row.values != 0 && bytes.size() != row.values * size) return false;
  if (spells_a_word(bytes)) return false;
  if (size < 4 || which == vr::AT) return true;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    if (!is_plausible(number_of(bytes.subspan(at, size), which, big_endian))) return false;
  }
  return true;
}

bool fits_listed(ByteView bytes, Vr which, const SafeRow& row, bool big_endian) {
  if (number_size(which) != 0) return fits_numbers(bytes, which, row, big_endian);
  const std::string_view text = dicom::trimmed(bytes);
  const auto values = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\\')) + 1;
  if (row.values != 0 && values > row.values) return false;
  if (which == vr::CS) return is_code_string(text) && !holds_a_date(text);
  if (which == vr::DS || which == vr::IS) return all_components(text, is_one_number);
  return is_text_vr(which) && all_components(text, is_code_like);
}

/// The VRs a value may have: the stated one, or where that says nothing all that are listed. Empty:
/// it is stated under a VR that is not listed.
std::vector<Vr> readings_of(const Element& element, const SafeRow& row) {
  const bool unsaid = element.vr == Vr::none || element.vr == vr::UN || element.vr == vr::OB;
  if (!unsaid) return row.allows(element.vr) ? std::vector<Vr>{element.vr} : std::vector<Vr>{};
  if (element.vr == vr::OB && !row.allows(vr::OB)) return {};
  std::vector<Vr> readings = row.vrs;
  std::erase(readings, vr::OB);
  return readings;
}

}  // namespace

PrivateVerdict judge_private_value(std::string_view creator, const Element& element,
                                   bool big_endian) {
  creator = dicom::trimmed(as_bytes(creator));
  if (creator.empty()) return {false, kNoCreator};
  if (element.holds == Holds::sequence || element.vr == vr::SQ) return {false, kSequence};
  const SafeRow* row = find_safe_row(creator, element.tag);
  if (row == nullptr) return {false, kNotListed};
  const std::vector<Vr> readings = readings_of(element, *row);
  if (readings.empty()) return {false, kOtherVr};
  if (element.holds != Holds::value) return {false, kOddValue};
  if (element.value.empty()) return {true, kSafe};
  const bool fitting = std::any_of(readings.begin(), readings.end(), [&](Vr which) {
    // Nobody knows in which order the bytes of UN stand in a big endian data set.
    if (big_endian && element.vr != which && number_size(which) != 0) return false;
    return fits_listed(element.value, which, *row, big_endian);
  });
  return {fitting, fitting ? kSafe : kOddValue};
}

std::size_t safe_private_count() { return safe_table().size(); }

const Digest& safe_private_digest() {
  static const Digest kDigest = crypto::sha256(as_bytes(safe_private_text()));
  return kDigest;
}

}  // namespace veilroute::profiles

// The only place that names utf8proc.
#include "core/base/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

namespace veilroute {
namespace {

struct Fold {
  char32_t from;
  std::string_view to;
};

/// Applied after case folding, so lower case alone stands here; ascending. Letters whose capitals
/// look alike count as alike: names are often written in capitals.
constexpr auto kFolds = std::to_array<Fold>({
    {0x00B7, " "},  // middle dot between names
    {0x00E6, "ae"},     {0x00F0, "d"},      {0x00F8, "o"}, {0x00FE, "th"}, {0x0111, "d"},
    {0x0127, "h"},      {0x0131, "i"},      {0x0142, "l"}, {0x0153, "oe"}, {0x0167, "t"},
    {0x0251, "a"},      {0x0261, "g"},      {0x03B1, "a"}, {0x03B2, "b"},  {0x03B5, "e"},
    {0x03B6, "z"},      {0x03B7, "h"},      {0x03B9, "i"}, {0x03BA, "k"},  {0x03BC, "m"},
    {0x03BD, "n"},      {0x03BF, "o"},      {0x03C1, "p"}, {0x03C4, "t"},  {0x03C5, "y"},
    {0x03C7, "x"},      {0x0430, "a"},      {0x0432, "b"}, {0x0435, "e"},  {0x043A, "k"},
    {0x043C, "m"},      {0x043D, "h"},      {0x043E, "o"}, {0x0440, "p"},  {0x0441, "c"},
    {0x0442, "t"},      {0x0443, "y"},      {0x0445, "x"}, {0x0455, "s"},  {0x0456, "i"},
    {0x0458, "j"},      {0x04BB, "h"},      {0x0501, "d"}, {0x051B, "q"},  {0x051D, "w"},
    {0x0640, ""},                            // tatweel
    {0x06A9, "\u0643"}, {0x06CC, "\u064A"},  // Persian kaf and yeh
    {0x3001, " "},      {0x3002, "."},      {0x30FB, " "},
});
static_assert(std::is_sorted(kFolds.begin(), kFolds.end(),
                             [](const Fold& a, const Fold& b) { return a.from < b.from; }));

const Fold* fold_of(char32_t code_point) {
  const auto at = std::lower_bound(kFolds.begin(), kFolds.end(), code_point,
                                   [](const Fold& fold, char32_t c) { return fold.from < c; });
  return at != kFolds.end() && at->from == code_point ? &*at : nullptr;
}

/// Decimal digits of other scripts (compatibility forms are folded before).
char32_t digit_of(char32_t code_point) {
  constexpr std::array<char32_t, 8> kZeros{0x0660, 0x06F0, 0x0966, 0x09E6,
                                           0x0A66, 0x0AE6, 0x0BE6, 0x0E50};
  for (const char32_t zero : kZeros) {
    if (code_point >= zero && code_point < zero + 10) return U'0' + (code_point - zero);
  }
  return code_point;
}

char32_t hiragana_of(char32_t code_point) {
  constexpr char32_t kFirst = 0x30A1;
  constexpr char32_t kLast = 0x30F6;
  constexpr char32_t kApart = 0x60;
  return code_point >= kFirst && code_point <= kLast ? code_point - kApart : code_point;
}

struct Free {
  // utf8proc allocates with malloc.
  void operator()(utf8proc_uint8_t* text) const { std::free(text); }
};

std::optional<std::string> mapped(std::string_view utf8, int options) {
  utf8proc_uint8_t* out = nullptr;
  // Flags in an enum: utf8proc wants sums of its values.
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange)
  const auto flags = static_cast<utf8proc_option_t>(options);
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()),
                   static_cast<utf8proc_ssize_t>(utf8.size()), &out, flags);
  const std::unique_ptr<utf8proc_uint8_t, Free> owner(out);
  if (size < 0) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
}

std::string with_each(std::string_view utf8, utf8proc_int32_t (*change)(utf8proc_int32_t)) {
  std::string out;
  std::size_t at = 0;
  while (at < utf8.size()) {
    const auto code_point = next_code_point(utf8, at);
    if (!code_point) return std::string(utf8);
    append_code_point(out,
                      static_cast<char32_t>(change(static_cast<utf8proc_int32_t>(*code_point))));
  }
  return out;
}

bool is_kana(char32_t c) { return c >= 0x3041 && c <= 0x30FF; }

bool is_ideograph_or_syllable(char32_t c) {
  return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

}  // namespace

std::string comparable(std::string_view utf8) {
  if (is_ascii(utf8)) return upper_case(utf8);
  const auto plain =
      mapped(utf8, UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD |
                       UTF8PROC_IGNORE | UTF8PROC_STRIPMARK | UTF8PROC_LUMP);
  if (!plain) return upper_case(utf8);
  std::string out;
  out.reserve(plain->size());
  std::size_t at = 0;
  while (at < plain->size()) {
    const auto code_point = next_code_point(*plain, at);
    if (!code_point) return upper_case(utf8);
    if (const Fold* fold = fold_of(*code_point)) {
      out += fold->to;
    } else {
      append_code_point(out, digit_of(hiragana_of(*code_point)));
    }
  }
  return upper_case(out);
}

std::string upper_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

bool is_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (!next_code_point(text, at)) return false;
  }
  return true;
}

std::optional<char32_t> next_code_point(std::string_view utf8, std::size_t& at) {
  if (at >= utf8.size()) return std::nullopt;
  utf8proc_int32_t code_point = -1;
  const utf8proc_ssize_t used =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data() + at),
                       static_cast<utf8proc_ssize_t>(utf8.size() - at), &code_point);
  if (used <= 0 || code_point < 0) return std::nullopt;
  at += static_cast<std::size_t>(used);
  return static_cast<char32_t>(code_point);
}

void append_code_point(std::string& utf8, char32_t code_point) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const utf8proc_ssize_t size =
      utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), bytes.data());
  utf8.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
}

std::string composed(std::string_view utf8) {
  return mapped(utf8, UTF8PROC_STABLE | UTF8PROC_COMPOSE).value_or(std::string(utf8));
}

std::string decomposed(std::string_view utf8) {
  return mapped(utf8, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE).value_or(std::string(utf8));
}

std::string all_upper(std::string_view utf8) { return with_each(utf8, utf8proc_toupper); }

std::string all_lower(std::string_view utf8) { return with_each(utf8, utf8proc_tolower); }

std::string with_umlauts_spelt_out(std::string_view utf8) {
  static constexpr auto kSpelt = std::to_array<Fold>({{0x00C4, "Ae"},
                                                      {0x00C5, "Aa"},
                                                      {0x00D6, "Oe"},
                                                      {0x00D8, "Oe"},
                                                      {0x00DC, "Ue"},
                                                      {0x00E4, "ae"},
                                                      {0x00E5, "aa"},
                                                      {0x00F6, "oe"},
                                                      {0x00F8, "oe"},
                                                      {0x00FC, "ue"}});
  std::string whole = composed(utf8);
  std::string out;
  std::size_t at = 0;
  while (at < whole.size()) {
    const auto code_point = next_code_point(whole, at);
    if (!code_point) return whole;
    const auto* spelt = std::find_if(kSpelt.begin(), kSpelt.end(),
                                     [&](const Fold& each) { return each.from == *code_point; });
    if (spelt != kSpelt.end()) {
      out += spelt->to;
    } else {
      append_code_point(out, *code_point);
    }
  }
  return out;
}

std::size_t weight_in_thirds(std::string_view utf8) {
  constexpr std::size_t kLetter = 3;
  constexpr std::size_t kKana = 4;
  constexpr std::size_t kIdeograph = 6;
  std::size_t weight = 0;
  std::size_t at = 0;
  while (at < utf8.size()) {
    const auto code_point = next_code_point(utf8, at);
    if (!code_point) return utf8.size() * kLetter;
    weight += is_ideograph_or_syllable(*code_point) ? kIdeograph
              : is_kana(*code_point)                ? kKana
                                                    : kLetter;
  }
  return weight;
}

}  // namespace veilroute

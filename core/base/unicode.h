// Text as Unicode: the form in which two ways of writing one word become equal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace veilroute {

/// A form for comparing, never for showing: NFKC (full-width, ligatures), case folded, combining
/// marks gone, what has no width gone (soft hyphen, joiners, tatweel), dashes, blanks and quotes of
/// any kind as ASCII writes them, digits of any script as 0-9, katakana as hiragana, letters with a stroke or bar as their base,
/// Cyrillic and Greek letters as the Latin ones that look the same. ASCII letters come out in upper
/// case. Not UTF-8: the bytes as they are, ASCII letters in upper case. Any thread.
std::string comparable(std::string_view utf8);

/// ASCII letters in upper case; other bytes as they are.
std::string upper_case(std::string_view text);

/// True for bytes of ASCII alone.
bool is_ascii(std::string_view text);

/// True for well-formed UTF-8 (no surrogates, nothing overlong).
bool is_utf8(std::string_view text);

/// The code point that begins at `at`, which moves behind it; nullopt where none does.
std::optional<char32_t> next_code_point(std::string_view utf8, std::size_t& at);
void append_code_point(std::string& utf8, char32_t code_point);

/// Well-formed UTF-8 in another form, else a copy.
std::string composed(std::string_view utf8);    ///< NFC
std::string decomposed(std::string_view utf8);  ///< NFD
std::string all_upper(std::string_view utf8);
std::string all_lower(std::string_view utf8);

/// As airline tickets and machines without umlauts write it: ä ae, ö and ø oe, ü ue, å aa. The rest
/// as it is, composed.
std::string with_umlauts_spelt_out(std::string_view utf8);

/// How much a text says, in thirds of a Latin letter: kana four, ideographs and syllables six.
std::size_t weight_in_thirds(std::string_view utf8);

}  // namespace veilroute

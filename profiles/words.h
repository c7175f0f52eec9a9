// The cleaner of descriptors (PS3.15 E.3.5): of a text only the words of a vocabulary remain, and
// short numbers that are no dates. What is not known to be harmless goes, names first of all; what
// describes the image stays, since a copy without its descriptions is of no use.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace veilroute::profiles {

/// Some bytes of a text.
struct TextSpan {
  std::size_t begin = 0;
  std::size_t length = 0;
  bool operator==(const TextSpan&) const = default;
};

struct CleanText {
  std::string text;
  /// Of the original: what is not in `text` any more, or stands as a space there. In order, apart.
  std::vector<TextSpan> changes;
};

/// Asked with letters of ASCII in upper case.
using WordTest = std::function<bool(std::string_view upper_case)>;

/// What a patient and a site add to the vocabulary; each may be empty.
struct WordLists {
  WordTest is_forbidden;  ///< identity words of the patient and the study: go although known
  WordTest is_allowed;    ///< words of the site: stay although unknown, unless forbidden
};

/// What may be shown of a text of any text VR: ASCII or UTF-8; bytes beyond ASCII are never kept,
/// and nothing from the first escape sequence on (ISO 2022), which only a decoder could read.
///
/// - A word (letters, also with digits) stays in its case when the vocabulary has it, joined by
/// "/",
///   "-", ".", "&" or "+" ("W/O"), or in all its CamelCase parts. So do numbers of at most four
///   digits, alone, with a unit, or after a short technical prefix: "5.0", "120kV", "T2", "L4/L5".
/// - Dates, years, times of day, numbers beside months and ages, and runs of numbers that could be
///   a telephone or record number go. So do titles with the word after them ("Dr. Hand"), and
///   single letters beside a word that goes.
/// - Order and simple separators stay, white space becomes one space. Each value (backslash) is
///   cleaned by itself and their number stays; but when nothing is left in any, `text` is empty.
///
/// The text is never longer than before, so that it fits its VR, and cleaning it again changes
/// nothing. Any thread.
CleanText clean_words(std::string_view text, const WordLists& lists = {});

/// True for a word of standard/vocabulary.txt.
bool is_vocabulary_word(std::string_view upper_case);

/// standard/vocabulary.txt as compiled in: part of what decides, and so of a profile's version.
std::string_view vocabulary_text();

}  // namespace veilroute::profiles

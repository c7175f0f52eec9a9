#include "profiles/words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/unicode.h"
#include "profiles/shapes.h"
#include "profiles/word_numbers.h"

extern "C" {
extern const char veilroute_vocabulary[];
extern const char veilroute_vocabulary_end[];
}

namespace veilroute::profiles {
namespace {

constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

/// A text and where each of its bytes stood in the original; kNowhere: a space of ours.
struct TracedText {
  std::string text;
  std::vector<std::size_t> origins;

  void add(char c, std::size_t origin) {
    text.push_back(c);
    origins.push_back(origin);
  }
};

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit_char(char c) { return c >= '0' && c <= '9'; }
bool is_ascii_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

/// What a word is made of, known or not: bytes beyond ASCII, control characters and apostrophes
/// belong to the word they stand in, so that no part of a name is taken for a word.
bool belongs_to_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return is_digit_char(c) || is_ascii_letter(c) || byte >= 0x7F || c == '\'' || c == '`' ||
         (byte < 0x20 && !is_blank(c));
}

std::vector<Atom> atoms_of(std::string_view text) {
  std::vector<Atom> atoms;
  const auto is_point = [text](std::size_t i) {
    return (text[i] == '.' || text[i] == ',') && i > 0 && is_digit_char(text[i - 1]) &&
           i + 1 < text.size() && is_digit_char(text[i + 1]);
  };
  std::size_t last_end = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (!belongs_to_word(text[i])) {
      ++i;
      continue;
    }
    Atom atom;
    atom.begin = i;
    while (i < text.size() && (belongs_to_word(text[i]) || is_point(i))) ++i;
    atom.end = i;
    atom.upper = upper_case(text.substr(atom.begin, atom.end - atom.begin));
    atom.before = text.substr(last_end, atom.begin - last_end);
    last_end = atom.end;
    atoms.push_back(std::move(atom));
  }
  return atoms;
}

template <std::size_t N>
bool is_among_words(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// "HeadNeck" → HEAD, NECK; one part when nothing is in CamelCase.
std::vector<std::string> camel_parts(std::string_view word) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool rises = i > 0 && word[i] >= 'A' && word[i] <= 'Z' && word[i - 1] >= 'a';
    if (rises && word[i - 1] <= 'z') parts.emplace_back();
    parts.back().push_back(word[i]);
  }
  for (std::string& part : parts) part = upper_case(part);
  return parts;
}

/// Runs of letters, and of digits, within a word: each may be what is forbidden.
std::vector<std::string_view> letter_and_digit_runs(std::string_view word) {
  std::vector<std::string_view> runs;
  while (!word.empty()) {
    std::size_t end = 1;
    while (end < word.size() && is_digit_char(word[end]) == is_digit_char(word[0])) ++end;
    runs.push_back(word.substr(0, end));
    word.remove_prefix(end);
  }
  return runs;
}

/// Decides of each word and number of one value whether it stays.
class WordJudge {
 public:
  WordJudge(std::string_view text, const WordLists& lists, bool numbers_may_stay)
      : text_(text), lists_(lists), numbers_may_stay_(numbers_may_stay), atoms_(atoms_of(text)) {}

  std::vector<Atom> judge() {
    for (Atom& atom : atoms_) {
      const bool known = is_known_atom(atom);
      atom.kept = known && !is_forbidden(atom);
      atom.is_unknown_word = !atom.kept && !is_digit_char(atom.upper[0]);
    }
    join_pairs();
    drop_titles();
    drop_initials();
    drop_telling_numbers(atoms_);
    return std::move(atoms_);
  }

 private:
  [[nodiscard]] bool is_word(std::string_view upper) const {
    return is_vocabulary_word(upper) || (lists_.is_allowed && lists_.is_allowed(upper));
  }

  [[nodiscard]] bool is_known_atom(const Atom& atom) const {
    const std::string_view upper = atom.upper;
    const bool has_digit = std::any_of(upper.begin(), upper.end(), is_digit_char);
    if (has_digit && !numbers_may_stay_) return false;
    if (is_word(upper) || is_number(upper)) return true;
    const auto known = [this](std::string_view word) { return is_word(word); };
    if (has_digit) return is_measure(upper, known);
    const auto parts = camel_parts(text_.substr(atom.begin, atom.end - atom.begin));
    return parts.size() > 1 && std::all_of(parts.begin(), parts.end(), [&](const auto& part) {
             return part.size() > 1 && known(part);
           });
  }

  [[nodiscard]] bool is_forbidden(const Atom& atom) const {
    if (!lists_.is_forbidden) return false;
    if (lists_.is_forbidden(atom.upper)) return true;
    constexpr std::size_t kShortestPart = 3;  // two letters within a word prove nothing
    const auto forbids = [&](std::string_view part) {
      return part.size() >= kShortestPart && lists_.is_forbidden(part);
    };
    const auto runs = letter_and_digit_runs(atom.upper);
    const auto parts = camel_parts(text_.substr(atom.begin, atom.end - atom.begin));
    return std::any_of(runs.begin(), runs.end(), forbids) ||
           std::any_of(parts.begin(), parts.end(), forbids);
  }

  /// "W/O", "C-SPINE", "I.V": words of the vocabulary as a whole.
  void join_pairs() {
    constexpr std::string_view kJoints = "/-.&+";
    for (std::size_t i = 1; i < atoms_.size(); ++i) {
      Atom& one = atoms_[i - 1];
      Atom& two = atoms_[i];
      if (two.before.size() != 1 || kJoints.find(two.before[0]) == kJoints.npos) continue;
      const std::string whole = one.upper + two.before[0] + two.upper;
      if (!is_word(whole) || is_forbidden(one) || is_forbidden(two)) continue;
      if (lists_.is_forbidden && lists_.is_forbidden(whole)) continue;
      one.kept = two.kept = true;
      one.is_unknown_word = two.is_unknown_word = false;
    }
  }

  /// A title, by the mark after it where its letters mean something else as well: MR, DR, SR.
  [[nodiscard]] bool is_title(std::size_t i) const {
    static constexpr auto kAlways = std::to_array<std::string_view>(
        {"PROF", "PROFESSOR", "DOCTOR", "MRS", "MISS", "MISTER", "HERR", "FRAU", "MME", "MLLE",
         "SRA", "SRTA", "SENOR", "SENORA", "MONSIEUR", "MADAME", "DOTT", "DRA"});
    static constexpr auto kWithPoint = std::to_array<std::string_view>({"MR", "MS", "SR", "M"});
    if (is_among_words(kAlways, atoms_[i].upper)) return true;
    const bool has_next = i + 1 < atoms_.size();
    const std::string_view after = has_next ? atoms_[i + 1].before : std::string_view{};
    if (after.starts_with('.') && is_among_words(kWithPoint, atoms_[i].upper)) return true;
    if (atoms_[i].upper != "DR") return false;
    if (after.find_first_not_of(" ._^,") != after.npos) return false;  // "DR-CHEST", "DR/CR"
    // Digital Radiography stands first: "DR CHEST".
    const bool is_modality = i == 0 && has_next && after == " " && atoms_[1].kept;
    return has_next && !is_modality;
  }

  void drop_titles() {
    const auto drop = [this](std::size_t i) {
      atoms_[i].kept = false;
      atoms_[i].is_unknown_word = false;
    };
    for (std::size_t i = 0; i < atoms_.size(); ++i) {
      if (!is_title(i)) continue;
      drop(i);
      // "Prof. Dr. med. J. Hand"
      while (i + 1 < atoms_.size() &&
             (is_title(i + 1) || atoms_[i + 1].upper.size() == 1 || atoms_[i + 1].upper == "MED")) {
        drop(++i);
      }
      if (i + 1 < atoms_.size()) drop(++i);
    }
  }

  /// A single letter beside a word that may be a name is its initial.
  void drop_initials() {
    const auto is_unknown = [this](std::size_t i) {
      return i < atoms_.size() && atoms_[i].is_unknown_word;
    };
    for (std::size_t i = 0; i < atoms_.size(); ++i) {
      if (atoms_[i].upper.size() != 1 || !is_ascii_letter(atoms_[i].upper[0])) continue;
      if (is_unknown(i + 1) || (i > 0 && is_unknown(i - 1))) atoms_[i].kept = false;
    }
  }

  std::string_view text_;
  const WordLists& lists_;
  bool numbers_may_stay_;
  std::vector<Atom> atoms_;
};

/// Puts together what stays of one value.
class WordJoiner {
 public:
  WordJoiner(const TracedText& from, const std::vector<Atom>& atoms) : from_(from), atoms_(atoms) {}

  TracedText join() {
    std::size_t last_end = 0;  // of what was kept
    bool is_first = true;
    bool is_gap = false;
    for (const Atom& atom : atoms_) {
      if (!atom.kept) {
        is_gap = true;
        continue;
      }
      if (is_first || is_gap) {
        if (!is_first) closers(last_end);
        space(kNowhere);
        openers(atom.begin);
      } else {
        separator(last_end, atom.begin);
      }
      for (std::size_t i = atom.begin; i < atom.end; ++i) copy(i);
      last_end = atom.end;
      is_first = is_gap = false;
    }
    if (!is_first) closers(last_end);
    while (!out_.text.empty() && out_.text.back() == ' ') out_.text.pop_back();
    out_.origins.resize(out_.text.size());
    return std::move(out_);
  }

 private:
  static constexpr std::string_view kSeparators = "-_/+.,:;()[]<>&*%=#^~|";

  void copy(std::size_t i) { out_.add(from_.text[i], from_.origins[i]); }
  void space(std::size_t origin) {
    if (!out_.text.empty() && out_.text.back() != ' ') out_.add(' ', origin);
  }

  void separator(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (kSeparators.find(from_.text[i]) != kSeparators.npos) {
        copy(i);
      } else {
        space(from_.text[i] == ' ' ? from_.origins[i] : kNowhere);
      }
    }
  }

  /// Marks that belong to the word before them: "(ACRIN) ", "50% ", "C+ ".
  void closers(std::size_t begin) {
    const std::string_view text = from_.text;
    std::size_t end = std::min(text.find_first_not_of(")>]%+-*", begin), text.size());
    if (end < text.size() && !is_blank(text[end])) {
      end = std::min(text.find_first_not_of(")>]%", begin), text.size());
    }
    for (std::size_t i = begin; i < end; ++i) copy(i);
  }

  /// Marks that belong to the word after them: " (ACRIN", " *fl3d".
  void openers(std::size_t end) {
    const std::string_view text = from_.text;
    const auto run = [&](std::string_view marks) {
      std::size_t begin = end;
      while (begin > 0 && marks.find(text[begin - 1]) != marks.npos) --begin;
      return begin;
    };
    std::size_t begin = run("(<[*+-#~");
    if (begin > 0 && !is_blank(text[begin - 1])) begin = run("(<[");
    for (std::size_t i = begin; i < end; ++i) copy(i);
  }

  const TracedText& from_;
  const std::vector<Atom>& atoms_;
  TracedText out_;
};

/// Brackets whose other half went become spaces.
void drop_single_brackets(TracedText& value) {
  constexpr std::string_view kOpening = "([<";
  constexpr std::string_view kClosing = ")]>";
  std::vector<std::size_t> open;
  const auto blank = [&value](std::size_t i) {
    value.text[i] = ' ';
    value.origins[i] = kNowhere;
  };
  for (std::size_t i = 0; i < value.text.size(); ++i) {
    if (kOpening.find(value.text[i]) != kOpening.npos) open.push_back(i);
    const std::size_t kind = kClosing.find(value.text[i]);
    if (kind == kClosing.npos) continue;
    if (!open.empty() && value.text[open.back()] == kOpening[kind]) {
      open.pop_back();
    } else {
      blank(i);
    }
  }
  for (const std::size_t i : open) blank(i);
}

/// One value until nothing changes any more: a number may only show what it is when the words
/// around it are gone ("3 Smith 4 Smith 21").
TracedText clean_value(TracedText value, const WordLists& lists) {
  constexpr int kPassesWithNumbers = 8;
  constexpr int kMostPasses = 32;
  for (int pass = 0; pass < kMostPasses; ++pass) {
    const auto atoms = WordJudge(value.text, lists, pass < kPassesWithNumbers).judge();
    TracedText next = WordJoiner(value, atoms).join();
    drop_single_brackets(next);
    const bool is_done = next.text == value.text;
    value = std::move(next);
    if (is_done) return value;
  }
  return {};  // only what is made to go on for ever gets here
}

/// What of `size` bytes is not among the kept ones, which are in order.
std::vector<TextSpan> gaps_between(const std::vector<std::size_t>& kept, std::size_t size) {
  std::vector<TextSpan> gaps;
  std::size_t next = 0;
  const auto gap_to = [&](std::size_t end) {
    if (end > next) gaps.push_back({next, end - next});
    next = end + 1;
  };
  for (const std::size_t origin : kept) {
    if (origin != kNowhere) gap_to(origin);
  }
  gap_to(size);
  return gaps;
}

std::vector<std::string_view> read_vocabulary() {
  std::vector<std::string_view> words;
  for (std::string_view text = vocabulary_text(); !text.empty();) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (!line.empty() && line[0] != '#') words.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::sort(words.begin(), words.end());
  return words;
}

}  // namespace

std::string_view vocabulary_text() {
  return {veilroute_vocabulary,
          static_cast<std::size_t>(veilroute_vocabulary_end - veilroute_vocabulary)};
}

bool is_vocabulary_word(std::string_view upper_case) {
  static const std::vector<std::string_view> kWords = read_vocabulary();
  return std::binary_search(kWords.begin(), kWords.end(), upper_case);
}

CleanText clean_words(std::string_view text, const WordLists& lists) {
  constexpr char kEscape = '\x1b';
  TracedText out;
  bool is_empty = true;
  std::size_t begin = 0;
  all_components(text.substr(0, text.find(kEscape)), [&](std::string_view value) {
    if (begin > 0) out.add('\\', begin - 1);
    TracedText traced;
    for (std::size_t i = 0; i < value.size(); ++i) traced.add(value[i], begin + i);
    const TracedText cleaned = clean_value(std::move(traced), lists);
    is_empty = is_empty && cleaned.text.empty();
    out.text += cleaned.text;
    out.origins.insert(out.origins.end(), cleaned.origins.begin(), cleaned.origins.end());
    begin += value.size() + 1;
    return true;
  });
  if (is_empty) out = {};
  return {std::move(out.text), gaps_between(out.origins, text.size())};
}

}  // namespace veilroute::profiles

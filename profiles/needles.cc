// Needles made once per (study, patient).
#include "profiles/needles.h"

#include <algorithm>

#include "core/base/unicode.h"
#include "core/dicom/charset_tables.h"
#include "profiles/date_notations.h"

namespace veilroute::profiles {
namespace {

/// In numbers and binary values shorter words and numbers turn up by chance.
constexpr std::size_t kShortestStrongTerm = 6;
constexpr std::size_t kShortestBytesForm = 4;
constexpr std::size_t kShortestWide = 2 * kShortestStrongTerm;
constexpr std::uint32_t kStationName = 0x00081010;

bool is_figure(std::uint8_t byte) { return byte >= '0' && byte <= '9'; }

bool is_letter(std::uint8_t byte) {
  const std::uint8_t capital = byte >= 'a' ? static_cast<std::uint8_t>(byte - 'a' + 'A') : byte;
  return (capital >= 'A' && capital <= 'Z') || byte >= 0x80;
}

bool is_one_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

class Maker {
 public:
  /// Of the terms that come next.
  void stay_in(std::vector<std::uint32_t> tags) { stays_in_ = std::move(tags); }

  void term(const std::string& text, const Term& term) {
    add(text, of(term, text));
    if (term.kind == TermKind::date) return date(text, term);
    std::set<std::string> forms;
    if (is_ascii(text)) bytes_of(text, forms);
    for (const std::string& written : term.written) {
      for (const std::string& cased : {written, all_upper(written), all_lower(written)}) {
        bytes_of(cased, forms);
      }
    }
    forms.erase(text);
    for (const std::string& form : forms) bytes(form, term);
  }

  void bytes(const std::string& form, const Term& term) {
    Needle needle = of(term, form);
    needle.is_bytes = true;
    add(form, needle);
  }

  void add(std::string text, Needle needle) {
    needle.length = text.size();
    made_.needles.push_back(needle);
    made_.texts.push_back(std::move(text));
  }

  Needles take() { return std::move(made_); }

 private:
  Needle of(const Term& term, std::string_view text) const {
    Needle needle;
    needle.stays_in = stays_in_;
    needle.kind = term.kind;
    needle.digits_only = term.digits_only;
    needle.part_of_place = term.part_of_place;
    needle.strong = text.size() >= kShortestStrongTerm;
    needle.names_a_station =
        term.sources == std::set<std::uint32_t>{kStationName} && is_one_word(text);
    return needle;
  }

  /// Of text in ASCII alone only UTF-16 is another form, and only where it is long enough.
  static void bytes_of(const std::string& text, std::set<std::string>& forms) {
    const bool ascii = is_ascii(text);
    for (std::string& form : dicom::byte_forms(text)) {
      if (form.size() >= (ascii ? kShortestWide : kShortestBytesForm))
        forms.insert(std::move(form));
    }
  }

  void date(const std::string& day, const Term& term) {
    for (DateNotation& notation : notations_of(day)) {
      Needle needle = of(term, notation.text);
      needle.digits_only = false;
      needle.is_notation = true;
      needle.is_short_date = notation.is_short;
      needle.strong = !notation.is_short;
      add(std::move(notation.text), needle);
    }
  }

  Needles made_;
  std::vector<std::uint32_t> stays_in_;
};

/// A number inside a longer number is another number; leading zeros make no difference.
bool is_the_number(const Needle& needle, ByteView bytes, std::size_t begin) {
  const std::size_t end = begin + needle.length;
  if (end < bytes.size() && is_figure(bytes[end])) return false;
  while (begin > 0 && bytes[begin - 1] == '0') --begin;
  if (begin > 0 && (is_figure(bytes[begin - 1]) || bytes[begin - 1] == '.')) return false;
  // A UID goes on after a dot; a sentence ends with one.
  return needle.kind != TermKind::uid || end + 1 >= bytes.size() || bytes[end] != '.' ||
         !is_figure(bytes[end + 1]);
}

/// "3.2.1961" is not in "13.2.1961"; "3.2.61" moreover neither in "1.3.2.61" nor in "A3.2.61".
bool is_the_day(const Needle& needle, ByteView bytes, std::size_t begin) {
  const std::size_t end = begin + needle.length;
  const auto at = [&](std::size_t i) { return i < bytes.size() ? bytes[i] : std::uint8_t{' '}; };
  const std::uint8_t before = begin > 0 ? bytes[begin - 1] : std::uint8_t{' '};
  const std::uint8_t after = at(end);
  if (is_figure(bytes[begin]) && is_figure(before)) return false;
  if (is_figure(bytes[end - 1]) && is_figure(after)) return false;
  if (!needle.is_short_date) return true;
  const auto joins = [](std::uint8_t byte) {
    return byte == '.' || byte == '-' || byte == '/' || byte == '_';
  };
  const auto is_of_a_word = [](std::uint8_t byte) { return is_figure(byte) || is_letter(byte); };
  if (is_of_a_word(before) || is_of_a_word(after)) return false;
  if (begin > 1 && joins(before) && is_of_a_word(bytes[begin - 2])) return false;
  return !(joins(after) && is_of_a_word(at(end + 1)));
}

}  // namespace

Needles needles_for(const IdentityTerms::State& terms, const Seek& seek, bool uids_are_sought) {
  Maker maker;
  const auto is_sought = [&](const Term& term) {
    auto but_in = seek(term);
    if (but_in) maker.stay_in(std::move(*but_in));
    return but_in.has_value();
  };
  for (const auto& [text, term] : terms.terms) {
    if (is_sought(term)) maker.term(text, term);
  }
  for (const auto& [text, term] : terms.undecoded) {
    if (is_sought(term)) maker.bytes(text, term);
  }
  for (const std::string& uid : terms.uids) {
    if (!uids_are_sought) break;
    Needle needle;
    needle.kind = TermKind::uid;
    needle.digits_only = true;
    needle.strong = uid.size() >= kShortestStrongTerm;
    maker.add(uid, needle);
  }
  return maker.take();
}

bool counts(const Needle& needle, ByteView bytes, std::size_t begin) {
  if (needle.is_notation) return is_the_day(needle, bytes, begin);
  return !needle.digits_only || is_the_number(needle, bytes, begin);
}

}  // namespace veilroute::profiles

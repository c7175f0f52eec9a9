// Specific Character Set parsed, and text decoded under it.
#include "core/dicom/charset.h"

#include <algorithm>
#include <array>

#include "core/base/unicode.h"
#include "core/dicom/charset_tables.h"
#include "core/dicom/padding.h"

namespace veilroute::dicom {
namespace {

constexpr std::uint8_t kEscape = 0x1B;

struct DefinedTerm {
  std::string_view number;  ///< of the registration (IR)
  CodeTable left;
  CodeTable right;
  bool alone;  ///< also defined without code extensions (ISO_IR)
};
constexpr auto kDefinedTerms = std::to_array<DefinedTerm>({
    {"6", CodeTable::ascii, CodeTable::none, true},
    {"13", CodeTable::roman, CodeTable::katakana, true},
    {"58", CodeTable::ascii, CodeTable::gb2312, false},
    {"87", CodeTable::ascii, CodeTable::none, false},
    {"100", CodeTable::ascii, CodeTable::latin1, true},
    {"101", CodeTable::ascii, CodeTable::latin2, true},
    {"109", CodeTable::ascii, CodeTable::latin3, true},
    {"110", CodeTable::ascii, CodeTable::latin4, true},
    {"126", CodeTable::ascii, CodeTable::greek, true},
    {"127", CodeTable::ascii, CodeTable::arabic, true},
    {"138", CodeTable::ascii, CodeTable::hebrew, true},
    {"144", CodeTable::ascii, CodeTable::cyrillic, true},
    {"148", CodeTable::ascii, CodeTable::latin5, true},
    {"149", CodeTable::ascii, CodeTable::ksx1001, false},
    {"159", CodeTable::ascii, CodeTable::none, false},
    {"166", CodeTable::ascii, CodeTable::thai, true},
    {"203", CodeTable::ascii, CodeTable::latin9, true},
});

struct EscapeSequence {
  std::string_view bytes;  ///< after the escape character
  bool to_left;
  CodeTable table;
};
// PS3.3 Tables C.12-3 and C.12-4. "$@" is the edition of 1978 of the same kanji.
constexpr auto kEscapes = std::to_array<EscapeSequence>({
    {"(B", true, CodeTable::ascii},     {"(J", true, CodeTable::roman},
    {"$B", true, CodeTable::jisx0208},  {"$@", true, CodeTable::jisx0208},
    {"$(D", true, CodeTable::jisx0212}, {")I", false, CodeTable::katakana},
    {"$)C", false, CodeTable::ksx1001}, {"$)A", false, CodeTable::gb2312},
    {"-A", false, CodeTable::latin1},   {"-B", false, CodeTable::latin2},
    {"-C", false, CodeTable::latin3},   {"-D", false, CodeTable::latin4},
    {"-F", false, CodeTable::greek},    {"-G", false, CodeTable::arabic},
    {"-H", false, CodeTable::hebrew},   {"-L", false, CodeTable::cyrillic},
    {"-M", false, CodeTable::latin5},   {"-T", false, CodeTable::thai},
    {"-b", false, CodeTable::latin9},
});

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\0')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  return text;
}

/// "ISO_IR 100", "ISO-IR 100" and "ISO IR100" alike: "ISOIR100".
std::string spelt_plainly(std::string_view term) {
  std::string plain;
  for (const char c : upper_case(term)) {
    if (c != ' ' && c != '_' && c != '-') plain += c;
  }
  return plain;
}

const DefinedTerm* find_term(std::string_view plain, bool& extends) {
  constexpr std::string_view kAlone = "ISOIR";
  constexpr std::string_view kExtends = "ISO2022IR";
  extends = plain.starts_with(kExtends);
  if (!extends && !plain.starts_with(kAlone)) return nullptr;
  plain.remove_prefix(extends ? kExtends.size() : kAlone.size());
  const auto* found =
      std::find_if(kDefinedTerms.begin(), kDefinedTerms.end(),
                   [plain](const DefinedTerm& each) { return each.number == plain; });
  return found == kDefinedTerms.end() || (!extends && !found->alone) ? nullptr : found;
}

constexpr bool is_line_or_page(std::uint8_t byte) {
  return byte == '\t' || byte == '\n' || byte == '\f' || byte == '\r';
}

/// One value, or several, under ISO 2022 (PS3.5 6.1.2.5).
class Iso2022 {
 public:
  Iso2022(const CharacterSet& set, Vr vr) : set_(set), vr_(vr) { reset(); }

  std::optional<std::string> decode(ByteView value) {
    out_.reserve(value.size() * 2);
    while (!value.empty()) {
      const std::size_t used = step(value);
      if (used == 0) return std::nullopt;
      value = value.subspan(used);
    }
    return std::move(out_);
  }

 private:
  /// What value 1 names is in force again after each delimiter (PS3.5 6.1.2.5.3).
  void reset() {
    left_ = set_.left;
    right_ = set_.right;
  }

  /// Bytes used; 0 where they have no meaning.
  std::size_t step(ByteView rest) {
    const std::uint8_t byte = rest[0];
    if (byte == kEscape) return set_.has_extensions ? escape(rest.subspan(1)) : 0;
    if (is_line_or_page(byte)) {
      reset();
      out_ += static_cast<char>(byte);
      return 1;
    }
    if (byte < ' ' || byte == 0x7F) return 0;
    if (byte == ' ') {
      out_ += ' ';
      return 1;
    }
    if (byte < 0x80) return is_double_byte(left_) ? two(left_, rest) : graphic(byte);
    return is_double_byte(right_) ? two(right_, rest) : append(character_of(right_, byte), 1);
  }

  std::size_t escape(ByteView rest) {
    const std::string_view text = as_text(rest);
    for (const EscapeSequence& each : kEscapes) {
      if (!text.starts_with(each.bytes)) continue;
      (each.to_left ? left_ : right_) = each.table;
      return each.bytes.size() + 1;
    }
    return 0;
  }

  std::size_t two(CodeTable table, ByteView rest) {
    if (rest.size() < 2 || ((rest[0] ^ rest[1]) & 0x80U) != 0) return 0;
    const auto low = [](std::uint8_t byte) { return static_cast<std::uint8_t>(byte & 0x7FU); };
    return append(character_of(table, low(rest[0]), low(rest[1])), 2);
  }

  std::size_t graphic(std::uint8_t byte) {
    const bool parts_values = byte == '\\' && has_values(vr_);
    const bool parts_names = (byte == '^' || byte == '=') && vr_ == vr::PN;
    if (parts_values || parts_names) {
      reset();
    } else if (left_ == CodeTable::roman && byte == '\\') {
      return append(0xA5, 1);
    } else if (left_ == CodeTable::roman && byte == '~') {
      return append(0x203E, 1);
    }
    out_ += static_cast<char>(byte);
    return 1;
  }

  std::size_t append(char32_t character, std::size_t used) {
    if (character == 0) return 0;
    append_code_point(out_, character);
    return used;
  }

  const CharacterSet& set_;
  Vr vr_;
  CodeTable left_ = CodeTable::ascii;
  CodeTable right_ = CodeTable::none;
  std::string out_;
};

/// UTF-8 without control characters that are no layout.
bool is_clean(std::string_view utf8) {
  std::size_t at = 0;
  while (at < utf8.size()) {
    const auto c = next_code_point(utf8, at);
    if (!c) return false;
    const bool control = *c < ' ' || (*c >= 0x7F && *c < 0xA0);
    if (control && !(*c < ' ' && is_line_or_page(static_cast<std::uint8_t>(*c)))) return false;
  }
  return true;
}

std::optional<std::string> if_clean(std::optional<std::string> utf8) {
  if (utf8 && !is_clean(*utf8)) return std::nullopt;
  return utf8;
}

}  // namespace

CharacterSet parse_character_set(std::string_view value) {
  CharacterSet set;
  const CharacterSet unknown{CharacterSet::Coding::unknown, CodeTable::ascii, CodeTable::none, false};
  const auto terms = values_of(without_blanks(value), vr::CS);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const std::string plain = spelt_plainly(terms[i]);
    if (plain.empty() && i == 0) continue;
    const bool whole = terms.size() == 1;
    if (plain == "ISOIR192" || plain == "GB18030" || plain == "GBK") {
      if (!whole) return unknown;
      set.coding = plain == "GBK"       ? CharacterSet::Coding::gbk
                   : plain == "GB18030" ? CharacterSet::Coding::gb18030
                                        : CharacterSet::Coding::utf8;
      return set;
    }
    bool extends = false;
    const DefinedTerm* term = find_term(plain, extends);
    if (term == nullptr) return unknown;
    set.has_extensions = set.has_extensions || extends || !whole;
    if (i != 0) continue;
    set.left = term->left;
    set.right = term->right;
  }
  return set;
}

CharacterSet character_set_of(const Item& item, const CharacterSet& inherited) {
  const Element* own = Dataset::find(item, tags::SpecificCharacterSet);
  if (own == nullptr || own->holds != Holds::value) return inherited;
  return parse_character_set(as_text(own->value));
}

bool is_in_character_set(Vr vr) {
  return vr == vr::SH || vr == vr::LO || vr == vr::ST || vr == vr::LT || vr == vr::UC ||
         vr == vr::UT || vr == vr::PN;
}

bool has_values(Vr vr) { return vr != vr::ST && vr != vr::LT && vr != vr::UT && vr != vr::UR; }

bool is_plain_ascii(ByteView value) {
  while (!value.empty() && value.back() == 0) value = value.first(value.size() - 1);
  return std::all_of(value.begin(), value.end(), [](std::uint8_t byte) {
    return (byte >= ' ' && byte < 0x7F) || is_line_or_page(byte);
  });
}

std::optional<std::string> decode_text(ByteView value, Vr vr, const CharacterSet& set) {
  value = as_bytes(trimmed(value));
  const CharacterSet ascii;
  const CharacterSet& used = is_in_character_set(vr) ? set : ascii;
  switch (used.coding) {
    case CharacterSet::Coding::utf8: return if_clean(std::string(as_text(value)));
    case CharacterSet::Coding::gb18030: return if_clean(from_encoding(as_text(value), "GB18030"));
    case CharacterSet::Coding::gbk: return if_clean(from_encoding(as_text(value), "GBK"));
    case CharacterSet::Coding::tables:
    case CharacterSet::Coding::unknown: break;  // its tables are those of ASCII
  }
  return Iso2022(used, vr).decode(value);
}

std::vector<std::string_view> values_of(std::string_view decoded, Vr vr) {
  std::vector<std::string_view> values;
  while (true) {
    const std::size_t end = has_values(vr) ? decoded.find('\\') : decoded.npos;
    values.push_back(without_blanks(decoded.substr(0, end)));
    if (end == decoded.npos) return values;
    decoded.remove_prefix(end + 1);
  }
}

const CharacterSet& CharacterSetWalk::enter(std::string_view item, unsigned depth) {
  if (levels_.size() > depth + 1) levels_.resize(depth + 1);
  const auto inherited = [this](std::size_t level) {
    return level == 0 ? CharacterSet{} : levels_[level - 1].set;
  };
  while (levels_.size() < depth + 1) levels_.push_back({item, inherited(levels_.size())});
  Level& level = levels_.back();
  if (level.item != item) level = {item, inherited(depth)};
  return level.set;
}

void CharacterSetWalk::declare(std::string_view value) {
  if (!levels_.empty()) levels_.back().set = parse_character_set(value);
}

}  // namespace veilroute::dicom

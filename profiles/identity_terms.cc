// Collects identity terms from the objects of one (study, patient), before they are changed.
#include "profiles/identity_terms.h"

#include <algorithm>
#include <array>

#include "core/base/unicode.h"
#include "core/dicom/charset.h"
#include "core/dicom/charset_tables.h"
#include "core/dicom/dataset.h"
#include "core/dicom/padding.h"
#include "core/dicom/uid.h"
#include "profiles/text_finds.h"
#include "profiles/verify_rules.h"
#include "profiles/verify_table.h"

namespace veilroute::profiles {
namespace {

using dicom::CharacterSet;
using dicom::Element;
using dicom::Holds;
using dicom::Tag;
using dicom::Vr;
namespace vr = dicom::vr;

constexpr std::size_t kShortestTerm =
    std::size_t{4} * 3;  // decisions 9: four letters, or what weighs as much
constexpr std::size_t kShortestWord = std::size_t{2} * 3;  // one letter says nothing
constexpr std::size_t kShortestBytes = 4;
constexpr std::size_t kLongestTerm = 256;
constexpr std::size_t kMostTerms = 20'000;
constexpr std::size_t kMostDays = 200;  // each is searched for in some three hundred notations
constexpr std::size_t kShortestNumber = 5;

/// The beginning, without a torn character at its end.
std::string_view beginning(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  const auto goes_on = [&] { return (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U; };
  while (most > 0 && goes_on()) --most;
  return text.substr(0, most);
}

/// Splits at any of `marks`, leaving out what is empty.
std::vector<std::string_view> split(std::string_view text, std::string_view marks) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(marks), text.size());
    const std::string_view part = dicom::trimmed_both(text.substr(0, end));
    if (!part.empty()) parts.push_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// What stands between the parts of a name: PS3.5's marks, and those that people use, also the
/// full-width ones.
std::vector<std::string_view> parts_of_a_name(std::string_view name) {
  static constexpr std::u32string_view kMarks =
      U"^ ,.;/()[]{}&\"_\u00A0\u00B7\u3000\u3001\u30FB\uFF08\uFF09\uFF0C\uFF3E";
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t here = at;
    const auto character = next_code_point(name, at);
    if (!character) break;  // decoded text is UTF-8
    if (kMarks.find(*character) == kMarks.npos) continue;
    if (here > begin) parts.push_back(name.substr(begin, here - begin));
    begin = at;
  }
  if (begin < name.size()) parts.push_back(name.substr(begin));
  return parts;
}

/// A word of umlauts written without them, as "MUELLER": "MULLER".
std::string without_spelt_umlauts(std::string_view word) {
  std::string plain;
  for (std::size_t i = 0; i < word.size(); ++i) {
    plain += word[i];
    const bool may_be = word[i] == 'A' || word[i] == 'O' || word[i] == 'U';
    if (may_be && i + 1 < word.size() && word[i + 1] == 'E') ++i;
  }
  return plain;
}

bool is_private_uid(std::string_view token) {
  constexpr std::size_t kShortest = 24;  // roots and versions are shorter
  return token.size() >= kShortest && dicom::is_valid_uid(token) &&
         !dicom::is_structural_uid(token);
}

/// Longer than any registered root, and so than any number of a class that a maker has.
bool has_long_number(std::string_view uid) {
  constexpr std::size_t kShortest = 8;
  const auto numbers = split(uid, ".");
  return std::any_of(numbers.begin(), numbers.end(),
                     [](std::string_view number) { return number.size() >= kShortest; });
}

class Collector {
 public:
  explicit Collector(IdentityTerms::State& state) : state_(state) {}

  void item(const dicom::Item& item, const CharacterSet& around) {
    const CharacterSet set = dicom::character_set_of(item, around);
    for (const Element& element : item.elements) {
      if (element.holds == Holds::sequence) {
        for (const dicom::Item& each : element.items) this->item(each, set);
      } else if (element.holds == Holds::value && !element.value.empty()) {
        value(element, set);
      }
    }
  }

 private:
  using Reader = void (Collector::*)(std::string_view decoded, Vr vr);

  void value(const Element& element, const CharacterSet& set) {
    const dicom::DictionaryEntry* entry = dicom::find(element.tag);
    const Vr registered = entry == nullptr ? Vr::none : entry->vr;
    const auto is = [&](Vr which) { return element.vr == which || registered == which; };
    tag_ = element.tag;
    const TermKind* kind = identifying_kind(tag_);
    if (is(vr::UI)) return uids(dicom::trimmed(element.value));
    if (is(vr::PN)) return read(element.value, vr::PN, set, TermKind::person, &Collector::names);
    if (is(vr::DA) || is(vr::DT)) return dates(dicom::trimmed(element.value));
    const bool told = dicom::is_text(element.vr) || registered == Vr::none;
    const Vr text = told && element.vr != vr::UN ? element.vr : registered;
    if (kind != nullptr) return read(element.value, text, set, *kind, &Collector::identifying);
    if (tag_.is_private()) return private_value(element, set);
    const bool prose = text == vr::LT || text == vr::ST || text == vr::UT || text == vr::UC;
    const bool listed = (text == vr::LO || text == vr::SH) && demand_for(tag_).listed;
    if (prose || listed) {
      read(element.value, text, set, TermKind::identifier, &Collector::free_text);
    }
  }

  /// Of private attributes those that are text, also where nobody said so.
  void private_value(const Element& element, const CharacterSet& set) {
    if (tag_.is_private_creator()) return;
    if (dicom::is_in_character_set(element.vr)) {
      read(element.value, element.vr, set, TermKind::identifier, &Collector::private_text);
    } else if (element.vr == vr::UN || element.vr == vr::OB) {
      constexpr std::size_t kShortestText = 6;
      const auto decoded = dicom::decode_text(element.value, vr::LO, set);
      if (decoded && decoded->size() >= kShortestText) private_text(*decoded, vr::LO);
    }
  }

  /// Reads a text in the ways it may be meant: as declared; as UTF-8, where it happens to be that;
  /// and the bytes themselves, where they are nothing that was declared.
  void read(ByteView value, Vr text, const CharacterSet& set, TermKind kind, Reader reader) {
    if (is_known(value, set)) return;
    const auto declared = dicom::decode_text(value, text, set);
    if (declared) (this->*reader)(*declared, text);
    if (dicom::is_plain_ascii(value)) return;
    const std::string_view bytes = dicom::trimmed(value);
    if (is_utf8(bytes) && declared != bytes) (this->*reader)(bytes, text);
    if (declared) return;
    CharacterSet extended = set;
    extended.has_extensions = true;
    extended.coding = CharacterSet::Coding::tables;
    if (const auto escaped = dicom::decode_text(value, text, extended)) {
      (this->*reader)(*escaped, text);
    } else if (const auto windows = dicom::from_encoding(bytes, "CP1252")) {
      (this->*reader)(*windows, text);
    }
    for (const std::string_view part : split(bytes, "\\^=")) undecoded(part, kind);
  }

  /// True the second time. Long values are read again: they are few.
  bool is_known(ByteView value, const CharacterSet& set) {
    constexpr std::size_t kLongest = 256;
    if (value.size() > kLongest) return false;
    std::string key = dicom::to_text(tag_);
    for (const auto part : {static_cast<int>(set.coding), static_cast<int>(set.left),
                            static_cast<int>(set.right), static_cast<int>(set.has_extensions)}) {
      key += static_cast<char>(part);
    }
    key += as_text(value);
    return !state_.read.insert(std::move(key)).second;
  }

  void undecoded(std::string_view bytes, TermKind kind) {
    if (bytes.size() < kShortestBytes) return;
    if (state_.undecoded.size() >= kMostTerms) {
      state_.is_cut_off = true;
      return;
    }
    Term& known = state_.undecoded[std::string(bytes.substr(0, kLongestTerm))];
    known.kind = kind;
    known.part_of_place = false;
    known.sources.insert(tag_.packed());
  }

  void add(std::string_view text, TermKind kind, bool part_of_place = false) {
    // The beginning of a long text is evidence of the whole.
    text = beginning(dicom::trimmed_both(text), kLongestTerm);
    std::string term = comparable(text);
    const std::size_t weight = weight_in_thirds(term);
    const bool is_word = weight < kShortestTerm || is_common_token(term);
    if (is_word && (weight < kShortestWord || !is_of_the_patient(tag_))) return;
    auto& all = is_word ? state_.words : state_.terms;
    auto known = all.find(term);
    if (known == all.end()) {
      state_.days += kind == TermKind::date ? 1 : 0;
      if (all.size() >= kMostTerms || state_.days > kMostDays) {
        state_.is_cut_off = true;
        return;
      }
      known = all.emplace(std::move(term), Term{}).first;
    }
    known->second.kind = kind;
    known->second.digits_only = is_all_digits(known->first);
    known->second.part_of_place = known->second.part_of_place && part_of_place;
    known->second.sources.insert(tag_.packed());
    if (!is_ascii(text)) known->second.written.insert(composed(text));
  }

  void uids(std::string_view text) {
    const bool of_classes = names_a_class(tag_);
    for (const std::string_view uid : split(text, "\\")) {
      const bool of_instance = !of_classes || uid.starts_with("2.25.") || has_long_number(uid);
      const bool of_standard = dicom::is_structural_uid(uid) && !must_be_mapped(tag_);
      if (of_instance && !of_standard) state_.uids.emplace(uid);
    }
  }

  void names(std::string_view text, Vr /*vr*/) {
    for (std::string_view name : split(text, "\\=")) {
      while (!name.empty() && (name.back() == '^' || name.back() == ' ')) name.remove_suffix(1);
      add(name, TermKind::person);
      const auto parts = parts_of_a_name(name);
      for (const std::string_view part : parts) part_of_a_name(part);
      if (parts.size() >= 2) combinations(parts);
    }
  }

  void part_of_a_name(std::string_view part) {
    spellings(part);
    const auto halves = split(part, "-'");
    if (halves.size() < 2) return;
    for (const std::string_view half : halves) spellings(half);
  }

  void spellings(std::string_view part) {
    add(part, TermKind::person);
    if (!is_ascii(part)) return add(with_umlauts_spelt_out(part), TermKind::person);
    const std::string capitals = upper_case(part);
    const std::string plain = without_spelt_umlauts(capitals);
    if (plain.size() != capitals.size()) add(plain, TermKind::person);
  }

  /// As people write names: "ONE PHANTOM", "PHANTOM, ONE", "PHANTOM_ONE".
  void combinations(const std::vector<std::string_view>& parts) {
    constexpr std::size_t kMostGivenNames = 3;
    const std::string last(parts[0]);
    for (std::size_t i = 1; i < std::min(parts.size(), kMostGivenNames + 1); ++i) {
      const std::string first(parts[i]);
      for (const char* between : {" ", ", ", "_", "", "-", "."}) {
        add(last + between + first, TermKind::person);
        add(first + between + last, TermKind::person);
      }
    }
  }

  void dates(std::string_view text) {
    constexpr std::size_t kDateDigits = 8;
    constexpr std::size_t kDotted = 10;  // "2026.01.10", before DICOM
    for (const std::string_view date : split(text, "\\-")) {
      std::string day(date.substr(0, kDateDigits));
      if (date.size() == kDotted && date[4] == '.' && date[7] == '.') {
        day = std::string(date.substr(0, 4)) + std::string(date.substr(5, 2)) +
              std::string(date.substr(8, 2));
      }
      if (day.size() != kDateDigits || !is_all_digits(day)) continue;
      // What is cut off is never cleared: no more days than can be compared.
      if (state_.source_days.size() <= kMostDays) state_.source_days.insert(day);
      if (day != "19000101") add(day, TermKind::date);
    }
  }

  void identifying(std::string_view text, Vr vr) {
    for (const std::string_view value : dicom::values_of(text, vr)) {
      for (const std::string_view part : split(value, "\r\n")) one_identifying(part);
    }
  }

  void one_identifying(std::string_view part) {
    const TermKind kind = *identifying_kind(tag_);
    add(part, kind);
    for (const std::string& number : numbers_in(comparable(part), kShortestNumber)) {
      add(number, TermKind::identifier);
    }
    if (kind == TermKind::identifier) return squeezed(part);
    // Of a place only its longer words: "ST", "NEW", "UNIT" prove nothing.
    constexpr std::size_t kShortestPlaceWord = std::size_t{5} * 3;
    for (const std::string_view word : split(part, " ,;:./()-_&^")) {
      if (weight_in_thirds(word) >= kShortestPlaceWord) {
        add(word, kind, kind == TermKind::place && word.size() != part.size());
      }
    }
  }

  /// A number without the marks between its groups.
  void squeezed(std::string_view part) {
    std::string plain;
    for (const char c : part) {
      if (std::string_view(" -./_").find(c) == std::string_view::npos) plain += c;
    }
    if (plain.size() != part.size() && digits_of(plain) >= kShortestNumber) {
      add(plain, TermKind::identifier);
    }
  }

  void free_text(std::string_view text, Vr /*vr*/) {
    const std::string plain = comparable(text);
    // Who writes more numbers than that into a text writes measurements.
    constexpr std::size_t kMostNumbers = 256;
    const auto numbers = numbers_in(plain, kShortestNumber);
    if (numbers.size() <= kMostNumbers) {
      for (const std::string& number : numbers) add(number, TermKind::identifier);
      for (const std::string& number : telephone_numbers_in(plain)) {
        add(number, TermKind::identifier);
      }
    }
    for (const std::string& address : mail_addresses_in(plain)) add(address, TermKind::identifier);
  }

  void private_text(std::string_view text, Vr vr) {
    free_text(text, vr);
    constexpr std::size_t kLongestToken = 64;
    constexpr std::size_t kLongestProse = 4096;
    if (text.size() > kLongestProse) return;
    for (const std::string_view value : dicom::values_of(text, vr)) {
      if (value.find('^') != value.npos && value.size() <= kLongestToken) names(value, vr);
      const std::string plain = comparable(value);
      for (const std::string_view token : tokens_in(plain)) {
        if (is_private_uid(token)) {
          state_.uids.emplace(token);
        } else if (token.size() <= kLongestToken && digits_of(token) >= kShortestNumber &&
                   !dicom::is_valid_uid(token) && !is_measurement(token)) {
          add(token, TermKind::identifier);
        }
      }
      if (value.size() <= kLongestToken && digits_of(plain) >= kShortestNumber &&
          !dicom::is_valid_uid(plain) && !is_measurement(plain)) {
        add(value, TermKind::identifier);
      }
    }
  }

  IdentityTerms::State& state_;
  Tag tag_;  ///< of the attribute that is read
};

}  // namespace

IdentityTerms::IdentityTerms() : state_(std::make_unique<State>()) {}
IdentityTerms::~IdentityTerms() = default;
IdentityTerms::IdentityTerms(IdentityTerms&&) noexcept = default;

void IdentityTerms::collect(const dicom::Dataset& source) {
  Collector(*state_).item(source.root(), {});
}

}  // namespace veilroute::profiles

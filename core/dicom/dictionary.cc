// The registry of PS3.6, parsed once from the table that is compiled in.
#include "core/dicom/dictionary.h"

#include <algorithm>
#include <array>
#include <numeric>

extern "C" {
extern const char veilroute_data_dictionary[];
extern const char veilroute_data_dictionary_end[];
}

namespace veilroute::dicom {
namespace {

constexpr std::array kKnownVrs = {
    vr::AE, vr::AS, vr::AT, vr::CS, vr::DA, vr::DS, vr::DT, vr::FD, vr::FL, vr::IS, vr::LO, vr::LT,
    vr::OB, vr::OD, vr::OF, vr::OL, vr::OV, vr::OW, vr::PN, vr::SH, vr::SL, vr::SQ, vr::SS, vr::ST,
    vr::SV, vr::TM, vr::UC, vr::UI, vr::UL, vr::UN, vr::UR, vr::US, vr::UT, vr::UV};
static_assert(kKnownVrs.size() == 34);
static_assert(std::is_sorted(kKnownVrs.begin(), kKnownVrs.end()));

/// A row such as (60XX,3000): every nibble written X is free.
struct Pattern {
  std::uint32_t mask = 0;
  std::uint32_t value = 0;
  DictionaryEntry entry;
};

struct Registry {
  std::vector<DictionaryEntry> exact;  ///< ascending by tag
  std::vector<Pattern> patterns;
  std::vector<const DictionaryEntry*> by_keyword;  ///< ascending by keyword
};

/// Of several VRs the one that a reader of implicit VR takes: OW where it is among them (PS3.5 A.1),
/// else the first, which is the unsigned one.
Vr parse_vr(std::string_view text) {
  if (text.find("OW") != std::string_view::npos) return vr::OW;
  return text.size() >= 2 ? vr_of(text[0], text[1]) : Vr::none;
}

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// "(60XX,3000)" to mask and value.
Pattern parse_tag_column(std::string_view text) {
  Pattern pattern;
  for (const char c : text) {
    if (c == '(' || c == ')' || c == ',') continue;
    const int digit = nibble(c);
    pattern.mask = (pattern.mask << 4U) | (digit < 0 ? 0U : 0xFU);
    pattern.value = (pattern.value << 4U) | (digit < 0 ? 0U : static_cast<std::uint32_t>(digit));
  }
  return pattern;
}

std::string_view next_column(std::string_view& line) {
  const std::size_t tab = line.find('\t');
  const std::string_view column = line.substr(0, tab);
  line = tab == std::string_view::npos ? std::string_view{} : line.substr(tab + 1);
  return column;
}

void parse_row(std::string_view line, Registry& registry) {
  Pattern pattern = parse_tag_column(next_column(line));
  pattern.entry.tag = tag_of(pattern.value);
  pattern.entry.keyword = next_column(line);
  pattern.entry.vr = parse_vr(next_column(line));
  next_column(line);  // VM: nothing of ours asks for it
  pattern.entry.retired = next_column(line) == "Y";
  pattern.entry.name = line;
  if (pattern.mask == 0xFFFFFFFFU) {
    registry.exact.push_back(pattern.entry);
  } else {
    registry.patterns.push_back(pattern);
  }
}

Registry parse_registry() {
  std::string_view text(
      veilroute_data_dictionary,
      static_cast<std::size_t>(veilroute_data_dictionary_end - veilroute_data_dictionary));
  Registry registry;
  registry.exact.reserve(6000);
  bool header = true;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (!header && !line.empty()) parse_row(line, registry);
    header = false;
  }
  std::sort(registry.exact.begin(), registry.exact.end(),
            [](const auto& a, const auto& b) { return a.tag < b.tag; });
  for (const auto& entry : registry.exact) registry.by_keyword.push_back(&entry);
  for (const auto& pattern : registry.patterns) registry.by_keyword.push_back(&pattern.entry);
  std::erase_if(registry.by_keyword, [](const auto* entry) { return entry->keyword.empty(); });
  std::sort(registry.by_keyword.begin(), registry.by_keyword.end(),
            [](const auto* a, const auto* b) { return a->keyword < b->keyword; });
  return registry;
}

const Registry& registry() {
  static const Registry parsed = parse_registry();
  return parsed;
}

/// Curves and overlays repeat over sixteen even groups (PS3.5 7.6); other patterns over all.
bool group_repeats(const Pattern& pattern, Tag tag) {
  const std::uint16_t family = static_cast<std::uint16_t>(tag.group & 0xFF00U);
  if ((pattern.mask & 0x00FF0000U) == 0 && (family == 0x5000 || family == 0x6000)) {
    return (tag.group & 0x00FFU) <= 0x001E;
  }
  return true;
}

template <typename... Others>
constexpr bool is_one_of(Vr value, Others... others) {
  return ((value == others) || ...);
}

/// Levenshtein's distance, letters in any case.
std::size_t distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

const DictionaryEntry* find(Tag tag) {
  const Registry& all = registry();
  const auto at = std::lower_bound(all.exact.begin(), all.exact.end(), tag,
                                   [](const auto& entry, Tag t) { return entry.tag < t; });
  if (at != all.exact.end() && at->tag == tag) return &*at;
  if (tag.is_private() || tag.is_group_length()) return nullptr;
  for (const auto& pattern : all.patterns) {
    if ((tag.packed() & pattern.mask) == pattern.value && group_repeats(pattern, tag)) {
      return &pattern.entry;
    }
  }
  return nullptr;
}

std::span<const DictionaryEntry> all_entries() { return registry().exact; }

const DictionaryEntry* find_keyword(std::string_view keyword) {
  const auto& all = registry().by_keyword;
  const auto at = std::lower_bound(
      all.begin(), all.end(), keyword,
      [](const auto* entry, std::string_view text) { return entry->keyword < text; });
  return at != all.end() && (*at)->keyword == keyword ? *at : nullptr;
}

Vr implicit_vr(Tag tag) {
  if (tag.is_group_length()) return vr::UL;
  if (tag.is_private()) return tag.is_private_creator() ? vr::LO : vr::UN;
  const DictionaryEntry* entry = find(tag);
  return entry == nullptr || entry->vr == Vr::none ? vr::UN : entry->vr;
}

std::vector<std::string> nearest_keywords(std::string_view misspelt, std::size_t at_most) {
  // A keyword is 90 characters at most; whatever is longer is not a slip of the finger.
  constexpr std::size_t kLongest = 128;
  std::vector<std::pair<std::size_t, std::string_view>> ranked;
  if (misspelt.size() > kLongest) return {};
  const std::size_t tolerated = std::max<std::size_t>(2, misspelt.size() / 3);
  for (const auto* entry : registry().by_keyword) {
    const std::size_t length = entry->keyword.size();
    const std::size_t gap =
        length > misspelt.size() ? length - misspelt.size() : misspelt.size() - length;
    if (gap > tolerated) continue;
    const std::size_t steps = distance(misspelt, entry->keyword);
    if (steps <= tolerated) ranked.emplace_back(steps, entry->keyword);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> nearest;
  for (std::size_t i = 0; i < ranked.size() && i < at_most; ++i) {
    nearest.emplace_back(ranked[i].second);
  }
  return nearest;
}

std::string to_text(Tag tag) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text = "(0000,0000)";
  const std::uint32_t packed = tag.packed();
  constexpr std::array<std::size_t, 8> places = {1, 2, 3, 4, 6, 7, 8, 9};
  for (std::size_t i = 0; i < places.size(); ++i) {
    text[places[i]] = digits[(packed >> (28U - 4U * i)) & 0xFU];
  }
  return text;
}

std::optional<Tag> parse_tag(std::string_view text) {
  if (text.size() == 11 && text.front() == '(' && text.back() == ')') text = text.substr(1, 9);
  std::string digits(text);
  if (digits.size() == 9 && digits[4] == ',') digits.erase(4, 1);
  if (digits.size() != 8) return std::nullopt;
  std::uint32_t packed = 0;
  for (const char c : digits) {
    const int digit = nibble(c);
    if (digit < 0) return std::nullopt;
    packed = (packed << 4U) | static_cast<std::uint32_t>(digit);
  }
  return tag_of(packed);
}

std::string to_text(Vr value) {
  const auto number = static_cast<std::uint16_t>(value);
  if (number == 0) return "--";
  return {static_cast<char>(number >> 8U), static_cast<char>(number & 0xFFU)};
}

bool is_known(Vr value) {
  return std::binary_search(kKnownVrs.begin(), kKnownVrs.end(), value);
}

bool has_long_length(Vr value) {
  return is_one_of(value, vr::OB, vr::OD, vr::OF, vr::OL, vr::OV, vr::OW, vr::SQ, vr::SV, vr::UC,
                   vr::UN, vr::UR, vr::UT, vr::UV);
}

bool is_text(Vr value) {
  return is_one_of(value, vr::AE, vr::AS, vr::CS, vr::DA, vr::DS, vr::DT, vr::IS, vr::LO, vr::LT,
                   vr::PN, vr::SH, vr::ST, vr::TM, vr::UC, vr::UI, vr::UR, vr::UT);
}

std::uint8_t padding_of(Vr value) {
  return is_text(value) && value != vr::UI ? std::uint8_t{' '} : std::uint8_t{0};
}

}  // namespace veilroute::dicom

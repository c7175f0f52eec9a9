// Finds words, numbers, dates and UIDs of the source in a finished copy.
#include "profiles/verify_leaks.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/base/unicode.h"
#include "profiles/method.h"
#include "profiles/standard_table.h"
#include "profiles/words.h"

namespace veilroute::profiles {
namespace {

using dicom::Vr;
namespace vr = dicom::vr;

bool holds_text(Vr which) {
  return dicom::is_text(which) && which != vr::CS && which != vr::DS && which != vr::IS &&
         which != vr::UI && which != vr::DA && which != vr::TM && which != vr::DT &&
         which != vr::AS;
}

bool names_a_device(dicom::Tag tag) {
  static constexpr std::array<dicom::Tag, 10> kTags{{{0x0008, 0x0070},
                                                     {0x0008, 0x1090},
                                                     {0x0018, 0x702A},
                                                     {0x0018, 0x702B},
                                                     {0x0018, 0x9041},
                                                     {0x0018, 0x9050},
                                                     {0x0018, 0x9524},
                                                     {0x0018, 0x9526},
                                                     {0x0018, 0x1250},
                                                     {0x0018, 0x1251}}};
  return std::find(kTags.begin(), kTags.end(), tag) != kTags.end();
}

/// Hardware that people name as they like, unlike makers and models.
bool names_a_coil(dicom::Tag tag) {
  return tag == dicom::Tag{0x0018, 0x1250} || tag == dicom::Tag{0x0018, 0x1251};
}

/// Codes of published schemes: "Hand" there is not Mr Hand.
bool is_part_of_a_code(dicom::Tag tag) {
  return tag.group == 0x0008 && tag.element >= 0x0100 && tag.element <= 0x0104;
}

bool is_end_of_word(ByteView bytes, std::size_t at) {
  return at >= bytes.size() || bytes[at] == ' ' || bytes[at] == '_' || bytes[at] == '\\' ||
         bytes[at] == 0;
}

bool is_whole_word(ByteView bytes, std::size_t begin, std::size_t length) {
  return (begin == 0 || is_end_of_word(bytes, begin - 1)) && is_end_of_word(bytes, begin + length);
}

/// The path of the item in which an attribute stands.
std::string_view item_of(const Seen& seen) {
  constexpr std::size_t kTagLength = 11;  // "(gggg,eeee)"
  return seen.path.substr(0, seen.path.size() - std::min(seen.path.size(), kTagLength));
}

/// The standard's own words for what was done: "Retain Device Identity Option".
bool is_meaning_of_method(const Seen& seen, const Profile& profile) {
  constexpr std::string_view kBasicProfileCode = "113100";  // CID 7050
  if (!seen.path.starts_with("(0012,0064)[") || seen.tag != dicom::Tag{0x0008, 0x0104}) {
    return false;
  }
  const std::string_view text = text_of(seen);
  const auto options = all_options();
  return text == method_meaning(kBasicProfileCode) ||
         std::any_of(options.begin(), options.end(), [&](Option option) {
           return profile.options.has(option) && text == method_meaning(code_of(option));
         });
}

constexpr std::string_view kFoundAdvice =
    "A word, number, date or UID of the source still stands in the copy. Look at the attribute in "
    "the source, and remove it by a rule of the profile.";
constexpr std::string_view kTooManyAdvice =
    "This study holds more names, numbers and dates than can be searched for: have the source send "
    "it in parts, or repair what repeats.";
constexpr std::string_view kUndecodableAdvice =
    "This text is not in the character set that its item declares (0008,0005), so that nobody can "
    "say what it says. Remove the attribute by a rule of the profile, or have the source declare "
    "its "
    "character set.";

}  // namespace

/// How often each needle was met.
struct LeakSearch::Occurrences {
  std::map<std::size_t, std::size_t> of;
};

LeakSearch::LeakSearch(const IdentityTerms::State& terms, const Permitted& permitted,
                       HarmlessValue harmless)
    : permitted_(permitted), harmless_(std::move(harmless)), is_cut_off_(terms.is_cut_off) {
  for (const auto& [text, term] : terms.words) {
    if (is_kept(term)) continue;
    words_.insert(text);
    longest_word_ = std::max(longest_word_, text.size());
  }
  const bool keeps_uids = permitted.profile->options.has(Option::retain_uids);
  Needles made = needles_for(
      terms, [this](const Term& term) { return seek(term); }, !keeps_uids);
  needles_ = std::move(made.needles);
  search_ = std::make_unique<TermSearch>(made.texts);
}

std::vector<Problem> LeakSearch::check(const std::vector<Seen>& attributes, ByteView own) const {
  std::vector<Problem> problems;
  const auto add = [&problems](std::string_view path, std::string_view rule,
                               std::string_view advice) {
    problems.push_back({std::string(path), std::string(rule), std::string(advice)});
  };
  if (is_cut_off_) add("", "verify.too-many-terms", kTooManyAdvice);
  Occurrences explained;
  dicom::CharacterSetWalk walk;
  for (const Seen& seen : attributes) {
    const dicom::CharacterSet& set = walk.enter(item_of(seen), seen.depth);
    if (seen.is_sequence || seen.is_range) continue;
    const Verdict verdict = judge(seen, set, explained);
    if (verdict != Verdict::clean && !is_permitted_value(seen)) {
      if (verdict == Verdict::undecodable) {
        add(seen.path, "verify.undecodable-text", kUndecodableAdvice);
      } else if (!is_harmless(seen, set)) {
        add(seen.path, "verify.identity-found", kFoundAdvice);
      }
    }
    if (seen.tag == dicom::tags::SpecificCharacterSet) walk.declare(as_text(seen.value));
  }
  if (holds_more_than(explained, own)) add("", "verify.identity-between-values", kFoundAdvice);
  return problems;
}

LeakSearch::Verdict LeakSearch::judge(const Seen& seen, const dicom::CharacterSet& set,
                                      Occurrences& explained) const {
  bool leaks = false;
  search_->find(seen.value, [&](std::size_t index, std::size_t begin) {
    if (!counts(needles_[index], seen.value, begin)) return;
    ++explained.of[index];
    leaks = leaks || is_leak(needles_[index], seen, seen.value, begin);
  });
  if (!dicom::is_text(seen.vr)) return leaks ? Verdict::leaks : Verdict::clean;
  if (dicom::is_plain_ascii(seen.value)) {
    return leaks || says_a_word(seen, text_of(seen)) ? Verdict::leaks : Verdict::clean;
  }
  const auto decoded = dicom::decode_text(seen.value, seen.vr, set);
  if (!decoded) return leaks ? Verdict::leaks : Verdict::undecodable;
  const std::string plain = comparable(*decoded);
  search_->find(as_bytes(plain), [&](std::size_t index, std::size_t begin) {
    leaks = leaks || (counts(needles_[index], as_bytes(plain), begin) &&
                      is_leak(needles_[index], seen, as_bytes(plain), begin));
  });
  return leaks || says_a_word(seen, plain) ? Verdict::leaks : Verdict::clean;
}

bool LeakSearch::is_leak(const Needle& needle, const Seen& seen, ByteView bytes,
                         std::size_t begin) const {
  if (names_a_device(seen.tag)) {
    // Hospitals carry makers' words in their names ("... Photo Clinic"); a whole name is still
    // found. A station that nobody has named bears its model's name. "3.2.61" is a version.
    const bool may_be_the_place =
        names_a_coil(seen.tag) &&
        !is_vocabulary_word(upper_case(as_text(bytes.subspan(begin, needle.length))));
    if (needle.part_of_place && !may_be_the_place) return false;
    if (needle.is_short_date) return false;
    if (needle.names_a_station && is_whole_word(bytes, begin, needle.length)) return false;
  }
  const auto& stays_in = needle.stays_in;
  if (std::find(stays_in.begin(), stays_in.end(), seen.tag.packed()) != stays_in.end())
    return false;
  if (seen.vr == vr::UI) return needle.kind == TermKind::uid;
  if (needle.is_short_date) return holds_text(seen.vr) && seen.tag != dicom::Tag{0x0018, 0x1020};
  if (holds_text(seen.vr) || (needle.is_bytes && seen.vr == vr::UN)) return true;
  // "AXIA" is not in "AXIAL": in words of the standard only a whole word is evidence.
  if (seen.vr == vr::CS) return is_whole_word(bytes, begin, needle.length);
  return needle.strong;
}

/// One source that is not kept is enough: what it said may not leave anywhere else.
bool LeakSearch::is_kept(const Term& term) const {
  return std::all_of(term.sources.begin(), term.sources.end(), [this](std::uint32_t packed) {
    return passes_as_it_came(dicom::tag_of(packed), *permitted_.profile);
  });
}

/// A device's number stands in its maker's private headers once more, and so do numbers of safe
/// private attributes in others that are not safe. That says nothing new of the patient, as long as
/// no public attribute that goes says the same.
std::optional<std::vector<std::uint32_t>> LeakSearch::seek(const Term& term) const {
  if (is_kept(term)) return std::nullopt;
  const bool keeps_private = permitted_.profile->options.has(Option::retain_safe_private);
  std::vector<std::uint32_t> stays_in;
  for (const std::uint32_t packed : term.sources) {
    const dicom::Tag tag = dicom::tag_of(packed);
    const bool is_private = tag.is_private();
    const bool stays = is_private ? keeps_private : passes_as_it_came(tag, *permitted_.profile);
    if (!stays && !is_private) return std::vector<std::uint32_t>{};
    if (stays) stays_in.push_back(packed);
  }
  return stays_in;
}

bool LeakSearch::says_a_word(const Seen& seen, std::string_view text) const {
  if (words_.empty() || !holds_text(seen.vr) || names_a_device(seen.tag) ||
      is_part_of_a_code(seen.tag)) {
    return false;
  }
  while (true) {
    const std::size_t end = text.find_first_of("\\^=");
    std::string_view part = text.substr(0, end);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (part.size() <= longest_word_ && words_.contains(upper_case(part))) return true;
    if (end == text.npos) return false;
    text.remove_prefix(end + 1);
  }
}

/// What we put there ourselves, whole: the source may hold the same word by chance.
bool LeakSearch::is_permitted_value(const Seen& seen) const {
  const std::string_view text = text_of(seen);
  if (is_dummy(text) || text == permitted_.pseudonym) return true;
  if (!permitted_.accession.empty() && text == permitted_.accession) return true;
  const Rule* rule = rule_that_decides(seen.tag, *permitted_.profile);
  if (rule != nullptr && (rule->action == Action::keep || rule->action == Action::replace)) {
    return true;  // the value itself is checked against the rule
  }
  if (is_permitted_date(seen, permitted_)) return true;
  if (text == "99VEILROUTE" || is_meaning_of_method(seen, *permitted_.profile)) return true;
  return seen.tag == dicom::Tag{0x0012, 0x0063} && text == method_text(*permitted_.profile);
}

bool LeakSearch::is_harmless(const Seen& seen, const dicom::CharacterSet& set) const {
  if (!harmless_) return false;
  const auto value = value_to_compare(seen.value, seen.vr, set);
  return value && harmless_(path_without_items(seen.path), *value);
}

bool LeakSearch::holds_more_than(const Occurrences& explained, ByteView own) const {
  Occurrences present;
  search_->find(own, [&](std::size_t index, std::size_t begin) {
    if (needles_[index].strong && counts(needles_[index], own, begin)) ++present.of[index];
  });
  return std::any_of(present.of.begin(), present.of.end(), [&explained](const auto& each) {
    const auto known = explained.of.find(each.first);
    return each.second > (known == explained.of.end() ? 0 : known->second);
  });
}

}  // namespace veilroute::profiles

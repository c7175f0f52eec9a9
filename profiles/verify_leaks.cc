// Finds words, numbers, dates and UIDs of the source in a finished copy.
#include "profiles/verify_leaks.h"

#include <algorithm>
#include <array>
#include <map>

#include "profiles/method.h"

namespace veilroute::profiles {
namespace {

using dicom::Vr;
namespace vr = dicom::vr;

/// In numbers and binary values shorter words and numbers turn up by chance.
constexpr std::size_t kShortestStrongTerm = 6;

bool is_digit(std::uint8_t byte) { return byte >= '0' && byte <= '9'; }

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

/// Codes of published schemes: "Hand" there is not Mr Hand.
bool is_part_of_a_code(dicom::Tag tag) {
  return tag.group == 0x0008 && tag.element >= 0x0100 && tag.element <= 0x0104;
}

bool is_end_of_word(ByteView bytes, std::size_t at) {
  return at >= bytes.size() || bytes[at] == ' ' || bytes[at] == '_' || bytes[at] == '\\' ||
         bytes[at] == 0;
}

}  // namespace

LeakSearch::LeakSearch(const IdentityTerms::State& terms, const Permitted& permitted)
    : permitted_(permitted), is_cut_off_(terms.is_cut_off) {
  for (const auto& [text, term] : terms.terms) {
    if (!is_kept(term)) add(text, term);
  }
  for (const auto& [text, term] : terms.words) {
    if (!is_kept(term)) words_.insert(text);
  }
  for (const std::string& uid : terms.uids) add(uid, {TermKind::uid, true, false, {}});
  search_ = std::make_unique<TermSearch>(texts_);
}

/// One source that is not kept is enough: what it said may not leave anywhere else.
bool LeakSearch::is_kept(const Term& term) const {
  return std::all_of(term.sources.begin(), term.sources.end(), [this](std::uint32_t packed) {
    const Rule* rule = rule_that_decides(dicom::tag_of(packed), *permitted_.profile);
    return rule != nullptr && rule->action == Action::keep;
  });
}

void LeakSearch::add(std::string text, const Term& term) {
  needles_.push_back({term.kind, text.size(), term.digits_only, term.part_of_place,
                      text.size() >= kShortestStrongTerm});
  texts_.push_back(std::move(text));
}

/// A number inside a longer number is another number; leading zeros make no difference.
bool LeakSearch::counts(const Needle& needle, ByteView bytes, std::size_t begin) const {
  if (!needle.digits_only) return true;
  const std::size_t end = begin + needle.length;
  if (end < bytes.size() && is_digit(bytes[end])) return false;
  while (begin > 0 && bytes[begin - 1] == '0') --begin;
  if (begin > 0 && (is_digit(bytes[begin - 1]) || bytes[begin - 1] == '.')) return false;
  // A UID goes on after a dot; a sentence ends with one.
  return needle.kind != TermKind::uid || end + 1 >= bytes.size() || bytes[end] != '.' ||
         !is_digit(bytes[end + 1]);
}

bool LeakSearch::is_leak(const Needle& needle, const Seen& seen, std::size_t begin) const {
  // Hospitals carry makers' words in their names ("... Photo Clinic"); a whole name is still found.
  if (needle.part_of_place && names_a_device(seen.tag)) return false;
  if (holds_text(seen.vr)) return true;
  if (seen.vr == vr::UI) return needle.kind == TermKind::uid;
  if (!needle.strong && seen.vr != vr::CS) return false;
  if (seen.vr == vr::CS) {
    // "AXIA" is not in "AXIAL": in words of the standard only a whole word is evidence.
    const bool starts = begin == 0 || is_end_of_word(seen.value, begin - 1);
    return starts && is_end_of_word(seen.value, begin + needle.length);
  }
  return true;
}

bool LeakSearch::says_a_word(const Seen& seen) const {
  if (words_.empty() || !holds_text(seen.vr) || names_a_device(seen.tag) ||
      is_part_of_a_code(seen.tag)) {
    return false;
  }
  for (const std::string_view part : components(text_of(seen))) {
    if (words_.find(upper_case(part)) != words_.end()) return true;
  }
  return false;
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
  if (text == "Basic Application Confidentiality Profile" || text == "99VEILROUTE") return true;
  return seen.tag == dicom::Tag{0x0012, 0x0063} && text == method_text(*permitted_.profile);
}

std::vector<Problem> LeakSearch::check(const std::vector<Seen>& attributes, ByteView own) const {
  constexpr std::string_view kAdvice =
      "A word, number, date or UID of the source still stands in the copy. Look at the attribute "
      "in "
      "the source, and remove it by a rule of the profile.";
  std::vector<Problem> problems;
  if (is_cut_off_) {
    problems.push_back({"", "verify.too-many-terms",
                        "This study holds more names, numbers and dates than can be searched for: "
                        "have the source send it in parts, or repair what repeats."});
  }
  std::map<std::size_t, std::size_t> explained;  // needle → occurrences already judged
  for (const Seen& seen : attributes) {
    if (seen.is_sequence || seen.is_range) continue;
    const bool permitted = is_permitted_value(seen);
    bool leaks = !permitted && says_a_word(seen);
    search_->find(seen.value, [&](std::size_t index, std::size_t begin) {
      if (!counts(needles_[index], seen.value, begin)) return;
      ++explained[index];
      leaks = leaks || (!permitted && is_leak(needles_[index], seen, begin));
    });
    if (leaks) problems.push_back({std::string(seen.path), "verify.identity-found", std::string(kAdvice)});
  }
  std::map<std::size_t, std::size_t> present;
  search_->find(own, [&](std::size_t index, std::size_t begin) {
    if (needles_[index].strong && counts(needles_[index], own, begin)) ++present[index];
  });
  const bool hidden = std::any_of(present.begin(), present.end(), [&explained](const auto& each) {
    const auto known = explained.find(each.first);
    return each.second > (known == explained.end() ? 0 : known->second);
  });
  if (hidden) problems.push_back({"", "verify.identity-between-values", std::string(kAdvice)});
  return problems;
}

}  // namespace veilroute::profiles

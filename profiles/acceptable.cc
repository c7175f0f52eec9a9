#include "profiles/acceptable.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <vector>

#include "profiles/identity_terms.h"

namespace veilroute::profiles {
namespace {

using dicom::Tag;
namespace vr = dicom::vr;

/// Dates take four digits ("1.2.26"), and so do most numbers of a hospital.
constexpr std::ptrdiff_t kMostAcceptedDigits = 3;

/// The patient's own names and numbers, wherever the source had them.
constexpr std::array<Tag, 9> kOwn{{{0x0008, 0x0050},
                                   {0x0010, 0x0010},
                                   {0x0010, 0x0020},
                                   {0x0010, 0x1000},
                                   {0x0010, 0x1001},
                                   {0x0010, 0x1002},
                                   {0x0010, 0x1005},
                                   {0x0010, 0x1060},
                                   {0x0038, 0x0010}}};
/// Those of them that are numbers: what they say is never a word.
constexpr std::array<Tag, 5> kOwnNumbers{
    {{0x0008, 0x0050}, {0x0010, 0x0020}, {0x0010, 0x1000}, {0x0010, 0x1002}, {0x0038, 0x0010}}};

Error not_acceptable(const char* slug, const char* why) {
  return make_error(ErrorKind::refused, slug, why);
}

Error identifier_in_it() {
  return not_acceptable(
      "accept.identifier",
      "the value holds a number, a date or a UID, or may hold one, and those are never "
      "harmless: remove the attribute by a rule of the profile, then `study replan`");
}

Error whole_name_in_it() {
  return not_acceptable(
      "accept.whole-name",
      "the value holds more than one word of a name or a place, and together they tell "
      "whose they are: remove the attribute by a rule of the profile, then `study replan`");
}

bool is_letter_or_digit(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         byte >= 0x80U;
}

/// The last tag of a path, as text.
std::string_view last_tag(std::string_view path) {
  const std::size_t at = path.rfind('(');
  return at == path.npos ? path : path.substr(at);
}

bool is_own(std::string_view tag) {
  return std::any_of(kOwn.begin(), kOwn.end(),
                     [tag](Tag own) { return dicom::to_text(own) == tag; });
}

bool holds_words(std::string_view path) {
  const std::string_view text = last_tag(path);
  const std::optional<Tag> tag = dicom::parse_tag(text);
  const dicom::DictionaryEntry* entry = tag ? dicom::find(*tag) : nullptr;
  if (entry == nullptr || is_own(text)) return false;
  static constexpr std::array<dicom::Vr, 7> kTexts{vr::CS, vr::LO, vr::LT, vr::SH,
                                                   vr::ST, vr::UC, vr::UT};
  return std::find(kTexts.begin(), kTexts.end(), entry->vr) != kTexts.end();
}

bool says_a_number(const Term& term) {
  if (term.kind != TermKind::person && term.kind != TermKind::place) return true;
  return std::any_of(kOwnNumbers.begin(), kOwnNumbers.end(),
                     [&term](Tag own) { return term.sources.contains(own.packed()); });
}

/// The words of one value, and which of them identify.
class AcceptedWords {
 public:
  AcceptedWords(std::string_view value, const IdentityTerms::State& terms)
      : value_(value), terms_(terms) {}

  Result<void> check() {
    for (const auto& [text, term] : terms_.terms) VR_TRY(look_for(text, term));
    for (const std::string_view word : words()) {
      const auto known = terms_.words.find(std::string(word));
      if (known == terms_.words.end()) continue;
      if (says_a_number(known->second)) return identifier_in_it();
      found_.emplace(word);
    }
    if (found_.size() > 1 || is_glued()) return whole_name_in_it();
    if (!found_.empty()) return {};
    return not_acceptable(
        "accept.unexplained",
        "nobody can say which word of the value was found: remove the attribute by a "
        "rule of the profile, then `study replan`");
  }

 private:
  Result<void> look_for(const std::string& text, const Term& term) {
    for (std::size_t at = value_.find(text); at != value_.npos; at = value_.find(text, at + 1)) {
      if (says_a_number(term)) return identifier_in_it();
      if (!std::all_of(text.begin(), text.end(), is_letter_or_digit)) return whole_name_in_it();
      found_.insert(word_around(at));
    }
    return {};
  }

  [[nodiscard]] std::string word_around(std::size_t at) const {
    std::size_t begin = at;
    while (begin > 0 && is_letter_or_digit(value_[begin - 1])) --begin;
    std::size_t end = at;
    while (end < value_.size() && is_letter_or_digit(value_[end])) ++end;
    return std::string(value_.substr(begin, end - begin));
  }

  [[nodiscard]] std::vector<std::string_view> words() const {
    std::vector<std::string_view> all;
    for (std::size_t at = 0; at < value_.size();) {
      std::size_t end = at;
      while (end < value_.size() && is_letter_or_digit(value_[end])) ++end;
      if (end > at) all.push_back(value_.substr(at, end - at));
      at = end + 1;
    }
    return all;
  }

  /// "HANDANNA": two words of names without anything between.
  [[nodiscard]] bool is_glued() const {
    const auto known = [this](const std::string& word) {
      return terms_.terms.contains(word) || terms_.words.contains(word);
    };
    return std::any_of(found_.begin(), found_.end(), [&known](const std::string& word) {
      for (std::size_t at = 1; at < word.size(); ++at) {
        if (known(word.substr(0, at)) && known(word.substr(at))) return true;
      }
      return false;
    });
  }

  std::string_view value_;
  const IdentityTerms::State& terms_;
  std::set<std::string> found_;  ///< words of the value, each once
};

}  // namespace

Result<void> check_acceptable(std::string_view path, std::string_view value,
                              const IdentityTerms& terms) {
  if (!holds_words(path)) {
    return not_acceptable(
        "accept.not-a-text",
        "this attribute holds no words, or is the patient's own: nothing in it can be "
        "said to be harmless");
  }
  const auto digits =
      std::count_if(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits > kMostAcceptedDigits) return identifier_in_it();
  const auto& uids = terms.state().uids;
  const bool has_uid = std::any_of(uids.begin(), uids.end(), [value](const std::string& uid) {
    return value.find(uid) != value.npos;
  });
  if (has_uid) return identifier_in_it();
  return AcceptedWords(value, terms.state()).check();
}

}  // namespace veilroute::profiles

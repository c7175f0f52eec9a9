// The search for what identifies the patient in the bytes that are to leave (decisions 9).
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/dicom/charset.h"
#include "profiles/harmless.h"
#include "profiles/needles.h"
#include "profiles/term_search.h"
#include "profiles/verify_rules.h"

namespace veilroute::profiles {

/// Built once per (study, patient). Immutable.
class LeakSearch {
 public:
  /// `permitted` outlives the search. Terms that only stand in attributes which a rule of the profile
  /// keeps are not searched for: the site has decided to send them. What private attributes repeat of
  /// those may stand there, and nowhere else.
  LeakSearch(const IdentityTerms::State& terms, const Permitted& permitted, HarmlessValue harmless);

  /// Searches every value, as its bytes and as the text that they are in the character set of their item,
  /// and then all own bytes: what stands between the values is looked at too. A text that does not
  /// decode is a finding, since nobody can say what it says. `own` is empty for deflated copies, whose
  /// bytes say nothing before they are inflated.
  [[nodiscard]] std::vector<Problem> check(const std::vector<Seen>& attributes, ByteView own) const;

 private:
  struct Occurrences;
  enum class Verdict : std::uint8_t { clean, leaks, undecodable };
  [[nodiscard]] Verdict judge(const Seen& seen, const dicom::CharacterSet& set,
                              Occurrences& explained) const;
  [[nodiscard]] bool is_leak(const Needle& needle, const Seen& seen, ByteView bytes,
                             std::size_t begin) const;
  [[nodiscard]] bool is_permitted_value(const Seen& seen) const;
  [[nodiscard]] bool is_harmless(const Seen& seen, const dicom::CharacterSet& set) const;
  [[nodiscard]] bool is_kept(const Term& term) const;
  [[nodiscard]] std::optional<std::vector<std::uint32_t>> seek(const Term& term) const;
  [[nodiscard]] bool says_a_word(const Seen& seen, std::string_view comparable_text) const;
  [[nodiscard]] bool holds_more_than(const Occurrences& explained, ByteView own) const;

  const Permitted& permitted_;
  HarmlessValue harmless_;
  std::set<std::string, std::less<>> words_;
  std::size_t longest_word_ = 0;
  bool is_cut_off_ = false;
  std::vector<Needle> needles_;
  std::unique_ptr<TermSearch> search_;
};

}  // namespace veilroute::profiles

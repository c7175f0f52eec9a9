// The search for what identifies the patient in the bytes that are to leave (decisions 9).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "profiles/term_search.h"
#include "profiles/verify_rules.h"

namespace veilroute::profiles {

/// Built once per (study, patient). Immutable.
class LeakSearch {
 public:
  /// `terms` outlives the search. Terms that only stand in attributes which a rule of the profile
  /// keeps are not searched for: the site has decided to send them.
  LeakSearch(const IdentityTerms::State& terms, const Permitted& permitted);

  /// Searches every value, and then all own bytes: what stands between the values is looked at too.
  /// `own` is empty for deflated copies, whose bytes say nothing before they are inflated.
  [[nodiscard]] std::vector<Problem> check(const std::vector<Seen>& attributes, ByteView own) const;

 private:
  struct Needle {
    TermKind kind = TermKind::identifier;
    std::size_t length = 0;
    bool digits_only = false;
    bool part_of_place = false;
    bool strong = false;  ///< long enough to be searched in bytes that are no text
  };
  void add(std::string text, const Term& term);
  [[nodiscard]] bool counts(const Needle& needle, ByteView bytes, std::size_t begin) const;
  [[nodiscard]] bool is_leak(const Needle& needle, const Seen& seen, std::size_t begin) const;
  [[nodiscard]] bool is_permitted_value(const Seen& seen) const;
  [[nodiscard]] bool is_kept(const Term& term) const;
  [[nodiscard]] bool says_a_word(const Seen& seen) const;

  const Permitted& permitted_;
  std::set<std::string, std::less<>> words_;
  bool is_cut_off_ = false;
  std::vector<std::string> texts_;
  std::vector<Needle> needles_;
  std::unique_ptr<TermSearch> search_;
};

}  // namespace veilroute::profiles

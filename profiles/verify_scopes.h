// Which creators and which concept name hold where a reading of a copy stands.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/verify_rules.h"

namespace veilroute::profiles {

/// Follows a reading attribute by attribute. One thread.
class ReadingScopes {
 public:
  /// Notes creators and concept names as they come by, in the order of tags, before what they are
  /// for. `inside`: the sequences around the attribute, outermost first.
  void enter(const Seen& seen, const std::vector<dicom::Tag>& inside);
  /// The owner of a private attribute's block in the item entered last; empty: none.
  [[nodiscard]] std::string_view creator_of(dicom::Tag tag) const;
  /// "DCM:121106" of the item entered last; empty: none.
  [[nodiscard]] std::string_view concept_name() const { return scopes_.back().concept_name; }

 private:
  struct Scope {
    std::string_view item;                          ///< its path: "(0040,A730)[2]."
    std::map<std::uint32_t, std::string> creators;  ///< group and block → creator
    std::string concept_name;
  };
  void note_concept(const Seen& seen, const std::vector<dicom::Tag>& inside);

  std::vector<Scope> scopes_;
};

}  // namespace veilroute::profiles

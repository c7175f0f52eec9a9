// What the actions shift, year, age, hash and clean leave of a value: the part that may stay.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/dicom/dataset.h"
#include "profiles/dates.h"
#include "profiles/deidentify.h"
#include "profiles/identity_terms.h"

namespace veilroute::profiles {

/// Of one object, looked at before anything in it is changed. One thread.
class Parts {
 public:
  /// Reads what the actions of this profile need to know of the whole object: its zone, when it was
  /// made and how old the patient was, whom its words may not name.
  Parts(const dicom::Dataset& object, const Profile& profile, const Pseudonyms& pseudonyms);

  /// What the action leaves of a value's text (padding trimmed, not empty). nullopt or empty:
  /// nothing may stay, or the value is not what its VR says.
  [[nodiscard]] std::optional<std::string> leave(Action action, const dicom::Element& element,
                                                 dicom::Vr vr) const;

 private:
  [[nodiscard]] std::optional<std::string> shifted(std::string_view text, dicom::Vr vr) const;
  [[nodiscard]] std::optional<std::string> year_of(std::string_view text,
                                                   const dicom::Element& element,
                                                   dicom::Vr vr) const;
  /// A word of the vocabulary may be this patient's name all the same.
  [[nodiscard]] bool names_someone(std::string_view word) const;
  [[nodiscard]] std::string hashed(std::string_view text) const;

  const Pseudonyms& pseudonyms_;
  DateShift shift_;
  bool birth_year_reveals_age_ = false;
  IdentityTerms own_terms_;  ///< of this object alone, so that a retry gives the same (law 6)
};

}  // namespace veilroute::profiles

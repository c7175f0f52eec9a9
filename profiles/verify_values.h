// What the values that a profile's options and rules leave may look like: verify's own reading,
// written apart from dates.cc and words.cc.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "core/dicom/dictionary.h"

namespace veilroute::profiles {

/// The dates that a copy under a whole-day shift may hold: every day of the sources, moved. Made
/// once for all objects of a patient.
class ShiftedDays {
 public:
  /// `days`: "YYYYMMDD" or "YYYYMM" as the sources say them; others are ignored.
  ShiftedDays(const std::set<std::string, std::less<>>& days, int offset_days);
  /// DA, DT or TM whose date is one of those; a time says no date. A DT may be a day off: its zone
  /// was told in that of the object.
  [[nodiscard]] bool allow(dicom::Vr vr, std::string_view value) const;

 private:
  std::set<std::string, std::less<>> days_;
  std::set<std::string, std::less<>> neighbours_;
};

/// "20210101" or "2021": a year and nothing else.
bool is_year_alone(dicom::Vr vr, std::string_view value);
/// An age of at most 90 years, whatever its unit (45 CFR 164.514(b)(2)(i)(C)).
bool is_age_that_may_leave(std::string_view value);
/// Only words of the vocabulary, short numbers, and what stands between them.
bool is_clean_text(std::string_view value);
/// As the action "hash" writes it.
bool is_hash(std::string_view value);

}  // namespace veilroute::profiles

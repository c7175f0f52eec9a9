// Dates, date times, ages and zones of one object, moved or made coarser. PS3.15 E.3.6.
// Pure functions over the trimmed text of a whole value; of several values (backslash) each is
// taken by itself. nullopt: one of them is not what its VR says (PS3.5 6.2), a range of a query
// included; the attribute then goes. Empty values stay empty. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace veilroute::profiles {

/// A zone as minutes east of UTC, from "&ZZXX": -1200 to +1400 (PS3.5 Table 6.2-1, DT). "-0000",
/// which devices write, is UTC.
std::optional<std::chrono::minutes> parse_zone(std::string_view text);

/// The one zone an object's times are told in once the zones themselves are gone: its Timezone
/// Offset From UTC (0008,0201); without a readable one, the zone most of its DT values carry, since
/// its DA and TM are most likely told in that (of several as common, the western one). It does not
/// depend on the order of the attributes.
class ObjectZone {
 public:
  /// `declared`: the text of (0008,0201); empty when the object has none.
  explicit ObjectZone(std::string_view declared) : declared_(parse_zone(declared)) {}

  /// To be called with every DT value of the object, at every depth, before the first is changed.
  void see(std::string_view date_times);
  /// nullopt: neither the object nor any of its DT values names a zone, so that none is needed.
  [[nodiscard]] std::optional<std::chrono::minutes> get() const;

 private:
  std::optional<std::chrono::minutes> declared_;
  std::map<std::chrono::minutes, std::size_t> seen_;
};

/// Moves the dates of one object by a whole number of days, in the proleptic Gregorian calendar
/// from 0001-01-01 to 9999-12-31; what would leave it is nullopt. Times of day stay, to the last
/// digit of the fraction, so that DA with TM and DT of one moment remain one moment.
class DateShift {
 public:
  /// `days` is of the patient's row and never 0: with 0 everything is nullopt, since a date that
  /// was not moved must not leave as one that was. `zone`: of ObjectZone.
  DateShift(std::chrono::days days, std::optional<std::chrono::minutes> zone)
      : days_(days), zone_(zone) {}

  /// DA. The form of ACR-NEMA, YYYY.MM.DD, comes out in the same form.
  [[nodiscard]] std::optional<std::string> date(std::string_view dates) const;

  /// DT. A zone is removed; where it is not the object's own, the local time is first converted to
  /// that, so that intervals hold within the object (and among objects of one zone). A DT that
  /// names a zone while the object has none (ObjectZone was not asked) is nullopt.
  ///
  /// YYYY and YYYYMM keep their precision: they move by the number of whole years or months that is
  /// nearest to the days. So among values of one precision every interval and the order hold
  /// exactly, and a value is never more than about half its precision away from where its days
  /// would have gone. YYYYMMDD moves by the days, and is not converted between zones; an hour is
  /// converted as its first minute.
  [[nodiscard]] std::optional<std::string> date_time(std::string_view date_times) const;

 private:
  std::chrono::days days_;
  std::optional<std::chrono::minutes> zone_;
};

/// DA as its year alone, "YYYY0101": 45 CFR 164.514(b)(2)(i)(C) lets years stay, and a DA has no
/// shorter valid form. YYYY and YYYYMM, which are no DA but are met, are read too.
std::optional<std::string> date_to_year(std::string_view dates);
/// DT as its year alone, "YYYY": valid, since PS3.5 lets a DT end after any component, and it
/// claims no more than is known. A TM has no year: it is removed or gets the dummy of its VR.
std::optional<std::string> date_time_to_year(std::string_view date_times);

/// TM as it is, when each value is a time of day: HH[MM[SS[.F-FFFFFF]]], or HH:MM:SS of ACR-NEMA.
/// Shifting leaves times alone, and a text that only stands where a time should must not profit.
std::optional<std::string> keep_time(std::string_view times);

/// AS: unchanged up to 89 years; older is "090Y", which then reads "90 or older"
/// (164.514(b)(2)(i)(C)). An age that is too long for its VR ("1100M") but surely over 89 is "090Y"
/// as well.
std::optional<std::string> cap_age(std::string_view ages);

/// What tells how old somebody was: texts of one value each, as they came; empty where absent.
struct AgeClues {
  std::string_view birth_date;  ///< DA
  std::string_view age;         ///< AS
  std::string_view study_date;  ///< DA: the latest date of the object that stays with its year
};
/// True when the year of birth must go although years may stay: it would tell, beside the year of
/// the study, an age over 89 (164.514(b)(2)(i)(C)). Years alone are compared, as a receiver will.
/// True also when that cannot be known: the dates do not parse, and no age under 90 stands in for
/// them.
bool birth_year_reveals_age(const AgeClues& clues);

}  // namespace veilroute::profiles

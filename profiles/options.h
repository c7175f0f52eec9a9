// The ten options of PS3.15 Annex E that have a column in Table E.1-1, and their codes in CID 7050.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

namespace veilroute::profiles {

/// In the order of the columns of Table E.1-1. Clean Pixel Data (E.3.1) and Clean Recognizable
/// Visual Features (E.3.2) have no column and are not options of a profile: no pixel is changed
/// here.
enum class Option : std::uint8_t {
  retain_safe_private,             ///< E.3.10
  retain_uids,                     ///< E.3.9
  retain_device,                   ///< E.3.8
  retain_institution,              ///< E.3.11
  retain_patient_characteristics,  ///< E.3.7; ages over 89 become 090Y
  retain_full_dates,               ///< E.3.6
  retain_modified_dates,           ///< E.3.6: whole-day shift of the patient's row
  clean_descriptors,               ///< E.3.5
  clean_structured_content,        ///< E.3.4
  clean_graphics,                  ///< E.3.3
};
inline constexpr std::size_t kOptionCount = 10;

/// As a profile's file writes it: "retain-full-dates".
std::string_view to_string(Option option);
std::optional<Option> option_of(std::string_view word);
const std::array<std::string_view, kOptionCount>& option_words();
/// Code Value of CID 7050: "113106".
std::string_view code_of(Option option);

/// True for the options under which values remain that 45 CFR 164.514(b)(2)(i) lists: dates, device
/// numbers, places, UIDs, unread private numbers. Such a profile needs another basis than
/// "de-identified" (deid.md D).
bool breaks_safe_harbor(Option option);

/// A set of options.
class Options {
 public:
  void add(Option option) { bits_.set(static_cast<std::size_t>(option)); }
  [[nodiscard]] bool has(Option option) const {
    return bits_.test(static_cast<std::size_t>(option));
  }
  [[nodiscard]] bool empty() const { return bits_.none(); }
  bool operator==(const Options&) const = default;

 private:
  std::bitset<kOptionCount> bits_;
};

/// Every option, in order.
std::array<Option, kOptionCount> all_options();

}  // namespace veilroute::profiles

// Names and codes of the options.
#include "profiles/options.h"

#include <algorithm>

namespace veilroute::profiles {
namespace {

constexpr std::array<std::string_view, kOptionCount> kOptionWords{"retain-safe-private",
                                                                  "retain-uids",
                                                                  "retain-device",
                                                                  "retain-institution",
                                                                  "retain-patient-characteristics",
                                                                  "retain-full-dates",
                                                                  "retain-modified-dates",
                                                                  "clean-descriptors",
                                                                  "clean-structured-content",
                                                                  "clean-graphics"};

constexpr std::array<std::string_view, kOptionCount> kOptionCodes{
    "113111", "113110", "113109", "113112", "113108",
    "113106", "113107", "113105", "113104", "113103"};

}  // namespace

const std::array<std::string_view, kOptionCount>& option_words() { return kOptionWords; }

std::string_view to_string(Option option) { return kOptionWords[static_cast<std::size_t>(option)]; }

std::string_view code_of(Option option) { return kOptionCodes[static_cast<std::size_t>(option)]; }

std::optional<Option> option_of(std::string_view word) {
  const auto found = std::find(kOptionWords.begin(), kOptionWords.end(), word);
  if (found == kOptionWords.end()) return std::nullopt;
  return static_cast<Option>(found - kOptionWords.begin());
}

bool breaks_safe_harbor(Option option) {
  switch (option) {
    case Option::retain_safe_private:
    case Option::retain_uids:
    case Option::retain_device:
    case Option::retain_institution:
    case Option::retain_full_dates:
    case Option::retain_modified_dates:
      return true;
    case Option::retain_patient_characteristics:
    case Option::clean_descriptors:
    case Option::clean_structured_content:
    case Option::clean_graphics:
      return false;
  }
  return true;
}

std::array<Option, kOptionCount> all_options() {
  std::array<Option, kOptionCount> all{};
  for (std::size_t i = 0; i < kOptionCount; ++i) all[i] = static_cast<Option>(i);
  return all;
}

}  // namespace veilroute::profiles

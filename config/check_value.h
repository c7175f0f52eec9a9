// Is one value what its key takes?
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/load.h"

namespace veilroute::config {

/// Which kind of TOML value a type of keys() is written as.
toml::Kind kind_of(const KeyInfo& info);
/// A number with or without decimals.
double real_of(const toml::Node& value);
/// Whether a value is of that kind; a whole number is a number, too.
bool is_of_kind(const KeyInfo& info, const toml::Node& value);

/// What is wrong with a value of the right kind, as the end of a sentence that begins with the key,
/// and the slug; nothing when all is well. Conditions are not looked into here.
struct ValueFault {
  std::string what;
  std::string slug;
  toml::Place place;
};
std::optional<ValueFault> fault_of(const KeyInfo& info, const toml::Node& value);
/// The same, for a list every item that is wrong.
std::vector<ValueFault> faults_of(const KeyInfo& info, const toml::Node& value);

/// The words of "dicom | dicom+tls".
std::vector<std::string> choices_of(const std::string& range);

}  // namespace veilroute::config

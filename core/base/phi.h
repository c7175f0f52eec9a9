// Phi<T>: a value that may identify a person. Printing, logging or formatting it does not compile.
#pragma once

#include <ostream>
#include <utility>

namespace veilroute {

template <typename T>
class Phi {
 public:
  Phi() = default;
  explicit Phi(T value) : value_(std::move(value)) {}
  /// The one way to the value; easy to grep, and each use must be one that may see it.
  [[nodiscard]] const T& reveal() const { return value_; }
  bool operator==(const Phi&) const = default;

 private:
  T value_{};
};

template <typename T>
std::ostream& operator<<(std::ostream&, const Phi<T>&) = delete;

}  // namespace veilroute

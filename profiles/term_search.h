// Many terms found in one pass over bytes (Aho and Corasick 1975), ASCII letters in any case.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace veilroute::profiles {

/// Built once for a patient's study, then asked for every object. Immutable; any thread.
class TermSearch {
 public:
  /// Terms may be any bytes; empty ones are never found.
  explicit TermSearch(const std::vector<std::string>& terms);

  /// Calls `found` for every occurrence: the term's index and where in `bytes` it begins.
  void find(ByteView bytes,
            const std::function<void(std::size_t term, std::size_t begin)>& found) const;

 private:
  static constexpr std::int32_t kNone = -1;
  struct State {
    std::int32_t fallback = 0;
    std::int32_t next_match = kNone;  ///< nearest state on the way back that ends a term
    std::int32_t term = kNone;
    std::vector<std::pair<std::uint8_t, std::int32_t>> steps;  ///< few each: found by looking
  };
  [[nodiscard]] std::int32_t step(std::int32_t state, std::uint8_t byte) const;
  void add(const std::string& term, std::size_t index);
  void link();

  std::vector<State> states_;
  std::array<std::int32_t, 256> first_{};  ///< steps of the root, which most bytes take
  std::vector<std::size_t> lengths_;
  std::vector<std::int32_t> same_as_;  ///< equal terms: the next with the same bytes
};

}  // namespace veilroute::profiles

// Many terms found in one pass over bytes (Aho and Corasick 1975), ASCII letters in any case.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace veilroute::profiles {

/// Built once for a patient's study, then asked for every object. Immutable; any thread.
class TermSearch {
 public:
  /// Terms may be any bytes; empty ones are never found.
  explicit TermSearch(const std::vector<std::string>& terms);

  /// Calls `found(std::size_t term, std::size_t begin)` for every occurrence: the term's index and
  /// where in `bytes` it begins.
  template <typename Found>
  void find(ByteView bytes, const Found& found) const {
    std::int32_t state = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      state = advance(state, folded(bytes[i]));
      if (state == 0) continue;
      for (std::int32_t match = state; match > 0; match = states_[at(match)].next_match) {
        for (std::int32_t term = states_[at(match)].term; term != kNone; term = same_as_[at(term)]) {
          found(at(term), i + 1 - lengths_[at(term)]);
        }
      }
    }
  }

 private:
  static constexpr std::int32_t kNone = -1;
  struct State {
    std::int32_t fallback = 0;
    std::int32_t next_match = kNone;  ///< nearest state on the way back that ends a term
    std::int32_t term = kNone;
    std::vector<std::pair<std::uint8_t, std::int32_t>> steps;  ///< few each: found by looking
  };
  static constexpr std::uint8_t folded(std::uint8_t byte) {
    return byte >= 'a' && byte <= 'z' ? static_cast<std::uint8_t>(byte - 'a' + 'A') : byte;
  }
  static constexpr std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }
  [[nodiscard]] std::int32_t step(std::int32_t state, std::uint8_t byte) const;
  [[nodiscard]] std::int32_t advance(std::int32_t state, std::uint8_t byte) const {
    std::int32_t to = step(state, byte);
    while (to == 0 && state != 0) {
      state = states_[at(state)].fallback;
      to = step(state, byte);
    }
    return to;
  }
  void add(const std::string& term, std::size_t index);
  void link();

  std::vector<State> states_;
  std::array<std::int32_t, 256> first_{};  ///< steps of the root, which most bytes take
  std::vector<std::size_t> lengths_;
  std::vector<std::int32_t> same_as_;  ///< equal terms: the next with the same bytes
};

}  // namespace veilroute::profiles

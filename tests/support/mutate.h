// Small, repeatable damage to bytes: what a fuzzer does, in a test that always does the same.
#pragma once

#include <cstdint>
#include <random>

#include "core/base/bytes.h"

namespace veilroute::test {

/// A damaged copy: some bytes changed, a piece cut out, doubled or appended. `random` decides.
inline Bytes mutated(Bytes bytes, std::mt19937& random) {
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit == 0 ? 0 : limit - 1)(random);
  };
  const std::size_t changes = 1 + below(4);
  for (std::size_t i = 0; i < changes && !bytes.empty(); ++i) {
    const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(below(bytes.size()));
    const auto left = static_cast<std::size_t>(bytes.end() - at);
    const auto piece = static_cast<std::ptrdiff_t>(below(left) + 1);
    switch (below(5)) {
      case 0: *at = static_cast<std::uint8_t>(below(256)); break;
      case 1: *at ^= static_cast<std::uint8_t>(1U << below(8)); break;
      case 2: bytes.erase(at, at + piece); break;
      case 3: {
        const Bytes copy(at, at + piece);
        bytes.insert(bytes.begin() + (at - bytes.begin()), copy.begin(), copy.end());
        break;
      }
      default: bytes.push_back(static_cast<std::uint8_t>(below(256))); break;
    }
  }
  return bytes;
}

}  // namespace veilroute::test

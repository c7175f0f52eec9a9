// Numbers of things, as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace veilroute {

/// "1 object", "3 objects": for nouns that take an "s".
inline std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace veilroute

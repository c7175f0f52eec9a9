// The version of this program; CMakeLists.txt names the same, and a test compares them.
#pragma once

namespace veilroute::app {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace veilroute::app

// The program as a person runs it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/node.h"

namespace veilroute::test {

using Words = std::vector<std::string>;

inline Finished veilroute(Words words) {
  words.insert(words.begin(), binary());
  return run(words);
}

inline nlohmann::json parsed(const Finished& finished) {
  return nlohmann::json::parse(finished.output, nullptr, false);
}

/// A demo site that all tests of this program look at, and none changes.
inline const std::filesystem::path& site() {
  static const TemporaryFolder folder;
  static const std::filesystem::path made = [] {
    const auto path = folder.path() / "site";
    const auto done = veilroute({"init", path.string(), "--demo"});
    EXPECT_EQ(done.exit_code, 0) << done.output;
    return path;
  }();
  return made;
}

}  // namespace veilroute::test

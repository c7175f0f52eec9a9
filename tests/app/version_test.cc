// The version is written down twice; both must say the same.
#include "app/version.h"

#include <gtest/gtest.h>

#include <regex>

#include "tests/support/node.h"

namespace veilroute::app {
namespace {

TEST(Version, IsTheOneOfTheBuild) {
  const std::string build =
      test::read_file(std::filesystem::path(VEILROUTE_SOURCE_DIR) / "CMakeLists.txt");
  std::smatch found;
  ASSERT_TRUE(
      std::regex_search(build, found, std::regex(R"(project\(veilroute VERSION ([0-9.]+))")));
  EXPECT_EQ(found[1].str(), kVersion);
}

TEST(Version, IsWhatTheProgramSays) {
  const auto said = test::run({test::binary(), "--version"});
  EXPECT_EQ(said.exit_code, 0);
  EXPECT_EQ(said.output, std::string("veilroute ") + kVersion + "\n");
}

}  // namespace
}  // namespace veilroute::app

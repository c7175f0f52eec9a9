// The kept inputs of every fuzz target, and whatever once broke one, on each change: no fuzzer
// needed.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// Each target's entry under a name of its own: see CMakeLists.txt.
using Target = int(const std::uint8_t* data, std::size_t size);
extern "C" Target fuzz_command, fuzz_config, fuzz_deid, fuzz_door, fuzz_pdu, fuzz_recovery,
    fuzz_scanner;

namespace veilroute {
namespace {

struct Row {
  const char* name;
  Target* run;
};

class Replay : public testing::TestWithParam<Row> {};

TEST_P(Replay, NoKeptInputBreaksItsTarget) {
  const std::filesystem::path folder =
      std::filesystem::path(VEILROUTE_SOURCE_DIR) / "tests/fuzz/corpus" / GetParam().name;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream in(entry.path(), std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
    const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
    EXPECT_EQ(GetParam().run(input.data(), input.size()), 0);
    ++count;
  }
  EXPECT_GE(count, 3U) << "too few inputs are kept in " << folder;
}

INSTANTIATE_TEST_SUITE_P(Targets, Replay,
                         testing::Values(Row{"command", fuzz_command}, Row{"config", fuzz_config},
                                         Row{"deid", fuzz_deid}, Row{"door", fuzz_door},
                                         Row{"pdu", fuzz_pdu}, Row{"recovery", fuzz_recovery},
                                         Row{"scanner", fuzz_scanner}),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace veilroute

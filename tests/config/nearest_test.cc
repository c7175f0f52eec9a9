// "Did you mean".
#include <gtest/gtest.h>

#include "config/load.h"

namespace veilroute::config {
namespace {

TEST(Nearest, FindsTheWordThatWasMeant) {
  const std::vector<std::string> words = {"basic", "safe-harbor", "treatment", "ct", "BONE", "dx"};
  const struct {
    const char* why;
    std::string word;
    const char* nearest;
  } cases[] = {
      {"the word itself", "basic", "basic"},
      {"two letters swapped", "basci", "basic"},
      {"one letter too many", "bassic", "basic"},
      {"one letter too few", "treatmnt", "treatment"},
      {"another letter", "safe_harbor", "safe-harbor"},
      {"letters' case is ignored", "Bone", "BONE"},
      {"a third of the letters may be wrong", "saffharbr", "safe-harbor"},
      {"more may not", "sffhrb", ""},
      {"one edit is allowed even in a short word", "cr", "ct"},
      {"two are not", "mr", ""},
      {"nothing is near to nothing", "", ""},
      {"nobody misspells a word this long", std::string(65, 'b'), ""},
      {"a swap is one edit, not two", "tc", "ct"},
      {"the first of two that are equally near", "cx", "ct"},
  };
  for (const auto& one : cases) EXPECT_EQ(nearest(one.word, words), one.nearest) << one.why;
}

TEST(Nearest, NeedsCandidates) {
  EXPECT_EQ(nearest("basic", {}), "");
  EXPECT_EQ(nearest("basic", {std::string(65, 'b'), ""}), "");
}

}  // namespace
}  // namespace veilroute::config

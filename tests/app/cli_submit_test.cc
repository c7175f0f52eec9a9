// veilroute submit: what was not taken is said, and the exit code says whose side it is.
#include <gtest/gtest.h>

#include "app/cli/print.h"
#include "tests/app/cli.h"

namespace veilroute::test {
namespace {

namespace fs = std::filesystem;

class SubmitVerb : public ::testing::Test {
 protected:
  SubmitVerb() {
    EXPECT_EQ(veilroute({"init", site().string(), "--demo"}).exit_code, 0);
    fs::create_directories(in());
  }
  [[nodiscard]] fs::path site() const { return folder_.path() / "site"; }
  [[nodiscard]] fs::path in() const { return folder_.path() / "in"; }
  [[nodiscard]] fs::path object(const std::string& rows) const {
    const auto made = veilroute(
        {"phantom", "--rows", rows, "--columns", "1024", "--out", (folder_.path() / rows).string()});
    EXPECT_EQ(made.exit_code, 0) << made.output;
    return folder_.path() / rows / "dx-0001-0001.dcm";
  }
  [[nodiscard]] Finished submit(Words more) const {
    Words words{"submit", "--site", site().string()};
    words.insert(words.end(), more.begin(), more.end());
    return veilroute(words);
  }
  TemporaryFolder folder_;
};

TEST_F(SubmitVerb, SaysThatThereAreNoFiles) {
  const auto done = submit({in().string()});
  EXPECT_EQ(done.exit_code, 2) << done.output;
  EXPECT_NE(done.output.find("submit.no-files"), std::string::npos) << done.output;
}

TEST_F(SubmitVerb, ListsLinksInFoldersAsNotTaken) {
  fs::create_symlink(object("32"), in() / "link.dcm");
  const auto done = submit({in().string()});
  EXPECT_EQ(done.exit_code, 3) << done.output;
  EXPECT_NE(done.output.find("file.symbolic-link"), std::string::npos) << done.output;
  EXPECT_NE(done.output.find("0 taken, 1 not taken"), std::string::npos) << done.output;
}

TEST_F(SubmitVerb, EndsWithTwoForASourceThatNobodyKnows) {
  const auto done = submit({"--source", "nobody", object("32").string()});
  EXPECT_EQ(done.exit_code, 2) << done.output;
  EXPECT_NE(done.output.find("source.unknown"), std::string::npos) << done.output;
}

TEST_F(SubmitVerb, EndsWithFourWhenTheSiteHasNoRoomLeft) {
  // Files of the site may not grow beyond 4 MiB; the object is larger.
  const fs::path large = object("4096");
  const auto done =
      run({"sh", "-c", "trap '' XFSZ; ulimit -f 8192; exec " + binary() + " submit --site " +
                           site().string() + " " + large.string()});
  EXPECT_EQ(done.exit_code, 4) << done.output;
  EXPECT_NE(done.output.find("0 taken, 1 not taken"), std::string::npos) << done.output;
}

TEST(Tame, LetsNothingSpeakToTheTerminal) {
  struct Case {
    std::string_view text;
    std::string_view tame;
  };
  const Case kCases[] = {
      {"Gr\xC3\xBC\xC3\x9F Gott", "Gr\xC3\xBC\xC3\x9F Gott"},
      {"\xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x98\x80", "\xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x98\x80"},
      {"a\x1b[2Jb\n\x7F", "a?[2Jb??"},
      {"CSI of C1 \xC2\x9B" "2J", "CSI of C1 ??2J"},
      {"the bare byte \x9B" "2J", "the bare byte ?2J"},
      {"cut off \xE6\x97", "cut off ??"},
  };
  for (const Case& each : kCases) EXPECT_EQ(app::cli::tame(each.text), each.tame);
}

}  // namespace
}  // namespace veilroute::test

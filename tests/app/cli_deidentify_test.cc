// veilroute deidentify, from its options to its exit codes, alone and beside a node.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/app/cli.h"
#include "tests/support/wait.h"

namespace veilroute::test {
namespace {

namespace fs = std::filesystem;

class DeidentifyVerb : public ::testing::Test {
 protected:
  DeidentifyVerb() {
    const auto made =
        veilroute({"phantom", "--rows", "32", "--columns", "32", "--out", in().string()});
    EXPECT_EQ(made.exit_code, 0) << made.output;
  }
  [[nodiscard]] fs::path in() const { return folder_.path() / "in"; }
  [[nodiscard]] Finished deidentify(const std::string& out, Words more = {}) const {
    Words words{"deidentify", "--profile", "basic", "--out", (folder_.path() / out).string()};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back(in().string());
    return veilroute(words);
  }
  [[nodiscard]] std::vector<fs::path> copies(const std::string& out) const {
    return files_below(folder_.path() / out);
  }
  [[nodiscard]] std::string bytes(const std::string& out) const {
    const auto files = copies(out);
    return files.size() == 1
               ? files[0].lexically_relative(folder_.path() / out).string() + read_file(files[0])
               : "not one file";
  }
  TemporaryFolder folder_;
};

TEST_F(DeidentifyVerb, EndsWithZeroWhenAllIsWritten) {
  const auto done = deidentify("out");
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_EQ(done.output, "1 written, 0 held\n");
  EXPECT_EQ(copies("out").size(), 1U);
}

TEST_F(DeidentifyVerb, EndsWithThreeAndTheReasonsWhenSomeAreHeld) {
  folder_.write("in/letter.txt", std::string(300, 'a'));
  const auto done = deidentify("out");
  EXPECT_EQ(done.exit_code, 3) << done.output;
  EXPECT_NE(done.output.find("held  "), std::string::npos);
  EXPECT_NE(done.output.find("[file.not-dicom]"), std::string::npos);
  EXPECT_NE(done.output.find("1 written, 1 held"), std::string::npos);
  EXPECT_EQ(copies("out").size(), 1U);
}

TEST_F(DeidentifyVerb, ListsEveryFileAsJson) {
  folder_.write("in/letter.txt", std::string(300, 'a'));
  const nlohmann::json done = parsed(deidentify("out", {"--json"}));
  ASSERT_TRUE(done.is_object());
  EXPECT_EQ(done["written"], 1);
  EXPECT_EQ(done["held"], 1);
  EXPECT_EQ(done["files"].size(), 2U);
}

TEST_F(DeidentifyVerb, NeedsOptionsThatGoTogether) {
  for (const Words& more : {Words{"--scope", "project:x"}, Words{"--source", "er"},
                            Words{"--site", site().string(), "--secret-file", "x"},
                            Words{"--site", site().string(), "--scope", "destination:nobody"},
                            Words{"--site", site().string(), "--source", "nobody"}}) {
    const auto done = deidentify("out", more);
    EXPECT_EQ(done.exit_code, 2) << done.output;
    EXPECT_TRUE(copies("out").empty());
  }
  EXPECT_EQ(veilroute({"deidentify", "--profile", "nobody", "--out",
                       (folder_.path() / "out").string(), in().string()})
                .exit_code,
            2);
}

TEST_F(DeidentifyVerb, IsNeverTheSameTwiceWithoutASecret) {
  ASSERT_EQ(deidentify("one").exit_code, 0);
  ASSERT_EQ(deidentify("two").exit_code, 0);
  EXPECT_NE(bytes("one"), bytes("two"));
}

TEST_F(DeidentifyVerb, RepeatsByASecretFileThatItMakes) {
  const std::string secret = (folder_.path() / "run.secret").string();
  const auto first = deidentify("one", {"--secret-file", secret});
  EXPECT_EQ(first.exit_code, 0) << first.output;
  EXPECT_NE(first.output.find("Made the secret file"), std::string::npos);
  EXPECT_EQ(first.output.find(read_file(secret).substr(0, 16)), std::string::npos);
  struct stat status {};
  ASSERT_EQ(::stat(secret.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 077U, 0U);
  ASSERT_EQ(deidentify("two", {"--secret-file", secret}).exit_code, 0);
  EXPECT_EQ(bytes("one"), bytes("two"));
}

TEST_F(DeidentifyVerb, RefusesASecretFileThatOthersMayRead) {
  const auto secret = folder_.write("run.secret", std::string(64, 'a') + "\n");
  ASSERT_EQ(::chmod(secret.c_str(), 0644), 0);
  const auto done = deidentify("out", {"--secret-file", secret.string()});
  EXPECT_EQ(done.exit_code, 3) << done.output;
  EXPECT_NE(done.output.find("chmod"), std::string::npos) << done.output;
  EXPECT_TRUE(copies("out").empty());
}

TEST_F(DeidentifyVerb, RefusesToWriteWhoIsWhoAmongTheCopies) {
  const fs::path inside = folder_.path() / "out" / "deep" / "who-is-who";
  for (const char* option : {"--map", "--report", "--secret-file"}) {
    const auto done = deidentify("out", {option, inside.string()});
    EXPECT_EQ(done.exit_code, 2) << done.output;
    EXPECT_NE(done.output.find("output.record-inside"), std::string::npos) << done.output;
    EXPECT_FALSE(fs::exists(folder_.path() / "out")) << option;
  }
}

TEST_F(DeidentifyVerb, ListsLinksAsHeld) {
  fs::create_symlink(in() / "dx-0001-0001.dcm", in() / "link.dcm");
  const auto done = deidentify("out");
  EXPECT_EQ(done.exit_code, 3) << done.output;
  EXPECT_NE(done.output.find("[file.symbolic-link]"), std::string::npos) << done.output;
  EXPECT_EQ(copies("out").size(), 1U);
}

TEST_F(DeidentifyVerb, DoesNotPromiseASiteByDefault) {
  const auto help = veilroute({"deidentify", "--help"});
  EXPECT_NE(help.output.find("default: no site"), std::string::npos) << help.output;
  EXPECT_EQ(help.output.find("default: $VEILROUTE_SITE"), std::string::npos);
}

TEST_F(DeidentifyVerb, WarnsWhenNamesAreKept) {
  const auto done = deidentify("out", {"--keep-names"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_NE(done.output.find("names of people"), std::string::npos);
  EXPECT_EQ(copies("out"), std::vector<fs::path>{folder_.path() / "out" / "dx-0001-0001.dcm"});
}

TEST_F(DeidentifyVerb, UsesTheSitesPseudonymsAlikeWithAndWithoutANode) {
  Node node;
  const Words with_site{"--site", node.site().string(), "--scope", "destination:demo-partner"};
  ASSERT_EQ(deidentify("alone", with_site).exit_code, 0);
  ASSERT_TRUE(node.start());
  const auto done = deidentify("beside", with_site);
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_EQ(bytes("alone"), bytes("beside"));
  ASSERT_EQ(deidentify("site", {"--site", node.site().string()}).exit_code, 0);
  EXPECT_NE(bytes("alone"), bytes("site")) << "another scope, another pseudonym";
  EXPECT_EQ(read_file(node.log_file()).find("PHANTOM"), std::string::npos);
}

TEST_F(DeidentifyVerb, WritesWhatTheNodeSends) {
  Node node;
  node.start_partner();
  ASSERT_TRUE(node.start());
  const auto sent = node.send({(in() / "dx-0001-0001.dcm").string()});
  ASSERT_EQ(sent.exit_code, 0) << sent.output;
  ASSERT_TRUE(
      wait_for([&] { return node.received_files().size() == 1; }, std::chrono::seconds(60)));
  ASSERT_TRUE(node.wait_until_settled(std::chrono::seconds(60)));
  ASSERT_EQ(
      deidentify("out", {"--site", node.site().string(), "--scope", "destination:demo-partner"})
          .exit_code,
      0);
  // Behind their file heads, which each writes its own way, both hold the same data set.
  const std::string ours = read_file(copies("out").at(0));
  const std::string theirs = read_file(node.received_files().at(0));
  const std::string first("\x08\x00\x05\x00", 4);  // Specific Character Set
  EXPECT_EQ(ours.substr(ours.find(first)), theirs.substr(theirs.find(first)));
}

}  // namespace
}  // namespace veilroute::test

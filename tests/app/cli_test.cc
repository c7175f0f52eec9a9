// The command line as a person meets it: help that teaches, exit codes that hold, JSON that parses.
#include "tests/app/cli.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

namespace veilroute::test {
namespace {

namespace fs = std::filesystem;

const std::vector<Words> kVerbs = {{"init"},
                                   {"check"},
                                   {"serve"},
                                   {"submit"},
                                   {"echo"},
                                   {"phantom"},
                                   {"deidentify"},
                                   {"explain"},
                                   {"study", "list"},
                                   {"study", "show"},
                                   {"study", "replan"},
                                   {"queue", "list"},
                                   {"queue", "retry"},
                                   {"queue", "withdraw"},
                                   {"quarantine", "list"},
                                   {"quarantine", "show"},
                                   {"quarantine", "resume"},
                                   {"quarantine", "withdraw"},
                                   {"commitment", "list"},
                                   {"ledger", "show"},
                                   {"ledger", "inspect"},
                                   {"ledger", "export"},
                                   {"profile", "list"},
                                   {"profile", "show"},
                                   {"route", "list"},
                                   {"destination", "list"},
                                   {"destination", "show"}};

TEST(CommandLine, TeachesEveryVerbByExamplesAndExitCodes) {
  for (Words words : kVerbs) {
    const std::string verb = words[0];
    words.emplace_back("--help");
    const auto help = veilroute(words);
    EXPECT_EQ(help.exit_code, 0) << words[0];
    EXPECT_NE(help.output.find("Examples:\n  "), std::string::npos) << help.output;
    EXPECT_NE(help.output.find("veilroute " + verb), std::string::npos) << help.output;
    EXPECT_NE(help.output.find("Exit codes: 0 "), std::string::npos) << help.output;
  }
}

TEST(CommandLine, ListsEveryVerbOfTheTable) {
  const auto help = veilroute({"--help"});
  for (const Words& words : kVerbs) {
    EXPECT_NE(help.output.find("\n  " + words[0]), std::string::npos) << words[0];
  }
}

TEST(CommandLine, EndsWithTwoWhenItIsUsedWrongly) {
  const std::vector<Words> wrong = {{},
                                    {"frobnicate"},
                                    {"queue"},
                                    {"queue", "frobnicate"},
                                    {"check", "--nonsense"},
                                    {"deidentify", "--profile", "basic", "x"},
                                    {"phantom", "--kind", "mr", "--out", "x"},
                                    {"phantom", "--count", "0", "--out", "x"},
                                    {"ledger", "show", "--at-most", "0"},
                                    {"queue", "retry", "--site", site().string()},
                                    {"explain", "--site", site().string()},
                                    {"destination", "show", "nobody", "--site", site().string()},
                                    {"profile", "show", "nobody"},
                                    {"study", "show", "7", "--site", site().string()},
                                    {"ledger", "show", "--kind", "x", "--site", site().string()},
                                    {"echo", "nobody", "--site", site().string()}};
  for (const Words& words : wrong) {
    const auto done = veilroute(words);
    EXPECT_EQ(done.exit_code, 2) << ::testing::PrintToString(words) << done.output;
    EXPECT_FALSE(done.output.empty());
  }
}

TEST(CommandLine, SaysWhatToDoWhereThereIsNoSite) {
  const TemporaryFolder folder;
  for (const Words& words : {Words{"study", "list"}, Words{"ledger", "inspect"},
                             Words{"queue", "list"}, Words{"serve"}}) {
    Words all = words;
    all.insert(all.end(), {"--site", (folder.path() / "nothing").string()});
    const auto done = veilroute(all);
    EXPECT_EQ(done.exit_code, 2) << done.output;
    EXPECT_NE(done.output.find("You can:"), std::string::npos) << done.output;
  }
}

TEST(CommandLine, PrintsJsonThatParsesWhereItLists) {
  const std::vector<Words> lists = {{"check"},
                                    {"study", "list"},
                                    {"queue", "list"},
                                    {"quarantine", "list"},
                                    {"commitment", "list"},
                                    {"ledger", "show"},
                                    {"ledger", "inspect"},
                                    {"profile", "list"},
                                    {"profile", "show", "basic"},
                                    {"route", "list"},
                                    {"destination", "list"},
                                    {"destination", "show", "demo-partner"}};
  for (Words words : lists) {
    words.insert(words.end(), {"--site", site().string(), "--json"});
    const auto done = veilroute(words);
    EXPECT_EQ(done.exit_code, 0) << done.output;
    EXPECT_TRUE(parsed(done).is_object()) << words[0] << ": " << done.output;
  }
}

TEST(CommandLine, ShowsWhatTheConfigurationSays) {
  const auto routes = parsed(veilroute({"route", "list", "--json", "--site", site().string()}));
  EXPECT_EQ(routes["routes"][0]["route"], "demo");
  EXPECT_EQ(routes["routes"][0]["profile"], "basic");
  const auto one = veilroute({"destination", "show", "demo-partner", "--site", site().string()});
  EXPECT_NE(one.output.find("dicom+tls, 127.0.0.1:2763"), std::string::npos) << one.output;
  const auto profiles = parsed(veilroute({"profile", "list", "--json"}));
  EXPECT_EQ(profiles["profiles"][0]["profile"], "basic");
  EXPECT_EQ(profiles["profiles"][0]["version"].get<std::string>().size(), 64U);
}

TEST(CommandLine, TakesTheSiteFromTheEnvironmentToo) {
  const auto done = run({"env", "VEILROUTE_SITE=" + site().string(), binary(), "check"});
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_NE(done.output.find("The configuration is right"), std::string::npos);
}

TEST(CommandLine, SaysThatADestinationIsNotThereInFiveParts) {
  const auto done = veilroute({"echo", "demo-partner", "--site", site().string()});
  EXPECT_EQ(done.exit_code, 4) << done.output;
  for (const char* part :
       {"Concerns:   destination demo-partner", "Whose side:", "Next:", "You can:"}) {
    EXPECT_NE(done.output.find(part), std::string::npos) << done.output;
  }
}

TEST(CommandLine, DoesNotEndWithZeroWhenItsOutputIsCutOff) {
  const auto done = run({"sh", "-c", binary() + " profile list --json > /dev/full"});
  EXPECT_EQ(done.exit_code, 4) << done.output;
  EXPECT_NE(done.output.find("output.unwritable"), std::string::npos) << done.output;
  const auto left = run({"sh", "-c", binary() + " profile list --json | true"});
  EXPECT_EQ(left.output, "") << "who has what he wanted may leave";
}

/// What a program writes to a terminal.
std::string on_a_terminal(const Words& words, const char* no_color) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    if (no_color != nullptr) {
      ::setenv("NO_COLOR", no_color, 1);
    } else {
      ::unsetenv("NO_COLOR");
    }
    std::vector<char*> arguments;
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  std::string out;
  char piece[512];
  for (ssize_t got = 0; (got = ::read(terminal, piece, sizeof(piece))) > 0;) {
    out.append(piece, static_cast<std::size_t>(got));
  }
  ::waitpid(child, nullptr, 0);
  ::close(terminal);
  return out;
}

TEST(CommandLine, HasColoursOnATerminalUnlessSomebodyMindsThem) {
  const Words words = {binary(), "route", "list", "--site", site().string()};
  EXPECT_NE(on_a_terminal(words, nullptr).find("\x1b["), std::string::npos);
  EXPECT_EQ(on_a_terminal(words, "1").find("\x1b["), std::string::npos);
  EXPECT_NE(on_a_terminal(words, "").find("\x1b["), std::string::npos) << "empty means unset";
  const auto in_a_file = veilroute({"route", "list", "--site", site().string()});
  EXPECT_EQ(in_a_file.output.find('\x1b'), std::string::npos);
}

TEST(CommandLine, ShowsProgressOnATerminal) {
  const TemporaryFolder folder;
  const std::string in = (folder.path() / "in").string();
  ASSERT_EQ(veilroute({"phantom", "--count", "3", "--rows", "32", "--columns", "32", "--out", in})
                .exit_code,
            0);
  const auto out = on_a_terminal(
      {binary(), "deidentify", "--profile", "basic", "--out", (folder.path() / "out").string(), in},
      nullptr);
  EXPECT_NE(out.find("de-identified 3 of 3"), std::string::npos) << out;
}

TEST(CommandLine, PreparesFilesForTheirOwnerAlone) {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "made";
  ASSERT_EQ(
      veilroute({"phantom", "--rows", "32", "--columns", "32", "--out", out.string()}).exit_code,
      0);
  struct stat status {};
  ASSERT_EQ(::stat((out / "dx-0001-0001.dcm").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(LedgerVerb, ShowsAndExportsWhatHappened) {
  Node node;
  ASSERT_TRUE(node.start());
  ASSERT_EQ(node.stop(), 0);
  const nlohmann::json shown = node.ask({"ledger", "show"});
  ASSERT_GE(shown["entries"].size(), 3U);
  EXPECT_EQ(shown["entries"][0]["kind"], "node.stopped");
  EXPECT_GT(shown["entries"][0]["sequence"], shown["entries"][1]["sequence"]) << "newest first";
  const auto only = node.ask({"ledger", "show", "--kind", "node.started"});
  EXPECT_EQ(only["entries"].size(), 1U);
  const auto entries = node.ledger();
  ASSERT_EQ(entries.size(), shown["entries"].size());
  for (std::size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(entries[i]["sequence"], i + 1);
  const auto inspected = node.verb({"ledger", "inspect"});
  EXPECT_EQ(inspected.exit_code, 0);
  EXPECT_NE(inspected.output.find("The ledger is whole"), std::string::npos) << inspected.output;
}

TEST(LedgerVerb, SaysAtWhichEntryTheLedgerIsDamaged) {
  Node node;
  ASSERT_TRUE(node.start());
  ASSERT_EQ(node.stop(), 0);
  const auto changed =
      run({"sqlite3", (node.site() / "state/catalog.db").string(),
           "UPDATE ledger SET entry = zeroblob(length(entry)) WHERE sequence = 2"});
  ASSERT_EQ(changed.exit_code, 0) << changed.output;
  const auto inspected = node.verb({"ledger", "inspect"});
  EXPECT_EQ(inspected.exit_code, 5) << inspected.output;
  EXPECT_NE(inspected.output.find("damaged at entry 2"), std::string::npos) << inspected.output;
  EXPECT_EQ(node.ask({"ledger", "inspect"})["ok"], false);
}

}  // namespace
}  // namespace veilroute::test

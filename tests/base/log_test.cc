// What the log takes, and that no value can leave its line.
#include "core/base/log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <type_traits>

#include "core/base/files.h"
#include "core/base/phi.h"
#include "tests/support/temporary_folder.h"

namespace veilroute::log {
namespace {

// What may identify a person does not compile as a field.
template <typename T>
constexpr bool kMayBeLogged = std::is_constructible_v<Field, std::string_view, T>;
static_assert(!kMayBeLogged<Phi<std::string>> && !kMayBeLogged<Phi<std::uint64_t>>);
static_assert(!kMayBeLogged<Uid> && !kMayBeLogged<AeTitle>);
static_assert(!kMayBeLogged<std::string> && !kMayBeLogged<std::string_view>);
static_assert(!kMayBeLogged<const char*> && !kMayBeLogged<Bytes>);
static_assert(kMayBeLogged<StudyKey> && kMayBeLogged<TransferId> && kMayBeLogged<RouteName>);
static_assert(kMayBeLogged<std::uint64_t> && kMayBeLogged<ErrorKind>);
template <typename T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
static_assert(!Printable<Phi<std::string>> && !Printable<Phi<int>>);

class LogTest : public testing::Test {
 protected:
  std::string lines(const Settings& settings, auto act) {
    Settings chosen = settings;
    chosen.file = (folder_.path() / "veilroute.log").string();
    EXPECT_TRUE(start(chosen).ok());
    testing::internal::CaptureStderr();
    act();
    screen_ = testing::internal::GetCapturedStderr();
    EXPECT_TRUE(start({.lowest = Level::warn}).ok());
    return read_text_file(chosen.file).value();
  }
  TemporaryFolder folder_;
  std::string screen_;
};

TEST_F(LogTest, WritesPairsToScreenAndFile) {
  const std::string text = lines({}, [] {
    info("transfer.deferred", {{"transfer", TransferId{41}},
                               {"destination", DestinationName{"registry"}},
                               {"attempt", std::uint64_t{3}},
                               {"error_kind", ErrorKind::unavailable},
                               Field::text("slug", "peer.busy")});
  });
  EXPECT_EQ(text.substr(text.find(' ') + 1),
            "info  event=transfer.deferred transfer=41 destination=registry attempt=3 "
            "error_kind=unavailable slug=peer.busy\n");
  EXPECT_EQ(text.substr(10, 1), "T");
  EXPECT_EQ(screen_, text);
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
  const auto act = [] {
    debug("a");
    info("b");
    warn("c");
    error("d");
  };
  const std::string text = lines({.lowest = Level::warn}, act);
  EXPECT_EQ(text.find("event=b"), std::string::npos);
  EXPECT_NE(text.find("warn  event=c"), std::string::npos);
  EXPECT_NE(text.find("error event=d"), std::string::npos);
}

TEST_F(LogTest, NoValueCanBeginANewLineOrMoveACursor) {
  const std::string hostile = "x\nerror event=forged\r\x1b[2J \"q\" \\ k=v \xC3\xA4";
  for (const bool json : {false, true}) {
    std::filesystem::remove(folder_.path() / "veilroute.log");
    const std::string text =
        lines({.json = json}, [&] { info("odd", {Field::text("words", hostile)}); });
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\r'), std::string::npos);
    EXPECT_NE(text.find("\\\"q\\\""), std::string::npos);
  }
}

TEST_F(LogTest, EmptyAndOverlongValuesAreQuotedAndCut) {
  const std::string text = lines({}, [] {
    info("e", {Field::text("none", ""), Field::text("long", std::string(5000, 'x'))});
  });
  EXPECT_NE(text.find("none=\"\""), std::string::npos);
  EXPECT_LT(text.size(), 2200U);
  EXPECT_NE(text.find("xxx...\""), std::string::npos);
}

TEST_F(LogTest, JsonLinesAreObjectsWithNumbersAsNumbersAndIdsAsText) {
  const std::string text = lines({.json = true}, [] {
    info("study.complete",
         {{"study", StudyKey{~std::uint64_t{0}}}, {"objects", std::uint64_t{12}}});
  });
  const auto object = nlohmann::json::parse(text);
  EXPECT_EQ(object["event"], "study.complete");
  EXPECT_EQ(object["level"], "info");
  EXPECT_EQ(object["study"], "18446744073709551615");
  EXPECT_EQ(object["objects"], 12);
}

TEST_F(LogTest, ItsFileIsForTheOwnerAloneAndAnUnwritableOneIsRefused) {
  lines({}, [] { info("x"); });
  struct stat status {};
  ASSERT_EQ(::stat((folder_.path() / "veilroute.log").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 077U, 0U);
  const auto outcome = start({.file = (folder_.path() / "absent" / "x.log").string()});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().slug, "log.unwritable");
}

}  // namespace
}  // namespace veilroute::log

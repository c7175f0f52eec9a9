// explain of files that are not here yet: where would they go?
#include "app/operations/explain.h"

#include <gtest/gtest.h>

#include "app/operations/init.h"
#include "tests/app/copies.h"

namespace veilroute::app {
namespace {

using namespace testing;

class ExplainFiles : public ::testing::Test {
 protected:
  ExplainFiles() {
    NewSite made;
    made.folder = folder_.path() / "site";
    made.demo = true;
    EXPECT_TRUE(init_site(made).ok());
    auto settings = require_settings(made.folder, now_);
    EXPECT_TRUE(settings.ok());
    settings_ = std::move(settings).value();
  }
  TemporaryFolder folder_;
  const TimePoint now_ = SystemClock().now();
  Settings settings_;
};

TEST_F(ExplainFiles, NeedsASourceOfTheConfiguration) {
  const auto files = phantoms(folder_.path() / "in");
  const auto answer = explain_files(settings_, files, "nobody", now_);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().slug, "source.unknown");
}

TEST_F(ExplainFiles, IsAboutOneStudyAtATime) {
  PhantomsWanted two;
  two.studies = 2;
  const auto answer =
      explain_files(settings_, phantoms(folder_.path() / "in", two), "demo-modality", now_);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().slug, "explain.two-studies");
}

TEST_F(ExplainFiles, SaysWhyAFileCannotBeUsed) {
  const auto answer = explain_files(settings_, {folder_.write("letter", std::string(500, 'a'))},
                                    "demo-modality", now_);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().slug, "file.not-dicom");
}

TEST_F(ExplainFiles, NamesTheRouteThatWouldTakeThem) {
  PhantomsWanted two;
  two.count = 2;
  const auto answer =
      explain_files(settings_, phantoms(folder_.path() / "in", two), "demo-modality", now_);
  ASSERT_TRUE(answer.ok()) << answer.error().text();
  const json& route = (*answer)["routes"][0];
  EXPECT_EQ(route["route"], "demo");
  EXPECT_EQ(route["destination"], "demo-partner");
  EXPECT_TRUE(route["matches"].get<bool>());
  EXPECT_TRUE(route["gate_open"].get<bool>());
  EXPECT_EQ(route["satisfied_by"], 2);
  EXPECT_FALSE((*answer)["sentences"].empty());
}

TEST_F(ExplainFiles, ShowsTheComparisonThatDoesNotHold) {
  const auto answer = explain_files(settings_, phantoms(folder_.path() / "in"), "submit", now_);
  ASSERT_TRUE(answer.ok()) << answer.error().text();
  const json& route = (*answer)["routes"][0];
  EXPECT_FALSE(route["matches"].get<bool>());
  ASSERT_EQ(route["comparisons"].size(), 1U);
  EXPECT_FALSE(route["comparisons"][0]["holds"].get<bool>());
}

TEST_F(ExplainFiles, NeverShowsAValueOfTheObjects) {
  PhantomsWanted canary;
  canary.canary = true;
  const auto answer =
      explain_files(settings_, phantoms(folder_.path() / "in", canary), "demo-modality", now_);
  ASSERT_TRUE(answer.ok()) << answer.error().text();
  EXPECT_EQ(answer->dump().find("CANARY"), std::string::npos);
  EXPECT_EQ(answer->dump().find(dicom::kCanaryUidRoot), std::string::npos);
}

}  // namespace
}  // namespace veilroute::app

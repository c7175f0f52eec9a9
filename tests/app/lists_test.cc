// Lists of a site: they say when they are cut short, and what waits for a person is never hidden by
// what is newer.
#include <gtest/gtest.h>

#include "app/operations/init.h"
#include "app/operations/operation.h"
#include "tests/app/copies.h"

namespace veilroute::app {
namespace {

using namespace testing;

/// A demo site with three studies, of which the two older ones are on hold.
class Lists : public ::testing::Test {
 protected:
  Lists() {
    NewSite made;
    made.folder = folder_.path() / "site";
    made.demo = true;
    EXPECT_TRUE(init_site(made).ok());
    auto opened = Site::open(made.folder, clock_);
    EXPECT_TRUE(opened.ok());
    site_ = std::move(opened).value();
    PhantomsWanted three;
    three.studies = 3;
    for (const auto& file : phantoms(folder_.path() / "in", three)) submit(file);
    EXPECT_TRUE(site_->catalog().flush().ok());
    end_caller(*site_, caller_);
    auto studies = site_->catalog().list_studies(10).value();
    EXPECT_EQ(studies.size(), 3U);
    for (std::size_t i = 1; i < studies.size(); ++i) {
      EXPECT_TRUE(site_->catalog().complete_study(studies[i].key, studies[i].last_at).value());
      EXPECT_TRUE(site_->catalog().hold_study(studies[i].key, "study.no-route").ok());
      held_.push_back(studies[i].key);
    }
  }
  void submit(const fs::path& file) {
    auto source = FileSource::open(file);
    Request request{"submit", json::object(), Descriptor(::dup((*source)->descriptor()))};
    EXPECT_TRUE(run_operation(*site_, std::move(request), caller_).ok());
  }
  json ask(const char* verb, std::uint64_t at_most) {
    auto answer = run_operation(*site_, Request{verb, {{"at_most", at_most}}, {}}, caller_);
    EXPECT_TRUE(answer.ok());
    return answer.ok() ? answer.value() : json::object();
  }

  TemporaryFolder folder_;
  SystemClock clock_;
  Caller caller_{"uid:0", std::nullopt};
  std::unique_ptr<Site> site_;
  std::vector<StudyKey> held_;  ///< newest first
};

TEST_F(Lists, SayWhetherThereIsMore) {
  EXPECT_EQ(ask("study.list", 2)["studies"].size(), 2U);
  EXPECT_EQ(ask("study.list", 2)["truncated"], true);
  EXPECT_EQ(ask("study.list", 3)["studies"].size(), 3U);
  EXPECT_EQ(ask("study.list", 3)["truncated"], false);
  EXPECT_EQ(ask("queue.list", 1)["truncated"], false);
}

TEST_F(Lists, OfQuarantineAreNotHiddenByNewerStudies) {
  const json one = ask("quarantine.list", 1);
  ASSERT_EQ(one["held_studies"].size(), 1U);
  EXPECT_EQ(one["held_studies"][0]["study"], held_[0].value);
  EXPECT_EQ(one["truncated"], true);
  const json both = ask("quarantine.list", 2);
  EXPECT_EQ(both["held_studies"].size(), 2U);
  EXPECT_EQ(both["truncated"], false);
}

}  // namespace
}  // namespace veilroute::app

// The watch: what changes becomes a message, over HTTPS to a server of the test's own.
#include "app/watch/watch.h"

#include <gtest/gtest.h>

#include "tests/support/certificates.h"
#include "tests/support/http_server.h"
#include "tests/support/temporary_folder.h"

namespace veilroute::app {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 28);

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() : server_(script()) {
    config_.site.name = "north-radiology";
    config_.alerts.webhook = config::WebhookSettings{
        server_.url() + "/hooks/veilroute", authority_.ca(), folder_.write("token", "t0k\n")};
  }
  test::HttpScript script() {
    test::HttpScript script;
    script.cert = identity_.cert;
    script.key = identity_.key;
    script.answer = [this](const test::HttpRequest&) { return test::HttpReply{status_}; };
    return script;
  }
  /// Looks at a site with so many transfers in quarantine, or with none.
  void look(Watch& watch, Duration after, std::uint64_t quarantined) {
    WatchFacts facts;
    facts.at = kNow + after;
    if (quarantined > 0) {
      facts.work.transfers = {{{"bone"},
                               store::TransferState::blocked,
                               std::string(store::kQuarantine),
                               quarantined,
                               0,
                               kNow}};
    }
    watch.look(facts, {});
  }
  json last() const { return json::parse(server_.requests().back().body); }

  TemporaryFolder folder_;
  test::Authority authority_{folder_.path(), "ours"};
  test::Identity identity_ = authority_.issue("server");
  std::atomic<int> status_{204};
  test::HttpServer server_;
  config::Config config_;
};

TEST_F(WatchTest, TellsTheWebhookWhatIsNewAndWhatIsOver) {
  Watch watch(config_.alerts, open_channels(config_).value());
  look(watch, 0min, 0);
  EXPECT_EQ(server_.requests().size(), 0U);
  look(watch, 1min, 2);
  ASSERT_EQ(server_.requests().size(), 1U);
  const test::HttpRequest request = server_.requests().front();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/hooks/veilroute");
  EXPECT_EQ(request.headers.at("content-type"), "application/json");
  EXPECT_EQ(request.headers.at("authorization"), "Bearer t0k");
  EXPECT_EQ(last().at("site"), "north-radiology");
  EXPECT_EQ(last().at("raised").at(0).at("condition"), "watch.quarantine");
  EXPECT_EQ(last().at("raised").at(0).at("subject"), "destination bone");
  look(watch, 2min, 5);
  EXPECT_EQ(server_.requests().size(), 1U) << "more of the same is no news";
  look(watch, 20min, 0);
  ASSERT_EQ(server_.requests().size(), 2U);
  EXPECT_EQ(last().at("cleared").at(0).at("condition"), "watch.quarantine");
  EXPECT_TRUE(last().at("raised").empty());
}

TEST_F(WatchTest, TellsAgainWhatWasNotTaken) {
  Watch watch(config_.alerts, open_channels(config_).value());
  status_ = 500;
  look(watch, 0min, 1);
  status_ = 200;
  look(watch, 1min, 1);
  look(watch, 2min, 1);
  ASSERT_EQ(server_.requests().size(), 2U);
  EXPECT_EQ(last().at("raised").size(), 1U);
}

TEST_F(WatchTest, TellsNobodyWhoIsNotTrusted) {
  const test::Authority another(folder_.path(), "another");
  config_.alerts.webhook->ca = another.ca();
  Watch watch(config_.alerts, open_channels(config_).value());
  look(watch, 0min, 1);
  EXPECT_EQ(server_.requests().size(), 0U);
}

TEST(BulletinText, SaysWhatToDo) {
  Bulletin bulletin;
  bulletin.raised = {{"watch.disk-full", Severity::critical, "spool", "3 MiB free"}};
  bulletin.standing = {{"watch.quarantine", Severity::warning, "destination bone", ""}};
  EXPECT_EQ(subject_of(bulletin, "north"),
            "[veilroute north] critical: The disk is full but for its reserve. (and 1 more)");
  const std::string text = text_of(bulletin, "north", kNow);
  for (const char* words :
       {"New\n  critical: spool: The disk is full but for its reserve.\n    3 MiB",
        "You can: Make room on the disk", "Still so\n  warning: destination bone:"}) {
    EXPECT_NE(text.find(words), text.npos) << words << "\n" << text;
  }
  bulletin = {{}, {}, bulletin.raised};
  EXPECT_EQ(subject_of(bulletin, "north"),
            "[veilroute north] over: The disk is full but for its reserve.");
}

}  // namespace
}  // namespace veilroute::app

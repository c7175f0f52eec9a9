// What a running node says of itself: `doctor`, the health page, metrics, and a webhook.
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/StreamCopier.h>
#include <gtest/gtest.h>

#include "tests/support/wait.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

std::uint16_t free_port() {
  const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
  return socket.address().port();
}

struct Fetched {
  int status = 0;
  std::string body;
};

Fetched fetch(std::uint16_t port, const std::string& path) {
  Poco::Net::HTTPClientSession session("127.0.0.1", port);
  Poco::Net::HTTPRequest request("GET", path, Poco::Net::HTTPRequest::HTTP_1_1);
  session.sendRequest(request);
  Poco::Net::HTTPResponse response;
  Fetched fetched;
  std::istream& in = session.receiveResponse(response);
  fetched.status = response.getStatus();
  Poco::StreamCopier::copyToString(in, fetched.body);
  return fetched;
}

class WatchWalk : public ::testing::Test {
 protected:
  void send(dicom::PhantomKind kind, unsigned number) {
    const Sample sample = write_phantom(folder_.path(), small(kind, number, number));
    ASSERT_EQ(node_.send(names_of({sample})).exit_code, 0);
  }
  TemporaryFolder folder_;
  test::Node node_;
  std::uint16_t monitor_ = free_port();
};

TEST_F(WatchWalk, CountsWhatGoesThroughAndSaysWhatWaits) {
  node_.append("site.toml", "\n[monitor]\nbind = \"127.0.0.1:" + std::to_string(monitor_) + "\"\n");
  node_.start_partner();
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  EXPECT_EQ(node_.verb({"doctor"}).exit_code, 0) << node_.verb({"doctor"}).output;
  send(dicom::PhantomKind::ct, 1);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  const Fetched metrics = fetch(monitor_, "/metrics");
  EXPECT_EQ(metrics.status, 200);
  for (const char* line :
       {"\nveilroute_objects_received_total 1\n", "\nveilroute_objects_sent_total 1\n",
        "\nveilroute_accepting 1\n", "\n# TYPE veilroute_transfers gauge\n"}) {
    EXPECT_NE(metrics.body.find(line), std::string::npos) << line << metrics.body;
  }
  EXPECT_EQ(metrics.body.find("PHANTOM"), std::string::npos) << "nobody's name is in it";
  EXPECT_EQ(fetch(monitor_, "/healthz").status, 200);

  send(dicom::PhantomKind::us, 2);  // its pixels may show text
  ASSERT_TRUE(node_.wait_until_settled(60s));
  const auto doctor = node_.verb({"doctor"});
  EXPECT_EQ(doctor.exit_code, 3) << doctor.output;
  EXPECT_NE(doctor.output.find("[watch.quarantine]"), std::string::npos) << doctor.output;
  const Fetched health = fetch(monitor_, "/healthz");
  EXPECT_EQ(health.status, 200) << "a warning is no reason to take the node out of service";
  const json said = json::parse(health.body);
  EXPECT_EQ(said.at("conditions").at(0).at("condition"), "watch.quarantine");
  EXPECT_NE(fetch(monitor_, "/metrics").body.find("state=\"blocked\",reason=\"quarantine\"} 1\n"),
            std::string::npos);
}

}  // namespace
}  // namespace veilroute::walk

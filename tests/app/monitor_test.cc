// The monitor's listener, asked over real sockets.
#include "app/watch/monitor.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/StreamCopier.h>
#include <gtest/gtest.h>

#include "tests/support/certificates.h"
#include "tests/support/temporary_folder.h"

namespace veilroute::app {
namespace {

namespace net = Poco::Net;

struct Reply {
  int status = 0;
  std::string body;
  std::string type;
};

Reply ask(net::HTTPClientSession& session, const std::string& method, const std::string& path,
          const std::string& authorization = "") {
  net::HTTPRequest request(method, path, net::HTTPRequest::HTTP_1_1);
  if (!authorization.empty()) request.set("Authorization", authorization);
  session.sendRequest(request);
  net::HTTPResponse response;
  std::istream& in = session.receiveResponse(response);
  Reply reply{response.getStatus(), {}, response.getContentType()};
  Poco::StreamCopier::copyToString(in, reply.body);
  return reply;
}

Reply ask(std::uint16_t port, const std::string& method, const std::string& path,
          const std::string& authorization = "") {
  net::HTTPClientSession session("127.0.0.1", port);
  return ask(session, method, path, authorization);
}

MonitorPage page_of(const std::string& path) {
  if (path == "/healthz") return {503, "application/json", "{}\n"};
  if (path == "/broken") throw std::runtime_error("a page that cannot be made");
  return {};
}

config::MonitorSettings on_loopback() {
  config::MonitorSettings settings;
  settings.bind = config::Endpoint{"127.0.0.1", 0};
  return settings;
}

TEST(Monitor, AnswersWhatThereIsAndNothingElse) {
  const auto monitor = Monitor::open(on_loopback(), page_of);
  ASSERT_TRUE(monitor.ok()) << monitor.error().text();
  const std::uint16_t port = (*monitor)->port();
  const Reply health = ask(port, "GET", "/healthz");
  EXPECT_EQ(health.status, 503);
  EXPECT_EQ(health.body, "{}\n");
  EXPECT_EQ(health.type, "application/json");
  const Reply head = ask(port, "HEAD", "/healthz");
  EXPECT_EQ(head.status, 503);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(ask(port, "GET", "/").status, 404);
  EXPECT_EQ(ask(port, "GET", "/healthz?x=1").status, 404);
  EXPECT_EQ(ask(port, "POST", "/healthz").status, 405);
  EXPECT_EQ(ask(port, "GET", "/broken").status, 500);
  EXPECT_EQ(ask(port, "GET", "/healthz").status, 503) << "it goes on";
}

/// What came until the other side closed.
std::string exchange(std::uint16_t port, const std::string& text) {
  net::StreamSocket socket(net::SocketAddress("127.0.0.1", port));
  socket.setReceiveTimeout(Poco::Timespan(20, 0));
  socket.sendBytes(text.data(), static_cast<int>(text.size()));
  std::string all;
  char buffer[4096];
  for (;;) {
    const int count = socket.receiveBytes(buffer, sizeof buffer);
    if (count <= 0) return all;
    all.append(buffer, static_cast<std::size_t>(count));
  }
}

TEST(Monitor, TakesABodyForNoSecondRequest) {
  const auto monitor = Monitor::open(on_loopback(), page_of);
  ASSERT_TRUE(monitor.ok());
  const std::string inner = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string all =
      exchange((*monitor)->port(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                                       std::to_string(inner.size()) + "\r\n\r\n" + inner);
  EXPECT_TRUE(all.starts_with("HTTP/1.1 405 ")) << all;
  EXPECT_EQ(all.find("HTTP/1.1", 1), std::string::npos) << all;
}

TEST(Monitor, AsksForTheToken) {
  const TemporaryFolder folder;
  config::MonitorSettings settings = on_loopback();
  settings.token_file = folder.write("token", "correct-horse\n");
  const auto monitor = Monitor::open(settings, page_of);
  ASSERT_TRUE(monitor.ok());
  const std::uint16_t port = (*monitor)->port();
  EXPECT_EQ(ask(port, "GET", "/healthz").status, 401);
  EXPECT_EQ(ask(port, "GET", "/healthz", "Bearer correct-hors").status, 401);
  EXPECT_EQ(ask(port, "GET", "/healthz", "Bearer correct-horsf").status, 401);
  EXPECT_EQ(ask(port, "GET", "/healthz", "Basic correct-horse").status, 401);
  EXPECT_EQ(ask(port, "GET", "/healthz", "Bearer correct-horse").status, 503);
  settings.token_file = folder.write("empty", "\n");
  const auto without = Monitor::open(settings, page_of);
  ASSERT_FALSE(without.ok());
  EXPECT_EQ(without.error().slug, "monitor.no-token");
}

TEST(Monitor, SpeaksTlsWhereItHasACertificate) {
  const TemporaryFolder folder;
  const test::Authority authority(folder.path(), "monitor");
  const test::Identity node = authority.issue("node");
  config::MonitorSettings settings = on_loopback();
  settings.cert = node.cert;
  settings.key = node.key;
  const auto monitor = Monitor::open(settings, page_of);
  ASSERT_TRUE(monitor.ok()) << monitor.error().text();
  const net::Context::Ptr trusts =
      new net::Context(net::Context::CLIENT_USE, "", "", authority.ca().string());
  net::HTTPSClientSession session("127.0.0.1", (*monitor)->port(), trusts);
  EXPECT_EQ(ask(session, "GET", "/healthz").status, 503);
  settings.key = authority.ca();
  const auto broken = Monitor::open(settings, page_of);
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().slug, "tls.file-unreadable");
}

TEST(Monitor, SaysThatItsPortIsTaken) {
  const auto first = Monitor::open(on_loopback(), page_of);
  ASSERT_TRUE(first.ok());
  config::MonitorSettings same = on_loopback();
  same.bind->port = (*first)->port();
  const auto second = Monitor::open(same, page_of);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().slug, "monitor.no-listener");
}

}  // namespace
}  // namespace veilroute::app

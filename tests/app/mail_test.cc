// One mail to a server of the test's own.
#include "app/watch/mail.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <gtest/gtest.h>

#include <thread>

namespace veilroute::app {
namespace {

namespace net = Poco::Net;

/// Takes one message, or refuses its recipient; speaks no TLS.
class SmtpServer {
 public:
  explicit SmtpServer(bool refuses) : refuses_(refuses), thread_([this] { serve(); }) {}
  ~SmtpServer() { end(); }
  /// Waits until the client has left.
  void end() {
    if (thread_.joinable()) thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return socket_.address().port(); }
  [[nodiscard]] const std::string& seen() const { return seen_; }

 private:
  void serve() {
    net::StreamSocket peer = socket_.acceptConnection();
    peer.setReceiveTimeout(Poco::Timespan(30, 0));
    say(peer, "220 phantom");
    bool in_data = false;
    for (std::string line; read_line(peer, line);) {
      seen_ += line + "\n";
      if (in_data) {
        if (line != ".") continue;
        in_data = false;
        say(peer, "250 taken");
      } else if (line.starts_with("EHLO")) {
        say(peer, "250-phantom\r\n250 8BITMIME");
      } else if (line.starts_with("RCPT") && refuses_) {
        say(peer, "550 nobody here");
      } else if (line == "DATA") {
        in_data = true;
        say(peer, "354 go on");
      } else if (line == "QUIT") {
        return say(peer, "221 goodbye");
      } else {
        say(peer, "250 fine");
      }
    }
  }
  static void say(net::StreamSocket& peer, const std::string& line) {
    const std::string bytes = line + "\r\n";
    peer.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
  }
  static bool read_line(net::StreamSocket& peer, std::string& line) {
    line.clear();
    for (char c = 0; peer.receiveBytes(&c, 1) == 1;) {
      if (c == '\n') return true;
      if (c != '\r') line += c;
    }
    return false;
  }

  bool refuses_;
  net::ServerSocket socket_{net::SocketAddress("127.0.0.1", 0)};
  std::string seen_;
  std::thread thread_;
};

config::MailSettings settings_for(std::uint16_t port) {
  config::MailSettings settings;
  settings.address = {"127.0.0.1", port};
  settings.security = config::MailSettings::Security::none;
  settings.from = "node@north.example";
  settings.to = {"pacs@north.example", "it@north.example"};
  return settings;
}

const TimePoint kAt = std::chrono::sys_days(std::chrono::year(2026) / 11 / 28) +
                      std::chrono::hours(8) + std::chrono::minutes(5);

TEST(Mail, ReachesEveryRecipientAsItWasWritten) {
  SmtpServer server(false);
  const config::MailSettings settings = settings_for(server.port());
  const std::string message =
      mail_message(settings, "disk\r\nBcc: full", "One line.\n.\nAnother.\n", kAt, "42");
  const auto sent = send_mail(settings, message, {});
  ASSERT_TRUE(sent.ok()) << sent.error().text();
  server.end();
  const std::string& seen = server.seen();
  for (const char* line :
       {"MAIL FROM:<node@north.example>", "RCPT TO:<pacs@north.example>",
        "RCPT TO:<it@north.example>", "Date: Sat, 28 Nov 2026 08:05:00 +0000\n",
        "To: pacs@north.example, it@north.example\n", "Subject: disk  Bcc: full\n",
        "Message-ID: <42@veilroute.invalid>\n", "\nOne line.\n..\nAnother.\n.\n"}) {
    EXPECT_NE(seen.find(line), seen.npos) << line << "\n" << seen;
  }
}

TEST(Mail, EncodesASubjectOutsideAscii) {
  const std::string message = mail_message(settings_for(25),
                                           "S\xC3\xBC"
                                           "d",
                                           "", kAt, "1");
  EXPECT_NE(message.find("Subject: =?UTF-8?B?U8O8ZA==?=\r\n"), message.npos) << message;
}

TEST(Mail, SaysThatItWasRefused) {
  SmtpServer server(true);
  const config::MailSettings settings = settings_for(server.port());
  const auto sent = send_mail(settings, mail_message(settings, "x", "y\n", kAt, "1"), {});
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().slug, "mail.refused");
}

TEST(Mail, GoesNowhereWithoutTheTlsItNeeds) {
  SmtpServer server(false);
  config::MailSettings settings = settings_for(server.port());
  settings.security = config::MailSettings::Security::starttls;
  const auto sent = send_mail(settings, mail_message(settings, "x", "y\n", kAt, "1"), {});
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().slug, "tls.handshake-failed");
  server.end();
  EXPECT_EQ(server.seen().find("MAIL"), std::string::npos) << "nothing of it left";
  settings.security = config::MailSettings::Security::none;
  settings.address.host = "192.0.2.1";
  EXPECT_EQ(send_mail(settings, "", {}).error().slug, "mail.tls-required");
}

TEST(Mail, SaysThatNobodyListens) {
  std::uint16_t port = 0;
  {
    const net::ServerSocket taken(net::SocketAddress("127.0.0.1", 0));
    port = taken.address().port();
  }
  const auto sent = send_mail(settings_for(port), "x", {});
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().slug, "network.unreachable");
}

}  // namespace
}  // namespace veilroute::app

// The way out and the secured way in: whoever cannot prove who it is gets nothing and gives nothing.
#include <gtest/gtest.h>

#include "tests/support/certificates.h"
#include "tests/support/wait.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

/// The transfer, once it waits for another try: its slug. Empty when it never does.
std::string deferred_slug(const test::Node& node) {
  std::string slug;
  test::wait_for(
      [&] {
        const json queue = node.ask({"queue", "list"});
        for (const auto& transfer : queue.value("transfers", json::array())) {
          if (transfer.at("state") == "deferred") slug = transfer.value("reason", std::string("-"));
        }
        return !slug.empty();
      },
      60s);
  return slug;
}

std::string development_authority(const test::Node& node, const char* what) {
  return (node.site() / "keys" / (std::string("development-ca.") + what)).string();
}

/// A certificate of the site's own development authority, made by the openssl program.
test::PartnerIdentity issue(const test::Node& node, const fs::path& folder, const std::string& names,
                            int days) {
  fs::create_directories(folder);
  const auto file = [&](const char* suffix) { return (folder / ("partner" + std::string(suffix))).string(); };
  const auto openssl = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "openssl");
    const auto done = test::run(arguments);
    EXPECT_EQ(done.exit_code, 0) << done.output;
  };
  openssl({"req", "-newkey", "rsa:3072", "-nodes", "-sha256", "-subj", "/CN=partner", "-keyout",
           file(".key"), "-out", file(".csr")});
  std::ofstream(file(".ext")) << "subjectAltName=" << names << "\nextendedKeyUsage=serverAuth\n";
  openssl({"x509", "-req", "-sha256", "-in", file(".csr"), "-CA", development_authority(node, "crt"),
           "-CAkey", development_authority(node, "key"), "-CAcreateserial", "-days",
           std::to_string(days), "-extfile", file(".ext"), "-out", file(".crt")});
  return {file(".crt"), file(".key")};
}

class WayOut : public ::testing::Test {
 protected:
  /// Sends one phantom towards a partner with this identity; what the transfer waits with.
  std::string send_to(const test::PartnerIdentity& identity) {
    node_.start_partner(identity);
    EXPECT_TRUE(node_.start()) << test::read_file(node_.log_file());
    const Sample one = write_phantom(folder_.path(), small(dicom::PhantomKind::dx, 1));
    EXPECT_EQ(node_.send(names_of({one})).exit_code, 0);
    return deferred_slug(node_);
  }
  /// Nothing arrived; with the right partner in its place everything does.
  void expect_mended() {
    EXPECT_TRUE(node_.received_files().empty()) << "bytes left for a partner that proved nothing";
    node_.stop_partner();
    // Asked before the right one is there: the node's own next try may be quicker than we are.
    const json queue = node_.ask({"queue", "list"});
    ASSERT_EQ(queue.at("transfers").size(), 1U);
    node_.start_partner();
    const auto number = queue["transfers"][0].at("transfer").get<std::uint64_t>();
    const auto retried = node_.verb({"queue", "retry", "--transfer", std::to_string(number)});
    EXPECT_TRUE(retried.exit_code == 0 || node_.settled()) << retried.output;
    ASSERT_TRUE(node_.wait_until_settled(60s));
    EXPECT_EQ(node_.received_files().size(), 1U);
    expect_accounts_close(node_);
  }

  TemporaryFolder folder_;
  test::Node node_;
};

TEST_F(WayOut, AWrongHostNameIsNoPartner) {
  EXPECT_EQ(send_to(issue(node_, folder_.path() / "keys", "DNS:other.example", 30)),
            "tls.wrong-host");
  expect_mended();
}

TEST_F(WayOut, AnotherAuthorityIsNoPartner) {
  fs::create_directories(folder_.path() / "keys");
  const test::Authority stranger(folder_.path() / "keys", "stranger");
  test::IssueOptions options;
  options.key_bits = 3072;
  const auto identity = stranger.issue("partner", options);
  EXPECT_EQ(send_to({identity.cert, identity.key}), "tls.unknown-ca");
  expect_mended();
}

TEST_F(WayOut, AnExpiredCertificateIsNoPartner) {
  // Valid for less than no time: the day before it was made.
  EXPECT_EQ(send_to(issue(node_, folder_.path() / "keys", "IP:127.0.0.1", -1)),
            "tls.certificate-expired");
  expect_mended();
}

TEST_F(WayOut, APartnerThatSpeaksNoTlsGetsNothing) {
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  const auto echo_before = node_.verb({"echo", "demo-partner"});
  EXPECT_EQ(echo_before.exit_code, 4) << echo_before.output;
  test::Process plain({"storescp", "--fork", "-aet", "DEMO_PARTNER", "+xa", "+B", "+uf", "-od",
                       node_.received().string(), std::to_string(node_.partner_port())},
                      folder_.path() / "plain.log");
  ASSERT_TRUE(test::wait_for([&] { return test::listens(node_.partner_port()); }, 20s));
  const Sample one = write_phantom(folder_.path(), small(dicom::PhantomKind::dx, 1));
  ASSERT_EQ(node_.send(names_of({one})).exit_code, 0);
  const std::string slug = deferred_slug(node_);
  EXPECT_FALSE(slug.empty());
  EXPECT_TRUE(node_.received_files().empty());
  plain.stop();
  expect_mended();
}

/// A listener with TLS and client certificates beside the plain one.
class WayIn : public ::testing::Test {
 protected:
  void SetUp() override {
    port_ = test::free_port();
    node_.append("site.toml", "\n[[listener]]\nname = \"partners-in\"\nprotocol = \"dicom+tls\"\n"
                              "bind = \"127.0.0.1:" + std::to_string(port_) + "\"\n"
                              "cert = \"keys/node.crt\"\nkey = \"keys/node.key\"\n"
                              "client_ca = \"keys/development-ca.crt\"\n");
    node_.start_partner();
    ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
    one_ = write_phantom(folder_.path(), small(dicom::PhantomKind::dx, 1));
  }
  test::Finished send(std::vector<std::string> tls) const {
    std::vector<std::string> command{"storescu", "-v", "-R", "-to", "10", "-aet", "DEMO_XRAY",
                                     "-aec", "VEILROUTE"};
    command.insert(command.end(), tls.begin(), tls.end());
    command.insert(command.end(), {"127.0.0.1", std::to_string(port_), one_.path.string()});
    return test::run(command, 60s);
  }
  [[nodiscard]] std::string key(const char* name) const {
    return (node_.site() / "keys" / name).string();
  }
  void expect_nothing_came() const {
    EXPECT_TRUE(node_.ask({"study", "list"}).at("studies").empty());
  }

  TemporaryFolder folder_;
  test::Node node_;
  int port_ = 0;
  Sample one_;
};

TEST_F(WayIn, ACertificateOfTheAuthorityOpensTheDoor) {
  const auto sent = send({"+tls", key("demo/partner.key"), key("demo/partner.crt"), "+cf",
                          key("development-ca.crt")});
  ASSERT_EQ(sent.exit_code, 0) << sent.output;
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_EQ(node_.received_files().size(), 1U);
  expect_accounts_close(node_);
}

TEST_F(WayIn, WithoutACertificateItStaysShut) {
  const auto refused = send({"+tla", "+cf", key("development-ca.crt")});
  EXPECT_NE(refused.exit_code, 0) << refused.output;
  expect_nothing_came();
}

TEST_F(WayIn, ACertificateOfAStrangerDoesNotOpenIt) {
  fs::create_directories(folder_.path() / "keys");
  const test::Authority stranger(folder_.path() / "keys", "stranger");
  test::IssueOptions options;
  options.key_bits = 3072;
  const auto identity = stranger.issue("modality", options);
  const auto refused = send({"+tls", identity.key.string(), identity.cert.string(), "+cf",
                             key("development-ca.crt")});
  EXPECT_NE(refused.exit_code, 0) << refused.output;
  expect_nothing_came();
}

TEST_F(WayIn, WhoSpeaksInClearIsNotHeard) {
  const auto refused = send({});
  EXPECT_NE(refused.exit_code, 0) << refused.output;
  expect_nothing_came();
}

}  // namespace
}  // namespace veilroute::walk

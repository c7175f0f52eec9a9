// Several doors at once, plain, secured and on IPv6, and one called AE title for each purpose: who
// calls whom decides which source it is and which route takes the study.
#include <gtest/gtest.h>

#include "tests/support/test_sender.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

const Uid kDoorClass{"1.2.840.10008.5.1.4.1.1.2"};
const Uid kDoorSyntax{"1.2.840.10008.1.2.1"};

std::string listener(const char* name, const char* protocol, const std::string& bind,
                     const char* more) {
  return std::string("\n[[listener]]\nname = \"") + name + "\"\nprotocol = \"" + protocol +
         "\"\nbind = \"" + bind + "\"\n" + more;
}
std::string source(const char* name, const char* ae, const char* more) {
  return std::string("\n[[source]]\nname = \"") + name + "\"\nae_title = \"" + ae + "\"\n" + more +
         "\n";
}

class Doors : public ::testing::Test {
 protected:
  void SetUp() override {
    six_ = test::free_port();
    secure_ = test::free_port();
    node_.append("site.toml",
                 listener("six", "dicom", "[::1]:" + std::to_string(six_), "") +
                     listener("secure", "dicom+tls", "127.0.0.1:" + std::to_string(secure_),
                              "cert = \"keys/node.crt\"\nkey = \"keys/node.key\"\n"
                              "client_ca = \"keys/development-ca.crt\"\n") +
                     source("ward-six", "SCANNER", "addresses = [\"::1/128\"]") +
                     source("secure-only", "PARTNER",
                            "addresses = [\"127.0.0.0/8\"]\nlistener = \"secure\"") +
                     source("research", "DEMO_XRAY",
                            "addresses = [\"127.0.0.0/8\"]\ncalled_ae = \"RESEARCH\""));
    // What was called RESEARCH goes by a route of its own; the demo's takes everything else.
    std::ofstream(node_.site() / "conf.d/30-research.toml")
        << "[[route]]\nname = \"research\"\nwhen = 'called_ae = \"RESEARCH\"'\n"
           "destination = \"demo-partner\"\nprofile = \"basic\"\nbasis = \"de-identified\"\n"
           "consent = { required = false, reason = \"de-identified data\" }\n";
    node_.edit("conf.d/20-demo-route.toml", "'source = \"demo-modality\"'",
               "'called_ae = \"VEILROUTE\"'");
    node_.start_partner();
    ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
    tls_ = dicom::TlsContext::open(dicom::TlsContext::Side::sender,
                                   {node_.site() / "keys/demo/partner.crt",
                                    node_.site() / "keys/demo/partner.key",
                                    node_.site() / "keys/development-ca.crt"})
               .value();
  }
  /// One object of a study of its own; "" when it was taken, else the status or the error's slug.
  std::string send(test::SenderOptions options) {
    const Uid instance{"2.25.81" + std::to_string(++made_)};
    const Uid study{"2.25.80" + std::to_string(made_)};
    const auto sent = test::send_objects(
        options, {{kDoorClass, instance, kDoorSyntax,
                   test::explicit_data_set(kDoorClass, instance, study, Bytes(8))}});
    if (!sent.ok()) return sent.error().slug;
    return sent->front() == 0 ? std::string() : std::to_string(sent->front());
  }
  [[nodiscard]] test::SenderOptions by(const char* host, int port, const char* calling,
                                       const char* called = "VEILROUTE",
                                       bool tls = false) const {
    return {host, static_cast<std::uint16_t>(port), calling, called, tls ? tls_.get() : nullptr};
  }
  /// "source/listener/called AE" of what was received, and by which route each study went.
  [[nodiscard]] std::map<std::string, std::string> received_and_routed() const {
    std::map<std::uint64_t, std::string> origins;
    for (const auto& entry : node_.ledger()) {
      if (entry.at("kind") != "received") continue;
      origins[entry.at("study").get<std::uint64_t>()] =
          entry.at("fields").at("source").get<std::string>() + "/" +
          entry.at("fields").at("listener").get<std::string>() + "/" +
          entry.at("identified").at("called_ae").get<std::string>();
    }
    std::map<std::string, std::string> routed;
    for (const auto& [number, view] : studies_of(node_)) {
      std::string routes;
      for (const auto& transfer : view.at("transfers")) {
        routes += (routes.empty() ? "" : ",") + transfer.at("route").get<std::string>();
      }
      routed[origins[number]] = routes;
    }
    return routed;
  }

  test::Node node_;
  int six_ = 0, secure_ = 0, made_ = 0;
  std::unique_ptr<dicom::TlsContext> tls_;
};

TEST_F(Doors, EachTakesItsOwnSourcesAtOnceAndTheCalledTitleChoosesTheRoute) {
  EXPECT_EQ(send(by("127.0.0.1", node_.port(), "DEMO_XRAY")), "");
  EXPECT_EQ(send(by("127.0.0.1", node_.port(), "DEMO_XRAY", "RESEARCH")), "");
  EXPECT_EQ(send(by("::1", six_, "SCANNER")), "");
  EXPECT_EQ(send(by("127.0.0.1", secure_, "PARTNER", "VEILROUTE", true)), "");
  // Each of these is known, but not here, or not under that title.
  EXPECT_EQ(send(by("127.0.0.1", node_.port(), "SCANNER")), "association.rejected");
  EXPECT_EQ(send(by("::1", six_, "DEMO_XRAY")), "association.rejected");
  EXPECT_EQ(send(by("127.0.0.1", node_.port(), "PARTNER")), "association.rejected");
  EXPECT_EQ(send(by("::1", six_, "SCANNER", "RESEARCH")), "association.rejected");
  ASSERT_TRUE(node_.wait_until_settled(60s)) << node_.verb({"queue", "list"}).output;
  const std::map<std::string, std::string> expected = {
      {"demo-modality/ward/VEILROUTE", "demo"},
      {"research/ward/RESEARCH", "research"},
      {"ward-six/six/VEILROUTE", "demo"},
      {"secure-only/secure/VEILROUTE", "demo"},
  };
  EXPECT_EQ(received_and_routed(), expected);
  expect_accounts_close(node_);
}

}  // namespace
}  // namespace veilroute::walk

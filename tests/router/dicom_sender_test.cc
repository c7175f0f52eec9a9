#include "router/dicom_sender.h"

#include <gtest/gtest.h>

#include <thread>

#include "core/base/crypto.h"
#include "tests/router/dicom_shipment.h"
#include "tests/support/certificates.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_receiver.h"
#include "tests/support/test_sender.h"
#include "tests/support/wait.h"

namespace veilroute::router {
namespace {

using namespace std::chrono_literals;
using store::Outcome;
using test::ReceiverScript;

TEST(DicomSender, EveryStatusBecomesAnOutcome) {
  struct Case {
    std::uint16_t status;
    Outcome object;
    Outcome attempt;
    const char* slug;
  };
  const Case cases[] = {
      {0x0000, Outcome::sent, Outcome::sent, ""},
      {0xB000, Outcome::sent, Outcome::sent, ""},
      {0xA700, Outcome::deferred, Outcome::deferred, "sender.receiver-busy"},
      {0xA900, Outcome::refused, Outcome::refused, "sender.object-refused"},
      {0xC123, Outcome::refused, Outcome::refused, "sender.object-refused"},
      {0x0122, Outcome::refused, Outcome::refused, "sender.object-refused"},
      {0x0211, Outcome::refused, Outcome::refused, "sender.object-refused"},
  };
  for (const Case& one : cases) {
    ReceiverScript script;
    script.status = [&](std::size_t) { return std::optional(one.status); };
    test::TestReceiver receiver(script);
    const auto sender = make_sender(plain_to(receiver.port())).value();
    Shipment shipment;
    shipment.add_ct();
    const Sent sent = send(*sender, shipment);
    ASSERT_EQ(sent.objects.size(), 1U) << one.status;
    EXPECT_EQ(sent.objects[0].status, one.status);
    EXPECT_EQ(sent.objects[0].outcome, one.object) << std::hex << one.status;
    EXPECT_EQ(sent.result.outcome, one.attempt) << std::hex << one.status;
    EXPECT_EQ(sent.result.slug, one.slug) << std::hex << one.status;
  }
}

TEST(DicomSender, WhatThePeerDoesWrongEndsTheAttemptWithItsReason) {
  struct Case {
    const char* what;
    std::function<void(ReceiverScript&)> change;
    Outcome outcome;
    const char* slug;
  };
  const auto spoil = [](std::function<void(dicom::Command&)> change) {
    return [change](ReceiverScript& script) {
      script.spoil = [change](std::size_t, dicom::Command& answer) { change(answer); };
    };
  };
  const Case cases[] = {
      {"rejected for good", [](auto& s) { s.reject = dicom::kCallingNotRecognized; },
       Outcome::deferred, "association.rejected"},
      {"rejected for now", [](auto& s) { s.reject = dicom::kLocalLimitExceeded; },
       Outcome::deferred, "association.rejected-for-now"},
      {"aborted", [](auto& s) { s.aborts = [](std::size_t) { return true; }; }, Outcome::deferred,
       "association.aborted"},
      {"silent",
       [](auto& s) { s.status = [](std::size_t) { return std::optional<std::uint16_t>(); }; },
       Outcome::deferred, "network.timeout"},
      {"no room for a fragment", [](auto& s) { s.most_pdu_bytes = 20; }, Outcome::deferred,
       "association.malformed"},
      {"the wrong message id", spoil([](auto& a) { a.responded_to = 999; }), Outcome::deferred,
       "association.malformed"},
      {"the wrong instance", spoil([](auto& a) { a.affected_instance = Uid{"1.2.3"}; }),
       Outcome::deferred, "association.malformed"},
      {"the wrong class", spoil([](auto& a) { a.affected_class = Uid{"1.2.3"}; }),
       Outcome::deferred, "association.malformed"},
      {"another operation", spoil([](auto& a) { a.field = 0x8030; }), Outcome::deferred,
       "association.malformed"},
  };
  for (const Case& one : cases) {
    ReceiverScript script;
    one.change(script);
    test::TestReceiver receiver(script);
    config::Destination destination = plain_to(receiver.port());
    destination.answer_timeout = 1s;
    const auto sender = make_sender(destination).value();
    Shipment shipment;
    shipment.add_ct(2);
    const Sent sent = send(*sender, shipment);
    EXPECT_EQ(sent.objects.size(), 0U) << one.what;
    EXPECT_EQ(sent.result.outcome, one.outcome) << one.what;
    EXPECT_EQ(sent.result.slug, one.slug) << one.what;
  }
}

TEST(DicomSender, DefersWhenNobodyIsThere) {
  const auto sender = make_sender(plain_to(static_cast<std::uint16_t>(test::free_port()))).value();
  Shipment shipment;
  shipment.add_ct();
  const Sent sent = send(*sender, shipment);
  EXPECT_EQ(sent.result.outcome, Outcome::deferred);
  EXPECT_EQ(sent.result.slug, "network.unreachable");
  config::Destination nowhere = plain_to(104);
  nowhere.address.host = "localhost";
  nowhere.address.port = 1;
  EXPECT_EQ(send(*make_sender(nowhere).value(), shipment).result.slug, "network.unreachable");
}

TEST(DicomSender, PlainOnlyToLoopback) {
  for (const char* host : {"192.0.2.1", "pacs.example", "127.0.0.1.example", "127.example"}) {
    config::Destination destination = plain_to(104);
    destination.address.host = host;
    const auto made = make_sender(destination);
    ASSERT_FALSE(made.ok()) << host;
    EXPECT_EQ(made.error().slug, "sender.tls-required");
  }
}

TEST(DicomSender, BytesArriveAsTheyAreAndTheirDigestIsKnown) {
  ReceiverScript script;
  script.most_pdu_bytes = 4099;  // odd: fragments must be even all the same
  test::TestReceiver receiver(script);
  const auto sender = make_sender(plain_to(receiver.port())).value();
  Shipment shipment;
  Bytes large(1'000'002);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::uint8_t>(i * 7 >> 3U);
  shipment.add(kCt, kHtj2k, large);
  shipment.add(kCt, kExplicit, Bytes(2, 1));
  shipment.add(kCt, kExplicit, {});
  shipment.add(kCt, Uid{"1.2.3.4.5"}, Bytes(4094, 2));
  const Sent sent = send(*sender, shipment);
  EXPECT_EQ(sent.result.outcome, Outcome::sent) << sent.result.slug;
  ASSERT_EQ(sent.objects.size(), 4U);
  const auto received = receiver.objects();
  ASSERT_EQ(received.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(received[i].data, shipment.data(i)) << i;
    EXPECT_EQ(received[i].transfer_syntax, shipment.record(i).transfer_syntax);
    EXPECT_EQ(received[i].sop_instance, shipment.record(i).sop_instance);
    EXPECT_EQ(sent.objects[i].sent_digest, crypto::sha256(shipment.data(i)));
    EXPECT_EQ(sent.objects[i].sent_bytes, shipment.data(i).size());
    EXPECT_EQ(sent.objects[i].object, shipment.record(i).object);
  }
  // One context for each pair, nothing else proposed.
  EXPECT_EQ(receiver.requests()[0].contexts.size(), 3U);
}

TEST(DicomSender, ARejectedContextRefusesItsObjectsAlone) {
  ReceiverScript script;
  script.accepts = [](const dicom::ProposedContext& context) {
    return context.transfer_syntaxes.front() != kHtj2k;
  };
  test::TestReceiver receiver(script);
  const auto sender = make_sender(plain_to(receiver.port())).value();
  Shipment shipment;
  shipment.add_ct();
  shipment.add(kCt, kHtj2k, Bytes(10));
  shipment.add_ct();
  const Sent sent = send(*sender, shipment);
  ASSERT_EQ(sent.objects.size(), 3U);
  EXPECT_EQ(sent.objects[0].outcome, Outcome::sent);
  EXPECT_EQ(sent.objects[1].outcome, Outcome::refused);
  EXPECT_EQ(sent.objects[1].status, 0x0122);
  EXPECT_EQ(sent.objects[1].sent_bytes, 0U);
  EXPECT_EQ(sent.objects[2].outcome, Outcome::sent);
  EXPECT_EQ(sent.result.outcome, Outcome::sent);
  EXPECT_EQ(sent.result.slug, "sender.context-rejected");
}

TEST(DicomSender, MoreThan128PairsGoOnSeveralAssociations) {
  test::TestReceiver receiver({});
  const auto sender = make_sender(plain_to(receiver.port())).value();
  Shipment shipment;
  for (int i = 0; i < 300; ++i) {
    shipment.add(Uid{"1.2.840.10008.5.1.4.1.1." + std::to_string(i % 150)},
                 i % 2 == 0 ? kExplicit : kHtj2k, Bytes(10));
  }
  const Sent sent = send(*sender, shipment);
  EXPECT_EQ(sent.result.outcome, Outcome::sent) << sent.result.slug;
  EXPECT_EQ(sent.objects.size(), 300U);
  EXPECT_EQ(receiver.associations(), 2U);
}

TEST(DicomSender, KeepsItsAssociationFromOneTransferToTheNext) {
  test::TestReceiver receiver({});
  const auto sender = make_sender(plain_to(receiver.port())).value();
  Shipment first;
  first.add_ct();
  EXPECT_EQ(send(*sender, first).result.outcome, Outcome::sent);
  EXPECT_EQ(send(*sender, first).result.outcome, Outcome::sent);
  EXPECT_EQ(receiver.associations(), 1U);
  Shipment other;
  other.add(kCt, kHtj2k, Bytes(10));
  EXPECT_EQ(send(*sender, other).result.outcome, Outcome::sent);
  EXPECT_EQ(receiver.associations(), 2U);
  EXPECT_TRUE(test::wait_for([&] { return receiver.releases() == 1; }, 5s));
}

TEST(DicomSender, APeerThatHungUpInBetweenIsCalledAgain) {
  ReceiverScript script;
  script.hangs_up = [](std::size_t) { return true; };
  test::TestReceiver receiver(script);
  const auto sender = make_sender(plain_to(receiver.port())).value();
  Shipment shipment;
  shipment.add_ct();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(send(*sender, shipment).result.outcome, Outcome::sent);
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_EQ(receiver.objects().size(), 3U);
}

TEST(DicomSender, AFullReceiverIsLeftAloneAfterThreeAnswers) {
  ReceiverScript script;
  script.status = [](std::size_t) { return std::optional<std::uint16_t>(0xA700); };
  test::TestReceiver receiver(script);
  const auto sender = make_sender(plain_to(receiver.port())).value();
  Shipment shipment;
  shipment.add_ct(10);
  const Sent sent = send(*sender, shipment);
  EXPECT_EQ(sent.objects.size(), 3U);
  EXPECT_EQ(sent.result.outcome, Outcome::deferred);
  EXPECT_EQ(sent.result.slug, "sender.receiver-busy");
}

TEST(DicomSender, StopsBetweenObjectsAndWhileItWaits) {
  std::stop_source stop;
  ReceiverScript script;
  script.status = [&](std::size_t index) {
    if (index < 2) return std::optional<std::uint16_t>(0);
    stop.request_stop();
    return std::optional<std::uint16_t>();  // and never answers the third
  };
  test::TestReceiver receiver(script);
  config::Destination destination = plain_to(receiver.port());
  destination.answer_timeout = 60s;
  const auto sender = make_sender(destination).value();
  Shipment shipment;
  shipment.add_ct(5);
  const auto began = std::chrono::steady_clock::now();
  const Sent sent = send(*sender, shipment, stop.get_token());
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
  EXPECT_EQ(sent.objects.size(), 2U);
  EXPECT_EQ(sent.result.outcome, Outcome::deferred);
  EXPECT_EQ(sent.result.slug, "sender.stopped");
  // Stopped before it begins: nothing leaves. And a stop is not for ever.
  EXPECT_EQ(send(*sender, shipment, stop.get_token()).result.slug, "sender.stopped");
  EXPECT_EQ(receiver.objects().size(), 3U);
}

TEST(DicomSender, AnErrorOfTheCallerStopsTheAttemptAfterTheObjectAtHand) {
  test::TestReceiver receiver({});
  const auto sender = make_sender(plain_to(receiver.port())).value();
  Shipment shipment;
  shipment.add_ct(3);
  unsigned answers = 0;
  const auto result = sender->send(
      shipment.parcels(),
      [&](const store::ObjectOutcome&) -> Result<void> {
        ++answers;
        return make_error(ErrorKind::internal, "catalog.broken", "for this test");
      },
      {});
  EXPECT_EQ(answers, 1U);
  EXPECT_EQ(result.outcome, Outcome::deferred);
  EXPECT_EQ(result.slug, "catalog.broken");
  EXPECT_EQ(receiver.objects().size(), 1U);
}

TEST(DicomSender, BytesThatCannotBeReadAreNeverFinished) {
  class Broken final : public ByteSource {
   public:
    [[nodiscard]] std::uint64_t size_bytes() const override { return 100'000; }
    Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t>) override {
      if (offset == 0) return {};
      return make_error(ErrorKind::corrupt, "spool.seal", "for this test");
    }
  };
  test::TestReceiver receiver({});
  const auto sender = make_sender(plain_to(receiver.port())).value();
  Shipment shipment;
  shipment.add_ct(2);
  shipment.parcels()[0].open = []() -> Result<std::unique_ptr<ByteSource>> {
    return std::unique_ptr<ByteSource>(std::make_unique<Broken>());
  };
  const Sent sent = send(*sender, shipment);
  EXPECT_EQ(sent.objects.size(), 0U);
  EXPECT_EQ(sent.result.slug, "spool.seal");
  EXPECT_EQ(sent.result.outcome, Outcome::deferred);
  EXPECT_TRUE(test::wait_for([&] { return receiver.aborts() == 1; }, 5s));
  EXPECT_EQ(receiver.objects().size(), 0U);
}

/// One set of certificates for all tests of this file.
struct Certificates {
  TemporaryFolder folder;
  test::Authority ours{folder.path(), "ours"};
  test::Authority theirs{folder.path(), "theirs"};
  test::Identity node = ours.issue("node");
  test::Identity partner = ours.issue("partner");
  test::Identity stranger = theirs.issue("stranger");
  test::Identity elsewhere = ours.issue("elsewhere", {.names = {"DNS:pacs.example"}});
};
const Certificates& certificates() {
  static const Certificates made;
  return made;
}

config::Destination tls_to(std::uint16_t port, const test::Identity& as) {
  config::Destination destination = plain_to(port);
  destination.protocol = config::Protocol::dicom_tls;
  destination.address.host = "localhost";
  destination.ca = certificates().ours.ca();
  destination.cert = as.cert;
  destination.key = as.key;
  return destination;
}

TEST(DicomSender, DistrustOnEitherSideDefersAndNothingLeaves) {
  const Certificates& all = certificates();
  struct Case {
    const char* what;
    const test::Identity& receiver;
    const test::Identity& sender;
    std::string pin;
    const char* slug;
  };
  const Case cases[] = {
      {"a receiver of another authority", all.stranger, all.node, "", "tls.unknown-ca"},
      {"a receiver of another name", all.elsewhere, all.node, "", "tls.wrong-host"},
      {"a receiver with another certificate", all.partner, all.node, all.node.sha256,
       "tls.wrong-pin"},
      {"a receiver that does not trust us", all.partner, all.stranger, "", "tls.peer-rejects-us"},
  };
  for (const Case& one : cases) {
    const auto tls = dicom::TlsContext::open(dicom::TlsContext::Side::listener,
                                             {one.receiver.cert, one.receiver.key, all.ours.ca()})
                         .value();
    test::TestReceiver receiver({}, tls.get());
    config::Destination destination = tls_to(receiver.port(), one.sender);
    destination.cert_sha256 = one.pin;
    const auto sender = make_sender(destination).value();
    Shipment shipment;
    shipment.add_ct();
    const Sent sent = send(*sender, shipment);
    EXPECT_EQ(sent.result.slug, one.slug) << one.what;
    EXPECT_EQ(sent.result.outcome, Outcome::deferred) << one.what;
    EXPECT_EQ(receiver.requests().size(), 0U) << one.what;
  }
}

TEST(DicomSender, NamesNoCertificateWhereNobodyWasReached) {
  const Certificates& all = certificates();
  const auto tls = dicom::TlsContext::open(dicom::TlsContext::Side::listener,
                                           {all.partner.cert, all.partner.key, all.ours.ca()})
                       .value();
  auto receiver = std::make_unique<test::TestReceiver>(ReceiverScript{}, tls.get());
  const auto sender = make_sender(tls_to(receiver->port(), all.node)).value();
  Shipment shipment;
  shipment.add_ct();
  for (int i = 0; i < 2; ++i) {
    const Sent sent = send(*sender, shipment);
    EXPECT_EQ(sent.result.outcome, Outcome::sent) << sent.result.slug;
    EXPECT_EQ(sent.result.peer_certificate, all.partner.sha256) << "also on the kept association";
  }
  EXPECT_EQ(receiver->associations(), 1U);
  receiver.reset();
  const Sent lost = send(*sender, shipment);
  EXPECT_EQ(lost.result.outcome, Outcome::deferred);
  EXPECT_EQ(lost.result.peer_certificate, "");
  EXPECT_EQ(lost.result.tls, "");
}

/// DCMTK's receiver, storing what it gets bit by bit.
class Storescp {
 public:
  explicit Storescp(std::vector<std::string> more) {
    std::filesystem::create_directories(received());
    std::vector<std::string> command{"storescp", "+xa", "+B", "+uf", "-od", received().string()};
    command.insert(command.end(), more.begin(), more.end());
    command.push_back(std::to_string(port_));
    process_ = std::make_unique<test::Process>(command, folder_.path() / "log");
    dicom::Interrupt never;
    EXPECT_TRUE(test::wait_for(
        [&] {
          return dicom::connect_to("127.0.0.1", port(), dicom::after(1s), never).ok();
        },
        10s));
  }
  [[nodiscard]] std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }
  [[nodiscard]] std::filesystem::path received() const { return folder_.path() / "received"; }
  [[nodiscard]] std::string output() const { return process_->output(); }
  [[nodiscard]] std::size_t count() const {
    const std::filesystem::directory_iterator files(received());
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
  }

 private:
  TemporaryFolder folder_;
  int port_ = test::free_port();
  std::unique_ptr<test::Process> process_;
};

Shipment two_phantoms() {
  Shipment shipment;
  for (int i = 1; i <= 2; ++i) {
    const Uid instance{"2.25." + std::to_string(1000 + i)};
    shipment.add(kCt, kExplicit,
                 test::explicit_data_set(kCt, instance, Uid{"1.2.3.9"}, Bytes(300'000, 5)));
  }
  return shipment;
}

TEST(DicomSender, StorescpTakesObjectsPlainAndAnswersEcho) {
  Storescp receiver({});
  {
    const auto sender = make_sender(plain_to(receiver.port())).value();
    Shipment shipment = two_phantoms();
    const Sent sent = send(*sender, shipment);
    EXPECT_EQ(sent.result.outcome, Outcome::sent) << sent.result.slug << receiver.output();
    EXPECT_EQ(receiver.count(), 2U);
    EXPECT_TRUE(sent.result.tls.empty());
  }  // storescp serves one association at a time
  const auto echo = make_sender(plain_to(receiver.port())).value()->echo();
  ASSERT_TRUE(echo.ok()) << echo.error().text();
  EXPECT_TRUE(echo->tls.suite.empty());
  EXPECT_TRUE(echo->peer.starts_with("OFFIS_DCMTK")) << echo->peer;
  EXPECT_EQ(echo->asked_until, "");
  const auto ct = std::find_if(echo->asked.begin(), echo->asked.end(), [](const auto& taken) {
    return taken.sop_class.value == "1.2.840.10008.5.1.4.1.1.2";
  });
  ASSERT_NE(ct, echo->asked.end());
  // It runs with +xa: each syntax that its codecs know, and not HTJ2K.
  EXPECT_EQ(ct->transfer_syntaxes.size(), 8U);
  EXPECT_EQ(std::count(ct->transfer_syntaxes.begin(), ct->transfer_syntaxes.end(),
                       Uid{"1.2.840.10008.1.2.4.201"}),
            0);
}

TEST(DicomSender, StorescpTakesObjectsOverTlsWithClientCertificates) {
  const Certificates& all = certificates();
  Storescp receiver({"+tls", all.partner.key.string(), all.partner.cert.string(), "+cf",
                     all.ours.ca().string(), "-rc"});
  {
    const auto sender = make_sender(tls_to(receiver.port(), all.node)).value();
    Shipment shipment = two_phantoms();
    const Sent sent = send(*sender, shipment);
    EXPECT_EQ(sent.result.outcome, Outcome::sent) << sent.result.slug << receiver.output();
    EXPECT_EQ(receiver.count(), 2U);
    EXPECT_EQ(sent.result.peer_certificate, all.partner.sha256);
    EXPECT_TRUE(sent.result.tls.starts_with("TLSv1.")) << sent.result.tls;
  }
  const auto echo = make_sender(tls_to(receiver.port(), all.node)).value()->echo();
  ASSERT_TRUE(echo.ok()) << echo.error().text();
  EXPECT_EQ(echo->tls.peer_sha256, all.partner.sha256);
  ASSERT_EQ(echo->tls.chain.size(), 2U);
  EXPECT_EQ(echo->tls.chain[0].issuer, echo->tls.chain[1].subject);
  EXPECT_GT(echo->tls.chain[0].expires, SystemClock().now() + std::chrono::hours(24));
}

}  // namespace
}  // namespace veilroute::router

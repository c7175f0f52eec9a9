// The door: who gets in, and what the others cost.
#include "scp/listener.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/scp/reception.h"
#include "tests/support/certificates.h"
#include "tests/support/process.h"
#include "tests/support/wait.h"

namespace veilroute::scp {
namespace {

using namespace std::chrono_literals;
using test::RawPeer;

const Uid kCt{"1.2.840.10008.5.1.4.1.1.2"};
const Uid kExplicit{"1.2.840.10008.1.2.1"};
constexpr int kAccept = 2, kReject = 3, kAbort = 7;

Bytes request_bytes(const char* calling, const char* called = "VEILROUTE") {
  dicom::AssociateRequest request;
  request.calling = AeTitle{calling};
  request.called = AeTitle{called};
  request.implementation_class = Uid{"1.2.3"};
  request.contexts = {{1, kCt, {kExplicit}},
                      {3, Uid{std::string(dicom::kVerificationClass)}, {kExplicit}}};
  return dicom::encode(request);
}

dicom::AssociateReject rejected(RawPeer& peer) {
  Bytes body;
  EXPECT_EQ(peer.read(&body), kReject);
  const auto reject = dicom::decode_associate_rj(body);
  return reject.ok() ? *reject : dicom::AssociateReject{0, 0, 0};
}

bool echoes(const Reception& reception, dicom::TlsContext* tls = nullptr,
            const char* called = "VEILROUTE", const char* calling = "ER_CR1") {
  test::SenderOptions options = reception.sender(tls);
  options.called = called;
  options.calling = calling;
  const dicom::Interrupt never;
  auto association = dicom::Requestor::open(
      test::call_of(options), {{0, Uid{std::string(dicom::kVerificationClass)}, {kExplicit}}},
      never);
  if (!association.ok()) return false;
  const bool echoed = association->echo().ok();
  association->release();
  return echoed;
}

TEST(Listener, UnknownSourcesAreRejectedWithTheReason) {
  Reception reception;
  RawPeer stranger(reception.port());
  stranger.write(request_bytes("NOBODY"));
  EXPECT_EQ(rejected(stranger), dicom::kCallingNotRecognized);
  RawPeer lost(reception.port());
  lost.write(request_bytes("ER_CR1", "ELSEWHERE"));
  EXPECT_EQ(rejected(lost), dicom::kCalledNotRecognized);
  EXPECT_EQ(lost.read(), 0);
  const auto echo = test::run({"echoscu", "-aet", "NOBODY", "-aec", "VEILROUTE", "127.0.0.1",
                               std::to_string(reception.port())});
  EXPECT_NE(echo.exit_code, 0);
  EXPECT_NE(echo.output.find("Calling AE Title Not Recognized"), std::string::npos) << echo.output;
}

TEST(Listener, GarbageIsAbortedAndForgotten) {
  Reception reception;
  struct Case {
    const char* what;
    Bytes bytes;
    int answer;
  };
  Bytes lying = request_bytes("ER_CR1");
  lying[kAccept] = 0xFF;
  Bytes twice = request_bytes("ER_CR1");
  twice.push_back(0);
  twice[5] = static_cast<std::uint8_t>(twice[5] + 1);
  const std::string http = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  const Case cases[] = {
      {"a browser", Bytes(http.begin(), http.end()), kAbort},
      {"zeros", Bytes(100), kAbort},
      {"a length of four gigabytes", {1, 0, 0xFF, 0xFF, 0xFF, 0xFF}, kAbort},
      {"a length that is too long", lying, kAbort},
      {"a release first", dicom::encode_release_rq(), kAbort},
      {"data first", {4, 0, 0, 0, 0, 6, 0, 0, 0, 2, 1, 3}, kAbort},
      {"a request with a byte too many", twice, kAbort},
  };
  for (const Case& one : cases) {
    RawPeer peer(reception.port());
    peer.write(one.bytes);
    EXPECT_EQ(peer.read(), one.answer) << one.what;
    EXPECT_EQ(peer.read(), 0) << one.what;
  }
  EXPECT_TRUE(echoes(reception));
}

TEST(Listener, ARequestMayComeByteByByte) {
  Reception reception;
  RawPeer peer(reception.port());
  for (const std::uint8_t byte : request_bytes("ER_CR1")) peer.write(ByteView(&byte, 1));
  EXPECT_EQ(peer.read(), kAccept);
}

TEST(Listener, WhoSaysNothingIsDroppedAfterFiveSeconds) {
  Reception reception;
  RawPeer silent(reception.port());
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(silent.read(nullptr, 10s), 0);
  const auto waited = std::chrono::steady_clock::now() - began;
  EXPECT_GE(waited, 4500ms);
  EXPECT_LT(waited, 8s);
}

TEST(Listener, HundredsOfIdleConnectionsLeaveOthersServed) {
  Reception reception;
  std::vector<std::unique_ptr<RawPeer>> idle;
  for (int i = 0; i < 500; ++i) {
    idle.push_back(std::make_unique<RawPeer>(reception.port()));
    EXPECT_TRUE(idle.back()->connected()) << i;
    if (i % 2 == 0) idle.back()->write(Bytes{1, 0, 0});  // half a header
  }
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(echoes(reception)) << i;
  EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
}

TEST(Listener, BeyondItsLimitItSaysSoAndTakesTheNextOneAfterwards) {
  ReceptionOptions options;
  options.most_associations = 2;
  Reception reception(options);
  RawPeer first(reception.port());
  first.write(request_bytes("ER_CR1"));
  EXPECT_EQ(first.read(), kAccept);
  RawPeer second(reception.port());
  second.write(request_bytes("ER_CR2"));
  EXPECT_EQ(second.read(), kAccept);
  RawPeer third(reception.port());
  third.write(request_bytes("ER_CR1"));
  EXPECT_EQ(rejected(third), dicom::kLocalLimitExceeded);
  first.close();
  EXPECT_TRUE(test::wait_for([&] { return echoes(reception); }, 5s));
}

TEST(Listener, TheHealthTitleAnswersAnybodyButNotTooOften) {
  ReceptionOptions options;
  options.health_ae = "HEALTH";
  options.most_associations = 1;
  Reception reception(options);
  RawPeer busy(reception.port());
  busy.write(request_bytes("ER_CR1"));
  EXPECT_EQ(busy.read(), kAccept);
  EXPECT_TRUE(echoes(reception, nullptr, "HEALTH", "ANYBODY"));
  RawPeer storing(reception.port());
  storing.write(request_bytes("ANYBODY", "HEALTH"));
  Bytes body;
  ASSERT_EQ(storing.read(&body), kAccept);
  const auto accept = dicom::decode_associate_ac(body).value();
  EXPECT_EQ(accept.contexts[0].result, dicom::ContextResult::abstract_syntax_not_supported);
  EXPECT_EQ(accept.contexts[1].result, dicom::ContextResult::accepted);
  unsigned refused = 0;
  for (unsigned i = 0; i < 2 * kMostProbesPerSecond; ++i) {
    if (!echoes(reception, nullptr, "HEALTH", "ANYBODY")) ++refused;
  }
  EXPECT_GT(refused, 0U);
  EXPECT_EQ(storing.read(nullptr, 10s), kAbort);  // a probe may not stay
}

TEST(Listener, AProbeThatAsksForMoreIsAbortedAndLeavesNothingInTheLog) {
  ReceptionOptions options;
  options.health_ae = "HEALTH";
  options.commitment = config::CommitmentSettings::Mode::custody;
  Reception reception(options);
  const Uid instance{"1.2.3.4"};
  const dicom::Command store = dicom::c_store_request(1, kCt, instance);
  dicom::Command no_data = store, find = store, cancel;
  no_data.data_set_type = dicom::kNoDataSet;
  find.field = 0x0020;
  cancel.field = dicom::command_field::c_cancel_rq;
  const std::pair<const char*, dicom::Command> cases[] = {
      {"C-STORE", store},
      {"C-STORE without data", no_data},
      {"C-FIND", find},
      {"C-CANCEL", cancel},
      {"N-ACTION", dicom::n_action_request(1, Uid{"1.2.840.10008.1.20.1"}, instance, 1)},
      {"an answer", dicom::response_to(store, 0)},
  };
  testing::internal::CaptureStderr();
  for (const auto& [what, command] : cases) {
    RawPeer peer(reception.port());
    peer.write(request_bytes("ANYBODY", "HEALTH"));
    EXPECT_EQ(peer.read(), kAccept) << what;
    const Bytes bytes = dicom::encode(command);
    peer.write(dicom::data_pdu_head(3, true, true, static_cast<std::uint32_t>(bytes.size())));
    peer.write(bytes);
    EXPECT_EQ(peer.read(), kAbort) << what;
    EXPECT_EQ(peer.read(), 0) << what;
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_TRUE(echoes(reception, nullptr, "HEALTH", "ANYBODY"));
}

TEST(Listener, TheAcceptRepeatsTheTitlesAsTheyCame) {
  Reception reception;
  Bytes request = request_bytes("ER_CR1");
  // A title that begins with a space and ends in NULs, and reserved bytes that somebody uses.
  const std::string called = " VEILROUTE";
  std::fill(request.begin() + 10, request.begin() + 26, std::uint8_t{0});
  std::copy(called.begin(), called.end(), request.begin() + 10);
  for (std::size_t i = 42; i < 74; ++i) request[i] = static_cast<std::uint8_t>(i);
  RawPeer peer(reception.port());
  peer.write(request);
  Bytes body;
  ASSERT_EQ(peer.read(&body), kAccept);
  EXPECT_TRUE(std::equal(request.begin() + 10, request.begin() + 74, body.begin() + 4));
}

TEST(Listener, StopsWhileAssociationsAndIdleConnectionsAreOpen) {
  auto reception = std::make_unique<Reception>();
  RawPeer idle(reception->port());
  RawPeer open(reception->port());
  open.write(request_bytes("ER_CR1"));
  EXPECT_EQ(open.read(), kAccept);
  const auto began = std::chrono::steady_clock::now();
  reception->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
  EXPECT_EQ(open.read(), kAbort);
}

TEST(Listener, ListensOnIpv6AndOnEveryAddress) {
  ReceptionOptions options;
  options.bind = "::1";
  Reception six(options);
  EXPECT_TRUE(RawPeer(six.port(), "::1").connected());
  EXPECT_FALSE(RawPeer(six.port(), "127.0.0.1").connected());
  options.bind = "::";
  Reception every(options);
  EXPECT_TRUE(RawPeer(every.port(), "::1").connected());
  EXPECT_TRUE(RawPeer(every.port(), "127.0.0.1").connected());
}

TEST(Listener, SaysWhenThePortIsTaken) {
  Reception reception;
  config::Listener listener;
  listener.bind = {"127.0.0.1", reception.port()};
  const auto opened = AssociationListener::open(std::make_shared<config::Config>(), listener,
                                                reception.room());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().slug, "network.cannot-listen");
}

/// One set of certificates for all tests of this file.
struct Certificates {
  TemporaryFolder folder;
  test::Authority ours{folder.path(), "ours"};
  test::Authority theirs{folder.path(), "theirs"};
  test::Identity node = ours.issue("node");
  test::Identity modality = ours.issue("modality");
  test::Identity stranger = theirs.issue("stranger");
};
const Certificates& certificates() {
  static const Certificates made;
  return made;
}
ReceptionOptions with_tls() {
  const Certificates& all = certificates();
  ReceptionOptions options;
  options.cert = all.node.cert;
  options.key = all.node.key;
  options.client_ca = all.ours.ca();
  return options;
}
std::unique_ptr<dicom::TlsContext> sender_tls(const test::Identity& identity) {
  return dicom::TlsContext::open(dicom::TlsContext::Side::sender,
                                 {identity.cert, identity.key, certificates().ours.ca()})
      .value();
}

TEST(Listener, TlsInsistsOnACertificateOfOurAuthority) {
  Reception reception(with_tls());
  EXPECT_FALSE(echoes(reception));  // no TLS at all
  EXPECT_FALSE(echoes(reception, sender_tls(certificates().stranger).get()));
  EXPECT_TRUE(echoes(reception, sender_tls(certificates().modality).get()));
}

TEST(Listener, APinnedSourceIsKnownByItsCertificateAlone) {
  ReceptionOptions options = with_tls();
  options.pin = certificates().modality.sha256;
  Reception reception(options);
  EXPECT_TRUE(echoes(reception, sender_tls(certificates().modality).get()));
  EXPECT_FALSE(echoes(reception, sender_tls(certificates().node).get()));
}

TEST(Listener, UnfinishedHandshakesLeaveOthersServed) {
  Reception reception(with_tls());
  std::vector<std::unique_ptr<RawPeer>> idle;
  for (int i = 0; i < 300; ++i) idle.push_back(std::make_unique<RawPeer>(reception.port()));
  const auto tls = sender_tls(certificates().modality);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(echoes(reception, tls.get())) << i;
}

TEST(Listener, DcmtkSendersAreContentOverTls) {
  const Certificates& all = certificates();
  Reception reception(with_tls());
  const std::string port = std::to_string(reception.port());
  const std::vector<std::string> identity{"+tls", all.modality.key.string(),
                                          all.modality.cert.string(), "+cf", all.ours.ca().string()};
  std::vector<std::string> echo{"echoscu", "-aet", "ER_CR1", "-aec", "VEILROUTE"};
  echo.insert(echo.end(), identity.begin(), identity.end());
  echo.insert(echo.end(), {"localhost", port});
  const auto echoed = test::run(echo);
  EXPECT_EQ(echoed.exit_code, 0) << echoed.output;
  const std::filesystem::path corpus =
      std::filesystem::path(VEILROUTE_CORPUS_DIR) / "study-tiny/TINY_ALPHA/PT000000/ST000000";
  ASSERT_TRUE(std::filesystem::exists(corpus)) << "the corpus stands beside the checkout";
  std::vector<std::string> store{"storescu", "-aet", "ER_CR1", "-aec", "VEILROUTE", "+sd", "+r"};
  store.insert(store.end(), identity.begin(), identity.end());
  store.insert(store.end(), {"localhost", port, corpus.string()});
  const auto sent = test::run(store);
  EXPECT_EQ(sent.exit_code, 0) << sent.output;
  EXPECT_GT(reception.stored().size(), 0U);
}

}  // namespace
}  // namespace veilroute::scp

// What a STOW-RS receiver, its certificate or the network does wrong, and the slug a person finds.
#include <gtest/gtest.h>

#include <thread>

#include "router/stow_sender.h"
#include "tests/router/stow_shipment.h"
#include "tests/support/process.h"
#include "tests/support/wait.h"

namespace veilroute::router {
namespace {

using namespace std::chrono_literals;
using store::Outcome;
using test::HttpReply;
using test::HttpRequest;
using test::HttpScript;
using test::HttpServer;
using Fault = test::HttpReply::Fault;

/// Answers by a fault to whatever comes.
HttpScript faulty(Fault fault, int status = 200) {
  return https_script([fault, status](const HttpRequest& request) {
    HttpReply reply = take_all(request);
    reply.status = status;
    reply.fault = fault;
    return reply;
  });
}

struct FaultCase {
  const char* what;
  std::function<HttpScript()> script;
  std::function<void(config::Destination&)> change;
  const char* slug;
  bool left;  ///< whether the objects were sent whole, and nothing is known of them
};

void by_identity(HttpScript& script, const test::Identity& identity) {
  script.cert = identity.cert;
  script.key = identity.key;
}

HttpScript shown_by(const test::Identity& identity) {
  HttpScript script = https_script(take_all);
  by_identity(script, identity);
  return script;
}

HttpScript asking_for_a_certificate() {
  HttpScript script = https_script(take_all);
  script.client_ca = StowKeys::all().ours.ca();
  return script;
}

HttpScript early_success() {
  HttpScript script = https_script([](const HttpRequest&) {
    HttpReply reply;
    reply.body = "{}";
    return reply;
  });
  script.early = [](const HttpRequest&) { return true; };
  return script;
}

HttpScript plain() {
  HttpScript script;
  script.answer = take_all;
  return script;
}

const FaultCase kFaults[] = {
    {"an answer cut in the middle", [] { return faulty(Fault::cut); }, {}, "network.closed", true},
    {"closed instead of answered", [] { return faulty(Fault::drop); }, {}, "network.closed", true},
    {"no answer", [] { return faulty(Fault::silent); }, [](auto& to) { to.answer_timeout = 1s; },
     "network.timeout", true},
    {"an answer that trickles", [] { return faulty(Fault::trickle); },
     [](auto& to) { to.answer_timeout = 1s; }, "network.timeout", true},
    {"not HTTP", [] { return faulty(Fault::garbage); }, {}, "http.malformed", true},
    {"an answer without end",
     [] {
       return https_script([](const HttpRequest&) {
         HttpReply reply;
         reply.body = std::string((1U << 20U) + 1, ' ');
         return reply;
       });
     },
     {},
     "http.answer-too-long",
     true},
    {"an expired certificate",
     [] { return shown_by(StowKeys::all().expired); },
     {},
     "tls.certificate-expired",
     false},
    {"a certificate for another host",
     [] { return shown_by(StowKeys::all().elsewhere); },
     {},
     "tls.wrong-host",
     false},
    {"a certificate of another authority",
     [] { return shown_by(StowKeys::all().unknown); },
     {},
     "tls.unknown-ca",
     false},
    {"another certificate than the pinned one", [] { return https_script(take_all); },
     [](auto& to) { to.cert_sha256 = StowKeys::all().client.sha256; }, "tls.wrong-pin", false},
    {"plain HTTP where TLS is expected", plain,
     [](auto& to) {
       to.stow->url.insert(4, "s");
       to.stow->encrypted = true;
     },
     "tls.not-tls", false},
    {"nobody there", [] { return https_script(take_all); },
     [](auto& to) { to.stow->url = "https://localhost:" + std::to_string(test::free_port()); },
     "network.unreachable", false},
    {"a name that leads nowhere", [] { return https_script(take_all); },
     [](auto& to) { to.stow->url = "https://nowhere.invalid/"; }, "network.unknown-host", false},
};

TEST(StowFaults, EachEndsTheAttemptWithItsReasonAndNothingCountsAsSent) {
  for (const FaultCase& one : kFaults) {
    HttpServer server(one.script());
    config::Destination to = stow_to(server);
    if (one.change) one.change(to);
    const auto sender = make_sender(to);
    ASSERT_TRUE(sender.ok()) << one.what;
    StowShipment shipment;
    shipment.add_phantoms(2);
    const StowSent sent = stow(**sender, shipment);
    EXPECT_EQ(sent.result.outcome, Outcome::deferred) << one.what;
    EXPECT_EQ(sent.result.slug, one.slug) << one.what;
    ASSERT_EQ(sent.objects.size(), one.left ? 2U : 0U) << one.what;
    for (const auto& object : sent.objects) {
      EXPECT_EQ(object.outcome, Outcome::unknown) << one.what;
      EXPECT_EQ(object.sent_digest, crypto::sha256(shipment.data(object.object.value - 1)));
    }
    if (!one.left) {
      EXPECT_TRUE(server.requests().empty()) << one.what << ": a byte left";
    }
  }
}

TEST(StowFaults, AReceiverThatWantsACertificateOfOursSaysSo) {
  HttpServer server(asking_for_a_certificate());
  StowShipment shipment;
  shipment.add_phantoms(1);
  config::Destination to = stow_to(server);
  const StowSent without = stow(**make_sender(to), shipment);
  EXPECT_EQ(without.result.outcome, Outcome::deferred);
  // The alert may be overtaken by the end of the connection.
  EXPECT_TRUE(without.result.slug == "tls.peer-rejects-us" || without.result.slug == "network.lost")
      << without.result.slug;
  EXPECT_TRUE(server.requests().empty());
  to.cert = StowKeys::all().client.cert;
  to.key = StowKeys::all().client.key;
  EXPECT_EQ(stow(**make_sender(to), shipment).result.outcome, Outcome::sent);
}

TEST(StowFaults, ASuccessBeforeTheRequestsEndIsNoSuccess) {
  HttpServer server(early_success());
  StowShipment shipment;
  const Uid syntax{"1.2.840.10008.1.2.1"};
  shipment.add(Uid{"1.2.840.10008.5.1.4.1.1.2"}, Uid{"2.25.5"}, syntax, Bytes(64U << 20U, 7));
  const StowSent sent = stow(**make_sender(stow_to(server)), shipment);
  EXPECT_EQ(sent.result.outcome, Outcome::deferred);
  EXPECT_TRUE(sent.objects.empty()) << "its last byte never left";
}

TEST(StowFaults, WhoeverSaysNoEarlyIsHeard) {
  for (const int status : {401, 413, 503}) {
    HttpScript script = https_script([status](const HttpRequest&) {
      HttpReply reply;
      reply.status = status;
      reply.closes = true;
      return reply;
    });
    script.early = [](const HttpRequest&) { return true; };
    HttpServer server(std::move(script));
    StowShipment shipment;
    shipment.add_phantoms(1);
    const StowSent sent = stow(**make_sender(stow_to(server)), shipment);
    const char* const slug = status == 401   ? "http.unauthorized"
                             : status == 413 ? "http.too-large"
                                             : "http.unavailable";
    EXPECT_EQ(sent.result.slug, slug);
  }
}

TEST(StowFaults, ARevokedCertificateIsNotTrusted) {
  const auto folder = StowKeys::all().folder();
  const std::string base = (folder / "crl").string();
  std::ofstream(base + ".cnf") << "[ca]\ndefault_ca=a\n[a]\ndatabase=" << base
                               << ".db\ndefault_md=sha256\ndefault_crl_days=7\n";
  std::ofstream(base + ".db").flush();
  const auto ca = [&](std::vector<std::string> more) {
    std::vector<std::string> command = {"openssl",  "ca",
                                        "-config",  base + ".cnf",
                                        "-cert",    StowKeys::all().ours.ca().string(),
                                        "-keyfile", (folder / "ours-ca.key").string()};
    command.insert(command.end(), more.begin(), more.end());
    const auto done = test::run(command);
    EXPECT_EQ(done.exit_code, 0) << done.output;
  };
  ca({"-gencrl", "-out", base + "-empty.pem"});
  ca({"-revoke", StowKeys::all().server.cert.string()});
  ca({"-gencrl", "-out", base + ".pem"});
  HttpServer server(https_script(take_all));
  config::Destination to = stow_to(server);
  StowShipment shipment;
  shipment.add_phantoms(1);
  to.stow->crl = base + "-empty.pem";
  EXPECT_EQ(stow(**make_sender(to), shipment).result.outcome, Outcome::sent);
  to.stow->crl = base + ".pem";
  EXPECT_EQ(stow(**make_sender(to), shipment).result.slug, "tls.certificate-revoked");
}

TEST(StowFaults, AStopEndsAWaitAtOnce) {
  HttpServer server(faulty(Fault::silent));
  config::Destination to = stow_to(server);
  to.answer_timeout = 60s;
  const auto sender = make_sender(to);
  StowShipment shipment;
  shipment.add_phantoms(1);
  std::stop_source stop;
  std::jthread stopper([&] {
    EXPECT_TRUE(test::wait_for([&] { return !server.requests().empty(); }, 10s));
    stop.request_stop();
  });
  const auto began = std::chrono::steady_clock::now();
  const StowSent sent = stow(**sender, shipment, stop.get_token());
  EXPECT_EQ(sent.result.slug, "sender.stopped");
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
  ASSERT_EQ(sent.objects.size(), 1U);
  EXPECT_EQ(sent.objects[0].outcome, Outcome::unknown);
}

TEST(StowFaults, WhatOurOwnDiskRefusesEndsTheAttemptInItsWords) {
  HttpServer server(https_script(take_all));
  StowShipment shipment;
  shipment.add_phantoms(2);
  shipment.parcels()[1].open = []() -> Result<std::unique_ptr<ByteSource>> {
    return make_error(ErrorKind::unavailable, "file.failed", "error 5");
  };
  const StowSent sent = stow(**make_sender(stow_to(server)), shipment);
  EXPECT_EQ(sent.result.outcome, Outcome::deferred);
  EXPECT_EQ(sent.result.slug, "file.failed");
  EXPECT_TRUE(server.requests().empty());
}

TEST(StowFaults, AnErrorOfWhoKeepsTheAnswersEndsTheAttempt) {
  HttpServer server(https_script(take_all));
  const auto sender = make_sender([&] {
    config::Destination to = stow_to(server);
    to.stow->batch_objects = 1;
    return to;
  }());
  StowShipment shipment;
  shipment.add_phantoms(3);
  const auto result =
      (*sender)->send(shipment.parcels(),
                      [](const store::ObjectOutcome&) -> Result<void> {
                        return make_error(ErrorKind::refused, "transfer.withdrawn", "withdrawn");
                      },
                      {});
  EXPECT_EQ(result.slug, "transfer.withdrawn");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(StowFaults, PlainHttpIsForThisMachineAlone) {
  HttpServer server(plain());
  StowShipment shipment;
  shipment.add_phantoms(1);
  config::Destination to = stow_to(server);
  EXPECT_EQ(stow(**make_sender(to), shipment).result.outcome, Outcome::sent);
  to.stow->url = "http://pacs.example/dicom-web";
  const auto elsewhere = make_sender(to);
  ASSERT_FALSE(elsewhere.ok());
  EXPECT_EQ(elsewhere.error().slug, "sender.tls-required");
  EXPECT_EQ(elsewhere.error().kind, ErrorKind::refused);
}

}  // namespace
}  // namespace veilroute::router

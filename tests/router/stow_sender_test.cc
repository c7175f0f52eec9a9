// What a STOW-RS receiver says and does, and what becomes of the objects: real HTTPS on loopback.
#include "router/stow_sender.h"

#include <gtest/gtest.h>

#include <set>

#include <thread>

#include "tests/router/stow_shipment.h"
#include "tests/support/wait.h"

namespace veilroute::router {
namespace {

using namespace std::chrono_literals;
using store::Outcome;
using test::HttpReply;
using test::HttpRequest;
using test::HttpServer;
using Fault = test::HttpReply::Fault;

std::unique_ptr<Sender> open_to(const HttpServer& server,
                                const std::function<void(config::Destination&)>& change = {}) {
  config::Destination destination = stow_to(server);
  if (change) change(destination);
  auto opened = make_sender(destination);
  EXPECT_TRUE(opened.ok()) << opened.error().text();
  return opened.ok() ? std::move(opened).value() : nullptr;
}

HttpReply reply_with(int status, std::string body = {}, std::vector<std::string> headers = {}) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.headers = std::move(headers);
  return reply;
}

TEST(StowSender, SendsEachObjectAsAFileThatHoldsItsDataSetBitForBit) {
  HttpServer server(https_script(take_all));
  const auto sender =
      open_to(server, [](auto& to) {
    to.cert_sha256 = StowKeys::all().server.sha256;
    to.stow->say_syntax = true;
  });
  StowShipment shipment;
  shipment.add_phantoms(3);
  const StowSent sent = stow(*sender, shipment);
  EXPECT_EQ(sent.result.outcome, Outcome::sent) << sent.result.slug;
  EXPECT_EQ(sent.result.peer_certificate, StowKeys::all().server.sha256);
  EXPECT_TRUE(sent.result.tls.starts_with("TLSv1.3 ")) << sent.result.tls;
  ASSERT_EQ(server.requests().size(), 1U);
  const HttpRequest request = server.requests().front();
  EXPECT_EQ(request.method + " " + request.target, "POST /dicom-web/studies");
  EXPECT_FALSE(request.headers.contains("transfer-encoding"));
  EXPECT_FALSE(request.headers.contains("expect"));
  const auto parts = test::parts_of(request);
  ASSERT_EQ(parts.size(), 3U);
  ASSERT_EQ(sent.objects.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(parts[i].content_type,
              "Content-Type: application/dicom; transfer-syntax=1.2.840.10008.1.2.1");
    MemorySource file(as_bytes(parts[i].content));
    const auto head = dicom::read_file_head(file).value();
    EXPECT_EQ(head.sop_instance.value, shipment.uid(i));
    const ByteView data = as_bytes(parts[i].content).subspan(head.dataset_offset);
    EXPECT_TRUE(
        std::equal(data.begin(), data.end(), shipment.data(i).begin(), shipment.data(i).end()));
    EXPECT_EQ(sent.objects[i].outcome, Outcome::sent);
    EXPECT_EQ(sent.objects[i].sent_digest, crypto::sha256(shipment.data(i)));
    EXPECT_EQ(sent.objects[i].sent_bytes, shipment.data(i).size());
  }
}

TEST(StowSender, SaysNothingOfObjectsInTargetAndHeaders) {
  StowShipment shipment;
  shipment.add_phantoms(1);
  HttpServer server(https_script(take_all));
  EXPECT_EQ(stow(*open_to(server), shipment).result.outcome, Outcome::sent);
  ASSERT_EQ(server.requests().size(), 1U);
  const HttpRequest request = server.requests().front();
  EXPECT_EQ(request.target, "/dicom-web/studies");
  std::set<std::string> names;
  for (const auto& [name, value] : request.headers) {
    names.insert(name);
    EXPECT_EQ(value.find(shipment.uid(0)), value.npos) << name;
  }
  EXPECT_EQ(names, (std::set<std::string>{"accept", "content-length", "content-type", "host"}));
}

TEST(StowSender, NamesTheTransferSyntaxBesideAnObjectOnlyWhereItIsToldTo) {
  HttpServer server(https_script(take_all));
  const auto sender = open_to(server);
  StowShipment shipment;
  shipment.add_phantoms(1);
  EXPECT_EQ(stow(*sender, shipment).result.outcome, Outcome::sent);
  const auto parts = test::parts_of(server.requests().front());
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].content_type, "Content-Type: application/dicom");
}

TEST(StowSender, KeepsItsConnectionAndMakesANewOneWhereItWasClosed) {
  for (const bool kept : {true, false}) {
    auto script = https_script(take_all);
    script.keeps_open_unseen = kept;
    HttpServer server(std::move(script));
    const auto sender = open_to(server, [](auto& to) { to.stow->batch_objects = 1; });
    StowShipment shipment;
    shipment.add_phantoms(4);
    EXPECT_EQ(stow(*sender, shipment).result.outcome, Outcome::sent);
    EXPECT_EQ(server.requests().size(), 4U);
    EXPECT_EQ(server.connections(), kept ? 1U : 4U);
  }
}

TEST(StowSender, BatchesAreBoundedByCountAndBytesAndHoldOneObjectAtLeast) {
  HttpServer server(https_script(take_all));
  StowShipment shipment;
  shipment.add_phantoms(5);
  const auto by_count = open_to(server, [](auto& to) { to.stow->batch_objects = 2; });
  EXPECT_EQ(stow(*by_count, shipment).result.outcome, Outcome::sent);
  const auto by_bytes = open_to(server, [](auto& to) { to.stow->batch_bytes = 1; });
  EXPECT_EQ(stow(*by_bytes, shipment).result.outcome, Outcome::sent);
  std::vector<std::size_t> sizes;
  for (const HttpRequest& request : server.requests()) sizes.push_back(parts_of(request).size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 2, 1, 1, 1, 1, 1, 1}));
}

TEST(StowSender, EveryStatusBecomesAnOutcome) {
  struct Case {
    int status;
    Outcome object;
    Outcome attempt;
    const char* slug;
  };
  const Case cases[] = {
      {200, Outcome::unknown, Outcome::deferred, "http.answer-unreadable"},
      {202, Outcome::unknown, Outcome::deferred, "http.answer-unreadable"},
      {204, Outcome::unknown, Outcome::deferred, "http.answer-unreadable"},
      {302, Outcome::refused, Outcome::refused, "http.redirect"},
      {400, Outcome::refused, Outcome::refused, "http.bad-request"},
      {401, Outcome::deferred, Outcome::deferred, "http.unauthorized"},
      {403, Outcome::deferred, Outcome::deferred, "http.forbidden"},
      {404, Outcome::refused, Outcome::refused, "http.not-stow"},
      {405, Outcome::refused, Outcome::refused, "http.not-stow"},
      {408, Outcome::deferred, Outcome::deferred, "http.timeout"},
      {409, Outcome::refused, Outcome::refused, "sender.object-refused"},
      {413, Outcome::refused, Outcome::refused, "http.too-large"},
      {415, Outcome::refused, Outcome::refused, "http.media-type"},
      {422, Outcome::refused, Outcome::refused, "http.refused"},
      {429, Outcome::deferred, Outcome::deferred, "http.too-many-requests"},
      {500, Outcome::deferred, Outcome::deferred, "http.server-error"},
      {503, Outcome::deferred, Outcome::deferred, "http.unavailable"},
      {507, Outcome::deferred, Outcome::deferred, "http.server-error"},
  };
  for (const Case& one : cases) {
    HttpServer server(https_script([&](const HttpRequest&) {
      return reply_with(one.status, "", {"Location: https://localhost:1/"});
    }));
    const auto sender = open_to(server);
    StowShipment shipment;
    shipment.add_phantoms(1);
    const StowSent sent = stow(*sender, shipment);
    ASSERT_EQ(sent.objects.size(), 1U) << one.status;
    EXPECT_EQ(sent.objects[0].outcome, one.object) << one.status;
    EXPECT_EQ(sent.objects[0].sent_bytes, shipment.data(0).size()) << one.status;
    EXPECT_EQ(sent.result.outcome, one.attempt) << one.status;
    EXPECT_EQ(sent.result.slug, one.slug) << one.status;
    EXPECT_EQ(server.requests().size(), 1U) << one.status;
  }
}

TEST(StowSender, ObjectsFareAsTheAnswerSaysOfEach) {
  struct Case {
    const char* what;
    std::function<void(StowJson&, const std::string&)> says;
    Outcome object;
    std::uint16_t status;
    const char* slug;
  };
  const Case cases[] = {
      {"stored", [](auto& a, auto& uid) { a.stored.emplace_back(uid, 0); }, Outcome::sent, 0, ""},
      {"a warning", [](auto& a, auto& uid) { a.stored.emplace_back(uid, 0xB000); }, Outcome::sent,
       0xB000, ""},
      {"another class", [](auto& a, auto& uid) { a.failed.emplace_back(uid, 0x0122); },
       Outcome::refused, 0x0122, ""},
      {"cannot understand", [](auto& a, auto& uid) { a.failed.emplace_back(uid, 0xC000); },
       Outcome::refused, 0xC000, ""},
      {"no room", [](auto& a, auto& uid) { a.failed.emplace_back(uid, 0xA700); }, Outcome::deferred,
       0xA700, "sender.receiver-busy"},
      {"could not process", [](auto& a, auto& uid) { a.failed.emplace_back(uid, 0x0110); },
       Outcome::deferred, 0x0110, "peer.objects-deferred"},
      {"not named", [](auto&, auto&) {}, Outcome::unknown, 0, "http.answer-silent"},
      {"another one named", [](auto& a, auto&) { a.stored.emplace_back("2.25.99", 0); },
       Outcome::unknown, 0, "http.answer-silent"},
      {"stored and failed",
       [](auto& a, auto& uid) {
         a.stored.emplace_back(uid, 0);
         a.failed.emplace_back(uid, 0xC000);
       },
       Outcome::unknown, 0, "http.answer-silent"},
  };
  for (const Case& one : cases) {
    HttpServer server(https_script([&](const HttpRequest& request) {
      const auto uids = instances_of(request);
      StowJson said;
      one.says(said, uids[0]);
      said.stored.emplace_back(uids[1], 0);
      return reply_with(202, said.text());
    }));
    const auto sender = open_to(server);
    StowShipment shipment;
    shipment.add_phantoms(2);
    const StowSent sent = stow(*sender, shipment);
    ASSERT_EQ(sent.objects.size(), 2U) << one.what;
    for (const auto& object : sent.objects) {
      const bool first = object.object.value == 1;
      EXPECT_EQ(object.outcome, first ? one.object : Outcome::sent) << one.what;
      EXPECT_EQ(object.status, first ? one.status : 0) << one.what;
    }
    const bool waits = one.object == Outcome::deferred || one.object == Outcome::unknown;
    EXPECT_EQ(sent.result.outcome, waits ? Outcome::deferred : Outcome::sent) << one.what;
    EXPECT_EQ(sent.result.slug, waits ? one.slug : sent.result.slug) << one.what;
  }
}

TEST(StowSender, AConflictIsReadForEachObjectAndRefusesTheOthers) {
  HttpServer server(https_script([](const HttpRequest& request) {
    StowJson said;
    said.failed.emplace_back(instances_of(request)[0], 0xA700);
    return reply_with(409, said.text());
  }));
  const auto sender = open_to(server);
  StowShipment shipment;
  shipment.add_phantoms(2);
  const StowSent sent = stow(*sender, shipment);
  ASSERT_EQ(sent.objects.size(), 2U);
  EXPECT_EQ(sent.objects[0].outcome, Outcome::deferred);
  EXPECT_EQ(sent.objects[1].outcome, Outcome::refused);
  EXPECT_EQ(sent.result.slug, "sender.receiver-busy");
}

TEST(StowSender, AnswersInXmlAreReadAsWell) {
  HttpServer server(https_script([](const HttpRequest& request) {
    const auto item = [](const std::string& uid) {
      return "<Item number=\"1\"><DicomAttribute tag=\"00081155\" vr=\"UI\"><Value number=\"1\">" +
             uid + "</Value></DicomAttribute></Item>";
    };
    std::string text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><NativeDicomModel "
        "xmlns=\"http://dicom.nema.org/PS3.19/models/NativeDICOM\">"
        "<DicomAttribute tag=\"00081199\" vr=\"SQ\">";
    for (const auto& uid : instances_of(request)) text += item(uid);
    return reply_with(200, text + "</DicomAttribute></NativeDicomModel>",
                      {"Content-Type: application/dicom+xml"});
  }));
  const auto sender = open_to(server);
  StowShipment shipment;
  shipment.add_phantoms(2);
  EXPECT_EQ(stow(*sender, shipment).result.outcome, Outcome::sent);
}

TEST(StowSender, ARequestThatIsTooLargeIsSplitUntilItFits) {
  HttpServer server(https_script([](const HttpRequest& request) {
    return parts_of(request).size() > 2 ? reply_with(413) : take_all(request);
  }));
  const auto sender = open_to(server);
  StowShipment shipment;
  shipment.add_phantoms(8);
  const StowSent sent = stow(*sender, shipment);
  EXPECT_EQ(sent.result.outcome, Outcome::sent) << sent.result.slug;
  EXPECT_EQ(sent.objects.size(), 8U);
  EXPECT_EQ(server.requests().size(), 6U) << "8, 4, then 2 each";
}

TEST(StowSender, AnObjectThatIsTooLargeAloneIsRefusedAndTheOthersGo) {
  HttpServer server(https_script([](const HttpRequest& request) {
    return request.body.size() > 100'000 ? reply_with(413) : take_all(request);
  }));
  const auto sender = open_to(server);
  StowShipment shipment;
  shipment.add_phantoms(2);
  shipment.add(shipment.record(0).sop_class, Uid{"2.25.77"}, Uid{"1.2.840.10008.1.2.1"},
               Bytes(200'000, 7));
  shipment.add_phantoms(2);
  const StowSent sent = stow(*sender, shipment);
  ASSERT_EQ(sent.objects.size(), 5U);
  for (const auto& object : sent.objects) {
    const bool large = object.object.value == 3;
    EXPECT_EQ(object.outcome, large ? Outcome::refused : Outcome::sent);
    EXPECT_EQ(object.slug, large ? "http.too-large" : "");
  }
}

TEST(StowSender, WhatTheReceiverAsksForIsPassedOnAsItsWishToBeLeftAlone) {
  for (const char* form : {"120", "date"}) {
    const std::time_t later = std::time(nullptr) + 3600;
    std::tm utc{};
    gmtime_r(&later, &utc);
    char date[64];
    std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    const bool as_date = form == std::string("date");
    HttpServer server(https_script([&](const HttpRequest&) {
      return reply_with(429, "", {std::string("Retry-After: ") + (as_date ? date : form)});
    }));
    const auto sender = open_to(server);
    StowShipment shipment;
    shipment.add_phantoms(1);
    const StowSent sent = stow(*sender, shipment);
    ASSERT_TRUE(sent.result.retry_after.has_value()) << form;
    EXPECT_NEAR(static_cast<double>(sent.result.retry_after->count()), as_date ? 3600 : 120, 5);
  }
}

}  // namespace
}  // namespace veilroute::router

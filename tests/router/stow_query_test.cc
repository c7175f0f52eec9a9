// Objects of which nothing is known are asked for by QIDO-RS; tokens; and what echo says.
#include <gtest/gtest.h>

#include <filesystem>

#include "router/bearer_token.h"
#include "router/stow_sender.h"
#include "tests/router/stow_shipment.h"

namespace veilroute::router {
namespace {

using store::Outcome;
using test::HttpReply;
using test::HttpRequest;
using test::HttpServer;
using Fault = test::HttpReply::Fault;

std::unique_ptr<Sender> open_with(const HttpServer& server,
                                  const std::function<void(config::Destination&)>& change) {
  config::Destination to = stow_to(server);
  change(to);
  return make_sender(to).value();
}

void with_qido(config::Destination& to) { to.stow->qido = true; }

HttpReply json_reply(std::string body, int status = 200) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

std::string match_of(const std::string& uid) {
  return R"([{"00080018":{"vr":"UI","Value":[")" + uid + R"("]}}])";
}

TEST(StowQuery, TellsWhatBecameOfObjectsWhoseAnswerWasLost) {
  struct Case {
    const char* what;
    std::function<HttpReply(const std::string& uid)> answer;
    Outcome object;
  };
  const Case cases[] = {
      {"there", [](const std::string& uid) { return json_reply(match_of(uid)); }, Outcome::sent},
      {"not there", [](const std::string&) { return json_reply("[]"); }, Outcome::deferred},
      {"not there, without a body", [](const std::string&) { return json_reply("", 204); },
       Outcome::deferred},
      {"another", [](const std::string&) { return json_reply(match_of("2.25.9")); },
       Outcome::deferred},
      {"no answer of use", [](const std::string&) { return json_reply("<html>"); },
       Outcome::unknown},
      {"no queries", [](const std::string&) { return json_reply("", 404); }, Outcome::unknown},
  };
  for (const Case& one : cases) {
    StowShipment shipment;
    shipment.add_phantoms(1);
    std::string asked;
    HttpServer server(https_script([&](const HttpRequest& request) {
      if (request.method == "GET") {
        asked = request.target;
        return one.answer(shipment.uid(0));
      }
      HttpReply reply = take_all(request);
      reply.fault = Fault::cut;
      return reply;
    }));
    const auto sender = open_with(server, with_qido);
    const StowSent sent = stow(*sender, shipment);
    ASSERT_EQ(sent.objects.size(), 1U) << one.what;
    EXPECT_EQ(sent.objects[0].outcome, one.object) << one.what;
    EXPECT_EQ(sent.result.outcome, Outcome::deferred) << "the attempt ended early: " << one.what;
    EXPECT_TRUE(asked.starts_with("/dicom-web/studies/")) << asked;
    EXPECT_TRUE(asked.ends_with("/instances?SOPInstanceUID=" + shipment.uid(0))) << asked;
  }
}

TEST(StowQuery, IsNotAskedWhereTheDestinationDoesNotOfferIt) {
  HttpServer server(https_script([](const HttpRequest&) { return json_reply("{}"); }));
  const auto sender = open_with(server, [](auto&) {});
  StowShipment shipment;
  shipment.add_phantoms(1);
  EXPECT_EQ(stow(*sender, shipment).result.slug, "http.answer-silent");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(StowQuery, IsNotAskedForWhatReplacesOlderBytes) {
  StowShipment shipment;
  shipment.add_phantoms(1);
  HttpServer server(https_script([&](const HttpRequest& request) {
    if (request.method == "GET") return json_reply(match_of(shipment.uid(0)));
    HttpReply reply = take_all(request);
    reply.fault = Fault::cut;
    return reply;
  }));
  const auto sender = open_with(server, with_qido);
  shipment.parcels().at(0).replaces = true;
  const StowSent sent = stow(*sender, shipment);
  ASSERT_EQ(sent.objects.size(), 1U);
  EXPECT_EQ(sent.objects[0].outcome, Outcome::unknown) << "what is there may be the older object";
  EXPECT_EQ(server.requests().size(), 1U);
}

/// Takes objects from whoever shows this token.
HttpReply behind(const std::string& token, const HttpRequest& request) {
  const auto shown = request.headers.find("authorization");
  const bool right = shown != request.headers.end() && shown->second == "Bearer " + token;
  return right ? take_all(request) : json_reply("", 401);
}

void write_secret(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::remove(file);
  std::ofstream(file) << text;
  std::filesystem::permissions(
      file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(StowToken, OfAFileIsReadAgainWhenItChanges) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "token";
  write_secret(file, "first-token\n");
  std::string wanted = "first-token";
  HttpServer server(https_script([&](const HttpRequest& one) { return behind(wanted, one); }));
  const auto sender = open_with(server, [&](auto& to) { to.stow->token_file = file; });
  StowShipment shipment;
  shipment.add_phantoms(1);
  EXPECT_EQ(stow(*sender, shipment).result.outcome, Outcome::sent);
  wanted = "second-token";
  EXPECT_EQ(stow(*sender, shipment).result.slug, "http.unauthorized");
  EXPECT_EQ(server.requests().size(), 2U) << "the same token is not shown twice";
  write_secret(file, "second-token");
  EXPECT_EQ(stow(*sender, shipment).result.outcome, Outcome::sent);
}

TEST(StowToken, OfAFileThatOthersReadOrThatHoldsNoneIsNotShown) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "token";
  HttpServer server(https_script(take_all));
  const auto sender = open_with(server, [&](auto& to) { to.stow->token_file = file; });
  StowShipment shipment;
  shipment.add_phantoms(1);
  EXPECT_EQ(stow(*sender, shipment).result.slug, "http.token-unreadable");
  write_secret(file, "two words\r\nX-Evil: 1");
  EXPECT_EQ(stow(*sender, shipment).result.slug, "http.token-unreadable");
  write_secret(file, "good");
  std::filesystem::permissions(file, static_cast<std::filesystem::perms>(0644));
  EXPECT_EQ(stow(*sender, shipment).result.slug, "http.token-exposed");
  EXPECT_TRUE(server.requests().empty());
}

/// A server of tokens: each new one has another number.
struct TokenServer {
  std::size_t given = 0;
  int status = 200;
  std::string life = R"(,"expires_in":3600)";
  std::vector<HttpRequest> asked{};
  HttpServer server{https_script([this](const HttpRequest& request) {
    asked.push_back(request);
    return json_reply(
        R"({"token_type":"Bearer","access_token":"t)" + std::to_string(++given) + "\"" + life + "}",
        status);
  })};
};

TEST(StowToken, OfClientCredentialsIsFetchedOnceAndRenewedWhenItIsNotTaken) {
  const TemporaryFolder folder;
  write_secret(folder.path() / "secret", "s:e/c\n");
  TokenServer tokens;
  std::string wanted = "t1";
  HttpServer server(https_script([&](const HttpRequest& one) { return behind(wanted, one); }));
  const auto sender = open_with(server, [&](auto& to) {
    to.stow->oauth = config::OAuthSettings{tokens.server.url() + "/token", "veil route",
                                           folder.path() / "secret", "dicom store", to.ca};
  });
  StowShipment shipment;
  shipment.add_phantoms(1);
  EXPECT_EQ(stow(*sender, shipment).result.outcome, Outcome::sent);
  EXPECT_EQ(stow(*sender, shipment).result.outcome, Outcome::sent);
  EXPECT_EQ(tokens.given, 1U);
  EXPECT_EQ(tokens.asked[0].method + tokens.asked[0].target, "POST/token");
  EXPECT_EQ(tokens.asked[0].body, "grant_type=client_credentials&scope=dicom%20store");
  EXPECT_EQ(tokens.asked[0].headers.at("authorization"), "Basic dmVpbCUyMHJvdXRlOnMlM0FlJTJGYw==");
  wanted = "t2";
  const StowSent renewed = stow(*sender, shipment);
  EXPECT_EQ(renewed.result.outcome, Outcome::sent) << renewed.result.slug;
  ASSERT_EQ(renewed.objects.size(), 1U);
  EXPECT_EQ(renewed.objects[0].sent_bytes, shipment.data(0).size());
  wanted = "none";
  EXPECT_EQ(stow(*sender, shipment).result.slug, "http.unauthorized");
  EXPECT_EQ(tokens.given, 3U) << "once more, and no more often";
}

TEST(StowToken, IsRenewedBeforeItEndsAndItsServersFaultsAreNotTheReceivers) {
  const TemporaryFolder folder;
  write_secret(folder.path() / "secret", "secret");
  TokenServer tokens;
  tokens.life = R"(,"expires_in":1)";
  HttpServer server(https_script(take_all));
  const auto sender = open_with(server, [&](auto& to) {
    to.stow->oauth = config::OAuthSettings{tokens.server.url() + "/token", "veilroute",
                                           folder.path() / "secret", "", to.ca};
  });
  StowShipment shipment;
  shipment.add_phantoms(1);
  EXPECT_EQ(stow(*sender, shipment).result.outcome, Outcome::sent);
  tokens.life = R"(,"expires_in":0)";
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // it is time itself that is tested
  EXPECT_EQ(stow(*sender, shipment).result.outcome, Outcome::sent);
  EXPECT_EQ(tokens.given, 2U);
  tokens.status = 401;
  EXPECT_EQ(stow(*sender, shipment).result.slug, "http.token-refused");
  tokens.status = 500;
  EXPECT_EQ(stow(*sender, shipment).result.slug, "http.token-unreachable");
}

TEST(StowEcho, SaysWhatWasReached) {
  int status = 200;
  HttpServer server(https_script([&](const HttpRequest&) { return json_reply("[]", status); }));
  const auto sender = open_with(server, [](auto&) {});
  const auto well = sender->echo();
  ASSERT_TRUE(well.ok()) << well.error().text();
  EXPECT_TRUE(well->tls.suite.starts_with("TLSv1.3 ")) << well->tls.suite;
  EXPECT_EQ(well->tls.peer_sha256, StowKeys::all().server.sha256);
  ASSERT_EQ(well->tls.chain.size(), 2U);
  EXPECT_EQ(well->tls.chain[0].subject, "server");
  EXPECT_EQ(well->address, server.url() + "/dicom-web");
  EXPECT_EQ(well->protocol, "stow");
  EXPECT_TRUE(well->note.starts_with("HTTP 200: it answers queries")) << well->note;
  status = 404;
  const auto odd = sender->echo();
  ASSERT_TRUE(odd.ok());
  EXPECT_TRUE(odd->note.starts_with("HTTP 404: no queries")) << odd->note;
  for (const auto& [code, slug] :
       {std::pair{401, "http.unauthorized"}, {403, "http.forbidden"}, {503, "http.unavailable"}}) {
    status = code;
    const auto refused = sender->echo();
    ASSERT_FALSE(refused.ok()) << code;
    EXPECT_EQ(refused.error().slug, slug);
  }
}

}  // namespace
}  // namespace veilroute::router

// A transfer by STOW-RS from the outbox on: what is unknown is not sent, goes again, and is
// accounted for.
#include <gtest/gtest.h>

#include "tests/router/router_site.h"
#include "tests/router/stow_shipment.h"

namespace veilroute::router {
namespace {

using store::TransferObjectState;
using store::TransferState;
using test::HttpReply;
using test::HttpRequest;
using test::HttpServer;

config::Config site_that_sends_to(const HttpServer& server) {
  config::Config site = site_config();
  config::Destination& bone = site.destinations.front();
  const config::Destination to = stow_to(server);
  bone.protocol = to.protocol;
  bone.address = to.address;
  bone.ca = to.ca;
  bone.stow = to.stow;
  bone.answer_timeout = to.answer_timeout;
  return site;
}

SendReport send_by_stow(RouterSite& site, Sender& sender) {
  const auto done = dispatch_due(site.room(), kBone, [&] { return Result<Sender*>(&sender); }, {});
  EXPECT_TRUE(done.ok() && *done);
  return done.ok() && *done ? **done : SendReport{};
}

TEST(StowTransfer, WhatIsUnknownGoesAgainAndWhatIsSentDoesNot) {
  bool cut = true;
  HttpServer server(https_script([&](const HttpRequest& request) {
    HttpReply reply = take_all(request);
    // The second object's answer is lost, once.
    if (request.index == 1 && cut) reply.fault = HttpReply::Fault::cut;
    return reply;
  }));
  config::Config config = site_that_sends_to(server);
  config.destinations.front().stow->batch_objects = 1;
  RouterSite site(config);
  site.receive(1, 1);
  site.receive(1, 2);
  site.plan();
  site.prepare();
  const auto sender = make_sender(config.destinations.front()).value();

  const SendReport first = send_by_stow(site, *sender);
  EXPECT_EQ(first.outcome, SendOutcome::deferred);
  EXPECT_EQ(first.slug, "network.closed");
  EXPECT_EQ(first.sent, 1U);
  EXPECT_EQ(first.waiting, 1U);
  store::Transfer transfer = site.catalog().load_transfer(site.transfers()[0].id).value();
  EXPECT_EQ(transfer.state, TransferState::deferred);
  EXPECT_EQ(transfer.objects[0].state, TransferObjectState::sent);
  EXPECT_EQ(transfer.objects[1].state, TransferObjectState::unknown);

  site.clock().advance(std::chrono::hours(1));
  const SendReport second = send_by_stow(site, *sender);
  EXPECT_EQ(second.outcome, SendOutcome::sent);
  EXPECT_EQ(second.sent, 1U);
  EXPECT_EQ(server.requests().size(), 3U) << "what was sent does not go again";
  transfer = site.catalog().load_transfer(transfer.id).value();
  EXPECT_EQ(transfer.state, TransferState::sent);
}

TEST(StowTransfer, IsNotTriedBeforeTheReceiverWishesAtMostADayLater) {
  for (const auto& [wish, hours] : {std::pair{"7200", 2}, {"999999999", 24}}) {
    HttpServer server(https_script([&, said = std::string(wish)](const HttpRequest&) {
      HttpReply reply;
      reply.status = 503;
      reply.headers = {"Retry-After: " + said};
      return reply;
    }));
    const config::Config config = site_that_sends_to(server);
    RouterSite site(config);
    site.receive(1, 1);
    site.plan();
    site.prepare();
    const auto sender = make_sender(config.destinations.front()).value();
    EXPECT_EQ(send_by_stow(site, *sender).slug, "http.unavailable");
    EXPECT_EQ(site.transfers()[0].due_at, site.clock().now() + std::chrono::hours(hours));
  }
}

TEST(StowTransfer, RefusedByHttpKeepsTheReasonWithEachObject) {
  HttpServer server(https_script([](const HttpRequest&) {
    HttpReply reply;
    reply.status = 415;
    return reply;
  }));
  const config::Config config = site_that_sends_to(server);
  RouterSite site(config);
  site.receive(1, 1);
  site.plan();
  site.prepare();
  const auto sender = make_sender(config.destinations.front()).value();
  EXPECT_EQ(send_by_stow(site, *sender).outcome, SendOutcome::refused);
  const auto transfer = site.catalog().load_transfer(site.transfers()[0].id).value();
  EXPECT_EQ(transfer.objects[0].state, TransferObjectState::refused);
  EXPECT_EQ(transfer.objects[0].reason, "http.media-type");
}

}  // namespace
}  // namespace veilroute::router

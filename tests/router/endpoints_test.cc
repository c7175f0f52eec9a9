// Several endpoints of one destination: which is asked, and when the next.
#include <gtest/gtest.h>

#include "router/dicom_sender.h"
#include "tests/router/dicom_shipment.h"
#include "tests/support/test_receiver.h"

namespace veilroute::router {
namespace {

using namespace std::chrono_literals;
using store::Outcome;
using test::ReceiverScript;

/// A port on which nobody listens: taken, and given back.
std::uint16_t dead_port() { return test::TestReceiver(ReceiverScript{}).port(); }

TEST(Endpoints, TheNextIsAskedInTheSameAttemptWhenThePreferredIsNotReached) {
  test::TestReceiver second{ReceiverScript{}};
  config::Destination destination = plain_to(dead_port());
  destination.others = {{"127.0.0.1", second.port()}};
  const auto sender = DicomSender::open(destination).value();
  Shipment shipment;
  shipment.add_ct(2);
  const Sent sent = send(*sender, shipment);
  EXPECT_EQ(sent.result.outcome, Outcome::sent) << sent.result.slug;
  EXPECT_EQ(sent.result.endpoint, 2U);
  EXPECT_EQ(second.objects().size(), 2U);
  EXPECT_EQ(sender->echo().value().address, "127.0.0.1:" + std::to_string(second.port()));
}

TEST(Endpoints, ThePreferredIsTakenWhileItIsThere) {
  test::TestReceiver first{ReceiverScript{}};
  test::TestReceiver second{ReceiverScript{}};
  config::Destination destination = plain_to(first.port());
  destination.others = {{"127.0.0.1", second.port()}};
  const auto sender = DicomSender::open(destination).value();
  Shipment shipment;
  shipment.add_ct(2);
  EXPECT_EQ(send(*sender, shipment).result.endpoint, 1U);
  EXPECT_EQ(first.objects().size(), 2U);
  EXPECT_EQ(second.associations(), 0U);
}

TEST(Endpoints, OneThatSaysNoSpeaksForAll) {
  ReceiverScript rejecting;
  rejecting.reject = dicom::kCallingNotRecognized;
  test::TestReceiver first{rejecting};
  test::TestReceiver second{ReceiverScript{}};
  config::Destination destination = plain_to(first.port());
  destination.others = {{"127.0.0.1", second.port()}};
  const auto sender = DicomSender::open(destination).value();
  Shipment shipment;
  shipment.add_ct();
  const Sent sent = send(*sender, shipment);
  EXPECT_EQ(sent.result.slug, "association.rejected");
  EXPECT_EQ(sent.result.endpoint, 0U);
  EXPECT_EQ(second.associations(), 0U);
}

TEST(Endpoints, WhereNoneIsReachedItIsTheLastsError) {
  config::Destination destination = plain_to(dead_port());
  destination.others = {{"127.0.0.1", dead_port()}};
  const auto sender = DicomSender::open(destination).value();
  Shipment shipment;
  shipment.add_ct();
  const Sent sent = send(*sender, shipment);
  EXPECT_EQ(sent.result.outcome, Outcome::deferred);
  EXPECT_EQ(sent.result.slug, "network.unreachable");
}

TEST(Endpoints, OnAnotherMachineNeedTlsAsTheFirstDoes) {
  config::Destination destination = plain_to(104);
  destination.others = {{"192.0.2.7", 104}};
  EXPECT_EQ(DicomSender::open(destination).error().slug, "sender.tls-required");
}

TEST(Endpoints, AreAskedInOrderAndThePreferredAgainAfterAWhile) {
  using Order = std::vector<std::size_t>;
  const dicom::SteadyTime start = std::chrono::steady_clock::now();
  EndpointChooser chooser(3);
  EXPECT_EQ(chooser.order(start), (Order{0, 1, 2}));
  chooser.failed(0, start);
  chooser.failed(1, start);
  chooser.worked(2);
  EXPECT_EQ(chooser.order(start + 1s), (Order{2, 0, 1}));
  EXPECT_EQ(chooser.order(start + 299s), (Order{2, 0, 1}));
  EXPECT_EQ(chooser.order(start + 300s), (Order{0, 1, 2}));
  chooser.worked(0);
  EXPECT_EQ(chooser.order(start + 301s), (Order{0, 1, 2}));
}

}  // namespace
}  // namespace veilroute::router

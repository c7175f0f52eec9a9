// Many at once, slow ones, and no descriptor left: who is served, who is turned away, what it costs.
#include <gtest/gtest.h>

#include <cstdio>
#include <thread>

#include "tests/scp/speaker.h"
#include "tests/support/footprint.h"
#include "tests/support/wait.h"

namespace veilroute::scp {
namespace {

using namespace std::chrono_literals;
using test::RawPeer;

std::unique_ptr<RawPeer> associated(const Reception& reception, const char* calling = "ER_CR1") {
  auto peer = std::make_unique<RawPeer>(reception.port());
  peer->write(spoken_request(calling));
  EXPECT_EQ(peer->read(nullptr, 20s), kIsAccept);
  return peer;
}

void expect_limit(const Reception& reception, const char* calling = "ER_CR1") {
  RawPeer peer(reception.port());
  peer.write(spoken_request(calling));
  Bytes body;
  ASSERT_EQ(peer.read(&body), kIsReject);
  EXPECT_EQ(dicom::decode_associate_rj(body).value(), dicom::kLocalLimitExceeded);
}

bool stores(const Reception& reception, int number) {
  const auto sent = test::send_objects(
      reception.sender(),
      {{kSpokenClass, spoken_instance(number), kSpokenSyntax, spoken_object(number)}});
  return sent.ok() && *sent == std::vector<std::uint16_t>{0};
}

/// Each association is in the middle of an object at the same time; then each gets its answer.
TEST(Load, FiveHundredObjectsAreUnderWayAtOnceAndOneMoreIsTurnedAway) {
  constexpr int kMany = 500;
  test::allow_descriptors(4096);
  // A sanitizer's own thread comes with the first of ours.
  std::thread([] {}).join();
  const test::Footprint before = test::footprint();
  ReceptionOptions options;
  options.most_associations = kMany;
  options.idle = 60s;
  {
    Reception reception(options);
    std::vector<std::unique_ptr<RawPeer>> peers;
    for (int i = 0; i < kMany; ++i) {
      peers.push_back(associated(reception));
      const Bytes data = spoken_object(i);
      peers.back()->write(store_pdu(i));
      peers.back()->write(data_pdu(kStoreContext, false, false, ByteView(data).first(100)));
    }
    EXPECT_TRUE(test::wait_for([&] { return reception.segments() >= kMany; }, 30s))
        << reception.segments();
    EXPECT_EQ(reception.listener().pool_threads(), static_cast<std::size_t>(kMany));
    expect_limit(reception);
    const test::Footprint busy = test::footprint();
    std::printf("%d objects under way: %zu KB, %zu threads, %zu descriptors (with their senders)\n",
                kMany, test::grown_kb(before, busy), busy.threads, busy.descriptors);
    for (int i = 0; i < kMany; ++i) {
      const Bytes data = spoken_object(i);
      peers[static_cast<std::size_t>(i)]->write(
          data_pdu(kStoreContext, false, true, ByteView(data).subspan(100)));
    }
    for (auto& peer : peers) EXPECT_EQ(answered_status(*peer), 0);
    for (auto& peer : peers) peer->write(dicom::encode_release_rq());
    peers.clear();
    EXPECT_EQ(reception.stored().size(), static_cast<std::size_t>(kMany));
    EXPECT_TRUE(test::wait_for([&] { return stores(reception, kMany); }, 5s));
  }
  const test::Footprint after = test::footprint();
  EXPECT_EQ(after.threads, before.threads);
  EXPECT_EQ(after.descriptors, before.descriptors);
}

TEST(Load, TenThousandIdleConnectionsCostNothing) {
  Reception reception;
  ASSERT_TRUE(stores(reception, 0));
  const std::size_t allowed = test::allow_descriptors(11'000);
  const std::size_t many = std::min<std::size_t>(10'000, allowed - 600);
  const test::Footprint before = test::footprint();
  std::vector<Descriptor> idle;
  for (std::size_t i = 0; i < many; ++i) {
    idle.push_back(test::connected_from(static_cast<unsigned>(2 + i % 200), reception.port()));
    if (i % 1000 != 0) continue;
    EXPECT_TRUE(stores(reception, static_cast<int>(i)));
  }
  EXPECT_TRUE(stores(reception, 1));
  const test::Footprint after = test::footprint();
  std::printf("%zu idle connections: %zu KB\n", many, test::grown_kb(before, after));
  EXPECT_LE(after.descriptors, before.descriptors + many + kMostHalfOpen + 20);
  // Nothing without a sanitizer, which keeps for a while what was freed; a thread for each connection
  // would be far more.
  EXPECT_LT(test::grown_kb(before, after), 128U << 10U);
}

TEST(Load, OneSourceCannotTakeAllPlaces) {
  ReceptionOptions options;
  options.most_associations = 3;
  options.most_of_source = 2;
  Reception reception(options);
  const auto first = associated(reception);
  auto second = associated(reception);
  expect_limit(reception);
  const auto other = associated(reception, "ER_CR2");
  second.reset();
  EXPECT_TRUE(test::wait_for([&] { return stores(reception, 1); }, 5s));
}

/// None of them is ever silent for long; each is over all the same, and nobody else notices.
TEST(Load, WhoIsSlowOnPurposeIsTimedOutAndOthersAreServed) {
  ReceptionOptions options;
  constexpr int kPlaces = 8;
  options.most_associations = kPlaces;
  options.idle = 1s;
  Reception reception(options);
  const auto within_a_pdu = associated(reception);
  const auto across_pdus = associated(reception);
  const auto deaf = associated(reception);
  const auto trickle = [](RawPeer& peer, const Bytes& first, const Bytes& again) {
    peer.write(first);
    for (int i = 0; i < 100; ++i) {
      peer.write(again);
      const int got = peer.read(nullptr, 50ms);
      if (got != -1) return got;
    }
    return -1;
  };
  {
    const std::jthread one([&] {
      EXPECT_EQ(trickle(*within_a_pdu, {4, 0, 0, 0, 0xFF, 0}, {0}), kIsAbort);
    });
    const std::jthread two([&] {
      Bytes begun = store_pdu(1);
      EXPECT_EQ(trickle(*across_pdus, begun, data_pdu(kStoreContext, false, false, Bytes(2))),
                kIsAbort);
    });
    const std::jthread three([&] {
      Bytes flood;
      for (int i = 0; i < 40'000; ++i) {
        const Bytes echo = echo_pdu();
        flood.insert(flood.end(), echo.begin(), echo.end());
      }
      for (int i = 0; i < 4; ++i) deaf->write(flood);
    });
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(stores(reception, 100 + i)) << i;
  }
  // All their places are free again.
  EXPECT_TRUE(test::wait_for([&] {
    std::vector<std::unique_ptr<RawPeer>> all;
    for (int i = 0; i < kPlaces; ++i) {
      all.push_back(std::make_unique<RawPeer>(reception.port()));
      all.back()->write(spoken_request());
      if (all.back()->read() != kIsAccept) return false;
    }
    return true;
  }, 10s));
  EXPECT_EQ(reception.stored().size(), 10U);
}

/// Whether the system keeps the caller waiting or hangs up on it is the system's choice.
TEST(Load, WithoutADescriptorNobodyIsAcceptedAndAfterwardsEverybodyIs) {
  Reception reception;
  ASSERT_TRUE(stores(reception, 1));
  const Descriptor caller = test::unconnected();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few{test::footprint().descriptors + 30, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  std::vector<Descriptor> fillers;
  for (Descriptor next = test::unconnected(); next.valid(); next = test::unconnected()) {
    fillers.push_back(std::move(next));
  }
  ASSERT_TRUE(test::connect_to_loopback(caller, reception.port()));
  const Bytes request = spoken_request();
  ::send(caller.get(), request.data(), request.size(), MSG_NOSIGNAL);
  std::this_thread::sleep_for(300ms);
  std::uint8_t type = 0;
  EXPECT_NE(::recv(caller.get(), &type, 1, MSG_DONTWAIT), 1) << "answered without a descriptor";
  fillers.clear();
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(stores(reception, 2));
}

TEST(Load, ThreadsEndOnceTheyAreIdleAndComeBack) {
  std::atomic<int> served{0};
  AssociationPool pool({3, 1, 20ms}, [&](const Waiting&) { ++served; });
  Agreed agreed;
  for (int round = 1; round <= 3; ++round) {
    EXPECT_EQ(pool.threads(), 0U);
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(pool.take_place(agreed, 0).ok());
      pool.add({nullptr, agreed});
    }
    EXPECT_TRUE(test::wait_for([&] { return served == 2 * round; }, 5s));
    EXPECT_TRUE(test::wait_for([&] { return pool.threads() == 0; }, 5s));
  }
}

}  // namespace
}  // namespace veilroute::scp

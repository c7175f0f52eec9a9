// Connections on loopback whose other end never lets us wait: a stop is seen all the same, and what
// is said last is heard.
#include "core/dicom/transport.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "core/dicom/upper_layer.h"

namespace veilroute::dicom {
namespace {

using namespace std::chrono_literals;

constexpr auto kLong = 60s;  ///< a deadline that no test waits for
constexpr auto kSoon = 3s;   ///< on a busy machine; the stop comes after kWhile
constexpr auto kWhile = 100ms;

/// Both ends of a connection. `there` blocks, and belongs to the test.
struct Connected {
  Descriptor here, there;
};

Descriptor accepted(const Descriptor& door) {
  int fd = -1;
  while (fd < 0) fd = ::accept4(door.get(), nullptr, nullptr, SOCK_CLOEXEC);
  return Descriptor(fd);
}

Connected connect_both() {
  const Interrupt never;
  const Descriptor door = listen_on("127.0.0.1", 0).value();
  Connected both;
  both.here = connect_to("127.0.0.1", port_of(door.get()), after(5s), never).value();
  both.there = accepted(door);
  return both;
}

/// Reads until the other end closes; true when the last it got was `words`.
bool hears_last(int fd, ByteView words) {
  Bytes tail;
  Bytes piece(1U << 20U);
  ssize_t count = 0;
  while ((count = ::recv(fd, piece.data(), piece.size(), 0)) > 0) {
    tail.insert(tail.end(), piece.begin(), piece.begin() + count);
    if (tail.size() > words.size())
      tail.erase(tail.begin(), tail.end() - static_cast<std::ptrdiff_t>(words.size()));
  }
  return count == 0 && std::equal(tail.begin(), tail.end(), words.begin(), words.end());
}

/// Sends until the other end is gone.
void talk_on(int fd) {
  const Bytes piece(64U << 10U);
  while (::send(fd, piece.data(), piece.size(), MSG_NOSIGNAL) > 0) {
  }
}

/// Triggers an interrupt after a while; how long ago that was.
class Stopping {
 public:
  explicit Stopping(const Interrupt& stop)
      : thread_([this, &stop] {
          std::this_thread::sleep_for(kWhile);
          at_ = std::chrono::steady_clock::now();
          stop.trigger();
        }) {}
  std::chrono::steady_clock::duration ago() {
    thread_.join();
    return std::chrono::steady_clock::now() - at_;
  }

 private:
  SteadyTime at_{};
  std::jthread thread_;
};

std::string slug_of(const Result<void>& result) { return result.ok() ? "" : result.error().slug; }

TEST(Transport, AReadSeesTheStopThoughThePeerNeverPauses) {
  Connected both = connect_both();
  const std::jthread peer([fd = both.there.get()] { talk_on(fd); });
  const Interrupt stop;
  Transport transport(make_plain_channel(std::move(both.here)), stop);
  Stopping stopping(stop);
  Bytes piece(1000);
  Result<void> read;
  while (read.ok()) read = transport.read_exactly(piece, after(kLong));
  EXPECT_EQ(slug_of(read), "network.stopped");
  EXPECT_LT(stopping.ago(), kSoon);
  transport.close(0ms);
}

TEST(Transport, AWriteSeesTheStopThoughThePeerTakesEverything) {
  Connected both = connect_both();
  const std::jthread peer([fd = both.there.get()] { hears_last(fd, {}); });
  const Interrupt stop;
  Transport transport(make_plain_channel(std::move(both.here)), stop);
  // Zeros without end: no memory stands behind them.
  constexpr std::size_t kEndless = 64ULL << 30U;
  void* zeros =
      ::mmap(nullptr, kEndless, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(zeros, MAP_FAILED);
  Stopping stopping(stop);
  const auto written = transport.write_all(
      ByteView(static_cast<const std::uint8_t*>(zeros), kEndless), after(kLong));
  EXPECT_EQ(slug_of(written), "network.stopped");
  EXPECT_LT(stopping.ago(), kSoon);
  transport.close(0ms);
  ::munmap(zeros, kEndless);
}

TEST(Transport, WhatTheSocketTakesAtOnceIsWrittenThoughStopped) {
  Connected both = connect_both();
  const Interrupt stop;
  Transport transport(make_plain_channel(std::move(both.here)), stop);
  stop.trigger();
  const Bytes answer{1, 2, 3};
  EXPECT_TRUE(transport.write_all(answer, after(kLong)).ok());
  std::array<std::uint8_t, 1> byte{};
  EXPECT_EQ(slug_of(transport.read_exactly(byte, after(kLong))), "network.stopped");
  transport.close(0ms);
  EXPECT_TRUE(hears_last(both.there.get(), answer));
}

TEST(Transport, LastWordsWaitForASlowPeerThoughStopped) {
  Connected both = connect_both();
  const Interrupt stop;
  Transport transport(make_plain_channel(std::move(both.here)), stop);
  EXPECT_EQ(slug_of(transport.write_all(Bytes(64U << 20U), after(kWhile))), "network.timeout");
  stop.trigger();
  const Bytes words{7, 0, 0, 0, 0, 4, 0, 0, 0, 0};
  std::atomic<bool> heard{false};
  std::jthread peer([&heard, &words, there = std::move(both.there)] {
    std::this_thread::sleep_for(kWhile);
    heard = hears_last(there.get(), words);
  });
  transport.write_last_words(words, kSoon);
  transport.close(kSoon);
  peer.join();
  EXPECT_TRUE(heard);
}

TEST(Transport, APeerThatStillSpeaksHearsTheLastWordsThoughStopped) {
  Connected both = connect_both();
  const Interrupt stop;
  Transport transport(make_plain_channel(std::move(both.here)), stop);
  stop.trigger();
  const Bytes words{7, 0, 0, 0, 0, 4, 0, 0, 0, 0};
  std::atomic<bool> heard{false};
  std::jthread peer([&heard, &words, there = std::move(both.there)] {
    const Bytes piece(10'000);
    for (int i = 0; i < 20; ++i) {
      std::this_thread::sleep_for(kWhile / 20);
      if (::send(there.get(), piece.data(), piece.size(), MSG_NOSIGNAL) < 0) return;
    }
    heard = hears_last(there.get(), words);
  });
  transport.write_last_words(words, kSoon);
  transport.close(kSoon);
  peer.join();
  EXPECT_TRUE(heard);
}

TEST(Transport, LastWordsDoNotOutlastTheirPatience) {
  Connected both = connect_both();
  const Interrupt stop;
  Transport transport(make_plain_channel(std::move(both.here)), stop);
  EXPECT_EQ(slug_of(transport.write_all(Bytes(64U << 20U), after(kWhile))), "network.timeout");
  const auto began = std::chrono::steady_clock::now();
  transport.write_last_words(Bytes{1}, kWhile);
  transport.close(kWhile);
  EXPECT_LT(std::chrono::steady_clock::now() - began, kSoon);
}

/// As many zeros as nobody sends in a minute.
class EndlessSource final : public ByteSource {
 public:
  [[nodiscard]] std::uint64_t size_bytes() const override { return 1ULL << 50U; }
  Result<void> read_at(std::uint64_t, std::span<std::uint8_t>) override { return {}; }
};

/// Accepts one association, then takes whatever comes; true when an abort came last.
bool serve_one(const Descriptor& door) {
  const Interrupt never;
  const Descriptor socket = accepted(door);
  const Uid syntax{"1.2.840.10008.1.2.1"};
  AssociateAccept accept;
  accept.contexts = {{1, ContextResult::accepted, syntax}};
  accept.implementation_class = Uid{"1.2.3"};
  PduStream stream(Transport(make_plain_channel(Descriptor(::dup(socket.get()))), never));
  if (!stream.next(after(kLong)).ok() || !stream.write(encode(accept), after(kLong)).ok())
    return false;
  return hears_last(socket.get(), encode(kUserAbort));
}

TEST(Requestor, SendingSeesTheStopThoughThePeerTakesEverything) {
  const Descriptor door = listen_on("127.0.0.1", 0).value();
  std::atomic<bool> aborted{false};
  std::jthread peer([&] { aborted = serve_one(door); });
  const Interrupt stop;
  Call call;
  call.host = "127.0.0.1";
  call.port = port_of(door.get());
  const Uid ct{"1.2.840.10008.5.1.4.1.1.2"};
  auto association = Requestor::open(call, {{0, ct, {Uid{"1.2.840.10008.1.2.1"}}}}, stop);
  ASSERT_TRUE(association.ok()) << association.error().text();
  Stopping stopping(stop);
  EndlessSource data;
  EXPECT_EQ(slug_of(association->send(1, c_store_request(1, ct, Uid{"1.2.3.4"}), &data)),
            "network.stopped");
  EXPECT_LT(stopping.ago(), kSoon);
  association->abort();
  peer.join();
  EXPECT_TRUE(aborted);
}

}  // namespace
}  // namespace veilroute::dicom

// Sockets with deadlines: poll, then one non-blocking step, until done.
#include "core/dicom/transport.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <netdb.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace veilroute::dicom {
namespace {

Error timed_out() {
  return make_error(ErrorKind::unavailable, "network.timeout", "the peer did not answer in time");
}
Error stopped() {
  return make_error(ErrorKind::unavailable, "network.stopped", "the node is stopping");
}
Error closed() {
  return make_error(ErrorKind::unavailable, "network.closed", "the peer closed the connection");
}

int milliseconds_until(SteadyTime deadline) {
  using std::chrono::milliseconds;
  const auto left =
      std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, 3'600'000));
}

/// Waits until `fd` has one of `events`; network.timeout or network.stopped otherwise. Without
/// `stop` nothing but the deadline ends it.
Result<void> wait_for(int fd, short events, SteadyTime deadline, const Interrupt* stop) {
  while (true) {
    // poll passes over a descriptor of -1.
    std::array<pollfd, 2> set{pollfd{fd, events, 0}, pollfd{stop ? stop->fd() : -1, POLLIN, 0}};
    const int ready = ::poll(set.data(), set.size(), milliseconds_until(deadline));
    if (ready < 0 && errno != EINTR) return lost_peer();
    if (ready > 0 && set[1].revents != 0) return stopped();
    if (ready > 0) return {};
    if (std::chrono::steady_clock::now() >= deadline) return timed_out();
  }
}

class PlainChannel final : public Channel {
 public:
  using Channel::Channel;
  Result<Want> handshake() override { return Want::nothing; }
  Result<Progress> read(std::span<std::uint8_t> out) override {
    const ssize_t count = ::recv(fd(), out.data(), out.size(), 0);
    return outcome(count, Want::read);
  }
  Result<Progress> write(ByteView bytes) override {
    const ssize_t count = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return outcome(count, Want::write);
  }
  void finish_writing() override { ::shutdown(fd(), SHUT_WR); }

 private:
  static Result<Progress> outcome(ssize_t count, Want otherwise) {
    if (count >= 0) return Progress{static_cast<std::size_t>(count), Want::nothing};
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Progress{0, otherwise};
    if (errno == EINTR) return Progress{0, otherwise};
    return lost_peer();
  }
};

/// A getaddrinfo answer that frees itself.
using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Result<Addresses> resolve(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const char* name = host.empty() ? nullptr : host.c_str();
  if (::getaddrinfo(name, std::to_string(port).c_str(), &hints, &found) != 0 || !found) {
    return make_error(ErrorKind::unavailable, "network.unknown-host",
                      "the host name cannot be resolved");
  }
  return Addresses(found, &::freeaddrinfo);
}

Result<Descriptor> connect_one(const addrinfo& address, SteadyTime deadline,
                               const Interrupt& stop) {
  const auto unreachable = [] {
    return make_error(ErrorKind::unavailable, "network.unreachable",
                      "nothing answers at the peer's address and port");
  };
  Descriptor socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return unreachable();
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return unreachable();
    VR_TRY(wait_for(socket.get(), POLLOUT, deadline, &stop));
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return unreachable();
  }
  prepare_socket(socket.get());
  return socket;
}

Result<Descriptor> listen_one(const addrinfo& address, bool both_families) {
  Descriptor socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  const int v6_only = both_families ? 0 : 1;
  const auto set = [&](int level, int name, const int& value) {
    return ::setsockopt(socket.get(), level, name, &value, sizeof(value)) == 0;
  };
  const bool ready = socket.valid() && set(SOL_SOCKET, SO_REUSEADDR, on) &&
                     (address.ai_family != AF_INET6 || set(IPPROTO_IPV6, IPV6_V6ONLY, v6_only)) &&
                     ::bind(socket.get(), address.ai_addr, address.ai_addrlen) == 0 &&
                     ::listen(socket.get(), SOMAXCONN) == 0;
  if (ready) return socket;
  const std::string why = std::strerror(errno);
  return make_error(ErrorKind::unavailable, "network.cannot-listen", "cannot listen: " + why);
}

}  // namespace

Error lost_peer() {
  return make_error(ErrorKind::unavailable, "network.lost", "the connection to the peer broke");
}

Interrupt::Interrupt() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_.valid()) die("no descriptor left for an interrupt");
}
void Interrupt::trigger() const {
  const std::uint64_t one = 1;
  // A full counter means that it is triggered already.
  [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof(one));
}
bool Interrupt::triggered() const {
  pollfd set{event_.get(), POLLIN, 0};
  return ::poll(&set, 1, 0) > 0;
}

std::unique_ptr<Channel> make_plain_channel(Descriptor socket) {
  return std::make_unique<PlainChannel>(std::move(socket));
}

void prepare_socket(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags >= 0) ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

Result<void> Transport::check_stop() const {
  if (stop_->triggered()) return stopped();
  return {};
}

Result<void> Transport::wait(Want want, SteadyTime deadline, const Interrupt* stop) {
  return wait_for(channel_->fd(), want == Want::write ? POLLOUT : POLLIN, deadline, stop);
}

Result<void> Transport::handshake(SteadyTime deadline) {
  while (true) {
    VR_TRY(const Want want, channel_->handshake());
    if (want == Want::nothing) return {};
    if (std::chrono::steady_clock::now() >= deadline) return timed_out();
    VR_TRY(wait(want, deadline, stop_));
  }
}

Result<void> Transport::read_exactly(std::span<std::uint8_t> out, SteadyTime deadline) {
  if (!channel_) return closed();
  if (ahead_ && !out.empty()) {
    out.front() = *ahead_;
    ahead_.reset();
    out = out.subspan(1);
  }
  while (!out.empty()) {
    // A peer that never lets us wait must not keep us from stopping.
    VR_TRY(check_stop());
    VR_TRY(const Progress progress, channel_->read(out));
    out = out.subspan(progress.bytes);
    if (out.empty()) break;
    if (progress.bytes == 0 && progress.want == Want::nothing) return closed();
    // A peer that trickles must not outlast the deadline by always having one more byte.
    if (std::chrono::steady_clock::now() >= deadline) return timed_out();
    if (progress.bytes == 0) VR_TRY(wait(progress.want, deadline, stop_));
  }
  return {};
}

Result<void> Transport::write_all(ByteView bytes, SteadyTime deadline) {
  return write_until(bytes, deadline, stop_);
}

void Transport::write_last_words(ByteView bytes, std::chrono::milliseconds patience) {
  // Whether the peer still hears them makes no difference to us.
  [[maybe_unused]] const auto heard = write_until(bytes, after(patience), nullptr);
}

Result<void> Transport::write_until(ByteView bytes, SteadyTime deadline, const Interrupt* stop) {
  if (!channel_) return closed();
  while (!bytes.empty()) {
    VR_TRY(const Progress progress, channel_->write(bytes));
    bytes = bytes.subspan(progress.bytes);
    if (bytes.empty()) break;
    // A peer that always takes a little must not outlast deadline or stop by never letting us wait.
    if (stop && stop->triggered()) return stopped();
    if (std::chrono::steady_clock::now() >= deadline) return timed_out();
    if (progress.bytes == 0) VR_TRY(wait(progress.want, deadline, stop));
  }
  return {};
}

Result<bool> Transport::wait_to_read(SteadyTime deadline) {
  if (!channel_) return closed();
  while (!ahead_) {
    std::array<std::uint8_t, 1> byte{};
    VR_TRY(const Progress progress, channel_->read(byte));
    if (progress.bytes == 1) ahead_ = byte.front();
    if (progress.bytes == 1 || progress.want == Want::nothing) break;
    const auto waited = wait(progress.want, deadline, stop_);
    if (!waited.ok() && waited.error().slug == "network.timeout") return false;
    VR_TRY(waited);
  }
  return true;
}

bool Transport::is_quiet() {
  if (!channel_ || ahead_) return false;
  std::array<std::uint8_t, 1> byte{};
  const auto progress = channel_->read(byte);
  return progress.ok() && progress->bytes == 0 && progress->want != Want::nothing;
}

void Transport::close(std::chrono::milliseconds patience) {
  if (!channel_) return;
  channel_->finish_writing();
  const SteadyTime deadline = after(patience);
  std::array<std::uint8_t, 4096> forgotten{};
  // Below TLS: nothing that comes now is read, it only has to leave the kernel's buffer.
  while (std::chrono::steady_clock::now() < deadline) {
    const ssize_t count = ::recv(channel_->fd(), forgotten.data(), forgotten.size(), 0);
    if (count > 0) continue;
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) break;
    if (!wait(Want::read, deadline, nullptr).ok()) break;
  }
  channel_.reset();
}

Result<Descriptor> connect_to(const std::string& host, std::uint16_t port, SteadyTime deadline,
                              const Interrupt& stop) {
  VR_TRY(const Addresses addresses, resolve(host, port, 0));
  int left = 0;
  for (const addrinfo* at = addresses.get(); at; at = at->ai_next) ++left;
  Error last = timed_out();
  for (const addrinfo* at = addresses.get(); at; at = at->ai_next, --left) {
    // An address that swallows packets may use its share of the time, not all of it.
    const SteadyTime now = std::chrono::steady_clock::now();
    const SteadyTime share = now + (deadline - now) / left;
    auto socket = connect_one(*at, share, stop);
    if (socket.ok()) return socket;
    last = std::move(socket).error();
    if (last.slug == "network.stopped") break;
  }
  return last;
}

Result<Descriptor> listen_on(const std::string& host, std::uint16_t port) {
  const bool any = host.empty() || host == "*";
  // "::" means every address of both families here, as operators expect of it.
  VR_TRY(const Addresses addresses,
         resolve(any ? std::string("::") : host, port, AI_PASSIVE | AI_NUMERICHOST));
  auto socket = listen_one(*addresses, any || host == "::");
  if (socket.ok() || !any) return socket;
  // A machine without IPv6 listens on all its IPv4 addresses.
  VR_TRY(const Addresses older, resolve("0.0.0.0", port, AI_PASSIVE | AI_NUMERICHOST));
  return listen_one(*older, false);
}

std::uint16_t port_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
}

std::string peer_address_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* raw = nullptr;
  int family = address.ss_family;
  if (family == AF_INET) {
    raw = &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr;
  } else if (family == AF_INET6) {
    const auto& in6 = reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr;
    raw = &in6;
    if (IN6_IS_ADDR_V4MAPPED(&in6)) {
      family = AF_INET;
      raw = in6.s6_addr + 12;
    }
  }
  if (!raw || !::inet_ntop(family, raw, text.data(), text.size())) return {};
  return text.data();
}

}  // namespace veilroute::dicom

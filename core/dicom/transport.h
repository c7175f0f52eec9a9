// Transport: a connected socket, bare or TLS, read and written with deadlines; and how to reach a
// peer. Knows bytes alone: PDUs are in pdu.h, TLS is in tls.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/descriptor.h"
#include "core/dicom/certificate_facts.h"

namespace veilroute::dicom {

using SteadyTime = std::chrono::steady_clock::time_point;
inline SteadyTime after(std::chrono::milliseconds wait) {
  return std::chrono::steady_clock::now() + wait;
}

/// Ends every wait on a Transport that knows it, at once and for good: how shutdown reaches threads
/// that wait for a peer. Any thread.
class Interrupt {
 public:
  Interrupt();
  void trigger() const;
  [[nodiscard]] bool triggered() const;
  [[nodiscard]] int fd() const { return event_.get(); }

 private:
  Descriptor event_;
};

/// What a channel waits for before it can go on.
enum class Want : std::uint8_t { nothing, read, write };

/// How far one step came. No bytes and `want` nothing: the peer has closed its side.
struct Progress {
  std::size_t bytes = 0;
  Want want = Want::nothing;
};

/// What TLS tells of the other side; empty on a bare channel.
struct TlsFacts {
  std::string suite;        ///< "TLSv1.3 TLS_AES_256_GCM_SHA384"
  std::string peer_sha256;  ///< of the certificate, lower-case hexadecimal
  std::vector<CertificateFacts> chain;  ///< the sender's side: as verified, the peer's own first
};

/// A connected, non-blocking socket. Steps return at once, so that one epoll thread can hold many.
/// Errors: network.lost, tls.* (tls.h). Never raises SIGPIPE. One thread at a time.
class Channel {
 public:
  explicit Channel(Descriptor socket) : socket_(std::move(socket)) {}
  virtual ~Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  /// Goes on with the TLS handshake; `nothing` once it is done. A bare channel is done at once.
  virtual Result<Want> handshake() = 0;
  virtual Result<Progress> read(std::span<std::uint8_t> out) = 0;
  virtual Result<Progress> write(ByteView bytes) = 0;
  /// Says that nothing more will come (close_notify, FIN); best effort.
  virtual void finish_writing() = 0;
  [[nodiscard]] const TlsFacts& tls() const { return facts_; }
  [[nodiscard]] int fd() const { return socket_.get(); }

 protected:
  TlsFacts facts_;

 private:
  Descriptor socket_;
};

/// What a channel says when its peer went away (network.lost).
Error lost_peer();
/// A bare channel over a connected, non-blocking socket.
std::unique_ptr<Channel> make_plain_channel(Descriptor socket);

/// Settings every association socket has, at both ends: no delay (else each C-STORE waits 40 ms),
/// keep-alive, non-blocking.
void prepare_socket(int fd);

/// A channel used by one thread that may wait. Errors beside the channel's own: network.timeout,
/// network.closed (the peer closed), network.stopped (the interrupt). One thread at a time.
class Transport {
 public:
  Transport(std::unique_ptr<Channel> channel, const Interrupt& stop)
      : channel_(std::move(channel)), stop_(&stop) {}
  Result<void> handshake(SteadyTime deadline);
  /// Fills `out` completely.
  Result<void> read_exactly(std::span<std::uint8_t> out, SteadyTime deadline);
  /// Once stopped, it writes what the socket takes at once and no more: the answer about an object
  /// that is on disk still goes out, a long write ends.
  Result<void> write_all(ByteView bytes, SteadyTime deadline);
  /// What is said before close(), stopped or not; best effort.
  void write_last_words(ByteView bytes, std::chrono::milliseconds patience);
  /// True once there is something to read, or an end to find; false when the deadline came first.
  Result<bool> wait_to_read(SteadyTime deadline);
  /// True while the peer is there and has sent nothing that was not read.
  [[nodiscard]] bool is_quiet();
  /// network.stopped once the interrupt is triggered.
  [[nodiscard]] Result<void> check_stop() const;
  /// Says goodbye, reads and forgets what still comes until the peer closes or `patience` is over,
  /// stopped or not, then closes: closing with unread bytes would reset the connection and lose our
  /// last words.
  void close(std::chrono::milliseconds patience);
  /// Of the connection; once it is closed, nothing is known any more.
  [[nodiscard]] TlsFacts tls() const { return channel_ ? channel_->tls() : TlsFacts{}; }
  [[nodiscard]] bool is_open() const { return channel_ != nullptr; }

 private:
  Result<void> wait(Want want, SteadyTime deadline, const Interrupt* stop);
  Result<void> write_until(ByteView bytes, SteadyTime deadline, const Interrupt* stop);
  std::unique_ptr<Channel> channel_;
  const Interrupt* stop_;
  std::optional<std::uint8_t> ahead_;  ///< read while waiting: TLS may hold bytes that no poll sees
};

/// A TCP connection to host:port; each address of the name is tried in turn, IPv6 too. The deadline
/// holds for connecting; the resolver has its own time-outs. Errors: network.unknown-host,
/// network.unreachable, network.timeout, network.stopped.
Result<Descriptor> connect_to(const std::string& host, std::uint16_t port, SteadyTime deadline,
                              const Interrupt& stop);

/// A listening, non-blocking socket on a numeric address (empty, "*" or "::": every address of both
/// families; where there is no IPv6, empty and "*": of IPv4); port 0 lets the system choose. Errors
/// (`unavailable`): network.unknown-host (not a numeric address), network.cannot-listen.
Result<Descriptor> listen_on(const std::string& host, std::uint16_t port);
/// The port a socket is bound to.
std::uint16_t port_of(int fd);
/// The numeric address at the other end; an IPv4 address mapped into IPv6 is given as IPv4.
std::string peer_address_of(int fd);

}  // namespace veilroute::dicom

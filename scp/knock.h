// Knock: a connection whose first PDU has not been checked yet. It holds no thread: TLS handshake
// and the A-ASSOCIATE-RQ come in steps, as the socket allows (decisions 11).
#pragma once

#include <array>
#include <memory>
#include <string>

#include "core/dicom/pdu.h"
#include "core/dicom/transport.h"

namespace veilroute::scp {

/// From accept to the first PDU, and how long a peer may need to hear our refusal.
inline constexpr std::chrono::milliseconds kFirstPduPatience{5000};
inline constexpr std::chrono::milliseconds kFarewellPatience{1000};

/// One thread.
class Knock {
 public:
  enum class Stage : std::uint8_t {
    waiting,  ///< needs the socket: see wants()
    ready,    ///< the A-ASSOCIATE-RQ is whole: see request()
    over,     ///< to be destroyed
  };

  Knock(std::unique_ptr<dicom::Channel> channel, std::string address)
      : channel_(std::move(channel)),
        address_(std::move(address)),
        deadline_(dicom::after(kFirstPduPatience)) {}

  /// Goes as far as it can without waiting.
  Stage advance();
  /// The body of the A-ASSOCIATE-RQ.
  [[nodiscard]] ByteView request() const { return body_; }
  /// Sends a last PDU, then waits until the peer has closed or a second is over: closing at once
  /// would reset the connection and lose what we said.
  Stage dismiss(Bytes last_words);
  /// The channel, for the association that follows.
  std::unique_ptr<dicom::Channel> take_channel() { return std::move(channel_); }

  [[nodiscard]] dicom::Want wants() const { return want_; }
  [[nodiscard]] int fd() const { return channel_->fd(); }
  [[nodiscard]] dicom::SteadyTime deadline() const { return deadline_; }
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] const dicom::TlsFacts& tls() const { return channel_->tls(); }
  /// True once we only wait for the peer to hear our last words.
  [[nodiscard]] bool is_leaving() const { return phase_ == Phase::speak || phase_ == Phase::listen; }
  /// What went wrong so far, a slug for the log; empty: nothing.
  [[nodiscard]] const std::string& slug() const { return slug_; }

 private:
  enum class Phase : std::uint8_t { handshake, head, body, speak, listen };
  /// One step of the phase: true when it is done, false when it has to wait.
  Result<bool> step();
  Result<bool> read_into(std::span<std::uint8_t> out);
  Result<bool> read_head();
  Result<bool> speak();
  Stage fail(const Error& error);

  std::unique_ptr<dicom::Channel> channel_;
  std::string address_;
  dicom::SteadyTime deadline_;
  Phase phase_ = Phase::handshake;
  dicom::Want want_ = dicom::Want::read;
  std::array<std::uint8_t, dicom::kPduHeaderBytes> head_{};
  std::size_t done_ = 0;  ///< bytes of the phase at hand
  Bytes body_;
  Bytes last_words_;
  std::string slug_;
};

}  // namespace veilroute::scp

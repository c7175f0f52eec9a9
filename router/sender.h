// Sender: how a transfer leaves. One implementation for each protocol.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "config/config.h"
#include "core/dicom/manifest.h"
#include "core/store/transfer.h"
#include "router/echo_report.h"

namespace veilroute::router {

/// One object to send: its record and a way to its bytes, opened when its turn comes.
struct Parcel {
  const dicom::OutboxRecord* record = nullptr;
  std::function<Result<std::unique_ptr<ByteSource>>()> open;
  /// The receiver may hold older bytes under this UID: that it has the UID proves nothing.
  bool replaces = false;
};

/// Told as objects are answered; an error stops the attempt after the object at hand.
using OnAnswer = std::function<Result<void>(const store::ObjectOutcome&)>;

class Sender {
 public:
  virtual ~Sender() = default;
  /// Sends the parcels in order until done, stopped, or the peer is lost. Every answered object is
  /// reported by `on_answer`; those without an answer are not. The result says how the attempt
  /// ended (slug and outcome as a whole; its `objects` stay empty). One thread per sender.
  virtual store::AttemptResult send(const std::vector<Parcel>& parcels, const OnAnswer& on_answer,
                                    const std::stop_token& stop) = 0;
  /// C-ECHO or the protocol's like, and what the peer would take; for `echo`.
  virtual Result<EchoReport> echo() = 0;
};

/// Builds the sender for a destination; keeps its association open between transfers while in use.
Result<std::unique_ptr<Sender>> make_sender(const config::Destination& destination);

}  // namespace veilroute::router

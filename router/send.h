// One attempt at a transfer, from ledger to ledger. Walk steps 9 and 10.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "router/room.h"

namespace veilroute::router {

enum class SendOutcome : std::uint8_t {
  sent,         ///< everything that was to go has gone; objects the receiver refused are counted
  deferred,     ///< tried again later
  refused,      ///< will not get better by itself
  blocked,      ///< the gate was shut, or what lies in the outbox is not what was cleared
  nothing,      ///< not due, withdrawn or blocked meanwhile, or the node is stopping: nothing left
};
std::string_view to_string(SendOutcome outcome);

struct SendReport {
  SendOutcome outcome = SendOutcome::nothing;
  std::string slug;  ///< why, when not sent
  std::size_t sent = 0, refused = 0, waiting = 0;  ///< objects of this attempt
  std::uint64_t bytes = 0;
  /// Why not all went, as a class; nothing when all did, or when we ended it ourselves.
  std::optional<config::FailureClass> failure{};
};

/// Why a transfer is blocked whose outbox is not what was cleared. Not a gate's slug: it waits for a
/// person, and nothing of it leaves.
inline constexpr std::string_view kManifestMismatch = "outbox.manifest-mismatch";
inline constexpr std::string_view kOutboxCorrupt = "outbox.corrupt";
inline constexpr std::string_view kSourceCorrupt = "object.corrupt";

/// Why an attempt ended, and its transfer waits: a person has paused the destination.
inline constexpr std::string_view kPaused = "destination.paused";

/// Asks the gate again, opens the outbox, recomputes the manifest's digest and compares it with what
/// verification cleared; then `begin_attempt` (the ledger speaks first), the sender, checkpoints on
/// the way, and `finish_attempt` with what is to be next. Only objects that are cleared, or whose
/// last attempt was broken off, are offered.
///
/// A deferred transfer is due again as the destination's policy for the class of the error says, with
/// a little jitter; at once when only we stopped, or a person paused the destination. At the end of its
/// tries it is blocked (store::kAttemptsHeld) or refused (kAttemptsExhausted).
/// An error means that the catalog or the outbox does not answer: nothing has left, or what left is
/// in the ledger as started, and recovery at start will call it unknown.
/// The caller holds the claim on the transfer. One thread per sender.
Result<SendReport> send_transfer(RouterRoom& room, Sender& sender, TransferId id,
                                 const std::stop_token& stop);

}  // namespace veilroute::router

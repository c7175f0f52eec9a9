// A transfer: one generation of one study to one destination by one route; and its attempts.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/ids.h"

namespace veilroute::store {

enum class TransferState : std::uint8_t {
  planned,   ///< waits to be prepared
  blocked,   ///< a gate is shut, or objects are in quarantine (reason)
  cleared,   ///< verified and queued
  sending,   ///< an attempt is under way
  deferred,  ///< to be tried again at due_at
  sent,      ///< every object that was to go has arrived
  refused,   ///< will not get better by itself
  withdrawn, ///< by an operator
};
std::string_view to_string(TransferState state);
bool may_become(TransferState from, TransferState to);
bool is_final(TransferState state);
/// The reason of a blocked transfer that has quarantined objects; any other names a gate.
inline constexpr std::string_view kQuarantine = "quarantine";
/// How the reason of a blocked transfer begins whose outbox is gone, damaged or not what was cleared.
inline constexpr std::string_view kOutboxSlugPrefix = "outbox.";
/// The reason of a blocked transfer whose tries are used up, and which waits for a person.
inline constexpr std::string_view kAttemptsHeld = "attempts.held";
/// Why a transfer, or an object in it, was withdrawn. By a person; the second while its attempt has
/// not ended yet.
inline constexpr std::string_view kWithdrawn = "withdrawn.by-operator";
inline constexpr std::string_view kWithdrawnSending = "withdrawn.while-sending";
/// By a person who later had the study planned again for this route: it does not bind any more.
inline constexpr std::string_view kWithdrawnLifted = "withdrawn.then-replanned";
/// By the catalog itself: newer bytes came, or the route's rule leaves out every object.
inline constexpr std::string_view kSuperseded = "object.superseded";
inline constexpr std::string_view kAllExcluded = "transfer.all-excluded";

enum class TransferObjectState : std::uint8_t {
  planned, excluded, quarantined, cleared, sent, refused, unknown, withdrawn,
};
std::string_view to_string(TransferObjectState state);
bool may_become(TransferObjectState from, TransferObjectState to);
/// True for the states from which an object may still leave.
bool is_to_go(TransferObjectState state);

/// One reason why an object is in quarantine: where, by which rule, what to do. Never a value.
struct Finding {
  std::string path;   ///< tags only; empty: the object as a whole
  std::string rule;   ///< slug
  std::string advice; ///< one sentence for a person
  bool operator==(const Finding&) const = default;
};

struct TransferObject {
  ObjectId object;
  TransferObjectState state = TransferObjectState::planned;
  std::string reason;          ///< excluding rule, refusing status ("0122"), or first finding's rule
  std::vector<Finding> findings;
  Uid sop_instance;            ///< the new one, once prepared
  std::uint32_t record = 0;    ///< its place in the manifest, once prepared
};

/// What is pinned when a study is planned (decisions 4): later changes of the site do not move it.
struct TransferPlan {
  RouteName route;
  DestinationName destination;
  ProfileName profile;
  ProfileVersion profile_version;
  std::string profile_text;  ///< the profile's canonical text, to prepare again with the same rules
  std::string basis;         ///< "de-identified", "treatment", ...
  Scope scope;
  std::string gate_document; ///< agreement or approval that allowed it
  std::string pixel_trust;   ///< document of `pixels = { trust }`; empty: suspicious pixels stop
};

/// Failures of one class in a row (config/retry.h): how the next delay grows, and when it ends.
struct FailureRun {
  std::string as;           ///< the class in its word; empty: none
  std::uint32_t count = 0;
  bool operator==(const FailureRun&) const = default;
};

struct Transfer {
  TransferId id;
  StudyKey study;
  std::uint32_t generation = 1;
  TransferPlan plan;
  TransferState state = TransferState::planned;
  std::string reason;
  std::uint32_t attempts = 0;
  FailureRun failures;
  TimePoint created_at;
  TimePoint due_at;
  TimePoint ended_at;              ///< the epoch: not final, or its attempt has not ended yet
  std::optional<Digest> manifest;  ///< digest, once cleared
  Bytes outbox_key;                ///< wrapped under the spool key, while there is an outbox file
  std::vector<TransferObject> objects;
};

struct NewTransfer {
  TransferPlan plan;
  std::string blocked;  ///< gate's slug; empty: planned
  std::vector<TransferObject> objects;  ///< planned or excluded
};

/// The end of one attempt, and of each object in it.
enum class Outcome : std::uint8_t { sent, deferred, refused, unknown };
std::string_view to_string(Outcome outcome);

struct ObjectOutcome {
  ObjectId object;
  Outcome outcome = Outcome::unknown;
  std::uint16_t status = 0;      ///< DIMSE status, where one came
  std::string slug{};            ///< why, where none came
  Digest sent_digest{};          ///< SHA-256 of the bytes that left
  std::uint64_t sent_bytes = 0;
};

struct AttemptResult {
  Outcome outcome = Outcome::unknown;
  std::string slug;              ///< why, when not sent
  TimePoint due_at;              ///< when deferred
  std::optional<std::chrono::seconds> retry_after{};  ///< for how long the receiver asks to be left alone
  std::optional<FailureRun> failures;  ///< this attempt counted; nothing: as before
  std::string peer_certificate;  ///< SHA-256 of the receiver's certificate, hexadecimal
  std::string tls;               ///< "TLSv1.3 TLS_AES_256_GCM_SHA384"
  std::uint32_t endpoint = 0;    ///< which of the destination's endpoints, from 1; 0: none was reached
  std::vector<ObjectOutcome> objects;  ///< those not reported by checkpoint_attempt before
};

}  // namespace veilroute::store

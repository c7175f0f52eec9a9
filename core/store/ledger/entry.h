// One line of the ledger as canonical bytes (decisions 10). 45 CFR 164.312(b), 164.528.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/keyring.h"

namespace veilroute::ledger {

/// What happened. The words are those of the walk.
enum class Kind : std::uint16_t {
  node_started = 1, node_stopped = 2, configuration_loaded = 3, configuration_rejected = 4,
  site_salvaged = 6,
  received = 10, study_completed = 11, study_held = 12, object_superseded = 13,
  object_unusable = 14, object_corrupt = 15, object_shredded = 16,
  study_resumed = 17, commitment_requested = 18, commitment_reported = 19,
  transfer_planned = 20, transfer_blocked = 21, transfer_unblocked = 22,
  transfer_quarantined = 23, transfer_cleared = 24, transfer_withdrawn = 25, transfer_retried = 26,
  finding_accepted = 27, acceptance_revoked = 28,
  attempt_started = 30, attempt_finished = 31, attempt_confirmed = 32,  // objects checkpointed
  destination_paused = 40, destination_resumed = 41, destination_suspended = 42,
};
/// "attempt.started", ...
std::string_view to_string(Kind kind);
std::optional<Kind> kind_of(std::string_view word);

/// A fact about one object inside an entry.
struct Item {
  ObjectId object;
  std::string state;          ///< "sent", "excluded", ...; clear
  std::string reason;         ///< rule or status; clear
  Digest digest{};            ///< of the bytes received or sent; clear
  std::uint64_t bytes = 0;
  std::map<std::string, std::string> sealed;  ///< old and new UIDs and the like; sealed
};

/// An entry before it is linked. `fields` are clear (our own ids, names of the configuration, slugs,
/// counts); `sealed` holds what may identify (AE titles, addresses, UIDs) and is encrypted under the
/// ledger key, entry by entry, before it is hashed: inspection needs no keys.
struct Entry {
  std::uint64_t sequence = 0;  ///< given by the catalog, from 1
  std::uint16_t node = 0;
  std::uint32_t epoch = 0;
  Kind kind = Kind::node_started;
  TimePoint at;
  StudyKey study;              ///< 0: none
  TransferId transfer;         ///< 0: none
  Digest patient_ref{};        ///< HMAC(index key, issuer | id); zero: none
  std::map<std::string, std::string> fields;
  std::map<std::string, std::string> sealed;
  std::vector<Item> items;
};

/// Canonical bytes: version, clear part, ciphertext of the sealed part.
Result<Bytes> encode(const Entry& entry, const Keyring& keyring);
/// Reads an entry; with a null keyring the sealed parts stay empty. `corrupt` when it does not parse.
Result<Entry> decode(ByteView bytes, const Keyring* keyring);

}  // namespace veilroute::ledger

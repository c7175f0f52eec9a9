// Appending to the ledger inside the transaction of the change it tells of (law 3).
#pragma once

#include "core/base/clock.h"
#include "core/base/keyring.h"
#include "core/store/ledger/entry.h"
#include "core/store/ledger/inspect.h"
#include "core/store/sqlite/connection.h"

namespace veilroute::store::sqlite {

/// The catalog's own statement of the ledger's length and head. `corrupt` ("ledger.head-forged")
/// when it is gone or not ours: then nothing may be appended, and so nothing may change.
struct LedgerHead {
  std::uint64_t length = 0;
  Digest link{};
};
Result<LedgerHead> read_ledger_head(Connection& db, const Keyring& keyring);
Result<void> write_ledger_head(Connection& db, const Keyring& keyring, const LedgerHead& head);

/// Gives the entry its sequence, links it and moves the head on. Store thread only.
Result<void> append_to_ledger(Connection& db, const Keyring& keyring, ledger::Entry entry);

/// The seed of the signature on checkpoints, drawn from the ledger key.
Secret checkpoint_seed(const Keyring& keyring);

}  // namespace veilroute::store::sqlite

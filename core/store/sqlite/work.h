// What a verb has in hand while it runs: for reading, a connection and the keys; for writing, also
// the batch it is part of.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/clock.h"
#include "core/store/ledger/entry.h"
#include "core/store/sqlite/connection.h"
#include "core/store/sqlite/sealer.h"

namespace veilroute::store::sqlite {

/// Until there is a second node (decisions 15).
inline constexpr std::uint16_t kNode = 0;
inline constexpr std::uint32_t kEpoch = 0;
inline constexpr unsigned kNodeShift = 48;

struct View {
  Connection& db;
  const Sealer& sealer;
};

/// Entries that wait for the end of a run of record_object, so that what one association sent
/// becomes one entry with many items (decisions 10).
class PendingEntries {
 public:
  /// Joins the `received` entry of the same association and study of the last second, or begins one.
  void add_received(ledger::Entry entry);
  void add(ledger::Entry entry) { entries_.push_back(std::move(entry)); }
  std::vector<ledger::Entry> take() { return std::exchange(entries_, {}); }

 private:
  std::vector<ledger::Entry> entries_;
};

/// Store thread only; lives as long as one batch.
struct Work : View {
  TimePoint now;
  PendingEntries& pending;

  /// Writes the entry in this transaction; gives it the time if it has none.
  Result<void> ledger(ledger::Entry entry);
  /// The next of our numbers.
  Result<std::uint64_t> new_id();
};

/// `count` numbers of this node, from the one returned.
Result<std::uint64_t> take_ids(Connection& db, std::uint32_t count);

}  // namespace veilroute::store::sqlite

// Ids and entries inside a transaction.
#include "core/store/sqlite/work.h"

#include <algorithm>

#include "core/store/sqlite/ledger_writer.h"

namespace veilroute::store::sqlite {

namespace {

constexpr Duration kReceivedSpan = std::chrono::seconds(1);
constexpr std::size_t kMostItems = 1000;

bool belongs(const ledger::Entry& group, const ledger::Entry& entry) {
  const Duration apart = std::chrono::abs(group.at - entry.at);
  return group.kind == entry.kind && group.study == entry.study &&
         group.fields == entry.fields && group.patient_ref == entry.patient_ref &&
         apart <= kReceivedSpan && group.items.size() < kMostItems;
}

}  // namespace

void PendingEntries::add_received(ledger::Entry entry) {
  // From the back: the group that is growing is almost always the last one.
  const auto group = std::find_if(entries_.rbegin(), entries_.rend(), [&](const auto& earlier) {
    return belongs(earlier, entry);
  });
  if (group == entries_.rend()) {
    entries_.push_back(std::move(entry));
    return;
  }
  for (ledger::Item& item : entry.items) group->items.push_back(std::move(item));
}

Result<void> Work::ledger(ledger::Entry entry) {
  if (entry.at == TimePoint{}) entry.at = now;
  return append_to_ledger(db, sealer.keyring(), std::move(entry));
}

Result<std::uint64_t> Work::new_id() { return take_ids(db, 1); }

Result<std::uint64_t> take_ids(Connection& db, std::uint32_t count) {
  VR_TRY(Statement row,
         db.prepare("UPDATE counters SET next = next + ?1 WHERE name = 'id' RETURNING next"));
  VR_TRY(const bool there, row.bind(count).step());
  if (!there) {
    return make_error(ErrorKind::corrupt, "catalog.counter-missing",
                      "the catalog's counter of ids is not there");
  }
  const std::uint64_t first = row.u64(0) - count;
  // RETURNING gives its row before the statement is done; it must be done before the commit.
  VR_TRY(row.run());
  return (std::uint64_t{kNode} << kNodeShift) | first;
}

}  // namespace veilroute::store::sqlite

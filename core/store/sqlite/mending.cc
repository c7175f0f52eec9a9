// What is put right from outside the walk: times after the clock was set back, and everything that
// waits after a salvage.
#include "core/store/sqlite/moves.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

Result<std::vector<std::uint64_t>> ids_of(Work& work, std::string_view sql) {
  VR_TRY(Statement row, work.db.prepare(sql));
  std::vector<std::uint64_t> ids;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return ids;
    ids.push_back(row.u64(0));
  }
}

Result<std::size_t> mend(Work& work, const CompletionPolicy& policy, Duration longest_delay) {
  VR_TRY(work.db.run("UPDATE studies SET last_at = ?1, first_at = min(first_at, ?1),"
                     " complete_at = ?2 WHERE state = 0 AND last_at > ?1",
                     work.now, work.now + policy.quiet));
  std::uint64_t mended = work.db.changes();
  VR_TRY(work.db.run("UPDATE studies SET complete_at = ?1 WHERE state = 0 AND complete_at > ?2",
                     work.now + policy.quiet, work.now + policy.longest));
  mended += work.db.changes();
  VR_TRY(work.db.run("UPDATE transfers SET due_at = ?1 WHERE (state = 2 AND due_at > ?1)"
                     " OR (state = 4 AND due_at > ?2)",
                     work.now, work.now + longest_delay));
  return static_cast<std::size_t>(mended + work.db.changes());
}

Result<std::size_t> hold_studies(Work& work) {
  VR_TRY(const auto waiting, ids_of(work, "SELECT id FROM studies WHERE state = 1"));
  for (const std::uint64_t id : waiting) {
    VR_TRY(const StudyRow study, read_study_row(work, StudyKey{id}));
    VR_TRY(move_study(work, study, StudyState::held, kHoldSalvaged));
  }
  // Another reason to hold it outlives completion already; having no route does not.
  VR_TRY(work.db.run("UPDATE studies SET hold = ?1 WHERE state = 0 AND hold IN ('', ?2)",
                     kHoldSalvaged, kHoldNoRoute));
  const std::uint64_t open = work.db.changes();
  VR_TRY(work.db.run("UPDATE studies SET hold = ?1 WHERE state = 3 AND hold = ?2", kHoldSalvaged,
                     kHoldNoRoute));
  return waiting.size() + static_cast<std::size_t>(open + work.db.changes());
}

Result<std::size_t> block_transfers(Work& work) {
  VR_TRY(const auto open, ids_of(work, "SELECT id FROM transfers WHERE state IN (0, 1, 2, 4)"));
  std::size_t blocked = 0;
  for (const std::uint64_t id : open) {
    VR_TRY(TransferRow transfer, read_transfer_row(work, TransferId{id}));
    if (transfer.reason == kQuarantine) continue;  // a person decides there anyway
    ++blocked;
    if (transfer.state == TransferState::blocked) {
      // A gate that opens must not let it go.
      VR_TRY(work.db.run("UPDATE transfers SET reason = ?2 WHERE id = ?1", id, kHoldSalvaged));
      continue;
    }
    VR_TRY(move_transfer(work, transfer, TransferState::blocked, kHoldSalvaged));
  }
  return blocked;
}

}  // namespace

Result<std::size_t> SqliteCatalog::mend_times(const CompletionPolicy& policy,
                                              Duration longest_delay) {
  return write<std::size_t>([&](Work& work) { return mend(work, policy, longest_delay); });
}

Result<std::size_t> SqliteCatalog::hold_salvaged(std::map<std::string, std::string> fields) {
  return write<std::size_t>([&](Work& work) -> Result<std::size_t> {
    VR_TRY(const std::size_t studies, hold_studies(work));
    VR_TRY(const std::size_t transfers, block_transfers(work));
    ledger::Entry entry;
    entry.kind = ledger::Kind::site_salvaged;
    entry.fields = std::move(fields);
    entry.fields["studies_held"] = std::to_string(studies);
    entry.fields["transfers_blocked"] = std::to_string(transfers);
    VR_TRY(work.ledger(std::move(entry)));
    return studies + transfers;
  });
}

}  // namespace veilroute::store::sqlite

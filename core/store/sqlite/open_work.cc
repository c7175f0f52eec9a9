// Counts over the small indexes of open work alone: asked every few seconds, however large the
// catalog.
#include "core/store/open_work.h"

#include "core/store/sqlite/rows.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {
namespace {

Result<std::vector<OpenWork::Group>> open_transfers(const View& view) {
  VR_TRY(Statement row,
         view.db.prepare("SELECT destination, state, reason, count(*), max(attempts),"
                         " min(created_at) FROM transfers WHERE state < 5"
                         " GROUP BY destination, state, reason"));
  std::vector<OpenWork::Group> groups;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) return groups;
    OpenWork::Group group;
    group.destination = {row.text(0)};
    VR_TRY(group.state, state_of(row.i64(1), TransferState::withdrawn));
    group.reason = row.text(2);
    group.transfers = static_cast<std::uint64_t>(row.i64(3));
    group.most_attempts = static_cast<std::uint32_t>(row.i64(4));
    group.oldest = from_micros(row.i64(5));
    groups.push_back(std::move(group));
  }
}

}  // namespace

Result<OpenWork> SqliteCatalog::open_work() {
  return read([](const View& view) -> Result<OpenWork> {
    OpenWork work;
    VR_TRY(work.transfers, open_transfers(view));
    VR_TRY(Statement open, view.db.prepare("SELECT count(*) FROM studies WHERE state = 0"));
    VR_TRY(const bool counted, open.step());
    if (counted) work.open_studies = static_cast<std::uint64_t>(open.i64(0));
    VR_TRY(Statement held, view.db.prepare("SELECT hold, count(*) FROM studies WHERE state = 3"
                                           " GROUP BY hold"));
    for (;;) {
      VR_TRY(const bool there, held.step());
      if (!there) return work;
      work.held_studies[held.text(0)] = static_cast<std::uint64_t>(held.i64(1));
    }
  });
}

}  // namespace veilroute::store::sqlite

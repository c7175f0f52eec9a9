// What an operator sees: transfers, and one study with the sum that must close (decisions 7).
#include <algorithm>
#include <set>

#include "core/store/sqlite/rows.h"
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

using S = TransferObjectState;

Result<std::vector<Transfer>> collect_transfers(const View& view, Statement& row) {
  std::vector<Transfer> transfers;
  for (;;) {
    VR_TRY(const bool there, row.step());
    if (!there) break;
    VR_TRY(Transfer transfer, transfer_of(view, row));
    transfers.push_back(std::move(transfer));
  }
  for (Transfer& transfer : transfers) {
    VR_TRY(transfer.objects, read_transfer_objects(view, transfer.id));
  }
  return transfers;
}

std::string condition_of(const TransferFilter& filter) {
  // Each condition stands in words of its own, so that the small indexes over open work apply.
  std::string where = "WHERE 1";
  if (filter.destination) where += " AND t.destination = ?1";
  if (filter.state) where += " AND t.state = ?2";
  if (filter.only_open) where += " AND t.state < 5";
  if (filter.only_quarantined) {
    where +=
        " AND t.state = 1 AND EXISTS (SELECT 1 FROM transfer_objects x"
        " WHERE x.transfer = t.id AND x.state = 2)";
  }
  return where;
}

std::uint64_t& part_of(RouteSum& sum, S state) {
  switch (state) {
    case S::excluded:
      return sum.excluded;
    case S::quarantined:
      return sum.quarantined;
    case S::sent:
      return sum.sent;
    case S::refused:
      return sum.refused;
    case S::withdrawn:
      return sum.withdrawn;
    case S::planned:
    case S::cleared:
    case S::unknown:
      break;
  }
  return sum.waiting;
}

/// One route of a study over all generations. `live` is counted from the objects, the other numbers
/// from the transfers: an object that was lost in between shows as a sum that does not close.
class Sum {
 public:
  Sum(const StudyView& view, const Transfer& first) : view_(view) {
    sum_.route = first.plan.route;
    sum_.destination = first.plan.destination;
  }

  RouteSum run() {
    for (const SpooledObject& object : view_.study.objects) {
      const bool shredded = object.state == ObjectState::shredded;
      // Shredding takes the bytes, not the account.
      states_[object.head.id] = shredded ? object.was : object.state;
    }
    for (const Transfer& transfer : view_.transfers) {
      last_planned_ = std::max(last_planned_, transfer.generation);
      if (transfer.plan.route == sum_.route) add(transfer);
    }
    for (const SpooledObject& object : view_.study.objects) count(object);
    return sum_;
  }

 private:
  void add(const Transfer& transfer) {
    generations_.insert(transfer.generation);
    for (const TransferObject& object : transfer.objects) {
      // Newer bytes stand in its place, in this generation or the next.
      if (states_[object.object] == ObjectState::superseded) continue;
      named_.insert(object.object);
      ++part_of(sum_, object.state);
    }
  }

  void count(const SpooledObject& object) {
    // What was lost or shredded after it was planned was live when it was.
    const bool counts = object.state == ObjectState::live || named_.contains(object.head.id);
    if (!counts) return;
    // A generation without a plan goes by the routes of the one before it (decisions 4).
    const bool to_be_planned = object.generation > last_planned_;
    if (!to_be_planned && !generations_.contains(object.generation)) return;
    ++sum_.live;
    if (to_be_planned) ++sum_.waiting;
  }

  const StudyView& view_;
  RouteSum sum_;
  std::map<ObjectId, ObjectState> states_;
  std::set<ObjectId> named_;
  std::set<std::uint32_t> generations_;
  std::uint32_t last_planned_ = 0;
};

std::vector<RouteSum> sums_of(const StudyView& view) {
  std::vector<RouteSum> sums;
  for (const Transfer& transfer : view.transfers) {
    const bool there = std::any_of(sums.begin(), sums.end(), [&](const RouteSum& sum) {
      return sum.route == transfer.plan.route;
    });
    if (!there) sums.push_back(Sum(view, transfer).run());
  }
  return sums;
}

}  // namespace

Result<std::vector<Transfer>> SqliteCatalog::list_transfers(const TransferFilter& filter) {
  return read([&](const View& view) -> Result<std::vector<Transfer>> {
    VR_TRY(Statement row, view.db.prepare(std::string(kSelectTransfers) + condition_of(filter) +
                                          " ORDER BY t.id DESC LIMIT ?3"));
    row.bind(filter.destination, filter.state, filter.at_most);
    return collect_transfers(view, row);
  });
}

Result<StudyView> SqliteCatalog::study_view(StudyKey key) {
  return read([&](const View& view) -> Result<StudyView> {
    StudyView seen;
    VR_TRY(seen.study, read_listed_study(view, key));
    VR_TRY(seen.study.objects, read_objects(view, key));
    VR_TRY(Statement row,
           view.db.prepare(std::string(kSelectTransfers) + "WHERE t.study = ?1 ORDER BY t.id"));
    row.bind(key);
    VR_TRY(seen.transfers, collect_transfers(view, row));
    seen.sums = sums_of(seen);
    return seen;
  });
}

}  // namespace veilroute::store::sqlite

#include "router/recheck.h"

#include "core/base/log.h"
#include "router/gate.h"

namespace veilroute::router {
namespace {

/// Transfers looked at in one round; far more than a person could look after.
constexpr std::size_t kMostRechecked = 10'000;
constexpr std::string_view kStranded = "gate.destination-unknown";

Result<bool> recheck(RouterRoom& room, TransferId id) {
  VR_TRY(const store::Transfer transfer, room.catalog.load_transfer(id));
  if (transfer.state != store::TransferState::blocked) return false;
  if (!transfer.reason.starts_with(kGateSlugPrefix)) return false;
  if (!ask_gate_again(transfer.plan, *room.config, room.clock.now()).open) return false;
  VR_TRY(room.catalog.unblock_transfer(id));
  log::info("transfer.unblocked", {{"transfer", id}, {"destination", transfer.plan.destination}});
  room.bells.preparers.ring();
  room.bells.ring_senders(transfer.plan.destination);
  return true;
}

}  // namespace

Result<std::size_t> recheck_blocked(RouterRoom& room) {
  VR_TRY(const std::vector<store::DueTransfer> blocked,
         room.catalog.transfers_blocked(kMostRechecked));
  std::size_t opened = 0;
  for (const store::DueTransfer& due : blocked) {
    const auto claim = room.transfers.take(due.id, room.clock.now());
    if (!claim) continue;
    VR_TRY(const bool unblocked, recheck(room, due.id));
    if (unblocked) ++opened;
  }
  return opened;
}

Result<std::size_t> block_stranded(RouterRoom& room) {
  std::size_t stranded = 0;
  VR_TRY(const std::vector<DestinationName> waited_for, room.catalog.destinations_waiting());
  for (const DestinationName& destination : waited_for) {
    if (room.config->find(destination) != nullptr) continue;
    VR_TRY(const std::vector<store::DueTransfer> waiting,
           room.catalog.transfers_due(destination, TimePoint::max(), kMostRechecked));
    for (const store::DueTransfer& transfer : waiting) {
      VR_TRY(room.catalog.block_transfer(transfer.id, std::string(kStranded)));
      log::warn("transfer.blocked", {{"transfer", transfer.id},
                                     {"destination", destination},
                                     log::Field::text("slug", kStranded)});
      ++stranded;
    }
  }
  return stranded;
}

}  // namespace veilroute::router

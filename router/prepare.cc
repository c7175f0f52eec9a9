#include "router/prepare.h"

#include <exception>
#include <new>

#include "core/base/log.h"
#include "router/gate.h"
#include "router/preparation.h"

namespace veilroute::router {
namespace {

constexpr std::string_view kNoMemory = "prepare.no-memory";

/// The edge where exceptions of libraries end: a failure like any other of our own, so that one bad
/// object puts one transfer into quarantine and does not end the node, again and again.
template <typename Work>
Result<Prepared> shielded(Work&& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return make_error(ErrorKind::exhausted, std::string(kNoMemory), "not enough memory");
  } catch (const std::exception&) {
    // Its text is not ours and may quote a value.
    return make_error(ErrorKind::internal, "prepare.exception", "an exception while preparing");
  }
}

void remove_outbox(RouterRoom& room, TransferId id) {
  const Result<void> removed = room.outbox.remove(id);
  if (removed.ok()) return;
  // Sealed under a key that no row holds: nobody can read it, and the next preparation replaces it.
  log::warn("outbox.not-removed", {{"transfer", id}, log::Field::text("slug", removed.error().slug)});
}

Result<Prepared> quarantine(RouterRoom& room, TransferId id, const Findings& findings) {
  remove_outbox(room, id);
  VR_TRY(room.catalog.quarantine_transfer(id, findings.rows()));
  log::warn("transfer.quarantined", {{"transfer", id},
                                     {"objects", findings.objects()},
                                     log::Field::text("slug", findings.first_rule())});
  return Prepared{PrepareOutcome::quarantined, findings.first_rule(), findings.objects(), 0};
}

Result<Prepared> block(RouterRoom& room, TransferId id, const std::string& slug) {
  VR_TRY(room.catalog.block_transfer(id, slug));
  log::warn("transfer.blocked", {{"transfer", id}, log::Field::text("slug", slug)});
  return Prepared{PrepareOutcome::blocked, slug, 0, 0};
}

Result<Prepared> run(RouterRoom& room, const store::Transfer& transfer,
                     const profiles::Profile& profile, const std::stop_token& stop) {
  VR_TRY(const store::Study study, room.catalog.load_study(transfer.study));
  const bool patient = room.transfers.rests(transfer.id) < kMostRests;
  Preparation preparation(room, transfer, study, profile, patient);
  preparation.choose();
  if (!preparation.has_objects() && preparation.findings().empty()) {
    // Newer bytes of every object came between two looks: the catalog settles such a transfer.
    return make_error(ErrorKind::unavailable, "object.superseded", "nothing is left to prepare");
  }
  VR_TRY(preparation.collect_terms(stop));
  VR_TRY(preparation.make_copies(stop));
  if (!preparation.findings().empty()) {
    return quarantine(room, transfer.id, preparation.findings());
  }
  VR_TRY(const Clearance clearance, preparation.finish());
  VR_TRY(room.catalog.queue_transfer(transfer.id, clearance, preparation.prepared()));
  const std::size_t objects = preparation.prepared().objects.size();
  log::info("transfer.cleared", {{"transfer", transfer.id},
                                 {"destination", transfer.plan.destination},
                                 {"objects", objects},
                                 {"bytes", preparation.bytes()}});
  return Prepared{PrepareOutcome::cleared, {}, objects, preparation.bytes()};
}

/// A failure of our own, not of one object: nothing may leave, and it must not be tried for ever.
Result<Prepared> fail_closed(RouterRoom& room, const store::Transfer& transfer,
                             const Error& error) {
  log::error("prepare.failed", {{"transfer", transfer.id},
                                {"error_kind", error.kind},
                                log::Field::text("slug", error.slug)});
  // An operator may have withdrawn it meanwhile: then the failure was only that.
  VR_TRY(const store::Transfer now, room.catalog.load_transfer(transfer.id));
  if (now.state != store::TransferState::planned) {
    remove_outbox(room, transfer.id);
    return Prepared{};
  }
  Findings findings;
  for (const store::TransferObject& row : now.objects) {
    if (row.state == store::TransferObjectState::planned) findings.add(row.object, finding_of(error));
  }
  return quarantine(room, transfer.id, findings);
}

}  // namespace

Result<Prepared> prepare_transfer(RouterRoom& room, TransferId id, const std::stop_token& stop) {
  VR_TRY(const store::Transfer transfer, room.catalog.load_transfer(id));
  if (transfer.state != store::TransferState::planned) return Prepared{};
  // Also so that nothing is prepared for a destination that no sender serves any more.
  const GateAnswer gate = ask_gate_again(transfer.plan, *room.config, room.clock.now());
  if (!gate.open) return block(room, id, gate.slug);
  VR_TRY(const auto profile, profiles::reopen_profile(transfer.plan.profile_text,
                                                      transfer.plan.profile_version));
  Result<Prepared> done = shielded([&] { return run(room, transfer, *profile, stop); });
  if (done.ok()) return done;
  if (done.error().slug == kStopped) return Prepared{};
  const bool too_often = done.error().slug == kNoMemory && room.transfers.rests(id) >= kMostRests;
  if (worth_later(done.error()) && !too_often) {
    log::warn("prepare.postponed", {{"transfer", id}, log::Field::text("slug", done.error().slug)});
    return Prepared{PrepareOutcome::later, done.error().slug, 0, 0};
  }
  return fail_closed(room, transfer, done.error());
}

}  // namespace veilroute::router

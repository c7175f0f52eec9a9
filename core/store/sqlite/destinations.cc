// What keeps destinations from being sent to: pauses of people, suspensions of the node. Each act
// is in the ledger.
#include "core/store/sqlite/sqlite_catalog.h"

namespace veilroute::store::sqlite {

namespace {

constexpr std::string_view kPauseTable = "destination_pauses";

ledger::Entry hold_entry(ledger::Kind kind, const DestinationName& destination) {
  ledger::Entry entry;
  entry.kind = kind;
  entry.fields["destination"] = destination.value.empty() ? "all" : destination.value;
  return entry;
}

Result<std::optional<DestinationPause>> read_pause(const View& view,
                                                   const DestinationName& destination) {
  VR_TRY(Statement row, view.db.prepare("SELECT paused_at, paused_by, until, sealed"
                                        " FROM destination_pauses WHERE destination = ?1"));
  VR_TRY(const bool there, row.bind(destination.value).step());
  if (!there) return std::optional<DestinationPause>();
  DestinationPause pause;
  pause.since = row.time(0);
  pause.by = row.text(1);
  pause.until = row.time(2);
  VR_TRY(const Bytes reason, view.sealer.open(kPauseTable, destination.value, row.bytes(3)));
  pause.reason = Phi<std::string>(std::string(as_text(reason)));
  return std::optional(std::move(pause));
}

Result<std::optional<DestinationSuspension>> read_suspension(const View& view,
                                                             const DestinationName& destination) {
  VR_TRY(Statement row, view.db.prepare("SELECT suspended_at, slug, settings"
                                        " FROM destination_suspensions WHERE destination = ?1"));
  VR_TRY(const bool there, row.bind(destination.value).step());
  if (!there) return std::optional<DestinationSuspension>();
  return std::optional(DestinationSuspension{row.time(0), row.text(1), row.digest(2)});
}

Result<void> order_pause(Work& work, const PauseOrder& order) {
  VR_TRY(const Bytes sealed,
         work.sealer.seal(kPauseTable, order.destination.value, as_bytes(order.reason)));
  VR_TRY(work.db.run("INSERT OR REPLACE INTO destination_pauses VALUES (?1, ?2, ?3, ?4, ?5)",
                     order.destination.value, work.now, order.actor, order.until, sealed));
  ledger::Entry entry = hold_entry(ledger::Kind::destination_paused, order.destination);
  entry.fields["actor"] = order.actor;
  if (order.until != TimePoint{}) entry.fields["until"] = to_text(order.until);
  entry.sealed["reason"] = order.reason;
  return work.ledger(std::move(entry));
}

Result<void> end_pause(Work& work, const DestinationName& destination, const std::string& actor) {
  VR_TRY(work.db.run("DELETE FROM destination_pauses WHERE destination = ?1", destination.value));
  if (work.db.changes() == 0) {
    return make_error(ErrorKind::refused, "destination.not-paused",
                      destination.value.empty() ? "no order pauses all destinations"
                                                : "no order pauses this destination");
  }
  ledger::Entry entry = hold_entry(ledger::Kind::destination_resumed, destination);
  entry.fields["actor"] = actor;
  entry.fields["was"] = "paused";
  return work.ledger(std::move(entry));
}

Result<bool> begin_suspension(Work& work, const DestinationName& destination,
                              const std::string& slug, const Digest& settings) {
  VR_TRY(const auto before, read_suspension(work, destination));
  if (before && before->slug == slug && before->settings == settings) return false;
  VR_TRY(work.db.run("INSERT OR REPLACE INTO destination_suspensions VALUES (?1, ?2, ?3, ?4)",
                     destination.value, before ? before->since : work.now, slug, settings));
  ledger::Entry entry = hold_entry(ledger::Kind::destination_suspended, destination);
  entry.fields["slug"] = slug;
  VR_TRY(work.ledger(std::move(entry)));
  return true;
}

Result<bool> end_suspension(Work& work, const DestinationName& destination, const std::string& why,
                            const std::string& actor) {
  VR_TRY(
      work.db.run("DELETE FROM destination_suspensions WHERE destination = ?1", destination.value));
  if (work.db.changes() == 0) return false;
  ledger::Entry entry = hold_entry(ledger::Kind::destination_resumed, destination);
  entry.fields["was"] = "suspended";
  entry.fields["why"] = why;
  if (!actor.empty()) entry.fields["actor"] = actor;
  VR_TRY(work.ledger(std::move(entry)));
  return true;
}

Result<std::size_t> make_all_due(Work& work, const DestinationName& destination) {
  VR_TRY(
      work.db.run("UPDATE transfers SET due_at = ?2"
                  " WHERE destination = ?1 AND state = ?3 AND due_at > ?2",
                  destination.value, work.now, TransferState::deferred));
  return static_cast<std::size_t>(work.db.changes());
}

}  // namespace

Result<DestinationHold> SqliteCatalog::hold_of(const DestinationName& destination) {
  return read([&](const View& view) -> Result<DestinationHold> {
    DestinationHold hold;
    VR_TRY(hold.pause, read_pause(view, destination));
    VR_TRY(hold.pause_all, read_pause(view, DestinationName{}));
    VR_TRY(hold.suspension, read_suspension(view, destination));
    return hold;
  });
}

Result<void> SqliteCatalog::pause_destination(const PauseOrder& order) {
  VR_TRY(thread_.run([&](Work& work) { return order_pause(work, order); }));
  ++holds_version_;
  return {};
}

Result<void> SqliteCatalog::resume_destination(const DestinationName& destination,
                                               const std::string& actor) {
  VR_TRY(thread_.run([&](Work& work) { return end_pause(work, destination, actor); }));
  ++holds_version_;
  return {};
}

Result<bool> SqliteCatalog::suspend_destination(const DestinationName& destination,
                                                const std::string& slug, const Digest& settings) {
  VR_TRY(const bool written, write<bool>([&](Work& work) {
           return begin_suspension(work, destination, slug, settings);
         }));
  ++holds_version_;
  return written;
}

Result<bool> SqliteCatalog::lift_suspension(const DestinationName& destination,
                                            const std::string& why, const std::string& actor) {
  VR_TRY(const bool lifted,
         write<bool>([&](Work& work) { return end_suspension(work, destination, why, actor); }));
  ++holds_version_;
  return lifted;
}

Result<std::size_t> SqliteCatalog::hasten_transfers(const DestinationName& destination) {
  return write<std::size_t>([&](Work& work) { return make_all_due(work, destination); });
}

Result<std::uint64_t> SqliteCatalog::count_open(const DestinationName& destination) {
  return read([&](const View& view) -> Result<std::uint64_t> {
    VR_TRY(Statement row, view.db.prepare("SELECT count(*) FROM transfers WHERE destination = ?1"
                                          " AND state IN (0, 1, 2, 3, 4)"));
    VR_TRY(const bool there, row.bind(destination.value).step());
    return there ? row.u64(0) : std::uint64_t{0};
  });
}

}  // namespace veilroute::store::sqlite

// The only places where the states of studies, objects and transfers are written: each checks the
// tables of decisions 7. Anything else is an `internal` error. Store thread only.
#pragma once

#include "core/store/sqlite/rows.h"
#include "core/store/sqlite/work.h"

namespace veilroute::store::sqlite {

/// A study's row without what is sealed.
struct StudyRow {
  StudyKey key;
  std::uint32_t generation = 1;
  StudyState state = StudyState::open;
  std::string hold;
  TimePoint first_at;
  TimePoint last_at;
  std::optional<std::uint64_t> patient;
  Digest patient_ref{};
};
Result<StudyRow> read_study_row(Work& work, StudyKey key);
/// complete → held takes `hold` as its reason; other moves keep it, resume clears it.
Result<void> move_study(Work& work, const StudyRow& study, StudyState to, std::string_view hold);

Result<void> move_object(Work& work, ObjectId id, ObjectState from, ObjectState to,
                         std::string_view reason);

/// A transfer's row without what is sealed.
struct TransferRow {
  TransferId id;
  StudyKey study;
  std::uint32_t generation = 1;
  RouteName route;
  DestinationName destination;
  TransferState state = TransferState::planned;
  std::string reason;
  std::uint32_t attempts = 0;
  bool has_manifest = false;
  Digest patient_ref{};
};
Result<TransferRow> read_transfer_row(Work& work, TransferId id);
Result<void> move_transfer(Work& work, TransferRow& transfer, TransferState to,
                           std::string_view reason);
Result<void> move_transfer_object(Work& work, TransferId transfer, ObjectId object,
                                  TransferObjectState from, TransferObjectState to,
                                  std::string_view reason);

/// The transfer has ended and so have, if no other transfer names them, its objects: the time of
/// retention begins. move_transfer() does it for every end but that of an attempt still under way.
Result<void> end_transfer(Work& work, TransferId id);
/// A transfer that is not final names these objects: something may come of them.
Result<void> take_up_objects(Work& work, TransferId id);

/// Objects and their states in one transfer, by object id.
using ObjectStates = std::map<ObjectId, TransferObjectState>;
Result<ObjectStates> read_object_states(Work& work, TransferId id);
std::size_t count_of(const ObjectStates& states, TransferObjectState wanted);

/// After objects were withdrawn or excluded: a quarantine without quarantined objects ends, and a
/// transfer with nothing left to go is sent, refused or withdrawn by what its objects are.
Result<void> settle_transfer(Work& work, TransferRow& transfer, std::string_view reason);

/// Newer bytes came while the last attempt ran, or before an operator's retry: the older ones must
/// not leave after them. Settles the transfer, with an entry, if that was all that was to go.
Result<void> withdraw_superseded(Work& work, TransferRow& transfer);

/// What was prepared of an object before: it is prepared again.
Result<void> forget_preparation(Work& work, TransferId transfer, ObjectId object);
/// What was prepared of a blocked transfer is dropped, and what has not gone is prepared again; the
/// objects become items of the entry. Without its key nobody can read the outbox file any more; the
/// next preparation replaces it.
Result<void> prepare_again(Work& work, TransferRow& transfer, ledger::Entry& entry);
/// The same of a transfer that was cleared under an acceptance which does not hold any more, with an
/// entry of its own.
Result<void> prepare_revoked(Work& work, TransferRow& transfer);

/// An entry that names the study (and the transfer, route, destination) and its patient.
ledger::Entry entry_of(ledger::Kind kind, const StudyRow& study);
ledger::Entry entry_of(ledger::Kind kind, const TransferRow& transfer);
/// "0112": how a DIMSE status or a failure reason stands in rows and entries.
std::string status_word(std::uint16_t status);
ledger::Item item_of(ObjectId object, std::string_view state, std::string_view reason);

/// The ledger's word on a plan: its profile, basis and scope, and what it says of each object.
ledger::Entry planned_entry(const TransferRow& transfer, const NewTransfer& fresh);
/// A planned transfer goes on as its plan says: it is blocked, or over when nothing is to go.
Result<void> begin_planned(Work& work, TransferRow& transfer, const NewTransfer& fresh);

/// An act of an operator on something that is not in a state for it: `refused`.
Error not_now(std::string slug, const TransferRow& transfer);
Error object_not_quarantined(TransferId transfer, ObjectId object);
/// Something came in between reading and writing: `unavailable`, look again.
Error moved_on(std::string slug, std::uint64_t id);

}  // namespace veilroute::store::sqlite

// Rows into the plain values of the store's headers, and the plain parts of them into blobs.
#pragma once

#include <string>
#include <vector>

#include "core/store/object.h"
#include "core/store/sqlite/work.h"
#include "core/store/study.h"
#include "core/store/transfer.h"

namespace veilroute::store::sqlite {

/// A state as stored, or `corrupt` when no such state exists.
template <typename State>
Result<State> state_of(std::int64_t stored, State last) {
  if (stored < 0 || stored > static_cast<std::int64_t>(last)) {
    return make_error(ErrorKind::corrupt, "catalog.state-unknown",
                      "a row of the catalog has a state that does not exist");
  }
  return static_cast<State>(stored);
}

/// `invalid` ("study.unknown", "transfer.unknown"): no row has this number of ours.
Error unknown(const char* what, std::uint64_t id);

/// Every column of a study, for listed_study_of: complete it with WHERE and ORDER BY.
inline constexpr std::string_view kSelectStudies =
    "SELECT s.id, s.generation, s.state, s.hold, s.first_at, s.last_at, s.complete_at, s.sealed,"
    " p.id, p.sealed FROM studies s LEFT JOIN patients p ON p.id = s.patient ";
/// One that does not open is logged as an error and not `readable`: it must not hide the others.
Result<Study> listed_study_of(const View& view, const Statement& row);
/// `invalid` ("study.unknown") when there is none, `corrupt` when it does not open.
Result<Study> read_study(const View& view, StudyKey key);
/// The same, for whoever only looks: as listed_study_of().
Result<Study> read_listed_study(const View& view, StudyKey key);

/// All generations, in order of arrival.
Result<std::vector<SpooledObject>> read_objects(const View& view, StudyKey key);
/// `invalid` ("object.unknown") when there is none.
Result<SpooledObject> read_object(const View& view, ObjectId id);
Result<ObjectHead> read_head(const View& view, ObjectId id);

inline constexpr std::string_view kSelectTransfers =
    "SELECT t.id, t.study, t.generation, t.state, t.reason, t.attempts, t.created_at, t.due_at,"
    " t.manifest, t.outbox_key, t.plan, t.ended_at, t.failed_as, t.failures FROM transfers t ";
/// Without its objects.
Result<Transfer> transfer_of(const View& view, const Statement& row);
/// With its objects; `invalid` ("transfer.unknown") when there is none.
Result<Transfer> read_transfer(const View& view, TransferId id);
Result<std::vector<TransferObject>> read_transfer_objects(const View& view, TransferId id);
Result<std::optional<TransferObject>> read_transfer_object(const View& view, TransferId id,
                                                           ObjectId object);

/// How the blobs are written, and bound to their rows.
Result<Bytes> seal_study(const Sealer& sealer, StudyKey key, const Uid& uid);
Result<Bytes> seal_patient(const Sealer& sealer, std::uint64_t id, const ObjectFacts& facts);
Result<Bytes> seal_plan(const Sealer& sealer, TransferId id, const TransferPlan& plan);
Result<Bytes> seal_new_uid(const Sealer& sealer, TransferId id, ObjectId object, const Uid& uid);
Bytes encode(const std::vector<Finding>& findings);

/// The blind indexes.
inline constexpr std::string_view kBlindStudy = "study-uid";
inline constexpr std::string_view kBlindInstance = "sop-instance-uid";
inline constexpr std::string_view kBlindPatient = "patient";
inline constexpr std::string_view kBlindNewUid = "new-uid";
inline constexpr std::string_view kBlindTransaction = "transaction-uid";
inline constexpr std::string_view kBlindCommitment = "commitment";

}  // namespace veilroute::store::sqlite

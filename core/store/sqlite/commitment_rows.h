// Rows of commitments into plain values, and the sealed part of them.
#pragma once

#include "core/store/commitment.h"
#include "core/store/sqlite/work.h"

namespace veilroute::store::sqlite {

/// Every column of a commitment, for commitment_of: complete it with WHERE and ORDER BY.
inline constexpr std::string_view kSelectCommitments =
    "SELECT id, source, state, reason, attempts, requested_at, settled_at, due_at, sealed"
    " FROM commitments ";
Result<Commitment> commitment_of(const View& view, const Statement& row);
/// `invalid` ("commitment.unknown") when there is none.
Result<Commitment> read_commitment(const View& view, CommitmentId id);
/// AE titles, transaction UID, references and answers.
Result<Bytes> seal_commitment(const Sealer& sealer, const Commitment& commitment);

}  // namespace veilroute::store::sqlite

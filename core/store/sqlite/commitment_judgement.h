// Do we answer for this object? Reads only; what it finds is made to last by settle_commitment.
#pragma once

#include "core/store/commitment.h"
#include "core/store/sqlite/work.h"

namespace veilroute::store::sqlite {

struct Judgement {
  std::uint16_t failure = failure_reason::none;
  ObjectId object{};     ///< whose bytes are answered for; 0: none
  bool not_yet = false;  ///< it may still reach an archive destination
};

/// The references of a commitment, in order. The SOP Instance UIDs are those under which the objects
/// came in, whatever they are called where they were sent. Only what the asking source has sent
/// counts, so that nobody learns of other sources' objects: its own object, or the very same bytes
/// from somebody else before it (decisions 4).
Result<std::vector<Judgement>> judge(const View& view, const Commitment& commitment,
                                     const CommitmentPolicy& policy);

}  // namespace veilroute::store::sqlite

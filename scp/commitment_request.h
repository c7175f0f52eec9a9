// What an N-ACTION of the Storage Commitment Push Model asks (PS3.4 J.3.2). Pure.
#pragma once

#include <string_view>
#include <vector>

#include "core/dicom/command.h"
#include "core/store/commitment.h"

namespace veilroute::scp {

inline constexpr std::string_view kCommitmentClass = "1.2.840.10008.1.20.1";
inline constexpr std::string_view kCommitmentInstance = "1.2.840.10008.1.20.1.1";
/// Request Storage Commitment (PS3.4 table J.3.2-1).
inline constexpr std::uint16_t kRequestCommitment = 1;

/// One request may be about so many objects, and take so many bytes.
inline constexpr std::size_t kMostReferences = 10'000;
inline constexpr std::size_t kMostRequestBytes = 4U << 20U;

/// Is it about the one instance, and the one action, that there are? Errors:
/// commitment.no-such-class, commitment.no-such-instance, commitment.no-such-action,
/// commitment.no-data-set.
Result<void> check_action(const dicom::Command& command);

struct CommitmentRequest {
  Uid transaction;
  std::vector<store::Reference> references;  ///< distinct; those of classes we never take fail already
};
/// Reads its data set, which a stranger wrote. Errors: commitment.unreadable (no data set, or a UID
/// is missing or not one), commitment.too-many-references.
Result<CommitmentRequest> read_commitment_request(ByteView data, const Uid& transfer_syntax,
                                                  bool private_classes);

}  // namespace veilroute::scp

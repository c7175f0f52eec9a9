// Storage commitment (PS3.4 annex J): a source asks whether we answer for its objects, and is told
// once, until it says that it heard.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"

namespace veilroute::store {

using CommitmentId = Strong<struct CommitmentIdTag, std::uint64_t>;

/// Failure Reason (0008,1197), PS3.3 C.14.1.1; 0: we answer for the object.
namespace failure_reason {
inline constexpr std::uint16_t none = 0, processing_failure = 0x0110, no_such_instance = 0x0112,
                               class_instance_conflict = 0x0119, class_not_supported = 0x0122,
                               duplicate_transaction = 0x0131;
}  // namespace failure_reason

/// One object that is asked about, and what is answered.
struct Reference {
  Uid sop_class;
  Uid sop_instance;
  std::uint16_t failure = failure_reason::none;
  ObjectId object{};  ///< of ours, once it is settled; 0: none
  bool operator==(const Reference&) const = default;
};

/// A request as it came. References that fail whatever the catalog holds say so already.
struct NewCommitment {
  SourceName source;
  ListenerName listener;
  AssociationId association;
  AeTitle calling_ae;
  AeTitle called_ae;
  Uid transaction;
  std::vector<Reference> references;  ///< distinct
};

/// What has to be true of an object before we answer for it.
enum class CommitmentMode : std::uint8_t {
  off,      ///< we answer for nothing
  custody,  ///< it is safe in the spool, which keeps it for a while
  archive,  ///< an archive destination has taken it
};

struct CommitmentPolicy {
  CommitmentMode mode = CommitmentMode::off;
  Duration custody{};                     ///< custody: how long objects are kept from now on
  std::vector<DestinationName> archives;  ///< archive: any one of these
  Duration longest_wait{};                ///< archive: what is not there by then fails
};

enum class CommitmentState : std::uint8_t {
  waiting,   ///< not all of its objects are where they must be
  settled,   ///< the answer stands and is to be reported
  reported,  ///< the source has acknowledged the report
  given_up,  ///< nobody took the report for too long
};
std::string_view to_string(CommitmentState state);

struct Commitment {
  CommitmentId id;
  SourceName source;
  CommitmentState state = CommitmentState::waiting;
  std::string reason;       ///< slug: why the last report did not get through
  std::uint32_t attempts = 0;
  TimePoint requested_at;
  TimePoint settled_at;     ///< once it is settled
  TimePoint due_at;         ///< when it is looked at again
  AeTitle calling_ae;       ///< as in the request
  AeTitle called_ae;
  Uid transaction;
  std::vector<Reference> references;
  [[nodiscard]] std::size_t failures() const;
};

/// How one try to report ended.
struct ReportResult {
  CommitmentState state = CommitmentState::settled;  ///< reported, given_up, or settled: again
  TimePoint due_at;                                  ///< of the next try
  std::string slug;                                  ///< why it did not get through
  std::string way;                                   ///< "same-association" | "new-association"
};

/// The catalog's verbs for commitments. Any thread; the tags are those of catalog.h.
class CommitmentBook {
 public:
  virtual ~CommitmentBook() = default;
  /// Writes the request down, with its ledger entry. Asked again with the same transaction UID by the
  /// same source: the one that is there, to be reported once more; what was reported already is
  /// judged afresh, since the promise of custody may be over. With other references: each fails as a
  /// duplicate transaction. `exhausted` ("commitment.too-many") beyond kMostOpenCommitments of that
  /// source. [durable]
  virtual Result<CommitmentId> request_commitment(const NewCommitment& asked) = 0;
  /// Judges one that waits: settles it when all of it can be told, pins what we promise to keep, or
  /// looks again later. Objects acknowledged before this call are seen. [durable]
  virtual Result<Commitment> settle_commitment(CommitmentId id, const CommitmentPolicy& policy) = 0;
  /// Waiting or settled ones with due_at ≤ now, the longest due first.
  virtual Result<std::vector<CommitmentId>> commitments_due(TimePoint now, std::size_t at_most) = 0;
  virtual Result<Commitment> load_commitment(CommitmentId id) = 0;
  /// After a try; with the ledger entry once it is reported or given up. [durable]
  virtual Result<void> finish_report(CommitmentId id, const ReportResult& result) = 0;
  /// Newest first.
  virtual Result<std::vector<Commitment>> list_commitments(std::size_t at_most) = 0;
};

inline constexpr std::size_t kMostOpenCommitments = 1000;

}  // namespace veilroute::store

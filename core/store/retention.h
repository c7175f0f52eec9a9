// How long an object is kept, and why: the rule of retention, in one place. Pure; any thread.
// What it says is asked twice: by those who look for what is due, and again in the transaction that
// shreds (decisions 2; docs/adr/0017).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/store/object.h"
#include "core/store/study.h"

namespace veilroute::store {

/// Config [retention]. Each counts from the moment at which nothing more was to come of the object.
struct RetentionPolicy {
  Duration keep = std::chrono::days(7);        ///< after its last transfer ended
  Duration superseded = std::chrono::days(1);  ///< after newer or the same bytes came
  Duration unusable = std::chrono::days(30);   ///< after it came and could not be used, or was lost
};

/// What decides about one object.
struct KeepFacts {
  ObjectState state = ObjectState::live;
  TimePoint ended_at;      ///< the epoch: something may still come of it
  TimePoint pinned_until;  ///< custody promised to its sender
  StudyState study = StudyState::open;
  bool in_open_transfer = false;
  bool segment_open = false;  ///< its segment's key row exists: the record would open without a row
};

// Why an object is kept.
inline constexpr std::string_view kKeptStudyOpen = "retention.study-open";
inline constexpr std::string_view kKeptStudyHeld = "retention.study-held";
inline constexpr std::string_view kKeptTransferOpen = "retention.transfer-open";
inline constexpr std::string_view kKeptCustody = "retention.custody";
inline constexpr std::string_view kKeptSegmentOpen = "retention.segment-open";
// Why an object has a last day, and later: why it was shredded.
inline constexpr std::string_view kTransfersEnded = "retention.transfers-ended";
inline constexpr std::string_view kSupersededEnded = "retention.superseded";
inline constexpr std::string_view kUnusableEnded = "retention.unusable";
inline constexpr std::string_view kLostEnded = "retention.lost";
inline constexpr std::string_view kShreddedByOperator = "retention.by-operator";

struct Keep {
  std::string_view reason;
  std::optional<TimePoint> until;  ///< none: until something else happens first
};

/// Until when an object is kept, and why. A live or superseded object of a study that is open,
/// complete or held is kept without end: its work is not done. Unusable objects of a held study are
/// not: nothing ever comes of them. Not for shredded objects.
Keep keep_of(const KeepFacts& facts, const RetentionPolicy& policy);
/// Its time is over and nothing else keeps it.
bool may_be_shredded(const KeepFacts& facts, const RetentionPolicy& policy, TimePoint now);

/// Who orders a study to be shredded before its time.
struct ShredOrder {
  std::string actor;
  std::string why;  ///< in the operator's words; sealed in the ledger
};

/// The time by which retention judges. A clock that jumps ahead must not empty the spool: what lies
/// more than kLongestGap ahead of the last time that was trusted is believed only after the node has
/// run kProof with it; until then nothing is due. One thread.
class RetentionClock {
 public:
  static constexpr Duration kLongestGap = std::chrono::days(3);
  static constexpr Duration kProof = std::chrono::hours(24);

  /// `trusted`: the last time of an earlier run; the epoch: none is known.
  explicit RetentionClock(TimePoint trusted) : trusted_(trusted) {}
  /// `now` once it is trusted. `running`: how long the node has run, by a clock nobody sets.
  std::optional<TimePoint> judge(TimePoint now, Duration running);

 private:
  TimePoint trusted_;
  std::optional<Duration> doubted_since_;
};

}  // namespace veilroute::store

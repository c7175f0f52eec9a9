// The rule of retention.
#include "core/store/retention.h"

#include <algorithm>

namespace veilroute::store {

namespace {

struct Span {
  std::string_view reason;
  Duration length;
};

Span span_of(ObjectState state, const RetentionPolicy& policy) {
  switch (state) {
    case ObjectState::superseded:
      return {kSupersededEnded, policy.superseded};
    case ObjectState::unusable:
      return {kUnusableEnded, policy.unusable};
    case ObjectState::corrupt:
      return {kLostEnded, policy.unusable};
    case ObjectState::live:
    case ObjectState::shredded:
      break;
  }
  return {kTransfersEnded, policy.keep};
}

bool is_of_no_use(ObjectState state) {
  return state == ObjectState::unusable || state == ObjectState::corrupt;
}

}  // namespace

Keep keep_of(const KeepFacts& facts, const RetentionPolicy& policy) {
  if (facts.study == StudyState::open || facts.study == StudyState::complete) {
    return {kKeptStudyOpen, std::nullopt};
  }
  if (facts.in_open_transfer) return {kKeptTransferOpen, std::nullopt};
  if (facts.study == StudyState::held && !is_of_no_use(facts.state)) {
    return {kKeptStudyHeld, std::nullopt};
  }
  // A live object that no transfer names, in a study that is planned: nobody decided about it yet.
  if (facts.ended_at == TimePoint{}) return {kKeptStudyOpen, std::nullopt};
  const Span span = span_of(facts.state, policy);
  const TimePoint until = facts.ended_at + span.length;
  if (facts.pinned_until > until) return {kKeptCustody, facts.pinned_until};
  return {span.reason, until};
}

bool may_be_shredded(const KeepFacts& facts, const RetentionPolicy& policy, TimePoint now) {
  if (facts.state == ObjectState::shredded || facts.segment_open) return false;
  const Keep keep = keep_of(facts, policy);
  return keep.until && *keep.until <= now;
}

std::optional<TimePoint> RetentionClock::judge(TimePoint now, Duration running) {
  const bool plausible = trusted_ == TimePoint{} || now <= trusted_ + kLongestGap;
  if (!plausible) {
    if (!doubted_since_) doubted_since_ = running;
    if (running - *doubted_since_ < kProof) return std::nullopt;
  }
  doubted_since_.reset();
  trusted_ = now;
  return now;
}

}  // namespace veilroute::store

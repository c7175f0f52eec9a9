#include "router/answers.h"

#include "core/base/log.h"

namespace veilroute::router {

Answers::Answers(store::Catalog& catalog, const Clock& clock, TransferId transfer,
                 const std::vector<Parcel>& parcels)
    : catalog_(catalog), clock_(clock), transfer_(transfer), last_checkpoint_(clock.now()) {
  for (const Parcel& parcel : parcels) unanswered_.insert(parcel.record->object);
  waiting_ = unanswered_;
}

Result<void> Answers::take(const store::ObjectOutcome& answer) {
  if (unanswered_.erase(answer.object) == 0) {
    return make_error(ErrorKind::internal, "send.stray-answer",
                      "an answer for an object that was not sent, or a second one");
  }
  log::debug("object.answered", {{"transfer", transfer_}, {"object", answer.object}});
  pending_.push_back(answer);
  if (answer.outcome == store::Outcome::sent) {
    ++sent_;
    bytes_ += answer.sent_bytes;
    waiting_.erase(answer.object);
  } else if (answer.outcome == store::Outcome::refused) {
    ++refused_;
    waiting_.erase(answer.object);
  }
  const TimePoint now = clock_.now();
  if (pending_.size() < kCheckpointObjects && now - last_checkpoint_ < kCheckpointEvery) return {};
  VR_TRY(catalog_.checkpoint_attempt(transfer_, pending_));
  pending_.clear();
  last_checkpoint_ = now;
  return {};
}

}  // namespace veilroute::router

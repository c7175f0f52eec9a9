#include "scp/commitment_turn.h"

#include <algorithm>

#include "core/base/log.h"
#include "scp/commitment_request.h"

namespace veilroute::scp {
namespace {

constexpr const char* kSameAssociation = "same-association";

}  // namespace

CommitmentTurn::~CommitmentTurn() {
  const bool some = is_open();
  told_.reset();
  in_hand_.clear();
  if (some) desk_.bell().ring();
}

Result<void> CommitmentTurn::begin(const dicom::Command& command) {
  bytes_.clear();
  VR_TRY(check_action(command));
  collecting_ = true;
  return {};
}

void CommitmentTurn::feed(ByteView bytes) {
  // What is longer than any request is read to its end and refused there; one byte more tells it.
  const std::size_t room = kMostRequestBytes + 1 - std::min(bytes_.size(), kMostRequestBytes + 1);
  const ByteView kept = bytes.first(std::min(bytes.size(), room));
  bytes_.insert(bytes_.end(), kept.begin(), kept.end());
}

Result<void> CommitmentTurn::take(const CommitmentContext& context) {
  collecting_ = false;
  const Bytes bytes = std::exchange(bytes_, {});
  if (bytes.size() > kMostRequestBytes) {
    return make_error(ErrorKind::exhausted, "commitment.too-many-references",
                      "the request is longer than one of 10,000 objects");
  }
  VR_TRY(CommitmentRequest request, read_commitment_request(bytes, context.transfer_syntax,
                                                            origin_.private_classes));
  store::NewCommitment asked;
  asked.source = origin_.source;
  asked.listener = origin_.listener;
  asked.association = origin_.association;
  asked.calling_ae = origin_.calling_ae;
  asked.called_ae = origin_.called_ae;
  asked.transaction = std::move(request.transaction);
  asked.references = std::move(request.references);
  VR_TRY(const store::CommitmentId id, desk_.book().request_commitment(asked));
  log::info("commitment.requested", {{"commitment", id},
                                     {"source", origin_.source},
                                     {"association", origin_.association},
                                     {"objects", std::uint64_t{asked.references.size()}}});
  auto claim = desk_.claim(id);
  if (claim) {
    const auto now = std::chrono::steady_clock::now();
    in_hand_.push_back({std::move(*claim), context, now, now});
  }
  return {};
}

/// Whoever can be told in another way does not wait for this association for ever.
void CommitmentTurn::let_go() {
  const auto now = std::chrono::steady_clock::now();
  if (told_ && now >= told_->deadline) {
    desk_.note_failed(told_->commitment,
                      make_error(ErrorKind::unavailable, "network.timeout",
                                 "the source did not answer the report in time"));
    told_.reset();
  }
  if (desk_.place_of(origin_.source) == nullptr) return;
  const auto removed = std::erase_if(
      in_hand_, [&](const InHand& one) { return now >= one.since + kLongestInHand; });
  if (removed > 0) desk_.bell().ring();
}

std::optional<CommitmentTurn::Message> CommitmentTurn::next_message() {
  let_go();
  // One at a time: the operations window is one (PS3.7 D.3.3.3).
  if (told_) return std::nullopt;
  for (InHand& one : in_hand_) {
    auto message = tell(one);
    if (!message) continue;
    in_hand_.erase(in_hand_.begin() + (&one - in_hand_.data()));
    return message;
  }
  return std::nullopt;
}

std::optional<CommitmentTurn::Message> CommitmentTurn::tell(InHand& one) {
  if (std::chrono::steady_clock::now() < one.look_at) return std::nullopt;
  auto settled = desk_.settle(one.claim.id());
  // What is wrong, the reporter says: it takes this up when the association lets go of it.
  if (!settled.ok()) return std::nullopt;
  if (settled->state != store::CommitmentState::settled) {
    one.look_at = std::chrono::steady_clock::now() + (settled->due_at - desk_.now());
    return std::nullopt;
  }
  auto report = make_event_report(*settled, one.context.transfer_syntax, ++message_id_);
  if (!report.ok()) return std::nullopt;
  const std::uint8_t context = one.context.id;
  told_.emplace(Told{std::move(one), std::move(*settled), message_id_,
                     dicom::after(kReportAnswer)});
  return Message{context, std::move(*report)};
}

Result<void> CommitmentTurn::on_answer(const dicom::Command& answer) {
  const bool fits = told_ && answer.field == dicom::command_field::n_event_report_rsp &&
                    answer.responded_to == told_->message_id && !answer.has_data_set();
  if (!fits) {
    return make_error(ErrorKind::invalid, "pdu.unexpected", "an answer that nobody asked for");
  }
  if (answer.status == dicom::status::success) {
    desk_.note_reported(told_->commitment, kSameAssociation);
  } else {
    desk_.note_failed(told_->commitment, report_refused(answer.status));
  }
  told_.reset();
  return {};
}

}  // namespace veilroute::scp

#include "scp/association.h"

#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "scp/commitment_request.h"
#include "scp/status.h"

namespace veilroute::scp {
namespace {

namespace field = dicom::command_field;

/// A probe of a load balancer has no reason to stay.
constexpr std::chrono::seconds kHealthLongest{5};

Error violation(const char* what) {
  return make_error(ErrorKind::invalid, "pdu.malformed", what);
}

std::uint64_t elapsed_ms(dicom::SteadyTime since) {
  const auto elapsed = std::chrono::steady_clock::now() - since;
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count());
}

}  // namespace

std::map<std::uint8_t, OpenContext> accepted_contexts(
    const dicom::AssociateRequest& request, const std::vector<dicom::AnsweredContext>& answers) {
  std::map<std::uint8_t, OpenContext> out;
  for (std::size_t i = 0; i < answers.size() && i < request.contexts.size(); ++i) {
    if (answers[i].result != dicom::ContextResult::accepted) continue;
    out[answers[i].id] = {request.contexts[i].abstract_syntax, answers[i].transfer_syntax};
  }
  return out;
}

Association::Association(dicom::PduStream stream, Agreed agreed, IntakeRoom& room)
    : stream_(std::move(stream)),
      agreed_(std::move(agreed)),
      room_(room),
      began_(std::chrono::steady_clock::now()) {
  if (agreed_.most_pdu_bytes == 0 || agreed_.most_pdu_bytes > dicom::kMostDataPduBytes) {
    agreed_.most_pdu_bytes = dicom::kMostDataPduBytes;
  }
  agreed_.most_pdu_bytes = std::max(agreed_.most_pdu_bytes, dicom::kLeastDataPduBytes);
  if (room_.commitments && !agreed_.health) commitment_.emplace(*room_.commitments, agreed_.origin);
}

Association::~Association() { room_.in_flight.release(agreed_.origin.association); }

void Association::run() {
  if (!agreed_.health) {
    log::info("association.opened", {{"association", agreed_.origin.association},
                                     {"listener", agreed_.origin.listener},
                                     {"source", agreed_.origin.source}});
  }
  end(serve());
}

Result<void> Association::serve() {
  VR_TRY(stream_.write(dicom::encode(agreed_.accept), deadline()));
  bool more = true;
  while (more) {
    const dicom::SteadyTime until = deadline_to_hear();
    VR_TRY(report_while_quiet(until));
    VR_TRY(const dicom::PduStream::Pdu pdu, stream_.next(until));
    const auto before = std::chrono::steady_clock::now();
    VR_TRY(more, serve_pdu(pdu));
    // How long our disk took is not the peer's doing.
    progress_due_ += std::chrono::steady_clock::now() - before;
  }
  return {};
}

/// False once the association is over.
Result<bool> Association::serve_pdu(const dicom::PduStream::Pdu& pdu) {
  if (pdu.type == dicom::PduType::p_data) {
    VR_TRY(const std::vector<dicom::Pdv> pdvs, dicom::decode_data(pdu.body));
    for (const dicom::Pdv& pdv : pdvs) VR_TRY(on_pdv(pdv));
    return true;
  }
  if (pdu.type == dicom::PduType::release_rq && phase_ == Phase::idle) {
    VR_TRY(stream_.write(dicom::encode_release_rp(), deadline()));
    peer_ended_ = true;
    return false;
  }
  if (pdu.type == dicom::PduType::abort) {
    peer_ended_ = true;
    return make_error(ErrorKind::unavailable, "association.aborted",
                      "the peer aborted the association");
  }
  return make_error(ErrorKind::invalid, "pdu.unexpected", "a PDU that does not fit here");
}

Result<void> Association::on_pdv(const dicom::Pdv& pdv) {
  if (!agreed_.contexts.contains(pdv.context)) return violation("a context that is not open");
  if (phase_ != Phase::idle && pdv.context != context_) return violation("two contexts at once");
  if (pdv.command != (phase_ != Phase::data)) return violation("command and data are mixed up");
  note_progress(pdv.bytes.size());
  return pdv.command ? on_command_part(pdv) : on_data_part(pdv);
}

Result<void> Association::on_command_part(const dicom::Pdv& pdv) {
  if (phase_ == Phase::idle) {
    phase_ = Phase::command;
    context_ = pdv.context;
    command_bytes_.clear();
  }
  if (command_bytes_.size() + pdv.bytes.size() > dicom::kMostCommandBytes) {
    return violation("the command is too long");
  }
  command_bytes_.insert(command_bytes_.end(), pdv.bytes.begin(), pdv.bytes.end());
  return pdv.last ? on_command() : Result<void>();
}

Result<void> Association::on_command() {
  VR_TRY(command_, dicom::decode_command(command_bytes_));
  // Anybody may probe: what is more than a probe is neither answered nor logged.
  if (agreed_.health && command_.field != field::c_echo_rq) return violation("more than a probe");
  if (command_.is_response()) return on_response();
  phase_ = command_.has_data_set() ? Phase::data : Phase::idle;
  intake_.reset();
  complaint_.reset();
  if (command_.field == field::c_store_rq) return on_store();
  if (command_.field == field::c_cancel_rq) return {};  // nothing of ours can be cancelled
  if (command_.field == field::c_echo_rq) return on_echo();
  const bool commits = agreed_.contexts.at(context_).abstract_syntax.value == kCommitmentClass;
  if (command_.field == field::n_action_rq && commits && commitment_) return on_action();
  // Answered once its data set, if any, has been drained (PS3.7 annex C.5.22).
  complaint_ = make_error(ErrorKind::refused, "command.unrecognized", "an operation we do not offer");
  return phase_ == Phase::idle ? answer_error(*complaint_) : Result<void>();
}

Result<void> Association::on_store() {
  const OpenContext& context = agreed_.contexts.at(context_);
  if (phase_ == Phase::idle) {
    return answer_error(make_error(ErrorKind::invalid, "object.no-data-set",
                                   "C-STORE without a data set"));
  }
  if (!command_.affected_class.value.empty() && command_.affected_class != context.abstract_syntax) {
    complaint_ = make_error(ErrorKind::refused, "object.class-unlike-context",
                            "the SOP class is not that of its context");
    return {};
  }
  auto begun = Intake::begin(room_, agreed_.origin,
                             Announced{command_.affected_class, command_.affected_instance,
                                       context.transfer_syntax});
  if (begun.ok()) {
    intake_.emplace(std::move(begun).value());
  } else {
    complaint_ = std::move(begun).error();
  }
  return {};
}

Result<void> Association::on_echo() {
  if (phase_ == Phase::data) return violation("C-ECHO with a data set");
  const Uid& offered = agreed_.contexts.at(context_).abstract_syntax;
  if (offered.value != dicom::kVerificationClass) {
    return answer(dicom::status::class_not_supported, {});
  }
  return answer(dicom::status::success, {});
}

Result<void> Association::on_action() {
  const auto begun = commitment_->begin(command_);
  if (begun.ok()) return {};
  if (phase_ == Phase::idle) return refuse_action(begun.error());
  complaint_ = begun.error();
  return {};
}

Result<void> Association::on_action_end() {
  const auto taken =
      commitment_->take({context_, agreed_.contexts.at(context_).transfer_syntax});
  if (!taken.ok()) return refuse_action(taken.error());
  return answer(dicom::status::success, {});
}

Result<void> Association::refuse_action(const Error& error) {
  const std::uint16_t status = action_status(error);
  log_refusal("commitment.refused", status, error);
  return answer(status, error.slug);
}

/// Of all requests only ours to take a report has an answer.
Result<void> Association::on_response() {
  phase_ = Phase::idle;
  if (commitment_) return commitment_->on_answer(command_);
  return make_error(ErrorKind::invalid, "pdu.unexpected", "an answer that nobody asked for");
}

/// Between two messages of the peer there is room for a report.
Result<void> Association::report_while_quiet(dicom::SteadyTime until) {
  while (phase_ == Phase::idle && commitment_ && commitment_->is_open()) {
    VR_TRY(const bool speaks, stream_.wait(std::min(until, dicom::after(kReportPause))));
    if (speaks || std::chrono::steady_clock::now() >= until) return {};
    const auto message = commitment_->next_message();
    if (!message) continue;
    VR_TRY(stream_.write_command(message->context, dicom::encode(message->report.command),
                                 agreed_.most_pdu_bytes, until));
    VR_TRY(stream_.write_data_set(message->context, message->report.data, agreed_.most_pdu_bytes,
                                  until));
  }
  return {};
}

Result<void> Association::on_data_part(const dicom::Pdv& pdv) {
  // PS3.8 annex E.2: only the last fragment may be odd (a deflated data set).
  if (!pdv.last && pdv.bytes.size() % 2 != 0) return violation("a fragment of odd length");
  if (commitment_ && commitment_->is_collecting()) commitment_->feed(pdv.bytes);
  if (intake_) {
    if (auto fed = intake_->feed(pdv.bytes); !fed.ok()) {
      // The rest is drained: the sender learns why, and its other objects may still be taken.
      complaint_ = std::move(fed).error();
      intake_.reset();
    } else {
      bytes_ += pdv.bytes.size();
    }
  }
  return pdv.last ? on_data_end() : Result<void>();
}

Result<void> Association::on_data_end() {
  phase_ = Phase::idle;
  if (commitment_ && commitment_->is_collecting()) return on_action_end();
  if (complaint_ && command_.field == field::n_action_rq) return refuse_action(*complaint_);
  if (complaint_) return answer_error(*complaint_);
  if (!intake_) return violation("data without a command");
  const auto taken = intake_->finish();
  intake_.reset();
  if (!taken.ok()) return answer_error(taken.error());
  ++objects_;
  return answer(dicom::status::success, {});
}

Result<void> Association::answer_error(const Error& error) {
  ++refused_;
  const std::uint16_t status = dimse_status(error);
  log_refusal("object.refused", status, error);
  return answer(status, error.slug);
}

void Association::log_refusal(const char* event, std::uint16_t status, const Error& error) {
  const auto unlogged =
      room_.refusals->next(agreed_.origin.source, std::chrono::steady_clock::now());
  if (!unlogged) return;
  log::warn(event, {{"association", agreed_.origin.association},
                    {"source", agreed_.origin.source},
                    {"error_kind", error.kind},
                    {"status", std::uint64_t{status}},
                    {"unlogged", *unlogged},
                    log::Field::text("slug", error.slug)});
}

Result<void> Association::answer(std::uint16_t status, const std::string& comment) {
  dicom::Command response = dicom::response_to(command_, status);
  response.error_comment = comment;
  return stream_.write_command(context_, dicom::encode(response), agreed_.most_pdu_bytes,
                               deadline());
}

void Association::end(const Result<void>& outcome) {
  intake_.reset();  // before anything else: what is not whole goes
  if (peer_ended_) {
    stream_.close();
  } else {
    const bool lost = outcome.ok() || outcome.error().slug == "network.closed" ||
                      outcome.error().slug == "network.lost";
    if (lost) {
      stream_.close();
    } else if (outcome.error().slug == "command.malformed") {
      stream_.abort(dicom::kInvalidParameter);
    } else {
      stream_.abort(dicom::abort_for(outcome.error()));
    }
  }
  if (agreed_.health) return;
  const bool clean = outcome.ok();
  log::write(clean ? log::Level::info : log::Level::warn, "association.closed",
             {{"association", agreed_.origin.association},
              {"listener", agreed_.origin.listener},
              {"source", agreed_.origin.source},
              {"objects", objects_},
              {"refused", refused_},
              {"bytes", bytes_},
              {"elapsed_ms", elapsed_ms(began_)},
              log::Field::text("slug", clean ? "association.released" : outcome.error().slug)});
}

/// Small PDUs, each in time, must not keep an object under way for ever.
void Association::note_progress(std::uint64_t bytes) {
  progress_bytes_ += bytes;
  if (phase_ != Phase::idle && progress_bytes_ < kLeastProgressBytes) return;
  progress_bytes_ = 0;
  progress_due_ = dicom::after(agreed_.idle);
}

dicom::SteadyTime Association::deadline_to_hear() const {
  return phase_ == Phase::idle ? deadline() : std::min(deadline(), progress_due_);
}

dicom::SteadyTime Association::deadline() const {
  return agreed_.health ? began_ + kHealthLongest : dicom::after(agreed_.idle);
}

}  // namespace veilroute::scp

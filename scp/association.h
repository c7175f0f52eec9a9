// Association: one association from accept to release: C-ECHO, C-STORE streamed into the spool, and
// N-ACTION of storage commitment (commitment_turn.h).
// Walk steps 1 and 2. The message loop works on PDVs, so that any transfer syntax passes (PS3.8
// annex E, PS3.7 9.1).
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/dicom/upper_layer.h"
#include "scp/commitment_turn.h"
#include "scp/intake.h"

namespace veilroute::scp {

/// A context we accepted.
struct OpenContext {
  Uid abstract_syntax;
  Uid transfer_syntax;
};

/// What was agreed before the association takes a thread.
struct Agreed {
  Origin origin;
  dicom::AssociateAccept accept;
  std::map<std::uint8_t, OpenContext> contexts;  ///< accepted ones, by id
  std::uint32_t most_pdu_bytes = dicom::kMostDataPduBytes;  ///< what the peer takes; 0: any
  std::chrono::milliseconds idle{60000};  ///< for a whole PDU, a write, some progress; else abort
  bool health = false;  ///< a probe: C-ECHO alone, a few seconds, nothing in the log
};
/// Proposals and answers, put together.
std::map<std::uint8_t, OpenContext> accepted_contexts(
    const dicom::AssociateRequest& request, const std::vector<dicom::AnsweredContext>& answers);

/// Of a message under way so much must come within each `idle`: 270 bytes a second by default. Less
/// is nobody's link; it is somebody who holds a place, a thread and a segment.
inline constexpr std::uint64_t kLeastProgressBytes = 16U << 10U;

/// One thread.
class Association {
 public:
  Association(dicom::PduStream stream, Agreed agreed, IntakeRoom& room);
  ~Association();
  Association(const Association&) = delete;
  Association& operator=(const Association&) = delete;
  /// Accepts, serves, and ends by release, abort or the interrupt of its stream. An object that is
  /// not whole when it ends leaves nothing behind.
  void run();

 private:
  enum class Phase : std::uint8_t { idle, command, data };
  Result<void> serve();
  Result<bool> serve_pdu(const dicom::PduStream::Pdu& pdu);
  Result<void> on_pdv(const dicom::Pdv& pdv);
  Result<void> on_command_part(const dicom::Pdv& pdv);
  Result<void> on_data_part(const dicom::Pdv& pdv);
  Result<void> on_command();
  Result<void> on_store();
  Result<void> on_data_end();
  Result<void> on_echo();
  Result<void> on_action();
  Result<void> on_action_end();
  Result<void> on_response();
  Result<void> report_while_quiet(dicom::SteadyTime until);
  Result<void> answer(std::uint16_t status, const std::string& comment);
  Result<void> answer_error(const Error& error);
  Result<void> refuse_action(const Error& error);
  void log_refusal(const char* event, std::uint16_t status, const Error& error);
  void end(const Result<void>& outcome);
  [[nodiscard]] dicom::SteadyTime deadline() const;
  /// The same for the next PDU: a message under way must also make progress.
  [[nodiscard]] dicom::SteadyTime deadline_to_hear() const;
  void note_progress(std::uint64_t bytes);

  dicom::PduStream stream_;
  Agreed agreed_;
  IntakeRoom& room_;
  dicom::SteadyTime began_;
  Phase phase_ = Phase::idle;
  std::uint8_t context_ = 0;        ///< of the message at hand
  Bytes command_bytes_;
  dicom::Command command_;
  std::optional<Intake> intake_;    ///< none while data are drained
  std::optional<Error> complaint_;  ///< why they are drained
  std::optional<CommitmentTurn> commitment_;  ///< none: this node answers for nothing
  bool peer_ended_ = false;
  dicom::SteadyTime progress_due_{};   ///< of the message at hand
  std::uint64_t progress_bytes_ = 0;   ///< that came of it since progress_due_ was set
  std::uint64_t objects_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace veilroute::scp

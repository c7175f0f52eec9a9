// CommitmentTurn: storage commitment on one association: takes requests, and reports on the same
// association while it is open and idle (PS3.4 J.3.3); what it does not get to say, the reporter does.
#pragma once

#include <optional>
#include <vector>

#include "core/dicom/transport.h"
#include "scp/commitment_desk.h"
#include "scp/commitment_report.h"
#include "scp/intake.h"

namespace veilroute::scp {

/// How often an idle association looks for what it can report. Also what a source is given to end
/// the association after our answer: most do, and wait for the report on another.
inline constexpr std::chrono::milliseconds kReportPause{500};
/// How long an answer may take, and how long a commitment stays with its association, when the source
/// can be told in another way.
inline constexpr std::chrono::seconds kReportAnswer{30};
inline constexpr std::chrono::seconds kLongestInHand{30};

/// The context that a request came in.
struct CommitmentContext {
  std::uint8_t id = 0;
  Uid transfer_syntax;
};

/// One thread: the association's.
class CommitmentTurn {
 public:
  CommitmentTurn(CommitmentDesk& desk, const Origin& origin) : desk_(desk), origin_(origin) {}
  /// What is in hand goes to the reporter.
  ~CommitmentTurn();
  CommitmentTurn(const CommitmentTurn&) = delete;
  CommitmentTurn& operator=(const CommitmentTurn&) = delete;

  /// An N-ACTION: its data set follows by feed(), and take() ends it. Errors: those of check_action.
  Result<void> begin(const dicom::Command& command);
  void feed(ByteView bytes);
  [[nodiscard]] bool is_collecting() const { return collecting_; }
  /// After the last fragment: the request is durable when this returns, so that the N-ACTION may be
  /// answered. Errors: those of read_commitment_request, and commitment.too-many.
  Result<void> take(const CommitmentContext& context);

  /// Is there anything that may have to be reported here?
  [[nodiscard]] bool is_open() const { return !in_hand_.empty() || told_; }
  /// What is to be said now, and in which context.
  struct Message {
    std::uint8_t context = 0;
    EventReport report;
  };
  std::optional<Message> next_message();
  /// The answer to it. `invalid` ("pdu.unexpected") when nothing was said.
  Result<void> on_answer(const dicom::Command& answer);

 private:
  struct InHand {
    CommitmentDesk::Claim claim;
    CommitmentContext context;
    dicom::SteadyTime since;
    dicom::SteadyTime look_at;  ///< not judged again before
  };
  struct Told {
    InHand in_hand;
    store::Commitment commitment;
    std::uint16_t message_id = 0;
    dicom::SteadyTime deadline;
  };
  void let_go();
  std::optional<Message> tell(InHand& one);

  CommitmentDesk& desk_;
  const Origin& origin_;
  bool collecting_ = false;
  Bytes bytes_;
  std::vector<InHand> in_hand_;
  std::optional<Told> told_;
  std::uint16_t message_id_ = 0;
};

}  // namespace veilroute::scp

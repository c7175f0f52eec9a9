// The DICOM upper layer over a Transport: whole PDUs in, whole PDUs and fragments out (PS3.8).
// Both roles use PduStream; Requestor is the role of the one who calls.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/dicom/command.h"
#include "core/dicom/pdu.h"
#include "core/dicom/tls.h"
#include "core/dicom/transport.h"

namespace veilroute::dicom {

/// How long we wait for a peer to close after the last PDU (PS3.8 9.1.4, the ARTIM timer).
inline constexpr std::chrono::milliseconds kGoodbyePatience{500};

/// PDUs over a connection. One thread at a time.
class PduStream {
 public:
  explicit PduStream(Transport transport) : transport_(std::move(transport)) {}

  struct Pdu {
    PduType type{};
    ByteView body;  ///< valid until the next call of next()
  };
  /// The next PDU, whole, before the deadline. Errors: pdu.*, network.*, tls.*.
  Result<Pdu> next(SteadyTime deadline);
  Result<void> write(ByteView pdu, SteadyTime deadline) {
    return transport_.write_all(pdu, deadline);
  }
  /// A command set as P-DATA-TF of at most `most_pdu_bytes` each; in one write when it fits.
  Result<void> write_command(std::uint8_t context, ByteView command, std::uint32_t most_pdu_bytes,
                             SteadyTime deadline) {
    return write_fragments({context, true, true, command}, most_pdu_bytes, deadline);
  }
  /// The same of a small data set, which is in memory.
  Result<void> write_data_set(std::uint8_t context, ByteView data, std::uint32_t most_pdu_bytes,
                              SteadyTime deadline) {
    return write_fragments({context, false, true, data}, most_pdu_bytes, deadline);
  }
  /// True once next() has something to read, or an end to find; false when the deadline came first.
  Result<bool> wait(SteadyTime deadline) { return transport_.wait_to_read(deadline); }
  /// A-ABORT, also when stopped, and the end of the connection.
  void abort(const Abort& abort);
  /// The end after a release.
  void close() { transport_.close(kGoodbyePatience); }
  /// network.stopped once the interrupt is triggered.
  [[nodiscard]] Result<void> check_stop() const { return transport_.check_stop(); }
  [[nodiscard]] bool is_quiet() { return transport_.is_quiet(); }
  [[nodiscard]] TlsFacts tls() const { return transport_.tls(); }

 private:
  Result<void> write_fragments(const Pdv& whole, std::uint32_t most_pdu_bytes, SteadyTime deadline);
  Transport transport_;
  Bytes body_;
};

/// Whom to call, as whom.
struct Call {
  std::string host;
  std::uint16_t port = 0;
  AeTitle called;
  AeTitle calling;
  TlsContext* tls = nullptr;  ///< null: bare
  std::string pin_sha256;
  std::vector<RoleSelection> roles{};  ///< none: we are SCU of everything
  std::chrono::milliseconds connect_timeout{15000};
  std::chrono::milliseconds answer_timeout{60000};
};

/// An association we asked for. Errors beside pdu.*, network.*, tls.*: association.rejected (for
/// good), association.rejected-for-now, association.aborted, association.released,
/// association.malformed (an answer that does not fit). After an error the association is gone.
/// One thread.
class Requestor {
 public:
  /// Ids are given here: `contexts` need none. `stop` must outlive the association.
  static Result<Requestor> open(const Call& call, std::vector<ProposedContext> contexts,
                                const Interrupt& stop);
  Requestor(Requestor&&) = default;
  Requestor& operator=(Requestor&&) = default;

  /// The accepted context of a pair, if any.
  [[nodiscard]] std::optional<std::uint8_t> context(const Uid& sop_class,
                                                    const Uid& transfer_syntax) const;
  /// True when the pair was proposed, whatever the answer.
  [[nodiscard]] bool proposed(const Uid& sop_class, const Uid& transfer_syntax) const;

  /// Sends a command; with `data`, its data set in fragments as long as the peer takes.
  /// `on_fragment` sees each fragment once it has left.
  Result<void> send(std::uint8_t context, const Command& command, ByteSource* data = nullptr,
                    const std::function<void(ByteView)>& on_fragment = nullptr);
  /// The answer to the message just sent; its message id, field and UIDs are checked.
  Result<Command> receive_answer(std::uint8_t context, const Command& request);
  Result<void> echo();
  std::uint16_t next_message_id() { return ++message_id_; }

  void release();
  void abort() { stream_.abort(kUserAbort); }
  /// False once the peer closed or sent something nobody asked for.
  [[nodiscard]] bool is_alive() { return stream_.is_quiet(); }
  [[nodiscard]] TlsFacts tls() const { return stream_.tls(); }
  /// What the peer calls itself: its implementation version name, else its class UID (PS3.7 D.3.3.2).
  [[nodiscard]] const std::string& peer_implementation() const { return peer_implementation_; }

 private:
  Requestor(PduStream stream, const Call& call)
      : stream_(std::move(stream)), answer_timeout_(call.answer_timeout) {}
  Result<void> negotiate(const AssociateRequest& request);
  Result<void> note_answers(const AssociateRequest& request, const AssociateAccept& accept);
  Result<void> send_data(std::uint8_t context, ByteSource& data,
                         const std::function<void(ByteView)>& on_fragment);
  Result<void> append_command(std::uint8_t context, Bytes& command, bool& last);
  [[nodiscard]] SteadyTime deadline() const { return after(answer_timeout_); }

  PduStream stream_;
  std::chrono::milliseconds answer_timeout_;
  std::uint32_t most_pdu_bytes_ = kMostDataPduBytes;
  /// (SOP class, transfer syntax) → accepted context id, or 0.
  std::map<std::pair<std::string, std::string>, std::uint8_t> contexts_;
  std::string peer_implementation_;
  std::uint16_t message_id_ = 0;
};

}  // namespace veilroute::dicom

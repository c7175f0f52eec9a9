// PDUs over a connection, and the calling side of an association.
#include "core/dicom/upper_layer.h"

#include <algorithm>
#include <array>

#include "core/dicom/dataset.h"

namespace veilroute::dicom {
namespace {

Error ended(const PduStream::Pdu& pdu) {
  if (pdu.type == PduType::abort) {
    return make_error(ErrorKind::unavailable, "association.aborted",
                      "the peer aborted the association");
  }
  if (pdu.type == PduType::release_rq) {
    return make_error(ErrorKind::unavailable, "association.released",
                      "the peer released the association");
  }
  return make_error(ErrorKind::unavailable, "association.malformed",
                    "the peer sent a PDU that does not fit");
}

Error misfit(const char* what) {
  return make_error(ErrorKind::unavailable, "association.malformed", what);
}

/// PS3.8 table 9-21 in words.
Error rejected(const AssociateReject& reject) {
  std::string why = "reason " + std::to_string(reject.reason);
  if (reject.source == 1 && reject.reason == 2) why = "application context not supported";
  if (reject.source == 1 && reject.reason == 3) why = "it does not know our AE title";
  if (reject.source == 1 && reject.reason == 7) why = "it is not known by the called AE title";
  if (reject.source == 2 && reject.reason == 2) why = "protocol version not supported";
  if (reject.source == 3 && reject.reason == 1) why = "temporary congestion";
  if (reject.source == 3 && reject.reason == 2) why = "it has as many associations as it takes";
  if (reject.result == 2) {
    return make_error(ErrorKind::unavailable, "association.rejected-for-now",
                      "the peer rejects associations for now: " + why);
  }
  return make_error(ErrorKind::refused, "association.rejected",
                    "the peer rejects our associations: " + why);
}

}  // namespace

Result<PduStream::Pdu> PduStream::next(SteadyTime deadline) {
  std::array<std::uint8_t, kPduHeaderBytes> head{};
  VR_TRY(transport_.read_exactly(head, deadline));
  VR_TRY(const PduHeader header, decode_header(head));
  body_.resize(header.length);
  VR_TRY(transport_.read_exactly(body_, deadline));
  return Pdu{header.type, body_};
}

Result<void> PduStream::write_fragments(const Pdv& whole, std::uint32_t most_pdu_bytes,
                                        SteadyTime deadline) {
  // Fragments of a data set have an even length (PS3.8 annex E.2).
  const std::size_t most = (most_pdu_bytes - kPdvHeaderBytes) & ~std::size_t{1};
  ByteView rest = whole.bytes;
  Bytes out;
  do {
    const ByteView part = rest.first(std::min(rest.size(), most));
    rest = rest.subspan(part.size());
    const auto head = data_pdu_head(whole.context, whole.command, rest.empty(),
                                    static_cast<std::uint32_t>(part.size()));
    out.insert(out.end(), head.begin(), head.end());
    out.insert(out.end(), part.begin(), part.end());
  } while (!rest.empty());
  return transport_.write_all(out, deadline);
}

void PduStream::abort(const Abort& abort) {
  if (!transport_.is_open()) return;
  transport_.write_last_words(encode(abort), kGoodbyePatience);
  transport_.close(kGoodbyePatience);
}

Result<Requestor> Requestor::open(const Call& call, std::vector<ProposedContext> contexts,
                                  const Interrupt& stop) {
  if (contexts.empty() || contexts.size() > kMostContexts) {
    return make_error(ErrorKind::internal, "association.malformed", "1 to 128 contexts are needed");
  }
  const SteadyTime deadline = after(call.connect_timeout);
  VR_TRY(Descriptor socket, connect_to(call.host, call.port, deadline, stop));
  std::unique_ptr<Channel> channel;
  if (call.tls) {
    VR_TRY(channel, call.tls->connect(std::move(socket), call.host, call.pin_sha256));
  } else {
    channel = make_plain_channel(std::move(socket));
  }
  Transport transport(std::move(channel), stop);
  VR_TRY(transport.handshake(deadline));
  Requestor made(PduStream(std::move(transport)), call);
  AssociateRequest request;
  request.called = call.called;
  request.calling = call.calling;
  request.implementation_class = Uid{std::string(kImplementationClassUid)};
  request.implementation_version = kImplementationVersionName;
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    contexts[i].id = static_cast<std::uint8_t>(2 * i + 1);
  }
  request.contexts = std::move(contexts);
  request.roles = call.roles;
  VR_TRY(made.negotiate(request));
  return made;
}

Result<void> Requestor::negotiate(const AssociateRequest& request) {
  VR_TRY(stream_.write(encode(request), deadline()));
  VR_TRY(const PduStream::Pdu pdu, stream_.next(deadline()));
  if (pdu.type == PduType::associate_rj) {
    VR_TRY(const AssociateReject reject, decode_associate_rj(pdu.body));
    stream_.close();
    return rejected(reject);
  }
  if (pdu.type != PduType::associate_ac) {
    const Error error = ended(pdu);
    if (pdu.type == PduType::abort) {
      stream_.close();
    } else {
      stream_.abort(kUnexpectedPdu);
    }
    return error;
  }
  auto accept = decode_associate_ac(pdu.body);
  auto noted = accept.ok() ? note_answers(request, *accept) : Result<void>(accept.error());
  if (!noted.ok()) stream_.abort(kInvalidParameter);
  return noted;
}

Result<void> Requestor::note_answers(const AssociateRequest& request,
                                     const AssociateAccept& accept) {
  peer_implementation_ = accept.implementation_version.empty() ? accept.implementation_class.value
                                                               : accept.implementation_version;
  most_pdu_bytes_ = kMostDataPduBytes;
  if (accept.most_pdu_bytes != 0) {
    most_pdu_bytes_ = std::min(accept.most_pdu_bytes, kMostDataPduBytes);
  }
  if (most_pdu_bytes_ < kLeastDataPduBytes) return misfit("the peer takes no sensible PDU length");
  for (const ProposedContext& proposed : request.contexts) {
    for (const Uid& syntax : proposed.transfer_syntaxes) {
      contexts_.try_emplace({proposed.abstract_syntax.value, syntax.value}, std::uint8_t{0});
    }
    for (const AnsweredContext& answer : accept.contexts) {
      if (answer.id != proposed.id || answer.result != ContextResult::accepted) continue;
      const auto& offered = proposed.transfer_syntaxes;
      if (std::find(offered.begin(), offered.end(), answer.transfer_syntax) == offered.end()) {
        return misfit("the peer accepted a transfer syntax that was not proposed");
      }
      contexts_[{proposed.abstract_syntax.value, answer.transfer_syntax.value}] = answer.id;
    }
  }
  return {};
}

std::optional<std::uint8_t> Requestor::context(const Uid& sop_class,
                                               const Uid& transfer_syntax) const {
  const auto found = contexts_.find({sop_class.value, transfer_syntax.value});
  if (found == contexts_.end() || found->second == 0) return std::nullopt;
  return found->second;
}

bool Requestor::proposed(const Uid& sop_class, const Uid& transfer_syntax) const {
  return contexts_.contains({sop_class.value, transfer_syntax.value});
}

Result<void> Requestor::send(std::uint8_t context, const Command& command, ByteSource* data,
                             const std::function<void(ByteView)>& on_fragment) {
  VR_TRY(stream_.write_command(context, encode(command), most_pdu_bytes_, deadline()));
  if (data) return send_data(context, *data, on_fragment);
  return {};
}

Result<void> Requestor::send_data(std::uint8_t context, ByteSource& data,
                                  const std::function<void(ByteView)>& on_fragment) {
  // Fragments of a data set have an even length (PS3.8 annex E.2).
  const std::uint32_t most = (most_pdu_bytes_ - kPdvHeaderBytes) & ~std::uint32_t{1};
  const std::uint64_t total = data.size_bytes();
  Bytes pdu;
  std::uint64_t offset = 0;
  do {
    // A peer that takes every fragment at once must not keep us from stopping.
    VR_TRY(stream_.check_stop());
    const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>(most, total - offset));
    const auto head = data_pdu_head(context, false, offset + length == total, length);
    pdu.resize(head.size() + length);
    std::copy(head.begin(), head.end(), pdu.begin());
    const std::span<std::uint8_t> fragment = std::span(pdu).subspan(head.size());
    VR_TRY(data.read_at(offset, fragment));
    VR_TRY(stream_.write(pdu, deadline()));
    if (on_fragment) on_fragment(fragment);
    offset += length;
  } while (offset < total);
  return {};
}

Result<void> Requestor::append_command(std::uint8_t context, Bytes& command, bool& last) {
  VR_TRY(const PduStream::Pdu pdu, stream_.next(deadline()));
  if (pdu.type != PduType::p_data) return ended(pdu);
  VR_TRY(const std::vector<Pdv> pdvs, decode_data(pdu.body));
  for (const Pdv& pdv : pdvs) {
    if (last || !pdv.command || pdv.context != context ||
        command.size() + pdv.bytes.size() > kMostCommandBytes) {
      return misfit("the peer's answer does not fit the request");
    }
    command.insert(command.end(), pdv.bytes.begin(), pdv.bytes.end());
    last = pdv.last;
  }
  return {};
}

Result<Command> Requestor::receive_answer(std::uint8_t context, const Command& request) {
  Bytes bytes;
  bool last = false;
  while (!last) VR_TRY(append_command(context, bytes, last));
  VR_TRY(Command answer, decode_command(bytes));
  // UIDs are optional in answers; where they are given they must be those of the request.
  const auto agrees = [](const Uid& given, const Uid& asked) {
    return given.value.empty() || given == asked;
  };
  const bool fits = answer.field == (request.field | command_field::response_bit) &&
                    answer.responded_to == request.message_id && !answer.has_data_set() &&
                    agrees(answer.affected_class, request.affected_class) &&
                    agrees(answer.affected_instance, request.affected_instance);
  if (!fits) return misfit("the peer answered another message");
  return answer;
}

Result<void> Requestor::echo() {
  std::optional<std::uint8_t> id;
  for (const auto& [pair, context] : contexts_) {
    if (pair.first == kVerificationClass && context != 0) id = context;
  }
  if (!id) {
    return make_error(ErrorKind::refused, "sender.context-rejected",
                      "the peer does not accept Verification");
  }
  const Command request = c_echo_request(next_message_id());
  VR_TRY(send(*id, request));
  VR_TRY(const Command answer, receive_answer(*id, request));
  if (answer.status == status::success) return {};
  return make_error(ErrorKind::refused, "sender.echo-refused", "the peer does not answer C-ECHO");
}

void Requestor::release() {
  bool answered = stream_.write(encode_release_rq(), deadline()).ok();
  if (answered) {
    const auto pdu = stream_.next(after(std::min(answer_timeout_, std::chrono::milliseconds(5000))));
    answered = pdu.ok() && pdu->type == PduType::release_rp;
  }
  if (answered) {
    stream_.close();
  } else {
    stream_.abort(kUserAbort);
  }
}

}  // namespace veilroute::dicom

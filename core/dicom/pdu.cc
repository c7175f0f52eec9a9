// Decoding and encoding of PDUs. All integers of the upper layer are big endian (PS3.8 9.3.1).
#include "core/dicom/pdu.h"

#include <algorithm>
#include <bitset>
#include <string_view>

#include "core/dicom/padding.h"
#include "core/dicom/uid.h"

namespace veilroute::dicom {
namespace {

constexpr std::size_t kAssociateFixedBytes = 68;
constexpr std::size_t kAeTitleBytes = 16;
/// Taken for a peer that does not state its maximum length, as it must (PS3.7 D.3.3.1).
constexpr std::uint32_t kUnstatedPduBytes = 16384;

// Item types (PS3.8 9.3, PS3.7 D.3.3).
constexpr std::uint8_t kApplicationContextItem = 0x10, kProposedContextItem = 0x20,
                       kAnsweredContextItem = 0x21, kAbstractSyntaxItem = 0x30,
                       kTransferSyntaxItem = 0x40, kUserInformationItem = 0x50,
                       kMaximumLengthItem = 0x51, kImplementationClassItem = 0x52,
                       kAsynchronousItem = 0x53, kRoleSelectionItem = 0x54,
                       kImplementationVersionItem = 0x55,
                       kUserIdentityItem = 0x58;

Error malformed_pdu(const char* what) {
  return make_error(ErrorKind::invalid, "pdu.malformed", what);
}

std::uint16_t big_u16(ByteView bytes, std::size_t at) {
  return static_cast<std::uint16_t>((bytes[at] << 8U) | bytes[at + 1]);
}
std::uint32_t big_u32(ByteView bytes, std::size_t at) {
  return (static_cast<std::uint32_t>(big_u16(bytes, at)) << 16U) | big_u16(bytes, at + 2);
}

struct RawItem {
  std::uint8_t type = 0;
  ByteView value;
};

/// Takes the next item off `rest`.
Result<RawItem> take_item(ByteView& rest) {
  if (rest.size() < 4) return malformed_pdu("an item is cut short");
  const std::size_t length = big_u16(rest, 2);
  if (length > rest.size() - 4) return malformed_pdu("an item is longer than what holds it");
  const RawItem item{rest[0], rest.subspan(4, length)};
  rest = rest.subspan(4 + length);
  return item;
}

Uid item_uid(ByteView bytes) {
  const std::string_view text = trimmed_both(as_text(bytes));
  return is_valid_uid(text) ? Uid{std::string(text)} : Uid{};
}

/// The default repertoire without controls and backslash (PS3.5 6.2, AE and SH alike).
std::string read_name(ByteView bytes) {
  const std::string_view text = trimmed_both(as_text(bytes));
  const bool clean = std::all_of(text.begin(), text.end(),
                                 [](char c) { return c >= ' ' && c <= '~' && c != '\\'; });
  return clean ? std::string(text) : std::string();
}

struct UserInformation {
  std::uint32_t most_pdu_bytes = kUnstatedPduBytes;
  Uid implementation_class;
  std::string implementation_version;
};

Result<UserInformation> decode_user_information(ByteView rest) {
  UserInformation out;
  std::bitset<256> seen;
  while (!rest.empty()) {
    VR_TRY(const RawItem item, take_item(rest));
    const bool single = item.type == kMaximumLengthItem || item.type == kImplementationClassItem ||
                        item.type == kAsynchronousItem ||
                        item.type == kImplementationVersionItem || item.type == kUserIdentityItem;
    if (single && seen.test(item.type)) return malformed_pdu("a user information item comes twice");
    seen.set(item.type);
    if (item.type == kMaximumLengthItem) {
      if (item.value.size() != 4) return malformed_pdu("the maximum length has a wrong size");
      out.most_pdu_bytes = big_u32(item.value, 0);
    } else if (item.type == kImplementationClassItem) {
      out.implementation_class = item_uid(item.value);
    } else if (item.type == kImplementationVersionItem) {
      out.implementation_version = read_name(item.value.first(
          std::min<std::size_t>(item.value.size(), kAeTitleBytes)));
    }
  }
  return out;
}

Result<ProposedContext> decode_proposed_context(ByteView value) {
  if (value.size() < 4) return malformed_pdu("a presentation context is cut short");
  ProposedContext out;
  out.id = value[0];
  if (out.id % 2 == 0) return malformed_pdu("a presentation context id is even");
  ByteView rest = value.subspan(4);
  unsigned abstract_syntaxes = 0;
  unsigned transfer_syntaxes = 0;
  while (!rest.empty()) {
    VR_TRY(const RawItem item, take_item(rest));
    if (item.type == kAbstractSyntaxItem) {
      ++abstract_syntaxes;
      out.abstract_syntax = item_uid(item.value);
    } else if (item.type == kTransferSyntaxItem) {
      ++transfer_syntaxes;
      Uid uid = item_uid(item.value);
      if (!uid.value.empty()) out.transfer_syntaxes.push_back(std::move(uid));
    }
  }
  if (abstract_syntaxes != 1) return malformed_pdu("a context needs one abstract syntax");
  if (transfer_syntaxes == 0) return malformed_pdu("a context needs a transfer syntax");
  return out;
}

Result<AnsweredContext> decode_answered_context(ByteView value) {
  if (value.size() < 4) return malformed_pdu("a presentation context is cut short");
  if (value[2] > 4) return malformed_pdu("a presentation context has an unknown result");
  AnsweredContext out;
  out.id = value[0];
  out.result = static_cast<ContextResult>(value[2]);
  ByteView rest = value.subspan(4);
  while (!rest.empty()) {
    VR_TRY(const RawItem item, take_item(rest));
    if (item.type == kTransferSyntaxItem) out.transfer_syntax = item_uid(item.value);
  }
  if (out.result == ContextResult::accepted && out.transfer_syntax.value.empty()) {
    return malformed_pdu("an accepted context has no transfer syntax");
  }
  return out;
}

/// What both kinds of A-ASSOCIATE have in common, contexts apart.
struct Associate {
  std::uint16_t protocol_version = 0;
  AeTitle called, calling;
  Uid application_context;
  UserInformation user;
  std::vector<ByteView> contexts;
};

Result<Associate> decode_associate(ByteView body, std::uint8_t context_item) {
  if (body.size() < kAssociateFixedBytes) return malformed_pdu("A-ASSOCIATE is cut short");
  Associate out;
  out.protocol_version = big_u16(body, 0);
  out.called = AeTitle{read_name(body.subspan(4, kAeTitleBytes))};
  out.calling = AeTitle{read_name(body.subspan(4 + kAeTitleBytes, kAeTitleBytes))};
  ByteView rest = body.subspan(kAssociateFixedBytes);
  unsigned application_contexts = 0;
  unsigned user_informations = 0;
  while (!rest.empty()) {
    VR_TRY(const RawItem item, take_item(rest));
    if (item.type == kApplicationContextItem) {
      ++application_contexts;
      out.application_context = item_uid(item.value);
    } else if (item.type == context_item) {
      if (out.contexts.size() == kMostContexts) return malformed_pdu("more than 128 contexts");
      out.contexts.push_back(item.value);
    } else if (item.type == kUserInformationItem) {
      if (++user_informations > 1) break;
      VR_TRY(out.user, decode_user_information(item.value));
    }
  }
  if (application_contexts != 1) return malformed_pdu("not one application context");
  if (user_informations != 1) return malformed_pdu("not one user information");
  if (out.contexts.empty()) return malformed_pdu("no presentation context");
  return out;
}

class PduWriter {
 public:
  PduWriter& u8(unsigned value) {
    out_.push_back(static_cast<std::uint8_t>(value));
    return *this;
  }
  PduWriter& u16(unsigned value) { return u8(value >> 8U & 0xFFU).u8(value & 0xFFU); }
  PduWriter& u32(std::uint32_t value) { return u16(value >> 16U).u16(value & 0xFFFFU); }
  PduWriter& text(std::string_view value) {
    out_.insert(out_.end(), value.begin(), value.end());
    return *this;
  }
  PduWriter& ae_title(const AeTitle& title) {
    std::string padded = title.value.substr(0, kAeTitleBytes);
    padded.resize(kAeTitleBytes, ' ');
    return text(padded);
  }
  PduWriter& zeros(std::size_t count) {
    out_.resize(out_.size() + count);
    return *this;
  }
  PduWriter& item(std::uint8_t type, std::string_view value) {
    return u8(type).u8(0).u16(static_cast<unsigned>(value.size())).text(value);
  }
  /// Begins an item whose length is not known yet; close it with end_item.
  std::size_t begin_item(std::uint8_t type) {
    u8(type).u8(0).u16(0);
    return out_.size();
  }
  void end_item(std::size_t begin) {
    const std::size_t length = out_.size() - begin;
    out_[begin - 2] = static_cast<std::uint8_t>(length >> 8U);
    out_[begin - 1] = static_cast<std::uint8_t>(length & 0xFFU);
  }
  /// Puts the PDU header in front.
  Bytes finish(PduType type) && {
    PduWriter head;
    head.u8(static_cast<unsigned>(type)).u8(0).u32(static_cast<std::uint32_t>(out_.size()));
    head.out_.insert(head.out_.end(), out_.begin(), out_.end());
    return std::move(head.out_);
  }

 private:
  Bytes out_;
};

void write_user_information(PduWriter& out, std::uint32_t most_pdu_bytes, const Uid& class_uid,
                            const std::string& version,
                            const std::vector<RoleSelection>& roles = {}) {
  const std::size_t begin = out.begin_item(kUserInformationItem);
  out.u8(kMaximumLengthItem).u8(0).u16(4).u32(most_pdu_bytes);
  out.item(kImplementationClassItem, class_uid.value);
  for (const RoleSelection& role : roles) {
    const auto length = static_cast<unsigned>(role.sop_class.value.size());
    out.u8(kRoleSelectionItem).u8(0).u16(length + 4).u16(length).text(role.sop_class.value);
    out.u8(role.scu ? 1 : 0).u8(role.scp ? 1 : 0);
  }
  if (!version.empty()) out.item(kImplementationVersionItem, version.substr(0, kAeTitleBytes));
  out.end_item(begin);
}

Bytes encode_four(PduType type, unsigned second, unsigned third, unsigned fourth) {
  PduWriter out;
  out.u8(0).u8(second).u8(third).u8(fourth);
  return std::move(out).finish(type);
}

}  // namespace

Result<PduHeader> decode_header(std::span<const std::uint8_t, kPduHeaderBytes> bytes) {
  const std::uint32_t length = big_u32(bytes, 2);
  if (bytes[0] < 1 || bytes[0] > 7) {
    return make_error(ErrorKind::invalid, "pdu.unknown-type", "not a PDU of the upper layer");
  }
  const auto type = static_cast<PduType>(bytes[0]);
  std::uint32_t least = 4;
  std::uint32_t most = 4;
  if (type == PduType::associate_rq || type == PduType::associate_ac) {
    least = kAssociateFixedBytes;
    most = kMostAssociateBytes;
  } else if (type == PduType::p_data) {
    least = kPdvHeaderBytes;
    most = kMostDataPduBytes;
  }
  if (length > most) {
    return make_error(ErrorKind::invalid, "pdu.too-long", "a PDU is longer than its kind may be");
  }
  if (length < least) return malformed_pdu("a PDU is shorter than its kind must be");
  return PduHeader{type, length};
}

Abort abort_for(const Error& error) {
  if (error.slug == "pdu.unknown-type") return kUnrecognizedPdu;
  if (error.slug == "pdu.unexpected") return kUnexpectedPdu;
  if (error.slug.starts_with("pdu.")) return kInvalidParameter;
  return kUserAbort;
}

Result<AssociateRequest> decode_associate_rq(ByteView body) {
  VR_TRY(Associate in, decode_associate(body, kProposedContextItem));
  AssociateRequest out;
  std::bitset<256> ids;
  for (const ByteView value : in.contexts) {
    VR_TRY(ProposedContext context, decode_proposed_context(value));
    if (ids.test(context.id)) return malformed_pdu("two contexts have the same id");
    ids.set(context.id);
    out.contexts.push_back(std::move(context));
  }
  out.protocol_version = in.protocol_version;
  out.called = std::move(in.called);
  out.calling = std::move(in.calling);
  out.application_context = std::move(in.application_context);
  out.most_pdu_bytes = in.user.most_pdu_bytes;
  out.implementation_class = std::move(in.user.implementation_class);
  out.implementation_version = std::move(in.user.implementation_version);
  return out;
}

Result<AssociateAccept> decode_associate_ac(ByteView body) {
  VR_TRY(Associate in, decode_associate(body, kAnsweredContextItem));
  AssociateAccept out;
  for (const ByteView value : in.contexts) {
    VR_TRY(AnsweredContext context, decode_answered_context(value));
    out.contexts.push_back(std::move(context));
  }
  out.names = associate_names(body);
  out.most_pdu_bytes = in.user.most_pdu_bytes;
  out.implementation_class = std::move(in.user.implementation_class);
  out.implementation_version = std::move(in.user.implementation_version);
  return out;
}

AssociateNames associate_names(ByteView body) {
  AssociateNames out{};
  constexpr std::size_t kBegin = kAssociateFixedBytes - std::tuple_size_v<AssociateNames>;
  std::copy_n(body.begin() + kBegin, out.size(), out.begin());
  return out;
}

Result<AssociateReject> decode_associate_rj(ByteView body) {
  if (body.size() != 4) return malformed_pdu("A-ASSOCIATE-RJ has a wrong size");
  return AssociateReject{body[1], body[2], body[3]};
}

Result<std::vector<Pdv>> decode_data(ByteView body) {
  std::vector<Pdv> out;
  do {
    if (body.size() < kPdvHeaderBytes) return malformed_pdu("a PDV is cut short");
    const std::size_t length = big_u32(body, 0);
    if (length < 2 || length > body.size() - 4) return malformed_pdu("a PDV has a wrong length");
    const std::uint8_t control = body[5];
    const Pdv pdv{body[4], (control & 1U) != 0, (control & 2U) != 0,
                  body.subspan(kPdvHeaderBytes, length - 2)};
    if (pdv.bytes.empty() && !pdv.last) return malformed_pdu("an empty fragment that ends nothing");
    out.push_back(pdv);
    body = body.subspan(4 + length);
  } while (!body.empty());
  return out;
}

Bytes encode(const AssociateRequest& request) {
  PduWriter out;
  out.u16(request.protocol_version).u16(0).ae_title(request.called).ae_title(request.calling);
  out.zeros(32).item(kApplicationContextItem, request.application_context.value);
  for (const ProposedContext& context : request.contexts) {
    const std::size_t begin = out.begin_item(kProposedContextItem);
    out.u8(context.id).u8(0).u8(0).u8(0);
    out.item(kAbstractSyntaxItem, context.abstract_syntax.value);
    for (const Uid& syntax : context.transfer_syntaxes) {
      out.item(kTransferSyntaxItem, syntax.value);
    }
    out.end_item(begin);
  }
  write_user_information(out, request.most_pdu_bytes, request.implementation_class,
                         request.implementation_version, request.roles);
  return std::move(out).finish(PduType::associate_rq);
}

Bytes encode(const AssociateAccept& accept) {
  PduWriter out;
  out.u16(1).u16(0).text(as_text(accept.names));
  out.item(kApplicationContextItem, kApplicationContext);
  for (const AnsweredContext& context : accept.contexts) {
    const std::size_t begin = out.begin_item(kAnsweredContextItem);
    out.u8(context.id).u8(0).u8(static_cast<unsigned>(context.result)).u8(0);
    // Not significant when rejected, yet readers expect it to be there (PS3.8 9.3.3.2).
    out.item(kTransferSyntaxItem, context.transfer_syntax.value);
    out.end_item(begin);
  }
  write_user_information(out, accept.most_pdu_bytes, accept.implementation_class,
                         accept.implementation_version);
  return std::move(out).finish(PduType::associate_ac);
}

Bytes encode(const AssociateReject& reject) {
  return encode_four(PduType::associate_rj, reject.result, reject.source, reject.reason);
}
Bytes encode(const Abort& abort) {
  return encode_four(PduType::abort, 0, abort.source, abort.reason);
}
Bytes encode_release_rq() { return encode_four(PduType::release_rq, 0, 0, 0); }
Bytes encode_release_rp() { return encode_four(PduType::release_rp, 0, 0, 0); }

std::array<std::uint8_t, kPduHeaderBytes + kPdvHeaderBytes> data_pdu_head(
    std::uint8_t context, bool command, bool last, std::uint32_t fragment_bytes) {
  const auto part = [](std::uint32_t value, unsigned shift) {
    return static_cast<std::uint8_t>(value >> shift & 0xFFU);
  };
  const std::uint32_t pdv = fragment_bytes + 2;
  const std::uint32_t pdu = pdv + 4;
  const auto control = static_cast<std::uint8_t>((command ? 1U : 0U) | (last ? 2U : 0U));
  return {static_cast<std::uint8_t>(PduType::p_data), 0, part(pdu, 24), part(pdu, 16),
          part(pdu, 8), part(pdu, 0), part(pdv, 24), part(pdv, 16), part(pdv, 8), part(pdv, 0),
          context, control};
}

}  // namespace veilroute::dicom

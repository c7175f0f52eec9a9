// PDUs of the DICOM upper layer (PS3.8 9.3) as values: encoding, and strict decoding of what a
// stranger sent. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/ids.h"

namespace veilroute::dicom {

enum class PduType : std::uint8_t {
  associate_rq = 1, associate_ac = 2, associate_rj = 3, p_data = 4,
  release_rq = 5, release_rp = 6, abort = 7,
};

inline constexpr std::size_t kPduHeaderBytes = 6;
/// Of A-ASSOCIATE-RQ and -AC: 128 contexts with dozens of syntaxes each fit well.
inline constexpr std::uint32_t kMostAssociateBytes = 256U << 10U;
/// The longest P-DATA-TF we take, and the longest we send whatever the peer would take.
inline constexpr std::uint32_t kMostDataPduBytes = 131072;
/// Below this a peer's maximum length leaves no room for a sensible fragment.
inline constexpr std::uint32_t kLeastDataPduBytes = 128;
inline constexpr std::size_t kMostContexts = 128;
/// PDV item: length (4), context (1), message control header (1).
inline constexpr std::size_t kPdvHeaderBytes = 6;

inline constexpr std::string_view kApplicationContext = "1.2.840.10008.3.1.1.1";
inline constexpr std::string_view kVerificationClass = "1.2.840.10008.1.1";

struct PduHeader {
  PduType type{};
  std::uint32_t length = 0;  ///< of what follows the header
};
/// Errors: pdu.unknown-type, pdu.too-long (for its type), pdu.malformed (too short for its type).
Result<PduHeader> decode_header(std::span<const std::uint8_t, kPduHeaderBytes> bytes);

struct ProposedContext {
  std::uint8_t id = 0;                  ///< odd
  Uid abstract_syntax;                  ///< empty when what was sent is not a UID
  std::vector<Uid> transfer_syntaxes;   ///< in the sender's order; what is not a UID is left out
  bool operator==(const ProposedContext&) const = default;
};

/// SCP/SCU Role Selection (PS3.7 D.3.3.4) of a calling side that wants to be SCP of a class, as for
/// N-EVENT-REPORT on an association of its own. Written, not read: whether a peer that accepts the
/// context also says so, differs, and a peer that calls us has no reason to ask for it.
struct RoleSelection {
  Uid sop_class;
  bool scu = false;
  bool scp = true;
  bool operator==(const RoleSelection&) const = default;
};

/// A-ASSOCIATE-RQ. AE titles come trimmed; one with control characters comes as empty.
struct AssociateRequest {
  std::uint16_t protocol_version = 1;
  AeTitle called;
  AeTitle calling;
  Uid application_context{std::string(kApplicationContext)};
  std::vector<ProposedContext> contexts;
  std::uint32_t most_pdu_bytes = kMostDataPduBytes;  ///< what the sender takes; 0: any
  Uid implementation_class;
  std::string implementation_version;
  std::vector<RoleSelection> roles;
  bool operator==(const AssociateRequest&) const = default;
};

/// PS3.8 table 9-18.
enum class ContextResult : std::uint8_t {
  accepted = 0, user_rejection = 1, no_reason = 2,
  abstract_syntax_not_supported = 3, transfer_syntaxes_not_supported = 4,
};

struct AnsweredContext {
  std::uint8_t id = 0;
  ContextResult result = ContextResult::no_reason;
  Uid transfer_syntax;  ///< meaningful when accepted
  bool operator==(const AnsweredContext&) const = default;
};

/// Bytes 11 to 74 of an A-ASSOCIATE-RQ: both AE titles and 32 reserved bytes. An A-ASSOCIATE-AC
/// repeats them bit for bit, whatever they hold (PS3.8 9.3.3).
using AssociateNames = std::array<std::uint8_t, 64>;
/// Of a body that decode_associate_rq took.
AssociateNames associate_names(ByteView body);

struct AssociateAccept {
  AssociateNames names{};  ///< of the request
  std::vector<AnsweredContext> contexts;
  std::uint32_t most_pdu_bytes = kMostDataPduBytes;
  Uid implementation_class;
  std::string implementation_version;
  bool operator==(const AssociateAccept&) const = default;
};

/// PS3.8 table 9-21.
struct AssociateReject {
  std::uint8_t result = 1;  ///< 1 permanent, 2 transient
  std::uint8_t source = 1;  ///< 1 service user, 2 provider (ACSE), 3 provider (presentation)
  std::uint8_t reason = 1;
  bool operator==(const AssociateReject&) const = default;
};
inline constexpr AssociateReject kCallingNotRecognized{1, 1, 3};
inline constexpr AssociateReject kCalledNotRecognized{1, 1, 7};
inline constexpr AssociateReject kApplicationContextNotSupported{1, 1, 2};
inline constexpr AssociateReject kProtocolVersionNotSupported{1, 2, 2};
inline constexpr AssociateReject kTemporaryCongestion{2, 3, 1};
inline constexpr AssociateReject kLocalLimitExceeded{2, 3, 2};

/// PS3.8 table 9-26.
struct Abort {
  std::uint8_t source = 0;  ///< 0 service user, 2 service provider
  std::uint8_t reason = 0;
  bool operator==(const Abort&) const = default;
};
inline constexpr Abort kUserAbort{0, 0};
inline constexpr Abort kUnrecognizedPdu{2, 1};
inline constexpr Abort kUnexpectedPdu{2, 2};
inline constexpr Abort kInvalidParameter{2, 6};
/// The abort that answers an Error of this file.
Abort abort_for(const Error& error);

/// One fragment of a message, a view into the PDU.
struct Pdv {
  std::uint8_t context = 0;
  bool command = false;
  bool last = false;
  ByteView bytes;
};

// Decoders take what follows the header. Errors: pdu.malformed.

/// Item lengths add up exactly; one application context, one user information, 1 to 128 contexts
/// with odd and distinct ids, each with one abstract and at least one transfer syntax; at most
/// one each of maximum length, implementation class and version, asynchronous
/// operations, user identity. Unknown items are stepped over (PS3.8 9.3.1).
Result<AssociateRequest> decode_associate_rq(ByteView body);
Result<AssociateAccept> decode_associate_ac(ByteView body);
Result<AssociateReject> decode_associate_rj(ByteView body);
/// At least one PDV; lengths add up exactly; only the last fragment of a message may be empty: one
/// that carries nothing and ends nothing could be followed by any number of its kind.
Result<std::vector<Pdv>> decode_data(ByteView body);

// Encoders give the whole PDU.

Bytes encode(const AssociateRequest& request);
Bytes encode(const AssociateAccept& accept);
Bytes encode(const AssociateReject& reject);
Bytes encode(const Abort& abort);
Bytes encode_release_rq();
Bytes encode_release_rp();
/// The first 12 bytes of a P-DATA-TF with one PDV of `fragment_bytes`; the fragment follows.
std::array<std::uint8_t, kPduHeaderBytes + kPdvHeaderBytes> data_pdu_head(
    std::uint8_t context, bool command, bool last, std::uint32_t fragment_bytes);

}  // namespace veilroute::dicom

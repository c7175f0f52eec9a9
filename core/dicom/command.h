// Command sets (PS3.7 6.3, annex E): flat, implicit VR little endian, group 0000. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/bytes.h"
#include "core/base/ids.h"

namespace veilroute::dicom {

inline constexpr std::size_t kMostCommandBytes = 64U << 10U;

/// Command Field (0000,0100). Responses have the highest bit.
namespace command_field {
inline constexpr std::uint16_t c_store_rq = 0x0001, c_echo_rq = 0x0030, n_event_report_rq = 0x0100,
                               n_event_report_rsp = 0x8100, n_action_rq = 0x0130,
                               c_cancel_rq = 0x0FFF, response_bit = 0x8000;
}  // namespace command_field

/// Status (0000,0900), PS3.7 annex C.
namespace status {
inline constexpr std::uint16_t success = 0x0000, processing_failure = 0x0110,
                               no_such_instance = 0x0112, invalid_argument = 0x0115,
                               no_such_class = 0x0118, class_not_supported = 0x0122,
                               no_such_action = 0x0123, not_authorized = 0x0124,
                               unrecognized_operation = 0x0211, resource_limitation = 0x0213,
                               out_of_resources = 0xA700, class_mismatch = 0xA900,
                               cannot_understand = 0xC000;
}  // namespace status

/// Command Data Set Type (0000,0800) that says "none"; anything else says that one follows.
inline constexpr std::uint16_t kNoDataSet = 0x0101;

struct Command {
  std::uint16_t field = 0;
  std::uint16_t message_id = 0;            ///< of requests (0000,0110)
  std::uint16_t responded_to = 0;          ///< of responses (0000,0120)
  std::uint16_t data_set_type = kNoDataSet;
  std::uint16_t status = 0;                ///< of responses
  /// (0000,0002) and (0000,1000), of N-ACTION requests the Requested ones (0000,0003) and
  /// (0000,1001); empty: absent or not a UID.
  Uid affected_class;
  Uid affected_instance;
  std::uint16_t event_type = 0;            ///< of N-EVENT-REPORT (0000,1002); 0: absent
  std::uint16_t action_type = 0;           ///< of N-ACTION (0000,1008); 0: absent
  std::string error_comment;               ///< (0000,0902); at most 64 characters
  [[nodiscard]] bool is_response() const { return (field & command_field::response_bit) != 0; }
  [[nodiscard]] bool has_data_set() const { return data_set_type != kNoDataSet; }
  bool operator==(const Command&) const = default;
};

/// `invalid` "command.malformed": not ascending, another group, a length that lies, or the command
/// field, the data set type, the message id or the status missing.
Result<Command> decode_command(ByteView bytes);
/// The whole command set, group length first. Empty members are left out.
Bytes encode(const Command& command);

Command c_store_request(std::uint16_t message_id, const Uid& sop_class, const Uid& sop_instance);
Command c_echo_request(std::uint16_t message_id);
/// PS3.7 10.1.4 and 10.1.1: about one SOP Instance, with a data set behind.
Command n_action_request(std::uint16_t message_id, const Uid& sop_class, const Uid& sop_instance,
                         std::uint16_t action_type);
Command n_event_report_request(std::uint16_t message_id, const Uid& sop_class,
                               const Uid& sop_instance, std::uint16_t event_type);
/// The response to a request, without a data set.
Command response_to(const Command& request, std::uint16_t status);

/// What a C-STORE status means to the sender (PS3.4 B.2.3, PS3.7 annex C).
enum class StoreAnswer : std::uint8_t {
  stored,   ///< 0000 and the warnings 0001, 0107, 0116, Bxxx: the peer has it
  busy,     ///< A7xx: worth another try
  refused,  ///< everything else: will not get better by itself
};
StoreAnswer store_answer(std::uint16_t status);

}  // namespace veilroute::dicom

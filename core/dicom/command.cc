// A reader and a writer of command sets: no dictionary, no nesting, nothing that could surprise.
#include "core/dicom/command.h"

#include <optional>
#include <string_view>

#include "core/dicom/padding.h"
#include "core/dicom/pdu.h"
#include "core/dicom/uid.h"

namespace veilroute::dicom {
namespace {

constexpr std::uint16_t kGroupLength = 0x0000, kAffectedClass = 0x0002, kRequestedClass = 0x0003,
                        kField = 0x0100, kMessageId = 0x0110, kRespondedTo = 0x0120,
                        kPriority = 0x0700, kDataSetType = 0x0800, kStatus = 0x0900,
                        kErrorComment = 0x0902, kAffectedInstance = 0x1000,
                        kRequestedInstance = 0x1001, kEventType = 0x1002, kActionType = 0x1008;
constexpr std::size_t kElementHeaderBytes = 8;
constexpr std::size_t kMostCommentBytes = 64;
constexpr std::uint16_t kMediumPriority = 0x0000;
constexpr std::uint16_t kDataSetFollows = 0x0001;

Error malformed_command(const char* what) {
  return make_error(ErrorKind::invalid, "command.malformed", what);
}

std::uint16_t little_u16(ByteView bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] | (bytes[at + 1] << 8U));
}
std::uint32_t little_u32(ByteView bytes, std::size_t at) {
  return little_u16(bytes, at) | (static_cast<std::uint32_t>(little_u16(bytes, at + 2)) << 16U);
}

Uid command_uid(ByteView value) {
  const std::string_view text = trimmed(value);
  return is_valid_uid(text) ? Uid{std::string(text)} : Uid{};
}

struct Found {
  std::optional<std::uint16_t> field, message_id, responded_to, data_set_type, status, event_type,
      action_type;
};

Result<void> note(Command& out, Found& found, std::uint16_t element, ByteView value) {
  const auto number = [&](std::optional<std::uint16_t>& into) -> Result<void> {
    if (value.size() != 2) return malformed_command("a number in the command has a wrong size");
    into = little_u16(value, 0);
    return {};
  };
  switch (element) {
    case kField: return number(found.field);
    case kMessageId: return number(found.message_id);
    case kRespondedTo: return number(found.responded_to);
    case kDataSetType: return number(found.data_set_type);
    case kStatus: return number(found.status);
    case kAffectedClass:
      out.affected_class = command_uid(value);
      return {};
    case kRequestedClass:
      if (out.affected_class.value.empty()) out.affected_class = command_uid(value);
      return {};
    case kAffectedInstance:
      out.affected_instance = command_uid(value);
      return {};
    case kRequestedInstance:
      if (out.affected_instance.value.empty()) out.affected_instance = command_uid(value);
      return {};
    case kEventType: return number(found.event_type);
    case kActionType: return number(found.action_type);
    case kErrorComment:
      out.error_comment = trimmed(value.first(std::min(value.size(), kMostCommentBytes)));
      return {};
    default: return {};
  }
}

class CommandWriter {
 public:
  void number(std::uint16_t element, std::uint16_t value) {
    head(element, 2);
    u16(value);
  }
  void text(std::uint16_t element, std::string_view value, char padding) {
    if (value.empty()) return;
    head(element, static_cast<std::uint32_t>(value.size() + value.size() % 2));
    out_.insert(out_.end(), value.begin(), value.end());
    if (value.size() % 2 != 0) out_.push_back(static_cast<std::uint8_t>(padding));
  }
  Bytes finish() && {
    CommandWriter whole;
    whole.head(kGroupLength, 4);
    whole.u32(static_cast<std::uint32_t>(out_.size()));
    whole.out_.insert(whole.out_.end(), out_.begin(), out_.end());
    return std::move(whole.out_);
  }

 private:
  void head(std::uint16_t element, std::uint32_t length) {
    u16(0);
    u16(element);
    u32(length);
  }
  void u16(std::uint16_t value) {
    out_.push_back(static_cast<std::uint8_t>(value & 0xFFU));
    out_.push_back(static_cast<std::uint8_t>(value >> 8U));
  }
  void u32(std::uint32_t value) {
    u16(static_cast<std::uint16_t>(value & 0xFFFFU));
    u16(static_cast<std::uint16_t>(value >> 16U));
  }
  Bytes out_;
};

}  // namespace

Result<Command> decode_command(ByteView bytes) {
  if (bytes.size() > kMostCommandBytes) return malformed_command("the command is too long");
  Command out;
  Found found;
  int previous = -1;
  while (!bytes.empty()) {
    if (bytes.size() < kElementHeaderBytes) return malformed_command("the command is cut short");
    const std::uint16_t element = little_u16(bytes, 2);
    const std::uint32_t length = little_u32(bytes, 4);
    if (little_u16(bytes, 0) != 0) return malformed_command("the command has another group");
    if (element <= previous) return malformed_command("the command's elements are not in order");
    if (length > bytes.size() - kElementHeaderBytes)
      return malformed_command("a length in the command lies");
    previous = element;
    VR_TRY(note(out, found, element, bytes.subspan(kElementHeaderBytes, length)));
    bytes = bytes.subspan(kElementHeaderBytes + length);
  }
  if (!found.field || !found.data_set_type) return malformed_command("the command lacks its field");
  out.field = *found.field;
  out.data_set_type = *found.data_set_type;
  const bool cancels = out.field == command_field::c_cancel_rq;
  if (out.is_response() && (!found.responded_to || !found.status)) {
    return malformed_command("the response lacks its status or message id");
  }
  if (!out.is_response() && !cancels && !found.message_id) {
    return malformed_command("the request lacks its message id");
  }
  out.message_id = found.message_id.value_or(0);
  out.responded_to = found.responded_to.value_or(0);
  out.status = found.status.value_or(0);
  out.event_type = found.event_type.value_or(0);
  out.action_type = found.action_type.value_or(0);
  return out;
}

Bytes encode(const Command& command) {
  const bool requests = command.field == command_field::n_action_rq;
  CommandWriter out;
  out.text(requests ? kRequestedClass : kAffectedClass, command.affected_class.value, '\0');
  out.number(kField, command.field);
  if (command.is_response()) {
    out.number(kRespondedTo, command.responded_to);
  } else {
    out.number(kMessageId, command.message_id);
  }
  if (command.field == command_field::c_store_rq) out.number(kPriority, kMediumPriority);
  out.number(kDataSetType, command.data_set_type);
  if (command.is_response()) {
    out.number(kStatus, command.status);
    out.text(kErrorComment, std::string_view(command.error_comment).substr(0, kMostCommentBytes),
             ' ');
  }
  out.text(requests ? kRequestedInstance : kAffectedInstance, command.affected_instance.value,
           '\0');
  if (command.event_type != 0) out.number(kEventType, command.event_type);
  if (command.action_type != 0) out.number(kActionType, command.action_type);
  return std::move(out).finish();
}

Command c_store_request(std::uint16_t message_id, const Uid& sop_class, const Uid& sop_instance) {
  Command out;
  out.field = command_field::c_store_rq;
  out.message_id = message_id;
  out.data_set_type = kDataSetFollows;
  out.affected_class = sop_class;
  out.affected_instance = sop_instance;
  return out;
}

Command c_echo_request(std::uint16_t message_id) {
  Command out;
  out.field = command_field::c_echo_rq;
  out.message_id = message_id;
  out.affected_class = Uid{std::string(kVerificationClass)};
  return out;
}

Command n_action_request(std::uint16_t message_id, const Uid& sop_class, const Uid& sop_instance,
                         std::uint16_t action_type) {
  Command out = c_store_request(message_id, sop_class, sop_instance);
  out.field = command_field::n_action_rq;
  out.action_type = action_type;
  return out;
}

Command n_event_report_request(std::uint16_t message_id, const Uid& sop_class,
                               const Uid& sop_instance, std::uint16_t event_type) {
  Command out = c_store_request(message_id, sop_class, sop_instance);
  out.field = command_field::n_event_report_rq;
  out.event_type = event_type;
  return out;
}

Command response_to(const Command& request, std::uint16_t status) {
  Command out;
  out.field = static_cast<std::uint16_t>(request.field | command_field::response_bit);
  out.responded_to = request.message_id;
  out.status = status;
  out.affected_class = request.affected_class;
  out.affected_instance = request.affected_instance;
  return out;
}

StoreAnswer store_answer(std::uint16_t status) {
  const bool warning = status == 0x0001 || status == 0x0107 || status == 0x0116 ||
                       (status & 0xF000U) == 0xB000U;
  if (status == status::success || warning) return StoreAnswer::stored;
  if ((status & 0xFF00U) == 0xA700U) return StoreAnswer::busy;
  return StoreAnswer::refused;
}

}  // namespace veilroute::dicom

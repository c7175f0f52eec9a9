#include "tests/support/commitment_peer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/dicom/dataset.h"
#include "core/dicom/padding.h"

namespace veilroute::test {
namespace {

constexpr std::uint8_t kCommitmentContext = 1;
constexpr int kAssociateAccept = 2, kDataPdu = 4, kReleaseAnswer = 6;
const Uid kClass{"1.2.840.10008.1.20.1"};
const Uid kInstance{"1.2.840.10008.1.20.1.1"};
const Uid kCt{"1.2.840.10008.5.1.4.1.1.2"};
constexpr dicom::Tag kTransaction{0x0008, 0x1195}, kFailed{0x0008, 0x1198},
    kReferenced{0x0008, 0x1199}, kReferencedClass{0x0008, 0x1150},
    kReferencedInstance{0x0008, 0x1155}, kReason{0x0008, 0x1197};

dicom::TransferSyntax explicit_syntax() {
  return dicom::find_transfer_syntax(Uid{std::string(dicom::kExplicitLittleEndian)}).value();
}

Bytes fragment(std::uint8_t context, bool command, ByteView bytes) {
  const auto head =
      dicom::data_pdu_head(context, command, true, static_cast<std::uint32_t>(bytes.size()));
  Bytes out(head.begin(), head.end());
  out.insert(out.end(), bytes.begin(), bytes.end());
  return out;
}

std::string text_in(const dicom::Item& item, dicom::Tag tag) {
  const dicom::Element* element = dicom::Dataset::find(item, tag);
  return element ? std::string(dicom::trimmed(element->value)) : std::string();
}

}  // namespace

Bytes commitment_request(const Uid& transaction, const std::vector<Asked>& objects) {
  dicom::Dataset dataset(explicit_syntax());
  dataset.put_text(kTransaction, dicom::vr::UI, transaction.value);
  std::vector<dicom::Item> items;
  for (const Asked& one : objects) {
    dicom::Item item;
    dataset.put_text(item, kReferencedClass, dicom::vr::UI, one.sop_class.value);
    dataset.put_text(item, kReferencedInstance, dicom::vr::UI, one.sop_instance.value);
    items.push_back(std::move(item));
  }
  dataset.put_sequence(dataset.root(), kReferenced).items = std::move(items);
  return dicom::write_dataset(dataset).value().own;
}

ToldReport read_report(const Bytes& data) {
  MemorySource source(data);
  const dicom::Dataset dataset = dicom::read_dataset(source, explicit_syntax(), {}).value();
  ToldReport told;
  told.transaction.value = dataset.text(kTransaction).reveal();
  for (const dicom::Tag tag : {kFailed, kReferenced}) {
    const dicom::Element* sequence = dataset.find(tag);
    if (!sequence) continue;
    for (const dicom::Item& item : sequence->items) {
      const dicom::Element* reason = dicom::Dataset::find(item, kReason);
      const unsigned why = reason ? reason->value[0] + 256U * reason->value[1] : 0;
      told.objects[text_in(item, kReferencedInstance)] = why;
    }
  }
  return told;
}

CommitmentPeer::CommitmentPeer(std::uint16_t port, const std::string& calling) : peer_(port) {
  dicom::AssociateRequest request;
  request.calling = AeTitle{calling};
  request.called = AeTitle{"VEILROUTE"};
  request.implementation_class = Uid{"1.2.3"};
  const Uid syntax{std::string(dicom::kExplicitLittleEndian)};
  request.contexts = {{kCommitmentContext, kClass, {syntax}}, {3, kCt, {syntax}}};
  peer_.write(dicom::encode(request));
  Bytes body;
  if (peer_.read(&body) != kAssociateAccept) return;
  const auto accept = dicom::decode_associate_ac(body);
  accepted_ = accept.ok() && accept->contexts[0].result == dicom::ContextResult::accepted;
}

std::optional<std::uint16_t> CommitmentPeer::ask(const Bytes& request) {
  return say(dicom::n_action_request(++message_id_, kClass, kInstance, 1), request);
}

std::optional<std::uint16_t> CommitmentPeer::say(const dicom::Command& command,
                                                 const Bytes& data) {
  const std::uint8_t context =
      command.field == dicom::command_field::c_store_rq ? 3 : kCommitmentContext;
  peer_.write(fragment(context, true, dicom::encode(command)));
  constexpr std::size_t kPart = 100'000;
  for (std::size_t at = 0; command.has_data_set() && at < data.size(); at += kPart) {
    const ByteView part = ByteView(data).subspan(at, std::min(kPart, data.size() - at));
    const auto head = dicom::data_pdu_head(context, false, at + kPart >= data.size(),
                                           static_cast<std::uint32_t>(part.size()));
    peer_.write(head);
    peer_.write(part);
  }
  const auto answer = read_message();
  if (!answer || !answer->command.is_response()) return std::nullopt;
  return answer->command.status;
}

std::optional<CommitmentPeer::Message> CommitmentPeer::read_message() {
  Message message;
  Bytes command;
  for (bool whole = false; !whole;) {
    Bytes body;
    if (peer_.read(&body) != kDataPdu) return std::nullopt;
    const auto pdvs = dicom::decode_data(body).value();
    for (const dicom::Pdv& pdv : pdvs) {
      Bytes& into = pdv.command ? command : message.data;
      into.insert(into.end(), pdv.bytes.begin(), pdv.bytes.end());
      message.context = pdv.context;
      if (pdv.last && pdv.command) message.command = dicom::decode_command(command).value();
      whole = pdv.last && (!pdv.command || !message.command.has_data_set());
    }
  }
  return message;
}

std::optional<ToldReport> CommitmentPeer::report_of(const std::optional<Message>& message) {
  if (!message || message->command.field != dicom::command_field::n_event_report_rq) {
    return std::nullopt;
  }
  EXPECT_EQ(message->context, kCommitmentContext);
  EXPECT_EQ(message->command.affected_class, kClass);
  EXPECT_EQ(message->command.affected_instance, kInstance);
  ToldReport told = read_report(message->data);
  const bool good = std::all_of(told.objects.begin(), told.objects.end(),
                                [](const auto& one) { return one.second == 0; });
  EXPECT_EQ(message->command.event_type, good ? 1 : 2);
  return told;
}

std::optional<ToldReport> CommitmentPeer::take_report(std::uint16_t status) {
  const auto message = read_message();
  auto told = report_of(message);
  if (told) {
    peer_.write(fragment(kCommitmentContext, true,
                         dicom::encode(dicom::response_to(message->command, status))));
  }
  return told;
}

std::optional<ToldReport> CommitmentPeer::overhear_report() { return report_of(read_message()); }

bool CommitmentPeer::release() {
  peer_.write(dicom::encode_release_rq());
  return peer_.read() == kReleaseAnswer;
}

}  // namespace veilroute::test

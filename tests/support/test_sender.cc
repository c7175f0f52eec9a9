#include "tests/support/test_sender.h"

#include <algorithm>
#include <set>
#include <span>

#include "core/dicom/dictionary.h"

namespace veilroute::test {
namespace {

using dicom::Tag;

/// Elements one after the other, little endian.
class Elements {
 public:
  explicit Elements(bool implicit_vr) : implicit_(implicit_vr) {}
  Elements& text(Tag tag, dicom::Vr vr, std::string value) {
    if (value.size() % 2 != 0) value.push_back(static_cast<char>(dicom::padding_of(vr)));
    head(tag, vr, static_cast<std::uint32_t>(value.size()));
    out_.insert(out_.end(), value.begin(), value.end());
    return *this;
  }
  Elements& number(Tag tag, std::uint16_t value) {
    head(tag, dicom::vr::US, 2);
    u16(value);
    return *this;
  }
  Elements& pixels(const Bytes& value) {
    head(dicom::tags::PixelData, dicom::vr::OW, static_cast<std::uint32_t>(value.size()));
    out_.insert(out_.end(), value.begin(), value.end());
    return *this;
  }
  Elements& fragment(const Bytes& value) {
    head(dicom::tags::PixelData, dicom::vr::OB, 0xFFFFFFFF);
    item(dicom::tags::Item, 0);
    item(dicom::tags::Item, static_cast<std::uint32_t>(value.size()));
    out_.insert(out_.end(), value.begin(), value.end());
    item(dicom::tags::SequenceDelimitation, 0);
    return *this;
  }
  Bytes out() && { return std::move(out_); }

 private:
  void head(Tag tag, dicom::Vr vr, std::uint32_t length) {
    if (implicit_) {
      item(tag, length);
      return;
    }
    u16(tag.group);
    u16(tag.element);
    const std::string letters = dicom::to_text(vr);
    out_.insert(out_.end(), letters.begin(), letters.end());
    if (dicom::has_long_length(vr)) {
      u16(0);
      u32(length);
    } else {
      u16(static_cast<std::uint16_t>(length));
    }
  }
  void item(Tag tag, std::uint32_t length) {
    u16(tag.group);
    u16(tag.element);
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
  bool implicit_;
  Bytes out_;
};

Elements header(bool implicit_vr, const Uid& sop_class, const Uid& sop_instance,
                const Uid& study) {
  namespace vr = dicom::vr;
  namespace tags = dicom::tags;
  Elements out(implicit_vr);
  out.text(tags::SOPClassUID, vr::UI, sop_class.value)
      .text(tags::SOPInstanceUID, vr::UI, sop_instance.value)
      .text(tags::Modality, vr::CS, "CT")
      .text(tags::PatientName, vr::PN, "PHANTOM^ONE")
      .text(tags::PatientID, vr::LO, "PH-1")
      .text(tags::StudyInstanceUID, vr::UI, study.value)
      .text(tags::SeriesInstanceUID, vr::UI, study.value + ".1")
      .number({0x0028, 0x0010}, 2)
      .number({0x0028, 0x0011}, 2);
  return out;
}

}  // namespace

dicom::Call call_of(const SenderOptions& options) {
  dicom::Call call;
  call.host = options.host;
  call.port = options.port;
  call.called = AeTitle{options.called};
  call.calling = AeTitle{options.calling};
  call.tls = options.tls;
  call.connect_timeout = std::chrono::seconds(10);
  call.answer_timeout = std::chrono::seconds(20);
  return call;
}

namespace {

using Pair = std::pair<std::string, std::string>;

/// How many of `objects` one association can carry: no more than 128 pairs of class and syntax.
std::size_t count_for_one(std::span<const Sendable> objects, std::set<Pair>& pairs) {
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const Pair pair{objects[i].sop_class.value, objects[i].transfer_syntax.value};
    if (pairs.size() == dicom::kMostContexts && !pairs.contains(pair)) return i;
    pairs.insert(pair);
  }
  return objects.size();
}

Result<void> send_on_one(const SenderOptions& options, std::span<const Sendable> objects,
                         const std::set<Pair>& pairs, std::vector<std::uint16_t>& statuses) {
  std::vector<dicom::ProposedContext> contexts;
  for (const auto& [sop_class, syntax] : pairs) {
    contexts.push_back({0, Uid{sop_class}, {Uid{syntax}}});
  }
  const dicom::Interrupt never;
  VR_TRY(dicom::Requestor association,
         dicom::Requestor::open(call_of(options), std::move(contexts), never));
  for (const Sendable& object : objects) {
    const auto context = association.context(object.sop_class, object.transfer_syntax);
    if (!context) {
      statuses.push_back(dicom::status::class_not_supported);
      continue;
    }
    const dicom::Command request = dicom::c_store_request(association.next_message_id(),
                                                          object.sop_class, object.sop_instance);
    MemorySource source(object.data);
    VR_TRY(association.send(*context, request, &source));
    VR_TRY(const dicom::Command answer, association.receive_answer(*context, request));
    statuses.push_back(answer.status);
  }
  association.release();
  return {};
}

}  // namespace

Result<std::vector<std::uint16_t>> send_objects(const SenderOptions& options,
                                                const std::vector<Sendable>& objects) {
  std::vector<std::uint16_t> statuses;
  std::span<const Sendable> left(objects);
  do {
    std::set<Pair> pairs;
    const std::size_t count = count_for_one(left, pairs);
    VR_TRY(send_on_one(options, left.first(count), pairs, statuses));
    left = left.subspan(count);
  } while (!left.empty());
  return statuses;
}

Bytes explicit_data_set(const Uid& sop_class, const Uid& sop_instance, const Uid& study,
                        const Bytes& pixels) {
  return std::move(header(false, sop_class, sop_instance, study).pixels(pixels)).out();
}

Bytes encapsulated_data_set(const Uid& sop_class, const Uid& sop_instance, const Uid& study,
                            const Bytes& fragment) {
  return std::move(header(false, sop_class, sop_instance, study).fragment(fragment)).out();
}

Bytes implicit_data_set(const Uid& sop_class, const Uid& sop_instance, const Uid& study,
                        const Bytes& pixels) {
  return std::move(header(true, sop_class, sop_instance, study).pixels(pixels)).out();
}

RawPeer::RawPeer(std::uint16_t port, const std::string& host) {
  auto socket = dicom::connect_to(host, port, dicom::after(std::chrono::seconds(5)), never_);
  if (!socket.ok()) return;
  stream_ = std::make_unique<dicom::PduStream>(
      dicom::Transport(dicom::make_plain_channel(std::move(socket).value()), never_));
}

void RawPeer::write(ByteView bytes) {
  if (!stream_) return;
  // A node that hung up already is part of what is tested: read() will tell.
  [[maybe_unused]] const auto written = stream_->write(bytes, dicom::after(std::chrono::seconds(5)));
}

int RawPeer::read(Bytes* body, std::chrono::milliseconds longest) {
  if (!stream_) return 0;
  const auto pdu = stream_->next(dicom::after(longest));
  if (!pdu.ok()) return pdu.error().slug == "network.timeout" ? -1 : 0;
  if (body) body->assign(pdu->body.begin(), pdu->body.end());
  return static_cast<int>(pdu->type);
}

}  // namespace veilroute::test

// An association spoken by hand, PDU by PDU: for senders that do what no sender should.
#pragma once

#include <gtest/gtest.h>

#include "tests/scp/reception.h"

namespace veilroute::scp {

inline const Uid kSpokenClass{"1.2.840.10008.5.1.4.1.1.2"};
inline const Uid kSpokenSyntax{"1.2.840.10008.1.2.1"};
/// Contexts of spoken_request().
inline constexpr std::uint8_t kStoreContext = 1, kEchoContext = 3;

inline Bytes spoken_request(const char* calling = "ER_CR1") {
  dicom::AssociateRequest request;
  request.calling = AeTitle{calling};
  request.called = AeTitle{"VEILROUTE"};
  request.implementation_class = Uid{"1.2.3"};
  request.contexts = {{kStoreContext, kSpokenClass, {kSpokenSyntax}},
                      {kEchoContext, Uid{std::string(dicom::kVerificationClass)}, {kSpokenSyntax}}};
  return dicom::encode(request);
}

inline Bytes data_pdu(std::uint8_t context, bool command, bool last, ByteView bytes) {
  const auto head =
      dicom::data_pdu_head(context, command, last, static_cast<std::uint32_t>(bytes.size()));
  Bytes out(head.begin(), head.end());
  out.insert(out.end(), bytes.begin(), bytes.end());
  return out;
}

inline Uid spoken_instance(int number) { return Uid{"2.25." + std::to_string(9000 + number)}; }

/// C-STORE-RQ of the object `number`.
inline Bytes store_pdu(int number) {
  return data_pdu(kStoreContext, true, true,
                  dicom::encode(dicom::c_store_request(1, kSpokenClass, spoken_instance(number))));
}
inline Bytes echo_pdu() {
  return data_pdu(kEchoContext, true, true, dicom::encode(dicom::c_echo_request(1)));
}
inline Bytes spoken_object(int number) {
  return test::explicit_data_set(kSpokenClass, spoken_instance(number), Uid{"1.2.3.77"}, Bytes(400));
}

inline constexpr int kIsAccept = 2, kIsReject = 3, kIsData = 4, kIsAbort = 7;

/// The status of the next answer; -1 when something else came.
inline int answered_status(test::RawPeer& peer) {
  Bytes body;
  if (peer.read(&body, std::chrono::seconds(20)) != kIsData) return -1;
  return dicom::decode_command(dicom::decode_data(body).value()[0].bytes).value().status;
}

}  // namespace veilroute::scp

// What a stranger may send first: any bytes as a PDU, each decoder in turn. Property: nothing is
// read beyond the end (the sanitizers see that), and what was understood survives a round trip.
#include <cstdlib>

#include "core/dicom/command.h"
#include "core/dicom/pdu.h"

namespace {

using namespace veilroute;

/// A request that was understood is encoded to something that is understood the same way.
void round_trip(const dicom::AssociateRequest& request) {
  const Bytes encoded = dicom::encode(request);
  const auto again = dicom::decode_associate_rq(ByteView(encoded).subspan(dicom::kPduHeaderBytes));
  // Contexts whose UIDs were no UIDs lose them, and then lack what a context must have.
  for (const dicom::ProposedContext& context : request.contexts) {
    if (context.abstract_syntax.value.empty() || context.transfer_syntaxes.empty()) return;
  }
  if (!again.ok() || !(*again == request)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (size >= dicom::kPduHeaderBytes) {
    [[maybe_unused]] const auto header =
        dicom::decode_header(bytes.first<dicom::kPduHeaderBytes>());
  }
  const ByteView body = size >= dicom::kPduHeaderBytes ? bytes.subspan(dicom::kPduHeaderBytes) : bytes;
  if (const auto request = dicom::decode_associate_rq(body); request.ok()) round_trip(*request);
  [[maybe_unused]] const auto accept = dicom::decode_associate_ac(body);
  [[maybe_unused]] const auto reject = dicom::decode_associate_rj(body);
  if (const auto pdvs = dicom::decode_data(body); pdvs.ok()) {
    std::size_t total = 0;
    for (const dicom::Pdv& pdv : *pdvs) total += pdv.bytes.size() + dicom::kPdvHeaderBytes;
    if (total != body.size()) std::abort();
  }
  if (const auto command = dicom::decode_command(body); command.ok()) {
    const auto again = dicom::decode_command(dicom::encode(*command));
    if (!again.ok() || again->field != command->field || again->status != command->status) {
      std::abort();
    }
  }
  return 0;
}

// What a stranger's connection brings before anything is known of it, in pieces of any size: Knock,
// the A-ASSOCIATE-RQ, admission. Properties: it ends; whoever is admitted is a configured source or
// asked for the health title; each proposal has one answer in its order; what we say in the end are
// whole PDUs that we read ourselves.
#include <cstdlib>

#include "core/dicom/dataset.h"
#include "scp/admission.h"
#include "scp/knock.h"
#include "tests/fuzz/memory_channel.h"

namespace {

using namespace veilroute;

void must(bool holds) {
  if (!holds) std::abort();
}

config::Config make_config() {
  config::Config made;
  made.site.ae_title = AeTitle{"VEILROUTE"};
  config::Source source;
  source.name = SourceName{"er-one"};
  source.ae_title = AeTitle{"ER_CR1"};
  made.sources.push_back(source);
  return made;
}

/// A-ABORT or A-ASSOCIATE-RJ, or nothing.
void must_be_last_words(const Bytes& said) {
  if (said.empty()) return;
  must(said.size() >= dicom::kPduHeaderBytes);
  const auto header = dicom::decode_header(ByteView(said).first<dicom::kPduHeaderBytes>());
  must(header.ok() && said.size() == dicom::kPduHeaderBytes + header->length);
  must(header->type == dicom::PduType::abort || header->type == dicom::PduType::associate_rj);
}

Bytes verdict_on(const dicom::AssociateRequest& request) {
  static const config::Config config = make_config();
  config::Listener listener;
  listener.health_ae = AeTitle{"HEALTH"};
  const auto verdict = scp::admit(config, listener, {"127.0.0.1", ""}, request);
  if (const auto* refused = std::get_if<scp::Refused>(&verdict)) {
    return dicom::encode(refused->reject);
  }
  const auto& admitted = std::get<scp::Admitted>(verdict);
  must(admitted.source ? request.calling.value == "ER_CR1" : request.called.value == "HEALTH");
  must(admitted.contexts.size() == request.contexts.size());
  for (std::size_t i = 0; i < request.contexts.size(); ++i) {
    must(admitted.contexts[i].id == request.contexts[i].id);
  }
  dicom::AssociateAccept accept;
  accept.contexts = admitted.contexts;
  accept.implementation_class = Uid{std::string(dicom::kImplementationClassUid)};
  const Bytes encoded = dicom::encode(accept);
  must(dicom::decode_associate_ac(ByteView(encoded).subspan(dicom::kPduHeaderBytes)).ok());
  return dicom::encode(dicom::kUserAbort);
}

}  // namespace

/// The first byte says in what pieces the rest arrives.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes said;
  scp::Knock knock(std::make_unique<fuzz::MemoryChannel>(ByteView(data, size).subspan(1),
                                                         std::size_t{data[0]}, said),
                   "127.0.0.1");
  // Whenever the socket has more, as the listener does it; the input has an end.
  const auto go_on = [&](scp::Knock::Stage stage) {
    while (stage == scp::Knock::Stage::waiting) stage = knock.advance();
    return stage;
  };
  auto stage = go_on(knock.advance());
  if (stage == scp::Knock::Stage::ready) {
    const auto request = dicom::decode_associate_rq(knock.request());
    stage = go_on(knock.dismiss(request.ok() ? verdict_on(*request)
                                             : dicom::encode(dicom::abort_for(request.error()))));
  }
  must(stage == scp::Knock::Stage::over);
  must_be_last_words(said);
  return 0;
}

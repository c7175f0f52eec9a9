// The canonical bytes of an object's head and facts.
#include "core/store/record_codec.h"

namespace veilroute::store {

namespace {

constexpr std::uint8_t kHeadVersion = 1;
constexpr std::uint8_t kFactsVersion = 1;

Error unknown_version(const char* what) {
  return make_error(ErrorKind::corrupt, "spool.version-unknown",
                    std::string(what) + " has a version that this program does not know");
}

}  // namespace

Bytes encode(const ObjectHead& head) {
  Encoder out;
  out.u8(kHeadVersion).u64(head.id.value).i64(to_micros(head.received_at));
  out.text(head.source.value).text(head.listener.value).u64(head.association.value);
  out.text(head.calling_ae.value).text(head.called_ae.value).text(head.transfer_syntax.value);
  out.text(head.sop_class.value).text(head.sop_instance.value);
  return std::move(out).out();
}

Result<ObjectHead> decode_head(ByteView bytes) {
  Decoder in(bytes);
  if (in.u8() != kHeadVersion) return unknown_version("an object's head");
  ObjectHead head;
  head.id.value = in.u64();
  head.received_at = from_micros(in.i64());
  head.source.value = in.text();
  head.listener.value = in.text();
  head.association.value = in.u64();
  head.calling_ae.value = in.text();
  head.called_ae.value = in.text();
  head.transfer_syntax.value = in.text();
  head.sop_class.value = in.text();
  head.sop_instance.value = in.text();
  VR_TRY(in.finish("an object's head"));
  return head;
}

Bytes encode(const ObjectFacts& facts) {
  Encoder out;
  out.u8(kFactsVersion).u64(facts.length_bytes).digest(facts.digest);
  out.text(facts.study.value).text(facts.series.value);
  out.text(facts.patient_id.reveal()).text(facts.issuer.reveal());
  out.u32(static_cast<std::uint32_t>(facts.large.size()));
  for (const dicom::LargeValue& value : facts.large) {
    out.u64(value.begin).u64(value.end).u32(value.tag.packed()).u32(value.fragments);
    out.u8(static_cast<std::uint8_t>(value.codestream));
  }
  out.u32(static_cast<std::uint32_t>(facts.match_facts.size()));
  for (const dicom::CapturedValue& value : facts.match_facts) {
    out.u32(value.tag.packed()).text(value.raw.reveal());
  }
  out.text(facts.unusable).text(facts.unusable_at);
  return std::move(out).out();
}

Result<ObjectFacts> decode_facts(ByteView bytes) {
  Decoder in(bytes);
  if (in.u8() != kFactsVersion) return unknown_version("an object's trailer");
  ObjectFacts facts;
  facts.length_bytes = in.u64();
  facts.digest = in.digest();
  facts.study.value = in.text();
  facts.series.value = in.text();
  facts.patient_id = Phi<std::string>(in.text());
  facts.issuer = Phi<std::string>(in.text());
  // Counts that lie end at the first shortfall: nothing is reserved by them.
  for (std::uint32_t left = in.u32(); left > 0 && in.ok(); --left) {
    dicom::LargeValue value;
    value.begin = in.u64();
    value.end = in.u64();
    value.tag = dicom::tag_of(in.u32());
    value.fragments = in.u32();
    value.codestream = dicom::codestream_of(in.u8());
    facts.large.push_back(value);
  }
  for (std::uint32_t left = in.u32(); left > 0 && in.ok(); --left) {
    dicom::CapturedValue value;
    value.tag = dicom::tag_of(in.u32());
    value.raw = Phi<std::string>(in.text());
    facts.match_facts.push_back(std::move(value));
  }
  facts.unusable = in.text();
  facts.unusable_at = in.text();
  VR_TRY(in.finish("an object's trailer"));
  return facts;
}

}  // namespace veilroute::store

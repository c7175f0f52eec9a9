// Objects as a spool would hand them to the catalog, without a spool. No real person's data.
#pragma once

#include <string>

#include "core/base/crypto.h"
#include "core/store/object.h"

namespace veilroute::test {

/// What is told apart in a test; everything else follows from it.
struct ObjectSpec {
  std::uint64_t id = 1;
  unsigned study = 1;
  unsigned instance = 1;
  unsigned bytes = 1;               ///< which bytes: the digest follows from it
  std::string patient = "PID-ONE";  ///< empty: the object does not say
  std::string issuer = "HOSPITAL";
  std::string sop_class = "1.2.840.10008.5.1.4.1.1.1.1";
  std::string unusable{};
  std::string source = "er-xray";
  std::uint64_t association = 7;
  std::string listener = "ward";
  std::string calling_ae = "ER_CR1";
  std::string called_ae = "VEILROUTE";
  TimePoint at{};
};

inline Uid study_uid(unsigned study) {
  return {"1.2.826.0.1.3680043.99.1." + std::to_string(study)};
}
inline Uid instance_uid(unsigned instance) {
  return {"1.2.826.0.1.3680043.99.2." + std::to_string(instance)};
}

inline store::NewObject new_object(const ObjectSpec& spec) {
  store::NewObject object;
  object.head.id = {spec.id};
  object.head.received_at = spec.at;
  object.head.source = {spec.source};
  object.head.listener = {spec.listener};
  object.head.association = {spec.association};
  object.head.calling_ae = {spec.calling_ae};
  object.head.called_ae = {spec.called_ae};
  object.head.transfer_syntax = {"1.2.840.10008.1.2.1"};
  object.head.sop_class = {spec.sop_class};
  object.head.sop_instance = instance_uid(spec.instance);
  object.facts.length_bytes = 1000 + spec.bytes;
  object.facts.digest = crypto::sha256(as_bytes(std::to_string(spec.bytes)));
  object.facts.study = study_uid(spec.study);
  object.facts.series = {"1.2.826.0.1.3680043.99.3." + std::to_string(spec.study)};
  object.facts.patient_id = Phi<std::string>(spec.patient);
  object.facts.issuer = Phi<std::string>(spec.patient.empty() ? std::string() : spec.issuer);
  object.facts.unusable = spec.unusable;
  object.location.segment = {1};
  object.location.offset = spec.id * 10'000;
  object.location.record_bytes = 2000;
  object.location.wrapped_key = Bytes(crypto::kWrappedKeyBytes, 0x11);
  return object;
}

}  // namespace veilroute::test

// What a STOW-RS server says of each object (PS3.18 10.5.3, annex I.2), and a QIDO-RS server of
// one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/store/transfer.h"

namespace veilroute::router {

/// Of one object: in which lists it stands, and with which code.
struct InstanceAnswer {
  bool stored = false;       ///< Referenced SOP Sequence (0008,1199)
  bool failed = false;       ///< Failed SOP Sequence (0008,1198)
  std::uint16_t status = 0;  ///< Warning Reason (0008,1196) or Failure Reason (0008,1197)
};

/// By SOP Instance UID.
using StowAnswer = std::map<std::string, InstanceAnswer, std::less<>>;

/// From application/dicom+json or application/dicom+xml (PS3.18 annex F, PS3.19 A.1); which of the
/// two shows in the first character. `invalid` "http.answer-unreadable" for anything else.
Result<StowAnswer> read_stow_answer(std::string_view body);

/// The same of the Native DICOM Model alone.
Result<StowAnswer> read_stow_answer_xml(std::string_view body);

/// How an object fared. Stored, with or without a warning: sent. Failed: refused; deferred where
/// the receiver had no room (A7xx), could not process it (0110) or gave no reason. In both lists or
/// in none: unknown.
store::Outcome outcome_of(const InstanceAnswer& answer);

/// Notes one item of one of the lists.
void note_instance(StowAnswer& answer, std::string_view uid, bool stored, std::uint16_t status);

/// Whether a QIDO-RS answer (application/dicom+json) names the instance. `invalid`
/// "http.answer-unreadable".
Result<bool> names_instance(std::string_view body, const Uid& instance);

/// "http.answer-unreadable".
Error unreadable_answer();

}  // namespace veilroute::router

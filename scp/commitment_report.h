// What a source is told about its objects: the data set of an N-EVENT-REPORT (PS3.4 J.3.3). Pure.
#pragma once

#include "core/dicom/command.h"
#include "core/store/commitment.h"

namespace veilroute::scp {

/// A command and the data set behind it.
struct EventReport {
  dicom::Command command;
  Bytes data;
};

/// Event type 1 when we answer for all of it, else 2 with what failed and why. `syntax` is
/// uncompressed.
Result<EventReport> make_event_report(const store::Commitment& commitment, const Uid& syntax,
                                      std::uint16_t message_id);

/// The source's answer is none of success.
Error report_refused(std::uint16_t status);

}  // namespace veilroute::scp

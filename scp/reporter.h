// Reporter: tells sources what became of their requests for commitment, on an association of our
// own in which we are the SCP (PS3.7 D.3.3.4), until they say that they heard.
#pragma once

#include <stop_token>

#include "core/dicom/transport.h"
#include "scp/commitment_desk.h"

namespace veilroute::scp {

/// Runs until stopped. One thread a node: "reporter".
void report_loop(CommitmentDesk& desk, const std::stop_token& stop);

/// One round, for tests and for the loop itself: settles what waits and reports what is due. How
/// many sources' answers came in.
Result<std::size_t> report_round(CommitmentDesk& desk, const dicom::Interrupt& stop);

}  // namespace veilroute::scp

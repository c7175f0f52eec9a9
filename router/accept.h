// Accept: a person says that a value which verification found is harmless at its place on this
// route (docs/adr/0021). What exactly the value is, verification itself tells: the person names the
// finding.
#pragma once

#include <stop_token>
#include <string>

#include "router/room.h"

namespace veilroute::router {

struct AcceptOrder {
  TransferId transfer;
  ObjectId object;
  std::string path;  ///< as the finding has it: "(0018,A001)[2].(0008,0070)"
  std::string actor;
  std::string reason;
};

/// De-identifies and verifies the object once more, to learn which value the finding is about, and
/// writes the acceptance down. The transfer stays in quarantine until it is resumed. Reads the
/// heads of the whole study: seconds for thousands of objects. `refused`: no such finding or one of
/// another kind ("accept.no-such-finding", "accept.other-rule"), one that does not come out again
/// ("accept.not-found-again"), a value that nobody may accept (profiles/acceptable.h), and what
/// AcceptanceBook::accept_finding refuses. Any thread; nothing of the transfer is changed.
Result<store::AcceptanceId> accept_finding(RouterRoom& room, const AcceptOrder& order,
                                           const std::stop_token& stop);

}  // namespace veilroute::router

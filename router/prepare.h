// One planned transfer: de-identify, write the outbox, verify, queue; or quarantine. Walk steps 6
// to 8.
#pragma once

#include <stop_token>
#include <string>

#include "router/room.h"

namespace veilroute::router {

enum class PrepareOutcome : std::uint8_t {
  cleared,      ///< verified and queued
  quarantined,  ///< something did not finish clean: it waits for a person
  blocked,      ///< the gate is shut
  later,        ///< no room, or the disk or the store does not answer: nothing was changed
  nothing,      ///< not planned any more, or we were stopped: nothing was changed
};

struct Prepared {
  PrepareOutcome outcome = PrepareOutcome::nothing;
  std::string slug;  ///< first finding's rule, or why later
  std::size_t objects = 0;
  std::uint64_t bytes = 0;  ///< of what will leave
};

/// Asks the gate first. Prepares with the pinned profile and the study's pseudonym row. Reads every
/// object twice: once for what must not be found in any copy, once to make the copy; one object in
/// memory at a time but for small ones that are kept. Every copy is checked before it enters the
/// outbox.
///
/// Any finding on any object: the whole transfer is quarantined, nothing is cleared, the outbox file
/// is gone. So is a failure of our own (`internal`), an exception included: it must neither leave
/// nor be tried for ever. A full disk changes nothing and is tried again; so is an object that cannot
/// be read, or that memory does not suffice for, until the transfer has rested kMostRests times. An
/// error is returned only when the catalog cannot even note the outcome.
/// The caller holds the claim on the transfer.
Result<Prepared> prepare_transfer(RouterRoom& room, TransferId id, const std::stop_token& stop);

}  // namespace veilroute::router

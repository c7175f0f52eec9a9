// What a sender is given: each object's record, with a way to its bytes that is watched for faults of
// our own disk.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "router/room.h"

namespace veilroute::router {

/// The first failure of our own while bytes were read for sending; the sender only knows that it
/// could not go on. One thread.
struct OwnFault {
  std::optional<Error> error;
  ObjectId object;
};

/// `corrupt` unless the manifest is the one that was cleared for this transfer, and every object
/// still to go has the record that its row names.
Result<void> check_manifest(const dicom::Manifest& manifest, const store::Transfer& transfer);

/// The objects still to go, in the manifest's order. The parcels refer to all three and to `fault`:
/// they outlive the parcels. Opening one compares the spooled object's digest with the record's.
std::vector<Parcel> parcels_of(RouterRoom& room, store::OutboxReader& outbox,
                               const store::Transfer& transfer, OwnFault& fault);

}  // namespace veilroute::router

// Rows of the catalog as JSON, for people and programs. Nothing here identifies a person unless the
// caller asked for it by name.
#pragma once

#include "app/message.h"
#include "core/store/catalog.h"

namespace veilroute::app {

json describe(const store::Study& study);
/// Old UID, patient and issuer: only for `--identified`.
json describe_identity(const store::Study& study);
json describe(const store::Transfer& transfer);
json describe(const store::RouteSum& sum);
json describe(const store::TransferObject& object);
/// `identified`: with the opened sealed parts.
json describe(const ledger::Entry& entry, bool identified);
json describe(const ledger::Inspection& inspection);

}  // namespace veilroute::app

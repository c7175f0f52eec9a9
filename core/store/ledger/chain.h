// How entries are linked: leaf = SHA-256(0x00 ‖ entry) (RFC 6962), link = SHA-256(previous ‖ leaf).
#pragma once

#include "core/base/bytes.h"

namespace veilroute::ledger {

Digest leaf_of(ByteView entry);
/// The link before the first entry is 32 zero bytes.
Digest link_of(const Digest& previous, const Digest& leaf);

}  // namespace veilroute::ledger

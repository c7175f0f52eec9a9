// The hash that links the ledger's entries.
#include "core/store/ledger/chain.h"

#include "core/base/crypto.h"

namespace veilroute::ledger {

Digest leaf_of(ByteView entry) {
  crypto::Hasher hasher;
  const std::uint8_t prefix = 0x00;  // RFC 6962 2.1: a leaf can never be taken for a node
  hasher.update({&prefix, 1});
  hasher.update(entry);
  return hasher.finish();
}

Digest link_of(const Digest& previous, const Digest& leaf) {
  crypto::Hasher hasher;
  hasher.update(previous);
  hasher.update(leaf);
  return hasher.finish();
}

}  // namespace veilroute::ledger

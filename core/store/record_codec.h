// The canonical bytes of an object's head and facts: what is sealed in a segment record, and again
// in its catalog row (decisions 3 and 15). A version stands first in each.
#pragma once

#include "core/base/bytes.h"
#include "core/store/object.h"

namespace veilroute::store {

Bytes encode(const ObjectHead& head);
/// `corrupt` for anything encode() cannot have written.
Result<ObjectHead> decode_head(ByteView bytes);

Bytes encode(const ObjectFacts& facts);
Result<ObjectFacts> decode_facts(ByteView bytes);

}  // namespace veilroute::store

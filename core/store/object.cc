// The words and the moves of an object's states (decisions 7).
#include "core/store/object.h"

#include <array>

namespace veilroute::store {

std::string_view to_string(ObjectState state) {
  static constexpr std::array<std::string_view, 5> kWords = {"live", "superseded", "unusable",
                                                             "corrupt", "shredded"};
  return kWords.at(static_cast<std::size_t>(state));
}

bool may_become(ObjectState from, ObjectState to) {
  if (from == ObjectState::shredded || to == ObjectState::live) return false;
  return from == ObjectState::live ? to != from : to == ObjectState::shredded;
}

}  // namespace veilroute::store

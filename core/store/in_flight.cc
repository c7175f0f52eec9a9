// Which studies an open association is carrying.
#include "core/store/in_flight.h"

namespace veilroute::store {

void InFlight::note(AssociationId association, const Uid& study) {
  const Lock lock(mutex_);
  if (studies_[association.value].emplace(study.value, true).second) ++count_[study.value];
}

void InFlight::release(AssociationId association) {
  const Lock lock(mutex_);
  const auto noted = studies_.find(association.value);
  if (noted == studies_.end()) return;
  for (const auto& [study, here] : noted->second) {
    const auto counted = count_.find(study);
    if (counted != count_.end() && --counted->second == 0) count_.erase(counted);
  }
  studies_.erase(noted);
}

bool InFlight::carries(const Uid& study) const {
  const Lock lock(mutex_);
  return count_.contains(study.value);
}

}  // namespace veilroute::store

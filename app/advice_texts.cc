// All advice: the tables of advice_*.cc in one list.
#include "app/advice_tables.h"

namespace veilroute::app {

const std::vector<Advice>& all_advice() {
  static const std::vector<Advice> kAll = [] {
    std::vector<Advice> all;
    for (const auto table :
         {object_advice(), study_advice(), retention_advice(), profile_advice(),
          connection_advice(), http_advice(), watch_advice(), site_advice()}) {
      all.insert(all.end(), table.begin(), table.end());
    }
    return all;
  }();
  return kAll;
}

}  // namespace veilroute::app

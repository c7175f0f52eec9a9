// Which studies an open association is carrying: a study is not complete while one of them is here.
// In memory only, since associations end with the process.
#pragma once

#include <map>
#include <string>

#include "core/base/ids.h"
#include "core/base/thread.h"

namespace veilroute::store {

/// Any thread.
class InFlight {
 public:
  /// Each association notes a study once and releases all it noted when it ends.
  void note(AssociationId association, const Uid& study);
  void release(AssociationId association);
  [[nodiscard]] bool carries(const Uid& study) const;

 private:
  mutable Mutex mutex_;
  std::map<std::uint64_t, std::map<std::string, bool>> studies_ VR_GUARDED_BY(mutex_);
  std::map<std::string, unsigned> count_ VR_GUARDED_BY(mutex_);
};

}  // namespace veilroute::store

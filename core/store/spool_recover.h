// Spool::recover behind its door: what the segments of an earlier run hold, against what the
// catalog has (decisions 3).
#pragma once

#include <filesystem>

#include "core/base/files.h"
#include "core/store/catalog.h"
#include "core/store/spool.h"

namespace veilroute::store {

struct RecoveryRoom {
  Files& files;
  Catalog& catalog;
  std::filesystem::path folder;
  CompletionPolicy policy;
};

/// See Spool::recover. One thread, before anything else uses the spool.
Result<RecoveryReport> recover_segments(const RecoveryRoom& room);

}  // namespace veilroute::store

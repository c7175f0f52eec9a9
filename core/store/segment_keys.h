// The wrapped key of each open segment in a file of its own, beside the spool: so that a lost catalog
// does not lose what its open segments hold. Written before the segment's first record, removed when
// the segment is closed, since from then on the rows must hold the only keys (decisions 2).
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "core/base/files.h"
#include "core/base/ids.h"
#include "core/store/catalog.h"

namespace veilroute::store {

/// Where they lie for a spool in `spool`: "spool-keys", beside it.
std::filesystem::path segment_keys_folder(const std::filesystem::path& spool);

/// One thread for each segment.
class SegmentKeys {
 public:
  SegmentKeys(Files& files, const std::filesystem::path& spool)
      : files_(files), folder_(segment_keys_folder(spool)) {}
  /// Durable when it returns. Replaces a file that an earlier try left.
  Result<void> keep(SegmentId id, ByteView wrapped_key);
  /// Empty when there is none, or none that can be read.
  Result<std::optional<Bytes>> find(SegmentId id);
  /// No harm when it is gone already.
  Result<void> remove(SegmentId id);
  /// At start: removes those of segments that are closed or that nobody knows, which a crash left.
  Result<void> remove_all_but_open(const std::vector<SegmentRow>& segments);

 private:
  [[nodiscard]] std::filesystem::path path_of(SegmentId id) const;
  Files& files_;
  std::filesystem::path folder_;
};

}  // namespace veilroute::store

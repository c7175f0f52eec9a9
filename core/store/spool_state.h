// What stands behind Spool and SpoolWriter; for the files of the spool alone.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "core/store/segment_format.h"
#include "core/store/segment_pool.h"
#include "core/store/spool.h"

namespace veilroute::store {

struct Spool::State {
  State(Files& its_files, Catalog& its_catalog, Clock& its_clock, std::filesystem::path its_folder,
        const SpoolLimits& limits)
      : files(its_files),
        catalog(its_catalog),
        folder(std::move(its_folder)),
        room(files, folder, {limits.reserve_bytes, limits.quota_bytes}, kSpoolRoomSlugs),
        pool(files, catalog, its_clock, folder, limits),
        clock(its_clock) {}

  Result<void> close_finished();

  Files& files;
  Catalog& catalog;
  const std::filesystem::path folder;
  DiskRoom room;
  SegmentPool pool;
  Clock& clock;
  Mutex tidying;  ///< one tidy at a time
  std::chrono::steady_clock::time_point counted_at{};  ///< by tidy
};

struct SpoolWriter::State {
  State(Spool::State& its_spool, ObjectHead its_head, std::unique_ptr<Segment> its_segment,
        Frame its_frame, Secret its_key);

  /// Frame and sealed head, to be written with the first chunks.
  Result<void> begin();
  /// Writes what is pending at the segment's end.
  Result<void> flush();
  Result<NewObject> commit(ObjectFacts facts);
  /// Trailer and mark to `pending`.
  Result<void> seal_end(const ObjectFacts& facts);
  /// Cuts the record off unless it is committed, and gives the segment back.
  void release();

  Spool::State& spool;
  ObjectHead head;
  std::unique_ptr<Segment> segment;  ///< null once released
  Frame frame;
  Secret key;
  RecordKeys keys;
  ChunkSealer chunks;
  crypto::Hasher hasher;
  Bytes pending;                    ///< sealed, not yet written
  std::uint64_t written_bytes = 0;  ///< of this record, in the file
  std::optional<Error> failed;      ///< the first failure: everything later answers the same
};

}  // namespace veilroute::store

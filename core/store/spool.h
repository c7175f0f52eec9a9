// Spool: a pool of sealed, append-only segments; each is borrowed for one object at a time.
// Walk step 3. Record: clear frame {magic, version, segment, number, wrapped object key} ‖ sealed
// head ‖ 64 KiB STREAM chunks ‖ sealed trailer ‖ commit mark (decisions 2 and 3).
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/clock.h"
#include "core/base/files.h"
#include "core/store/catalog.h"
#include "core/store/object.h"

namespace veilroute::store {

struct SpoolLimits {
  std::uint64_t roll_bytes = 256ULL << 20U;
  Duration roll_after = std::chrono::minutes(10);
  std::uint64_t reserve_bytes = 512ULL << 20U;  ///< below this much free disk: A700
  std::size_t most_segments = 256;              ///< open at once, thus objects arriving at once
  std::uint64_t quota_bytes = 0;                ///< the spool's files hold at most so much; 0: no limit
};

/// Segments to allow for so many objects arriving at once: each holds one until it is durable, and
/// full ones wait up to a second to be closed.
constexpr std::size_t segments_for(std::size_t objects_at_once) {
  return objects_at_once + objects_at_once / 4 + 16;
}

class Spool;

/// One object on its way to disk. Destroyed without commit(): the record is cut off again.
/// One thread.
class SpoolWriter {
 public:
  ~SpoolWriter();
  SpoolWriter(SpoolWriter&&) noexcept;
  /// Bytes of the data set, in any pieces.
  Result<void> append(ByteView bytes);
  /// Seals the trailer, writes the commit mark, and syncs once. After success the object is durable
  /// and may be acknowledged; `facts.digest` and `length_bytes` are filled in here. After a failed
  /// sync the segment takes no more writes and the answer is `exhausted`.
  Result<NewObject> commit(ObjectFacts facts);
  void abandon();

 private:
  friend class Spool;
  struct State;
  explicit SpoolWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// `corrupt`: records, and segments whose key does not open; `unreadable`: segments.
struct RecoveryReport {
  std::uint64_t segments = 0, records = 0, recorded = 0, torn_tails = 0, corrupt = 0,
                unreadable = 0;
};

/// Any thread; readers and writers are one thread each.
class Spool {
 public:
  /// `refused` ("spool.catalog-missing") when segment files exist that the catalog does not know:
  /// nothing may be received into a spool whose keys and rows are lost.
  static Result<std::unique_ptr<Spool>> open(Files& files, Catalog& catalog, Clock& clock,
                                             const std::filesystem::path& folder,
                                             const SpoolLimits& limits);
  ~Spool();
  /// Completes the catalog from open segments (decisions 3) and closes them: they are of an earlier
  /// run, whose segments get no more records. Call once, before listeners open.
  ///
  /// A record without a row is opened and checked to its last byte. One with a row is checked for
  /// its frame, the lengths of its chunks and its commit mark only, and a closed segment for the
  /// presence and length of its file: the start must not read a whole spool. What rots in between is
  /// found by whoever reads it, since nothing is handed out unless its seal agrees.
  /// What is broken is marked `corrupt`, counted, and logged as an error; it never keeps the node
  /// from starting. A segment that cannot be opened or read (EIO, EACCES) stays as it is for the next
  /// start, and is counted and logged as `unreadable`. An error: no room, or no answer of the catalog.
  Result<RecoveryReport> recover(const CompletionPolicy& policy);
  /// `exhausted` when the disk, the quota, the pool or the catalog has no room.
  Result<SpoolWriter> open_writer(const ObjectHead& head);
  /// The plaintext data set of an object, chunk by chunk, each opened and checked before use. A record
  /// that turns out to be rotten, here or while it is read ("spool.record-broken"), is marked corrupt
  /// in the catalog, so that its source can send it again. The source does not outlive the catalog.
  Result<std::unique_ptr<ByteSource>> open_object(const ObjectLocation& location, ObjectId id);
  /// Closes idle segments whose time is over and keeps a spare ready; called by a timer, off the
  /// answering path.
  Result<void> tidy();
  /// Gives back the room of large shredded records in segments that stay. Best effort: what the file
  /// system cannot give back goes with its segment.
  void release(const std::vector<ObjectLocation>& shredded);
  /// Removes the files of segments of which everything is shredded; how many. Any thread, one at a
  /// time.
  Result<std::size_t> remove_shredded(std::size_t at_most);

 private:
  friend class SpoolWriter;
  struct State;
  explicit Spool(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace veilroute::store

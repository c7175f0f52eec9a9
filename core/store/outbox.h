// Outbox: what one transfer will send: one sealed file per transfer with the own blocks of its
// records and, at the end, the manifest. Ranges of the source stay in the spool.
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/files.h"
#include "core/base/keyring.h"
#include "core/dicom/manifest.h"
#include "core/store/disk_room.h"

namespace veilroute::store {

/// Writes one file, durable after commit(). One thread.
class OutboxWriter {
 public:
  virtual ~OutboxWriter() = default;
  /// Adds a record's own block; own_digest is filled in.
  virtual Result<void> add(dicom::OutboxRecord record, ByteView own) = 0;
  /// Writes the manifest, syncs file and folder; returns the wrapped key for the catalog row.
  virtual Result<Bytes> commit(const ProfileVersion& profile_version) = 0;
  [[nodiscard]] virtual const dicom::Manifest& manifest() const = 0;
};

/// Reads one file. One thread.
class OutboxReader {
 public:
  virtual ~OutboxReader() = default;
  [[nodiscard]] virtual const dicom::Manifest& manifest() const = 0;
  /// The own block of record `index`, opened and checked chunk by chunk.
  virtual Result<std::unique_ptr<ByteSource>> own(std::size_t index) = 0;
};

/// Any thread.
class Outbox {
 public:
  Outbox(Files& files, const Keyring& keyring, std::filesystem::path folder,
         const RoomLimits& limits = {})
      : files_(files),
        keyring_(keyring),
        folder_(std::move(folder)),
        room_(files, folder_, limits, kRoomSlugs) {}
  /// Replaces whatever an earlier, unfinished preparation left for this transfer. `exhausted` when
  /// the disk or the quota has no room. A folder that somebody took away is made again: what lay in it
  /// can be prepared again. `unavailable` ("outbox.folder-missing") when it cannot be.
  Result<std::unique_ptr<OutboxWriter>> open_writer(TransferId transfer);
  Result<std::unique_ptr<OutboxReader>> open_reader(TransferId transfer, ByteView wrapped_key);
  Result<void> remove(TransferId transfer);
  /// Removes files of transfers that are not in `known`: left by a crash between a preparation or an
  /// end and what should have followed. At start, before anybody prepares. How many.
  Result<std::size_t> remove_strays(const std::vector<TransferId>& known);

 private:
  static constexpr RoomSlugs kRoomSlugs{"outbox.no-room", "outbox.over-quota",
                                        "outbox.folder-missing"};
  Result<std::unique_ptr<OutboxWriter>> begin_writer(TransferId transfer);
  Result<void> make_folder_again();
  Files& files_;
  const Keyring& keyring_;
  std::filesystem::path folder_;
  DiskRoom room_;
};

}  // namespace veilroute::store

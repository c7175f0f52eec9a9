// Outbox: writing a transfer's sealed file, opening it again, removing it. Walk steps 6 and 9.
#include "core/store/outbox.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/crypto.h"
#include "core/base/log.h"
#include "core/store/outbox_format.h"
#include "core/store/sealed_chunks.h"

namespace veilroute::store {

namespace {

constexpr WriteSlugs kWriteSlugs{"outbox.no-room", "outbox.write-failed"};
constexpr const char* kBrokenOutbox = "outbox.broken";
constexpr const char* kMissing = "file.missing";

Error broken(const char* what, TransferId transfer) {
  return make_error(ErrorKind::corrupt, kBrokenOutbox,
                    std::string(what) + ": transfer " + std::to_string(transfer.value));
}

/// What it took is room again. No harm when it is not there.
Result<void> remove_file(Files& files, DiskRoom& room, const std::filesystem::path& path) {
  std::uint64_t size = 0;
  if (const auto file = files.open_read(path); file.ok()) {
    VR_TRY(size, (*file)->size_bytes());
  }
  Result<void> removed = files.remove(path);
  if (removed.ok()) room.give_back(size);
  if (!removed.ok() && removed.error().slug == kMissing) return {};
  return removed;
}

class FileWriter final : public OutboxWriter {
 public:
  FileWriter(Files& files, DiskRoom& room, const Secret& spool_key, std::filesystem::path path,
             TransferId transfer)
      : files_(files),
        room_(room),
        spool_key_(spool_key),
        path_(std::move(path)),
        keys_(crypto::random_key(), transfer) {
    index_.manifest.transfer = transfer;
  }
  ~FileWriter() override {
    // What was not committed is of no use to anyone; if it stays, the next writer replaces it.
    if (committed_) return;
    [[maybe_unused]] const auto removed = remove_file(files_, room_, path_);
  }

  Result<void> begin();
  Result<void> add(dicom::OutboxRecord record, ByteView own) override;
  Result<Bytes> commit(const ProfileVersion& profile_version) override;
  [[nodiscard]] const dicom::Manifest& manifest() const override { return index_.manifest; }

 private:
  Result<OutboxRun> write_run(crypto::StreamCipher cipher, ByteView plain);
  Result<void> write(ByteView bytes);
  Result<void> make_durable();

  Files& files_;
  DiskRoom& room_;
  const Secret& spool_key_;
  const std::filesystem::path path_;
  const OutboxKeys keys_;
  std::unique_ptr<File> file_;
  std::uint64_t size_bytes_ = 0;
  OutboxIndex index_;
  bool failed_ = false;  ///< the file is not what we think it is: nothing more goes in
  bool committed_ = false;
};

Result<void> FileWriter::begin() {
  VR_TRY(remove_file(files_, room_, path_));
  VR_TRY(room_.check());
  auto created = files_.create(path_);
  if (!created.ok()) return as_unwritten(std::move(created).error(), kWriteSlugs);
  file_ = std::move(created).value();
  return write(outbox_head(index_.manifest.transfer));
}

Result<void> FileWriter::add(dicom::OutboxRecord record, ByteView own) {
  const bool fits = std::all_of(record.pieces.begin(), record.pieces.end(), [&](const auto& piece) {
    return !piece.own || (piece.offset <= own.size() && piece.length <= own.size() - piece.offset);
  });
  if (!fits || committed_) {
    return make_error(ErrorKind::internal, "outbox.record-unfit",
                      "an outbox record names own bytes that it does not have, or comes too late");
  }
  record.own_digest = crypto::sha256(own);
  VR_TRY(const OutboxRun block, write_run(keys_.block(index_.blocks.size()), own));
  index_.blocks.push_back(block);
  index_.manifest.records.push_back(std::move(record));
  return {};
}

Result<Bytes> FileWriter::commit(const ProfileVersion& profile_version) {
  index_.manifest.profile_version = profile_version;
  VR_TRY(Bytes wrapped, crypto::wrap_key(spool_key_, keys_.file_key()));
  const Bytes plain = encode(index_);
  if (plain.size() > kLongestManifest) {
    return make_error(ErrorKind::exhausted, "outbox.manifest-too-long",
                      "a transfer has too many objects for one manifest");
  }
  VR_TRY(const OutboxRun run, write_run(keys_.manifest(), plain));
  VR_TRY(write(keys_.seal_foot(run)));
  VR_TRY(make_durable());
  committed_ = true;
  return wrapped;
}

Result<void> FileWriter::make_durable() {
  Result<void> synced = file_->sync();
  if (synced.ok()) synced = files_.sync_folder(path_.parent_path());
  if (synced.ok()) return {};
  // Never asked again (decisions 3): the next preparation writes a new file.
  failed_ = true;
  return as_unwritten(std::move(synced).error(), kWriteSlugs);
}

Result<OutboxRun> FileWriter::write_run(crypto::StreamCipher cipher, ByteView plain) {
  const OutboxRun run{size_bytes_, plain.size()};
  ChunkSealer sealer(std::move(cipher));
  Bytes sealed;
  while (!plain.empty()) {
    const ByteView some = plain.first(std::min(plain.size(), kWriteBytes));
    plain = plain.subspan(some.size());
    VR_TRY(sealer.add(some, sealed));
    VR_TRY(write(sealed));
    sealed.clear();
  }
  VR_TRY(sealer.finish(sealed));
  VR_TRY(write(sealed));
  return run;
}

Result<void> FileWriter::write(ByteView bytes) {
  if (failed_) {
    return make_error(ErrorKind::exhausted, kWriteSlugs.failed,
                      "an outbox file could not be written to its end");
  }
  if (auto room = room_.take(bytes.size()); !room.ok()) {
    failed_ = true;
    return room;
  }
  if (auto written = file_->append(bytes); !written.ok()) {
    failed_ = true;
    return as_unwritten(std::move(written).error(), kWriteSlugs);
  }
  size_bytes_ += bytes.size();
  return {};
}

class FileReader final : public OutboxReader {
 public:
  FileReader(std::shared_ptr<File> file, OutboxKeys keys, TransferId transfer)
      : file_(std::move(file)), keys_(std::move(keys)), transfer_(transfer) {}

  Result<void> begin();
  [[nodiscard]] const dicom::Manifest& manifest() const override { return index_.manifest; }
  Result<std::unique_ptr<ByteSource>> own(std::size_t index) override;

 private:
  Result<Bytes> read(std::uint64_t offset, std::size_t size);
  [[nodiscard]] SealedSource source(const OutboxRun& run, crypto::StreamCipher cipher) const {
    return {file_, ChunkRun{run.offset, run.plain_bytes, kBrokenOutbox}, std::move(cipher)};
  }

  std::shared_ptr<File> file_;
  OutboxKeys keys_;
  TransferId transfer_;
  OutboxIndex index_;
};

Result<void> FileReader::begin() {
  VR_TRY(const std::uint64_t size, file_->size_bytes());
  if (size < kOutboxHeadBytes + kOutboxFootBytes) return broken("a file is too short", transfer_);
  VR_TRY(const Bytes head, read(0, kOutboxHeadBytes));
  if (head != outbox_head(transfer_)) return broken("a file is of another transfer", transfer_);
  VR_TRY(const Bytes foot, read(size - kOutboxFootBytes, kOutboxFootBytes));
  VR_TRY(const OutboxRun run, keys_.open_foot(foot));
  if (run.plain_bytes > kLongestManifest || run.offset > size ||
      run.offset + sealed_bytes_of(run.plain_bytes) + kOutboxFootBytes != size) {
    return broken("a manifest does not end where its file does", transfer_);
  }
  SealedSource manifest = source(run, keys_.manifest());
  Bytes plain(static_cast<std::size_t>(run.plain_bytes));
  VR_TRY(manifest.read_at(0, plain));
  Result<OutboxIndex> index = decode_outbox_index(plain);
  if (!index.ok()) return as_broken(std::move(index).error(), kBrokenOutbox);
  index_ = std::move(index).value();
  if (index_.manifest.transfer != transfer_) {
    return broken("a manifest is of another transfer", transfer_);
  }
  return {};
}

/// The digest is compared before anything is handed out: the seals say that the block is ours, the
/// digest that it is the one which was verified and cleared. Most blocks are one chunk, which the
/// source then keeps.
Result<std::unique_ptr<ByteSource>> FileReader::own(std::size_t index) {
  if (index >= index_.blocks.size()) {
    return make_error(ErrorKind::internal, "outbox.no-record", "there is no such outbox record");
  }
  const OutboxRun& run = index_.blocks[index];
  auto block = std::make_unique<SealedSource>(source(run, keys_.block(index)));
  crypto::Hasher hasher;
  Bytes piece;
  for (std::uint64_t at = 0; at < run.plain_bytes; at += piece.size()) {
    piece.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, run.plain_bytes - at)));
    VR_TRY(block->read_at(at, piece));
    hasher.update(piece);
  }
  if (hasher.finish() != index_.manifest.records[index].own_digest) {
    return broken("an own block is not the one in the manifest", transfer_);
  }
  return std::unique_ptr<ByteSource>(std::move(block));
}

Result<Bytes> FileReader::read(std::uint64_t offset, std::size_t size) {
  Bytes bytes(size);
  if (auto got = file_->read_at(offset, bytes); !got.ok()) {
    return as_broken(std::move(got).error(), kBrokenOutbox);
  }
  return bytes;
}

}  // namespace

Result<std::unique_ptr<OutboxWriter>> Outbox::open_writer(TransferId transfer) {
  Result<std::unique_ptr<OutboxWriter>> writer = begin_writer(transfer);
  if (writer.ok() || writer.error().slug != kRoomSlugs.folder_missing) return writer;
  const Result<void> made = make_folder_again();
  if (!made.ok()) return std::move(writer).error();
  return begin_writer(transfer);
}

Result<void> Outbox::make_folder_again() {
  Result<void> made = files_.make_folder(folder_);
  // What the folder held is not there any more either.
  if (made.ok()) made = room_.count();
  log::warn(kRoomSlugs.folder_missing,
            {log::Field::text("slug", made.ok() ? "" : made.error().slug)});
  return made;
}

Result<std::unique_ptr<OutboxWriter>> Outbox::begin_writer(TransferId transfer) {
  auto writer = std::make_unique<FileWriter>(files_, room_, keyring_.spool,
                                             folder_ / outbox_file_name(transfer), transfer);
  VR_TRY(writer->begin());
  return std::unique_ptr<OutboxWriter>(std::move(writer));
}

Result<std::unique_ptr<OutboxReader>> Outbox::open_reader(TransferId transfer,
                                                          ByteView wrapped_key) {
  Result<std::unique_ptr<File>> opened = files_.open_read(folder_ / outbox_file_name(transfer));
  if (!opened.ok()) {
    Error error = std::move(opened).error();
    const bool gone = error.slug == kMissing;
    return as_broken(std::move(error), gone ? "outbox.missing" : kBrokenOutbox);
  }
  Result<Secret> key = crypto::unwrap_key(keyring_.spool, wrapped_key);
  if (!key.ok()) return as_broken(std::move(key).error(), kBrokenOutbox);
  auto reader = std::make_unique<FileReader>(
      std::move(opened).value(), OutboxKeys(std::move(key).value(), transfer), transfer);
  VR_TRY(reader->begin());
  return std::unique_ptr<OutboxReader>(std::move(reader));
}

Result<std::size_t> Outbox::remove_strays(const std::vector<TransferId>& known) {
  VR_TRY(files_.make_folder(folder_));
  VR_TRY(const std::vector<std::string> names, files_.list(folder_));
  std::set<std::string> wanted;
  for (const TransferId id : known) wanted.insert(outbox_file_name(id));
  std::size_t removed = 0;
  for (const std::string& name : names) {
    // Only what is named as ours; anything else somebody put there.
    if (!is_outbox_file_name(name) || wanted.contains(name)) continue;
    VR_TRY(remove_file(files_, room_, folder_ / name));
    ++removed;
  }
  return removed;
}

Result<void> Outbox::remove(TransferId transfer) {
  return remove_file(files_, room_, folder_ / outbox_file_name(transfer));
}

}  // namespace veilroute::store

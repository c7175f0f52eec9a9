// The outbox: what is read is what was verified, and a half-written file is never taken for one.
#include "core/store/outbox.h"

#include <gtest/gtest.h>

#include "core/base/crypto.h"
#include "core/store/outbox_format.h"
#include "core/store/sealed_chunks.h"
#include "tests/store/spool_site.h"

namespace veilroute::store {
namespace {

using test::data_of;

struct OutboxSite {
  TemporaryFolder folder;
  std::unique_ptr<Files> real = real_files();
  test::FaultyFiles files{*real};
  Keyring keyring{crypto::random_key(), crypto::random_key(), crypto::random_key(),
                  crypto::random_key()};
  Outbox outbox{files, keyring, folder.path()};
  TransferId transfer{41};
  [[nodiscard]] std::filesystem::path file() const {
    return folder.path() / "0000000000000029.out";
  }
};

dicom::OutboxRecord record_of(std::uint64_t object, std::uint64_t own_bytes) {
  dicom::OutboxRecord record;
  record.object = ObjectId{object};
  record.source_digest.fill(static_cast<std::uint8_t>(object));
  record.sop_class = Uid{"1.2.840.10008.5.1.4.1.1.7"};
  record.sop_instance = Uid{"2.25." + std::to_string(object)};
  record.transfer_syntax = Uid{"1.2.840.10008.1.2.1"};
  record.pieces = {{true, 0, own_bytes}, {false, 1234, 99}};
  return record;
}

/// Blocks around the size of a chunk, where an error by one would show.
const std::vector<std::size_t> kSizes = {0, 1, 4000, 65535, 65536, 65537, 131072, 300'001};

Result<Bytes> write_all(OutboxSite& site) {
  VR_TRY(const auto writer, site.outbox.open_writer(site.transfer));
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    VR_TRY(writer->add(record_of(i + 1, kSizes[i]), data_of(i, kSizes[i])));
  }
  return writer->commit(ProfileVersion{"abc123"});
}

/// True when every block can be read and is the one that was written.
Result<void> read_everything(OutboxSite& site, ByteView key) {
  VR_TRY(const auto reader, site.outbox.open_reader(site.transfer, key));
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    VR_TRY(const auto own, reader->own(i));
    Bytes all(static_cast<std::size_t>(own->size_bytes()));
    VR_TRY(own->read_at(0, all));
    EXPECT_EQ(all, data_of(i, kSizes[i])) << kSizes[i];
  }
  return {};
}

TEST(Outbox, NamesItsFilesByTheTransferAlone) {
  OutboxSite site;
  ASSERT_TRUE(write_all(site).ok());
  EXPECT_EQ(*site.real->list(site.folder.path()), std::vector<std::string>{"0000000000000029.out"});
}

TEST(Outbox, GivesBackTheManifestAndEveryOwnBlock) {
  OutboxSite site;
  const auto key = write_all(site);
  ASSERT_TRUE(key.ok()) << key.error().text();
  const auto reader = site.outbox.open_reader(site.transfer, *key);
  ASSERT_TRUE(reader.ok()) << reader.error().text();
  const dicom::Manifest& manifest = (*reader)->manifest();
  EXPECT_EQ(manifest.transfer, site.transfer);
  EXPECT_EQ(manifest.profile_version.value, "abc123");
  ASSERT_EQ(manifest.records.size(), kSizes.size());
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    EXPECT_EQ(manifest.records[i].own_digest, crypto::sha256(data_of(i, kSizes[i])));
    EXPECT_EQ(manifest.records[i].object.value, i + 1);
  }
  EXPECT_TRUE(read_everything(site, *key).ok());
  EXPECT_EQ((*reader)->own(kSizes.size()).error().kind, ErrorKind::internal);
}

TEST(Outbox, KnowsTheManifestWhileWriting) {
  OutboxSite site;
  const auto writer = site.outbox.open_writer(site.transfer);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->add(record_of(9, 4), data_of(1, 4)).ok());
  ASSERT_EQ((*writer)->manifest().records.size(), 1U);
  EXPECT_EQ((*writer)->manifest().records[0].own_digest, crypto::sha256(data_of(1, 4)));
  ASSERT_TRUE((*writer)->commit(ProfileVersion{"v"}).ok());
  EXPECT_EQ((*writer)->manifest().profile_version.value, "v");
  EXPECT_EQ((*writer)->add(record_of(10, 4), data_of(1, 4)).error().kind, ErrorKind::internal);
}

TEST(Outbox, MakesItsFolderAgainWhenSomebodyTookItAway) {
  for (const std::uint64_t quota : {std::uint64_t{0}, std::uint64_t{1} << 20U}) {
    OutboxSite site;
    const auto folder = site.folder.path() / "outbox";
    Outbox outbox(site.files, site.keyring, folder, {0, quota});
    ASSERT_TRUE(outbox.remove_strays({}).ok());
    const auto fill = [&]() -> Result<Bytes> {
      VR_TRY(const auto writer, outbox.open_writer(site.transfer));
      VR_TRY(writer->add(record_of(9, 700'000), data_of(1, 700'000)));
      return writer->commit(ProfileVersion{"v"});
    };
    ASSERT_TRUE(fill().ok());
    std::filesystem::remove_all(folder);
    const auto key = fill();
    ASSERT_TRUE(key.ok()) << key.error().text() << ": what was in it takes no quota any more";
    EXPECT_TRUE(outbox.open_reader(site.transfer, *key).ok());
    EXPECT_EQ(std::filesystem::status(folder).permissions(), std::filesystem::perms::owner_all);
  }
}

TEST(Outbox, SaysSoWhenItsFolderCannotBeMadeAgain) {
  OutboxSite site;
  site.folder.write("state", "a file where the folder above it was");
  Outbox outbox(site.files, site.keyring, site.folder.path() / "state" / "outbox");
  const auto opened = outbox.open_writer(site.transfer);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind, ErrorKind::unavailable) << "it says nothing about the transfer";
  EXPECT_EQ(opened.error().slug, "outbox.folder-missing");
}

TEST(Outbox, RefusesARecordThatNamesOwnBytesItDoesNotHave) {
  OutboxSite site;
  const auto writer = site.outbox.open_writer(site.transfer);
  ASSERT_TRUE(writer.ok());
  EXPECT_EQ((*writer)->add(record_of(9, 5), data_of(1, 4)).error().slug, "outbox.record-unfit");
}

TEST(Outbox, SyncsFileAndFolderOnceBeforeItHandsOutTheKey) {
  OutboxSite site;
  ASSERT_TRUE(write_all(site).ok());
  EXPECT_EQ(site.files.counts().syncs, 1U);
  EXPECT_EQ(site.files.counts().folder_syncs, 1U);
}

TEST(Outbox, SurvivesAPowerCutAfterCommitOnly) {
  for (const auto survives :
       {test::FaultyFiles::Survives::synced, test::FaultyFiles::Survives::also_a_part}) {
    std::mt19937 random(1);
    for (std::uint64_t changes = 0;; ++changes) {
      OutboxSite site;
      site.files.stop_after(changes);
      const auto key = write_all(site);
      site.files.cut_power(survives, random);
      if (key.ok()) {
        EXPECT_TRUE(read_everything(site, *key).ok());
        break;
      }
      EXPECT_TRUE(key.error().kind == ErrorKind::exhausted ||
                  key.error().kind == ErrorKind::unavailable)
          << "a later try may go well: " << key.error().text();
      // Whatever is left is replaced by the next preparation.
      const auto again = write_all(site);
      ASSERT_TRUE(again.ok()) << again.error().text();
      EXPECT_TRUE(read_everything(site, *again).ok());
    }
  }
}

TEST(Outbox, HandsOutNoKeyAfterAFailedSync) {
  OutboxSite site;
  site.files.fail_sync(1);
  const auto key = write_all(site);
  ASSERT_FALSE(key.ok());
  EXPECT_EQ(key.error().kind, ErrorKind::exhausted);
  EXPECT_EQ(key.error().slug, "outbox.write-failed");
  EXPECT_TRUE(site.real->list(site.folder.path())->empty());
}

TEST(Outbox, SaysThatTheDiskIsFullAndLeavesNothing) {
  for (const std::uint64_t room : {0U, 10U, 70'000U, 500'000U}) {
    OutboxSite site;
    site.files.disk_holds(room);
    const auto key = write_all(site);
    ASSERT_FALSE(key.ok());
    EXPECT_EQ(key.error().kind, ErrorKind::exhausted);
    EXPECT_EQ(key.error().slug, "outbox.no-room");
    EXPECT_TRUE(site.real->list(site.folder.path())->empty());
  }
}

TEST(Outbox, TakesNothingMoreAfterAWriteWasCutShort) {
  OutboxSite site;
  const auto writer = site.outbox.open_writer(site.transfer);
  ASSERT_TRUE(writer.ok());
  site.files.disk_holds(100);
  EXPECT_FALSE((*writer)->add(record_of(1, 4000), data_of(1, 4000)).ok());
  site.files.disk_has_room_again();
  EXPECT_FALSE((*writer)->add(record_of(1, 4000), data_of(1, 4000)).ok());
  EXPECT_FALSE((*writer)->commit(ProfileVersion{"v"}).ok());
}

TEST(Outbox, ReplacesWhatAnUnfinishedPreparationLeft) {
  OutboxSite site;
  site.folder.write("0000000000000029.out", "half a file of an earlier run");
  const auto key = write_all(site);
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(read_everything(site, *key).ok());
}

TEST(Outbox, DoesNotOpenWithAnotherKeyOrForAnotherTransfer) {
  OutboxSite site;
  const auto key = write_all(site);
  ASSERT_TRUE(key.ok());
  const Bytes other = *crypto::wrap_key(site.keyring.spool, crypto::random_key());
  EXPECT_EQ(site.outbox.open_reader(site.transfer, other).error().kind, ErrorKind::corrupt);
  EXPECT_EQ(site.outbox.open_reader(site.transfer, {}).error().slug, "outbox.broken");
  std::filesystem::copy_file(site.file(), site.folder.path() / "000000000000002a.out");
  EXPECT_EQ(site.outbox.open_reader(TransferId{42}, *key).error().slug, "outbox.broken");
}

TEST(Outbox, NoticesEveryChangedByteAndEveryMissingEnd) {
  OutboxSite site;
  const auto key = write_all(site);
  ASSERT_TRUE(key.ok());
  const Bytes good = test::file_bytes(site.file());
  const auto is_broken = [&](const Bytes& bytes) {
    test::write_file(site.file(), bytes);
    const auto read = read_everything(site, *key);
    return !read.ok() && read.error().kind == ErrorKind::corrupt &&
           read.error().slug == "outbox.broken";
  };
  std::mt19937 random(3);
  std::vector<std::size_t> places = {
      0, 8, 12, kOutboxHeadBytes, good.size() - 1, good.size() - kOutboxFootBytes};
  for (int i = 0; i < 150; ++i) places.push_back(random() % good.size());
  for (const std::size_t at : places) {
    Bytes bytes = good;
    bytes[at] ^= 0x10U;
    // The clear hint of a chunk's length is not read where the index tells it.
    const bool hint_only = !is_broken(bytes);
    if (hint_only) {
      std::uint64_t hints = 0;
      std::uint64_t offset = kOutboxHeadBytes;
      for (const std::size_t size : kSizes) {
        for (std::uint64_t left = size, chunk = 0; chunk == 0 || left > 0; ++chunk) {
          const std::uint64_t start = offset + chunk * kChunkStride;
          if (at >= start && at < start + kChunkHeaderBytes) ++hints;
          left -= std::min<std::uint64_t>(left, kChunkBytes);
        }
        offset += sealed_bytes_of(size);
      }
      if (at >= offset && at < offset + kChunkHeaderBytes) ++hints;
      EXPECT_EQ(hints, 1U) << "a change at " << at << " was not noticed";
    }
  }
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{19}, std::size_t{84}, good.size() - 1}) {
    EXPECT_TRUE(is_broken(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))));
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_TRUE(is_broken(longer));
}

TEST(Outbox, DoesNotHandOutABlockThatIsNotTheOneInTheManifest) {
  // Sealed well, by someone who has the keys; but it is not what was verified.
  OutboxSite site;
  const OutboxKeys keys(crypto::random_key(), site.transfer);
  Bytes file = outbox_head(site.transfer);
  const auto put_run = [&file](crypto::StreamCipher cipher, ByteView plain) {
    const OutboxRun run{file.size(), plain.size()};
    ChunkSealer sealer(std::move(cipher));
    EXPECT_TRUE(sealer.add(plain, file).ok() && sealer.finish(file).ok());
    return run;
  };
  OutboxIndex index;
  index.manifest.transfer = site.transfer;
  index.blocks = {put_run(keys.block(0), data_of(1, 1000)),
                  put_run(keys.block(1), data_of(2, 1000))};
  index.manifest.records = {record_of(1, 1000), record_of(2, 1000)};
  index.manifest.records[0].own_digest = crypto::sha256(data_of(1, 1000));
  index.manifest.records[1].own_digest = crypto::sha256(data_of(3, 1000));
  const Bytes foot = keys.seal_foot(put_run(keys.manifest(), encode(index)));
  file.insert(file.end(), foot.begin(), foot.end());
  test::write_file(site.file(), file);
  const auto reader = site.outbox.open_reader(
      site.transfer, *crypto::wrap_key(site.keyring.spool, keys.file_key()));
  ASSERT_TRUE(reader.ok()) << reader.error().text();
  EXPECT_TRUE((*reader)->own(0).ok());
  const auto other = (*reader)->own(1);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().kind, ErrorKind::corrupt);
}

TEST(Outbox, DoesNotTakeOneBlockForAnother) {
  OutboxSite site;
  const auto writer = site.outbox.open_writer(site.transfer);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->add(record_of(1, 5000), data_of(1, 5000)).ok());
  ASSERT_TRUE((*writer)->add(record_of(2, 5000), data_of(2, 5000)).ok());
  const auto key = (*writer)->commit(ProfileVersion{"v"});
  ASSERT_TRUE(key.ok());
  Bytes bytes = test::file_bytes(site.file());
  const auto first = bytes.begin() + kOutboxHeadBytes;
  const auto size = static_cast<std::ptrdiff_t>(sealed_bytes_of(5000));
  std::swap_ranges(first, first + size, first + size);
  test::write_file(site.file(), bytes);
  const auto reader = site.outbox.open_reader(site.transfer, *key);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->own(0).error().kind, ErrorKind::corrupt);
  EXPECT_EQ((*reader)->own(1).error().kind, ErrorKind::corrupt);
}

TEST(Outbox, KeepsNothingInClear) {
  OutboxSite site;
  const auto writer = site.outbox.open_writer(site.transfer);
  ASSERT_TRUE(writer.ok());
  Bytes own;
  for (int i = 0; i < 1000; ++i) {
    for (const char c : std::string_view("CANARY-0010-0010 ")) {
      own.push_back(static_cast<std::uint8_t>(c));
    }
  }
  ASSERT_TRUE((*writer)->add(record_of(1, own.size()), own).ok());
  ASSERT_TRUE((*writer)->commit(ProfileVersion{"CANARY-VERSION"}).ok());
  const Bytes bytes = test::file_bytes(site.file());
  EXPECT_EQ(as_text(bytes).find("CANARY"), std::string_view::npos);
  EXPECT_EQ(as_text(bytes).find("2.25."), std::string_view::npos);
}

TEST(Outbox, RemovesAFileAndIsContentWhenThereIsNone) {
  OutboxSite site;
  const auto key = write_all(site);
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(site.outbox.remove(site.transfer).ok());
  EXPECT_TRUE(site.outbox.remove(site.transfer).ok());
  const auto gone = site.outbox.open_reader(site.transfer, *key);
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.error().kind, ErrorKind::corrupt);
  EXPECT_EQ(gone.error().slug, "outbox.missing");
}

}  // namespace
}  // namespace veilroute::store

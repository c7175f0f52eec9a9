// The real file system: errors first, then modes and whole writes.
#include "core/base/files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "tests/support/temporary_folder.h"

namespace veilroute {
namespace {

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0U;
}

class FilesTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::unique_ptr<Files> files_ = real_files();
  [[nodiscard]] std::filesystem::path at(const char* name) const { return folder_.path() / name; }
};

TEST_F(FilesTest, AMissingFileIsInvalidAndNamed) {
  const auto outcome = files_->open_read(at("absent"));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind, ErrorKind::invalid);
  EXPECT_EQ(outcome.error().slug, "file.missing");
  EXPECT_NE(outcome.error().detail.find("absent"), std::string::npos);
  EXPECT_FALSE(files_->open_append(at("absent")).ok());
  EXPECT_FALSE(files_->remove(at("absent")).ok());
  EXPECT_FALSE(files_->rename(at("absent"), at("other")).ok());
  EXPECT_FALSE(files_->list(at("absent")).ok());
  EXPECT_FALSE(files_->sync_folder(at("absent")).ok());
  EXPECT_FALSE(files_->free_bytes(at("absent")).ok());
  EXPECT_EQ(read_text_file(at("absent")).error().slug, "file.missing");
}

TEST_F(FilesTest, CreateRefusesWhatExists) {
  ASSERT_TRUE(files_->create(at("one")).ok());
  EXPECT_EQ(files_->create(at("one")).error().kind, ErrorKind::refused);
}

TEST_F(FilesTest, NewFilesAreForTheirOwnerAlone) {
  const mode_t before = ::umask(0);
  ASSERT_TRUE(files_->create(at("one")).ok());
  ASSERT_TRUE(files_->make_folder(folder_.path() / "deep" / "er").ok());
  ASSERT_TRUE(write_file_durably(at("two"), as_bytes("x")).ok());
  ASSERT_TRUE(write_file_durably(at("three"), as_bytes("x"), 0400).ok());
  ::umask(before);
  EXPECT_EQ(mode_of(at("one")), 0600U);
  EXPECT_EQ(mode_of(folder_.path() / "deep"), 0700U);
  EXPECT_EQ(mode_of(folder_.path() / "deep" / "er"), 0700U);
  EXPECT_EQ(mode_of(at("two")), 0600U);
  EXPECT_EQ(mode_of(at("three")), 0400U);
}

TEST_F(FilesTest, AppendsReadsAndTruncates) {
  auto file = files_->create(at("one")).value();
  ASSERT_TRUE(file->append(as_bytes("hello ")).ok());
  ASSERT_TRUE(file->append(as_bytes("world")).ok());
  ASSERT_TRUE(file->append({}).ok());
  EXPECT_EQ(file->size_bytes().value(), 11U);
  Bytes out(5);
  ASSERT_TRUE(file->read_at(6, out).ok());
  EXPECT_EQ(as_text(out), "world");
  EXPECT_EQ(file->read_at(7, out).error().kind, ErrorKind::invalid);
  EXPECT_FALSE(file->read_at(~std::uint64_t{0}, out).ok());
  ASSERT_TRUE(file->truncate(6).ok());
  ASSERT_TRUE(file->append(as_bytes("again")).ok());
  ASSERT_TRUE(file->sync().ok());
  EXPECT_EQ(read_text_file(at("one")).value(), "hello again");
  auto reopened = files_->open_append(at("one")).value();
  ASSERT_TRUE(reopened->append(as_bytes("!")).ok());
  EXPECT_EQ(read_text_file(at("one")).value(), "hello again!");
}

TEST_F(FilesTest, AReadOnlyFileTakesNoWrites) {
  folder_.write("one", "x");
  auto file = files_->open_read(at("one")).value();
  EXPECT_FALSE(file->append(as_bytes("y")).ok());
}

TEST_F(FilesTest, AFullDiskIsExhausted) {
  ASSERT_EQ(::access("/dev/full", W_OK), 0);
  auto file = files_->open_append("/dev/full");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->append(as_bytes("x")).error().kind, ErrorKind::exhausted);
}

TEST_F(FilesTest, ALimitInTheMiddleOfAWriteIsExhaustedAndKeepsWhatWasWritten) {
  struct rlimit before {};
  ::getrlimit(RLIMIT_FSIZE, &before);
  auto* old_handler = std::signal(SIGXFSZ, SIG_IGN);
  auto file = files_->create(at("one")).value();
  const struct rlimit small { 1000, before.rlim_max };
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto outcome = file->append(Bytes(3000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind, ErrorKind::exhausted);
  EXPECT_EQ(file->size_bytes().value(), 1000U);
}

TEST_F(FilesTest, ListsFilesInOrderAndNoFolders) {
  folder_.write("b", "");
  folder_.write("a", "");
  folder_.write("c/d", "");
  EXPECT_EQ(files_->list(folder_.path()).value(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(FilesTest, MakingAFolderThatIsThereIsFineButNotThroughAFile) {
  EXPECT_TRUE(files_->make_folder(folder_.path()).ok());
  folder_.write("file", "");
  EXPECT_FALSE(files_->make_folder(at("file") / "below").ok());
  EXPECT_FALSE(files_->make_folder(at("file")).ok());
}

TEST_F(FilesTest, RenamesAndRemoves) {
  folder_.write("a", "1");
  folder_.write("b", "2");
  ASSERT_TRUE(files_->rename(at("a"), at("b")).ok());
  EXPECT_EQ(read_text_file(at("b")).value(), "1");
  ASSERT_TRUE(files_->sync_folder(folder_.path()).ok());
  ASSERT_TRUE(files_->remove(at("b")).ok());
  EXPECT_TRUE(files_->list(folder_.path()).value().empty());
  EXPECT_GT(files_->free_bytes(folder_.path()).value(), 0U);
}

TEST_F(FilesTest, DurableWritesReplaceWholeAndLeaveNothingBeside) {
  ASSERT_TRUE(write_file_durably(at("one"), as_bytes("first")).ok());
  ASSERT_TRUE(write_file_durably(at("one"), as_bytes("second")).ok());
  EXPECT_EQ(read_text_file(at("one")).value(), "second");
  EXPECT_EQ(files_->list(folder_.path()).value().size(), 1U);
  // A folder stands where the file should go: the rename fails, and the temporary file goes.
  std::filesystem::create_directories(at("folder") / "full");
  EXPECT_FALSE(write_file_durably(at("folder"), as_bytes("x")).ok());
  EXPECT_EQ(files_->list(folder_.path()).value().size(), 1U);
}

TEST_F(FilesTest, ReadsNoMoreThanItWasAllowedAndOnlyFiles) {
  folder_.write("ten", "0123456789");
  EXPECT_TRUE(read_text_file(at("ten"), 10).ok());
  EXPECT_EQ(read_text_file(at("ten"), 9).error().slug, "file.too-long");
  EXPECT_FALSE(read_text_file(folder_.path()).ok());
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_text_file(at("pipe")).error().slug, "file.not-a-file");
}

}  // namespace
}  // namespace veilroute

// Files that an operator names: all of them, in a steady order, and nothing left out in silence.
#include "app/paths.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/support/temporary_folder.h"

namespace veilroute::app {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> relative_names(const std::vector<FoundFile>& found) {
  std::vector<std::string> names;
  for (const auto& file : found) names.push_back(file.relative.string());
  return names;
}

TEST(Paths, SayWhatIsNotThere) {
  const TemporaryFolder folder;
  const auto found = find_files({folder.path() / "nothing"});
  ASSERT_EQ(found.size(), 1U);
  ASSERT_TRUE(found[0].failure.has_value());
  EXPECT_EQ(found[0].failure->slug, "file.unreadable");
  EXPECT_TRUE(found[0].named);
}

TEST(Paths, FindFilesAtEveryDepthInTheOrderOfNames) {
  const TemporaryFolder folder;
  folder.write("b/2", "x");
  folder.write("b/1", "x");
  folder.write("a/deep/er/3", "x");
  folder.write("c", "x");
  EXPECT_EQ(relative_names(find_files({folder.path()})),
            (std::vector<std::string>{"a/deep/er/3", "b/1", "b/2", "c"}));
}

TEST(Paths, KeepTheOrderInWhichTheyWereNamed) {
  const TemporaryFolder folder;
  const auto z = folder.write("z", "x");
  const auto a = folder.write("a", "x");
  const auto found = find_files({z, a});
  EXPECT_EQ(relative_names(found), (std::vector<std::string>{"z", "a"}));
  EXPECT_TRUE(found[0].named && found[1].named);
}

TEST(Paths, DoNotFollowLinksInsideFolders) {
  const TemporaryFolder folder;
  folder.write("in/file", "x");
  folder.write("elsewhere/secret", "x");
  fs::create_directory_symlink(folder.path() / "elsewhere", folder.path() / "in/link");
  fs::create_symlink(folder.path() / "elsewhere/secret", folder.path() / "in/file-link");
  fs::create_directory_symlink(folder.path() / "in", folder.path() / "in/loop");
  const auto found = find_files({folder.path() / "in"});
  EXPECT_EQ(relative_names(found),
            (std::vector<std::string>{"file", "file-link", "link", "loop"}));
  EXPECT_FALSE(found[0].failure.has_value());
  for (std::size_t i = 1; i < found.size(); ++i) {
    ASSERT_TRUE(found[i].failure.has_value()) << "left out without a word";
    EXPECT_EQ(found[i].failure->slug, "file.symbolic-link");
  }
}

TEST(Paths, ListWhatIsNoOrdinaryFileSoThatItIsRefusedAloud) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(relative_names(find_files({folder.path()})), (std::vector<std::string>{"pipe"}));
}

TEST(Paths, OfAnEmptyFolderAreNone) {
  const TemporaryFolder folder;
  EXPECT_TRUE(find_files({folder.path()}).empty());
}

TEST(Paths, BearFoldersNestedDeep) {
  const TemporaryFolder folder;
  fs::path deep = folder.path();
  for (int i = 0; i < 300; ++i) deep /= "d";
  fs::create_directories(deep);
  folder.write("top", "x");
  EXPECT_EQ(find_files({folder.path()}).size(), 1U);
}

}  // namespace
}  // namespace veilroute::app

// The site's lock: one owner, and nothing stale after a death.
#include "app/site_lock.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temporary_folder.h"

namespace veilroute::app {
namespace {

TEST(SiteLock, NeedsAStateFolder) {
  const TemporaryFolder folder;
  const auto lock = SiteLock::take(folder.path() / "state");
  ASSERT_FALSE(lock.ok());
  EXPECT_EQ(lock.error().slug, "site.not-a-site");
  EXPECT_EQ(lock.error().kind, ErrorKind::invalid);
}

TEST(SiteLock, IsHeldByOneOwner) {
  const TemporaryFolder folder;
  const auto first = SiteLock::take(folder.path());
  ASSERT_TRUE(first.ok());
  const auto second = SiteLock::take(folder.path());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().slug, "site.in-use");
  EXPECT_EQ(second.error().kind, ErrorKind::refused);
}

TEST(SiteLock, IsFreeAgainWhenItsOwnerLetsGo) {
  const TemporaryFolder folder;
  { ASSERT_TRUE(SiteLock::take(folder.path()).ok()); }
  EXPECT_TRUE(SiteLock::take(folder.path()).ok());
}

TEST(SiteLock, MovesWithItsOwner) {
  const TemporaryFolder folder;
  auto first = SiteLock::take(folder.path());
  ASSERT_TRUE(first.ok());
  {
    const SiteLock moved(std::move(first).value());
    EXPECT_FALSE(SiteLock::take(folder.path()).ok());
  }
  EXPECT_TRUE(SiteLock::take(folder.path()).ok());
}

TEST(SiteLock, MayNotBeReadByOthers) {
  const TemporaryFolder folder;
  ASSERT_TRUE(SiteLock::take(folder.path()).ok());
  struct stat status {};
  ASSERT_EQ(::stat((folder.path() / "lock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(SiteLock, IsNotTakenThroughALink) {
  const TemporaryFolder folder;
  folder.write("elsewhere", "x");
  std::filesystem::create_symlink(folder.path() / "elsewhere", folder.path() / "lock");
  const auto lock = SiteLock::take(folder.path());
  ASSERT_FALSE(lock.ok());
  EXPECT_EQ(lock.error().slug, "site.lock-unreadable");
}

TEST(SiteLock, DiesWithAProcessThatIsKilled) {
  const TemporaryFolder folder;
  int ready[2] = {-1, -1};
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = SiteLock::take(folder.path());
    const char word = lock.ok() ? 'y' : 'n';
    (void)!::write(ready[1], &word, 1);
    for (;;) ::pause();
  }
  char word = 0;
  ASSERT_EQ(::read(ready[0], &word, 1), 1);
  EXPECT_EQ(word, 'y');
  EXPECT_FALSE(SiteLock::take(folder.path()).ok());
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(SiteLock::take(folder.path()).ok());
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace veilroute::app

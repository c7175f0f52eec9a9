// The master key's file is trusted only when nobody else may read it.
#include "core/base/keyring.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temporary_folder.h"

namespace veilroute {
namespace {

const std::string kDigits(64, 'a');

TEST(MasterKey, IsMadeOnceForItsOwnerAloneAndReadBack) {
  const TemporaryFolder site;
  std::filesystem::create_directories(site.path() / "keys");
  const auto file = site.path() / "keys" / "master.key";
  ASSERT_TRUE(create_master_key(file).ok());
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0400U);
  const auto key = read_master_key(site.path(), "file:keys/master.key");
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->view().size(), 32U);
  const auto again = create_master_key(file);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().slug, "key.exists");
  EXPECT_EQ(to_hex(read_master_key(site.path(), "file:keys/master.key")->view()),
            to_hex(key->view()));
}

TEST(MasterKey, EveryModeThatLetsOthersInIsRefusedWithTheCommandThatMendsIt) {
  const TemporaryFolder site;
  const auto file = site.write("master.key", kDigits);
  for (unsigned bit : {0040U, 0020U, 0010U, 0004U, 0002U, 0001U}) {
    ASSERT_EQ(::chmod(file.c_str(), 0400 | bit), 0);
    const auto outcome = read_master_key(site.path(), "file:master.key");
    ASSERT_FALSE(outcome.ok()) << bit;
    EXPECT_EQ(outcome.error().kind, ErrorKind::refused);
    EXPECT_EQ(outcome.error().slug, "key.open-to-others");
    EXPECT_NE(outcome.error().detail.find("chmod 0400 " + file.string()), std::string::npos);
  }
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_TRUE(read_master_key(site.path(), "file:master.key").ok());
}

TEST(MasterKey, HoldsSixtyFourDigitsAndNothingElse) {
  const TemporaryFolder site;
  const struct {
    const char* what;
    std::string content;
    bool good;
  } cases[] = {
      {"64 digits", kDigits, true},
      {"and a newline", kDigits + "\n", true},
      {"upper case", std::string(64, 'A'), true},
      {"nothing", "", false},
      {"too short", std::string(62, 'a'), false},
      {"one missing, newline instead", std::string(63, 'a') + "\n", false},
      {"too long", std::string(66, 'a'), false},
      {"two newlines", kDigits + "\n\n", false},
      {"one digit more", kDigits + "a", false},
      {"something after the newline", kDigits + "\nx", false},
      {"not a digit", std::string(63, 'a') + "g", false},
      {"a space before", " " + std::string(63, 'a'), false},
  };
  for (const auto& one : cases) {
    const auto file = site.write("master.key", one.content);
    ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
    const auto outcome = read_master_key(site.path(), "file:master.key");
    EXPECT_EQ(outcome.ok(), one.good) << one.what;
    if (!outcome.ok()) {
      EXPECT_EQ(outcome.error().slug, "key.malformed") << one.what;
      EXPECT_EQ(outcome.error().detail.find("aaa"), std::string::npos) << "no digit of a key in it";
    }
  }
}

TEST(MasterKey, IsAPlainFileAtAPlaceWeKnow) {
  const TemporaryFolder site;
  EXPECT_EQ(read_master_key(site.path(), "file:absent").error().slug, "key.missing");
  EXPECT_EQ(read_master_key(site.path(), "file:").error().slug, "key.unknown-place");
  EXPECT_EQ(read_master_key(site.path(), "keys/master.key").error().slug, "key.unknown-place");
  EXPECT_EQ(read_master_key(site.path(), "vault:x").error().slug, "key.unknown-place");
  EXPECT_EQ(read_master_key(site.path(), "").error().slug, "key.unknown-place");
  std::filesystem::create_directory(site.path() / "folder");
  EXPECT_EQ(read_master_key(site.path(), "file:folder").error().slug, "key.not-a-file");
  EXPECT_FALSE(create_master_key(site.path() / "absent" / "master.key").ok());
}

}  // namespace
}  // namespace veilroute

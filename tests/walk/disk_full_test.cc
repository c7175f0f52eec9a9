// A disk that fills up, on a real small file system: sources are told before it is too late, what was
// acknowledged arrives, and once there is room all goes on by itself.
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>

#include "tests/support/acknowledged.h"
#include "tests/support/wait.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBallastPiece = 64U << 10U;

/// A file system in memory, gone with the test.
class SmallDisk {
 public:
  explicit SmallDisk(const fs::path& folder, const char* size) : folder_(folder) {
    fs::create_directories(folder_);
    const std::string options = std::string("mode=0700,size=") + size;
    mounted_ = ::mount("veilroute-test", folder_.c_str(), "tmpfs", 0, options.c_str()) == 0;
    if (!mounted_) why_ = std::strerror(errno);
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] const std::string& why() const { return why_; }
  /// Another program fills it until `bytes` are free.
  void fill_until(std::uintmax_t bytes) const {
    std::ofstream out(folder_ / "ballast", std::ios::binary | std::ios::app);
    const std::string piece(kBallastPiece, 'b');
    while (fs::space(folder_).available > bytes && out.write(piece.data(), kBallastPiece).flush()) {
    }
  }
  void make_room() const { fs::remove(folder_ / "ballast"); }

 private:
  fs::path folder_;
  bool mounted_ = false;
  std::string why_;
};

class DiskFull : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.mounted()) {
      std::fprintf(stderr,
                   "\n*** NOT TESTED: a full disk. mount(tmpfs) answers: %s. Run as root. ***\n\n",
                   disk_.why().c_str());
      GTEST_SKIP() << "a full disk was not tested: " << disk_.why();
    }
    fs::copy(node_.site() / "state", state_, fs::copy_options::recursive);
    fs::remove_all(node_.site() / "state");
    fs::create_directory_symlink(state_, node_.site() / "state");
    node_.edit("site.toml", "quiet = \"2s\"", "quiet = \"300ms\"");
  }
  /// Sends one after the other until one is refused; how many were acknowledged.
  std::size_t send(unsigned study, unsigned count) {
    std::vector<std::string> names;
    for (unsigned i = 1; i <= count; ++i) {
      auto options = small(dicom::PhantomKind::ct, study, i);
      options.rows = options.columns = 512;
      names.push_back(write_phantom(folder_.path() / "out", options).path.string());
    }
    const auto sent = test::run(node_.storescu_command(names), 120s);
    const auto all = test::acknowledged_files(sent.output);
    acknowledged_ += all.size();
    return all.size();
  }
  [[nodiscard]] std::string log() const { return test::read_file(node_.log_file()); }
  void expect_all_arrived() {
    ASSERT_TRUE(node_.wait_until_settled(60s))
        << node_.verb({"queue", "list"}).output << node_.verb({"study", "list"}).output;
    EXPECT_EQ(node_.received_files().size(), acknowledged_);
    expect_accounts_close(node_);
  }

  TemporaryFolder folder_;
  fs::path state_ = folder_.path() / "disk" / "state";
  SmallDisk disk_{folder_.path() / "disk", "40m"};
  test::Node node_;
  std::size_t acknowledged_ = 0;
};

TEST_F(DiskFull, SourcesAreToldInTimeAndWhatWasAcknowledgedArrives) {
  node_.append("site.toml", "\n[spool]\nreserve = \"8MiB\"\n");
  ASSERT_TRUE(node_.start()) << log();
  disk_.fill_until(14U << 20U);
  const std::size_t first = send(1, 24);
  EXPECT_GT(first, 4U);
  EXPECT_LT(first, 24U);
  EXPECT_NE(log().find("spool.no-room"), std::string::npos);
  EXPECT_GE(fs::space(state_).available, 6U << 20U) << "the reserve is what all the rest lives on";
  // Nothing has to be freed for what is there to leave.
  node_.start_partner();
  expect_all_arrived();
  disk_.make_room();
  EXPECT_EQ(send(2, 8), 8U);
  expect_all_arrived();
  ASSERT_TRUE(node_.running());
}

TEST_F(DiskFull, NothingIsLostWhenOutboxAndCatalogFindNoRoomEither) {
  node_.append("site.toml", "\n[spool]\nreserve = \"1MiB\"\n");
  node_.start_partner();
  ASSERT_TRUE(node_.start()) << log();
  EXPECT_EQ(send(1, 6), 6U);
  disk_.fill_until(0);
  EXPECT_EQ(send(2, 4), 0U) << "there is no room for these";
  EXPECT_TRUE(test::wait_for([&] { return log().find("error_kind=exhausted") != std::string::npos ||
                                          log().find("no-room") != std::string::npos; }, 30s))
      << log();
  ASSERT_TRUE(node_.running()) << log();
  disk_.make_room();
  expect_all_arrived();
  EXPECT_EQ(send(2, 4), 4U);
  expect_all_arrived();
  ASSERT_TRUE(node_.running());
}

TEST_F(DiskFull, AnOutboxOverItsQuotaWaitsAndSaysWhy) {
  node_.append("site.toml", "\n[spool]\nreserve = \"1MiB\"\n\n[outbox]\nquota = \"1kB\"\n");
  node_.start_partner();
  ASSERT_TRUE(node_.start()) << log();
  EXPECT_EQ(send(1, 2), 2U);
  json row;
  EXPECT_TRUE(test::wait_for(
      [&] {
        const json rows = node_.ask({"queue", "list"}).value("transfers", json::array());
        if (!rows.empty()) row = rows[0];
        return row.is_object() && row.value("reason", "") == "outbox.over-quota";
      },
      30s))
      << row.dump(2) << log();
  EXPECT_EQ(row.value("state", ""), "planned");
  EXPECT_EQ(node_.stop(), 0);
  node_.edit("site.toml", "quota = \"1kB\"", "quota = \"10MB\"");
  ASSERT_TRUE(node_.start()) << log();
  expect_all_arrived();
}

}  // namespace
}  // namespace veilroute::walk

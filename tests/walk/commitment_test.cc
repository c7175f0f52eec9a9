// Storage commitment through the whole node: asked before the archive has anything, killed in
// between, and reported once it does.
#include <gtest/gtest.h>

#include "tests/support/commitment_peer.h"
#include "tests/support/test_receiver.h"
#include "tests/support/wait.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

TEST(CommitmentWalk, ARequestOutlivesAKillAndIsReportedWhenTheArchiveHasTheCopies) {
  test::TestReceiver modality({});
  TemporaryFolder folder;
  test::Node node;
  node.append("site.toml", "\n[commitment]\nmode = \"archive\"\n");
  node.edit("site.toml", "ae_title = \"DEMO_XRAY\"",
            "ae_title = \"DEMO_XRAY\"\nreport = { protocol = \"dicom\", host = \"127.0.0.1\", "
            "port = " + std::to_string(modality.port()) + " }");
  node.edit("conf.d/10-demo-partner.toml", "name = \"demo-partner\"",
            "name = \"demo-partner\"\narchive = true");
  ASSERT_TRUE(node.start()) << test::read_file(node.log_file());

  const auto sample = write_phantom(folder.path(), small(dicom::PhantomKind::ct, 1, 1));
  ASSERT_EQ(node.send(names_of({sample})).exit_code, 0);
  const dicom::FileHead sent = read_copy(sample.path).head;
  const Uid transaction{"2.25.4711"};
  test::CommitmentPeer peer(static_cast<std::uint16_t>(node.port()), "DEMO_XRAY");
  ASSERT_TRUE(peer.accepted());
  ASSERT_EQ(peer.ask(transaction, {{sent.sop_class, sent.sop_instance}}), 0);
  node.kill();
  EXPECT_TRUE(modality.objects().empty());

  node.start_partner();
  ASSERT_TRUE(node.start()) << test::read_file(node.log_file());
  ASSERT_TRUE(test::wait_for([&] { return !modality.objects().empty(); }, 60s))
      << test::read_file(node.log_file());
  EXPECT_EQ(node.received_files().size(), 1U) << "reported before the archive had it";
  const auto told = test::read_report(modality.objects()[0].data);
  EXPECT_EQ(told.transaction, transaction);
  EXPECT_EQ(told.objects,
            (std::map<std::string, unsigned>{{sent.sop_instance.value, 0U}}));
  ASSERT_TRUE(test::wait_for(
      [&] {
        const json all = node.ask({"commitment", "list"}).value("commitments", json::array());
        return all.size() == 1 && all[0].at("state") == "reported";
      },
      10s));
  const std::string log = test::read_file(node.log_file());
  EXPECT_EQ(log.find(sent.sop_instance.value), std::string::npos);
  EXPECT_EQ(log.find(transaction.value), std::string::npos);
}

}  // namespace
}  // namespace veilroute::walk

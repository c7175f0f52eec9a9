// Senders of other makers against a whole node. What a peer makes of a file is its own affair: a
// receiver of ours takes the same from it, and the node must hold these very bytes.
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "scp/admission.h"
#include "tests/support/test_receiver.h"
#include "tests/walk/peers.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

test::ReceiverScript as_the_node_does() {
  test::ReceiverScript script;
  script.most_pdu_bytes = dicom::kMostDataPduBytes;
  script.chooses = scp::choose_syntax;
  return script;
}

class Interop : public ::testing::Test {
 protected:
  void SetUp() override {
    secure_.port = test::free_port();
    node_.append("site.toml", "\n[[listener]]\nname = \"partners-in\"\nprotocol = \"dicom+tls\"\n"
                              "bind = \"127.0.0.1:" + std::to_string(secure_.port) + "\"\n"
                              "cert = \"keys/node.crt\"\nkey = \"keys/node.key\"\n"
                              "client_ca = \"keys/development-ca.crt\"\n");
    ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
    plain_.port = node_.port();
    reference_.port = receiver_.port();
    for (const auto kind : {dicom::PhantomKind::dx, dicom::PhantomKind::ct}) {
      plain_files_.push_back(write_phantom(folder_.path(), small(kind, 1)).path.string());
    }
    for (const char* file : {"mr/MR_small_implicit.dcm", "us/ExplVR_BigEnd.dcm"}) {
      plain_files_.push_back((fs::path(VEILROUTE_CORPUS_DIR) / file).string());
    }
    for (const char* file : {"cr-dx-mg/RG3_J2KR.dcm", "us/OBXXXX1A_rle.dcm",
                             "transfer-syntax/TestPattern_JPEG-LS-Lossless.dcm"}) {
      compressed_files_.push_back((fs::path(VEILROUTE_CORPUS_DIR) / file).string());
    }
  }
  [[nodiscard]] std::vector<std::string> all_files() const {
    std::vector<std::string> all = plain_files_;
    all.insert(all.end(), compressed_files_.begin(), compressed_files_.end());
    return all;
  }
  /// Syntax and digest of each object that our own receiver took from the peer.
  [[nodiscard]] std::set<std::string> as_sent() const {
    std::set<std::string> sent;
    for (const auto& object : receiver_.objects()) {
      sent.insert(object.transfer_syntax.value + " " + to_hex(crypto::sha256(object.data)));
    }
    return sent;
  }
  [[nodiscard]] std::set<std::string> in_the_spool() const {
    std::set<std::string> held;
    for (const auto& entry : node_.ledger()) {
      if (entry.at("kind") != "received") continue;
      for (const auto& item : entry.value("items", json::array())) {
        held.insert(item.at("identified").at("transfer_syntax").get<std::string>() + " " +
                    item.at("digest").get<std::string>());
      }
    }
    return held;
  }
  void expect_bit_exact(std::size_t objects) const {
    const auto sent = as_sent();
    EXPECT_EQ(sent.size(), objects);
    test::wait_for([&] { return in_the_spool().size() >= objects; }, 10s);
    EXPECT_EQ(in_the_spool(), sent);
  }
  /// Associations that ended in good order so far, by the node's own log.
  [[nodiscard]] std::size_t released() const {
    std::size_t count = 0;
    std::istringstream lines(test::read_file(node_.log_file()));
    for (std::string line; std::getline(lines, line);) {
      if (line.find("event=association.closed") != line.npos &&
          line.find("slug=association.released") != line.npos) {
        ++count;
      }
    }
    return count;
  }

  TemporaryFolder folder_;
  test::Node node_;
  test::TestReceiver receiver_{as_the_node_does()};
  Door plain_{"node", 0, false}, secure_{"node-tls", 0, true}, reference_{"reference", 0, false};
  std::vector<std::string> plain_files_, compressed_files_;
};

TEST_F(Interop, Dcmtk) {
  const auto storescu = [&](const Door& door, std::vector<std::string> files) {
    std::vector<std::string> command{"storescu", "-R", "-aet", "DEMO_XRAY", "-aec", "VEILROUTE"};
    if (door.tls) {
      const fs::path keys = node_.site() / "keys";
      for (const auto& word : {std::string("+tls"), (keys / "demo/partner.key").string(),
                               (keys / "demo/partner.crt").string(), std::string("+cf"),
                               (keys / "development-ca.crt").string()}) {
        command.push_back(word);
      }
    }
    command.insert(command.end(), {"127.0.0.1", std::to_string(door.port)});
    command.insert(command.end(), files.begin(), files.end());
    return test::run(command);
  };
  for (const Door* door : {&reference_, &secure_}) {
    const auto sent = storescu(*door, plain_files_);
    EXPECT_EQ(sent.exit_code, 0) << sent.output;
  }
  expect_bit_exact(plain_files_.size());
}

// gdcmscu of GDCM 3.0.21 ends with a failed assertion after a good exchange, with whomever: what
// counts is what came, and that it was released in good order.
TEST_F(Interop, Gdcm) {
  const auto gdcmscu = [&](const Door& door, std::vector<std::string> words) {
    std::vector<std::string> command{"gdcmscu", "--aetitle", "DEMO_XRAY", "--call", "VEILROUTE"};
    command.insert(command.end(), words.begin(), words.end());
    command.insert(command.end(), {"127.0.0.1", std::to_string(door.port)});
    test::run(command);
  };
  gdcmscu(plain_, {"--echo"});
  EXPECT_TRUE(test::wait_for([&] { return released() == 1; }, 10s)) << "no C-ECHO";
  const auto files = all_files();
  for (const std::string& file : files) {
    gdcmscu(reference_, {"--store", "-i", file});
    gdcmscu(plain_, {"--store", "-i", file});
  }
  expect_bit_exact(files.size());
  EXPECT_TRUE(test::wait_for([&] { return released() == 1 + files.size(); }, 10s));
}

// odil sends uncompressed little endian alone, and decides so before it looks at the file.
TEST_F(Interop, Odil) {
  const auto odil = [&](const char* verb, const Door& door, const std::vector<std::string>& files) {
    std::vector<std::string> command{"odil",      verb,       "127.0.0.1", std::to_string(door.port),
                                     "DEMO_XRAY", "VEILROUTE"};
    command.insert(command.end(), files.begin(), files.end());
    const auto done = test::run(command);
    EXPECT_EQ(done.exit_code, 0) << done.output;
    EXPECT_EQ(done.output.find("Could not"), std::string::npos) << done.output;
  };
  odil("echo", plain_, {});
  odil("store", reference_, plain_files_);
  odil("store", plain_, plain_files_);
  expect_bit_exact(plain_files_.size());
}

TEST_F(Interop, OrthancPlainAndOverTls) {
  const Orthanc orthanc(folder_.path() / "orthanc", node_.site() / "keys",
                        {plain_, secure_, reference_});
  EXPECT_TRUE(orthanc.echoes(plain_));
  EXPECT_TRUE(orthanc.echoes(secure_));
  EXPECT_TRUE(orthanc.sends(all_files(), reference_));
  EXPECT_TRUE(orthanc.sends(plain_files_, plain_));
  EXPECT_TRUE(orthanc.sends(compressed_files_, secure_));
  expect_bit_exact(all_files().size());
}

}  // namespace
}  // namespace veilroute::walk

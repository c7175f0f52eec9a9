// What certificates say of themselves, as the openssl program made them.
#include "core/dicom/certificate_facts.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/certificates.h"
#include "tests/support/temporary_folder.h"

namespace veilroute::dicom {
namespace {

TEST(CertificateFacts, AreThoseOfEveryCertificateInTheFile) {
  const TemporaryFolder folder;
  const test::Authority authority(folder.path(), "ours, of north");
  const test::Identity node = authority.issue("node");
  std::ofstream(node.cert, std::ios::app) << std::ifstream(authority.ca()).rdbuf();
  const auto facts = read_certificates(node.cert);
  ASSERT_TRUE(facts.ok()) << facts.error().text();
  ASSERT_EQ(facts->size(), 2U);
  EXPECT_EQ(facts->at(0).subject, "node");
  EXPECT_EQ(facts->at(0).issuer, "ours, of north test authority");
  EXPECT_EQ(facts->at(1).subject, facts->at(0).issuer);
  const auto left = facts->at(0).expires - SystemClock().now();
  EXPECT_EQ(std::chrono::round<std::chrono::days>(left).count(), 30);
}

TEST(CertificateFacts, AreNotToBeHadOfAnythingElse) {
  const TemporaryFolder folder;
  const test::Authority authority(folder.path(), "ours");
  for (const auto& file :
       {authority.issue("node").key, folder.write("empty", ""), folder.path() / "nowhere"}) {
    const auto facts = read_certificates(file);
    ASSERT_FALSE(facts.ok()) << file;
    EXPECT_EQ(facts.error().slug, "tls.file-unreadable");
  }
}

}  // namespace
}  // namespace veilroute::dicom

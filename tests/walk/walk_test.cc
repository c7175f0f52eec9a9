// The whole node on real sockets: DCMTK's senders in, DCMTK's receiver with TLS out.
#include <gtest/gtest.h>

#include <set>

#include "tests/support/acknowledged.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {
namespace {

using dicom::PhantomKind;
using namespace std::chrono_literals;

class Walk : public ::testing::Test {
 protected:
  void SetUp() override {
    node_.start_partner();
    ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  }
  Sample sample(const dicom::PhantomOptions& options) const {
    return write_phantom(folder_.path() / "samples", options);
  }
  static std::string study_of_file(const Sample& one) {
    return read_copy(one.path).text(dicom::tags::StudyInstanceUID);
  }
  /// Our number of a study, by its UID as it came in or as it went out.
  std::uint64_t study_of(const std::string& uid) const {
    return node_.ask({"study", "show", uid}).value("study", std::uint64_t{0});
  }

  TemporaryFolder folder_;
  test::Node node_;
};

TEST_F(Walk, PhantomsArriveDeIdentifiedWithTheirPixelsUntouched) {
  std::vector<Sample> samples;
  for (const PhantomKind kind : {PhantomKind::dx, PhantomKind::cr, PhantomKind::ct}) {
    const unsigned number = static_cast<unsigned>(samples.size()) + 1;
    for (unsigned instance = 1; instance <= 2; ++instance) {
      samples.push_back(sample(small(kind, number, instance)));
    }
  }
  const auto sent = node_.send(names_of(samples));
  ASSERT_EQ(sent.exit_code, 0) << sent.output;
  ASSERT_TRUE(node_.wait_until_settled(60s));

  const auto copies = read_copies(node_.received_files());
  ASSERT_EQ(copies.size(), samples.size());
  std::multiset<Digest> before, after;
  std::set<std::string> uids;
  for (const Sample& one : samples) before.insert(digest_of_pixels(read_copy(one.path)));
  for (const Copy& copy : copies) {
    after.insert(digest_of_pixels(copy));
    uids.insert(copy.head.sop_instance.value);
    EXPECT_EQ(copy.text({0x0012, 0x0062}), "YES");
    EXPECT_NE(copy.dataset.find(dicom::Tag{0x0012, 0x0064}), nullptr);
    EXPECT_TRUE(copy.head.sop_instance.value.starts_with("2.25.")) << copy.path;
    EXPECT_EQ(copy.text(dicom::tags::PatientName), copy.text(dicom::tags::PatientID));
    for (const Sample& one : samples) {
      const auto original = read_copy(one.path);
      for (const auto tag : {dicom::tags::PatientName, dicom::tags::PatientID,
                             dicom::tags::StudyInstanceUID, dicom::tags::SOPInstanceUID}) {
        const std::string value = original.text(tag);
        ASSERT_GE(value.size(), 4U);
        EXPECT_EQ(as_text(copy.bytes).find(value), std::string_view::npos)
            << dicom::to_text(tag) << " is still in " << copy.path;
      }
    }
  }
  EXPECT_EQ(before, after);
  EXPECT_EQ(uids.size(), samples.size());
  expect_accounts_close(node_);
}

TEST_F(Walk, ObjectsOfOneStudyStayTogetherAndFindTheirWayBack) {
  const Sample first = sample(small(PhantomKind::ct, 1, 1));
  const Sample second = sample(small(PhantomKind::ct, 1, 2));
  ASSERT_EQ(node_.send(names_of({first, second})).exit_code, 0);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  const auto copies = read_copies(node_.received_files());
  ASSERT_EQ(copies.size(), 2U);
  for (const auto tag : {dicom::tags::StudyInstanceUID, dicom::tags::SeriesInstanceUID,
                         dicom::tags::PatientID, dicom::Tag{0x0020, 0x0052}}) {
    EXPECT_EQ(copies[0].text(tag), copies[1].text(tag)) << dicom::to_text(tag);
    EXPECT_FALSE(copies[0].text(tag).empty()) << dicom::to_text(tag);
  }
  const std::uint64_t number =
      study_of(read_copy(first.path).text(dicom::tags::StudyInstanceUID));
  EXPECT_NE(number, 0U);
  EXPECT_EQ(study_of(copies[0].text(dicom::tags::StudyInstanceUID)), number);
}

TEST_F(Walk, UltrasoundWaitsInQuarantineWithItsReason) {
  const Sample us = sample(small(PhantomKind::us, 1));
  ASSERT_EQ(node_.send(names_of({us})).exit_code, 0);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_TRUE(node_.received_files().empty());
  const json listed = node_.ask({"quarantine", "list"});
  ASSERT_EQ(listed.at("transfers").size(), 1U) << listed.dump(2);
  const auto& objects = listed["transfers"][0].at("quarantined");
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects[0].at("reason"), "pixels.ultrasound");
  for (const auto& entry : node_.ledger()) EXPECT_NE(entry.at("kind"), "attempt.started");

  const auto number = listed["transfers"][0].at("transfer").get<std::uint64_t>();
  const auto shown = node_.verb({"quarantine", "show", std::to_string(number)});
  EXPECT_NE(shown.output.find("pixels.ultrasound"), std::string::npos) << shown.output;
  // Resumed, it is looked at afresh and ends where it was.
  ASSERT_EQ(node_.verb({"quarantine", "resume", std::to_string(number)}).exit_code, 0);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_EQ(node_.ask({"quarantine", "list"}).at("transfers").size(), 1U);
  ASSERT_EQ(node_.verb({"quarantine", "withdraw", std::to_string(number)}).exit_code, 0);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_TRUE(node_.ask({"quarantine", "list"}).at("transfers").empty());
  EXPECT_TRUE(node_.received_files().empty());
  expect_accounts_close(node_);
}

TEST_F(Walk, OneBadObjectHoldsItsTransferUntilItIsWithdrawn) {
  // A study with an object that cannot be cleared: the dx phantom's study, and an ultrasound in it.
  const Sample good = sample(small(PhantomKind::dx, 1, 1));
  Sample bad = sample(small(PhantomKind::us, 1, 2));
  if (study_of_file(bad) != study_of_file(good)) {
    const auto changed = test::run({"dcmodify", "-nb", "-m",
                                    "StudyInstanceUID=" + study_of_file(good), "-m",
                                    "PatientID=" + read_copy(good.path).text(dicom::tags::PatientID),
                                    bad.path.string()});
    ASSERT_EQ(changed.exit_code, 0) << changed.output;
  }
  ASSERT_EQ(node_.send(names_of({good, bad})).exit_code, 0);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_TRUE(node_.received_files().empty()) << "half a study left without anybody's word";
  const json listed = node_.ask({"quarantine", "list"});
  ASSERT_EQ(listed.at("transfers").size(), 1U) << listed.dump(2);
  const auto number = listed["transfers"][0].at("transfer").get<std::uint64_t>();
  ASSERT_EQ(node_.verb({"quarantine", "withdraw", std::to_string(number)}).exit_code, 0);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_EQ(node_.received_files().size(), 1U);
  expect_accounts_close(node_);
}

TEST_F(Walk, ALateObjectIsTheNextGenerationAndGoesAlone) {
  const Sample first = sample(small(PhantomKind::ct, 1, 1));
  ASSERT_EQ(node_.send(names_of({first})).exit_code, 0);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  ASSERT_EQ(node_.received_files().size(), 1U);
  const Sample late = sample(small(PhantomKind::ct, 1, 2));
  ASSERT_EQ(node_.send(names_of({late})).exit_code, 0);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  const auto copies = read_copies(node_.received_files());
  ASSERT_EQ(copies.size(), 2U);
  EXPECT_EQ(copies[0].text(dicom::tags::StudyInstanceUID),
            copies[1].text(dicom::tags::StudyInstanceUID));
  const auto studies = studies_of(node_);
  ASSERT_EQ(studies.size(), 1U);
  const json& view = studies.begin()->second;
  ASSERT_EQ(view.at("transfers").size(), 2U) << view.dump(2);
  for (const auto& transfer : view["transfers"]) {
    EXPECT_EQ(transfer.at("state"), "sent");
    EXPECT_EQ(transfer.at("objects").value("sent", 0), 1) << "a generation sends its own objects";
  }
  expect_accounts_close(node_);
}

TEST_F(Walk, TheSameObjectAgainIsTakenAndNotSentAgain) {
  const Sample one = sample(small(PhantomKind::cr, 1));
  ASSERT_EQ(node_.send(names_of({one})).exit_code, 0);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  const auto first = read_copies(node_.received_files());
  ASSERT_EQ(first.size(), 1U);
  ASSERT_EQ(node_.send(names_of({one})).exit_code, 0);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  const auto again = read_copies(node_.received_files());
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(first[0].bytes, again[0].bytes);
  expect_accounts_close(node_);
}

TEST_F(Walk, OtherBytesUnderTheSameUidGoOutUnderTheSameNewUid) {
  const Sample one = sample(small(PhantomKind::cr, 1));
  ASSERT_EQ(node_.send(names_of({one})).exit_code, 0);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  const auto first = read_copies(node_.received_files());
  ASSERT_EQ(first.size(), 1U);
  ASSERT_EQ(test::run({"dcmodify", "-nb", "-m", "KVP=61", one.path.string()}).exit_code, 0);
  ASSERT_EQ(node_.send(names_of({one})).exit_code, 0);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  // The receiver names files anew each time: both versions lie there.
  const auto again = read_copies(node_.received_files());
  EXPECT_EQ(again.size(), 2U);
  std::set<std::string> uids;
  for (const Copy& copy : again) uids.insert(copy.head.sop_instance.value);
  EXPECT_EQ(uids, std::set<std::string>{first[0].head.sop_instance.value});
  const bool newer = std::any_of(again.begin(), again.end(), [](const Copy& copy) {
    return copy.text({0x0018, 0x0060}) == "61";
  });
  EXPECT_TRUE(newer) << "the newest version never arrived";
  expect_accounts_close(node_);
}

TEST_F(Walk, StorescuIsAsWelcomeAsDcmsend) {
  std::vector<Sample> samples;
  for (unsigned i = 1; i <= 5; ++i) samples.push_back(sample(small(PhantomKind::ct, 1, i)));
  const auto sent = test::run(node_.storescu_command(names_of(samples)));
  ASSERT_EQ(sent.exit_code, 0) << sent.output;
  EXPECT_EQ(test::acknowledged_files(sent.output).size(), samples.size()) << sent.output;
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_EQ(node_.received_files().size(), samples.size());
}

TEST_F(Walk, AnUnknownSourceIsRejectedAndLeavesNothingBehind) {
  const Sample one = sample(small(PhantomKind::dx, 1));
  const auto refused = test::run({"storescu", "-v", "-aet", "STRANGER", "-aec", "VEILROUTE",
                                  "127.0.0.1", std::to_string(node_.port()), one.path.string()});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_NE(refused.output.find("Calling AE Title Not Recognized"), std::string::npos)
      << refused.output;
  EXPECT_TRUE(node_.ask({"study", "list"}).at("studies").empty());
  EXPECT_EQ(test::read_file(node_.log_file()).find("STRANGER"), std::string::npos)
      << "a name that a sender chose stands in the log";
}

TEST_F(Walk, OperatorsCanAskWhyAndWhere) {
  const Sample one = sample(small(PhantomKind::dx, 1));
  const std::string uid = study_of_file(one);
  ASSERT_EQ(node_.send(names_of({one})).exit_code, 0);
  ASSERT_TRUE(node_.wait_until_settled(60s));
  const auto why = node_.verb({"explain", uid});
  EXPECT_EQ(why.exit_code, 0);
  EXPECT_NE(why.output.find("demo"), std::string::npos) << why.output;
  const auto echo = node_.verb({"echo", "demo-partner"});
  EXPECT_EQ(echo.exit_code, 0) << echo.output;
  const auto unknown = node_.verb({"echo", "nobody"});
  EXPECT_EQ(unknown.exit_code, 2) << unknown.output;
  EXPECT_EQ(node_.verb({"study", "show", "999999"}).exit_code, 2);
  EXPECT_EQ(node_.verb({"check"}).exit_code, 0);
}

TEST_F(Walk, SubmittedFilesWalkLikeSentOnes) {
  node_.stop();
  node_.edit("conf.d/20-demo-route.toml", "source = \"demo-modality\"",
             "source in [\"demo-modality\", \"submit\"]");
  ASSERT_TRUE(node_.start()) << test::read_file(node_.log_file());
  const Sample one = sample(small(PhantomKind::dx, 1));
  const auto submitted = node_.verb({"submit", one.path.string()});
  ASSERT_EQ(submitted.exit_code, 0) << submitted.output;
  ASSERT_TRUE(node_.wait_until_settled(60s));
  EXPECT_EQ(node_.received_files().size(), 1U);
  expect_accounts_close(node_);
}

}  // namespace
}  // namespace veilroute::walk

// Pseudonym rows for deidentify: of a run's secret, and of a site's catalog.
#include "app/operations/pseudonyms.h"

#include <gtest/gtest.h>

#include <set>

#include "app/operations/init.h"
#include "app/operations/operation.h"
#include "app/operations/run_pseudonyms.h"
#include "tests/app/copies.h"

namespace veilroute::app {
namespace {

using namespace testing;

store::PseudonymSubject subject(const std::string& id, const std::string& study,
                                const std::string& issuer = "HOSPITAL") {
  return {Phi<std::string>(issuer), Phi<std::string>(id), Uid{study}};
}

std::string pseudonym(const store::PseudonymRow& row) { return row.pseudonym.reveal(); }
Bytes secret_of(const store::PseudonymRow& row) {
  return {row.secret.view().begin(), row.secret.view().end()};
}

TEST(RunPseudonyms, FollowFromTheSecretAlone) {
  RunPseudonyms one(secret(1));
  RunPseudonyms again(secret(1));
  RunPseudonyms other(secret(2));
  const auto a = one.row(subject("P1", "1.2.3"));
  // Asked in another order, beside others: the same.
  (void)again.row(subject("P9", "1.2.9"));
  const auto b = again.row(subject("P1", "1.2.3"));
  const auto c = other.row(subject("P1", "1.2.3"));
  EXPECT_EQ(pseudonym(a), pseudonym(b));
  EXPECT_EQ(a.accession, b.accession);
  EXPECT_EQ(a.date_offset_days, b.date_offset_days);
  EXPECT_EQ(secret_of(a), secret_of(b));
  EXPECT_NE(pseudonym(a), pseudonym(c));
  EXPECT_NE(secret_of(a), secret_of(c));
}

TEST(RunPseudonyms, AreToldApartByPatientAndIssuer) {
  RunPseudonyms run(secret());
  std::set<std::string> seen;
  for (const auto& each : {subject("P1", "1.2.3"), subject("P2", "1.2.3"),
                           subject("P1", "1.2.3", "ELSEWHERE"), subject("", "1.2.3"),
                           subject("", "1.2.4"), subject("P", "1", "1"), subject("1P", "1", "")}) {
    EXPECT_TRUE(seen.insert(pseudonym(run.row(each))).second);
  }
}

TEST(RunPseudonyms, AreSharedByTheStudiesOfAPatient) {
  RunPseudonyms run(secret());
  const auto one = run.row(subject("P1", "1.2.3"));
  const auto other = run.row(subject("P1", "1.2.4"));
  EXPECT_EQ(pseudonym(one), pseudonym(other));
  EXPECT_EQ(secret_of(one), secret_of(other));
  EXPECT_NE(one.accession, other.accession);
  EXPECT_EQ(run.row(subject("P1", "1.2.3")).accession, one.accession);
}

TEST(RunPseudonyms, AreNeverTheIdItself) {
  RunPseudonyms run(secret());
  for (int i = 0; i < 200; ++i) {
    const auto row = run.row(subject("P" + std::to_string(i), "1.2." + std::to_string(i)));
    EXPECT_TRUE(pseudonym(row).starts_with("VR-"));
    EXPECT_EQ(row.secret.view().size(), 32U);
    EXPECT_LE(row.date_offset_days.reveal(), -30);
    EXPECT_GE(row.date_offset_days.reveal(), -730);
  }
}

/// A demo site, opened.
class SitePseudonyms : public ::testing::Test {
 protected:
  SitePseudonyms() {
    NewSite made;
    made.folder = folder_.path() / "site";
    made.demo = true;
    EXPECT_TRUE(init_site(made).ok());
    auto opened = Site::open(made.folder, clock_);
    EXPECT_TRUE(opened.ok());
    site_ = std::move(opened).value();
  }
  Result<json> ask(json arguments) {
    return run_operation(*site_, Request{"pseudonyms", std::move(arguments), {}}, caller_);
  }
  store::PseudonymRow row(const store::PseudonymSubject& whose, const std::string& scope = "site") {
    auto answer = ask(pseudonym_arguments(whose, Scope{scope}));
    EXPECT_TRUE(answer.ok()) << (answer.ok() ? "" : answer.error().text());
    auto read = read_pseudonyms(answer.value());
    EXPECT_TRUE(read.ok());
    return std::move(read).value();
  }

  TemporaryFolder folder_;
  SystemClock clock_;
  Caller caller_{"uid:0", std::nullopt};
  std::unique_ptr<Site> site_;
};

TEST_F(SitePseudonyms, AreRefusedForAScopeThatNoDestinationHas) {
  for (const char* scope : {"sight", "destination:nobody", "project:x"}) {
    const auto answer = ask(pseudonym_arguments(subject("P1", "1.2.3"), Scope{scope}));
    ASSERT_FALSE(answer.ok()) << scope;
    EXPECT_EQ(answer.error().slug, "scope.unknown");
  }
  EXPECT_TRUE(ask(pseudonym_arguments(subject("P1", "1.2.3"), {"destination:demo-partner"})).ok());
}

TEST_F(SitePseudonyms, AreRefusedForArgumentsThatAreNone) {
  for (const json& spoilt :
       {json{{"study", "zz"}}, json{{"study", "20"}}, json{{"patient_id", "0"}},
        json{{"issuer", std::string(4096, '0')}}, json{{"scope", 7}}}) {
    json arguments = pseudonym_arguments(subject("P1", "1.2.3"), {"site"});
    arguments.update(spoilt);
    const auto answer = ask(arguments);
    ASSERT_FALSE(answer.ok()) << spoilt.dump();
    EXPECT_EQ(answer.error().kind, ErrorKind::invalid);
  }
}

TEST_F(SitePseudonyms, AreThoseThatTheNodeUsesForTheStudy) {
  const auto whose = subject("PHANTOM-0001", "", "PHANTOM HOSPITAL");
  const auto files = phantoms(folder_.path() / "in");
  store::PseudonymSubject known = whose;
  known.study.value = scanned(files[0]).value(dicom::tags::StudyInstanceUID);
  const auto before = row(known, "destination:demo-partner");  // it never came in yet

  auto source = FileSource::open(files[0]);
  Request request{"submit", json::object(), Descriptor(::dup((*source)->descriptor()))};
  ASSERT_TRUE(run_operation(*site_, std::move(request), caller_).ok());
  ASSERT_TRUE(site_->catalog().flush().ok());
  const auto key = site_->catalog().find_study(known.study);
  ASSERT_TRUE(key.ok() && key->has_value());
  const auto pinned = site_->catalog().pseudonyms(**key, {"destination:demo-partner"});
  ASSERT_TRUE(pinned.ok());
  const auto after = row(known, "destination:demo-partner");
  for (const auto* each : {&before, &after}) {
    EXPECT_EQ(pseudonym(*each), pseudonym(*pinned));
    EXPECT_EQ(each->accession, pinned->accession);
    EXPECT_EQ(each->date_offset_days, pinned->date_offset_days);
    EXPECT_EQ(secret_of(*each), secret_of(*pinned));
  }
}

TEST_F(SitePseudonyms, TellPatientsApartWhoseIdsAreNoUtf8) {
  const auto one = row(subject("M\xfcller", "1.2.3"));
  const auto other = row(subject("M\xf6ller", "1.2.4"));
  EXPECT_NE(pseudonym(one), pseudonym(other));
}

TEST(PseudonymAnswer, IsWipedOnceItWasRead) {
  json answer = {{"pseudonym", "VR-22222222"},
                 {"accession", "VRA-22222222"},
                 {"date_offset_days", -40},
                 {"secret", std::string(64, 'a')}};
  const auto row = read_pseudonyms(answer);
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(secret_of(*row), Bytes(32, 0xAA));
  EXPECT_EQ(row->date_offset_days.reveal(), -40);
  EXPECT_EQ(answer["secret"], std::string(64, '\0'));
}

TEST(PseudonymAnswer, ThatIsIncompleteIsRefused) {
  for (const json& body : {json::object(), json{{"pseudonym", "VR-22222222"}},
                           json{{"pseudonym", ""}, {"secret", std::string(64, 'a')}},
                           json{{"pseudonym", "VR-22222222"}, {"secret", "aa"}}}) {
    json answer = body;
    const auto row = read_pseudonyms(answer);
    ASSERT_FALSE(row.ok()) << body.dump();
    EXPECT_EQ(row.error().slug, "pseudonyms.unreadable-answer");
  }
}

}  // namespace
}  // namespace veilroute::app

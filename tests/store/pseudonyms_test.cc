// Pseudonyms: random, one for each patient and scope, pinned to the study at first sight (decisions
// 6).
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

const Scope kBoneScope{"destination:bone-specialist"};
const Scope kSiteScope{"site"};

Bytes secret_of(const PseudonymRow& row) {
  return {row.secret.view().begin(), row.secret.view().end()};
}

TEST(Pseudonyms, NeedAStudyAndAScope) {
  CatalogRoom room;
  room.receive({});
  EXPECT_EQ(slug(room->pseudonyms({424242}, kSiteScope)), "study.unknown");
  EXPECT_EQ(slug(room->pseudonyms(room.key(1), {})), "pseudonyms.no-scope");
}

TEST(Pseudonyms, AreOfTheReservedAlphabet) {
  CatalogRoom room;
  for (unsigned i = 1; i <= 20; ++i) {
    room.receive({.study = i, .instance = i, .patient = "P" + std::to_string(i)});
    const PseudonymRow row = room->pseudonyms(room.key(i), kSiteScope).value();
    const std::string& name = row.pseudonym.reveal();
    ASSERT_EQ(name.size(), 11U);
    EXPECT_TRUE(name.starts_with("VR-"));
    EXPECT_EQ(name.find_first_not_of("23456789BCDFGHJKMNPQRSTVWXYZ", 3), std::string::npos) << name;
    EXPECT_TRUE(row.accession.reveal().starts_with("VRA-"));
    EXPECT_LE(row.accession.reveal().size(), 16U);  // SH
    EXPECT_EQ(row.secret.view().size(), crypto::kKeyBytes);
  }
}

TEST(Pseudonyms, MoveDatesIntoThePastByAMonthAtLeast) {
  CatalogRoom room;
  std::set<int> offsets;
  for (unsigned i = 1; i <= 200; ++i) {
    room.receive({.study = i, .instance = i, .patient = "P" + std::to_string(i)});
    const int days = room->pseudonyms(room.key(i), kSiteScope).value().date_offset_days.reveal();
    EXPECT_LE(days, -30);
    EXPECT_GE(days, -730);
    offsets.insert(days);
  }
  EXPECT_GT(offsets.size(), 100U);
}

TEST(Pseudonyms, AreSharedByTheStudiesOfAPatientInAScope) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 1});
  room.receive({.study = 2, .instance = 2});
  const PseudonymRow one = room->pseudonyms(room.key(1), kBoneScope).value();
  const PseudonymRow two = room->pseudonyms(room.key(2), kBoneScope).value();
  EXPECT_EQ(one.id, two.id);
  EXPECT_EQ(one.pseudonym, two.pseudonym);
  EXPECT_EQ(one.date_offset_days, two.date_offset_days);
  EXPECT_EQ(secret_of(one), secret_of(two));
  EXPECT_NE(one.accession, two.accession);
}

TEST(Pseudonyms, AreToldApartByPatientIssuerScopeAndSite) {
  CatalogRoom room;
  CatalogRoom elsewhere;
  room.receive({.study = 1, .instance = 1});
  room.receive({.study = 2, .instance = 2, .patient = "PID-TWO"});
  room.receive({.study = 3, .instance = 3, .issuer = "CLINIC"});
  elsewhere.receive({.study = 1, .instance = 1});
  std::set<std::string> names;
  std::set<Bytes> secrets;
  const auto add = [&](const PseudonymRow& row) {
    names.insert(row.pseudonym.reveal());
    secrets.insert(secret_of(row));
  };
  for (unsigned i = 1; i <= 3; ++i) add(room->pseudonyms(room.key(i), kBoneScope).value());
  add(room->pseudonyms(room.key(1), kSiteScope).value());
  add(elsewhere->pseudonyms(elsewhere.key(1), kBoneScope).value());
  EXPECT_EQ(names.size(), 5U);
  EXPECT_EQ(secrets.size(), 5U);
}

TEST(Pseudonyms, WithoutAPatientIdBelongToTheStudyAlone) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 1, .patient = ""});
  room.receive({.study = 2, .instance = 2, .patient = ""});
  const PseudonymRow one = room->pseudonyms(room.key(1), kBoneScope).value();
  const PseudonymRow two = room->pseudonyms(room.key(2), kBoneScope).value();
  EXPECT_NE(one.id, two.id);
  EXPECT_NE(one.pseudonym, two.pseudonym);
}

TEST(Pseudonyms, StayWithTheStudyWhateverBecomesOfItsPatient) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 1, .patient = ""});
  const PseudonymRow first = room->pseudonyms(room.key(1), kBoneScope).value();
  room.receive({.study = 1, .instance = 2, .bytes = 2, .patient = "PID-ONE"});
  ASSERT_EQ(room.study(1).patient_id.reveal(), "PID-ONE");
  const PseudonymRow later = room->pseudonyms(room.key(1), kBoneScope).value();
  EXPECT_EQ(first.id, later.id);
  EXPECT_EQ(first.accession, later.accession);
  // Another scope sees the study for the first time now.
  room.receive({.study = 2, .instance = 3});
  EXPECT_EQ(room->pseudonyms(room.key(1), kSiteScope).value().id,
            room->pseudonyms(room.key(2), kSiteScope).value().id);
}

TEST(Pseudonyms, AreTheSameAfterARestart) {
  CatalogRoom room;
  room.receive({});
  const PseudonymRow before = room->pseudonyms(room.key(1), kBoneScope).value();
  room.reopen();
  const PseudonymRow after = room->pseudonyms(room.key(1), kBoneScope).value();
  EXPECT_EQ(before.pseudonym, after.pseudonym);
  EXPECT_EQ(before.accession, after.accession);
  EXPECT_EQ(before.date_offset_days, after.date_offset_days);
  EXPECT_EQ(secret_of(before), secret_of(after));
}

TEST(Pseudonyms, AskedForAtOnceAreMadeOnce) {
  CatalogRoom room;
  room.receive({});
  const StudyKey key = room.key(1);
  std::vector<std::uint64_t> ids(8);
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t& id : ids) {
      threads.emplace_back([&] { id = room->pseudonyms(key, kBoneScope).value().id; });
    }
  }
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 1U);
}

TEST(Pseudonyms, AreTheSameForCopiesMadeBesideTheCatalogBeforeOrAfter) {
  CatalogRoom room;
  const PseudonymSubject one{Phi<std::string>("HOSPITAL"), Phi<std::string>("PID-ONE"),
                             test::study_uid(1)};
  const PseudonymRow beside = room->pseudonyms_for(one, kBoneScope).value();
  room.receive({.study = 1, .instance = 1});
  const PseudonymRow stored = room->pseudonyms(room.key(1), kBoneScope).value();
  const PseudonymRow after = room->pseudonyms_for(one, kBoneScope).value();
  for (const PseudonymRow* row : {&stored, &after}) {
    EXPECT_EQ(row->id, beside.id);
    EXPECT_EQ(row->pseudonym, beside.pseudonym);
    EXPECT_EQ(row->accession, beside.accession);
    EXPECT_EQ(secret_of(*row), secret_of(beside));
  }
  EXPECT_EQ(slug(room->pseudonyms_for(one, {})), "pseudonyms.no-scope");
}

TEST(Pseudonyms, BesideTheCatalogFollowThePinOfTheStudy) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 1, .patient = ""});
  const PseudonymRow pinned = room->pseudonyms(room.key(1), kBoneScope).value();
  const PseudonymSubject named{Phi<std::string>("HOSPITAL"), Phi<std::string>("PID-ONE"),
                               test::study_uid(1)};
  EXPECT_EQ(room->pseudonyms_for(named, kBoneScope).value().id, pinned.id);
}

TEST(Pseudonyms, MovedToAnotherRowDoNotOpen) {
  CatalogRoom room;
  for (unsigned i = 1; i <= 2; ++i) {
    room.receive({.study = i, .instance = i, .patient = "P" + std::to_string(i)});
    (void)room->pseudonyms(room.key(i), kSiteScope).value();
  }
  room.raw()
      ->run(
          "UPDATE pseudonyms SET sealed = (SELECT sealed FROM pseudonyms ORDER BY id"
          " LIMIT 1)")
      .value();
  EXPECT_TRUE(room->pseudonyms(room.key(1), kSiteScope).ok());
  EXPECT_EQ(kind_of(room->pseudonyms(room.key(2), kSiteScope)), ErrorKind::corrupt);
}

}  // namespace
}  // namespace veilroute::store

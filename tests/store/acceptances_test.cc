// A person's word that a value is harmless: for whom it holds, what the ledger says of it, and what
// becomes of transfers when it is taken back.
#include <gtest/gtest.h>

#include "core/base/files.h"
#include "core/store/sqlite/migrations.h"
#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

const std::string kReader = "uid:1000";
const std::string kPath = "(0018,0015)";
const AcceptedWay kWay{kHands, kBone};

NewAcceptance harmless(TransferId transfer, ObjectId object, const std::string& value = "PALMAR") {
  return {transfer, object, kPath, Phi<std::string>(value), kReader, Phi<std::string>("a view")};
}

/// A study of one object, whose transfer is in quarantine.
class Acceptances : public ::testing::Test {
 protected:
  Acceptances() {
    object_ = room_.receive({.study = 1, .instance = 1});
    room_.complete(1);
    transfer_ = room_.plan(1);
    room_->quarantine_transfer(transfer_, {CatalogRoom::found(object_, "verify.identity-found")})
        .value();
  }
  AcceptanceId accept(const std::string& value = "PALMAR") {
    return room_->acceptances().accept_finding(harmless(transfer_, object_, value)).value();
  }
  std::optional<AcceptanceId> find(const AcceptedWay& way, std::string_view path,
                                   std::string_view value) {
    return room_->acceptances().accepted_values(way).value().find(path, value);
  }
  /// Prepared again and cleared under an acceptance.
  void queue_under(AcceptanceId id) {
    if (room_.state(transfer_) == T::blocked) room_->resume_quarantined(transfer_, kReader).value();
    PreparedTransfer prepared = room_.prepared(transfer_);
    prepared.acceptances = {id};
    room_->queue_transfer(transfer_, CatalogRoom::clearance(), prepared).value();
  }
  std::size_t revoke(AcceptanceId id) {
    return room_->acceptances().revoke_acceptance(id, "uid:1001").value();
  }

  CatalogRoom room_;
  ObjectId object_;
  TransferId transfer_;
};

TEST_F(Acceptances, HoldForExactlyThisValueAtThisPathOnThisWay) {
  const AcceptanceId id = accept();
  EXPECT_EQ(find(kWay, kPath, "PALMAR"), id);
  EXPECT_EQ(find(kWay, kPath, "PALMAR "), std::nullopt);
  EXPECT_EQ(find(kWay, kPath, "palmar"), std::nullopt);
  EXPECT_EQ(find(kWay, "(0008,103E)", "PALMAR"), std::nullopt);
  EXPECT_EQ(find({{"other"}, kBone}, kPath, "PALMAR"), std::nullopt);
  EXPECT_EQ(find({kHands, {"elsewhere"}}, kPath, "PALMAR"), std::nullopt);
  room_.reopen();
  EXPECT_EQ(find(kWay, kPath, "PALMAR"), id);
}

TEST_F(Acceptances, AreInTheLedgerWithWhoAndWhere) {
  const AcceptanceId id = accept();
  const ledger::Entry entry = room_.last(ledger::Kind::finding_accepted);
  EXPECT_EQ(entry.transfer, transfer_);
  EXPECT_EQ(entry.study, room_.key(1));
  EXPECT_EQ(entry.fields.at("actor"), kReader);
  EXPECT_EQ(entry.fields.at("path"), kPath);
  EXPECT_EQ(entry.fields.at("route"), kHands.value);
  EXPECT_EQ(entry.fields.at("destination"), kBone.value);
  EXPECT_EQ(entry.fields.at("acceptance"), std::to_string(id.value));
  EXPECT_EQ(entry.sealed.at("reason"), "a view");
  ASSERT_EQ(entry.items.size(), 1U);
  EXPECT_EQ(entry.items[0].object, object_);
  EXPECT_EQ(ledger::kind_of("finding.accepted"), ledger::Kind::finding_accepted);
  EXPECT_EQ(ledger::kind_of("acceptance.revoked"), ledger::Kind::acceptance_revoked);
  EXPECT_TRUE(room_->inspect_ledger().value().ok);
}

TEST_F(Acceptances, AreListedNewestFirstWithTheirReasons) {
  const AcceptanceId first = accept();
  const AcceptanceId second = accept("DORSAL");
  room_.clock().advance(1h);
  revoke(first);
  const auto listed = room_->acceptances().list_acceptances(10).value();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].id, second);
  EXPECT_EQ(listed[0].path, kPath);
  EXPECT_EQ(listed[0].route, kHands);
  EXPECT_EQ(listed[0].destination, kBone);
  EXPECT_EQ(listed[0].transfer, transfer_);
  EXPECT_EQ(listed[0].object, object_);
  EXPECT_EQ(listed[0].accepted_by, kReader);
  EXPECT_EQ(listed[0].reason.reveal(), "a view");
  EXPECT_EQ(listed[0].revoked_at, TimePoint{});
  EXPECT_EQ(listed[1].revoked_by, "uid:1001");
  EXPECT_EQ(listed[1].revoked_at, room_.clock().now());
  EXPECT_EQ(room_->acceptances().list_acceptances(1).value().size(), 1U);
}

TEST_F(Acceptances, AreGivenForWhatIsInQuarantineAlone) {
  auto& book = room_->acceptances();
  EXPECT_EQ(slug(book.accept_finding(harmless({99}, object_))), "transfer.unknown");
  EXPECT_EQ(slug(book.accept_finding(harmless(transfer_, {99}))), "object.not-quarantined");
  const TransferId cleared = room_.cleared(2, 1);
  EXPECT_EQ(slug(book.accept_finding(harmless(cleared, room_.objects(cleared)[0]))),
            "transfer.not-in-quarantine");
  accept();
  EXPECT_EQ(slug(book.accept_finding(harmless(transfer_, object_))), "acceptance.exists");
  EXPECT_EQ(room_.entries(ledger::Kind::finding_accepted).size(), 1U);
}

TEST_F(Acceptances, MayBeGivenAnewAfterTheyWereRevoked) {
  const AcceptanceId first = accept();
  EXPECT_EQ(revoke(first), 0U);
  EXPECT_EQ(find(kWay, kPath, "PALMAR"), std::nullopt);
  EXPECT_EQ(slug(room_->acceptances().revoke_acceptance(first, kReader)), "acceptance.revoked");
  EXPECT_EQ(slug(room_->acceptances().revoke_acceptance({99}, kReader)), "acceptance.unknown");
  const AcceptanceId second = accept();
  EXPECT_NE(first, second);
  EXPECT_EQ(find(kWay, kPath, "PALMAR"), second);
  const ledger::Entry entry = room_.last(ledger::Kind::acceptance_revoked);
  EXPECT_EQ(entry.fields.at("actor"), "uid:1001");
  EXPECT_EQ(entry.fields.at("acceptance"), std::to_string(first.value));
  EXPECT_TRUE(entry.sealed.empty());
}

TEST_F(Acceptances, AttemptsSayUnderWhichTheyWereCleared) {
  const AcceptanceId id = accept();
  queue_under(id);
  const std::string words = std::to_string(id.value);
  EXPECT_EQ(room_.last(ledger::Kind::transfer_cleared).fields.at("acceptances"), words);
  room_->begin_attempt(transfer_, {}).value();
  EXPECT_EQ(room_.last(ledger::Kind::attempt_started).fields.at("acceptances"), words);
  const TransferId other = room_.sending(2, 1);
  EXPECT_EQ(room_.load(other).state, T::sending);
  EXPECT_FALSE(room_.last(ledger::Kind::attempt_started).fields.contains("acceptances"));
}

TEST_F(Acceptances, RevokedSendWhatHasNotGoneToBePreparedAgain) {
  const AcceptanceId id = accept();
  queue_under(id);
  const TransferId other = room_.cleared(2, 1);
  EXPECT_EQ(revoke(id), 1U);
  EXPECT_EQ(room_.state(transfer_), T::planned);
  EXPECT_EQ(room_.state(transfer_, object_), O::planned);
  EXPECT_FALSE(room_.load(transfer_).manifest);
  EXPECT_EQ(room_.state(other), T::cleared) << "nothing of it was accepted";
  EXPECT_TRUE(room_.sum(1).closes());
  EXPECT_EQ(room_.last(ledger::Kind::transfer_blocked).fields.at("reason"), "acceptance.revoked");
  EXPECT_EQ(slug(room_->begin_attempt(transfer_, {})), "transfer.moved-on");
  EXPECT_EQ(
      slug(room_->queue_transfer(transfer_, CatalogRoom::clearance(), room_.prepared(transfer_))),
      "ok");
}

TEST_F(Acceptances, RevokedBehindAShutGateWaitForIt) {
  const AcceptanceId id = accept();
  queue_under(id);
  room_->block_transfer(transfer_, "gate.expired").value();
  EXPECT_EQ(revoke(id), 1U);
  EXPECT_EQ(room_.state(transfer_), T::blocked);
  EXPECT_EQ(room_.load(transfer_).reason, "gate.expired");
  room_->unblock_transfer(transfer_).value();
  EXPECT_EQ(room_.state(transfer_), T::planned) << "not cleared: it has no manifest any more";
}

TEST_F(Acceptances, RevokedDuringAnAttemptBeginNoOther) {
  const AcceptanceId id = accept();
  queue_under(id);
  room_->begin_attempt(transfer_, {}).value();
  EXPECT_EQ(revoke(id), 0U);
  EXPECT_EQ(room_.state(transfer_), T::sending);
  room_
      ->finish_attempt(transfer_,
                       attempt_result(Outcome::deferred, {answer(object_, Outcome::unknown)},
                                      room_.clock().now()))
      .value();
  EXPECT_EQ(slug(room_->begin_attempt(transfer_, {})), "transfer.moved-on");
  EXPECT_EQ(room_.state(transfer_), T::planned);
  EXPECT_EQ(room_.state(transfer_, object_), O::planned);
}

TEST_F(Acceptances, RevokedMeanwhileAreNoGroundToClear) {
  const AcceptanceId id = accept();
  room_->resume_quarantined(transfer_, kReader).value();
  PreparedTransfer prepared = room_.prepared(transfer_);
  prepared.acceptances = {id};
  revoke(id);
  const auto queued = room_->queue_transfer(transfer_, CatalogRoom::clearance(), prepared);
  EXPECT_EQ(slug(queued), "transfer.moved-on");
  EXPECT_EQ(kind_of(queued), ErrorKind::unavailable);
  EXPECT_EQ(room_.state(transfer_), T::planned);
  EXPECT_EQ(room_.state(transfer_, object_), O::planned);
}

/// A salvage may have lost the row.
TEST_F(Acceptances, ThatAreLostAreNoGroundToSend) {
  queue_under(accept());
  const auto db = room_.raw();
  db->script("PRAGMA foreign_keys = OFF;").value();
  db->run("DELETE FROM acceptances").value();
  EXPECT_EQ(slug(room_->begin_attempt(transfer_, {})), "transfer.moved-on");
  EXPECT_EQ(room_.state(transfer_), T::planned);
}

TEST_F(Acceptances, StandNowhereInTheClear) {
  const AcceptanceId id = accept("CANARYWORD");
  room_->acceptances().revoke_acceptance(id, kReader).value();
  room_->acceptances()
      .accept_finding({transfer_, object_, kPath, Phi<std::string>("OTHERCANARY"), kReader,
                       Phi<std::string>("CANARYREASON")})
      .value();
  room_.close();
  for (const char* suffix : {"", "-wal"}) {
    const auto bytes = read_text_file(room_.file().string() + suffix, 1ULL << 30U);
    if (!bytes.ok()) continue;
    EXPECT_EQ(bytes->find("CANARY"), std::string::npos) << suffix;
  }
}

TEST(AcceptanceDigests, DoNotRunTogether) {
  CatalogRoom room;
  const Keyring& keyring = room->keyring();
  EXPECT_NE(acceptance_digest(keyring, {{"a"}, {"bc"}}, "p", "v"),
            acceptance_digest(keyring, {{"ab"}, {"c"}}, "p", "v"));
  CatalogRoom other;
  EXPECT_NE(acceptance_digest(keyring, kWay, "p", "v"),
            acceptance_digest(other->keyring(), kWay, "p", "v"));
}

/// A catalog as the program before this step left it, with a study on its way.
TEST(AcceptanceMigration, KeepsWhatWasThereAndGoesOn) {
  TemporaryFolder folder;
  const auto db =
      sqlite::Connection::open(folder.write("a.db", ""), sqlite::Connection::Use::write).value();
  const auto all = sqlite::known_migrations();
  sqlite::migrate(*db, all.first(3)).value();
  db->run("INSERT INTO studies VALUES (7, 0, 0, x'01', 1, 2, '', 1, 1, 1, NULL, x'')").value();
  db->run(
        "INSERT INTO transfers (id, node, epoch, study, generation, route, destination, state,"
        " reason, attempts, created_at, due_at, plan) VALUES (8, 0, 0, 7, 1, 'r', 'd', 2, '', 0,"
        " 1, 1, x'')")
      .value();
  sqlite::migrate(*db, all).value();
  EXPECT_EQ(sqlite::schema_version(*db).value(), all.size());
  sqlite::Statement row =
      db->prepare(
            "SELECT (SELECT count(*) FROM acceptances),"
            " (SELECT count(*) FROM transfer_acceptances), state FROM transfers WHERE id = 8")
          .value();
  ASSERT_TRUE(row.step().value());
  EXPECT_EQ(row.i64(0), 0);
  EXPECT_EQ(row.i64(1), 0);
  EXPECT_EQ(row.i64(2), 2);
}

}  // namespace
}  // namespace veilroute::store

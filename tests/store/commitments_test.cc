// Commitments in the catalog: what is answered for which object, and that an answer lasts.
#include "core/store/commitment.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

using C = CommitmentState;
namespace why = failure_reason;

const Uid kTransaction{"2.25.77"};

NewCommitment asking(std::vector<Reference> references, const Uid& transaction = kTransaction) {
  NewCommitment asked;
  asked.source = SourceName{test::ObjectSpec{}.source};
  asked.listener = ListenerName{"ward"};
  asked.association = {9};
  asked.calling_ae = AeTitle{"CANARY-AE"};
  asked.called_ae = AeTitle{"VEILROUTE"};
  asked.transaction = transaction;
  asked.references = std::move(references);
  return asked;
}

Reference about(unsigned instance, const Uid& sop_class = test::new_object({}).head.sop_class) {
  return {sop_class, test::instance_uid(instance)};
}

CommitmentPolicy custody() { return {CommitmentMode::custody, 30 * 24h, {}, {}}; }
CommitmentPolicy archive() { return {CommitmentMode::archive, {}, {kBone}, 24h}; }

std::vector<unsigned> failures(const Commitment& commitment) {
  std::vector<unsigned> out;
  for (const Reference& one : commitment.references) out.push_back(one.failure);
  return out;
}

/// What the references of one request are answered.
std::vector<unsigned> answers(CatalogRoom& room, const NewCommitment& asked,
                              const CommitmentPolicy& policy) {
  const CommitmentId id = room->commitments().request_commitment(asked).value();
  const Commitment settled = room->commitments().settle_commitment(id, policy).value();
  EXPECT_EQ(settled.state, C::settled);
  return failures(settled);
}

std::int64_t pinned_until(CatalogRoom& room, ObjectId object) {
  const auto db = room.raw();
  auto row = db->prepare("SELECT pinned_until FROM objects WHERE id = ?1").value();
  EXPECT_TRUE(row.bind(object).step().value());
  return row.i64(0);
}

TEST(Commitments, CustodyAnswersForWhatThisSourceSentAndPinsIt) {
  CatalogRoom room;
  const ObjectId good = room.receive({.study = 1, .instance = 1});
  const ObjectId other = room.receive({.study = 1, .instance = 2, .source = "elsewhere"});
  const ObjectId broken = room.receive({.study = 1, .instance = 3, .unusable = "object.truncated"});
  const Uid another_class{"1.2.840.10008.5.1.4.1.1.7"};
  Reference no_class = about(4);
  no_class.failure = why::class_not_supported;
  const auto told = answers(
      room, asking({about(1), about(2), about(3), about(99), about(1, another_class), no_class}),
      custody());
  EXPECT_EQ(told, (std::vector<unsigned>{why::none, why::no_such_instance, why::processing_failure,
                                         why::no_such_instance, why::class_instance_conflict,
                                         why::class_not_supported}));
  EXPECT_EQ(pinned_until(room, good), to_micros(room.clock().now() + custody().custody));
  EXPECT_EQ(pinned_until(room, other), 0);
  EXPECT_EQ(pinned_until(room, broken), 0);
}

TEST(Commitments, TheSameBytesFromAnotherSourceFirstCountForBothAndNewerBytesForOneAlone) {
  CatalogRoom room;
  const ObjectId first =
      room.receive({.study = 1, .instance = 1, .bytes = 5, .source = "elsewhere"});
  room.receive({.study = 1, .instance = 1, .bytes = 5});
  EXPECT_EQ(answers(room, asking({about(1)}), custody()), (std::vector<unsigned>{why::none}));
  EXPECT_GT(pinned_until(room, first), 0);

  room.receive({.study = 1, .instance = 2, .bytes = 5});
  room.receive({.study = 1, .instance = 2, .bytes = 6, .source = "elsewhere"});
  EXPECT_EQ(answers(room, asking({about(2)}, Uid{"2.25.78"}), custody()),
            (std::vector<unsigned>{why::processing_failure}));
}

TEST(Commitments, WhatWasShreddedIsNotAnsweredForAndTheModeOffAnswersForNothing) {
  CatalogRoom room;
  const ObjectId gone = room.receive({.study = 1, .instance = 1});
  room.receive({.study = 1, .instance = 2});
  // As retention leaves it: nothing of it can be read any more.
  room.raw()
      ->run("UPDATE objects SET state = 4, head = x'', facts = x'' WHERE id = ?1", gone)
      .value();
  EXPECT_EQ(answers(room, asking({about(1), about(2)}), custody()),
            (std::vector<unsigned>{why::no_such_instance, why::none}));
  EXPECT_EQ(answers(room, asking({about(2)}, Uid{"2.25.78"}), {}),
            (std::vector<unsigned>{why::processing_failure}));
}

TEST(Commitments, AnArchiveMustHaveAcknowledgedEveryObjectUnderWhateverName) {
  CatalogRoom room;
  const TransferId transfer = room.sending(1, 2);
  CommitmentBook& book = room->commitments();
  const CommitmentId id =
      book.request_commitment(asking({about(1000), about(1001)})).value();
  const auto objects = room.objects(transfer);
  room->checkpoint_attempt(transfer, {answer(objects[0], Outcome::sent)}).value();
  const Commitment waits = book.settle_commitment(id, archive()).value();
  EXPECT_EQ(waits.state, C::waiting);
  EXPECT_GT(waits.due_at, room.clock().now());
  EXPECT_TRUE(book.commitments_due(room.clock().now(), 10).value().empty());

  room->finish_attempt(transfer, attempt_result(Outcome::sent, {answer(objects[1], Outcome::sent)}))
      .value();
  const Commitment done = book.settle_commitment(id, archive()).value();
  EXPECT_EQ(done.state, C::settled);
  EXPECT_EQ(failures(done), (std::vector<unsigned>{why::none, why::none}));

  // Another receiver is no archive; while we wait for one, the object is not shredded.
  CommitmentPolicy elsewhere = archive();
  elsewhere.archives = {DestinationName{"elsewhere"}};
  const auto again = book.request_commitment(asking({about(1000)}, Uid{"2.25.78"})).value();
  EXPECT_EQ(book.settle_commitment(again, elsewhere).value().state, C::waiting);
  EXPECT_GT(pinned_until(room, objects[0]), to_micros(room.clock().now()));
  EXPECT_EQ(failures(book.settle_commitment(again, archive()).value()),
            (std::vector<unsigned>{why::none}));
}

TEST(Commitments, WhatDoesNotReachAnArchiveInTimeFails) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 1});
  CommitmentBook& book = room->commitments();
  const CommitmentId id = book.request_commitment(asking({about(1)})).value();
  EXPECT_EQ(book.settle_commitment(id, archive()).value().state, C::waiting);
  room.clock().advance(archive().longest_wait);
  EXPECT_EQ(failures(book.settle_commitment(id, archive()).value()),
            (std::vector<unsigned>{why::processing_failure}));
}

TEST(Commitments, AskedTwiceIsOneAndAnotherRequestUnderTheSameUidFails) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 1});
  room.receive({.study = 1, .instance = 2});
  CommitmentBook& book = room->commitments();
  const CommitmentId id = book.request_commitment(asking({about(1), about(2)})).value();
  EXPECT_EQ(book.request_commitment(asking({about(2), about(1)})).value(), id);
  book.settle_commitment(id, custody()).value();
  EXPECT_EQ(book.request_commitment(asking({about(1), about(2)})).value(), id);
  EXPECT_EQ(book.load_commitment(id).value().state, C::settled);

  EXPECT_EQ(answers(room, asking({about(1)}), custody()),
            (std::vector<unsigned>{why::duplicate_transaction}));
  NewCommitment other_source = asking({about(1), about(2)});
  other_source.source = SourceName{"elsewhere"};
  EXPECT_EQ(answers(room, other_source, custody()),
            (std::vector<unsigned>{why::no_such_instance, why::no_such_instance}));
  EXPECT_EQ(room.entries(ledger::Kind::commitment_requested).size(), 3U);

  // After the report it is judged anew: by then the promise may be over.
  book.finish_report(id, {C::reported, {}, "", "new-association"}).value();
  room.raw()->run("UPDATE objects SET state = 4, head = x'', facts = x''").value();
  EXPECT_EQ(book.request_commitment(asking({about(1), about(2)})).value(), id);
  EXPECT_EQ(failures(book.settle_commitment(id, custody()).value()),
            (std::vector<unsigned>{why::no_such_instance, why::no_such_instance}));
}

TEST(Commitments, AreThereAfterARestartAndLedgeredWhenTheSourceHasHeard) {
  CatalogRoom room;
  const ObjectId object = room.receive({.study = 1, .instance = 1});
  const CommitmentId id =
      room->commitments().request_commitment(asking({about(1), about(99)})).value();
  room.reopen();
  ASSERT_EQ(room->commitments().commitments_due(room.clock().now(), 10).value(),
            (std::vector<CommitmentId>{id}));
  room->commitments().settle_commitment(id, custody()).value();
  const TimePoint later = room.clock().now() + 30s;
  room->commitments()
      .finish_report(id, {C::settled, later, "network.unreachable", "new-association"})
      .value();
  room.reopen();
  CommitmentBook& book = room->commitments();
  EXPECT_TRUE(book.commitments_due(room.clock().now(), 10).value().empty());
  EXPECT_EQ(book.commitments_due(later, 10).value().size(), 1U);
  EXPECT_TRUE(room.entries(ledger::Kind::commitment_reported).empty());
  book.finish_report(id, {C::reported, {}, "", "new-association"}).value();
  book.finish_report(id, {C::reported, {}, "", "new-association"}).value();
  EXPECT_TRUE(book.commitments_due(later, 10).value().empty());
  const auto entries = room.entries(ledger::Kind::commitment_reported);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].fields.at("committed"), "1");
  EXPECT_EQ(entries[0].fields.at("failed"), "1");
  EXPECT_EQ(entries[0].fields.at("attempts"), "2");
  ASSERT_EQ(entries[0].items.size(), 1U);
  EXPECT_EQ(entries[0].items[0].object, object);
  const Commitment read = book.load_commitment(id).value();
  EXPECT_EQ(read.transaction, kTransaction);
  EXPECT_EQ(read.calling_ae.value, "CANARY-AE");
  EXPECT_EQ(read.references[0].sop_instance, test::instance_uid(1));
}

TEST(Commitments, KeepNoUidOrTitleInClear) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 1});
  const CommitmentId id = room->commitments().request_commitment(asking({about(1)})).value();
  room->commitments().settle_commitment(id, custody()).value();
  room.close();
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator(room.folder())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    all.append(std::istreambuf_iterator<char>(in), {});
  }
  EXPECT_EQ(all.find(kTransaction.value), std::string::npos);
  EXPECT_EQ(all.find(test::instance_uid(1).value), std::string::npos);
  EXPECT_EQ(all.find("CANARY-AE"), std::string::npos);
  EXPECT_NE(all.find("commitments_open"), std::string::npos) << "the wrong file was searched";
}

TEST(Commitments, OneSourceCannotFillTheCatalogWithRequests) {
  CatalogRoom room;
  CommitmentBook& book = room->commitments();
  room.raw()
      ->script("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
               " INSERT INTO commitments SELECT 5000000 + i, 0, 0, 'er-xray', 0, '', 0, 0, 0, 0,"
               " x'00', x'00', x'00' FROM n")
      .value();
  NewCommitment asked = asking({about(1)});
  asked.source = SourceName{"er-xray"};
  EXPECT_EQ(slug(book.request_commitment(asked)), "commitment.too-many");
  asked.source = SourceName{"elsewhere"};
  EXPECT_EQ(slug(book.request_commitment(asked)), "ok");
}

}  // namespace
}  // namespace veilroute::store

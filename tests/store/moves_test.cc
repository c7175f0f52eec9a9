// The tables of states: every allowed move, and that nothing else is one (decisions 7).
#include "core/store/sqlite/moves.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

using S = StudyState;
using P = ObjectState;

/// Written out again, so that a change of the tables is a change here.
const std::set<std::pair<S, S>> kStudyMoves{
    {S::open, S::complete}, {S::complete, S::open}, {S::complete, S::planned},
    {S::complete, S::held}, {S::planned, S::open},  {S::held, S::complete},
    {S::held, S::open},
};
const std::set<std::pair<P, P>> kSpooledMoves{
    {P::live, P::superseded},  {P::live, P::unusable},       {P::live, P::corrupt},
    {P::live, P::shredded},    {P::superseded, P::shredded}, {P::unusable, P::shredded},
    {P::corrupt, P::shredded},
};
const std::set<std::pair<T, T>> kTransferMoves{
    {T::planned, T::blocked},    {T::planned, T::cleared},   {T::planned, T::withdrawn},
    {T::blocked, T::planned},    {T::blocked, T::cleared},   {T::blocked, T::sent},
    {T::blocked, T::refused},    {T::blocked, T::withdrawn}, {T::cleared, T::blocked},
    {T::cleared, T::sending},    {T::cleared, T::sent},      {T::cleared, T::refused},
    {T::cleared, T::withdrawn},  {T::sending, T::deferred},  {T::sending, T::sent},
    {T::sending, T::refused},    {T::sending, T::withdrawn}, {T::deferred, T::blocked},
    {T::deferred, T::sending},   {T::deferred, T::sent},     {T::deferred, T::refused},
    {T::deferred, T::withdrawn}, {T::sent, T::deferred},     {T::refused, T::deferred},
    {T::planned, T::sent},       {T::planned, T::refused},
};
const std::set<std::pair<O, O>> kObjectMoves{
    {O::planned, O::excluded},  {O::planned, O::quarantined}, {O::planned, O::cleared},
    {O::planned, O::withdrawn}, {O::quarantined, O::planned}, {O::quarantined, O::withdrawn},
    {O::cleared, O::sent},      {O::cleared, O::refused},     {O::cleared, O::unknown},
    {O::cleared, O::withdrawn}, {O::unknown, O::cleared},     {O::unknown, O::sent},
    {O::unknown, O::refused},   {O::unknown, O::withdrawn},   {O::refused, O::cleared},
    {O::withdrawn, O::sent},    {O::excluded, O::planned},    {O::cleared, O::planned},
    {O::unknown, O::planned},
};

template <typename State>
void expect_only(const std::set<std::pair<State, State>>& allowed, State last) {
  for (int from = 0; from <= static_cast<int>(last); ++from) {
    for (int to = 0; to <= static_cast<int>(last); ++to) {
      const std::pair move{static_cast<State>(from), static_cast<State>(to)};
      EXPECT_EQ(may_become(move.first, move.second), allowed.contains(move))
          << to_string(move.first) << " to " << to_string(move.second);
    }
  }
}

TEST(Moves, AreThoseOfTheTablesAndNoOthers) {
  expect_only(kStudyMoves, S::held);
  expect_only(kSpooledMoves, P::shredded);
  expect_only(kTransferMoves, T::withdrawn);
  expect_only(kObjectMoves, O::withdrawn);
}

TEST(Moves, NothingThatLeftCanBeMadeNotToHaveLeft) {
  for (int to = 0; to <= static_cast<int>(O::withdrawn); ++to) {
    EXPECT_FALSE(may_become(O::sent, static_cast<O>(to)));
  }
}

TEST(Moves, OnlyAClearedObjectCanLeave) {
  for (const O from : {O::planned, O::excluded, O::quarantined}) {
    EXPECT_FALSE(may_become(from, O::sent)) << to_string(from);
  }
  for (const T from : {T::planned, T::blocked}) EXPECT_FALSE(may_become(from, T::sending));
}

TEST(States, HaveWordsOfTheirOwn) {
  std::set<std::string_view> words;
  for (int i = 0; i <= 7; ++i) words.insert(to_string(static_cast<T>(i)));
  EXPECT_EQ(words.size(), 8U);
  words.clear();
  for (int i = 0; i <= 7; ++i) words.insert(to_string(static_cast<O>(i)));
  EXPECT_EQ(words.size(), 8U);
  EXPECT_EQ(to_string(S::held), "held");
  EXPECT_EQ(to_string(P::corrupt), "corrupt");
  EXPECT_EQ(to_string(Outcome::unknown), "unknown");
  EXPECT_TRUE(is_final(T::sent) && is_final(T::refused) && is_final(T::withdrawn));
  EXPECT_FALSE(is_final(T::sending) || is_final(T::deferred) || is_final(T::blocked));
}

/// The catalog's own functions ask the tables before they write.
class GuardedMoves : public ::testing::Test {
 protected:
  void SetUp() override {
    id_ = room_.cleared(1, 1);
    room_.close();
    db_ = room_.raw();
    keyring_.index = crypto::random_key();
    keyring_.catalog = crypto::random_key();
    keyring_.ledger = crypto::random_key();
  }
  CatalogRoom room_;
  TransferId id_;
  std::unique_ptr<sqlite::Connection> db_;
  Keyring keyring_;
  sqlite::Sealer sealer_{keyring_};
  sqlite::PendingEntries pending_;
};

TEST_F(GuardedMoves, RefuseWhatTheTablesDoNotList) {
  sqlite::Work work{{*db_, sealer_}, kStart, pending_};
  for (int to = 0; to <= static_cast<int>(T::withdrawn); ++to) {
    sqlite::TransferRow row = sqlite::read_transfer_row(work, id_).value();
    ASSERT_EQ(row.state, T::cleared);
    const auto wanted = static_cast<T>(to);
    if (kTransferMoves.contains({T::cleared, wanted})) continue;
    EXPECT_EQ(slug(sqlite::move_transfer(work, row, wanted, "")), "transfer.no-such-move");
    EXPECT_EQ(row.state, T::cleared);
  }
  const ObjectId object = sqlite::read_object_states(work, id_).value().begin()->first;
  EXPECT_EQ(slug(sqlite::move_transfer_object(work, id_, object, O::sent, O::cleared, "")),
            "object.no-such-move");
  EXPECT_EQ(slug(sqlite::move_object(work, object, P::superseded, P::live, "")),
            "object.no-such-move");
  const sqlite::StudyRow study =
      sqlite::read_study_row(work, sqlite::read_transfer_row(work, id_)->study).value();
  EXPECT_EQ(slug(sqlite::move_study(work, study, S::held, "")), "study.no-such-move");
}

TEST_F(GuardedMoves, AStateThatDoesNotExistIsCorrupt) {
  sqlite::Work work{{*db_, sealer_}, kStart, pending_};
  db_->run("UPDATE transfers SET state = 8").value();
  EXPECT_EQ(slug(sqlite::read_transfer_row(work, id_)), "catalog.state-unknown");
  db_->run("UPDATE transfers SET state = -1").value();
  EXPECT_EQ(slug(sqlite::read_transfer_row(work, id_)), "catalog.state-unknown");
}

}  // namespace
}  // namespace veilroute::store

// A process that is killed in the middle of its verbs: what it was told is there, what it was not
// told is there whole or not at all, and the next one goes on.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

constexpr unsigned kRounds = 24;

/// What the process that is going to be killed was told, as it was told.
struct Told {
  enum class What : std::uint64_t { recorded, cleared, sending, confirmed, sent };
  What what = What::recorded;
  std::uint64_t id = 0;
  std::uint64_t object = 0;
};

class Teller {
 public:
  explicit Teller(int pipe) : pipe_(pipe) {}
  void tell(const Told& told) const {
    if (::write(pipe_, &told, sizeof told) != static_cast<ssize_t>(sizeof told)) ::_exit(3);
  }

 private:
  int pipe_;
};

/// Study after study through the whole walk, until the end comes.
[[noreturn]] void work_until_killed(CatalogRoom& room, unsigned round, const Teller& teller) {
  room.number_objects_from(1'000'000 + round * 100'000ULL);
  room.reopen();
  for (unsigned study = round * 1000;; ++study) {
    for (unsigned i = 0; i < 3; ++i) {
      const ObjectId id = room.receive({.study = study, .instance = study * 10 + i, .bytes = i});
      teller.tell({Told::What::recorded, id.value, 0});
    }
    // Not waited for: it may be lost, but not by half.
    room->record_object(test::new_object({.id = 500'000'000ULL + study,
                                          .study = study,
                                          .instance = study * 10 + 9,
                                          .at = kStart}),
                        kPolicy)
        .value();
    room.complete(study);
    const TransferId id = room.plan(study);
    room.queue(id);
    teller.tell({Told::What::cleared, id.value, 0});
    const Transfer begun = room->begin_attempt(id, {}).value();
    teller.tell({Told::What::sending, id.value, 0});
    std::vector<ObjectOutcome> rest;
    for (const TransferObject& object : begun.objects) {
      rest.push_back(answer(object.object, Outcome::sent));
    }
    room->checkpoint_attempt(id, {rest.front()}).value();
    teller.tell({Told::What::confirmed, id.value, rest.front().object.value});
    rest.erase(rest.begin());
    room->finish_attempt(id, attempt_result(Outcome::sent, rest)).value();
    teller.tell({Told::What::sent, id.value, 0});
  }
}

void expect_kept(CatalogRoom& room, const Told& told) {
  switch (told.what) {
    case Told::What::recorded:
      EXPECT_TRUE(room->load_object({told.id}).ok());
      return;
    case Told::What::cleared:
      EXPECT_TRUE(room.load({told.id}).manifest.has_value());
      return;
    case Told::What::sending:
      EXPECT_EQ(room.load({told.id}).attempts, 1U);
      return;
    case Told::What::confirmed:
      EXPECT_EQ(room.state(TransferId{told.id}, ObjectId{told.object}), O::sent);
      return;
    case Told::What::sent:
      EXPECT_EQ(room.state(TransferId{told.id}), T::sent);
      return;
  }
}

class Killed : public ::testing::Test {
 protected:
  /// Forks while this process has no thread of a catalog, listens to `first` words, and kills
  /// `micros` later.
  std::vector<Told> run_and_kill(unsigned round, std::size_t first, useconds_t micros) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      work_until_killed(room_, round, Teller(ends[1]));
    }
    ::close(ends[1]);
    std::vector<Told> all;
    Told told;
    const auto hear = [&] {
      const bool heard = ::read(ends[0], &told, sizeof told) == static_cast<ssize_t>(sizeof told);
      if (heard) all.push_back(told);
      return heard;
    };
    while (all.size() < first && hear()) continue;
    ::usleep(micros);
    ::kill(child, SIGKILL);
    while (hear()) continue;
    ::close(ends[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        << "it ended by itself: " << status;
    return all;
  }
  CatalogRoom room_;
};

TEST_F(Killed, AtAnyMomentKeepsWhatWasTold) {
  room_.close();
  for (unsigned round = 1; round <= kRounds && !HasFailure(); ++round) {
    // Every kind of moment: after each word of the walk, and a little later each time.
    const std::vector<Told> all = run_and_kill(round, 1 + round % 16, round * 211 % 4000);
    EXPECT_GT(all.size(), round % 16) << "it ended before it was killed";
    room_.reopen();
    for (const Told& told : all) expect_kept(room_, told);
    const ledger::Inspection found = room_->inspect_ledger().value();
    EXPECT_TRUE(found.ok) << "round " << round << ": " << found.advice;
    EXPECT_LE(room_->recover_attempts().value(), 1U);
    EXPECT_TRUE(room_->list_transfers({.state = T::sending}).value().empty());
    const std::vector<Study> studies = room_->list_studies(1000).value();
    for (const Study& study : studies) {
      const StudyView view = room_->study_view(study.key).value();
      for (const RouteSum& sum : view.sums) EXPECT_TRUE(sum.closes());
    }
    room_.close();
  }
}

}  // namespace
}  // namespace veilroute::store

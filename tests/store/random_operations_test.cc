// Random operations beside a simple model: whatever happens in whatever order, the sum closes, what
// left stays left, no verb fails by a bug of ours, and the ledger is whole (decisions 7).
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

constexpr unsigned kStudies = 3;
constexpr unsigned kInstances = 6;
constexpr unsigned kSteps = 500;

/// What is known without the catalog: the instances of each study, and what was told to have left.
struct Model {
  std::map<unsigned, std::set<unsigned>> instances;
  std::set<std::pair<TransferId, ObjectId>> sent;
};

class Operations {
 public:
  explicit Operations(unsigned seed) : random_(seed) {}

  void run() {
    for (unsigned step = 0; step < kSteps && !::testing::Test::HasFailure(); ++step) {
      step_ = step;
      act();
      if (below(4) == 0) check();
    }
    check();
    const ledger::Inspection found = room_->inspect_ledger().value();
    EXPECT_TRUE(found.ok) << found.advice;
    EXPECT_GT(model_.sent.size(), 5U) << "little ever left: the operations are too timid";
  }

 private:
  unsigned below(unsigned limit) {
    return std::uniform_int_distribution<unsigned>(0, limit - 1)(random_);
  }
  bool one_in(unsigned n) { return below(n) == 0; }

  /// Refusals are part of the game; bugs and damage are not.
  template <typename Value>
  bool accept(const char* what, const Result<Value>& result) {
    if (result.ok()) return true;
    const ErrorKind kind = result.error().kind;
    EXPECT_TRUE(kind == ErrorKind::refused || kind == ErrorKind::unavailable)
        << "step " << step_ << " " << what << ": " << result.error().text();
    return false;
  }

  void act() {
    room_.clock().advance(std::chrono::seconds(below(40)));
    const unsigned study = 1 + below(kStudies);
    if (one_in(8) || model_.instances[study].empty()) return receive(study);
    const std::vector<Transfer> transfers = room_->study_view(room_.key(study)).value().transfers;
    if (one_in(3) || transfers.empty()) return study_act(study);
    // The later ones are the ones that are open.
    const unsigned back = below(static_cast<unsigned>(std::min<std::size_t>(3, transfers.size())));
    transfer_act(transfers[transfers.size() - 1 - back]);
  }

  void receive(unsigned study) {
    const unsigned instance = below(kInstances);
    model_.instances[study].insert(instance);
    room_.receive(
        {.study = study, .instance = study * 1000 + instance, .bytes = study * 1000 + below(40)});
  }

  void study_act(unsigned number) {
    const Study study = room_.study(number);
    switch (study.state) {
      case StudyState::open:
        accept("complete", room_->complete_study(study.key, study.last_at));
        break;
      case StudyState::complete:
        if (one_in(8))
          accept("hold", room_->hold_study(study.key, "study.looked-at"));
        else
          plan(number);
        break;
      case StudyState::held:
        accept("resume", room_->resume_study(study.key, "operator"));
        break;
      case StudyState::planned:
        break;
    }
  }

  void plan(unsigned number) {
    std::vector<NewTransfer> transfers;
    for (const char* name : {"hands-to-bone", "all-to-registry"}) {
      std::vector<TransferObject> objects = room_.planned_objects(number);
      for (TransferObject& object : objects) {
        if (one_in(5)) object.state = O::excluded, object.reason = "Modality";
      }
      transfers.push_back({plan_for({name}), one_in(6) ? "gate.expired" : "", objects});
    }
    accept("plan", room_->add_transfers(room_.key(number), transfers));
  }

  void transfer_act(const Transfer& transfer) {
    const TransferId id = transfer.id;
    if (one_in(30))
      accept("withdraw", room_->withdraw_transfer(id, "operator"));
    else if (one_in(8))
      accept("retry", room_->retry_transfer(id, "operator"));
    else if (one_in(10))
      accept("block", room_->block_transfer(id, one_in(3) ? "outbox.corrupt" : "gate.expired"));
    else if (one_in(40))
      recover();
    else
      advance(transfer);
  }

  /// The next thing that the node or a person would do with it.
  void advance(const Transfer& transfer) {
    switch (transfer.state) {
      case T::planned:
        return prepare(transfer);
      case T::blocked:
        return unblock(transfer);
      case T::cleared:
      case T::deferred:
        accept("begin", room_->begin_attempt(transfer.id, {}));
        return;
      case T::sending:
      case T::withdrawn:
        return answer_some(transfer);
      default:
        return;
    }
  }

  void prepare(const Transfer& transfer) {
    std::vector<TransferObject> findings;
    for (const TransferObject& object : transfer.objects) {
      if (object.state == O::planned && one_in(6)) {
        findings.push_back(CatalogRoom::found(object.object));
      }
    }
    if (!findings.empty()) {
      accept("quarantine", room_->quarantine_transfer(transfer.id, findings));
      return;
    }
    const PreparedTransfer prepared = room_.prepared(transfer.id);
    if (one_in(8)) room_.clock().advance(1s), receive(1 + below(kStudies));
    accept("queue", room_->queue_transfer(transfer.id, CatalogRoom::clearance(), prepared));
  }

  void unblock(const Transfer& transfer) {
    if (transfer.reason.starts_with(kOutboxSlugPrefix))
      accept("retry", room_->retry_transfer(transfer.id, "operator"));
    else if (transfer.reason != kQuarantine)
      accept("unblock", room_->unblock_transfer(transfer.id));
    else if (one_in(2))
      accept("resume", room_->resume_quarantined(transfer.id, "operator"));
    else
      accept("take out", room_->withdraw_quarantined(transfer.id, std::nullopt, "operator"));
  }

  void answer_some(const Transfer& transfer) {
    std::vector<ObjectOutcome> answers;
    for (const TransferObject& object : transfer.objects) {
      const bool goes = object.state == O::cleared || object.state == O::unknown;
      if (!goes || one_in(3)) continue;
      answers.push_back(answer(object.object, some_outcome(), 0xA700));
    }
    const bool checkpoint = one_in(3);
    const bool told =
        checkpoint ? accept("checkpoint", room_->checkpoint_attempt(transfer.id, answers))
                   : accept("finish", room_->finish_attempt(
                                          transfer.id, attempt_result(some_outcome(), answers)));
    if (!told) return;
    for (const ObjectOutcome& one : answers) {
      if (one.outcome == Outcome::sent) model_.sent.emplace(transfer.id, one.object);
    }
  }

  /// Half of all goes well.
  Outcome some_outcome() {
    const unsigned drawn = below(6);
    return drawn < 3 ? Outcome::sent : static_cast<Outcome>(drawn - 2);
  }

  void recover() {
    room_.reopen();
    accept("recover", room_->recover_attempts());
  }

  void check() {
    for (const auto& [number, instances] : model_.instances) {
      if (instances.empty()) continue;
      const StudyView view = room_->study_view(room_.key(number)).value();
      for (const RouteSum& sum : view.sums) {
        EXPECT_TRUE(sum.closes()) << "step " << step_ << " study " << number;
        EXPECT_EQ(sum.live, instances.size()) << "step " << step_ << " study " << number;
      }
      for (const Transfer& transfer : view.transfers) check(transfer);
    }
  }

  void check(const Transfer& transfer) {
    std::size_t open = 0;
    for (const TransferObject& object : transfer.objects) {
      open += object.state == O::planned || object.state == O::cleared ||
                      object.state == O::unknown || object.state == O::quarantined
                  ? 1
                  : 0;
      const bool told = model_.sent.contains({transfer.id, object.object});
      EXPECT_EQ(object.state == O::sent, told)
          << "step " << step_ << " transfer " << transfer.id.value;
    }
    // Open exactly as long as something can still go; an attempt under way ends by itself.
    if (transfer.state != T::sending) {
      EXPECT_EQ(open == 0, is_final(transfer.state))
          << "step " << step_ << " transfer " << transfer.id.value << " is "
          << to_string(transfer.state);
    }
  }

  std::mt19937 random_;
  CatalogRoom room_;
  Model model_;
  unsigned step_ = 0;
};

class RandomOperations : public ::testing::TestWithParam<unsigned> {};

TEST_P(RandomOperations, KeepTheSumClosed) { Operations(GetParam()).run(); }

INSTANTIATE_TEST_SUITE_P(Seeds, RandomOperations, ::testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace veilroute::store

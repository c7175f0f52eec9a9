// One destination as a whole, over a real catalog: the breaker at work, pauses, suspensions, and
// the end of a transfer's tries.
#include "router/destination_state.h"

#include "tests/router/router_site.h"

namespace veilroute::router {
namespace {

using namespace std::chrono_literals;
using store::TransferState;

/// Reaches nobody, until it is told that somebody is there.
class AbsentReceiver final : public Sender {
 public:
  std::string slug = "network.unreachable";  ///< empty: it takes everything
  unsigned attempts = 0;
  std::function<void()> after_object;
  store::AttemptResult send(const std::vector<Parcel>& parcels, const OnAnswer& on_answer,
                            const std::stop_token&) override {
    ++attempts;
    store::AttemptResult result;
    result.outcome = store::Outcome::deferred;
    result.slug = slug;
    if (!slug.empty()) return result;
    for (const Parcel& parcel : parcels) {
      store::ObjectOutcome answer;
      answer.object = parcel.record->object;
      answer.outcome = store::Outcome::sent;
      if (after_object) after_object();
      const Result<void> taken = on_answer(answer);
      if (taken.ok()) continue;
      result.slug = taken.error().slug;
      return result;
    }
    result.outcome = store::Outcome::sent;
    return result;
  }
  Result<EchoReport> echo() override { return EchoReport{}; }
};

class DestinationState : public ::testing::Test {
 protected:
  void make_transfers(unsigned count, unsigned objects = 1) {
    for (unsigned number = 1; number <= count; ++number) {
      for (unsigned i = 1; i <= objects; ++i) site_.receive(number, number * 100 + i);
    }
    site_.plan();
    site_.prepare();
  }
  /// Everything that may leave now, leaves or fails.
  unsigned dispatch_all() {
    unsigned done = 0;
    for (;;) {
      const auto report =
          dispatch_due(site_.room(), kBone, [this] { return Result<Sender*>(&receiver_); }, {});
      EXPECT_TRUE(report.ok());
      if (!report.ok() || !*report) return done;
      ++done;
    }
  }
  std::size_t count_in(TransferState state) {
    const auto all = site_.transfers();
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](const auto& transfer) { return transfer.state == state; }));
  }
  std::vector<ledger::Entry> entries(ledger::Kind kind) {
    store::LedgerFilter filter;
    filter.kind = kind;
    return site_.catalog().ledger_entries(filter).value();
  }
  store::DestinationBook& book() { return site_.catalog().destinations(); }

  RouterSite site_;
  AbsentReceiver receiver_;
};

TEST_F(DestinationState, AReceiverThatIsOffIsTriedByOneForAllAndThenGetsAllAtOnce) {
  make_transfers(8);
  EXPECT_EQ(dispatch_all(), 3U) << "after three failures the others wait, and count no attempt";
  EXPECT_EQ(count_in(TransferState::cleared), 5U);
  EXPECT_EQ(until_due(site_.room(), kBone, 1h), 30s);
  for (int hour = 0; hour < 3; ++hour) {
    site_.clock().advance(1h);
    EXPECT_EQ(dispatch_all(), 1U) << "one probe";
  }
  receiver_.slug.clear();
  site_.clock().advance(10min);
  EXPECT_EQ(dispatch_all(), 8U) << "none waits for a time of its own";
  EXPECT_EQ(count_in(TransferState::sent), 8U);
  EXPECT_EQ(receiver_.attempts, 3U + 3U + 8U);
}

TEST_F(DestinationState, NothingLeavesWhileItIsPausedAndAllGoesWhenItIsResumed) {
  make_transfers(3);
  book().pause_destination({kBone, {}, "", "uid:1000"}).value();
  EXPECT_EQ(dispatch_all(), 0U);
  EXPECT_EQ(until_due(site_.room(), kBone, 5s), 5s) << "a sender does not spin meanwhile";
  book().resume_destination(kBone, "uid:1000").value();
  receiver_.slug.clear();
  EXPECT_EQ(dispatch_all(), 3U);
  EXPECT_EQ(count_in(TransferState::sent), 3U);
}

TEST_F(DestinationState, AnAttemptUnderWayStopsBetweenTwoObjects) {
  make_transfers(1, 3);
  receiver_.slug.clear();
  receiver_.after_object = [&, objects = 0]() mutable {
    if (++objects == 2) book().pause_destination({{}, {}, "", "uid:1000"}).value();
  };
  EXPECT_EQ(dispatch_all(), 1U);
  const store::Transfer stopped = site_.transfers().at(0);
  EXPECT_EQ(stopped.state, TransferState::deferred);
  EXPECT_EQ(stopped.reason, "destination.paused");
  EXPECT_EQ(stopped.due_at, site_.clock().now());
  EXPECT_EQ(stopped.failures, store::FailureRun{}) << "it was we who stopped";
  const auto sent = [](const store::Transfer& transfer) {
    return std::count_if(transfer.objects.begin(), transfer.objects.end(), [](const auto& one) {
      return one.state == store::TransferObjectState::sent;
    });
  };
  EXPECT_EQ(sent(stopped), 2);
  book().resume_destination({}, "uid:1000").value();
  receiver_.after_object = nullptr;
  EXPECT_EQ(dispatch_all(), 1U);
  EXPECT_EQ(site_.transfers().at(0).state, TransferState::sent);
}

TEST_F(DestinationState, DistrustSuspendsAtOnceAndAPersonOrAnotherConfigurationLiftsIt) {
  make_transfers(4);
  receiver_.slug = "tls.wrong-pin";
  EXPECT_EQ(dispatch_all(), 1U) << "no hammering";
  EXPECT_EQ(book().hold_of(kBone).value().suspension.value().slug, "tls.wrong-pin");
  EXPECT_EQ(entries(ledger::Kind::destination_suspended).size(), 1U);
  for (int probe = 0; probe < 3; ++probe) {
    site_.clock().advance(14min);
    EXPECT_EQ(dispatch_all(), 0U);
    site_.clock().advance(1min);
    EXPECT_EQ(dispatch_all(), 1U);
  }
  EXPECT_EQ(entries(ledger::Kind::destination_suspended).size(), 1U) << "said once";

  try_destination_now(site_.room(), kBone, "uid:1000").value();
  EXPECT_EQ(entries(ledger::Kind::destination_resumed).back().fields.at("actor"), "uid:1000");
  EXPECT_EQ(dispatch_all(), 1U) << "a probe at once, and it is suspended again";
  EXPECT_TRUE(book().hold_of(kBone).value().suspension.has_value());

  receiver_.slug.clear();
  site_.clock().advance(15min);
  EXPECT_EQ(dispatch_all(), 4U);
  EXPECT_FALSE(book().hold_of(kBone).value().suspension.has_value());
  EXPECT_EQ(entries(ledger::Kind::destination_resumed).back().fields.at("why"), "answered");
  EXPECT_EQ(try_destination_now(site_.room(), kBone, "uid:1000").error().slug,
            "destination.not-suspended");
}

TEST_F(DestinationState, ASuspensionHoldsOverARestartUnlessTheDestinationIsAnother) {
  make_transfers(2);
  const config::Destination& settings = site_.room().config->destinations.front();
  book().suspend_destination(kBone, "tls.wrong-pin", settings_digest(settings)).value();
  restore_suspensions(site_.room()).value();
  EXPECT_EQ(dispatch_all(), 0U);
  EXPECT_TRUE(book().hold_of(kBone).value().suspension.has_value());

  config::Destination mended = settings;
  mended.cert_sha256 = std::string(64, 'a');
  EXPECT_NE(settings_digest(mended), settings_digest(settings));
  RouterSite other;
  other.catalog()
      .destinations()
      .suspend_destination(kBone, "tls.wrong-pin", settings_digest(mended))
      .value();
  restore_suspensions(other.room()).value();
  EXPECT_FALSE(other.catalog().destinations().hold_of(kBone).value().suspension.has_value());
  EXPECT_EQ(other.room().breakers.at(kBone).look(other.clock().now()).state,
            Breaker::State::closed);
}

TEST_F(DestinationState, ATransferThatIsRejectedForGoodWaitsForAPersonInTheEnd) {
  make_transfers(1);
  receiver_.slug = "association.rejected";
  for (int attempt = 1; attempt <= 3; ++attempt) {
    EXPECT_EQ(dispatch_all(), 1U) << attempt;
    site_.clock().advance(1h);
  }
  const store::Transfer held = site_.transfers().at(0);
  EXPECT_EQ(held.state, TransferState::blocked);
  EXPECT_EQ(held.reason, store::kAttemptsHeld);
  EXPECT_EQ(entries(ledger::Kind::attempt_finished).back().fields.at("slug"),
            "association.rejected");
  EXPECT_EQ(dispatch_all(), 0U);

  site_.catalog().retry_transfer(held.id, "uid:1000").value();
  receiver_.slug.clear();
  EXPECT_EQ(dispatch_all(), 1U);
  EXPECT_EQ(site_.transfers().at(0).state, TransferState::sent);
}

TEST_F(DestinationState, ABusyReceiverIsThereAndOpensNothing) {
  make_transfers(6);
  receiver_.slug = "sender.receiver-busy";
  EXPECT_EQ(dispatch_all(), 6U);
  EXPECT_EQ(site_.room().breakers.at(kBone).look(site_.clock().now()).state,
            Breaker::State::closed);
}

}  // namespace
}  // namespace veilroute::router

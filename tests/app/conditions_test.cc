// Conditions: facts in, what a person is told out.
#include "app/watch/conditions.h"

#include <gtest/gtest.h>

#include "app/advice.h"

namespace veilroute::app {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using store::TransferState;

const TimePoint kToday = std::chrono::sys_days(std::chrono::year(2026) / 11 / 28);

store::OpenWork::Group group(TransferState state, const char* reason, unsigned attempts,
                             Duration age) {
  return {{"bone"}, state, reason, 3, attempts, kToday - age};
}

struct Case {
  const char* what;
  std::function<void(WatchFacts&)> change;
  std::string expected;  ///< "severity slug: subject (detail)"; empty: nothing
};

const Case kCases[] = {
    {"nothing", [](WatchFacts&) {}, ""},
    {"room enough",
     [](WatchFacts& f) {
       f.disks = {{"spool", 4ULL << 30U, 1ULL << 30U, 0, 0}};
     },
     ""},
    {"twice the reserve",
     [](WatchFacts& f) {
       f.disks = {{"spool", 2ULL << 30U, 1ULL << 30U, 0, 0}};
     },
     "warning watch.disk-low: spool (2048 MiB free, 1024 MiB are kept in reserve)"},
    {"the reserve",
     [](WatchFacts& f) {
       f.disks = {{"spool", 1ULL << 30U, 1ULL << 30U, 0, 0}};
     },
     "critical watch.disk-full: spool (1024 MiB free, 1024 MiB are kept in reserve)"},
    {"most of a quota",
     [](WatchFacts& f) {
       f.disks = {{"outbox", 9ULL << 40U, 0, 9ULL << 20U, 10ULL << 20U}};
     },
     "warning watch.quota-low: outbox (9 MiB of 10 MiB are used)"},
    {"a quota",
     [](WatchFacts& f) {
       f.disks = {{"outbox", 9ULL << 40U, 0, 10ULL << 20U, 10ULL << 20U}};
     },
     "critical watch.quota-low: outbox (10 MiB of 10 MiB are used)"},
    {"61 days",
     [](WatchFacts& f) {
       f.certificates = {{"listener ward", "cert", kToday + days(61)}};
     },
     ""},
    {"59 days",
     [](WatchFacts& f) {
       f.certificates = {{"listener ward", "cert", kToday + days(59)}};
     },
     "notice watch.certificate-ends: cert of listener ward (59 days left)"},
    {"29 days",
     [](WatchFacts& f) {
       f.certificates = {{"listener ward", "cert", kToday + days(29)}};
     },
     "warning watch.certificate-ends: cert of listener ward (29 days left)"},
    {"the last day",
     [](WatchFacts& f) {
       f.certificates = {{"listener ward", "ca", kToday + 25h}};
     },
     "warning watch.certificate-ends: ca of listener ward (1 day left)"},
    {"over",
     [](WatchFacts& f) {
       f.certificates = {{"listener ward", "cert", kToday}};
     },
     "critical watch.certificate-ended: cert of listener ward (since 2026-11-28)"},
    {"no certificate",
     [](WatchFacts& f) {
       f.certificates = {{"listener ward", "cert", {}, false}};
     },
     "critical watch.certificate-unreadable: cert of listener ward ()"},
    {"an approval",
     [](WatchFacts& f) {
       f.approvals = {{"bone", kToday + days(7), true}};
     },
     "warning watch.approval-ends: destination bone (7 days left)"},
    {"an approval that ended",
     [](WatchFacts& f) {
       f.approvals = {{"bone", kToday, true}};
     },
     "critical watch.approval-ended: destination bone (since 2026-11-28)"},
    {"no approval",
     [](WatchFacts& f) {
       f.approvals = {{"bone", {}, false}};
     },
     "notice watch.not-approved: destination bone ()"},
    {"two tries",
     [](WatchFacts& f) {
       f.work.transfers = {group(TransferState::deferred, "network.refused", 2, 5min)};
     },
     ""},
    {"three tries",
     [](WatchFacts& f) {
       f.work.transfers = {group(TransferState::deferred, "network.refused", 3, 5min)};
     },
     "warning watch.destination-away: destination bone, network.refused (3 transfers, the oldest "
     "since 5 min)"},
    {"a shut gate",
     [](WatchFacts& f) {
       f.work.transfers = {group(TransferState::blocked, "gate.expired", 0, 50h)};
     },
     "warning watch.blocked: destination bone, gate.expired (3 transfers, the oldest since 2 "
     "days)"},
    {"quarantine",
     [](WatchFacts& f) { f.work.transfers = {group(TransferState::blocked, "quarantine", 0, 3h)}; },
     "warning watch.quarantine: destination bone (3 transfers, the oldest since 3 h)"},
    {"a busy hour",
     [](WatchFacts& f) { f.work.transfers = {group(TransferState::cleared, "", 0, 5h)}; }, ""},
    {"a backlog",
     [](WatchFacts& f) { f.work.transfers = {group(TransferState::cleared, "", 0, 6h)}; },
     "warning watch.backlog: destination bone (3 transfers, the oldest since 6 h)"},
    {"held",
     [](WatchFacts& f) {
       f.work.held_studies = {{"study.no-route", 1}};
     },
     "warning watch.studies-held: study.no-route (1 study)"},
    {"full", [](WatchFacts& f) { f.not_accepting = "catalog.no-room"; },
     "critical watch.not-accepting: this node (catalog.no-room)"},
};

std::string words_of(const Condition& condition) {
  return std::string(to_string(condition.severity)) + " " + condition.slug + ": " +
         condition.subject + " (" + condition.detail + ")";
}

TEST(Conditions, SayWhatTheFactsAmountTo) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.what);
    WatchFacts facts;
    facts.at = kToday;
    each.change(facts);
    const std::vector<Condition> found = conditions_of(facts);
    ASSERT_EQ(found.size(), each.expected.empty() ? 0U : 1U);
    if (found.empty()) continue;
    EXPECT_EQ(words_of(found.front()), each.expected);
    EXPECT_NE(find_advice(found.front().slug), nullptr);
  }
}

TEST(Conditions, TellTheGravestFirst) {
  WatchFacts facts;
  facts.at = kToday;
  facts.approvals = {{"one", kToday + days(40), true}, {"two", kToday, true}};
  facts.work.held_studies = {{"study.no-route", 1}};
  std::vector<std::string> slugs;
  for (const Condition& condition : conditions_of(facts)) slugs.push_back(condition.slug);
  EXPECT_EQ(slugs, (std::vector<std::string>{"watch.approval-ended", "watch.studies-held",
                                             "watch.approval-ends"}));
}

}  // namespace
}  // namespace veilroute::app

// What is under way, counted.
#include "core/store/open_work.h"

#include <gtest/gtest.h>

#include "tests/store/catalog_room.h"

namespace veilroute::store {
namespace {

std::string work_words(const OpenWork& work) {
  std::string text;
  for (const OpenWork::Group& each : work.transfers) {
    text += each.destination.value + " " + std::string(to_string(each.state)) + " " + each.reason +
            " x" + std::to_string(each.transfers) + " tries " + std::to_string(each.most_attempts) +
            "\n";
  }
  return text;
}

TEST(OpenWork, IsCountedByDestinationStateAndReason) {
  CatalogRoom room;
  EXPECT_TRUE(room->open_work().value().transfers.empty());
  const TimePoint first = room.clock().now();
  const TransferId one = room.sending(1, 1);
  EXPECT_EQ(work_words(room->open_work().value()), "bone-specialist sending  x1 tries 1\n");
  AttemptResult failed = attempt_result(Outcome::deferred, {}, room.clock().now() + 1h);
  failed.slug = "network.refused";
  room->finish_attempt(one, failed).value();
  const TransferId two = room.sending(2, 1);
  room->finish_attempt(two, failed).value();
  const TransferId three = room.sending(3, 2);
  room->finish_attempt(three, failed).value();
  room->block_transfer(three, "gate.expired").value();
  const TransferId four = room.sending(4, 1);
  room->finish_attempt(
          four, attempt_result(Outcome::sent, {answer(room.objects(four)[0], Outcome::sent)}))
      .value();
  const OpenWork work = room->open_work().value();
  EXPECT_EQ(work_words(work),
            "bone-specialist blocked gate.expired x1 tries 1\n"
            "bone-specialist deferred network.refused x2 tries 1\n");
  for (const OpenWork::Group& each : work.transfers) EXPECT_GE(each.oldest, first);
}

TEST(OpenWork, CountsStudiesThatArriveAndThatAreHeld) {
  CatalogRoom room;
  room.receive({.study = 1, .instance = 1});
  room.receive({.study = 2, .instance = 2});
  room.receive({.study = 3, .instance = 3});
  EXPECT_EQ(room->open_work().value().open_studies, 3U);
  for (const unsigned study : {2U, 3U}) {
    room.complete(study);
    room->hold_study(room.key(study), std::string(kHoldNoRoute)).value();
  }
  const OpenWork work = room->open_work().value();
  EXPECT_EQ(work.open_studies, 1U);
  EXPECT_EQ(work.held_studies,
            (std::map<std::string, std::uint64_t>{{std::string(kHoldNoRoute), 2}}));
}

}  // namespace
}  // namespace veilroute::store

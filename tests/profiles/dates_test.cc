// Dates that are moved or made coarser: tables of odd values, and what must hold for any value.
#include "profiles/dates.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>

namespace veilroute::profiles {
namespace {

using std::chrono::days;
using std::chrono::minutes;

std::string shown(const std::optional<std::string>& text) { return text.value_or("(none)"); }

TEST(Dates, AreMovedByWholeDaysInTheFormTheyHave) {
  const struct {
    const char* date;
    int by;
    const char* moved;
  } kRows[] = {
      {"20260110", -10, "20251231"},
      {"20240228", 1, "20240229"},
      {"20230228", 1, "20230301"},
      {"19000228", 1, "19000301"},
      {"20000228", 1, "20000229"},
      {"18991231", 1, "19000101"},
      {"17520902", 1, "17520903"},
      {"00010101", 1, "00010102"},
      {"00010101", -1, "(none)"},
      {"99991231", 1, "(none)"},
      {"2026.01.10", 5, "2026.01.15"},
      {"20260230", 1, "(none)"},
      {"20261301", 1, "(none)"},
      {"2026011", 1, "(none)"},
      {"2026 110", 1, "(none)"},
      {"20260101-20260201", 1, "(none)"},
      {"-20260201", 1, "(none)"},
      {"2026-01-10", 1, "(none)"},
      {"20260110\\20260111", 1, "20260111\\20260112"},
      {"20260110\\", 1, "20260111\\"},
      {"20260110\\x", 1, "(none)"},
      {"", 1, ""},
      {"20260110", 0, "(none)"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(std::string(row.date) + " " + std::to_string(row.by));
    EXPECT_EQ(shown(DateShift(days(row.by), std::nullopt).date(row.date)), row.moved);
  }
}

TEST(Dates, OfADateTimeTheTimeStaysAndTheZoneGoes) {
  const struct {
    const char* text;
    int by;
    int zone;  ///< of the object, in minutes; 9999: none
    const char* moved;
  } kRows[] = {
      {"20260110101112.123456", -10, 9999, "20251231101112.123456"},
      {"2026011010", 1, 9999, "2026011110"},
      {"20260110", 1, 9999, "20260111"},
      {"202601", 40, 9999, "202602"},
      {"2026", 400, 9999, "2027"},
      {"2026", 20, 9999, "2026"},
      {"20260110101112+0100", 1, 60, "20260111101112"},
      {"20260110101112+0000", 1, 60, "20260111111112"},
      {"20260110233000+0000", 1, 60, "20260112003000"},
      {"20260110003000+0200", 1, 60, "20260110233000"},
      {"20260110101112-0000", 1, 0, "20260111101112"},
      {"20260110101112+0100", 1, 9999, "(none)"},
      {"20260110101112+9900", 1, 60, "(none)"},
      {"20260110251112", 1, 9999, "(none)"},
      {"20260110-20260111", 1, 9999, "(none)"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.text);
    std::optional<minutes> zone;
    if (row.zone != 9999) zone = minutes(row.zone);
    EXPECT_EQ(shown(DateShift(days(row.by), zone).date_time(row.text)), row.moved);
  }
}

TEST(Dates, TheZoneOfAnObjectIsItsOwnOrTheOneMostOfItsTimesCarry) {
  ObjectZone declared("+0200");
  declared.see("20260110101112-0500");
  EXPECT_EQ(declared.get(), minutes(120));
  ObjectZone seen("");
  seen.see("20260110101112-0500\\20260110101112+0100");
  seen.see("20260110101113-0500");
  EXPECT_EQ(seen.get(), minutes(-300));
  EXPECT_EQ(ObjectZone("nonsense").get(), std::nullopt);
}

TEST(Dates, BecomeYears) {
  EXPECT_EQ(shown(date_to_year("20260110")), "20260101");
  EXPECT_EQ(shown(date_to_year("2026.01.10")), "20260101");
  EXPECT_EQ(shown(date_to_year("202601")), "20260101");
  EXPECT_EQ(shown(date_to_year("20269999")), "(none)");
  EXPECT_EQ(shown(date_time_to_year("20260110101112.5+0100")), "2026");
  EXPECT_EQ(shown(date_time_to_year("x")), "(none)");
}

TEST(Dates, AnAgeOver89IsNinety) {
  const struct {
    const char* age;
    const char* capped;
  } kRows[] = {{"064Y", "064Y"}, {"089Y", "089Y"}, {"090Y", "090Y"},   {"091Y", "090Y"},
               {"120Y", "090Y"}, {"011M", "011M"}, {"1100M", "090Y"},  {"003W", "003W"},
               {"012D", "012D"}, {"64", "(none)"}, {"A64Y", "(none)"}, {"", ""}};
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.age);
    EXPECT_EQ(shown(cap_age(row.age)), row.capped);
  }
}

TEST(Dates, ABirthYearGoesWhereItTellsAnAgeOver89) {
  EXPECT_FALSE(birth_year_reveals_age({"19610203", "", "20260110"}));
  EXPECT_FALSE(birth_year_reveals_age({"19370203", "", "20260110"}));
  EXPECT_TRUE(birth_year_reveals_age({"19360203", "", "20260110"}));
  EXPECT_TRUE(birth_year_reveals_age({"19610203", "", ""}));
  EXPECT_TRUE(birth_year_reveals_age({"x", "", "20260110"}));
}

/// What must hold for any dates and any offset.
TEST(Dates, ShiftingKeepsIntervalsOrderAndMoments) {
  std::mt19937 random(20261128);
  std::uniform_int_distribution<int> any_day(-200'000, 30'000);
  std::uniform_int_distribution<int> any_offset(1, 4'000);
  const auto text = [](std::chrono::sys_days day) {
    const std::chrono::year_month_day date(day);
    char out[16];
    std::snprintf(out, sizeof(out), "%04d%02u%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return std::string(out);
  };
  for (int i = 0; i < 2'000; ++i) {
    const int offset = any_offset(random) * (i % 2 == 0 ? 1 : -1);
    const std::chrono::sys_days a(days(any_day(random)));
    const std::chrono::sys_days b(days(any_day(random)));
    const DateShift shift(days(offset), std::nullopt);
    const DateShift back(days(-offset), std::nullopt);
    SCOPED_TRACE(text(a) + " " + text(b) + " " + std::to_string(offset));
    ASSERT_EQ(shown(shift.date(text(a))), text(a + days(offset)));
    ASSERT_EQ(shown(back.date(*shift.date(text(a)))), text(a));
    // DA with TM and DT of one moment remain one.
    ASSERT_EQ(shown(shift.date_time(text(a) + "101112.5")), *shift.date(text(a)) + "101112.5");
    // Partial dates keep their order.
    const std::string month_a = text(a).substr(0, 6);
    const std::string month_b = text(b).substr(0, 6);
    ASSERT_EQ(*shift.date_time(month_a) < *shift.date_time(month_b), month_a < month_b);
    ASSERT_EQ(shown(back.date_time(*shift.date_time(month_a))), month_a);
  }
}

}  // namespace
}  // namespace veilroute::profiles

// The ten options, attribute by attribute of Table E.1-1, and what an object says of them.
#include "profiles/options.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "profiles/decide.h"
#include "tests/profiles/copies.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

std::shared_ptr<const Profile> with_options(const std::vector<Option>& options) {
  std::string list;
  for (const Option option : options) {
    list += (list.empty() ? "\"" : ", \"") + std::string(to_string(option)) + "\"";
  }
  ParsedProfile parsed =
      parse_profile("name = \"site\"\nbases = [\"treatment\"]\noptions = [" + list + "]\n",
                    "p.toml", nullptr, nullptr);
  for (const ProfileProblem& problem : parsed.problems) ADD_FAILURE() << problem.what;
  return parsed.profile;
}

struct TableRow {
  Tag tag;
  std::string marks[kOptionCount];
};

/// Table E.1-1 read by the test itself; rows for patterns are left out.
std::vector<TableRow> table_rows() {
  std::vector<TableRow> rows;
  std::ifstream file(VEILROUTE_SOURCE_DIR "/profiles/standard/ps3.15-e.1-1.tsv");
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, '\t');) row.push_back(cell);
    const auto tag = row.empty() ? std::nullopt : dicom::parse_tag(row[0]);
    if (!tag) continue;
    TableRow read{*tag, {}};
    for (std::size_t i = 0; i < kOptionCount; ++i)
      read.marks[i] = row.size() > 7 + i ? row[7 + i] : "";
    rows.push_back(read);
  }
  return rows;
}

Decision decision_for(Tag tag, const Profile& profile) {
  Element element;
  element.tag = tag;
  element.vr = dicom::implicit_vr(tag);
  static const Bytes kText{'2', '0', '2', '6', '0', '1', '1', '0'};
  static const Bytes kTime{'1', '0', '1', '1', '1', '2'};
  if (element.vr == vr::SQ) {
    element.holds = dicom::Holds::sequence;
  } else {
    element.value = element.vr == vr::TM ? kTime : kText;
  }
  return Decider(profile).decide(element, {});
}

bool can_be_cleaned(dicom::Vr which) {
  return fits_vr(Action::clean, which) || fits_vr(Action::shift, which) || which == vr::UI ||
         which == vr::AS;
}

TEST(Options, EachDecidesForTheAttributesOfItsColumnAndNoOther) {
  const auto plain = with_options({});
  ASSERT_NE(plain, nullptr);
  const std::vector<TableRow> rows = table_rows();
  ASSERT_EQ(rows.size(), 653U);
  std::size_t decided = 0;
  for (const Option option : all_options()) {
    SCOPED_TRACE(std::string(to_string(option)));
    const auto profile = with_options({option});
    ASSERT_NE(profile, nullptr);
    const std::string rule = "option " + std::string(to_string(option));
    for (const TableRow& row : rows) {
      SCOPED_TRACE(dicom::to_text(row.tag));
      const std::string& mark = row.marks[static_cast<std::size_t>(option)];
      const Decision decision = decision_for(row.tag, *profile);
      const bool never = !always_removed(row.tag).empty() || row.tag == Tag{0x0008, 0x0201};
      const bool unknown = dicom::find(row.tag) == nullptr;
      if (mark.empty() || unknown || is_beyond_rules(row.tag) || (never && mark == "C")) {
        const Decision before = decision_for(row.tag, *plain);
        EXPECT_EQ(decision.action, before.action);
        EXPECT_EQ(decision.rule, before.rule);
        continue;
      }
      if (never && decision.action == Action::remove) continue;
      ++decided;
      if (mark == "K") {
        const bool age = dicom::implicit_vr(row.tag) == vr::AS;
        EXPECT_EQ(decision.action, age ? Action::age : Action::keep);
      } else if (can_be_cleaned(dicom::implicit_vr(row.tag))) {
        EXPECT_NE(decision.action, Action::remove);
      } else {
        // An AE title of which something is left is still one: the table's own action holds.
        EXPECT_EQ(decision.action, decision_for(row.tag, *plain).action);
      }
    }
  }
  EXPECT_GT(decided, 400U);
}

TEST(Options, WhatIsCleanedGoesBeforeWhatIsKept) {
  // (0014,407E) Calibration Date: K under Retain Device Identity, C under Modified Dates.
  const auto both = with_options({Option::retain_device, Option::retain_modified_dates});
  ASSERT_NE(both, nullptr);
  EXPECT_EQ(decision_for({0x0014, 0x407E}, *both).action, Action::shift);
  const auto device = with_options({Option::retain_device});
  EXPECT_EQ(decision_for({0x0014, 0x407E}, *device).action, Action::keep);
}

TEST(Options, AnObjectNamesEachOptionByItsCode) {
  for (const Option option : all_options()) {
    SCOPED_TRACE(std::string(to_string(option)));
    const auto profile = with_options({option});
    ASSERT_NE(profile, nullptr);
    Dataset object = xray();
    EXPECT_TRUE(run(object, *profile).problems.empty());
    const Element* codes = object.find({0x0012, 0x0064});
    ASSERT_NE(codes, nullptr);
    ASSERT_EQ(codes->items.size(), 2U);
    EXPECT_EQ(text(codes->items[0], {0x0008, 0x0100}), "113100");
    EXPECT_EQ(text(codes->items[1], {0x0008, 0x0100}), code_of(option));
    EXPECT_FALSE(text(codes->items[1], {0x0008, 0x0104}).empty());
    EXPECT_EQ(text(object, {0x0028, 0x0303}), option == Option::retain_full_dates ? "UNMODIFIED"
                                              : option == Option::retain_modified_dates
                                                  ? "MODIFIED"
                                                  : "REMOVED");
    EXPECT_EQ(object.find({0x0028, 0x0301}), nullptr);
  }
}

TEST(Options, OfTheTwoForDatesOnlyOneCanBeTaken) {
  const ParsedProfile parsed =
      parse_profile("name = \"p\"\noptions = [\"retain-full-dates\", \"retain-modified-dates\"]\n",
                    "p.toml", nullptr, nullptr);
  ASSERT_EQ(parsed.problems.size(), 1U);
  EXPECT_EQ(parsed.problems.front().slug, "profile.options-exclude");
  EXPECT_EQ(parsed.problems.front().place.line, 2U);
}

TEST(Options, WhatSafeHarborListsBreaksTheBasis) {
  for (const Option option : all_options()) {
    SCOPED_TRACE(std::string(to_string(option)));
    const ParsedProfile parsed =
        parse_profile("name = \"p\"\nbases = [\"de-identified\"]\noptions = [\"" +
                          std::string(to_string(option)) + "\"]\n",
                      "p.toml", nullptr, nullptr);
    EXPECT_EQ(parsed.profile == nullptr, breaks_safe_harbor(option));
    if (parsed.profile != nullptr) continue;
    EXPECT_EQ(parsed.problems.front().slug, "profile.basis-broken");
  }
}

TEST(Options, AllTogetherMakeAnObjectThatPassesVerification) {
  std::vector<Option> most;
  for (const Option option : all_options()) {
    if (option != Option::retain_full_dates) most.push_back(option);
  }
  const auto profile = with_options(most);
  ASSERT_NE(profile, nullptr);
  Dataset object = xray();
  object.put_text({0x0008, 0x1030}, vr::LO, "CHEST PA for PHANTOM");
  object.put_text({0x0008, 0x002A}, vr::DT, "20260110101112");
  object.put_text({0x0010, 0x1010}, vr::AS, "095Y");
  object.put_text({0x0018, 0x1000}, vr::LO, "SN-4711-0815");
  IdentityTerms terms;
  terms.collect(object);
  EXPECT_TRUE(run(object, *profile).problems.empty());
  EXPECT_EQ(text(object, {0x0008, 0x1030}), "CHEST PA for");
  EXPECT_EQ(text(object, {0x0010, 0x1010}), "090Y");
  EXPECT_EQ(text(object, {0x0018, 0x1000}), "SN-4711-0815");
  EXPECT_EQ(text(object, {0x0008, 0x0080}), "Nowhere Hill Infirmary");
  EXPECT_NE(text(object, {0x0008, 0x0020}), "20260110");
  for (const std::string& rule : findings_in(object, terms, *profile)) ADD_FAILURE() << rule;
}

}  // namespace
}  // namespace veilroute::profiles

// The hard cases, each with what must become of it: traps.tsv, a row or more for each of the 76.
//
//   absent             the needles are in nothing that leaves, and the object leaves
//   never              no object leaves with a needle: cleaned or held, either is right
//   held:SLUG          the object is held, by a slug that begins so
//   kept:PATH          the object leaves with that value as it was
//   mapped:PATH        the object leaves with the mapping of that UID
//   absent-tag:TAG     the object leaves without that attribute
//   open               known to leave with the needle: printed, so that it is not forgotten
//   covered-by:FILE TEST   tested there, where the trap can spring
//   not-built:WORD     no source of the product holds the word: what could spring it is not there
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <set>

#include "tests/profiles/allowances.h"
#include "tests/profiles/planter.h"
#include "tests/profiles/preparation.h"
#include "tests/profiles/trap_plants.h"

namespace veilroute::profiles::proof {
namespace {

using namespace testing;

constexpr unsigned kTrapCount = 76;

struct TrapRow {
  std::string number;
  std::string profiles;
  std::string doing;
  std::vector<std::string> needles;
  std::string expectation;
  std::string says;
  [[nodiscard]] bool is_for(const std::string& profile) const {
    const std::vector<std::string> names = split(profiles, ',');
    return profiles == "*" || std::find(names.begin(), names.end(), profile) != names.end();
  }
  /// What stands behind "held:" and the like; null: another expectation.
  [[nodiscard]] const char* after(std::string_view word) const {
    return expectation.starts_with(word) ? expectation.c_str() + word.size() : nullptr;
  }
};

std::vector<TrapRow> trap_rows() {
  std::vector<TrapRow> traps;
  for (const Row& cells : rows_of("tests/profiles/traps.tsv")) {
    if (cells.size() != 6) {
      ADD_FAILURE() << "a row of traps.tsv has six cells: " << cells.front();
      continue;
    }
    TrapRow trap{cells[0], cells[1], cells[2], {}, cells[4], cells[5]};
    if (cells[3] != "-") {
      for (const std::string& needle : split(cells[3], '|')) {
        trap.needles.push_back(unescaped(needle));
      }
    }
    traps.push_back(std::move(trap));
  }
  return traps;
}

std::string value_at(const Dataset& object, const std::string& path) {
  std::string value = "(absent)";
  walk(object.root(), "", [&](const std::string& at, const Element& element) {
    if (at == path) value = std::string(dicom::trimmed(element.value));
  });
  return value;
}

bool is_held_by(const Prepared& prepared, std::string_view slug) {
  if (prepared.unusable.starts_with(slug) && !prepared.unusable.empty()) return true;
  const auto begins = [slug](const Problem& problem) { return problem.rule.starts_with(slug); };
  return std::any_of(prepared.problems.begin(), prepared.problems.end(), begins) ||
         std::any_of(prepared.findings.begin(), prepared.findings.end(), begins);
}

bool leaves_with(const Prepared& prepared, const std::vector<std::string>& needles) {
  if (!prepared.leaves()) return false;
  return holds_any(prepared.bytes, needles) ||
         (prepared.copy && !paths_holding(*prepared.copy, needles).empty());
}

void expect_value(const TrapRow& row, const Trap& trap, const Prepared& prepared) {
  ASSERT_TRUE(prepared.leaves() && prepared.copy) << prepared.held_by();
  MemorySource memory(trap.bytes);
  const auto source = dicom::read_dataset(memory, trap.syntax, {});
  ASSERT_TRUE(source.ok());
  const bool kept = row.after("kept:") != nullptr;
  const std::string path = kept ? row.after("kept:") : row.after("mapped:");
  const std::string before = value_at(*source, path);
  ASSERT_NE(before, "(absent)") << path;
  EXPECT_EQ(value_at(*prepared.copy, path),
            kept ? before : dicom::mapped_uid(secret(), before).value);
}

void spring(const TrapRow& row, const Judged& judged) {
  const Trap trap = plant_trap(row.doing);
  if (row.expectation == "absent" || row.expectation == "never" || row.expectation == "open") {
    const bool there = holds_any(trap.bytes, row.needles) || trap.syntax.deflated;
    EXPECT_TRUE(there) << "the needle is not in what is planted";
  }
  const Prepared prepared =
      prepare(trap.bytes, trap.syntax, {judged.profile, trap.trusted ? "a document" : ""});
  if (row.expectation == "open") {
    const bool leaves = leaves_with(prepared, row.needles);
    std::cout << "open: trap " << row.number << ", " << judged.profile->name.value << ": "
              << row.says << (leaves ? "" : " (closed now: say so in traps.tsv)") << "\n";
  } else if (const char* slug = row.after("held:")) {
    EXPECT_TRUE(is_held_by(prepared, slug)) << "held by " << prepared.held_by();
  } else if (const char* tag = row.after("absent-tag:")) {
    ASSERT_TRUE(prepared.copy.has_value() && prepared.leaves()) << prepared.held_by();
    EXPECT_EQ(prepared.copy->find(dicom::parse_tag(tag).value_or(Tag{})), nullptr);
  } else if (row.after("kept:") != nullptr || row.after("mapped:") != nullptr) {
    expect_value(row, trap, prepared);
  } else {
    EXPECT_TRUE(row.expectation == "absent" || row.expectation == "never") << row.expectation;
    EXPECT_FALSE(row.needles.empty());
    EXPECT_FALSE(leaves_with(prepared, row.needles));
    if (row.expectation == "absent") {
      EXPECT_TRUE(prepared.leaves()) << "held by " << prepared.held_by();
    }
  }
}

std::string text_of_file(const std::filesystem::path& path) {
  const Bytes bytes = support::read_whole_file(path);
  return std::string(as_text(bytes));
}

/// "tests/x_test.cc Suite.Name": the file has such a test, and does not disable it.
void expect_test_exists(const std::string& where) {
  const std::vector<std::string> words = split(where, ' ');
  ASSERT_EQ(words.size(), 2U) << where;
  const std::vector<std::string> name = split(words[1], '.');
  ASSERT_EQ(name.size(), 2U) << where;
  const std::string text = text_of_file(std::filesystem::path(VEILROUTE_SOURCE_DIR) / words[0]);
  const std::string pair = "(" + name[0] + ", " + name[1] + ")";
  EXPECT_NE(text.find(pair), text.npos) << where << " is not there";
}

void expect_not_built(const std::string& word) {
  for (const char* room : {"app", "config", "core", "profiles", "router", "scp"}) {
    const std::filesystem::path folder = std::filesystem::path(VEILROUTE_SOURCE_DIR) / room;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() != ".cc") continue;
      EXPECT_EQ(text_of_file(entry.path()).find(word), std::string::npos)
          << entry.path() << ": this trap can spring now; say what must become of it";
    }
  }
}

TEST(Traps, EachHasARowAndEndsAsItsRowSays) {
  const std::vector<Judged> profiles = judged_profiles();
  std::set<std::string> numbers;
  for (const TrapRow& row : trap_rows()) {
    numbers.insert(row.number);
    SCOPED_TRACE("trap " + row.number + ": " + row.says);
    if (const char* where = row.after("covered-by:")) {
      expect_test_exists(where);
    } else if (const char* word = row.after("not-built:")) {
      expect_not_built(word);
    } else {
      for (const Judged& judged : profiles) {
        if (!row.is_for(judged.profile->name.value)) continue;
        SCOPED_TRACE(judged.profile->name.value);
        spring(row, judged);
      }
    }
  }
  for (unsigned i = 1; i <= kTrapCount; ++i) {
    EXPECT_TRUE(numbers.contains(std::to_string(i))) << "trap " << i << " has no row";
  }
  EXPECT_EQ(numbers.size(), kTrapCount);
}

}  // namespace
}  // namespace veilroute::profiles::proof

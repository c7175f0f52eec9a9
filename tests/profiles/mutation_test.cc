// Every row of Table E.1-1 switched off in turn: what the source said is put back into the copy, as
// if the engine had skipped that row, and the verifier must find it. What it does not find stands
// in mutation_misses.tsv with the reason; a new miss fails.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>

#include "tests/profiles/allowances.h"
#include "tests/profiles/planter.h"
#include "tests/profiles/preparation.h"

namespace veilroute::profiles::proof {
namespace {

using namespace testing;

constexpr Tag kRegion{0x0008, 0x2218};

/// A value that the table would never leave; of binary VRs bits that no dummy has.
void put_marked(Dataset& object, Item& where, Tag tag, dicom::Vr which) {
  if (which == vr::SQ) {
    Item& item = object.put_sequence(where, tag).items.emplace_back();
    object.put_text(item, {0x0010, 0x0010}, vr::PN, "Muckleford^Peregrine");
    object.put_text(item, {0x0008, 0x0104}, vr::LO, "Muckleford House");
    object.put_text(item, {0x0008, 0x1155}, vr::UI, "1.2.826.0.1.3680043.9.8888.1");
    return;
  }
  std::string value = which == vr::PN ? "Muckleford^Peregrine" : "Muckleford House";
  if (which == vr::UI) value = "1.2.826.0.1.3680043.9.8888." + std::to_string(tag.packed());
  if (which == vr::DA) value = "19470811";
  if (which == vr::DT) value = "19470811093015.123";
  if (which == vr::TM) value = "093015.123";
  if (which == vr::AS) value = "093Y";
  if (which == vr::CS) value = "MUCKLEFORD";
  if (which == vr::DS || which == vr::IS) value = "47190";
  if (which == vr::UR) value = "http://muckleford.example/";
  if (which == vr::SH || which == vr::AE) value = "Muckleford";
  if (which == vr::US || which == vr::OB || which == vr::OW || which == vr::UN)
    value = "\x4D\x75\x63\x6B";
  object.put_text(where, tag, which, value);
}

struct Skipped {
  std::string name;  ///< as printed: "(0010,0010)"
  std::string kind;  ///< of the gaps' table: "short-text"; else the name
  Tag tag;
  dicom::Vr vr = dicom::Vr::none;
};

/// One copy with one row skipped, at top level or within an item of a sequence that stays.
class Skip {
 public:
  Skip(const Judged& judged, bool nested) : judged_(judged), nested_(nested) {}

  /// True: the verifier has something against the attribute itself.
  bool is_found(const Skipped& row) {
    Dataset source = with_item();
    put_marked(source, place(source), row.tag, row.vr);
    IdentityTerms terms;
    terms.collect(source);
    Dataset copy = with_item();
    EXPECT_TRUE(run(copy, *judged_.profile, {"a document"}).problems.empty());
    put_marked(copy, place(copy), row.tag, row.vr);
    Verifier verifier(*judged_.profile, terms, pseudonyms());
    Copy written = copy_of(copy);
    const bool says_another =
        row.tag == dicom::tags::SOPClassUID || row.tag == dicom::tags::SOPInstanceUID;
    if (says_another) written.record.sop_instance = {"2.25.1"};
    const std::string path = nested_ ? dicom::to_text(kRegion) + "[1]." + dicom::to_text(row.tag)
                                     : dicom::to_text(row.tag);
    for (const Problem& finding : check(verifier, written)) {
      if (finding.path.starts_with(path) || finding.rule == "verify.unreadable") return true;
    }
    return false;
  }

 private:
  static Dataset with_item() {
    Dataset object = person(dicom::kExplicitLittleEndian);
    Item& item = object.put_sequence(object.root(), kRegion).items.emplace_back();
    object.put_text(item, {0x0008, 0x0100}, vr::SH, "85562004");
    object.put_text(item, {0x0008, 0x0102}, vr::SH, "SCT");
    object.put_text(item, {0x0008, 0x0104}, vr::LO, "Hand");
    return object;
  }
  Item& place(Dataset& object) const {
    return nested_ ? Dataset::find(object.root(), kRegion)->items.front() : object.root();
  }

  const Judged& judged_;
  bool nested_;
};

/// Rows of the table, patterns as the tags that a copy could hold.
std::vector<Skipped> rows_of_table() {
  std::vector<Skipped> rows;
  for (const Printed& row : printed_table()) {
    if (row.tag != Tag{}) {
      rows.push_back({row.text, row.text, row.tag, row.vr});
    } else if (row.text == "(50xx,xxxx)") {
      rows.push_back({row.text, row.text, {0x5004, 0x3000}, vr::OW});
    } else if (row.text == "(60xx,3000)") {
      rows.push_back({row.text, row.text, {0x6002, 0x3000}, vr::OW});
    } else if (row.text == "(60xx,4000)") {
      rows.push_back({row.text, row.text, {0x601E, 0x4000}, vr::LT});
    } else {
      rows.push_back({row.text, row.text, {0x0029, 0x1010}, vr::LO});
    }
  }
  return rows;
}

/// What the table does not list and the engine treats all the same.
std::vector<Skipped> rows_beyond_table() {
  std::vector<Skipped> rows;
  for (const Row& cells : rows_of("profiles/standard/e11-gaps.tsv")) {
    const auto tag = dicom::parse_tag(cells[0]);
    if (!tag || tag->group <= 0x0004 || cells[4] == "structural-uid" || cells[4] == "bulk")
      continue;
    rows.push_back({cells[0], cells[4], *tag, dicom::vr_of(cells[1][0], cells[1][1])});
  }
  rows.push_back({"(0029,0010)", "beyond", {0x0029, 0x0010}, vr::LO});
  rows.push_back({"(0029,1001) UN", "beyond", {0x0029, 0x1001}, vr::UN});
  rows.push_back({"(0031,1001) SQ", "beyond", {0x0031, 0x1001}, vr::SQ});
  rows.push_back({"(6000,0022)", "beyond", {0x6000, 0x0022}, vr::LO});
  rows.push_back({"(6000,1500)", "beyond", {0x6000, 0x1500}, vr::LO});
  rows.push_back({"(FFFC,FFFC)", "beyond", {0xFFFC, 0xFFFC}, vr::OB});
  rows.push_back({"(0010,5553)", "beyond", {0x0010, 0x5553}, vr::LO});
  return rows;
}

/// "attribute or kind" → the most misses that are known, whatever the profile.
std::map<std::string, std::size_t> known_misses() {
  std::map<std::string, std::size_t> known;
  for (const Row& row : rows_of("tests/profiles/mutation_misses.tsv")) {
    EXPECT_EQ(row.size(), 3U) << "attribute or kind, most, reason";
    if (row.size() == 3) known[row[0]] = std::stoul(row[1]);
  }
  return known;
}

/// An option of the profile sends it as it came, or lets a moment stand: nothing is skipped.
bool is_let_be(const Skipped& row, const Allowance& allowance) {
  const bool is_moment = row.vr == vr::DA || row.vr == vr::DT || row.vr == vr::TM;
  if (is_moment && allowance.dates == Dates::kept) return true;
  // Whole days are shifted, and times of day stay (trap 34).
  if (row.vr == vr::TM && allowance.dates == Dates::shifted) return true;
  return allowance.keeps(row.tag);
}

struct Outcome {
  std::size_t tried = 0;
  std::map<std::string, std::vector<std::string>> missed;  ///< kind → names
};

Outcome skip_each(const std::vector<Skipped>& rows, const Judged& judged, bool nested) {
  const bool all = std::getenv("VEILROUTE_PROOF_ALL") != nullptr;
  Outcome outcome;
  Skip skip(judged, nested);
  std::size_t turn = 0;
  for (const Skipped& row : rows) {
    if (nested && !all && ++turn % 5 != 0) continue;  // in items a sample; all of them at night
    if (is_let_be(row, judged.allowance)) continue;
    ++outcome.tried;
    if (!skip.is_found(row)) outcome.missed[row.kind].push_back(row.name);
  }
  return outcome;
}

void expect_found(const std::vector<Skipped>& rows, const char* what) {
  const std::map<std::string, std::size_t> known = known_misses();
  for (const Judged& judged : judged_profiles()) {
    for (const bool nested : {false, true}) {
      const Outcome outcome = skip_each(rows, judged, nested);
      const std::string where = judged.profile->name.value + (nested ? ", in an item" : "");
      std::size_t missed = 0;
      for (const auto& [kind, names] : outcome.missed) {
        missed += names.size();
        const auto most = known.find(kind);
        EXPECT_LE(names.size(), most == known.end() ? 0 : most->second)
            << where << ": " << kind << ", as " << names.front();
      }
      std::cout << where << ", " << what << ": " << outcome.tried - missed << " of "
                << outcome.tried << " found\n";
    }
  }
}

TEST(Mutation, EveryRowOfTheTableIsMissedWhenItIsSkipped) {
  const std::vector<Skipped> rows = rows_of_table();
  EXPECT_EQ(rows.size(), 657U);
  expect_found(rows, "rows of Table E.1-1");
}

TEST(Mutation, WhatTheTableDoesNotListIsMissedToo) {
  const std::vector<Skipped> rows = rows_beyond_table();
  EXPECT_GT(rows.size(), 100U);
  expect_found(rows, "what it does not list");
}

}  // namespace
}  // namespace veilroute::profiles::proof

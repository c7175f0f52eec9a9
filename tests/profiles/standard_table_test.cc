// Every row of Table E.1-1, at the top and inside an item: what is left of it under "basic".
#include "profiles/standard_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/profiles/objects.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

struct Row {
  std::string tag;
  std::string vr;
  std::string keyword;
  std::string code;
};

/// Read here afresh, so that a mistake of the product's reader shows.
std::vector<Row> table() {
  std::ifstream in(VEILROUTE_SOURCE_DIR "/profiles/standard/ps3.15-e.1-1.tsv");
  std::vector<Row> rows;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::vector<std::string> cells;
    std::istringstream fields(line);
    for (std::string cell; std::getline(fields, cell, '\t');) cells.push_back(cell);
    rows.push_back({cells.at(0), cells.at(3), cells.at(2), cells.at(6)});
  }
  return rows;
}

constexpr std::string_view kSecretText = "CANARY^VALUE";
constexpr std::string_view kOldUid = "1.2.3.4.5.6.7.99";

Tag tag_of_row(const Row& row) {
  if (row.tag == "(50xx,xxxx)") return {0x5002, 0x3000};
  if (row.tag == "(60xx,3000)") return {0x6002, 0x3000};
  if (row.tag == "(60xx,4000)") return {0x6002, 0x4000};
  if (row.tag == "(odd,xxxx)") return {0x0019, 0x1001};
  return dicom::parse_tag(row.tag).value();
}

void put_row(Dataset& object, Item& where, const Row& row) {
  const Tag tag = tag_of_row(row);
  if (row.vr == "SQ") {
    Element& sequence = object.put_sequence(where, tag);
    Item item;
    object.put_text(item, {0x0008, 0x0100}, vr::SH, "C4711");
    object.put_text(item, {0x0008, 0x0102}, vr::SH, "99LOCAL");
    object.put_text(item, {0x0008, 0x0104}, vr::LO, kSecretText);
    object.put_text(item, {0x0010, 0x0010}, vr::PN, kSecretText);
    sequence.items.push_back(std::move(item));
    return;
  }
  const dicom::Vr vr = row.vr.size() < 2 ? vr::LO : dicom::vr_of(row.vr.at(0), row.vr.at(1));
  if (row.vr == "UI") {
    object.put_text(where, tag, vr, kOldUid);
  } else if (dicom::is_text(vr)) {
    object.put_text(where, tag, vr, kSecretText);
  } else {
    object.put_bytes(where, tag, vr, object.keep(ByteView(as_bytes("CANARY-BYTES"))));
  }
}

bool holds_canary(const Item& item) {
  for (const Element& element : item.elements) {
    if (as_text(element.value).find("CANARY") != std::string_view::npos) return true;
    if (as_text(element.value).find(kOldUid) != std::string_view::npos) return true;
    for (const Item& each : element.items) {
      if (holds_canary(each)) return true;
    }
  }
  return false;
}

/// "absent", "empty", "filled" or "items".
std::string state_of(const Item& item, Tag tag) {
  const Element* element = Dataset::find(item, tag);
  if (element == nullptr) return "absent";
  if (element->holds == dicom::Holds::sequence) return element->items.empty() ? "empty" : "items";
  return element->value.empty() ? "empty" : "filled";
}

std::string expected_state(const Row& row) {
  const std::uint16_t group = tag_of_row(row).group;
  // Whole groups never leave, whatever the table says of their members; signatures neither.
  if (group == 0x0000 || group == 0x0002 || group == 0x0004) return "absent";
  if (row.code == "X" || row.vr == "UN") return "absent";
  if (row.keyword == "ReferencedStudySequence") return "absent";  // Type 2 in reports alone
  if (row.keyword == "PatientName" || row.keyword == "PatientID" ||
      row.keyword == "AccessionNumber") {
    return "filled";
  }
  if (row.code == "Z" || row.code == "X/Z") return "empty";
  return row.vr == "SQ" ? "items" : "filled";
}

TEST(StandardTable, Has657RowsOfEdition2026d) {
  EXPECT_EQ(table().size(), 657U);
  EXPECT_EQ(standard_row_count(), 657U);
  EXPECT_EQ(standard_edition(), "PS3.15 2026d");
}

TEST(StandardTable, EveryRowIsCarriedOutAtTheTopAndInsideItems) {
  for (const Row& row : table()) {
    SCOPED_TRACE(row.tag + " " + row.keyword + " " + row.code);
    Dataset object = xray();
    // Of a class whose IOD nobody knows, compound codes take the branch that leaves most; what known
    // IODs do is for iod_types_test.cc. (The object is held; the walk is done all the same.)
    object.put_text(dicom::tags::SOPClassUID, vr::UI, "1.2.276.0.7230010.3.1.0.1");
    put_row(object, object.root(), row);
    Element& outer = object.put_sequence(object.root(), {0x0008, 0x1115});
    Item item;
    put_row(object, item, row);
    outer.items.push_back(std::move(item));
    const DeidReport report = run(object);
    EXPECT_EQ(state_of(object.root(), tag_of_row(row)), expected_state(row));
    const Item& inner = object.find({0x0008, 0x1115})->items.at(0);
    EXPECT_EQ(state_of(inner, tag_of_row(row)), expected_state(row));
    EXPECT_FALSE(holds_canary(object.root()));
  }
}

TEST(StandardTable, AWrongStatedVrDoesNotSaveAValue) {
  for (const Row& row : table()) {
    if (row.vr == "SQ") continue;
    SCOPED_TRACE(row.tag + " " + row.keyword);
    for (const dicom::Vr stated : {vr::UN, vr::LO, vr::OB, vr::US, vr::CS}) {
      Dataset object = xray();
      object.put_bytes(object.root(), tag_of_row(row), stated,
                       object.keep(ByteView(as_bytes("CANARY^VALUE"))));
      const DeidReport report = run(object);
      EXPECT_FALSE(holds_canary(object.root())) << dicom::to_text(stated);
    }
  }
}

TEST(StandardTable, UidsAreReplacedConsistentlyAndListedOnce) {
  Dataset object = xray();
  object.put_text({0x0020, 0x0052}, vr::UI, kOldUid);
  object.put_text({0x0020, 0x0200}, vr::UI, kOldUid);
  const DeidReport report = run(object);
  const std::string expected = dicom::mapped_uid(secret(), kOldUid).value;
  EXPECT_EQ(text(object, {0x0020, 0x0052}), expected);
  EXPECT_EQ(text(object, {0x0020, 0x0200}), expected);
  std::size_t listed = 0;
  for (const UidChange& change : report.uids) {
    if (change.original.reveal() == kOldUid) ++listed;
  }
  EXPECT_EQ(listed, 1U);
}

}  // namespace
}  // namespace veilroute::profiles

// The safe private list, and what must not come through it.
#include "profiles/safe_private.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "profiles/private_attributes.h"
#include "tests/profiles/objects.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

constexpr std::string_view kGeAcquisition = "GEMS_ACQU_01";
constexpr std::string_view kPhilips = "Philips Imaging DD 001";
constexpr std::string_view kSiemens = "SIEMENS MR HEADER";

/// A profile that keeps safe private attributes and has no rules of its own.
const Profile& keeps_safe_private() {
  static const auto kProfile =
      parse_profile(
          "name = \"site\"\nbases = [\"treatment\"]\noptions = [\"retain-safe-private\"]\n",
          "p.toml", nullptr, nullptr)
          .profile;
  return *kProfile;
}

/// An item under the hands of a test: creators and values by tag.
class PrivateItem {
 public:
  PrivateItem& creator(Tag tag, std::string_view name, dicom::Vr stated = vr::LO) {
    object_.put_bytes(object_.root(), tag, stated, object_.keep(as_bytes(name)));
    return *this;
  }
  PrivateItem& value(Tag tag, dicom::Vr stated, std::string_view bytes) {
    object_.put_bytes(object_.root(), tag, stated, object_.keep(as_bytes(bytes)));
    return *this;
  }
  PrivateItem& sequence(Tag tag) {
    object_.put_sequence(object_.root(), tag).items.emplace_back();
    return *this;
  }
  Dataset& object() { return object_; }

  /// "(0019,1018) safe private" for each private attribute, in order.
  std::vector<std::string> verdicts(bool big_endian = false) {
    std::vector<std::string> words;
    const auto decisions = decide_private(object_.root(), {}, big_endian, keeps_safe_private());
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      if (!decisions[i]) continue;
      const bool kept =
          decisions[i]->rule == "safe private" || decisions[i]->rule == "private creator";
      EXPECT_EQ(decisions[i]->action == Action::keep, kept) << decisions[i]->rule;
      words.push_back(dicom::to_text(object_.elements().at(i).tag) + " " + decisions[i]->rule);
    }
    return words;
  }

 private:
  Dataset object_ = empty_object();
};

using Verdicts = std::vector<std::string>;

TEST(SafePrivate, KeepsAListedNumberWithItsCreator) {
  EXPECT_EQ(PrivateItem()
                .creator({0x0019, 0x0010}, "GEMS_ACQU_01")
                .value({0x0019, 0x1024}, vr::DS, "12.5")
                .verdicts(),
            (Verdicts{"(0019,0010) private creator", "(0019,1024) safe private"}));
}

TEST(SafePrivate, SaysNothingOfPublicAttributes) {
  PrivateItem item;
  item.object().put_text({0x0010, 0x0010}, vr::PN, "PHANTOM^ONE");
  EXPECT_TRUE(item.verdicts().empty());
  item.creator({0x0019, 0x0010}, kGeAcquisition);
  EXPECT_EQ(item.verdicts(), (Verdicts{"(0019,0010) private creator of nothing kept"}));
}

TEST(SafePrivate, FindsABlockWhereverItStands) {
  EXPECT_EQ(PrivateItem()
                .creator({0x0019, 0x00A7}, kGeAcquisition)
                .value({0x0019, 0xA724}, vr::DS, "12.5")
                .value({0x0019, 0x1024}, vr::DS, "12.5")
                .verdicts(),
            (Verdicts{"(0019,00A7) private creator", "(0019,1024) private without creator",
                      "(0019,A724) safe private"}));
}

TEST(SafePrivate, JudgesEachBlockOfAGroupByItsOwnCreator) {
  EXPECT_EQ(
      PrivateItem()
          .creator({0x0019, 0x0010}, "ACME HOSPITAL 7")
          .creator({0x0019, 0x0011}, kGeAcquisition)
          .creator({0x0019, 0x0012}, kSiemens)
          .value({0x0019, 0x1024}, vr::DS, "12.5")
          .value({0x0019, 0x1124}, vr::DS, "12.5")
          .value({0x0019, 0x1224}, vr::DS, "12.5")
          .verdicts(),
      (Verdicts{"(0019,0010) private creator of nothing kept", "(0019,0011) private creator",
                "(0019,0012) private creator of nothing kept", "(0019,1024) private not listed",
                "(0019,1124) safe private", "(0019,1224) private not listed"}));
}

TEST(SafePrivate, TakesAListedNumberInAnotherGroupForAnotherAttribute) {
  EXPECT_EQ(
      PrivateItem()
          .creator({0x0021, 0x0010}, kGeAcquisition)
          .value({0x0021, 0x1024}, vr::DS, "12.5")
          .verdicts(),
      (Verdicts{"(0021,0010) private creator of nothing kept", "(0021,1024) private not listed"}));
}

TEST(SafePrivate, KnowsACreatorToTheLetter) {
  struct Row {
    std::string name;
    dicom::Vr stated;
    bool kept;
  };
  const std::vector<Row> table{
      {"GEMS_ACQU_01", vr::LO, true},
      {"GEMS_ACQU_01  ", vr::LO, true},                     // padding
      {std::string("GEMS_ACQU_01\0\0", 14), vr::LO, true},  // of a UN writer
      {"GEMS_ACQU_01", vr::UN, true},
      {"GEMS_ACQU_01", vr::OB, false},
      {"gems_acqu_01", vr::LO, false},
      {"Gems_Acqu_01", vr::LO, false},
      {" GEMS_ACQU_01", vr::LO, false},
      {"GEMS_ACQU_01\\DOE^JANE", vr::LO, false},
      {std::string("GEMS_ACQU_01\0DOE^JANE", 21), vr::LO, false},
      {"GEMS_ACQU_01 DOE^JANE", vr::LO, false},
      {"GEMS_ACQU_0", vr::LO, false},
      {"", vr::LO, false},
      {"  ", vr::LO, false},
  };
  for (const Row& row : table) {
    PrivateItem item;
    item.creator({0x0019, 0x0010}, row.name, row.stated).value({0x0019, 0x1024}, vr::DS, "12.5");
    const bool kept = item.verdicts().at(0) == "(0019,0010) private creator";
    EXPECT_EQ(kept, row.kept) << row.name;
  }
}

TEST(SafePrivate, ListsTwoLetterCasesApart) {
  for (const std::string_view creator : {"PHILIPS IMAGING DD 001", "Philips Imaging DD 001"}) {
    PrivateItem item;
    item.creator({0x2001, 0x0010}, creator).value({0x2001, 0x1008}, vr::IS, "3 ");
    EXPECT_EQ(item.verdicts().at(1), "(2001,1008) safe private") << creator;
  }
}

TEST(SafePrivate, RemovesElementsNoBlockCanOwn) {
  EXPECT_EQ(PrivateItem()
                .value({0x0019, 0x0001}, vr::LO, "DOE^JANE")
                .creator({0x0019, 0x0010}, kGeAcquisition)
                .value({0x0019, 0x0124}, vr::DS, "12.5")
                .value({0x0019, 0x1024}, vr::DS, "12.5")
                .verdicts(),
            (Verdicts{"(0019,0001) private without creator", "(0019,0010) private creator",
                      "(0019,0124) private without creator", "(0019,1024) safe private"}));
}

TEST(SafePrivate, NeverKeepsHeadersAndDocumentsOfMakers) {
  const std::string header(512, '\x01');
  struct Row {
    std::string_view creator;
    Tag place;
    Tag tag;
    dicom::Vr stated;
  };
  const std::vector<Row> table{
      {"SIEMENS CSA HEADER", {0x0029, 0x0010}, {0x0029, 0x1010}, vr::OB},
      {"SIEMENS CSA HEADER", {0x0029, 0x0010}, {0x0029, 0x1020}, vr::OB},
      {"SIEMENS CSA HEADER", {0x0029, 0x0010}, {0x0029, 0x1020}, vr::UN},
      {"SIEMENS MEDCOM HEADER", {0x0029, 0x0010}, {0x0029, 0x1010}, vr::OB},
      {"GEMS_SERS_01", {0x0025, 0x0010}, {0x0025, 0x101B}, vr::OB},
      {"GEMS_SERS_01", {0x0025, 0x0010}, {0x0025, 0x101B}, vr::UN},
      {"Philips MR Imaging DD 001", {0x2005, 0x0010}, {0x2005, 0x1070}, vr::LO},
      {"Philips Imaging DD 002", {0x2001, 0x0010}, {0x2001, 0x1063}, vr::ST},
  };
  for (const Row& row : table) {
    PrivateItem item;
    item.creator(row.place, row.creator).value(row.tag, row.stated, header);
    EXPECT_FALSE(item.verdicts().at(1).ends_with("safe private")) << row.creator;
    EXPECT_EQ(item.verdicts().at(0),
              dicom::to_text(row.place) + " private creator of nothing kept");
  }
}

TEST(SafePrivate, NeverKeepsASequence) {
  PrivateItem item;
  item.creator({0x2001, 0x0010}, kPhilips).sequence({0x2001, 0x105F});
  EXPECT_EQ(item.verdicts().at(1), "(2001,105F) private sequence");
  item.object().put_bytes(item.object().root(), {0x2001, 0x105F}, vr::SQ, {});
  EXPECT_EQ(item.verdicts().at(1), "(2001,105F) private sequence");
}

TEST(SafePrivate, OneListThatForbidsOutweighsOneThatKeeps) {
  PrivateItem item;  // Diffusion Direction: safe in Table E.3.10-1, deleted by TCIA
  item.creator({0x2001, 0x0010}, kPhilips).value({0x2001, 0x1004}, vr::CS, "I ");
  EXPECT_EQ(item.verdicts().at(1), "(2001,1004) private not listed");
}

template <typename Number>
std::string bytes_of(Number number) {
  const auto bytes = std::bit_cast<std::array<char, sizeof(Number)>>(number);
  return {bytes.begin(), bytes.end()};  // this machine is little endian
}

struct ValueRow {
  const char* what;
  std::string_view creator;
  Tag tag;
  dicom::Vr stated;
  std::string value;
  std::string rule;
};

const std::string kKeptRule = "safe private", kOddRule = "private listed but odd value",
                  kVrRule = "private under another VR";

std::vector<ValueRow> numbers() {
  constexpr Tag kMidScan{0x0019, 0x1024};   // DS
  constexpr Tag kPhase{0x2001, 0x1008};     // IS 1
  constexpr Tag kEchoTime{0x2001, 0x1011};  // FL
  constexpr Tag kFrame{0x2001, 0x107C};     // UL 1
  return {
      {"a number", kGeAcquisition, kMidScan, vr::DS, "-1.5e+2 ", kKeptRule},
      {"two numbers where there is one", kGeAcquisition, kMidScan, vr::DS, "1\\2 ", kOddRule},
      {"several numbers", "SIEMENS CT VA0  COAD", kMidScan, vr::DS, "1\\+2\\ 3", kKeptRule},
      {"none", kGeAcquisition, kMidScan, vr::DS, "", kKeptRule},
      {"a number, VR unknown", kGeAcquisition, kMidScan, vr::UN, "12.5", kKeptRule},
      {"a number in another VR", kGeAcquisition, kMidScan, vr::SH, "12.5", kVrRule},
      {"a word", kGeAcquisition, kMidScan, vr::DS, "DOE", kOddRule},
      {"a word, VR unknown", kGeAcquisition, kMidScan, vr::UN, "DOE^JANE", kOddRule},
      {"a number and a word", kGeAcquisition, kMidScan, vr::DS, "12\\DOE ", kOddRule},
      {"a word behind NUL", kGeAcquisition, kMidScan, vr::DS, std::string("12\0DOE", 6), kOddRule},
      {"a calendar date", kGeAcquisition, kMidScan, vr::DS, "20260131", kOddRule},
      {"seconds since 1970", kGeAcquisition, kMidScan, vr::DS, "1769817600.25", kOddRule},
      {"infinity", kGeAcquisition, kMidScan, vr::DS, "inf ", kOddRule},
      {"a UID", kGeAcquisition, kMidScan, vr::DS, "1.2.840.113619", kOddRule},
      {"a telephone number", kGeAcquisition, kMidScan, vr::DS, "555-1234", kOddRule},
      {"a phase", kPhilips, kPhase, vr::IS, "17", kKeptRule},
      {"a phase like a date", kPhilips, kPhase, vr::IS, "19610203", kOddRule},
      {"a time", kPhilips, kEchoTime, vr::FL, bytes_of(42.5F), kKeptRule},
      {"a time, VR unknown", kPhilips, kEchoTime, vr::UN, bytes_of(42.5F), kKeptRule},
      {"a time no clock shows", kPhilips, kEchoTime, vr::FL, bytes_of(1e30F), kOddRule},
      {"no number", kPhilips, kEchoTime, vr::FL, bytes_of(0x7FC00000U), kOddRule},
      {"text as a number", kPhilips, kEchoTime, vr::FL, "JOHN", kOddRule},
      {"three bytes", kPhilips, kEchoTime, vr::FL, "\1\2\3", kOddRule},
      {"a frame", kPhilips, kFrame, vr::UL, bytes_of(7U), kKeptRule},
      {"two frames where there is one", kPhilips, kFrame, vr::UL, bytes_of(7U) + bytes_of(8U),
       kOddRule},
      {"a date as a frame", kPhilips, kFrame, vr::UL, bytes_of(20260131U), kOddRule},
      {"an instant as a frame", kPhilips, kFrame, vr::UL, bytes_of(1769817600U), kOddRule},
      {"text as frames, VR unknown", kPhilips, kFrame, vr::UN, "JANE", kOddRule},
  };
}

std::vector<ValueRow> texts() {
  constexpr Tag kTechnique{0x2001, 0x1020};     // LO
  constexpr Tag kSequenceName{0x0019, 0x109E};  // LO, GE
  constexpr Tag kMatrix{0x0051, 0x100B};        // LO or SH, Siemens
  return {
      {"a technique", kPhilips, kTechnique, vr::LO, "T1TFE ", kKeptRule},
      {"its VR unknown", kPhilips, kTechnique, vr::UN, "T1TFE ", kKeptRule},
      {"stated as bytes, which is listed", kPhilips, kTechnique, vr::OB, "T1TFE ", kKeptRule},
      {"a sequence", kGeAcquisition, kSequenceName, vr::LO, "FSE-XL", kKeptRule},
      {"a matrix", kSiemens, kMatrix, vr::LO, "256p*192", kKeptRule},
      {"a matrix as SH", kSiemens, kMatrix, vr::SH, "256*192", kKeptRule},
      {"a person", kPhilips, kTechnique, vr::LO, "DOE^JANE", kOddRule},
      {"a person with a comma", kPhilips, kTechnique, vr::LO, "Doe, Jane", kOddRule},
      {"a sentence", kPhilips, kTechnique, vr::LO, "call back the daughter of Ann", kOddRule},
      {"a date", kPhilips, kTechnique, vr::LO, "op 3/4/21", kOddRule},
      {"a date with dashes", kPhilips, kTechnique, vr::LO, "21-03-04", kOddRule},
      {"a record number", kPhilips, kTechnique, vr::LO, "MRN 5544331", kOddRule},
      {"a long number", kPhilips, kTechnique, vr::LO, "55443312", kOddRule},
      {"a short number", kPhilips, kTechnique, vr::LO, "554.25", kKeptRule},
      {"letters beyond ASCII", kPhilips, kTechnique, vr::LO, "M\xFCller", kOddRule},
      {"a second value that is a person", kPhilips, kTechnique, vr::LO, "FFE\\DOE^JANE", kOddRule},
      {"an address", kPhilips, kTechnique, vr::LO, "a@b.example", kOddRule},
      {"another VR", kPhilips, kTechnique, vr::PN, "T1TFE ", kVrRule},
      {"a type of series", kPhilips, {0x2001, 0x106E}, vr::SH, "Image", kKeptRule},
  };
}

TEST(SafePrivate, KeepsOnlyWhatLooksLikeAValueOfTheListedVr) {
  for (const auto& table : {numbers(), texts()}) {
    for (const ValueRow& row : table) {
      PrivateItem item;
      item.creator({row.tag.group, static_cast<std::uint16_t>(row.tag.element >> 8U)}, row.creator)
          .value(row.tag, row.stated, row.value);
      EXPECT_EQ(item.verdicts().at(1), dicom::to_text(row.tag) + " " + row.rule) << row.what;
    }
  }
}

TEST(SafePrivate, ReadsNumbersInTheOrderOfTheirBytes) {
  std::string date = bytes_of(20260131U);
  std::reverse(date.begin(), date.end());
  PrivateItem item;
  item.creator({0x2001, 0x0010}, kPhilips).value({0x2001, 0x107C}, vr::UL, date);
  EXPECT_EQ(item.verdicts(true).at(1), "(2001,107C) private listed but odd value");
  // Of UN nobody knows the order.
  PrivateItem unknown;
  unknown.creator({0x2001, 0x0010}, kPhilips).value({0x2001, 0x107C}, vr::UN, bytes_of(7U));
  EXPECT_EQ(unknown.verdicts(false).at(1), "(2001,107C) safe private");
  EXPECT_EQ(unknown.verdicts(true).at(1), "(2001,107C) private listed but odd value");
}

std::vector<std::vector<std::string>> private_rows(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::vector<std::string>& cells = rows.emplace_back();
    for (std::string cell; std::getline(fields, cell, '\t');) cells.push_back(cell);
    cells.resize(7);
  }
  return rows;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

TEST(SafePrivate, ListsNothingThatASourceForbidsOrThatNoneKeeps) {
  const std::string folder = VEILROUTE_CORPUS_DIR "/../standard/";
  std::set<std::string> kept;
  std::set<std::string> forbidden;
  for (const auto& row : private_rows(folder + "safe-private.tsv")) {
    kept.insert(row[0] + "|" + row[1] + row[2]);
  }
  for (const auto& row : private_rows(folder + "tcia-private-kb.tsv")) {
    if (row[4] == "k") {
      kept.insert(row[0] + "|" + row[1] + row[2]);
    } else {
      forbidden.insert(upper(row[0]) + "|" + row[1] + row[2]);
    }
  }
  const auto rows = private_rows(VEILROUTE_SOURCE_DIR "/profiles/standard/safe-private.tsv");
  EXPECT_EQ(rows.size(), safe_private_count());
  EXPECT_GT(rows.size(), 1'900U);
  static const std::set<std::string> kVrs{"CS", "DS", "IS", "LO", "SH", "ST", "LT", "US", "SS",
                                          "UL", "SL", "FL", "FD", "AT", "SV", "UV", "OB"};
  for (const auto& row : rows) {
    const std::string key = row[1] + row[2];
    EXPECT_TRUE(kept.contains(row[0] + "|" + key)) << row[0] << " " << key;
    EXPECT_FALSE(forbidden.contains(upper(row[0]) + "|" + key)) << row[0] << " " << key;
    std::istringstream vrs(row[3]);
    for (std::string each; std::getline(vrs, each, '/');) EXPECT_TRUE(kVrs.contains(each)) << each;
    EXPECT_NE(row[3], "OB");
  }
}

/// Whatever a sender writes, a name in a private block does not come through as long as it is more
/// than one plain word, and creators stay exactly with what they own.
TEST(SafePrivate, LetsNoNameThroughWhateverTheBlockSaysItIs) {
  const auto rows = private_rows(VEILROUTE_SOURCE_DIR "/profiles/standard/safe-private.tsv");
  std::mt19937 random(20260131);
  const std::array<std::string, 4> names{"PHANTOM^ONE", "Phantom, One ", "MRN-554433", "19610203"};
  const std::array<dicom::Vr, 9> stated{vr::UN, vr::OB, vr::LO, vr::SH, vr::DS,
                                        vr::CS, vr::SL, vr::FD, vr::LT};
  for (const auto& row : rows) {
    const auto group = static_cast<std::uint16_t>(std::stoul(row[1], nullptr, 16));
    const auto low = static_cast<std::uint16_t>(std::stoul(row[2], nullptr, 16));
    PrivateItem item;
    item.creator({group, 0x0010}, row[0]);
    item.value({group, static_cast<std::uint16_t>(0x1000 + low)}, stated[random() % stated.size()],
               names[random() % names.size()]);
    const auto decisions = decide_private(item.object().root(), {}, false, keeps_safe_private());
    for (const auto& decision : decisions) {
      ASSERT_TRUE(decision.has_value());
      EXPECT_EQ(decision->action, Action::remove) << row[0] << " " << row[1] << row[2];
    }
  }
}

}  // namespace
}  // namespace veilroute::profiles

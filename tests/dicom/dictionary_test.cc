#include "core/dicom/dictionary.h"

#include <gtest/gtest.h>

namespace veilroute::dicom {
namespace {

struct FindCase {
  const char* what;
  Tag tag;
  const char* keyword;  // null: not known
  Vr vr;
};

const FindCase kFindCases[] = {
    {"a plain attribute", {0x0010, 0x0010}, "PatientName", vr::PN},
    {"the first row", {0x0002, 0x0000}, "FileMetaInformationGroupLength", vr::UL},
    {"US or SS reads as US", {0x0028, 0x0106}, "SmallestImagePixelValue", vr::US},
    {"OB or OW reads as OW", {0x7FE0, 0x0010}, "PixelData", vr::OW},
    {"US or OW reads as OW", {0x0028, 0x3006}, "LUTData", vr::OW},
    {"an overlay group", {0x6004, 0x3000}, "OverlayData", vr::OW},
    {"the last overlay group", {0x601E, 0x0010}, "OverlayRows", vr::US},
    {"beyond the last overlay group", {0x6020, 0x0010}, nullptr, vr::UN},
    {"an odd overlay group is private", {0x6001, 0x3000}, nullptr, vr::UN},
    {"a curve group", {0x5002, 0x2500}, "CurveLabel", vr::LO},
    {"a repeating element", {0x0020, 0x3105}, "SourceImageIDs", vr::CS},
    {"a repeating element with a fixed end", {0x0028, 0x0413}, "CoefficientCodingPointers", vr::AT},
    {"a plain row wins over a repeating one", {0x0028, 0x0403}, "SequenceOfCompressedData", vr::LO},
    {"any element of a wholly repeating group", {0x1010, 0x1234}, "ZonalMap", vr::US},
    {"a group length is in no row", {0x0008, 0x0000}, nullptr, vr::UL},
    {"a private creator", {0x0009, 0x0010}, nullptr, vr::LO},
    {"a private attribute", {0x0009, 0x1010}, nullptr, vr::UN},
    {"an unknown public attribute", {0x0010, 0x5553}, nullptr, vr::UN},
    {"a retired row without a name", {0x0008, 0x0202}, "", vr::UN},
};

TEST(Dictionary, FindsRowsAndSaysWhatImplicitVrReadersTake) {
  for (const FindCase& row : kFindCases) {
    SCOPED_TRACE(row.what);
    const DictionaryEntry* entry = find(row.tag);
    ASSERT_EQ(entry != nullptr, row.keyword != nullptr);
    if (entry != nullptr) {
      EXPECT_EQ(entry->keyword, row.keyword);
    }
    EXPECT_EQ(to_text(implicit_vr(row.tag)), to_text(row.vr));
  }
}

TEST(Dictionary, FindsEveryKeywordAndItsTagAgain) {
  EXPECT_GT(all_entries().size(), 5000U);
  Tag before{};
  for (const DictionaryEntry& entry : all_entries()) {
    EXPECT_LT(before, entry.tag);
    before = entry.tag;
    EXPECT_EQ(find(entry.tag), &entry);
    if (entry.keyword.empty()) continue;
    const DictionaryEntry* again = find_keyword(entry.keyword);
    ASSERT_NE(again, nullptr) << entry.keyword;
    EXPECT_EQ(again->keyword, entry.keyword);
  }
  EXPECT_EQ(find_keyword("NoSuchKeyword"), nullptr);
  EXPECT_EQ(find_keyword("OverlayData")->tag, (Tag{0x6000, 0x3000}));
}

TEST(Dictionary, NamesTheKeywordThatWasMeant) {
  ASSERT_FALSE(nearest_keywords("PatientNane", 3).empty());
  EXPECT_EQ(nearest_keywords("PatientNane", 3).front(), "PatientName");
  EXPECT_EQ(nearest_keywords("bodypartexamined", 1).front(), "BodyPartExamined");
  EXPECT_LE(nearest_keywords("Patient", 2).size(), 2U);
  EXPECT_TRUE(nearest_keywords(std::string(10'000, 'x'), 3).empty());
  EXPECT_TRUE(nearest_keywords("qqqqqqqqqqqq", 3).empty());
}

TEST(Dictionary, WritesAndParsesTags) {
  EXPECT_EQ(to_text(Tag{0x0010, 0x00AF}), "(0010,00AF)");
  EXPECT_EQ(parse_tag("(0010,00af)"), (Tag{0x0010, 0x00AF}));
  EXPECT_EQ(parse_tag("0010,00AF"), (Tag{0x0010, 0x00AF}));
  EXPECT_EQ(parse_tag("001000AF"), (Tag{0x0010, 0x00AF}));
  for (const char* bad : {"", "0010", "(0010,00AF", "0010,00AG", "0010-00AF", "(0010.00AF)",
                          "001000AF0", "60xx,3000"}) {
    EXPECT_FALSE(parse_tag(bad).has_value()) << bad;
  }
}

TEST(Dictionary, KnowsThirtyFourVrsAndTheirLengths) {
  EXPECT_TRUE(is_known(vr::UV));
  EXPECT_FALSE(is_known(vr_of('Z', 'Z')));
  EXPECT_FALSE(is_known(Vr::none));
  EXPECT_TRUE(has_long_length(vr::UN));
  EXPECT_FALSE(has_long_length(vr::AT));
  EXPECT_EQ(padding_of(vr::UI), 0);
  EXPECT_EQ(padding_of(vr::OB), 0);
  EXPECT_EQ(padding_of(vr::PN), ' ');
  EXPECT_EQ(to_text(vr::PN), "PN");
  EXPECT_EQ(to_text(Vr::none), "--");
}

}  // namespace
}  // namespace veilroute::dicom

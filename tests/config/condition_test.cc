// The grammar of conditions, what they mean, and where their mistakes stand.
#include "config/condition.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "config/condition_tree.h"
#include "config/sop_groups.h"
#include "tests/support/mutate.h"

namespace veilroute::config {
namespace {

using Values = std::vector<std::string>;

/// An object as a table: paths as texts of tags joined by dots.
class TableSubject : public Subject {
 public:
  TableSubject(std::map<std::string, Values> attributes, std::map<std::string, std::string> words)
      : attributes_(std::move(attributes)), words_(std::move(words)) {}
  [[nodiscard]] Values values(const std::vector<dicom::Tag>& path) const override {
    std::string key;
    for (const dicom::Tag tag : path) {
      const auto* entry = dicom::find(tag);
      key += (key.empty() ? "" : ".") + (entry ? std::string(entry->keyword) : dicom::to_text(tag));
    }
    const auto found = attributes_.find(key);
    return found == attributes_.end() ? Values{} : found->second;
  }
  [[nodiscard]] std::string about(std::string_view word) const override {
    const auto found = words_.find(std::string(word));
    return found == words_.end() ? "" : found->second;
  }

 private:
  std::map<std::string, Values> attributes_;
  std::map<std::string, std::string> words_;
};

const TableSubject& hand() {
  static const TableSubject subject(
      {{"Modality", {"DX"}},
       {"BodyPartExamined", {"HAND"}},
       {"PatientID", {"0123"}},
       {"Rows", {"2048"}},
       {"SeriesNumber", {"05"}},
       {"KVP", {"5.50"}},
       {"InstanceNumber", {"inf"}},
       {"ImageType", {"ORIGINAL", "PRIMARY", "AXIAL"}},
       {"StudyDescription", {"Chest p.a. \xC3\x84"}},
       {"SOPClassUID", {"1.2.840.10008.5.1.4.1.1.1.1"}},
       {"RequestAttributesSequence", {"", ""}},
       {"RequestAttributesSequence.RequestedProcedureID", {"P1", "P2"}},
       {"RequestAttributesSequence.ScheduledProcedureStepID", {"S1"}}},
      {{"source", "er-xray"}, {"listener", "ward"}, {"called_ae", "VEIL"}});
  return subject;
}

bool holds(const std::string& text) {
  const auto condition = Condition::parse(text, {"site.toml", 1, 1});
  EXPECT_TRUE(condition.ok()) << text << ": " << (condition.ok() ? "" : condition.error().detail);
  return condition.ok() && condition->holds(hand());
}

struct Meaning {
  const char* text;
  bool holds;
};

void expect_all(const std::vector<Meaning>& cases) {
  for (const Meaning& one : cases) EXPECT_EQ(holds(one.text), one.holds) << one.text;
}

TEST(Condition, ComparesText) {
  expect_all({
      {"Modality = \"DX\"", true},
      {"Modality = \"dx\"", false},
      {"Modality != \"CT\"", true},
      {"Modality != \"DX\"", false},
      {"(0008,0060) = \"DX\"", true},
      {"source = \"er-xray\"", true},
      {"listener != \"ward\"", false},
      {"called_ae in [\"VEIL\", \"OTHER\"]", true},
      {"BodyPartExamined = \"HA\\ND\"", true},
      {"BodyPartExamined = \"HAND\\\"\"", false},
      {"BodyPartExamined < \"HANE\"", true},
      {"BodyPartExamined >= \"HAND\"", true},
      {"BodyPartExamined > \"HAND\"", false},
  });
}

TEST(Condition, ComparesNumbersOnlyWhereBothSidesAreNumbers) {
  expect_all({
      {"PatientID = \"123\"", false},  // two patients
      {"PatientID = 123", true},
      {"SeriesNumber = 5", true},
      {"SeriesNumber = 5.0", true},
      {"SeriesNumber = \"5\"", false},
      {"KVP = 5.5", true},
      {"KVP in [1, 5.5]", true},
      {"Rows > 999", true},
      {"Rows > \"999\"", true},  // as texts it would be false
      {"Rows < 2048", false},
      {"Rows <= 2048", true},
      {"Rows >= 2048.5", false},
      {"Rows > -1", true},
      {"Rows < +3000", true},
      {"Modality > 5", false},
      {"Modality < 5", false},
      {"InstanceNumber > 5", false},  // "inf" is a word
      {"InstanceNumber = 5", false},
  });
}

TEST(Condition, TreatsAnAbsentAttributeAsNoAnswer) {
  expect_all({
      {"PatientAge = \"042Y\"", false},
      {"PatientAge != \"042Y\"", false},
      {"PatientAge < 5", false},
      {"PatientAge in [\"\"]", false},
      {"PatientAge like \"*\"", false},
      {"PatientAge present", false},
      {"all PatientAge != \"x\"", false},
      {"not PatientAge = \"042Y\"", true},
      {"not (PatientAge present)", true},
      {"calling_ae = \"\"", false},
      {"calling_ae present", false},
      {"FrameOfReferenceUID in group \"image\"", false},
  });
}

TEST(Condition, AsksAnyOrAllOfSeveralValues) {
  expect_all({
      {"ImageType = \"PRIMARY\"", true},
      {"any ImageType = \"PRIMARY\"", true},
      {"all ImageType = \"PRIMARY\"", false},
      {"ImageType != \"LOCALIZER\"", true},
      {"all ImageType != \"LOCALIZER\"", true},
      {"ImageType != \"AXIAL\"", true},
      {"all ImageType != \"AXIAL\"", false},
      {"not ImageType = \"AXIAL\"", false},
      {"all ImageType in [\"ORIGINAL\", \"PRIMARY\", \"AXIAL\"]", true},
      {"all ImageType like \"*A*\"", true},
  });
}

TEST(Condition, LooksIntoSequences) {
  expect_all({
      {"RequestAttributesSequence present", true},
      {"RequestAttributesSequence.RequestedProcedureID = \"P2\"", true},
      {"all RequestAttributesSequence.RequestedProcedureID = \"P2\"", false},
      {"(0040,0275).(0040,1001) = \"P1\"", true},
      {"RequestAttributesSequence . ScheduledProcedureStepID present", true},
      {"RequestAttributesSequence.AccessionNumber present", false},
  });
}

TEST(Condition, MatchesPatterns) {
  expect_all({
      {"StudyDescription like \"chest*\"", true},
      {"StudyDescription like \"*P.A.*\"", true},
      {"StudyDescription like \"*?\"", true},
      {"StudyDescription like \"chest p.a. ?\"", true},  // one character, two bytes
      {"StudyDescription like \"chest p.a. ??\"", false},
      {"StudyDescription like \"chest\"", false},
      {"BodyPartExamined like \"????\"", true},
      {"BodyPartExamined like \"???\"", false},
      {"BodyPartExamined like \"h*n*d\"", true},
      {"BodyPartExamined like \"*a*a*\"", false},
      {"BodyPartExamined like \"\"", false},
      {"BodyPartExamined like \"HAND***\"", true},
  });
}

TEST(Condition, KnowsGroupsOfSopClasses) {
  expect_all({
      {"SOPClassUID in group \"image\"", true},
      {"SOPClassUID in group \"structured-report\"", false},
      {"not (SOPClassUID in group \"structured-report\")", true},
  });
  const std::string root = "1.2.840.10008.5.1.4.1.1.";
  const struct {
    const char* group;
    const char* uid;
    bool is_in;
  } cases[] = {
      {"image", "1.1", true},           {"image", "77.1.4", true},
      {"image", "77.1.5.3", false},     {"image", "88.11", false},
      {"image", "1.1.9", false},        {"structured-report", "88.999", true},
      {"structured-report", "88", false}, {"dose-report", "88.67", true},
      {"dose-report", "88.11", false},  {"key-object", "88.59", true},
      {"raw-data", "66", true},         {"raw-data", "66.4", false},
      {"segmentation", "66.4", true},   {"video", "77.1.1.1", true},
      {"waveform", "9.1.1", true},      {"encapsulated-document", "104.1", true},
      {"no-group", "1.1", false},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(is_in_sop_group(one.group, root + one.uid), one.is_in) << one.group << one.uid;
  }
  EXPECT_FALSE(is_in_sop_group("image", "1.2.3"));
  EXPECT_FALSE(is_in_sop_group("image", ""));
  for (const std::string& name : sop_group_names()) EXPECT_TRUE(is_sop_group(name));
}

TEST(Condition, BindsNotBeforeAndBeforeOr) {
  expect_all({
      {"Modality = \"DX\" or Modality = \"CT\" and Rows = 1", true},
      {"(Modality = \"DX\" or Modality = \"CT\") and Rows = 1", false},
      {"Rows = 1 and Modality = \"CT\" or Modality = \"DX\"", true},
      {"Rows = 1 and (Modality = \"CT\" or Modality = \"DX\")", false},
      {"not Modality = \"CT\" and Rows = 1", false},
      {"not (Modality = \"CT\" and Rows = 1)", true},
      {"not not Modality = \"DX\"", true},
      {"not Modality = \"CT\" or Rows = 1", true},
      {"((Modality = \"DX\"))", true},
      {"Modality=\"DX\"and Rows=2048", true},
      {"Modality\t=\n\"DX\"", true},
      {"Modality in [\"CT\", \"DX\",]", true},
  });
}

TEST(Condition, IsTrueWhereItIsEmpty) { EXPECT_TRUE(Condition().holds(hand())); }

struct MistakeCase {
  const char* text;
  const char* place;  ///< of a condition whose first character stands at 4:9
  const char* slug;
  const char* what;   ///< part of it
};

const MistakeCase kMistakes[] = {
    {"", "x:4:9", "condition.empty", "SOPClassUID present"},
    {"  ", "x:4:11", "condition.empty", "empty"},
    {"Modalty = \"DX\"", "x:4:9", "condition.unknown-attribute", "did you mean \"Modality\"?"},
    {"sorce = \"x\"", "x:4:9", "condition.unknown-attribute", "did you mean \"source\"?"},
    {"Modality = DX", "x:4:20", "condition.syntax", "text in double quotes or a number"},
    {"Modality = 'DX'", "x:4:20", "condition.syntax", "write text in double quotes"},
    {"Modality == \"DX\"", "x:4:19", "condition.syntax", "expected a text"},
    {"Modality is \"DX\"", "x:4:18", "condition.syntax", "did you mean \"in\"?"},
    {"Modality", "x:4:17", "condition.syntax", "the condition ends here"},
    {"Modality = ", "x:4:20", "condition.syntax", "the condition ends here"},
    {"Modality = \"DX", "x:4:20", "condition.syntax", "no closing quotation mark"},
    {"Modality = \"DX\\\"", "x:4:20", "condition.syntax", "no closing quotation mark"},
    {"Modality = \"DX\" Rows = 1", "x:4:25", "condition.syntax", "expected and, or, or the end"},
    {"Modality = \"DX\" adn Rows = 1", "x:4:25", "condition.syntax", "did you mean \"and\"?"},
    {"Modality = \"DX\" and", "x:4:28", "condition.syntax", "the condition ends here"},
    {"and Modality = \"DX\"", "x:4:9", "condition.syntax", "found \"and\""},
    {"(Modality = \"DX\"", "x:4:25", "condition.syntax", "the one at column 9"},
    {"(Modality = \"DX\" Rows", "x:4:26", "condition.syntax", "found \"Rows\""},
    {"Modality = \"DX\")", "x:4:24", "condition.syntax", "found \")\""},
    {"Rows = 12abc", "x:4:16", "condition.syntax", "is not a number"},
    {"Rows = 1e999", "x:4:16", "condition.syntax", "is not a number"},
    {"Rows & 1", "x:4:14", "condition.syntax", "\"&\" means nothing here"},
    {"Rows = \x01", "x:4:16", "condition.syntax", "this character means nothing here"},
    {"Modality in \"DX\"", "x:4:21", "condition.syntax", "expected a list"},
    {"Modality in [\"DX\" \"CR\"]", "x:4:27", "condition.syntax", "expected a comma or ]"},
    {"Modality in []", "x:4:22", "condition.empty-list", "empty list"},
    {"Modality like 5", "x:4:23", "condition.syntax", "\"CHEST*\""},
    {"(0009,0010) present", "x:4:9", "condition.unusable-tag", "private"},
    {"(0002,0010) present", "x:4:9", "condition.unusable-tag", "not part"},
    {"(0008,0000) present", "x:4:9", "condition.unusable-tag", "not part"},
    {"Modality.PatientID = \"1\"", "x:4:9", "condition.not-a-sequence", "not a sequence"},
    {"RequestAttributesSequence = \"1\"", "x:4:9", "condition.not-comparable", "only be present"},
    {"PixelData = \"1\"", "x:4:9", "condition.not-comparable", "bytes"},
    {"Modality in group \"image\"", "x:4:9", "condition.not-a-uid", "SOPClassUID"},
    {"source in group \"image\"", "x:4:9", "condition.not-a-uid", "SOPClassUID"},
    {"SOPClassUID in group \"images\"", "x:4:30", "condition.unknown-group", "mean \"image\"?"},
    {"SOPClassUID in group \"everything\"", "x:4:30", "condition.unknown-group", "there are image,"},
    {"SOPClassUID in group image", "x:4:30", "condition.syntax", "double quotes"},
    {"Modality = \"\xC3\x84\" and x = 1", "x:4:28", "condition.unknown-attribute", "\"x\""},
    {"Modality = \"DX\"\n  and x = 1", "x:5:7", "condition.unknown-attribute", "\"x\""},
};

TEST(Condition, NamesThePlaceOfAMistake) {
  for (const MistakeCase& one : kMistakes) {
    const auto parsed = parse_condition(one.text, {"x", 4, 9});
    ASSERT_TRUE(parsed.mistake) << one.text;
    EXPECT_EQ(parsed.root, nullptr) << one.text;
    EXPECT_EQ(parsed.mistake->place.text(), one.place) << one.text << ": " << parsed.mistake->what;
    EXPECT_EQ(parsed.mistake->slug, one.slug) << one.text << ": " << parsed.mistake->what;
    EXPECT_NE(parsed.mistake->what.find(one.what), std::string::npos)
        << one.text << ": " << parsed.mistake->what;
    const auto condition = Condition::parse(one.text, {"x", 4, 9});
    ASSERT_FALSE(condition.ok());
    EXPECT_EQ(condition.error().kind, ErrorKind::invalid);
    EXPECT_EQ(condition.error().detail, one.place + std::string(": ") + parsed.mistake->what);
  }
}

TEST(Condition, LimitsHowDeepItNests) {
  const auto nested = [](const std::string& opening, std::size_t depth, const std::string& closing) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += opening;
    text += "Modality = \"DX\"";
    for (std::size_t i = 0; i < depth; ++i) text += closing;
    return text;
  };
  EXPECT_TRUE(holds(nested("(", 32, ")")));
  EXPECT_TRUE(holds(nested("not ", 32, "")));
  for (const std::string& text : {nested("(", 33, ")"), nested("not ", 33, ""),
                                  nested("(", 8000, ")"), nested("not ", 4000, "")}) {
    const auto parsed = parse_condition(text, {"x", 1, 1});
    ASSERT_TRUE(parsed.mistake);
    EXPECT_EQ(parsed.mistake->slug, "condition.too-deep");
  }
  std::string path = "RequestAttributesSequence";
  for (int i = 0; i < 8; ++i) path += ".RequestAttributesSequence";
  const auto parsed = parse_condition(path + " present", {"x", 1, 1});
  ASSERT_TRUE(parsed.mistake);
  EXPECT_EQ(parsed.mistake->slug, "condition.too-deep");
}

TEST(Condition, ExplainsItselfInItsOwnWords) {
  const auto condition = Condition::parse(
      "source = \"er-xray\" and\n  ( PatientID  =  \"9\" or not Rows   present )", {"x", 1, 1});
  ASSERT_TRUE(condition.ok());
  const auto leaves = condition->explain(hand());
  const std::vector<std::pair<std::string, bool>> expected = {
      {"source = \"er-xray\"", true}, {"PatientID = \"9\"", false}, {"Rows present", true}};
  EXPECT_EQ(leaves, expected);
}

TEST(Condition, TellsWhichAttributesItAsksAbout) {
  const auto condition = Condition::parse(
      "source = \"a\" and Modality = \"CT\" and (Modality = \"MR\" or "
      "RequestAttributesSequence.RequestedProcedureID present)",
      {"x", 1, 1});
  ASSERT_TRUE(condition.ok());
  const std::vector<std::vector<dicom::Tag>> expected = {
      {dicom::Tag{0x0008, 0x0060}}, {dicom::Tag{0x0040, 0x0275}, dicom::Tag{0x0040, 0x1001}}};
  EXPECT_EQ(condition->paths(), expected);
}

/// Either a tree that can be asked, or one mistake at a place that exists.
void expect_an_answer(std::string_view text) {
  const auto parsed = parse_condition(text, {"x", 1, 1});
  ASSERT_NE(parsed.root == nullptr, !parsed.mistake.has_value());
  if (parsed.mistake) {
    ASSERT_FALSE(parsed.mistake->what.empty());
    ASSERT_LE(parsed.mistake->place.line, 1U + static_cast<std::uint32_t>(text.size()));
    return;
  }
  const auto condition = Condition::parse(text, {"x", 1, 1});
  ASSERT_TRUE(condition.ok());
  [[maybe_unused]] const bool any = condition->holds(hand());
  ASSERT_FALSE(condition->explain(hand()).empty());
}

TEST(Condition, SurvivesDamageAndRandomBytes) {
  const std::string whole =
      "source = \"er-xray\" and not (Modality in [\"CR\", 5] or all ImageType like \"A*?\") or "
      "(0040,0275).(0040,1001) present and SOPClassUID in group \"image\" and Rows >= -5.5";
  expect_an_answer(whole);
  const Bytes bytes(whole.begin(), whole.end());
  std::mt19937 random(2);
  for (int i = 0; i < 5'000; ++i) expect_an_answer(as_text(test::mutated(bytes, random)));
  for (int i = 0; i < 2'000; ++i) {
    std::string noise(static_cast<std::size_t>(i % 97), '\0');
    for (char& c : noise) c = static_cast<char>(random() & 0xFFU);
    expect_an_answer(noise);
  }
}

}  // namespace
}  // namespace veilroute::config

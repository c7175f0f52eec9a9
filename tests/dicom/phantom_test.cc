#include "core/dicom/phantom.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/dicom/element_header.h"
#include "core/dicom/second_reader.h"
#include "core/dicom/uid.h"
#include "tests/support/corpus.h"
#include "tests/support/temporary_folder.h"

namespace veilroute::dicom {
namespace {

constexpr std::string_view kNativeSyntaxes[] = {kExplicitLittleEndian, kImplicitLittleEndian,
                                                kExplicitBigEndian, kDeflated};
constexpr PhantomKind kKinds[] = {PhantomKind::dx, PhantomKind::cr, PhantomKind::ct,
                                  PhantomKind::us};

/// Attributes of many VRs; the caller's list is Table E.1-1.
std::vector<Tag> many_tags() {
  std::vector<Tag> all;
  for (const DictionaryEntry& entry : all_entries()) {
    const bool patient = entry.tag.group == 0x0008 || entry.tag.group == 0x0010 ||
                         entry.tag.group == 0x0040;
    const bool needed = entry.tag == tags::SOPClassUID || entry.tag == tags::SpecificCharacterSet;
    if (patient && !needed && entry.vr != Vr::none) all.push_back(entry.tag);
  }
  return all;
}

PhantomOptions small(PhantomKind kind) {
  PhantomOptions options;
  options.kind = kind;
  options.seed = "test";
  options.rows = 32;
  options.columns = 48;
  return options;
}

Result<SecondReading> second_reading(const Phantom& phantom) {
  const auto syntax = find_transfer_syntax(phantom.transfer_syntax);
  return read_with_dcmtk(
      ByteView(phantom.file).subspan(static_cast<std::size_t>(phantom.dataset_offset)), *syntax);
}

TEST(Phantom, RefusesOptionsThatMakeNoSense) {
  for (int i = 0; i < 5; ++i) {
    PhantomOptions options = small(PhantomKind::dx);
    if (i == 0) options.number = 0;
    if (i == 1) options.instance = 0;
    if (i == 2) options.rows = 5000;
    if (i == 3) options.transfer_syntax = "1.2.840.10008.1.2.4.90";
    if (i == 4) options.transfer_syntax = "1.2.3";
    EXPECT_FALSE(make_phantom(options).ok()) << i;
  }
  EXPECT_EQ(parse_phantom_kind("ct"), PhantomKind::ct);
  EXPECT_FALSE(parse_phantom_kind("mr").has_value());
}

TEST(Phantom, IsTheSameForTheSameOptionsAndUnlikeForOthers) {
  const PhantomOptions options = small(PhantomKind::dx);
  const auto one = make_phantom(options);
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->file, make_phantom(options)->file);
  PhantomOptions other = options;
  other.seed = "other";
  EXPECT_NE(one->sop_instance, make_phantom(other)->sop_instance);
  other = options;
  other.instance = 2;
  EXPECT_NE(one->sop_instance, make_phantom(other)->sop_instance);
}

TEST(Phantom, ObjectsOfOneNumberAreOneStudyOfOnePatient) {
  const auto facts_of = [](const PhantomOptions& options) {
    const auto phantom = make_phantom(options);
    const auto syntax = find_transfer_syntax(phantom->transfer_syntax);
    return support::scan(
        ByteView(phantom->file).subspan(static_cast<std::size_t>(phantom->dataset_offset)),
        *syntax, SIZE_MAX, {tags::PatientName});
  };
  PhantomOptions options = small(PhantomKind::ct);
  const ScanFacts first = facts_of(options);
  options.instance = 2;
  const ScanFacts second = facts_of(options);
  options.number = 2;
  const ScanFacts third = facts_of(options);
  EXPECT_EQ(first.value(tags::PatientName), "PHANTOM^ONE");
  EXPECT_EQ(first.value(tags::PatientID), "PHANTOM-0001");
  EXPECT_EQ(first.value(tags::StudyInstanceUID), second.value(tags::StudyInstanceUID));
  EXPECT_EQ(first.value(tags::SeriesInstanceUID), second.value(tags::SeriesInstanceUID));
  EXPECT_NE(first.value(tags::SOPInstanceUID), second.value(tags::SOPInstanceUID));
  EXPECT_NE(first.value(tags::StudyInstanceUID), third.value(tags::StudyInstanceUID));
  EXPECT_EQ(third.value(tags::PatientName), "PHANTOM^TWO");
}

TEST(Phantom, IsReadByBothReadersInEverySyntax) {
  for (const PhantomKind kind : kKinds) {
    for (const std::string_view uid : kNativeSyntaxes) {
      SCOPED_TRACE(std::string(to_string(kind)) + " " + std::string(uid));
      PhantomOptions options = small(kind);
      options.transfer_syntax = uid;
      const auto phantom = make_phantom(options);
      ASSERT_TRUE(phantom.ok()) << phantom.error().text();
      MemorySource source(phantom->file);
      const auto head = read_file_head(source);
      ASSERT_TRUE(head.ok());
      EXPECT_EQ(head->dataset_offset, phantom->dataset_offset);
      EXPECT_EQ(head->sop_instance, phantom->sop_instance);
      EXPECT_EQ(head->transfer_syntax, phantom->transfer_syntax);
      EXPECT_TRUE(is_storage_class(phantom->sop_class.value));
      const auto reading = second_reading(*phantom);
      EXPECT_TRUE(reading.ok()) << reading.error().text();
    }
  }
}

TEST(Phantom, SatisfiesItsIodAsDciodvfySeesIt) {
  const TemporaryFolder folder;
  for (const PhantomKind kind : kKinds) {
    SCOPED_TRACE(to_string(kind));
    const auto phantom = make_phantom(small(kind));
    const std::string path = (folder.path() / "object.dcm").string();
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(phantom->file.data()),
               static_cast<std::streamsize>(phantom->file.size()));
    const std::string report = path + ".txt";
    const int outcome = std::system(("dciodvfy -new " + path + " >" + report + " 2>&1").c_str());
    if (outcome == 127 * 256) FAIL() << "dciodvfy is missing: tests/packages installs it";
    std::ifstream in(report);
    for (std::string line; std::getline(in, line);) {
      EXPECT_FALSE(line.starts_with("Error")) << line;
    }
  }
}

bool contains(ByteView bytes, std::string_view text) {
  return as_text(bytes).find(text) != std::string_view::npos;
}

TEST(CanaryPhantom, HoldsEachMarkerAndIsReadByBothReaders) {
  for (const std::string_view uid : {kExplicitLittleEndian, kImplicitLittleEndian,
                                     kExplicitBigEndian}) {
    SCOPED_TRACE(uid);
    PhantomOptions options = small(PhantomKind::dx);
    options.canary = true;
    options.canary_tags = many_tags();
    options.transfer_syntax = uid;
    const auto phantom = make_phantom(options);
    ASSERT_TRUE(phantom.ok()) << phantom.error().text();
    EXPECT_GT(phantom->markers.size(), 300U);
    for (const std::string& marker : phantom->markers) {
      EXPECT_TRUE(contains(phantom->file, marker)) << marker;
    }
    const ByteView dataset =
        ByteView(phantom->file).subspan(static_cast<std::size_t>(phantom->dataset_offset));
    const ScanFacts facts = support::scan(dataset, *find_transfer_syntax(phantom->transfer_syntax));
    EXPECT_FALSE(facts.problem.has_value()) << facts.problem->slug << " " << facts.problem->path;
    EXPECT_EQ(facts.value(tags::SOPInstanceUID), phantom->sop_instance.value);
    EXPECT_EQ(facts.value(tags::PatientID), "CANARY-0010-0020-1");
    const auto reading = second_reading(*phantom);
    ASSERT_TRUE(reading.ok()) << reading.error().text();
    unsigned deepest = 0;
    for (const SeenElement& element : reading->elements) {
      if (element.raw.find("CANARY") != std::string::npos) deepest = std::max(deepest, element.depth);
    }
    EXPECT_EQ(deepest, 4U);
  }
}

TEST(CanaryPhantom, HasMarkersInItsPreambleAndFileMetaInformation) {
  PhantomOptions options = small(PhantomKind::dx);
  options.canary = true;
  options.canary_tags = {{0x0010, 0x0010}};
  const auto phantom = make_phantom(options);
  ASSERT_TRUE(phantom.ok());
  const ByteView head =
      ByteView(phantom->file).first(static_cast<std::size_t>(phantom->dataset_offset));
  for (const char* marker : {"CANARY-PREAMBLE", "CANARY-0002-0016", "CANARY-0002-0102"}) {
    EXPECT_TRUE(contains(head, marker)) << marker;
  }
  MemorySource source(phantom->file);
  const auto read_back = read_file_head(source);
  ASSERT_TRUE(read_back.ok());
  EXPECT_EQ(read_back->dataset_offset, phantom->dataset_offset);
  // The group length says where the data set begins.
  EXPECT_EQ(read_u32(head.data() + 140, false) + 144, phantom->dataset_offset);
}

TEST(CanaryPhantom, ValuesFitTheirVr) {
  unsigned index = 0;
  for (const Tag tag : many_tags()) {
    const Vr vr = implicit_vr(tag);
    const std::string value = canary_value(tag, vr, ++index);
    const bool binary = !is_text(vr) && vr != vr::OB && vr != vr::OW && vr != vr::UN;
    EXPECT_EQ(value.empty(), binary) << to_text(tag) << to_text(vr);
    if (vr == vr::AE || vr == vr::SH || vr == vr::CS) {
      EXPECT_LE(value.size(), 16U);
    }
    if (vr == vr::UI) {
      EXPECT_TRUE(is_valid_uid(value));
    }
    if (vr == vr::DA) {
      EXPECT_EQ(value.size(), 8U);
    }
    if (vr == vr::IS) {
      EXPECT_LE(value.size(), 12U);
    }
  }
}

}  // namespace
}  // namespace veilroute::dicom

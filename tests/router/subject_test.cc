#include "router/subject.h"

#include <gtest/gtest.h>

namespace veilroute::router {
namespace {

using dicom::Tag;
namespace vr = dicom::vr;

constexpr Tag kModality{0x0008, 0x0060}, kBodyPart{0x0018, 0x0015}, kImageType{0x0008, 0x0008},
    kRows{0x0028, 0x0010}, kComment{0x0020, 0x4000}, kStation{0x0008, 0x1010},
    kRequest{0x0040, 0x0275}, kProcedure{0x0032, 0x1060}, kPixels{0x7FE0, 0x0010},
    kPrivate{0x0009, 0x1001};

store::SpooledObject noted(std::vector<std::pair<Tag, std::string>> notes) {
  store::SpooledObject object;
  object.head.id = {7};
  object.head.source = {"er-xray"};
  object.head.listener = {"ward"};
  object.head.called_ae = {"VEILROUTE"};
  object.head.calling_ae = {"ER_CR1"};
  for (auto& [tag, value] : notes) {
    object.facts.match_facts.push_back({tag, Phi<std::string>(std::move(value))});
  }
  return object;
}

/// A header for the objects of these tests, with how often it was read.
struct Header {
  int reads = 0;
  bool big_endian = false;
  std::optional<Error> error;

  ReadHeader reader() {
    return [this](const store::SpooledObject&) -> Result<dicom::Dataset> {
      ++reads;
      if (error) return *error;
      dicom::TransferSyntax syntax;
      syntax.big_endian = big_endian;
      dicom::Dataset dataset(syntax);
      dataset.put_text(kModality, vr::CS, "DX");
      dataset.put_text(kImageType, vr::CS, "DERIVED\\SECONDARY");
      dataset.put_text(kStation, vr::SH, "   ");
      dataset.put_text(kComment, vr::LT, "one\\two ");
      const std::uint8_t rows[] = {0x02, 0x00};
      dataset.put_bytes(dataset.root(), kRows, vr::US, rows);
      dicom::Element& requests = dataset.put_sequence(dataset.root(), kRequest);
      for (const char* words : {"CHEST", "HAND"}) {
        requests.items.emplace_back();
        dataset.put_text(requests.items.back(), kProcedure, vr::LO, words);
      }
      return dataset;
    };
  }
};

using Values = std::vector<std::string>;

TEST(Subject, AnswersFromWhatReceptionNotedWithoutReading) {
  Header header;
  const ReadHeader read = header.reader();
  const auto object = noted({{kModality, "CR "}, {kImageType, "ORIGINAL\\PRIMARY \\"}});
  const ObjectSubject subject(object, read);
  EXPECT_EQ(subject.values({kModality}), Values{"CR"});
  EXPECT_EQ(subject.values({kImageType}), (Values{"ORIGINAL", "PRIMARY", ""}));
  EXPECT_EQ(subject.about("source"), "er-xray");
  EXPECT_EQ(subject.about("listener"), "ward");
  EXPECT_EQ(subject.about("called_ae"), "VEILROUTE");
  EXPECT_EQ(subject.about("calling_ae"), "ER_CR1");
  EXPECT_EQ(subject.about("weather"), "");
  EXPECT_EQ(header.reads, 0);
}

TEST(Subject, ReadsTheHeaderOnceForWhatWasNotNoted) {
  Header header;
  const ReadHeader read = header.reader();
  const auto object = noted({});
  const ObjectSubject subject(object, read);
  EXPECT_EQ(subject.values({kModality}), Values{"DX"});
  EXPECT_EQ(subject.values({kBodyPart}), Values{});
  EXPECT_EQ(subject.values({kImageType}), (Values{"DERIVED", "SECONDARY"}));
  EXPECT_EQ(header.reads, 1);
  EXPECT_FALSE(subject.failure().has_value());
}

TEST(Subject, AnAttributeWithoutValueIsAbsent) {
  Header header;
  const ReadHeader read = header.reader();
  const auto object = noted({{kBodyPart, ""}});
  const ObjectSubject subject(object, read);
  EXPECT_EQ(subject.values({kBodyPart}), Values{});
  EXPECT_EQ(subject.values({kStation}), Values{});
}

TEST(Subject, FollowsAPathThroughAllItems) {
  Header header;
  const ReadHeader read = header.reader();
  const auto object = noted({});
  const ObjectSubject subject(object, read);
  EXPECT_EQ(subject.values({kRequest, kProcedure}), (Values{"CHEST", "HAND"}));
  EXPECT_EQ(subject.values({kRequest}), (Values{"", ""})) << "two items are there";
  EXPECT_EQ(subject.values({kModality, kProcedure}), Values{}) << "not a sequence";
  EXPECT_EQ(subject.values({}), Values{});
}

TEST(Subject, ReadsNumbersInEitherByteOrderAndNeverFromANote) {
  for (const bool big_endian : {false, true}) {
    Header header;
    header.big_endian = big_endian;
    const ReadHeader read = header.reader();
    // Trimmed of its zero byte the note cannot be told from another number.
    const auto object = noted({{kRows, std::string("\x02", 1)}});
    const ObjectSubject subject(object, read);
    EXPECT_EQ(subject.values({kRows}), Values{big_endian ? "512" : "2"});
  }
}

TEST(Subject, DoesNotTrustANoteThatMayHaveBeenCut) {
  Header header;
  const ReadHeader read = header.reader();
  const auto object = noted({{kModality, std::string(1024, 'X')}});
  const ObjectSubject subject(object, read);
  EXPECT_EQ(subject.values({kModality}), Values{"DX"});
}

TEST(Subject, LongTextIsOneValue) {
  Header header;
  const ReadHeader read = header.reader();
  const auto object = noted({});
  EXPECT_EQ(ObjectSubject(object, read).values({kComment}), Values{"one\\two"});
}

TEST(Subject, SaysThatAHeaderCannotBeReadAndDoesNotTryAgain) {
  Header header;
  header.error = make_error(ErrorKind::corrupt, "spool.bad-seal", "");
  const ReadHeader read = header.reader();
  const auto object = noted({{kModality, "CR"}});
  const ObjectSubject subject(object, read);
  EXPECT_EQ(subject.values({kModality}), Values{"CR"});
  EXPECT_FALSE(subject.failure().has_value());
  EXPECT_EQ(subject.values({kPrivate}), Values{});
  EXPECT_EQ(subject.values({kPixels}), Values{});
  ASSERT_TRUE(subject.failure().has_value());
  EXPECT_EQ(subject.failure()->slug, "spool.bad-seal");
  EXPECT_EQ(header.reads, 1);
}

}  // namespace
}  // namespace veilroute::router

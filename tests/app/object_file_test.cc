// Object files: read as strictly as what a modality sends, and as the same bytes every time.
#include "app/object_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/base/crypto.h"
#include "tests/app/copies.h"

namespace veilroute::app {
namespace {

using namespace testing;

std::string slug_of(const fs::path& file) {
  const auto object = scan_object_file(file, {});
  return object.ok() ? "fine" : object.error().slug;
}

class ObjectFiles : public ::testing::Test {
 protected:
  ObjectFiles() : file_(phantoms(folder_.path() / "in").front()) {}
  fs::path changed(const std::string& old, const std::string& with) {
    const fs::path copy = folder_.path() / ("changed-" + std::to_string(++count_) + ".dcm");
    fs::copy_file(file_, copy);
    overwrite(copy, old, with);
    return copy;
  }
  TemporaryFolder folder_;
  fs::path file_;
  int count_ = 0;
};

TEST_F(ObjectFiles, ThatAreNoFilesAreRefusedWithoutWaiting) {
  ASSERT_EQ(::mkfifo((folder_.path() / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(slug_of(folder_.path() / "pipe"), "file.not-regular");
  EXPECT_EQ(slug_of(folder_.path()), "file.not-regular");
  EXPECT_EQ(slug_of(folder_.path() / "nothing"), "file.unreadable");
  EXPECT_EQ(slug_of("/dev/zero"), "file.not-regular");
}

TEST_F(ObjectFiles, ThatAreNoObjectsAreRefused) {
  const fs::path corpus = VEILROUTE_CORPUS_DIR;
  EXPECT_EQ(slug_of(folder_.write("text", std::string(500, 'a'))), "file.not-dicom");
  EXPECT_EQ(slug_of(corpus / "study-tiny/TINY_ALPHA/DICOMDIR"), "file.media-directory");
}

TEST_F(ObjectFiles, ThatContradictThemselvesAreRefused) {
  const ObjectFile whole = scanned(file_);
  const std::string uid(whole.value(dicom::tags::SOPInstanceUID));
  std::string bytes = test::read_file(file_);
  const std::size_t in_head = bytes.find(uid);
  bytes[in_head + uid.size() - 1] = bytes[in_head + uid.size() - 1] == '1' ? '2' : '1';
  EXPECT_EQ(slug_of(folder_.write("other-uid.dcm", bytes)), "object.uid-unlike-command");
  const std::string study(whole.value(dicom::tags::StudyInstanceUID));
  EXPECT_EQ(slug_of(changed(study, std::string(study.size(), 'x'))), "object.study-uid-absent");
}

TEST_F(ObjectFiles, ThatAreDamagedSayWhere) {
  const std::string bytes = test::read_file(file_);
  const auto object =
      scan_object_file(folder_.write("cut.dcm", bytes.substr(0, bytes.size() - 10)), {});
  ASSERT_FALSE(object.ok());
  EXPECT_EQ(object.error().slug, "dataset.truncated");
  EXPECT_NE(object.error().detail.find("byte "), std::string::npos);
}

TEST_F(ObjectFiles, InAnUnknownTransferSyntaxAreRefused) {
  EXPECT_EQ(slug_of(changed(std::string("1.2.840.10008.1.2.1\0", 20),
                            std::string("1.2.840.10008.1.2.0\0", 20))),
            "transfer-syntax.unknown");
}

TEST_F(ObjectFiles, TellTheirDigestIdentityAndPixels) {
  const ObjectFile object = scanned(file_);
  const std::string bytes = test::read_file(file_);
  const auto dataset =
      std::string_view(bytes).substr(static_cast<std::size_t>(object.head.dataset_offset));
  EXPECT_EQ(object.digest, crypto::sha256(as_bytes(dataset)));
  EXPECT_EQ(object.facts.length_bytes, dataset.size());
  EXPECT_EQ(object.value(dicom::tags::PatientID), "PHANTOM-0001");
  ASSERT_FALSE(object.facts.large.empty());
  EXPECT_EQ(object.facts.large.back().tag, dicom::tags::PixelData);
}

TEST_F(ObjectFiles, GiveTheirHeaderAgainWithoutThePixels) {
  const ObjectFile object = scanned(file_);
  const auto opened = reopen(object);
  ASSERT_TRUE(opened.ok());
  const auto header = read_header(object, **opened);
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->text(dicom::tags::PatientName).reveal(), "PHANTOM^ONE");
  ASSERT_NE(header->find(dicom::tags::PixelData), nullptr);
  EXPECT_EQ(header->find(dicom::tags::PixelData)->holds, dicom::Holds::range);
}

TEST_F(ObjectFiles, ThatWereChangedSinceAreNotOpenedAgain) {
  const ObjectFile object = scanned(file_);
  std::ofstream(file_, std::ios::app) << "x";
  const auto opened = reopen(object);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().slug, "file.changed-meanwhile");
  EXPECT_EQ(opened.error().kind, ErrorKind::unavailable);
}

TEST_F(ObjectFiles, ThatChangeWhileOpenAreNoticed) {
  const auto source = FileSource::open(file_);
  ASSERT_TRUE(source.ok());
  EXPECT_TRUE((*source)->check_unchanged().ok());
  fs::resize_file(file_, 100);
  EXPECT_EQ((*source)->check_unchanged().error().slug, "file.changed-meanwhile");
  Bytes piece(200);
  EXPECT_EQ((*source)->read_at(0, piece).error().slug, "file.changed-meanwhile");
}

TEST_F(ObjectFiles, AreNotReadBeyondTheirEnd) {
  const auto source = FileSource::open(file_);
  Bytes piece(10);
  EXPECT_EQ((*source)->read_at((*source)->size_bytes() - 5, piece).error().slug,
            "file.read-beyond-end");
  EXPECT_EQ((*source)->read_at(UINT64_MAX, piece).error().slug, "file.read-beyond-end");
}

}  // namespace
}  // namespace veilroute::app

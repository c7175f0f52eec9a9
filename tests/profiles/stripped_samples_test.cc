// What other makers' encoders write, with things planted in it: other makers' decoders make the
// same samples of the stripped copy as of the picture that nobody planted anything in.
#include <gtest/gtest.h>

#include "core/dicom/phantom.h"
#include "tests/profiles/stripped.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace veilroute::profiles {
namespace {

using namespace testing;
using namespace test;

struct Codec {
  const char* name;
  std::vector<std::string> encode;
  std::vector<std::string> decode;
};

const std::vector<Codec>& codecs() {
  static const std::vector<Codec> kCodecs = {
      {"lossless JPEG by DCMTK", {"dcmcjpeg", "+e1"}, {"dcmdjpeg"}},
      {"extended JPEG by DCMTK", {"dcmcjpeg", "+ee"}, {"dcmdjpeg"}},
      {"JPEG-LS by DCMTK", {"dcmcjpls"}, {"dcmdjpls"}},
      {"RLE by DCMTK", {"dcmcrle"}, {"dcmdrle"}},
      {"lossless JPEG by GDCM", {"gdcmconv", "--jpeg"}, {"gdcmconv", "--raw"}},
      {"JPEG-LS by GDCM", {"gdcmconv", "--jpegls"}, {"gdcmconv", "--raw"}},
      {"JPEG 2000 by GDCM", {"gdcmconv", "--j2k"}, {"gdcmconv", "--raw"}},
      {"RLE by GDCM", {"gdcmconv", "--rle"}, {"gdcmconv", "--raw"}},
  };
  return kCodecs;
}

struct ReadFile {
  explicit ReadFile(const std::filesystem::path& path) : bytes(support::read_whole_file(path)) {
    MemorySource source(bytes);
    head = dicom::read_file_head(source).value();
  }
  [[nodiscard]] Bytes dataset() const {
    return {bytes.begin() + static_cast<std::ptrdiff_t>(head.dataset_offset), bytes.end()};
  }
  Bytes bytes;
  dicom::FileHead head;
};

std::filesystem::path convert(const TemporaryFolder& folder, std::vector<std::string> command,
                              const std::filesystem::path& from, const char* name) {
  const std::filesystem::path to = folder.path() / name;
  command.push_back(from.string());
  command.push_back(to.string());
  const Finished done = test::run(command);
  EXPECT_EQ(done.exit_code, 0) << command.front() << ": " << done.output;
  return to;
}

/// The content of each fragment, without the offset table.
std::vector<std::string> parts_of(ByteView dataset, const dicom::LargeValue& pixels) {
  std::vector<std::string> parts;
  const std::string_view all = as_text(dataset);
  for (std::size_t at = static_cast<std::size_t>(pixels.begin); at + 8 < pixels.end;) {
    std::size_t length = 0;
    for (unsigned i = 0; i < 4; ++i) {
      length |= static_cast<std::size_t>(static_cast<std::uint8_t>(all[at + 4 + i])) << (8 * i);
    }
    parts.emplace_back(all.substr(at + 8, length));
    at += 8 + length;
  }
  parts.erase(parts.begin());
  return parts;
}

std::size_t end_of_frame(const std::string& frame) {
  const std::size_t end = frame.rfind("\xFF\xD9");
  return end == frame.npos ? frame.size() : end + 2;
}

std::string planted_in(const std::string& frame, const dicom::TransferSyntax& syntax) {
  const std::string rest = "PHANTOM behind";
  if (syntax.uid.value == kRle) return frame + rest;
  const std::string bare = frame.substr(0, end_of_frame(frame));
  if (!syntax.uid.value.starts_with("1.2.840.10008.1.2.4.9")) {
    return bare.substr(0, 2) + segment(0xE1, "Exif\0\0PHANTOM"s + std::string(3000, '+')) +
           segment(0xFE, "PHANTOM") + bare.substr(2) + rest;
  }
  // Behind SIZ, which must come first; and in the header of the first tile-part, whose length
  // grows.
  const std::string comment = segment(0x64, "\0\1PHANTOM^ONE"s);
  const std::size_t size_end =
      4 + static_cast<std::uint8_t>(bare[4]) * 256U + static_cast<std::uint8_t>(bare[5]);
  std::string stream = bare.substr(0, size_end) + comment + bare.substr(size_end);
  const std::size_t tile = stream.find("\xFF\x90");
  std::uint32_t length = 0;
  for (std::size_t i = 6; i < 10; ++i) {
    length = length * 256 + static_cast<std::uint8_t>(stream[tile + i]);
  }
  length += static_cast<std::uint32_t>(comment.size());
  for (std::size_t i = 0; i < 4; ++i) {
    stream[tile + 6 + i] = static_cast<char>((length >> (24 - 8 * i)) & 0xFFU);
  }
  return jp2(stream.insert(tile + 12, comment)) + box("xml ", "<PHANTOM/>");
}

Bytes pixels_in(const ReadFile& file) {
  const auto syntax = dicom::find_transfer_syntax(file.head.transfer_syntax).value();
  const Bytes dataset = file.dataset();
  const dicom::LargeValue pixels = support::scan(dataset, syntax).large.back();
  return {dataset.begin() + static_cast<std::ptrdiff_t>(pixels.begin),
          dataset.begin() + static_cast<std::ptrdiff_t>(pixels.end)};
}

void check_samples(const Codec& codec) {
  const TemporaryFolder folder;
  dicom::PhantomOptions options;
  options.rows = 67;
  options.columns = 51;
  const auto phantom = dicom::make_phantom(options);
  ASSERT_TRUE(phantom.ok());
  const auto native = folder.write("native.dcm", as_text(phantom->file));
  const auto encoded = convert(folder, codec.encode, native, "encoded.dcm");
  ASSERT_FALSE(::testing::Test::HasFailure());
  const ReadFile file(encoded);
  const auto syntax = dicom::find_transfer_syntax(file.head.transfer_syntax).value();
  ASSERT_TRUE(syntax.encapsulated);

  Bytes dataset = file.dataset();
  const dicom::LargeValue pixels = support::scan(dataset, syntax).large.back();
  std::vector<FrameParts> frames;
  for (const std::string& part : parts_of(dataset, pixels)) {
    frames.push_back({planted_in(part, syntax)});
  }
  dataset.resize(static_cast<std::size_t>(pixels.begin));
  const std::string fragments = fragments_of(frames, true, {"PHANTOM behind all"});
  dataset.insert(dataset.end(), fragments.begin(), fragments.end());

  Received received(syntax, dataset);
  ASSERT_TRUE(received.prepare().problems.empty());
  ASSERT_EQ(received.verify(), std::vector<std::string>{});
  const Bytes sent = received.sent();
  Bytes whole = dicom::write_file_head(received.copy.record.sop_class,
                                       received.copy.record.sop_instance, syntax.uid);
  whole.insert(whole.end(), sent.begin(), sent.end());
  const auto stripped = folder.write("stripped.dcm", as_text(whole));
  EXPECT_EQ(as_text(pixels_in(ReadFile(stripped))).find("PHANTOM"), std::string_view::npos);
  const Bytes before = pixels_in(ReadFile(convert(folder, codec.decode, encoded, "a.dcm")));
  const Bytes after = pixels_in(ReadFile(convert(folder, codec.decode, stripped, "b.dcm")));
  EXPECT_EQ(before.size(), 2U * options.rows * options.columns);
  EXPECT_EQ(before, after);
}

TEST(StrippedSamples, AreThoseOfTheSource) {
  for (const Codec& codec : codecs()) {
    SCOPED_TRACE(codec.name);
    check_samples(codec);
  }
}

}  // namespace
}  // namespace veilroute::profiles

// An object that no 32-bit length can tell the size of goes in and out again. Takes minutes and 10 GB:
// tests/nightly runs it (part `big`), with the release build.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/test_sender.h"
#include "tests/walk/copies.h"

namespace veilroute::walk {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kItemHead = 8;

/// A multi-frame data set: a head, then one frame's fragment again and again, then the delimiter.
class RepeatedFrames final : public ByteSource {
 public:
  RepeatedFrames(Bytes head, Bytes frame, Bytes tail, std::uint64_t count)
      : head_(std::move(head)), frame_(std::move(frame)), tail_(std::move(tail)), count_(count) {}
  [[nodiscard]] std::uint64_t size_bytes() const override {
    return head_.size() + frame_.size() * count_ + tail_.size();
  }
  Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    const std::uint64_t frames_end = head_.size() + frame_.size() * count_;
    while (!out.empty()) {
      const bool in_head = offset < head_.size(), in_tail = offset >= frames_end;
      const ByteView part(in_head ? head_ : in_tail ? tail_ : frame_);
      const std::uint64_t at = in_head   ? offset
                               : in_tail ? offset - frames_end
                                         : (offset - head_.size()) % frame_.size();
      const std::size_t count = std::min<std::size_t>(out.size(), part.size() - at);
      std::copy_n(part.begin() + static_cast<std::ptrdiff_t>(at), count, out.begin());
      offset += count;
      out = out.subspan(count);
    }
    return {};
  }

 private:
  Bytes head_, frame_, tail_;
  std::uint64_t count_;
};

Digest digest_of(ByteSource& source, std::uint64_t from) {
  crypto::Hasher hasher;
  Bytes piece(1U << 20U);
  for (std::uint64_t at = from; at < source.size_bytes();) {
    const auto count = static_cast<std::size_t>(
        std::min<std::uint64_t>(piece.size(), source.size_bytes() - at));
    EXPECT_TRUE(source.read_at(at, std::span(piece).first(count)).ok());
    hasher.update(ByteView(piece).first(count));
    at += count;
  }
  return hasher.finish();
}

/// SHA-256 of a file's last bytes.
Digest digest_of_end(const fs::path& path, std::uint64_t bytes) {
  std::ifstream in(path, std::ios::binary);
  in.seekg(-static_cast<std::streamoff>(bytes), std::ios::end);
  crypto::Hasher hasher;
  Bytes piece(1U << 20U);
  while (in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size())) ||
         in.gcount() > 0) {
    hasher.update(ByteView(piece).first(static_cast<std::size_t>(in.gcount())));
  }
  return hasher.finish();
}

std::uint64_t peak_kb(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word; status >> word;) {
    std::uint64_t kb = 0;
    if (word == "VmHWM:" && status >> kb) return kb;
  }
  return 0;
}

/// Where a data set with one native frame, made lossless JPEG by DCMTK, begins to repeat itself.
struct OneFrame {
  Copy copy;
  std::size_t first_item = 0;  ///< of the fragment, behind the offset table
  std::size_t end_of_item = 0;
  ByteView data;
};

OneFrame compressed_frame(const fs::path& folder, std::uint64_t frames) {
  dicom::PhantomOptions options;
  options.kind = dicom::PhantomKind::ct;
  options.number = 1;
  options.rows = options.columns = 1024;
  const Sample sample = write_phantom(folder, options);
  const std::string packed = (folder / "packed.dcm").string();
  // Without an offset table: the one for a single frame would not tell where the others begin.
  const auto made = test::run({"dcmcjpeg", "+e1", "+ua", "-ot", sample.path.string(), packed});
  EXPECT_EQ(made.exit_code, 0) << made.output;
  const auto changed = test::run(
      {"dcmodify", "-nb", "-i", "NumberOfFrames=" + std::to_string(frames), packed});
  EXPECT_EQ(changed.exit_code, 0) << changed.output;
  OneFrame one;
  one.copy = read_copy(packed);
  one.data = ByteView(one.copy.bytes)
                 .subspan(static_cast<std::size_t>(one.copy.head.dataset_offset));
  const dicom::Element* pixels = one.copy.dataset.find(dicom::tags::PixelData);
  if (pixels == nullptr) return one;
  const auto length_at = [&](std::size_t at) {
    return one.data[at + 4] + (one.data[at + 5] << 8U) + (one.data[at + 6] << 16U);
  };
  const auto table = static_cast<std::size_t>(pixels->range.begin);
  one.first_item = table + kItemHead + static_cast<std::size_t>(length_at(table));
  one.end_of_item =
      one.first_item + kItemHead + static_cast<std::size_t>(length_at(one.first_item));
  EXPECT_EQ(one.end_of_item + kItemHead, one.data.size()) << "one fragment, then the delimiter";
  return one;
}

TEST(Big, DISABLED_AnObjectOfMoreThanFourGigabytesGoesThrough) {
  const char* wanted = std::getenv("VEILROUTE_HUGE_MB");
  const std::uint64_t bytes = (wanted ? std::strtoull(wanted, nullptr, 10) : 4400) << 20U;
  TemporaryFolder folder;
  const auto about = compressed_frame(folder.path() / "first", 1);
  const std::uint64_t frames = bytes / (about.end_of_item - about.first_item) + 1;
  const OneFrame one = compressed_frame(folder.path() / "repeated", frames);
  const auto at = [&](std::size_t offset) {
    return one.data.begin() + static_cast<std::ptrdiff_t>(offset);
  };
  RepeatedFrames object(Bytes(one.data.begin(), at(one.first_item)),
                        Bytes(at(one.first_item), at(one.end_of_item)),
                        Bytes(at(one.end_of_item), one.data.end()), frames);
  ASSERT_GE(object.size_bytes(), bytes);

  test::Node node;
  node.start_partner();
  ASSERT_TRUE(node.start()) << test::read_file(node.log_file());
  const std::uint64_t before = peak_kb(node.process().pid());
  test::SenderOptions options;
  options.port = static_cast<std::uint16_t>(node.port());
  options.calling = "DEMO_XRAY";
  dicom::Call call = test::call_of(options);
  call.answer_timeout = 10min;
  const dicom::Interrupt never;
  const dicom::FileHead& head = one.copy.head;
  auto association =
      dicom::Requestor::open(call, {{0, head.sop_class, {head.transfer_syntax}}}, never).value();
  const auto context = association.context(head.sop_class, head.transfer_syntax);
  ASSERT_TRUE(context.has_value());
  const auto request = dicom::c_store_request(1, head.sop_class, head.sop_instance);
  ASSERT_TRUE(association.send(*context, request, &object).ok());
  const auto answer = association.receive_answer(*context, request);
  ASSERT_TRUE(answer.ok()) << answer.error().text();
  EXPECT_EQ(answer->status, 0);
  association.release();

  const std::string digest = to_hex(digest_of(object, 0));
  ASSERT_TRUE(node.wait_until_settled(std::chrono::seconds(1800)))
      << node.verb({"queue", "list"}).output;
  bool received = false;
  for (const auto& entry : node.ledger()) {
    if (entry.at("kind") != "received") continue;
    received = true;
    EXPECT_EQ(entry.at("items")[0].at("digest"), digest) << "the spool holds other bytes";
    EXPECT_EQ(entry.at("items")[0].at("bytes"), object.size_bytes());
  }
  EXPECT_TRUE(received);
  const std::uint64_t grown_mb = (peak_kb(node.process().pid()) - before) / 1024;
  std::cout << object.size_bytes() / 1'000'000 << " MB in " << frames
            << " frames through the node; its memory grew by " << grown_mb << " MB\n";
  EXPECT_LT(grown_mb, 64U);
  const auto files = node.received_files();
  ASSERT_EQ(files.size(), 1U) << node.verb({"queue", "list", "--all"}).output << node.verb({"quarantine", "list"}).output;
  const std::uint64_t of_frames = object.size_bytes() - one.first_item;
  EXPECT_EQ(digest_of_end(files[0], of_frames), digest_of(object, one.first_item));
  expect_accounts_close(node);
}

}  // namespace
}  // namespace veilroute::walk

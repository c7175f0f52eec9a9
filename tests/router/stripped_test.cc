// Compressed pixels with a name beside the picture, from spool to sender: put together from the
// sealed object, the same bytes at every attempt.
#include "tests/router/router_site.h"
#include "tests/support/codestreams.h"
#include "tests/support/encapsulated.h"

namespace veilroute::router {
namespace {

using namespace test;

const std::string kSomebody = segment(0xFE, "SOMEBODY^ELSE");

/// A phantom whose pixels are these frames of JPEG.
dicom::Phantom compressed(const std::vector<FrameParts>& frames) {
  dicom::PhantomOptions options;
  options.rows = options.columns = 16;
  dicom::Phantom phantom = dicom::make_phantom(options).value();
  const auto syntax = dicom::find_transfer_syntax(phantom.transfer_syntax).value();
  const Bytes bytes(phantom.file.begin() + static_cast<std::ptrdiff_t>(phantom.dataset_offset),
                    phantom.file.end());
  MemorySource source(bytes);
  const auto large = support::scan(bytes, syntax).large;
  dicom::Dataset object = dicom::read_dataset(source, syntax, large).value();
  dicom::Dataset::remove(object.root(), dicom::tags::PixelData);
  object.put_text(dicom::tags::NumberOfFrames, dicom::vr::IS, std::to_string(frames.size()));
  phantom.file = dicom::write_dataset(object).value().own;
  const std::string pixels =
      std::string("\xE0\x7F\x10\0OB\0\0\xFF\xFF\xFF\xFF", 12) + fragments_of(frames, true);
  phantom.file.insert(phantom.file.end(), pixels.begin(), pixels.end());
  phantom.transfer_syntax = Uid{kBaseline};
  phantom.dataset_offset = 0;
  return phantom;
}

/// Keeps what it reads, in pieces of an odd length; the first time the line breaks at the end.
class KeepingSender final : public Sender {
 public:
  std::vector<Bytes> seen;
  store::AttemptResult send(const std::vector<Parcel>& parcels, const OnAnswer& on_answer,
                            const std::stop_token&) override {
    store::AttemptResult result;
    result.outcome = store::Outcome::deferred;
    const auto source = parcels.at(0).open().value();
    Bytes bytes(static_cast<std::size_t>(source->size_bytes()));
    constexpr std::size_t kPiece = 37;
    for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
      const std::span<std::uint8_t> rest = std::span(bytes).subspan(at);
      EXPECT_TRUE(source->read_at(at, rest.first(std::min(kPiece, rest.size()))).ok());
    }
    seen.push_back(bytes);
    result.slug = "network.lost";
    if (seen.size() == 1) return result;
    store::ObjectOutcome answer;
    answer.object = parcels.at(0).record->object;
    answer.outcome = store::Outcome::sent;
    answer.sent_digest = crypto::sha256(bytes);
    answer.sent_bytes = bytes.size();
    EXPECT_TRUE(on_answer(answer).ok());
    result.outcome = store::Outcome::sent;
    result.slug.clear();
    return result;
  }
  Result<EchoReport> echo() override { return EchoReport{}; }
};

TEST(Stripped, LeavesWithoutTheNameAndTheSameAgain) {
  RouterSite site;
  site.receive(compressed({{jpeg(kSomebody)}, {jpeg("", "SOMEBODY^ELSE")}}));
  site.plan();
  site.prepare();
  ASSERT_EQ(site.transfers().at(0).state, store::TransferState::cleared);
  KeepingSender sender;
  const auto attempt = [&] {
    return dispatch_due(site.room(), kBone, [&] { return Result<Sender*>(&sender); }, {});
  };
  ASSERT_TRUE(attempt().ok());
  site.clock().advance(std::chrono::hours(24));
  ASSERT_TRUE(attempt().ok());
  EXPECT_EQ(site.transfers().at(0).state, store::TransferState::sent);
  ASSERT_EQ(sender.seen.size(), 2U);
  EXPECT_EQ(sender.seen[0], sender.seen[1]);
  EXPECT_EQ(as_text(sender.seen[0]).find("SOMEBODY"), std::string_view::npos);
  EXPECT_TRUE(as_text(sender.seen[0]).ends_with(fragments_of({{jpeg("")}, {jpeg("")}}, true)));
}

TEST(Stripped, StaysWhereTheFramesAreNotAllThere) {
  RouterSite site;
  site.receive(compressed({{jpeg("", jpeg(""))}, {""}}));
  site.plan();
  site.prepare();
  EXPECT_EQ(site.transfers().at(0).objects.at(0).reason, "deid.pixel-surplus");
}

}  // namespace
}  // namespace veilroute::router

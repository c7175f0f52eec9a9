// Answers of STOW-RS and QIDO-RS as text, well and badly formed; and the body they answer.
#include "router/stow_answer.h"

#include <gtest/gtest.h>

#include "router/stow_body.h"
#include "tests/router/stow_shipment.h"

namespace veilroute::router {
namespace {

std::string nested(char open, std::size_t times) { return std::string(times, open); }

std::string model(const std::string& inside) {
  return "<NativeDicomModel>" + inside + "</NativeDicomModel>";
}

TEST(StowAnswer, TextsThatSayNothingAreUnreadable) {
  const std::string cases[] = {
      "",
      "  ",
      "ok",
      "[]",
      "[{},{}]",
      "{\"00081199\":",
      "{\"00081199\":{}} and more",
      "\"text\"",
      nested('[', 200'000),
      nested('[', 200'000) + nested(']', 200'000),
      "<html></html>",
      "<NativeDicomModel>",
      "<NativeDicomModel/><NativeDicomModel/>",
      "<!DOCTYPE NativeDicomModel [<!ENTITY a \"aa\">]>" + model("&a;"),
      model([] {
        std::string deep;
        for (int i = 0; i < 100; ++i) deep += "<Item>";
        for (int i = 0; i < 100; ++i) deep += "</Item>";
        return deep;
      }()),
      std::string("{\"\xFF\":1}"),
  };
  for (const std::string& text : cases) {
    const auto read = read_stow_answer(text);
    ASSERT_FALSE(read.ok()) << text.substr(0, 60);
    EXPECT_EQ(read.error().slug, "http.answer-unreadable");
  }
}

TEST(StowAnswer, OddItemsAreLeftOutAndTheOthersRead) {
  StowJson said;
  said.stored = {{"1.2.3", 0}, {"1.2.4", 0xB007}};
  const auto plain = read_stow_answer(said.text()).value();
  EXPECT_EQ(plain.size(), 2U);
  EXPECT_EQ(plain.at("1.2.4").status, 0xB007);
  const auto listed = read_stow_answer("\xEF\xBB\xBF [" + said.text() + "]").value();
  EXPECT_EQ(listed.size(), 2U);
  const auto odd = read_stow_answer(
      R"({"00081198":{"vr":"SQ","Value":[7,{},{"00081155":{"Value":[5]}},
         {"00081155":{"Value":["1.2.5 "]},"00081197":{"Value":["49152"]}},
         {"00081155":{"Value":["1.2.6"]},"00081197":{"Value":[70000]}}]},"00081199":"no"})");
  ASSERT_TRUE(odd.ok());
  ASSERT_EQ(odd->size(), 2U);
  EXPECT_EQ(odd->at("1.2.5").status, 0xC000);
  EXPECT_EQ(outcome_of(odd->at("1.2.6")), store::Outcome::deferred) << "a failure without a reason";
}

TEST(StowAnswer, TheNativeModelSaysTheSame) {
  const auto read = read_stow_answer(
      "<?xml version=\"1.0\"?>\n<d:NativeDicomModel xmlns:d=\"x\">"
      "<d:DicomAttribute tag=\"00081198\" vr=\"SQ\"><d:Item number=\"1\">"
      "<d:DicomAttribute tag=\"00081155\" vr=\"UI\"><d:Value number=\"1\">1.2.3</d:Value>"
      "</d:DicomAttribute><d:DicomAttribute vr=\"US\" tag=\"00081197\"><d:Value number=\"1\">42752"
      "</d:Value></d:DicomAttribute></d:Item></d:DicomAttribute>"
      "<d:DicomAttribute tag=\"00081199\" vr=\"SQ\"><d:Item number=\"1\">"
      "<d:DicomAttribute tag=\"00081155\" vr=\"UI\"><d:Value number=\"1\">1.2.4</d:Value>"
      "</d:DicomAttribute></d:Item></d:DicomAttribute></d:NativeDicomModel>");
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->at("1.2.3").status, 0xA700);
  EXPECT_EQ(outcome_of(read->at("1.2.3")), store::Outcome::deferred);
  EXPECT_EQ(outcome_of(read->at("1.2.4")), store::Outcome::sent);
}

TEST(StowBody, IsAsLongAsItSaysHoweverItIsReadAndBeginsAgain) {
  StowShipment shipment;
  shipment.add_phantoms(2);
  shipment.add(Uid{"1.2.840.10008.5.1.4.1.1.2"}, Uid{"2.25.1"}, Uid{"1.2.840.10008.1.2"}, {});
  StowBody body(shipment.parcels());
  std::vector<std::string> texts;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20U}) {
    std::string& text = texts.emplace_back();
    Bytes buffer(piece);
    for (std::size_t count = 1; count > 0;) {
      count = body.read(buffer).value();
      text += as_text(ByteView(buffer).first(count));
    }
    EXPECT_EQ(text.size(), body.size_bytes());
    ASSERT_EQ(body.left().size(), 3U);
    EXPECT_EQ(body.left()[1].sent_digest, crypto::sha256(shipment.data(1)));
    ASSERT_TRUE(body.rewind().ok());
    EXPECT_TRUE(body.left().empty());
  }
  EXPECT_EQ(texts[0], texts[1]);
  EXPECT_EQ(texts[0], texts[2]);
}

TEST(StowBody, ABoundaryThatStandsInAnObjectIsMetAlsoAcrossPieces) {
  for (const std::size_t piece : {std::size_t{5}, std::size_t{47}, std::size_t{4096}}) {
    StowShipment shipment;
    shipment.add(Uid{"1.2"}, Uid{"2.25.1"}, Uid{"1.2.840.10008.1.2"}, Bytes(1000, 7));
    std::string kept;
    shipment.parcels()[0].open = [&kept]() -> Result<std::unique_ptr<ByteSource>> {
      return std::unique_ptr<ByteSource>(std::make_unique<MemorySource>(as_bytes(kept)));
    };
    StowBody body(shipment.parcels());
    const std::string type = body.content_type();
    const std::string boundary = type.substr(type.rfind('=') + 1);
    kept = std::string(300, 'x') + boundary;
    kept += std::string(1000 - kept.size(), 'y');
    Bytes buffer(piece);
    Result<std::size_t> got = std::size_t{1};
    while (got.ok() && *got > 0) got = body.read(buffer);
    ASSERT_FALSE(got.ok()) << piece;
    EXPECT_EQ(got.error().slug, "http.boundary-met");
  }
}

TEST(StowBody, AnObjectOfAnotherLengthThanItsRecordIsNotSent) {
  StowShipment shipment;
  shipment.add(Uid{"1.2"}, Uid{"2.25.1"}, Uid{"1.2.840.10008.1.2"}, Bytes(10, 7));
  shipment.parcels()[0].open = []() -> Result<std::unique_ptr<ByteSource>> {
    return std::unique_ptr<ByteSource>(std::make_unique<MemorySource>(as_bytes("123")));
  };
  StowBody body(shipment.parcels());
  Bytes buffer(4096);
  const auto got = body.read(buffer);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().slug, "outbox.manifest-mismatch");
}

}  // namespace
}  // namespace veilroute::router

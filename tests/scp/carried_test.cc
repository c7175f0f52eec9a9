// What is carried: every transfer syntax and every storage class of the standard, and what is in
// neither; as many contexts and as long PDUs as PS3.8 has. Nothing is recompressed: the spool holds
// the bytes that came.
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <set>
#include <sstream>

#include "tests/dicom/encoded.h"
#include "tests/scp/reception.h"

namespace veilroute::scp {
namespace {

using test::Sendable;

const Uid kCarriedClass{"1.2.840.10008.5.1.4.1.1.2"};
const Uid kCarriedStudy{"1.2.3.9"};
const Uid kPlainSyntax{"1.2.840.10008.1.2.1"};

/// As PS3.6 Table A-1 has them, and one of GE.
enum class Layout { implicit_le, explicit_le, explicit_be, deflated, encapsulated };
struct SyntaxCase {
  std::string uid;
  Layout layout;
};

std::vector<SyntaxCase> every_syntax() {
  std::vector<SyntaxCase> all = {
      {"1.2.840.10008.1.2", Layout::implicit_le},
      {"1.2.840.10008.1.2.1", Layout::explicit_le},
      {"1.2.840.10008.1.2.1.98", Layout::encapsulated},
      {"1.2.840.10008.1.2.1.99", Layout::deflated},
      {"1.2.840.10008.1.2.2", Layout::explicit_be},
      {"1.2.840.10008.1.2.4.94", Layout::explicit_le},  // JPIP: pixels elsewhere
      {"1.2.840.10008.1.2.4.95", Layout::deflated},
      {"1.2.840.10008.1.2.4.204", Layout::explicit_le},
      {"1.2.840.10008.1.2.4.205", Layout::deflated},
      {"1.2.840.10008.1.2.5", Layout::encapsulated},
      {"1.2.840.10008.1.2.7.1", Layout::encapsulated},
      {"1.2.840.10008.1.2.7.2", Layout::encapsulated},
      {"1.2.840.10008.1.2.7.3", Layout::encapsulated},
      {"1.2.840.10008.1.2.8.1", Layout::encapsulated},
      {"1.2.840.113619.5.2", Layout::implicit_le},
  };
  // JPEG, JPEG-LS, JPEG 2000, MPEG, HEVC, JPEG XL, HTJ2K.
  for (const char* last :
       {"50",    "51",    "52",    "53",    "54",    "55",  "56",  "57",  "58",  "59",  "60",
        "61",    "62",    "63",    "64",    "65",    "66",  "70",  "80",  "81",  "90",  "91",
        "92",    "93",    "100",   "101",   "102",   "103", "104", "105", "106", "107", "108",
        "100.1", "101.1", "102.1", "103.1", "104.1", "105.1", "106.1", "110", "111", "112",
        "201",   "202",   "203"}) {
    all.push_back({std::string("1.2.840.10008.1.2.4.") + last, Layout::encapsulated});
  }
  return all;
}

Bytes carried_big_endian(const Uid& instance, ByteView pixels) {
  namespace encoded = dicom::testing;
  using encoded::operator+;
  const auto even = [](std::string text) { return text.size() % 2 ? text + '\0' : text; };
  const auto uid = [&](dicom::Tag tag, const Uid& value) {
    return encoded::element(tag, "UI", even(value.value), true);
  };
  return uid(dicom::tags::SOPClassUID, kCarriedClass) + uid(dicom::tags::SOPInstanceUID, instance) +
         encoded::element(dicom::tags::Modality, "CS", "CT", true) +
         encoded::element(dicom::tags::PatientID, "LO", "PH-1", true) +
         uid(dicom::tags::StudyInstanceUID, kCarriedStudy) +
         uid(dicom::tags::SeriesInstanceUID, Uid{"1.2.3.9.1"}) +
         encoded::element(dicom::tags::PixelData, "OW", as_text(pixels), true);
}

/// Raw deflate; of odd length, as devices send it that forget the padding of PS3.5 A.5.
Bytes carried_deflated(const Bytes& plain) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  Bytes packed(deflateBound(&stream, static_cast<uLong>(plain.size())));
  stream.next_in = const_cast<Bytef*>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (packed.size() % 2 == 0) packed.push_back(0);
  return packed;
}

Bytes carried_data_set(Layout layout, const Uid& instance, const Bytes& pixels) {
  switch (layout) {
    case Layout::implicit_le:
      return test::implicit_data_set(kCarriedClass, instance, kCarriedStudy, pixels);
    case Layout::explicit_be:
      return carried_big_endian(instance, pixels);
    case Layout::deflated:
      return carried_deflated(
          test::explicit_data_set(kCarriedClass, instance, kCarriedStudy, pixels));
    case Layout::encapsulated:
      return test::encapsulated_data_set(kCarriedClass, instance, kCarriedStudy, pixels);
    case Layout::explicit_le:
      break;
  }
  return test::explicit_data_set(kCarriedClass, instance, kCarriedStudy, pixels);
}

Uid carried_instance(std::size_t number) { return Uid{"2.25." + std::to_string(70'000 + number)}; }

std::vector<std::uint16_t> answers(const Reception& reception,
                                   const std::vector<Sendable>& objects) {
  const auto sent = test::send_objects(reception.sender(), objects);
  EXPECT_TRUE(sent.ok()) << sent.error().text();
  return sent.ok() ? *sent : std::vector<std::uint16_t>();
}

TEST(Carried, EveryTransferSyntaxOfTheStandardAsItCame) {
  Reception reception;
  Bytes pixels(70'000);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint8_t>(i * 31 + i / 251);
  }
  const auto cases = every_syntax();
  std::vector<Sendable> objects;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    objects.push_back({kCarriedClass, carried_instance(i), Uid{cases[i].uid},
                       carried_data_set(cases[i].layout, carried_instance(i), pixels)});
    if (cases[i].layout == Layout::deflated) {
      EXPECT_EQ(objects.back().data.size() % 2, 1U);
    }
  }
  EXPECT_EQ(answers(reception, objects), std::vector<std::uint16_t>(objects.size(), 0));
  const auto stored = reception.stored();
  ASSERT_EQ(stored.size(), objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    EXPECT_EQ(stored[i].bytes, objects[i].data) << cases[i].uid;
    EXPECT_EQ(stored[i].object.head.transfer_syntax.value, cases[i].uid);
    EXPECT_EQ(stored[i].object.facts.study, kCarriedStudy) << cases[i].uid;
    EXPECT_EQ(stored[i].object.facts.unusable, "") << cases[i].uid;
  }
}

TEST(Carried, PrivateSyntaxesAndTheRetiredOnesAsTheyCameAndHeld) {
  Reception reception;
  std::vector<Sendable> objects;
  for (const char* syntax : {"1.2.840.113619.999.1", "1.2.840.10008.1.20",
                             "1.2.840.10008.1.2.6.1", "1.2.840.10008.1.2.6.2"}) {
    const Uid uid = carried_instance(objects.size());
    objects.push_back({kCarriedClass, uid, Uid{syntax},
                       carried_data_set(Layout::explicit_le, uid, Bytes(100))});
  }
  const auto statuses = answers(reception, objects);
  const auto stored = reception.stored();
  EXPECT_EQ(stored.size(), objects.size());
  EXPECT_EQ(statuses, std::vector<std::uint16_t>(objects.size(), 0));
  for (std::size_t i = 0; i < stored.size(); ++i) {
    EXPECT_EQ(stored[i].bytes, objects[i].data);
    EXPECT_EQ(stored[i].object.facts.unusable, "transfer-syntax.unknown");
  }
}

/// Of sop-classes.tsv: the class, and its name.
std::vector<std::pair<std::string, std::string>> standard_classes() {
  std::ifstream in(VEILROUTE_SOURCE_DIR "/core/dicom/standard/sop-classes.tsv");
  std::vector<std::pair<std::string, std::string>> classes;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    std::string uid, name;
    std::getline(cells, uid, '\t');
    std::getline(cells, name, '\t');
    classes.emplace_back(uid, name);
  }
  return classes;
}

TEST(Carried, EveryStorageClassOfTheStandardAndTheRetiredOnes) {
  // No patient stands in these (PS3.3): hanging protocols, palettes, templates, protocols, lists.
  const std::set<std::string> nobodys = {
      "1.2.840.10008.1.3.10",          "1.2.840.10008.5.1.4.38.1",
      "1.2.840.10008.5.1.4.39.1",      "1.2.840.10008.5.1.4.43.1",
      "1.2.840.10008.5.1.4.44.1",      "1.2.840.10008.5.1.4.45.1",
      "1.2.840.10008.5.1.4.1.1.200.1", "1.2.840.10008.5.1.4.1.1.200.3",
      "1.2.840.10008.5.1.4.1.1.200.7", "1.2.840.10008.5.1.4.1.1.201.1",
      "1.2.840.10008.5.1.4.1.1.131"};
  auto classes = standard_classes();
  EXPECT_GT(classes.size(), 170U);
  for (const char* retired :
       {"3", "5", "6", "8", "9", "10", "11", "12.3", "77.1", "77.2", "88.1", "88.2", "88.3", "88.4",
        "9.1", "129"}) {
    classes.emplace_back(std::string("1.2.840.10008.5.1.4.1.1.") + retired, "retired");
  }
  for (const char* retired : {"1.2.840.10008.5.1.1.27", "1.2.840.10008.5.1.1.29",
                              "1.2.840.10008.5.1.1.30", "1.2.840.10008.5.1.4.34.1"}) {
    classes.emplace_back(retired, "retired, outside the storage root");
  }
  std::vector<Sendable> objects;
  for (const auto& [uid, name] : classes) {
    const Uid sop_class{uid}, instance = carried_instance(objects.size());
    objects.push_back({sop_class, instance, kPlainSyntax,
                       test::explicit_data_set(sop_class, instance, kCarriedStudy, Bytes(10))});
  }
  Reception reception;
  const auto statuses = answers(reception, objects);
  ASSERT_EQ(statuses.size(), objects.size());
  for (std::size_t i = 0; i < classes.size(); ++i) {
    EXPECT_EQ(statuses[i], nobodys.contains(classes[i].first) ? 0x0122 : 0)
        << classes[i].first << " " << classes[i].second;
  }
}

TEST(Carried, AHundredAndTwentyEightContextsOnOneAssociation) {
  std::vector<dicom::ProposedContext> contexts;
  for (const auto& [uid, name] : standard_classes()) {
    if (uid.starts_with("1.2.840.10008.5.1.4.1.1.") && !uid.ends_with(".131") &&
        uid.find(".1.1.20") == uid.npos && contexts.size() < dicom::kMostContexts) {
      contexts.push_back({0, Uid{uid}, {kPlainSyntax}});
    }
  }
  ASSERT_EQ(contexts.size(), 128U);
  Reception reception;
  const dicom::Interrupt never;
  auto association =
      dicom::Requestor::open(test::call_of(reception.sender()), contexts, never).value();
  std::set<std::uint8_t> ids;
  for (const auto& context : contexts) {
    const auto id = association.context(context.abstract_syntax, kPlainSyntax);
    ASSERT_TRUE(id.has_value()) << context.abstract_syntax.value;
    ids.insert(*id);
  }
  EXPECT_EQ(ids.size(), 128U);
  EXPECT_EQ(*ids.rbegin(), 255);
  // The last context carries as the first does.
  const Uid& last = contexts.back().abstract_syntax;
  const Bytes data = test::explicit_data_set(last, carried_instance(1), kCarriedStudy, Bytes(10));
  const auto request = dicom::c_store_request(1, last, carried_instance(1));
  MemorySource source(data);
  ASSERT_TRUE(association.send(*ids.rbegin(), request, &source).ok());
  EXPECT_EQ(association.receive_answer(*ids.rbegin(), request).value().status, 0);
  association.release();
  EXPECT_EQ(reception.stored().size(), 1U);
}

/// Associated by hand: what the peer takes, and what it was told that it may send.
struct CarriedPeer {
  CarriedPeer(const Reception& reception, std::uint32_t takes) : peer(reception.port()) {
    dicom::AssociateRequest request;
    request.calling = AeTitle{"ER_CR1"};
    request.called = AeTitle{"VEILROUTE"};
    request.implementation_class = Uid{"1.2.3"};
    request.most_pdu_bytes = takes;
    request.contexts = {{1, kCarriedClass, {kPlainSyntax}}};
    peer.write(dicom::encode(request));
    Bytes body;
    EXPECT_EQ(peer.read(&body), 2);
    const auto accept = dicom::decode_associate_ac(body);
    EXPECT_TRUE(accept.ok());
    if (accept.ok()) may_send = accept->most_pdu_bytes;
  }
  void write_fragments(bool command, ByteView bytes, std::uint32_t pdu_bytes) {
    const std::size_t most = pdu_bytes - dicom::kPdvHeaderBytes;
    do {
      const auto count = static_cast<std::uint32_t>(std::min(most, bytes.size()));
      const auto head = dicom::data_pdu_head(1, command, count == bytes.size(), count);
      Bytes pdu(head.begin(), head.end());
      pdu.insert(pdu.end(), bytes.begin(), bytes.begin() + count);
      peer.write(pdu);
      bytes = bytes.subspan(count);
    } while (!bytes.empty());
  }
  /// The answer's status, and the longest PDU that it came in.
  std::pair<int, std::size_t> answer() {
    Bytes command;
    std::size_t longest = 0;
    for (bool last = false; !last;) {
      Bytes body;
      if (peer.read(&body) != 4) return {-1, longest};
      longest = std::max(longest, body.size());
      const std::vector<dicom::Pdv> pdvs = dicom::decode_data(body).value();
      for (const dicom::Pdv& pdv : pdvs) {
        command.insert(command.end(), pdv.bytes.begin(), pdv.bytes.end());
        last = pdv.last;
      }
    }
    return {dicom::decode_command(command).value().status, longest};
  }
  test::RawPeer peer;
  std::uint32_t may_send = 0;
};

TEST(Carried, PdusAsLongAsWeSaidAndAnswersAsShortAsThePeerTakes) {
  Reception reception;
  std::size_t number = 0;
  for (const std::uint32_t pdu_bytes : {128U, 4096U, 16'384U, 65'536U, 131'072U}) {
    CarriedPeer sender(reception, 128);
    EXPECT_EQ(sender.may_send, 131'072U);
    const Uid instance = carried_instance(++number);
    const Bytes data =
        test::explicit_data_set(kCarriedClass, instance, kCarriedStudy, Bytes(300'000, 7));
    sender.write_fragments(true, dicom::encode(dicom::c_store_request(1, kCarriedClass, instance)),
                           128);
    sender.write_fragments(false, data, pdu_bytes);
    const auto [status, longest] = sender.answer();
    EXPECT_EQ(status, 0) << pdu_bytes;
    EXPECT_LE(longest, 128U);
    ASSERT_EQ(reception.stored().size(), number) << pdu_bytes;
    EXPECT_EQ(reception.stored().back().bytes, data) << pdu_bytes;
  }
}

}  // namespace
}  // namespace veilroute::scp

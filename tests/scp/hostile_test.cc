// What somebody sends who means harm, through the real door: what the node answers, and that it is
// as it was before: no descriptor, no thread, no memory more, and a good sender is served.
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>

#include "core/dicom/inflate.h"
#include "tests/scp/speaker.h"
#include "tests/support/certificates.h"
#include "tests/support/footprint.h"
#include "tests/support/wait.h"

namespace veilroute::scp {
namespace {

using test::RawPeer;
using test::Sendable;

/// Much more than one object in pieces may need; far less than any of these bombs unpacked.
constexpr std::size_t kMostGrownKb = 48U << 10U;
/// A moment, on a busy machine with sanitizers.
constexpr std::chrono::seconds kLongestTaken{20};

const Uid kSyntaxExplicit{"1.2.840.10008.1.2.1"};
const Uid kSyntaxDeflated{"1.2.840.10008.1.2.1.99"};
const Uid kSyntaxJpeg{"1.2.840.10008.1.2.4.50"};

void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

/// The usual object, cut before its Pixel Data.
Bytes head_of_object(int number) {
  Bytes all = spoken_object(number);
  all.resize(all.size() - 400 - 12);
  return all;
}

Bytes nested(int number) {
  Bytes out = head_of_object(number);
  const Bytes sequence{0x40, 0, 0x75, 2, 'S', 'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF};
  const Bytes item{0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF};
  for (int i = 0; i < 20'000; ++i) {
    append(out, sequence);
    append(out, item);
  }
  return out;
}

Bytes repeated_tags(int number) {
  Bytes out = head_of_object(number);
  const Bytes columns{0x28, 0, 0x11, 0, 'U', 'S', 2, 0, 2, 0};
  for (int i = 0; i < 10'000; ++i) append(out, columns);
  return out;
}

/// 500,000 fragments of two bytes: in order, only too many.
Bytes fragments(int number) {
  Bytes out = head_of_object(number);
  append(out, {0xE0, 0x7F, 0x10, 0, 'O', 'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF});
  append(out, {0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0});
  const Bytes fragment{0xFE, 0xFF, 0x00, 0xE0, 2, 0, 0, 0, 0xFF, 0xD8};
  out.reserve(out.size() + 500'000 * fragment.size());
  for (int i = 0; i < 500'000; ++i) append(out, fragment);
  append(out, {0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0});
  return out;
}

/// The same where no fragment may be.
Bytes deflated_fragments(int number) { return dicom::deflate_all(fragments(number)).value(); }

/// 64 MB of zeros as some kilobytes, behind a head that can be read.
Bytes bomb(int number) {
  Bytes out = head_of_object(number);
  append(out, {0xE0, 0x7F, 0x10, 0, 'O', 'W', 0, 0, 0, 0, 0, 4});
  out.resize(out.size() + (64U << 20U));
  return dicom::deflate_all(out).value();
}

Bytes lying_length(int number) {
  Bytes out = head_of_object(number);
  append(out, {0xE0, 0x7F, 0x10, 0, 'O', 'W', 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0, 0});
  return out;
}

struct HostileObject {
  const char* what;
  Bytes (*make)(int number);
  Uid syntax;
  const char* held;  ///< the reason for which it is held; empty: as any other
};

TEST(Hostile, ObjectsAreAcknowledgedAndHeldWithinBounds) {
  const HostileObject rows[] = {
      {"20,000 nested sequences", nested, kSyntaxExplicit, "dataset.too-deep"},
      {"10,000 times one tag", repeated_tags, kSyntaxExplicit, "dataset.duplicate-tag"},
      {"500,000 fragments", fragments, kSyntaxJpeg, ""},
      {"500,000 fragments, deflated", deflated_fragments, kSyntaxDeflated, "dataset.bad-fragments"},
      {"a deflate bomb", bomb, kSyntaxDeflated, "dataset.inflates-too-far"},
      {"four gigabytes of pixels that are not there", lying_length, kSyntaxExplicit,
       "dataset.truncated"},
  };
  Reception reception;
  int number = 0;
  for (const HostileObject& row : rows) {
    ++number;
    const std::vector<Sendable> objects{
        {kSpokenClass, spoken_instance(number), row.syntax, row.make(number)}};
    const test::Footprint before = test::footprint();
    const auto began = std::chrono::steady_clock::now();
    const auto sent = test::send_objects(reception.sender(), objects);
    EXPECT_LT(std::chrono::steady_clock::now() - began, kLongestTaken) << row.what;
    const test::Footprint after = test::footprint();
    std::printf("%s: %zu KB sent, %zu KB grown\n", row.what, objects[0].data.size() / 1024,
                test::grown_kb(before, after));
    ASSERT_TRUE(sent.ok()) << row.what << ": " << sent.error().text();
    EXPECT_EQ(*sent, std::vector<std::uint16_t>{0}) << row.what;
    EXPECT_LT(test::grown_kb(before, after), kMostGrownKb) << row.what;
  }
  const auto stored = reception.stored();
  ASSERT_EQ(stored.size(), std::size(rows));
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const bool held = rows[i].held[0] != '\0';
    EXPECT_EQ(stored[i].object.facts.unusable, rows[i].held) << rows[i].what;
    EXPECT_EQ(stored[i].object.state == store::ObjectState::unusable, held) << rows[i].what;
  }
}

bool serves(const Reception& reception, dicom::TlsContext* tls = nullptr) {
  const auto sent = test::send_objects(
      reception.sender(tls),
      {{kSpokenClass, spoken_instance(0), kSyntaxExplicit, spoken_object(0)}});
  return sent.ok() && *sent == std::vector<std::uint16_t>{0};
}

/// `first` behind the header of a PDU of type A-ASSOCIATE-RQ.
Bytes request_with(const Bytes& items) {
  Bytes body(68, ' ');
  std::fill(body.begin(), body.begin() + 4, std::uint8_t{0});
  body[1] = 1;
  std::fill(body.begin() + 36, body.end(), std::uint8_t{0});
  append(body, items);
  Bytes out{1, 0, 0, 0, static_cast<std::uint8_t>(body.size() >> 8U),
            static_cast<std::uint8_t>(body.size())};
  append(out, body);
  return out;
}

Bytes many(const Bytes& item, int times) {
  Bytes out;
  for (int i = 0; i < times; ++i) append(out, item);
  return out;
}

/// Strangers: whatever comes, the answer is A-ABORT, A-ASSOCIATE-RJ or the end.
TEST(Hostile, FirstPdusLeaveNothingBehind) {
  const Bytes context{0x20, 0, 0, 8, 1, 0, 0, 0, 0x30, 0, 0, 0};
  const std::vector<std::pair<const char*, Bytes>> rows = {
      {"a thousand times the same context", request_with(many(context, 1000))},
      {"three application contexts", request_with(many({0x10, 0, 0, 1, '1'}, 3))},
      {"an item longer than its PDU", request_with({0x10, 0, 0xFF, 0xFF, '1'})},
      {"an item within an item that is longer", request_with({0x20, 0, 0, 8, 1, 0, 0, 0, 0x30, 0, 0xFF, 0xFF})},
      {"items of no known type", request_with(many({0x99, 0, 0, 0}, 10'000))},
      {"user information in user information", request_with({0x50, 0, 0, 4, 0x50, 0, 0, 0})},
      {"a quarter of a megabyte announced, nothing sent", {1, 0, 0, 4, 0, 0}},
      {"one byte", {1}},
      {"a release", dicom::encode_release_rq()},
      {"an abort", dicom::encode(dicom::kUserAbort)},
      {"an answer to nothing", {2, 0, 0, 0, 0, 4, 0, 1, 0, 0}},
      {"a data PDU of 4 GB", {4, 0, 0xFF, 0xFF, 0xFF, 0xFF}},
      {"a stranger who is well-behaved", spoken_request("NOBODY")},
  };
  Reception reception;
  ASSERT_TRUE(serves(reception));
  const test::Footprint before = test::footprint();
  for (int round = 0; round < 30; ++round) {
    std::vector<std::unique_ptr<RawPeer>> peers;
    for (const auto& [what, bytes] : rows) {
      peers.push_back(std::make_unique<RawPeer>(reception.port()));
      peers.back()->write(bytes);
    }
    if (round > 0) continue;  // hangs up without a look at the answer
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const bool waits = rows[i].second.size() == 1 || rows[i].second == Bytes{1, 0, 0, 4, 0, 0};
      if (waits) continue;
      const int got = peers[i]->read();
      EXPECT_TRUE(got == kIsAbort || got == kIsReject || got == 0) << rows[i].first << got;
    }
  }
  EXPECT_TRUE(serves(reception));
  EXPECT_TRUE(test::wait_for(
      [&] { return test::footprint().descriptors <= before.descriptors + 2; },
      std::chrono::seconds(8)));
  EXPECT_LT(test::grown_kb(before, test::footprint()), kMostGrownKb);
}

TEST(Hostile, HandshakesThatStopHalfWayAreBounded) {
  const TemporaryFolder folder;
  const test::Authority authority(folder.path(), "ours");
  const test::Identity node = authority.issue("node");
  ReceptionOptions options;
  options.cert = node.cert;
  options.key = node.key;
  options.client_ca = authority.ca();
  Reception reception(options);
  const auto tls = dicom::TlsContext::open(dicom::TlsContext::Side::sender,
                                           {node.cert, node.key, authority.ca()})
                       .value();
  ASSERT_TRUE(serves(reception, tls.get()));
  test::allow_descriptors(4096);
  const test::Footprint before = test::footprint();
  constexpr unsigned kFlood = 400;
  std::vector<std::unique_ptr<dicom::Channel>> half_open;
  for (unsigned i = 0; i < kFlood; ++i) {
    Descriptor socket = test::connected_from(2 + i % 100, reception.port());
    dicom::prepare_socket(socket.get());
    half_open.push_back(tls->connect(std::move(socket), "localhost", "").value());
    EXPECT_TRUE(half_open.back()->handshake().ok());  // the ClientHello, and no more
  }
  EXPECT_TRUE(serves(reception, tls.get()));
  const test::Footprint after = test::footprint();
  std::printf("%u handshakes half way: %zu KB at both ends\n", kFlood,
              test::grown_kb(before, after));
  EXPECT_LE(after.descriptors, before.descriptors + kFlood + kMostHalfOpen + 20);
  half_open.clear();
  EXPECT_TRUE(test::wait_for(
      [&] { return test::footprint().descriptors <= before.descriptors + 2; },
      std::chrono::seconds(8)));
}

}  // namespace
}  // namespace veilroute::scp

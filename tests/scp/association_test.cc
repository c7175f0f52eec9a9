// Associations over real sockets: what is stored, what is answered, and what breaks the rules.
#include "scp/association.h"

#include <gtest/gtest.h>

#include <sstream>
#include <thread>

#include "tests/scp/reception.h"
#include "tests/support/process.h"
#include "tests/support/wait.h"

namespace veilroute::scp {
namespace {

using namespace std::chrono_literals;
using test::Sendable;

const Uid kCt{"1.2.840.10008.5.1.4.1.1.2"};
const Uid kMr{"1.2.840.10008.5.1.4.1.1.4"};
const Uid kImplicit{"1.2.840.10008.1.2"};
const Uid kExplicit{"1.2.840.10008.1.2.1"};
const Uid kJpegLossless{"1.2.840.10008.1.2.4.70"};
const Uid kHtj2k{"1.2.840.10008.1.2.4.201"};
const Uid kStudy{"1.2.3.9"};

Uid instance(int number) { return Uid{"2.25." + std::to_string(4000 + number)}; }

Sendable ct(int number, std::size_t pixel_bytes = 1000) {
  return {kCt, instance(number), kExplicit,
          test::explicit_data_set(kCt, instance(number), kStudy, Bytes(pixel_bytes, 5))};
}

std::vector<std::uint16_t> statuses(const Reception& reception,
                                    const std::vector<Sendable>& objects) {
  const auto sent = test::send_objects(reception.sender(), objects);
  EXPECT_TRUE(sent.ok()) << sent.error().text();
  return sent.ok() ? *sent : std::vector<std::uint16_t>();
}

/// Everything RawPeer needs to speak like a sender.
Bytes request_bytes(const char* calling = "ER_CR1", const char* called = "VEILROUTE") {
  dicom::AssociateRequest request;
  request.calling = AeTitle{calling};
  request.called = AeTitle{called};
  request.implementation_class = Uid{"1.2.3"};
  request.contexts = {{1, kCt, {kExplicit}},
                      {3, Uid{std::string(dicom::kVerificationClass)}, {kImplicit}},
                      {5, Uid{"1.2.840.10008.5.1.4.1.2.2.1"}, {kImplicit}}};
  return dicom::encode(request);
}

Bytes fragment(std::uint8_t context, bool command, bool last, ByteView bytes) {
  const auto head =
      dicom::data_pdu_head(context, command, last, static_cast<std::uint32_t>(bytes.size()));
  Bytes out(head.begin(), head.end());
  out.insert(out.end(), bytes.begin(), bytes.end());
  return out;
}

Bytes command_fragment(std::uint8_t context, const dicom::Command& command) {
  return fragment(context, true, true, dicom::encode(command));
}

constexpr int kAccept = 2, kReject = 3, kData = 4, kReleaseAnswer = 6, kAbort = 7;

/// An association held open by hand.
struct Associated {
  explicit Associated(const Reception& reception) : peer(reception.port()) {
    peer.write(request_bytes());
    EXPECT_EQ(peer.read(), kAccept);
  }
  dicom::Command answer() {
    Bytes body;
    const int type = peer.read(&body);
    EXPECT_EQ(type, kData);
    if (type != kData) return {};
    return dicom::decode_command(dicom::decode_data(body).value()[0].bytes).value();
  }
  void release() {
    peer.write(dicom::encode_release_rq());
    EXPECT_EQ(peer.read(), kReleaseAnswer);
  }
  test::RawPeer peer;
};

TEST(Association, WhatBreaksTheRulesIsAbortedAndLeavesNothing) {
  const dicom::Command store = dicom::c_store_request(1, kCt, instance(1));
  const Bytes data = ct(1).data;
  const auto with_store = [&](const std::vector<Bytes>& more) {
    std::vector<Bytes> out{command_fragment(1, store)};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  };
  struct Case {
    const char* what;
    std::vector<Bytes> pdus;
    dicom::Abort abort;
  };
  dicom::Command answer = dicom::response_to(store, 0);
  dicom::Command echo_with_data = dicom::c_echo_request(1);
  echo_with_data.data_set_type = 1;
  const Case cases[] = {
      {"a context that was not proposed", {command_fragment(7, store)}, dicom::kInvalidParameter},
      {"a context that was refused", {command_fragment(5, store)}, dicom::kInvalidParameter},
      {"data without a command", {fragment(1, false, true, data)}, dicom::kInvalidParameter},
      {"a command in the middle of data",
       with_store({fragment(1, false, false, ByteView(data).first(100)),
                   command_fragment(1, store)}),
       dicom::kInvalidParameter},
      {"two contexts in one message",
       with_store({fragment(3, false, true, ByteView(data).first(100))}),
       dicom::kInvalidParameter},
      {"a fragment of odd length that is not the last",
       with_store({fragment(1, false, false, ByteView(data).first(101))}),
       dicom::kInvalidParameter},
      {"an empty fragment of a command that is not the last", {fragment(1, true, false, {})},
       dicom::kInvalidParameter},
      {"an empty fragment of data that is not the last",
       with_store({fragment(1, false, false, {})}), dicom::kInvalidParameter},
      {"a command that cannot be read", {fragment(1, true, true, Bytes(20, 9))},
       dicom::kInvalidParameter},
      {"a command without end",
       std::vector<Bytes>(2, fragment(1, true, false, Bytes(60'000, 0))), dicom::kInvalidParameter},
      {"an answer nobody asked for", {command_fragment(1, answer)}, dicom::kUnexpectedPdu},
      {"an echo with a data set", {command_fragment(3, echo_with_data)}, dicom::kInvalidParameter},
      {"a second A-ASSOCIATE-RQ", {request_bytes()}, dicom::kUnexpectedPdu},
      {"a release in the middle of data",
       with_store({fragment(1, false, false, ByteView(data).first(100)),
                   dicom::encode_release_rq()}),
       dicom::kUnexpectedPdu},
      {"no PDU at all", {Bytes(10, 0x47)}, dicom::kUnrecognizedPdu},
      {"a PDU that is too long", {{4, 0, 0x7F, 0xFF, 0xFF, 0xFF}}, dicom::kInvalidParameter},
      {"a PDV that is longer than its PDU", {{4, 0, 0, 0, 0, 6, 0, 0, 0, 90, 1, 3}},
       dicom::kInvalidParameter},
  };
  Reception reception;
  for (const Case& one : cases) {
    Associated associated(reception);
    for (const Bytes& pdu : one.pdus) associated.peer.write(pdu);
    Bytes body;
    EXPECT_EQ(associated.peer.read(&body), kAbort) << one.what;
    EXPECT_EQ(body, (Bytes{0, 0, one.abort.source, one.abort.reason})) << one.what;
    EXPECT_EQ(associated.peer.read(), 0) << one.what;
  }
  EXPECT_EQ(reception.stored().size(), 0U);
  EXPECT_FALSE(reception.in_flight().carries(kStudy));
}

TEST(Association, AnObjectThatIsBrokenOffLeavesNothing) {
  Reception reception;
  const Bytes data = ct(1, 200'000).data;
  for (const bool abort : {true, false}) {
    Associated associated(reception);
    associated.peer.write(command_fragment(1, dicom::c_store_request(1, kCt, instance(1))));
    associated.peer.write(fragment(1, false, false, ByteView(data).first(100'000)));
    if (abort) associated.peer.write(dicom::encode(dicom::kUserAbort));
    associated.peer.close();
  }
  EXPECT_EQ(statuses(reception, {ct(2)}), std::vector<std::uint16_t>{0});
  ASSERT_EQ(reception.stored().size(), 1U);
  EXPECT_EQ(reception.stored()[0].object.head.sop_instance, instance(2));
}

TEST(Association, AnIdleOneIsAborted) {
  ReceptionOptions options;
  options.idle = 1s;
  Reception reception(options);
  Associated associated(reception);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(associated.peer.read(), kAbort);
  EXPECT_GE(std::chrono::steady_clock::now() - began, 900ms);
}

TEST(Association, StopsAtOnceInTheMiddleOfAnObject) {
  Reception reception;
  Associated associated(reception);
  associated.peer.write(command_fragment(1, dicom::c_store_request(1, kCt, instance(1))));
  associated.peer.write(fragment(1, false, false, Bytes(1000)));
  const auto began = std::chrono::steady_clock::now();
  reception.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
  EXPECT_EQ(associated.peer.read(), kAbort);
  EXPECT_EQ(reception.stored().size(), 0U);
}

TEST(Association, StopsAtOnceThoughThePeerNeverPauses) {
  Reception reception;
  int last = 0;
  std::jthread peer([&] {
    Associated associated(reception);
    Bytes echoes;
    for (int i = 0; i < 100; ++i) {
      const Bytes one = command_fragment(3, dicom::c_echo_request(1));
      echoes.insert(echoes.end(), one.begin(), one.end());
    }
    for (last = kData; last == kData;) {
      associated.peer.write(echoes);
      for (int i = 0; i < 100 && last == kData; ++i) last = associated.peer.read();
    }
  });
  std::this_thread::sleep_for(200ms);
  const auto began = std::chrono::steady_clock::now();
  reception.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
  peer.join();
  EXPECT_EQ(last, kAbort);
}

/// Of the lines of a log about `event`: how many there are, and how many they say were left out.
std::pair<unsigned, unsigned> lines_about(const std::string& event, const std::string& log) {
  std::istringstream lines(log);
  std::pair<unsigned, unsigned> found{0, 0};
  for (std::string line; std::getline(lines, line);) {
    if (line.find("event=" + event + " ") == line.npos) continue;
    ++found.first;
    const std::size_t at = line.find("unlogged=");
    if (at != line.npos) found.second += static_cast<unsigned>(std::stoul(line.substr(at + 9)));
  }
  return found;
}

TEST(Association, AFloodOfRefusalsLeavesFewLinesInTheLog) {
  Reception reception;
  dicom::Command no_data = dicom::c_store_request(1, kCt, instance(1));
  no_data.data_set_type = dicom::kNoDataSet;
  testing::internal::CaptureStderr();
  const auto began = std::chrono::steady_clock::now();
  constexpr unsigned kMany = 200;
  // Several associations are one source all the same.
  for (int i = 0; i < 4; ++i) {
    Associated associated(reception);
    for (unsigned j = 0; j < kMany / 4; ++j) {
      associated.peer.write(command_fragment(1, no_data));
      EXPECT_EQ(associated.answer().status, 0xC000);
    }
    associated.release();
  }
  const auto took =
      std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - began).count();
  std::this_thread::sleep_for(1s);
  Associated associated(reception);
  associated.peer.write(command_fragment(1, no_data));
  EXPECT_EQ(associated.answer().status, 0xC000);
  const auto [lines, unlogged] =
      lines_about("object.refused", testing::internal::GetCapturedStderr());
  EXPECT_LE(lines, kMostRefusalsLoggedPerSecond * static_cast<unsigned>(took) + 1);
  EXPECT_EQ(lines + unlogged, kMany + 1);
}

TEST(Association, RefusedObjectsGetTheirStatusAndTheNextOneIsTaken) {
  struct Case {
    const char* what;
    Sendable object;
    std::uint16_t status;
  };
  const auto change = [](Sendable object, auto edit) {
    edit(object);
    return object;
  };
  const Case cases[] = {
      {"another instance than announced",
       change(ct(1), [](Sendable& s) { s.sop_instance = instance(77); }), 0xA900},
      {"another class than announced",
       change(ct(1), [](Sendable& s) { s.sop_class = kMr; }), 0xA900},
      {"no study",
       change(ct(1),
              [](Sendable& s) {
                s.data = test::explicit_data_set(kCt, instance(1), Uid{}, Bytes(10));
              }),
       0x0122},
      {"no class",
       change(ct(1),
              [](Sendable& s) {
                s.data = test::explicit_data_set(Uid{}, instance(1), kStudy, Bytes(10));
              }),
       0xC000},
      {"no instance",
       change(ct(1),
              [](Sendable& s) {
                s.data = test::explicit_data_set(kCt, Uid{}, kStudy, Bytes(10));
              }),
       0xC000},
      {"an empty data set", change(ct(1), [](Sendable& s) { s.data.clear(); }), 0xC000},
      {"garbage", change(ct(1), [](Sendable& s) { s.data = Bytes(5000, 0xEE); }), 0xC000},
  };
  Reception reception;
  int next = 100;
  for (const Case& one : cases) {
    ++next;
    const auto answers = statuses(reception, {one.object, ct(next)});
    ASSERT_EQ(answers.size(), 2U) << one.what;
    EXPECT_EQ(answers[0], one.status) << one.what << std::hex << " " << answers[0];
    EXPECT_EQ(answers[1], 0) << one.what;
  }
  EXPECT_EQ(reception.stored().size(), std::size(cases));
}

TEST(Association, NoRoomIsA700AndTheAssociationGoesOn) {
  ReceptionOptions options;
  options.reserve_bytes = 1ULL << 62U;
  Reception reception(options);
  EXPECT_EQ(statuses(reception, {ct(1, 500'000), ct(2)}),
            (std::vector<std::uint16_t>{0xA700, 0xA700}));
  EXPECT_EQ(reception.stored().size(), 0U);
}

TEST(Association, UnknownOperationsAreAnsweredAndDrained) {
  Reception reception;
  Associated associated(reception);
  dicom::Command find = dicom::c_store_request(9, kCt, Uid{});
  find.field = 0x0020;
  associated.peer.write(command_fragment(1, find));
  associated.peer.write(fragment(1, false, false, Bytes(1000)));
  associated.peer.write(fragment(1, false, true, Bytes(1000)));
  const dicom::Command answer = associated.answer();
  EXPECT_EQ(answer.field, 0x8020);
  EXPECT_EQ(answer.status, 0x0211);
  EXPECT_EQ(answer.responded_to, 9);
  dicom::Command without_data = find;
  without_data.data_set_type = dicom::kNoDataSet;
  associated.peer.write(command_fragment(1, without_data));
  EXPECT_EQ(associated.answer().status, 0x0211);
  dicom::Command store = dicom::c_store_request(10, kCt, instance(1));
  store.data_set_type = dicom::kNoDataSet;
  associated.peer.write(command_fragment(1, store));
  EXPECT_EQ(associated.answer().status, 0xC000);
  dicom::Command cancel;
  cancel.field = dicom::command_field::c_cancel_rq;
  associated.peer.write(command_fragment(1, cancel));
  associated.peer.write(command_fragment(3, dicom::c_echo_request(11)));
  EXPECT_EQ(associated.answer().status, 0);
  associated.peer.write(command_fragment(1, dicom::c_echo_request(12)));
  EXPECT_EQ(associated.answer().status, 0x0122);
  associated.peer.write(command_fragment(1, dicom::c_store_request(13, kMr, instance(1))));
  associated.peer.write(fragment(1, false, true, ct(1).data));
  EXPECT_EQ(associated.answer().status, 0x0122);
  associated.release();
  EXPECT_EQ(reception.stored().size(), 0U);
}

TEST(Association, CommandsAndDataInAnyFragmentsAreOneObject) {
  Reception reception;
  Associated associated(reception);
  const Bytes command = dicom::encode(dicom::c_store_request(1, kCt, instance(1)));
  const Bytes data = ct(1, 5000).data;
  associated.peer.write(fragment(1, true, false, ByteView(command).first(5)));
  associated.peer.write(fragment(1, true, true, ByteView(command).subspan(5)));
  // Two fragments in one PDU.
  Bytes both = fragment(1, false, false, ByteView(data).first(1000));
  const Bytes second = fragment(1, false, false, ByteView(data).subspan(1000, 2));
  both.insert(both.end(), second.begin() + dicom::kPduHeaderBytes, second.end());
  both[4] = static_cast<std::uint8_t>((both.size() - dicom::kPduHeaderBytes) >> 8U);
  both[5] = static_cast<std::uint8_t>((both.size() - dicom::kPduHeaderBytes) & 0xFFU);
  associated.peer.write(both);
  associated.peer.write(fragment(1, false, false, ByteView(data).subspan(1002)));
  associated.peer.write(fragment(1, false, true, {}));
  EXPECT_EQ(associated.answer().status, 0);
  EXPECT_TRUE(reception.in_flight().carries(kStudy));
  associated.release();
  ASSERT_EQ(reception.stored().size(), 1U);
  EXPECT_EQ(reception.stored()[0].bytes, data);
  EXPECT_TRUE(test::wait_for([&] { return !reception.in_flight().carries(kStudy); }, 5s));
}

TEST(Association, EverySyntaxIsStoredBitByBit) {
  Reception reception;
  std::vector<Sendable> objects;
  Bytes pixels(70'000);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 31);
  const auto add = [&](const Uid& syntax, auto make) {
    const Uid uid = instance(static_cast<int>(objects.size()) + 1);
    objects.push_back({kCt, uid, syntax, make(kCt, uid, kStudy, pixels)});
  };
  add(kExplicit, test::explicit_data_set);
  add(kImplicit, test::implicit_data_set);
  for (const char* syntax :
       {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80",
        "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202",
        "1.2.840.10008.1.2.4.203", "1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.5"}) {
    add(Uid{syntax}, test::encapsulated_data_set);
  }
  EXPECT_EQ(statuses(reception, objects), std::vector<std::uint16_t>(objects.size(), 0));
  const std::vector<Stored> stored = reception.stored();
  ASSERT_EQ(stored.size(), objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const store::SpooledObject& object = stored[i].object;
    EXPECT_EQ(stored[i].bytes, objects[i].data) << objects[i].transfer_syntax.value;
    EXPECT_EQ(object.head.transfer_syntax, objects[i].transfer_syntax);
    EXPECT_EQ(object.head.sop_instance, objects[i].sop_instance);
    EXPECT_EQ(object.head.source.value, "er-one");
    EXPECT_EQ(object.head.listener.value, "ward");
    EXPECT_EQ(object.head.calling_ae.value, "ER_CR1");
    EXPECT_EQ(object.facts.digest, crypto::sha256(objects[i].data));
    EXPECT_EQ(object.facts.study, kStudy);
    EXPECT_EQ(object.facts.patient_id.reveal(), "PH-1");
    EXPECT_EQ(object.facts.issuer.reveal(), "HOSPITAL");
    EXPECT_EQ(object.facts.unusable, "") << objects[i].transfer_syntax.value;
    EXPECT_EQ(object.facts.match_facts.size(), 1U);
    EXPECT_EQ(object.facts.large.size(), 1U);
  }
  EXPECT_EQ(reception.rings(), objects.size());
}

TEST(Association, WhatCannotBeUnderstoodIsTakenAndHeld) {
  Reception reception;
  Sendable cut = ct(1, 1000);
  cut.data.resize(cut.data.size() - 100);  // Pixel Data shorter than it says
  Sendable odd = ct(2, 1000);
  odd.data.pop_back();
  EXPECT_EQ(statuses(reception, {cut, odd}), (std::vector<std::uint16_t>{0, 0}));
  const auto stored = reception.stored();
  ASSERT_EQ(stored.size(), 2U);
  for (const Stored& one : stored) {
    EXPECT_EQ(one.object.state, store::ObjectState::unusable);
    EXPECT_FALSE(one.object.facts.unusable.empty());
  }
  EXPECT_EQ(stored[0].bytes, cut.data);
}

TEST(Association, PrivateClassesOnlyWhereTheListenerAdmitsThem) {
  const Uid private_class{"1.2.840.113619.4.30"};
  const Sendable object{private_class, instance(1), kExplicit,
                        test::explicit_data_set(private_class, instance(1), kStudy, Bytes(10))};
  Reception strict;
  EXPECT_EQ(statuses(strict, {object}), std::vector<std::uint16_t>{0x0122});
  ReceptionOptions options;
  options.private_classes = true;
  Reception open(options);
  EXPECT_EQ(statuses(open, {object}), std::vector<std::uint16_t>{0});
}

TEST(Association, SixteenAtOnceStoreEverything) {
  ReceptionOptions options;
  options.most_associations = 16;
  Reception reception(options);
  constexpr int kEach = 10;
  {
    std::vector<std::jthread> senders;
    for (int i = 0; i < 16; ++i) {
      senders.emplace_back([&reception, i] {
        std::vector<Sendable> objects;
        for (int j = 0; j < kEach; ++j) objects.push_back(ct(1000 + i * 100 + j, 60'000));
        const auto sent = test::send_objects(reception.sender(), objects);
        EXPECT_TRUE(sent.ok() && *sent == std::vector<std::uint16_t>(kEach, 0));
      });
    }
  }
  EXPECT_EQ(reception.stored().size(), 16U * kEach);
}

TEST(Association, StorescuAndDcmsendAreContent) {
  const std::filesystem::path corpus =
      std::filesystem::path(VEILROUTE_CORPUS_DIR) / "study-tiny/TINY_ALPHA/PT000000/ST000000";
  ASSERT_TRUE(std::filesystem::exists(corpus)) << "the corpus stands beside the checkout";
  Reception reception;
  const std::string port = std::to_string(reception.port());
  const auto storescu = test::run({"storescu", "-v", "-aet", "ER_CR1", "-aec", "VEILROUTE", "+sd",
                                   "+r", "127.0.0.1", port, corpus.string()});
  EXPECT_EQ(storescu.exit_code, 0) << storescu.output;
  const std::size_t first = reception.stored().size();
  EXPECT_GT(first, 0U);
  const auto dcmsend = test::run({"dcmsend", "-v", "-dn", "-aet", "ER_CR2", "-aec", "VEILROUTE",
                                  "+sd", "+r", "127.0.0.1", port, corpus.string()});
  EXPECT_EQ(dcmsend.exit_code, 0) << dcmsend.output;
  EXPECT_GT(reception.stored().size(), first);
  const auto echo = test::run({"echoscu", "-aet", "ER_CR1", "-aec", "VEILROUTE", "127.0.0.1", port});
  EXPECT_EQ(echo.exit_code, 0) << echo.output;
}

}  // namespace
}  // namespace veilroute::scp

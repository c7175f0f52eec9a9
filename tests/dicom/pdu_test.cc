#include "core/dicom/pdu.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "core/dicom/command.h"
#include "tests/support/mutate.h"

// The fuzz target's entry, so that every run of the tests fuzzes a little.
#include "tests/fuzz/pdu_fuzz.cc"

namespace veilroute::dicom {
namespace {

AssociateRequest sample_request() {
  AssociateRequest request;
  request.called = AeTitle{"VEILROUTE"};
  request.calling = AeTitle{"ER_CR1"};
  request.implementation_class = Uid{"1.2.3"};
  request.implementation_version = "TEST_1";
  request.contexts = {
      {1, Uid{std::string(kVerificationClass)}, {Uid{"1.2.840.10008.1.2"}}},
      {3, Uid{"1.2.840.10008.5.1.4.1.1.2"}, {Uid{"1.2.840.10008.1.2.1"}, Uid{"1.2.840.10008.1.2"}}},
  };
  return request;
}

AssociateAccept sample_accept() {
  AssociateAccept accept;
  accept.names = associate_names(ByteView(encode(sample_request())).subspan(kPduHeaderBytes));
  accept.implementation_class = Uid{"1.2.3"};
  accept.contexts = {{1, ContextResult::accepted, Uid{"1.2.840.10008.1.2"}},
                     {3, ContextResult::abstract_syntax_not_supported, Uid{}}};
  return accept;
}

ByteView body_of(const Bytes& pdu) { return ByteView(pdu).subspan(kPduHeaderBytes); }

Result<PduHeader> header_of(const Bytes& pdu) {
  return decode_header(ByteView(pdu).first<kPduHeaderBytes>());
}

/// The sample request's body with raw items added, inside user information or behind it.
Bytes body_with(const Bytes& items, bool in_user_information) {
  Bytes pdu = encode(sample_request());
  if (in_user_information) {
    std::size_t at = kPduHeaderBytes + 68;
    while (pdu[at] != 0x50) at += 4U + static_cast<std::size_t>(pdu[at + 2] << 8U | pdu[at + 3]);
    const auto length = static_cast<std::size_t>(pdu[at + 2] << 8U | pdu[at + 3]) + items.size();
    pdu[at + 2] = static_cast<std::uint8_t>(length >> 8U);
    pdu[at + 3] = static_cast<std::uint8_t>(length & 0xFFU);
  }
  pdu.insert(pdu.end(), items.begin(), items.end());
  return Bytes(pdu.begin() + kPduHeaderBytes, pdu.end());
}

TEST(Pdu, RefusesEveryAssociateRequestThatIsNotStrictlyRight) {
  struct Case {
    const char* what;
    std::function<Bytes()> body;
  };
  const auto with = [](std::function<void(AssociateRequest&)> change) {
    return [change] {
      AssociateRequest request = sample_request();
      change(request);
      const Bytes pdu = encode(request);
      return Bytes(pdu.begin() + kPduHeaderBytes, pdu.end());
    };
  };
  const Case cases[] = {
      {"no context", with([](auto& r) { r.contexts.clear(); })},
      {"an even context id", with([](auto& r) { r.contexts[0].id = 2; })},
      {"the same context id twice", with([](auto& r) { r.contexts[1].id = 1; })},
      {"no transfer syntax", with([](auto& r) { r.contexts[0].transfer_syntaxes.clear(); })},
      {"more than 128 contexts", with([](auto& r) { r.contexts.resize(129, r.contexts[0]); })},
      {"two user identities",
       [] { return body_with({0x58, 0, 0, 2, 1, 0, 0x58, 0, 0, 2, 1, 0}, true); }},
      {"two maximum lengths", [] { return body_with({0x51, 0, 0, 4, 0, 0, 0, 0}, true); }},
      {"two implementation classes", [] { return body_with({0x52, 0, 0, 1, '1'}, true); }},
      {"two implementation versions", [] { return body_with({0x55, 0, 0, 1, 'A'}, true); }},
      {"two application contexts", [] { return body_with({0x10, 0, 0, 1, '1'}, false); }},
      {"two user informations", [] { return body_with({0x50, 0, 0, 0}, false); }},
      {"an item that is longer than the rest", [] { return body_with({0x99, 0, 0, 9, 1}, false); }},
      {"an item header cut short", [] { return body_with({0x99, 0, 0}, false); }},
      {"a user item that is longer than the rest",
       [] { return body_with({0x99, 0, 0, 9, 1}, true); }},
      {"nothing at all", [] { return Bytes(); }},
      {"the fixed part alone", [] { return Bytes(68); }},
  };
  for (const Case& one : cases) {
    const auto decoded = decode_associate_rq(one.body());
    ASSERT_FALSE(decoded.ok()) << one.what;
    EXPECT_EQ(decoded.error().slug, "pdu.malformed") << one.what;
  }
}

TEST(Pdu, EveryShorteningOfARequestIsRefused) {
  const Bytes pdu = encode(sample_request());
  const ByteView body = body_of(pdu);
  for (std::size_t length = 0; length < body.size(); ++length) {
    EXPECT_FALSE(decode_associate_rq(body.first(length)).ok()) << length;
  }
}

TEST(Pdu, ReadsBackTheRequestItWrote) {
  const Bytes pdu = encode(sample_request());
  ASSERT_TRUE(header_of(pdu).ok());
  EXPECT_EQ(header_of(pdu)->type, PduType::associate_rq);
  EXPECT_EQ(header_of(pdu)->length, pdu.size() - kPduHeaderBytes);
  const auto decoded = decode_associate_rq(body_of(pdu));
  ASSERT_TRUE(decoded.ok()) << decoded.error().text();
  EXPECT_EQ(*decoded, sample_request());
}

TEST(Pdu, ARequestProposesTheRoleOfScpAsPs37Has) {
  AssociateRequest request = sample_request();
  request.roles = {{Uid{"1.2.840.10008.1.20.1"}, false, true}};
  const Bytes pdu = encode(request);
  const std::string item = std::string("\x54\0\0\x18\0\x14", 6) + "1.2.840.10008.1.20.1" +
                           std::string("\0\x01", 2);
  EXPECT_NE(as_text(pdu).find(item), std::string_view::npos);
  EXPECT_TRUE(decode_associate_rq(body_of(pdu)).ok());
}

TEST(Pdu, TakesUnknownItemsAsyncOperationsRolesAndOneUserIdentity) {
  const Bytes items{0x53, 0, 0, 4, 0, 1, 0, 1, 0x54, 0, 0, 1, 0, 0x54, 0, 0, 1,
                    0,    0x58, 0, 0, 2, 1, 0, 0x77, 0, 0, 1, 9};
  const auto decoded = decode_associate_rq(body_with(items, true));
  ASSERT_TRUE(decoded.ok()) << decoded.error().text();
  EXPECT_EQ(*decoded, sample_request());
}

TEST(Pdu, NamesWithControlCharactersAndWhatIsNoUidComeAsEmpty) {
  AssociateRequest request = sample_request();
  request.calling = AeTitle{"BAD\nTITLE"};
  request.contexts[0].abstract_syntax = Uid{"1.2.x"};
  request.contexts[1].transfer_syntaxes = {Uid{"none"}, Uid{"1.2.840.10008.1.2"}};
  const auto decoded = decode_associate_rq(body_of(encode(request)));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->calling.value, "");
  EXPECT_EQ(decoded->contexts[0].abstract_syntax.value, "");
  ASSERT_EQ(decoded->contexts[1].transfer_syntaxes.size(), 1U);
}

TEST(Pdu, ReadsBackAcceptAndRejectAndWritesAborts) {
  const auto accept = decode_associate_ac(body_of(encode(sample_accept())));
  ASSERT_TRUE(accept.ok()) << accept.error().text();
  EXPECT_EQ(*accept, sample_accept());
  const auto reject = decode_associate_rj(body_of(encode(kLocalLimitExceeded)));
  ASSERT_TRUE(reject.ok());
  EXPECT_EQ(*reject, kLocalLimitExceeded);
  EXPECT_EQ(encode(kInvalidParameter), (Bytes{7, 0, 0, 0, 0, 4, 0, 0, 2, 6}));
}

TEST(Pdu, AnAcceptRepeatsTheNamesBitForBit) {
  Bytes request = encode(sample_request());
  // Titles padded in front and behind by what nobody should send, and reserved bytes in use.
  for (std::size_t i = 10; i < 74; ++i) request[i] = static_cast<std::uint8_t>(i * 37);
  AssociateAccept accept = sample_accept();
  accept.names = associate_names(body_of(request));
  const Bytes answer = encode(accept);
  EXPECT_TRUE(std::equal(request.begin() + 10, request.begin() + 74, answer.begin() + 10));
  EXPECT_EQ(answer[74], 0x10);
  EXPECT_EQ(decode_associate_ac(body_of(answer))->names, accept.names);
}

TEST(Pdu, AnAcceptWithoutATransferSyntaxIsRefused) {
  AssociateAccept accept = sample_accept();
  accept.contexts[0].transfer_syntax = Uid{};
  EXPECT_FALSE(decode_associate_ac(body_of(encode(accept))).ok());
}

TEST(Pdu, LimitsTheLengthOfEachKind) {
  struct Case {
    std::uint8_t type;
    std::uint32_t length;
    const char* slug;
  };
  const Case cases[] = {
      {0x47, 100, "pdu.unknown-type"},  // an HTTP "GET"
      {0x16, 100, "pdu.unknown-type"},  // a TLS ClientHello
      {0, 4, "pdu.unknown-type"},
      {1, kMostAssociateBytes + 1, "pdu.too-long"},
      {1, 0xFFFFFFFF, "pdu.too-long"},
      {1, 67, "pdu.malformed"},
      {4, kMostDataPduBytes + 1, "pdu.too-long"},
      {4, 5, "pdu.malformed"},
      {5, 5, "pdu.too-long"},
      {7, 3, "pdu.malformed"},
  };
  for (const Case& one : cases) {
    const std::array<std::uint8_t, kPduHeaderBytes> head{
        one.type,
        0,
        static_cast<std::uint8_t>(one.length >> 24U),
        static_cast<std::uint8_t>(one.length >> 16U & 0xFFU),
        static_cast<std::uint8_t>(one.length >> 8U & 0xFFU),
        static_cast<std::uint8_t>(one.length & 0xFFU)};
    const auto decoded = decode_header(head);
    ASSERT_FALSE(decoded.ok()) << one.slug;
    EXPECT_EQ(decoded.error().slug, one.slug) << int{one.type} << " " << one.length;
  }
}

TEST(Pdu, RefusesFragmentsWhoseLengthsDoNotAddUp) {
  const Bytes cases[] = {
      {},
      {0, 0, 0, 2, 1},
      {0, 0, 0, 1, 1, 0},
      {0, 0, 0, 4, 1, 0, 9},
      {0, 0, 0, 2, 1, 0, 0},
      {0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 9, 9},
  };
  for (const Bytes& one : cases) EXPECT_FALSE(decode_data(one).ok());
}

TEST(Pdu, OnlyTheLastFragmentMayBeEmpty) {
  for (const unsigned control : {0U, 1U, 2U, 3U}) {
    const auto byte = static_cast<std::uint8_t>(control);
    const Bytes alone{0, 0, 0, 2, 3, byte};
    Bytes behind_another{0, 0, 0, 4, 3, byte, 7, 8};
    behind_another.insert(behind_another.end(), alone.begin(), alone.end());
    const bool last = (control & 2U) != 0;
    for (const Bytes& body : {alone, behind_another}) {
      const auto pdvs = decode_data(body);
      EXPECT_EQ(pdvs.ok() ? "" : pdvs.error().slug, last ? "" : "pdu.malformed") << control;
    }
  }
}

TEST(Pdu, ReadsSeveralFragmentsOfOnePdu) {
  const Bytes body{0, 0, 0, 4, 3, 1, 7, 8, 0, 0, 0, 3, 3, 2, 9};
  const auto pdvs = decode_data(body);
  ASSERT_TRUE(pdvs.ok());
  ASSERT_EQ(pdvs->size(), 2U);
  EXPECT_TRUE((*pdvs)[0].command);
  EXPECT_FALSE((*pdvs)[0].last);
  EXPECT_EQ((*pdvs)[0].bytes.size(), 2U);
  EXPECT_FALSE((*pdvs)[1].command);
  EXPECT_TRUE((*pdvs)[1].last);
  EXPECT_EQ((*pdvs)[1].bytes[0], 9);
}

TEST(Pdu, ADataHeadFitsItsFragment) {
  const auto head = data_pdu_head(5, false, true, 1000);
  Bytes pdu(head.begin(), head.end());
  pdu.resize(pdu.size() + 1000);
  ASSERT_TRUE(header_of(pdu).ok());
  EXPECT_EQ(header_of(pdu)->length, pdu.size() - kPduHeaderBytes);
  const auto pdvs = decode_data(body_of(pdu));
  ASSERT_TRUE(pdvs.ok());
  EXPECT_EQ((*pdvs)[0].context, 5);
  EXPECT_EQ((*pdvs)[0].bytes.size(), 1000U);
}

TEST(Pdu, MutatedBytesNeverDoHarm) {
  const Bytes seeds[] = {
      encode(sample_request()),
      encode(sample_accept()),
      encode(kLocalLimitExceeded),
      encode(kUserAbort),
      encode_release_rq(),
      {4, 0, 0, 0, 0, 15, 0, 0, 0, 4, 3, 1, 7, 8, 0, 0, 0, 3, 3, 2, 9},
      [] {
        Bytes pdu(kPduHeaderBytes);
        const Bytes command = encode(c_store_request(7, Uid{"1.2.3"}, Uid{"1.2.3.4"}));
        pdu.insert(pdu.end(), command.begin(), command.end());
        return pdu;
      }(),
  };
  std::mt19937 random(20261124);
  for (const Bytes& seed : seeds) {
    for (int i = 0; i < 5000; ++i) {
      // An exact copy on the heap: a byte read beyond its end is seen by the sanitizer.
      const Bytes damaged = test::mutated(seed, random);
      const Bytes exact(damaged);
      ASSERT_EQ(LLVMFuzzerTestOneInput(exact.data(), exact.size()), 0);
    }
  }
}

}  // namespace
}  // namespace veilroute::dicom

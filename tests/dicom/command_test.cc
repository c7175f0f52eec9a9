#include "core/dicom/command.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace veilroute::dicom {
namespace {

Bytes element(std::uint16_t number, const Bytes& value, std::uint16_t group = 0) {
  Bytes out{static_cast<std::uint8_t>(group & 0xFFU), static_cast<std::uint8_t>(group >> 8U),
            static_cast<std::uint8_t>(number & 0xFFU), static_cast<std::uint8_t>(number >> 8U),
            static_cast<std::uint8_t>(value.size()), 0, 0, 0};
  out.insert(out.end(), value.begin(), value.end());
  return out;
}

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

const Bytes kField = element(0x0100, {0x01, 0x00});
const Bytes kMessage = element(0x0110, {0x07, 0x00});
const Bytes kDataType = element(0x0800, {0x00, 0x00});

TEST(Command, RefusesWhatIsNotStrictlyRight) {
  struct Case {
    const char* what;
    Bytes bytes;
  };
  const Case cases[] = {
      {"nothing", {}},
      {"no command field", joined({kMessage, kDataType})},
      {"no data set type", joined({kField, kMessage})},
      {"no message id", joined({kField, kDataType})},
      {"a response without a status",
       joined({element(0x0100, {0x01, 0x80}), element(0x0120, {1, 0}), kDataType})},
      {"elements out of order", joined({kMessage, kField, kDataType})},
      {"an element twice", joined({kField, kField, kMessage, kDataType})},
      {"another group", joined({kField, kMessage, kDataType, element(0x0010, {}, 0x0008)})},
      {"a number of four bytes",
       joined({element(0x0100, {1, 0, 0, 0}), kMessage, kDataType})},
      {"a length that lies", joined({kField, kMessage, kDataType, {0, 0, 0, 9, 200, 0, 0, 0, 1}})},
      {"a header cut short", joined({kField, kMessage, kDataType, {0, 0, 0, 9}})},
      {"more than 64 KiB", Bytes((64U << 10U) + 1)},
  };
  for (const Case& one : cases) {
    const auto decoded = decode_command(one.bytes);
    ASSERT_FALSE(decoded.ok()) << one.what;
    EXPECT_EQ(decoded.error().slug, "command.malformed") << one.what;
  }
}

TEST(Command, AnActionIsAboutRequestedUidsAndAnEventAboutAffectedOnes) {
  const Uid sop_class{"1.2.840.10008.1.20.1"};
  const Uid instance{"1.2.840.10008.1.20.1.1"};
  const auto has = [](const Bytes& bytes, std::uint16_t number) {
    const Bytes head{0, 0, static_cast<std::uint8_t>(number & 0xFFU),
                     static_cast<std::uint8_t>(number >> 8U)};
    return std::search(bytes.begin(), bytes.end(), head.begin(), head.end()) != bytes.end();
  };
  const Command action = n_action_request(3, sop_class, instance, 1);
  const Bytes asked = encode(action);
  EXPECT_TRUE(has(asked, 0x0003) && has(asked, 0x1001) && has(asked, 0x1008));
  EXPECT_FALSE(has(asked, 0x0002) || has(asked, 0x1000));
  EXPECT_EQ(decode_command(asked).value(), action);
  const Command event = n_event_report_request(4, sop_class, instance, 2);
  const Bytes told = encode(event);
  EXPECT_TRUE(has(told, 0x0002) && has(told, 0x1000) && has(told, 0x1002));
  EXPECT_EQ(decode_command(told).value(), event);
  EXPECT_TRUE(has(encode(response_to(action, 0)), 0x0002));
}

TEST(Command, ReadsBackRequestsAndResponses) {
  const Command request = c_store_request(513, Uid{"1.2.840.10008.5.1.4.1.1.2"}, Uid{"1.2.3.4"});
  const auto read = decode_command(encode(request));
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(*read, request);
  Command response = response_to(request, status::out_of_resources);
  response.error_comment = "spool.no-room";
  const auto answer = decode_command(encode(response));
  ASSERT_TRUE(answer.ok()) << answer.error().text();
  EXPECT_EQ(*answer, response);
  EXPECT_EQ(answer->responded_to, 513);
  EXPECT_FALSE(answer->has_data_set());
}

TEST(Command, StatesTheLengthOfItsGroup) {
  const Bytes bytes = encode(c_echo_request(1));
  EXPECT_EQ(bytes[4], 4);
  EXPECT_EQ(bytes[8], bytes.size() - 12);
}

TEST(Command, TakesUidsWithAnyPaddingAndSkipsUnknownElements) {
  const auto decoded = decode_command(joined({element(0x0002, {'1', '.', '2', ' '}), kField, kMessage,
                                              kDataType, element(0x1000, {'1', '.', '3', 0}),
                                              element(0x1030, {1, 2, 3, 4})}));
  ASSERT_TRUE(decoded.ok()) << decoded.error().text();
  EXPECT_EQ(decoded->affected_class.value, "1.2");
  EXPECT_EQ(decoded->affected_instance.value, "1.3");
}

TEST(Command, WhatIsNoUidComesAsAbsent) {
  const auto decoded = decode_command(
      joined({element(0x0002, {'a', 'b'}), kField, kMessage, kDataType}));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->affected_class.value, "");
}

TEST(Command, ALongCommentIsCutToWhatAnLoHolds) {
  Command response = response_to(c_echo_request(1), status::processing_failure);
  response.error_comment = std::string(200, 'x');
  const auto decoded = decode_command(encode(response));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->error_comment.size(), 64U);
}

TEST(Command, StatusesMeanWhatPs34SaysTheyMean) {
  struct Case {
    std::uint16_t status;
    StoreAnswer answer;
  };
  const Case cases[] = {
      {0x0000, StoreAnswer::stored},  {0xB000, StoreAnswer::stored},
      {0xB006, StoreAnswer::stored},  {0xB007, StoreAnswer::stored},
      {0x0107, StoreAnswer::stored},  {0xA700, StoreAnswer::busy},
      {0xA7FF, StoreAnswer::busy},    {0xA900, StoreAnswer::refused},
      {0xA9FF, StoreAnswer::refused}, {0xC000, StoreAnswer::refused},
      {0xCFFF, StoreAnswer::refused}, {0x0110, StoreAnswer::refused},
      {0x0111, StoreAnswer::refused}, {0x0122, StoreAnswer::refused},
      {0x0124, StoreAnswer::refused}, {0x0211, StoreAnswer::refused},
      {0xFF00, StoreAnswer::refused}, {0xFE00, StoreAnswer::refused},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(store_answer(one.status), one.answer) << std::hex << one.status;
  }
}

}  // namespace
}  // namespace veilroute::dicom

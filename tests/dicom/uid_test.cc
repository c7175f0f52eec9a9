#include "core/dicom/uid.h"

#include <gtest/gtest.h>

#include <array>

#include "core/dicom/transfer_syntax.h"

namespace veilroute::dicom {
namespace {

TEST(Uid, IsDigitsAndDotsWithoutEmptyComponents) {
  for (const char* good : {"1", "1.2.3", "1.2.840.10008.1.2", "1.02.3", "0.0"}) {
    EXPECT_TRUE(is_valid_uid(good)) << good;
  }
  for (const char* bad : {"", ".", "1.", ".1", "1..2", "1.2a", "1.2 ", " 1.2", "1,2"}) {
    EXPECT_FALSE(is_valid_uid(bad)) << bad;
  }
  EXPECT_TRUE(is_valid_uid(std::string(64, '1')));
  EXPECT_FALSE(is_valid_uid(std::string(65, '1')));
  EXPECT_FALSE(is_valid_uid(std::string_view("1.2\0", 4)));
}

TEST(Uid, FromBitsIsTheDecimalOfARandomUuid) {
  const std::array<std::uint8_t, 16> zero{};
  // 00000000-0000-4000-8000-000000000000
  EXPECT_EQ(uid_from_bits(zero).value, "2.25.302240678275694148452352");
  std::array<std::uint8_t, 16> ones{};
  ones.fill(0xFF);
  // ffffffff-ffff-4fff-bfff-ffffffffffff
  EXPECT_EQ(uid_from_bits(ones).value, "2.25.340282366920937632322261936355783213055");
}

TEST(Uid, MappingIsStablePerSecretAndIgnoresPadding) {
  const Bytes secret(32, 7);
  const Bytes other(32, 8);
  const Uid mapped = mapped_uid(secret, "1.2.3");
  EXPECT_TRUE(is_valid_uid(mapped.value));
  EXPECT_EQ(mapped, mapped_uid(secret, "1.2.3"));
  EXPECT_EQ(mapped, mapped_uid(secret, std::string_view("1.2.3\0", 6)));
  EXPECT_EQ(mapped, mapped_uid(secret, "1.2.3 "));
  EXPECT_NE(mapped, mapped_uid(secret, "1.2.4"));
  EXPECT_NE(mapped, mapped_uid(other, "1.2.3"));
}

TEST(Uid, TellsThingsOfTheStandardFromInstances) {
  for (const char* structural :
       {"1.2.840.10008.1.2.1", "1.2.840.10008.5.1.4.1.1.77.1.5.8", "1.2.840.10008.2.16.4",
        "1.2.840.10008.1.4.1.1", "1.2.840.10008.6.1.1359", "1.2.840.10008.15.0.3.29",
        "1.2.840.10008.1.3.10", "1.3.6.1.4.1.5962.301.1"}) {
    EXPECT_TRUE(is_structural_uid(structural)) << structural;
  }
  for (const char* instance :
       {"1.2.3", "2.25.1234567", "1.2.840.10008", "1.2.840.100080.1.2",
        "1.2.840.10008.5.1.4.1.1.2.19620101", "1.2.840.10008.5.1.4.1.1.2.1962",
        "1.2.840.10008.77.1", "1.2.840.10008.1.2.3.4.5.6.7.8.9.10.11", ""}) {
    EXPECT_FALSE(is_structural_uid(instance)) << instance;
  }
}

TEST(Uid, StorageClassesCarryAPatientsObject) {
  EXPECT_TRUE(is_storage_class("1.2.840.10008.5.1.4.1.1.1.1"));
  EXPECT_TRUE(is_storage_class("1.2.840.10008.5.1.4.1.1.66.7"));
  for (const char* other : {"1.2.840.10008.1.1", "1.2.840.10008.1.3.10",
                            "1.2.840.10008.5.1.4.38.1", "1.2.840.10008.5.1.4.1.1.201.1", "1.2.3"}) {
    EXPECT_FALSE(is_storage_class(other)) << other;
    EXPECT_FALSE(looks_like_storage_class(other)) << other;
  }
  EXPECT_TRUE(looks_like_storage_class("1.2.840.10008.5.1.4.1.1.999.1"));
  EXPECT_FALSE(is_storage_class("1.2.840.10008.5.1.4.1.1.999.1"));
}

TEST(TransferSyntax, SaysHowADataSetIsLaidOut) {
  struct Row {
    const char* uid;
    bool implicit_vr, big_endian, deflated, encapsulated;
  };
  for (const Row& row : {Row{"1.2.840.10008.1.2", true, false, false, false},
                         Row{"1.2.840.10008.1.2.1", false, false, false, false},
                         Row{"1.2.840.10008.1.2.2", false, true, false, false},
                         Row{"1.2.840.10008.1.2.1.99", false, false, true, false},
                         Row{"1.2.840.10008.1.2.4.50", false, false, false, true},
                         Row{"1.2.840.10008.1.2.4.203", false, false, false, true},
                         Row{"1.2.840.10008.1.2.4.112", false, false, false, true},
                         Row{"1.2.840.10008.1.2.5", false, false, false, true},
                         Row{"1.2.840.10008.1.2.8.1", false, false, false, true},
                         Row{"1.2.840.113619.5.2", true, false, false, false}}) {
    const auto syntax = find_transfer_syntax(Uid{row.uid});
    ASSERT_TRUE(syntax.ok()) << row.uid;
    EXPECT_EQ(syntax->implicit_vr, row.implicit_vr) << row.uid;
    EXPECT_EQ(syntax->big_endian, row.big_endian) << row.uid;
    EXPECT_EQ(syntax->deflated, row.deflated) << row.uid;
    EXPECT_EQ(syntax->encapsulated, row.encapsulated) << row.uid;
  }
  for (const char* unknown : {"", "1.2.3", "1.2.840.10008.1.2.4.", "1.2.840.10008.1.2.4.999",
                              "1.2.840.10008.1.2.6.1"}) {
    const auto syntax = find_transfer_syntax(Uid{unknown});
    ASSERT_FALSE(syntax.ok()) << unknown;
    EXPECT_EQ(syntax.error().slug, "transfer-syntax.unknown");
  }
}

}  // namespace
}  // namespace veilroute::dicom

#include "scp/intake.h"

#include <gtest/gtest.h>

#include "tests/scp/reception.h"

namespace veilroute::scp {
namespace {

const Uid kCt{"1.2.840.10008.5.1.4.1.1.2"};
const Uid kInstance{"2.25.4001"};
const Uid kExplicit{"1.2.840.10008.1.2.1"};
const Uid kStudy{"1.2.3.9"};

Bytes sample() { return test::explicit_data_set(kCt, kInstance, kStudy, Bytes(1000)); }

Origin origin() {
  Origin out;
  out.source = SourceName{"folder"};
  out.listener = ListenerName{"submit"};
  return out;
}

std::string taken(Reception& reception, const Announced& announced, const Bytes& bytes,
                  std::uint64_t offset = 0) {
  MemorySource source(bytes);
  const auto id = take_object(reception.room(), origin(), announced, source, offset);
  return id.ok() ? "" : id.error().slug;
}

TEST(Intake, RefusesWhatHasNoIdentity) {
  struct Case {
    const char* what;
    Announced announced;
    Bytes bytes;
    const char* slug;
  };
  const Case cases[] = {
      {"no class announced", {Uid{}, kInstance, kExplicit}, sample(), "object.sop-class-invalid"},
      {"a class that is no UID", {Uid{"1.2.x"}, kInstance, kExplicit}, sample(),
       "object.sop-class-invalid"},
      {"no instance announced", {kCt, Uid{}, kExplicit}, sample(), "object.sop-instance-invalid"},
      {"an instance of 65 characters", {kCt, Uid{std::string(65, '1')}, kExplicit}, sample(),
       "object.sop-instance-invalid"},
      {"a class that is not stored", {Uid{"1.2.840.10008.1.1"}, kInstance, kExplicit}, sample(),
       "object.class-not-admitted"},
      {"a private class", {Uid{"1.2.3.4"}, kInstance, kExplicit}, sample(),
       "object.class-not-admitted"},
      {"another instance", {kCt, Uid{"2.25.7"}, kExplicit}, sample(), "object.uid-unlike-command"},
      {"another class", {Uid{"1.2.840.10008.5.1.4.1.1.4"}, kInstance, kExplicit}, sample(),
       "object.uid-unlike-command"},
      {"no study", {kCt, kInstance, kExplicit},
       test::explicit_data_set(kCt, kInstance, Uid{}, Bytes(10)), "object.study-uid-absent"},
      {"nothing", {kCt, kInstance, kExplicit}, {}, "object.sop-class-invalid"},
      {"no element to begin with", {kCt, kInstance, kExplicit}, Bytes(64, 0xFF),
       "object.identity-unread"},
  };
  Reception reception;
  for (const Case& one : cases) {
    EXPECT_EQ(taken(reception, one.announced, one.bytes), one.slug) << one.what;
  }
  EXPECT_EQ(reception.stored().size(), 0U);
  EXPECT_EQ(reception.rings(), 0U);
}

TEST(Intake, TakesTheDataSetBehindAFileHead) {
  Reception reception;
  Bytes file(300, 0xAB);
  const Bytes data = sample();
  file.insert(file.end(), data.begin(), data.end());
  EXPECT_EQ(taken(reception, {kCt, kInstance, kExplicit}, file, 300), "");
  const auto stored = reception.stored();
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_EQ(stored[0].bytes, data);
  EXPECT_EQ(stored[0].object.head.source.value, "folder");
  // Nobody would ever release a study that no association carries.
  EXPECT_FALSE(reception.in_flight().carries(kStudy));
}

TEST(Intake, OneThatIsNotFinishedLeavesNothing) {
  Reception reception;
  {
    auto intake = Intake::begin(reception.room(), origin(), {kCt, kInstance, kExplicit}).value();
    EXPECT_TRUE(intake.feed(sample()).ok());
  }
  EXPECT_EQ(reception.stored().size(), 0U);
  EXPECT_EQ(taken(reception, {kCt, kInstance, kExplicit}, sample()), "");
  EXPECT_EQ(reception.stored().size(), 1U);
}

TEST(Intake, AStudyUidThatIsNoneIsHeldNotRefused) {
  Reception reception;
  const Bytes odd = test::explicit_data_set(kCt, kInstance, Uid{"1.2.A"}, Bytes(10));
  EXPECT_EQ(taken(reception, {kCt, kInstance, kExplicit}, odd), "");
  ASSERT_EQ(reception.stored().size(), 1U);
  EXPECT_EQ(reception.stored()[0].object.facts.unusable, "object.study-uid-invalid");
}

TEST(Intake, AnUnknownTransferSyntaxIsHeldNotRefused) {
  Reception reception;
  EXPECT_EQ(taken(reception, {kCt, kInstance, Uid{"1.2.3.4.5"}}, sample()), "");
  ASSERT_EQ(reception.stored().size(), 1U);
  EXPECT_EQ(reception.stored()[0].bytes, sample());
  EXPECT_EQ(reception.stored()[0].object.facts.unusable, "transfer-syntax.unknown");
}

TEST(Intake, IdsAscendAcrossBlocks) {
  Reception reception;
  std::uint64_t previous = 0;
  for (int i = 0; i < 600; ++i) {
    const std::uint64_t id = reception.room().ids->next(reception.room().catalog).value();
    EXPECT_GT(id, previous);
    previous = id;
  }
}

}  // namespace
}  // namespace veilroute::scp

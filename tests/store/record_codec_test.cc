// Head and facts of an object as bytes: back as they were, and nothing else is accepted.
#include "core/store/record_codec.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/mutate.h"
#include "tests/support/objects.h"

namespace veilroute::store {
namespace {

NewObject full_object() {
  NewObject object = test::new_object({.id = 0xFFFF'0000'0000'0001, .at = from_micros(-5)});
  object.facts.large = {{100, 200'000, {0x7FE0, 0x0010}, 0},
                        {300'000, 400'000, {0x0042, 0x0011}, 7}};
  object.facts.match_facts = {{{0x0008, 0x0060}, Phi<std::string>("CR")},
                              {{0x0018, 0x0015}, Phi<std::string>(std::string("H\0ND", 4))}};
  object.facts.unusable = "dataset.duplicate-tag";
  object.facts.unusable_at = "(0010,0020)";
  return object;
}

TEST(RecordCodec, HeadComesBackAsItWas) {
  const ObjectHead head = full_object().head;
  const ObjectHead read = decode_head(encode(head)).value();
  EXPECT_EQ(read.id, head.id);
  EXPECT_EQ(read.received_at, head.received_at);
  EXPECT_EQ(read.source, head.source);
  EXPECT_EQ(read.listener, head.listener);
  EXPECT_EQ(read.association, head.association);
  EXPECT_EQ(read.calling_ae, head.calling_ae);
  EXPECT_EQ(read.called_ae, head.called_ae);
  EXPECT_EQ(read.transfer_syntax, head.transfer_syntax);
  EXPECT_EQ(read.sop_class, head.sop_class);
  EXPECT_EQ(read.sop_instance, head.sop_instance);
}

TEST(RecordCodec, FactsComeBackAsTheyWere) {
  for (const NewObject& object : {full_object(), NewObject{}}) {
    const ObjectFacts& facts = object.facts;
    const ObjectFacts read = decode_facts(encode(facts)).value();
    EXPECT_EQ(read.length_bytes, facts.length_bytes);
    EXPECT_EQ(read.digest, facts.digest);
    EXPECT_EQ(read.study, facts.study);
    EXPECT_EQ(read.series, facts.series);
    EXPECT_EQ(read.patient_id, facts.patient_id);
    EXPECT_EQ(read.issuer, facts.issuer);
    EXPECT_EQ(read.large, facts.large);
    ASSERT_EQ(read.match_facts.size(), facts.match_facts.size());
    for (std::size_t i = 0; i < read.match_facts.size(); ++i) {
      EXPECT_EQ(read.match_facts[i].tag, facts.match_facts[i].tag);
      EXPECT_EQ(read.match_facts[i].raw, facts.match_facts[i].raw);
    }
    EXPECT_EQ(read.unusable, facts.unusable);
    EXPECT_EQ(read.unusable_at, facts.unusable_at);
  }
}

TEST(RecordCodec, CutOrPaddedIsCorrupt) {
  const Bytes head = encode(full_object().head);
  const Bytes facts = encode(full_object().facts);
  for (std::size_t size = 0; size < head.size(); ++size) {
    EXPECT_EQ(decode_head(ByteView(head).first(size)).error().kind, ErrorKind::corrupt) << size;
  }
  for (std::size_t size = 0; size < facts.size(); ++size) {
    EXPECT_EQ(decode_facts(ByteView(facts).first(size)).error().kind, ErrorKind::corrupt) << size;
  }
  Bytes longer = head;
  longer.push_back(0);
  EXPECT_FALSE(decode_head(longer).ok());
  longer = facts;
  longer.push_back(0);
  EXPECT_FALSE(decode_facts(longer).ok());
}

TEST(RecordCodec, AnotherVersionIsNotGuessedAt) {
  Bytes head = encode(full_object().head);
  Bytes facts = encode(full_object().facts);
  ++head[0];
  ++facts[0];
  EXPECT_EQ(decode_head(head).error().slug, "spool.version-unknown");
  EXPECT_EQ(decode_facts(facts).error().slug, "spool.version-unknown");
}

/// What is accepted all the same is an object like any other: written again, it stays as it is.
TEST(RecordCodec, DamagedIsRefusedOrIsAnotherObject) {
  std::mt19937 random(20261123);
  const Bytes head = encode(full_object().head);
  const Bytes facts = encode(full_object().facts);
  for (int i = 0; i < 4000; ++i) {
    const Bytes bad_head = test::mutated(head, random);
    if (const auto read = decode_head(bad_head); read.ok()) {
      EXPECT_EQ(encode(*read), bad_head) << i;
    }
    const Bytes bad_facts = test::mutated(facts, random);
    if (const auto read = decode_facts(bad_facts); read.ok()) {
      const Bytes again = encode(*read);
      EXPECT_EQ(encode(decode_facts(again).value()), again) << i;
      EXPECT_EQ(again.size(), bad_facts.size()) << i;
    }
  }
}

}  // namespace
}  // namespace veilroute::store

// An entry as canonical bytes, and how entries are linked (decisions 10).
#include <gtest/gtest.h>

#include <random>

#include "core/base/crypto.h"
#include "core/store/ledger/chain.h"
#include "core/store/ledger/entry.h"
#include "tests/support/mutate.h"

namespace veilroute::ledger {
namespace {

Keyring keys() {
  return {crypto::random_key(), crypto::random_key(), crypto::random_key(), crypto::random_key()};
}

Entry full_entry() {
  Entry entry;
  entry.sequence = 17;
  entry.node = 3;
  entry.epoch = 2;
  entry.kind = Kind::attempt_finished;
  entry.at = from_micros(1'700'000'000'123'456);
  entry.study = {8821};
  entry.transfer = {41};
  entry.patient_ref = crypto::sha256(as_bytes("a patient"));
  entry.fields = {{"destination", "bone-specialist"}, {"outcome", "sent"}, {"empty", ""}};
  entry.sealed = {{"tls", "TLSv1.3"}, {"peer_certificate", "ab"}};
  Item item;
  item.object = {5};
  item.state = "sent";
  item.reason = "0000";
  item.digest = crypto::sha256(as_bytes("bytes"));
  item.bytes = 77;
  item.sealed = {{"sop_instance", "1.2.3"}};
  entry.items = {item, Item{}};
  return entry;
}

void expect_clear_part(const Entry& read, const Entry& written) {
  EXPECT_EQ(read.sequence, written.sequence);
  EXPECT_EQ(read.node, written.node);
  EXPECT_EQ(read.epoch, written.epoch);
  EXPECT_EQ(read.kind, written.kind);
  EXPECT_EQ(read.at, written.at);
  EXPECT_EQ(read.study, written.study);
  EXPECT_EQ(read.transfer, written.transfer);
  EXPECT_EQ(read.patient_ref, written.patient_ref);
  EXPECT_EQ(read.fields, written.fields);
  ASSERT_EQ(read.items.size(), written.items.size());
  for (std::size_t i = 0; i < read.items.size(); ++i) {
    EXPECT_EQ(read.items[i].object, written.items[i].object);
    EXPECT_EQ(read.items[i].state, written.items[i].state);
    EXPECT_EQ(read.items[i].reason, written.items[i].reason);
    EXPECT_EQ(read.items[i].digest, written.items[i].digest);
    EXPECT_EQ(read.items[i].bytes, written.items[i].bytes);
  }
}

TEST(LedgerEntry, ComesBackWhole) {
  const Keyring keyring = keys();
  for (const Entry& entry : {full_entry(), Entry{}}) {
    const Bytes bytes = encode(entry, keyring).value();
    const Entry read = decode(bytes, &keyring).value();
    expect_clear_part(read, entry);
    EXPECT_EQ(read.sealed, entry.sealed);
    for (std::size_t i = 0; i < read.items.size(); ++i) {
      EXPECT_EQ(read.items[i].sealed, entry.items[i].sealed);
    }
  }
}

TEST(LedgerEntry, WithoutKeysShowsOnlyWhatIsClear) {
  const Bytes bytes = encode(full_entry(), keys()).value();
  const Entry read = decode(bytes, nullptr).value();
  expect_clear_part(read, full_entry());
  EXPECT_TRUE(read.sealed.empty());
  EXPECT_TRUE(read.items[0].sealed.empty());
  for (const char* secret : {"TLSv1.3", "1.2.3", "sop_instance"}) {
    EXPECT_EQ(as_text(bytes).find(secret), std::string_view::npos) << secret;
  }
}

TEST(LedgerEntry, DoesNotOpenWithOtherKeysOrInAnotherPlace) {
  const Keyring keyring = keys();
  const Keyring other = keys();
  Bytes bytes = encode(full_entry(), keyring).value();
  EXPECT_EQ(decode(bytes, &other).error().kind, ErrorKind::corrupt);
  bytes[1] = 18;  // the sequence
  EXPECT_TRUE(decode(bytes, nullptr).ok());
  EXPECT_EQ(decode(bytes, &keyring).error().kind, ErrorKind::corrupt);
}

TEST(LedgerEntry, CutAnywhereIsCorrupt) {
  const Keyring keyring = keys();
  const Bytes bytes = encode(full_entry(), keyring).value();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Result<Entry> read = decode(ByteView(bytes).first(size), &keyring);
    ASSERT_FALSE(read.ok()) << size;
    EXPECT_EQ(read.error().kind, ErrorKind::corrupt) << size;
  }
}

TEST(LedgerEntry, DamagedIsAnErrorOrAnotherEntryAndNeverACrash) {
  const Keyring keyring = keys();
  const Bytes bytes = encode(full_entry(), keyring).value();
  std::mt19937 random(20261123);
  for (int i = 0; i < 5000; ++i) {
    const Bytes damaged = test::mutated(bytes, random);
    if (damaged == bytes) continue;
    (void)decode(damaged, nullptr).ok();
    (void)decode(damaged, &keyring).ok();
    EXPECT_NE(leaf_of(damaged), leaf_of(bytes));
  }
}

TEST(LedgerEntry, KindsHaveWordsThatLeadBack) {
  unsigned kinds = 0;
  for (std::uint16_t number = 0; number < 64; ++number) {
    const auto kind = static_cast<Kind>(number);
    const std::string_view word = to_string(kind);
    if (word == "unknown") continue;
    ++kinds;
    EXPECT_EQ(kind_of(word), kind) << word;
  }
  EXPECT_EQ(kinds, 30U);
  EXPECT_FALSE(kind_of("transfer.lost").has_value());
}

TEST(Chain, IsTheStandardsLeafAndALinkOverThePrevious) {
  const Bytes entry{1, 2, 3};
  const Bytes prefixed{0, 1, 2, 3};
  EXPECT_EQ(leaf_of(entry), crypto::sha256(prefixed));
  const Digest previous = crypto::sha256(as_bytes("before"));
  Bytes both(previous.begin(), previous.end());
  const Digest leaf = leaf_of(entry);
  both.insert(both.end(), leaf.begin(), leaf.end());
  EXPECT_EQ(link_of(previous, leaf), crypto::sha256(both));
}

}  // namespace
}  // namespace veilroute::ledger

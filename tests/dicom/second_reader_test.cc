#include "core/dicom/second_reader.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <map>
#include <set>
#include <thread>

#include "tests/dicom/encoded.h"
#include "tests/support/corpus.h"
#include "tests/support/footprint.h"

namespace veilroute::dicom {
namespace {

using namespace testing;

constexpr Tag kName{0x0010, 0x0010}, kId{0x0010, 0x0020}, kRequest{0x0040, 0x0275},
    kPixels{0x7FE0, 0x0010}, kRows{0x0028, 0x0010};

TransferSyntax syntax_of(std::string_view uid) {
  return find_transfer_syntax(Uid{std::string(uid)}).value();
}
Result<SecondReading> read(const Bytes& bytes, std::string_view uid = kExplicitLittleEndian) {
  return read_with_dcmtk(bytes, syntax_of(uid));
}

TEST(SecondReader, FailsOnWhatItCannotReadWhole) {
  const Bytes name = element(kName, "PN", "AB");
  const std::pair<Bytes, const char*> cases[] = {
      {name + name, "dataset.duplicate-tag"},
      {element(kId, "LO", "42") + name, "dataset.out-of-order"},
      {name + raw("rest"), "dataset.truncated"},
      {explicit_head(kName, "PN", 50) + raw("AB"), "dataset.truncated"},
      {explicit_head(kName, "??", 0), "dataset.unknown-vr"},
  };
  for (const auto& [bytes, slug] : cases) {
    const auto reading = read(bytes);
    ASSERT_FALSE(reading.ok()) << slug;
    EXPECT_EQ(reading.error().slug, slug);
  }
}

TEST(SecondReader, FailsOnPiecesThatAreNotValuesOfTheSource) {
  const Bytes own = explicit_head(kPixels, "OW", 8);
  const std::vector<LargeValue> large = {{100, 108, kPixels, 0}};
  const TransferSyntax syntax = syntax_of(kExplicitLittleEndian);
  const std::vector<std::vector<Piece>> wrong = {
      {{true, 0, 13}, {false, 100, 8}},  // beyond own
      {{true, 99, 1}},
      {{true, 0, 12}, {false, 101, 7}},  // not at the value's begin
      {{true, 0, 12}, {false, 100, 9}},  // beyond the value
      {{true, 0, 12}, {false, 500, 8}},
  };
  for (const auto& pieces : wrong) {
    const auto reading = read_record_with_dcmtk(pieces, own, large, syntax);
    ASSERT_FALSE(reading.ok());
    EXPECT_EQ(reading.error().slug, "second-reader.broken-range");
  }
  EXPECT_TRUE(read_record_with_dcmtk({{true, 0, 12}, {false, 100, 8}}, own, large, syntax).ok());
}

// A megabyte of items sixty deep would be a gigabyte of paths.
TEST(SecondReader, StopsWhenThePathsGrowBeyondMeasure) {
  const Bytes one = item(element(kId, "LO", "42"));
  Bytes items;
  for (int i = 0; i < 40'000; ++i) items.insert(items.end(), one.begin(), one.end());
  Bytes nested = explicit_head(kRequest, "SQ", static_cast<std::uint32_t>(items.size())) + items;
  for (int depth = 0; depth < 60; ++depth) {
    const Bytes inner = item(nested);
    nested = explicit_head(kRequest, "SQ", static_cast<std::uint32_t>(inner.size())) + inner;
  }
  const auto reading = read(nested);
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.error().slug, "second-reader.cannot-read");
}

// Parsed whole, each fragment would cost DCMTK some 240 bytes.
TEST(SecondReader, HalfAMillionFragmentsCostBothReadersNoMoreThanOne) {
  const TransferSyntax syntax = syntax_of("1.2.840.10008.1.2.4.50");
  Bytes inside = item({});
  const Bytes fragment = item(raw("ab"));
  for (int i = 0; i < 500'000; ++i) inside.insert(inside.end(), fragment.begin(), fragment.end());
  const Bytes bytes = element(kId, "LO", "42") + explicit_head(kPixels, "OB", kUndefined) + inside +
                      sequence_end();
  ASSERT_TRUE(prepare_second_reader().ok());
  const test::Footprint before = test::footprint();
  const auto began = std::chrono::steady_clock::now();
  const ScanFacts facts = support::scan(bytes, syntax);
  ASSERT_FALSE(facts.problem);
  ASSERT_EQ(facts.large.size(), 1U);
  EXPECT_EQ(facts.large[0].fragments, 500'001U);
  MemorySource source(bytes);
  const auto dataset = read_dataset(source, syntax, facts.large);
  ASSERT_TRUE(dataset.ok()) << dataset.error().text();
  const auto written = write_dataset(*dataset);
  ASSERT_TRUE(written.ok());
  EXPECT_EQ(written->length_bytes(), bytes.size());
  const auto reading = read_record_with_dcmtk(written->pieces, written->own, facts.large, syntax);
  ASSERT_TRUE(reading.ok()) << reading.error().text();
  EXPECT_EQ(reading->elements.size(), 2U);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
  EXPECT_LT(test::grown_kb(before, test::footprint()), 24U << 10U);
}

TEST(SecondReader, ListsElementsWithTheirPathsAndBytes) {
  const Bytes bytes =
      element(kId, "LO", "42") + element(kRows, "US", std::string_view("\x02\x01", 2)) +
      open_sequence(kRequest, item(element(kName, "PN", "A^B ")) +
                                  open_item(element({0x0029, 0x1001}, "UN", "opaque")));
  const auto reading = read(bytes);
  ASSERT_TRUE(reading.ok()) << reading.error().text();
  const auto& all = reading->elements;
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[0].path, "(0010,0020)");
  EXPECT_EQ(all[0].raw, "42");
  EXPECT_EQ(all[0].vr, vr::LO);
  std::uint16_t rows = 0;
  std::memcpy(&rows, all[1].raw.data(), sizeof rows);
  EXPECT_EQ(rows, 0x0102);
  EXPECT_TRUE(all[2].is_sequence);
  EXPECT_TRUE(all[2].raw.empty());
  EXPECT_EQ(all[3].path, "(0040,0275)[1].(0010,0010)");
  EXPECT_EQ(all[3].depth, 1U);
  EXPECT_EQ(all[3].raw, "A^B ");
  EXPECT_EQ(all[4].path, "(0040,0275)[2].(0029,1001)");
  EXPECT_TRUE(all[4].opaque);
}

TEST(SecondReader, GivesNumbersInOurByteOrder) {
  const auto reading = read(element(kRows, "US", std::string_view("\x01\x02", 2), true),
                            kExplicitBigEndian);
  ASSERT_TRUE(reading.ok());
  std::uint16_t rows = 0;
  std::memcpy(&rows, reading->elements[0].raw.data(), sizeof rows);
  EXPECT_EQ(rows, 0x0102);
}

TEST(SecondReader, ReadsAttributesThatItsOwnDictionaryLacks) {
  // (0010,0011) Person Names to Use Sequence came after DCMTK 3.6.7: opaque in implicit VR but for
  // the rows that are added.
  const Bytes inside = item(implicit({0x0010, 0x0012}, "CHOSEN NAME "));
  const Bytes bytes =
      head({0x0010, 0x0011}, static_cast<std::uint32_t>(inside.size())) + inside;
  const auto reading = read(bytes, kImplicitLittleEndian);
  ASSERT_TRUE(reading.ok());
  ASSERT_EQ(reading->elements.size(), 2U);
  EXPECT_TRUE(reading->elements[0].is_sequence);
  EXPECT_EQ(reading->elements[1].raw, "CHOSEN NAME ");
}

TEST(SecondReader, NeedsNothingOfLargeValues) {
  const Bytes own = element(kId, "LO", "42") + explicit_head(kPixels, "OB", kUndefined) +
                    element({0xFFFC, 0xFFFC}, "OB", "tail");
  const std::uint64_t front = own.size() - 16;
  const std::vector<LargeValue> large = {{1000, 5'000'001'000, kPixels, 12}};
  const auto reading =
      read_record_with_dcmtk({{true, 0, front}, {false, 1000, 5'000'000'000}, {true, front, 16}},
                             own, large, syntax_of("1.2.840.10008.1.2.4.203"));
  ASSERT_TRUE(reading.ok()) << reading.error().text();
  ASSERT_EQ(reading->elements.size(), 3U);
  EXPECT_TRUE(reading->elements[1].large);
  EXPECT_EQ(reading->elements[2].raw, "tail");
}

/// What the first reader sees, as the second would say it.
struct First {
  std::uint64_t length = 0;
  bool is_sequence = false;
  bool is_unknown = false;
};

/// What our reader sees. `unsure`: values of unknown VR of defined length that it looked into (UN, in
/// implicit VR also private). DCMTK does so only where its dictionary knows the attribute, and keeps
/// bytes else.
struct Listing {
  std::map<std::string, First> all;
  std::set<std::string> unsure;

  void add(const Item& item, const std::string& prefix) {
    for (const Element& element : item.elements) {
      if (element.tag.is_group_length()) continue;
      const std::string path = prefix + to_text(element.tag);
      First first;
      first.is_sequence = element.holds == Holds::sequence;
      first.is_unknown = element.vr == vr::UN;
      if (element.holds == Holds::value) first.length = element.value.size();
      if (element.holds == Holds::range && !element.undefined_length) {
        first.length = element.range.end - element.range.begin;
      }
      if (first.is_sequence && element.vr == vr::UN && !element.undefined_length) {
        unsure.insert(path);
      }
      all[path] = first;
      unsigned number = 0;
      for (const Item& inner : element.items) {
        add(inner, path + "[" + std::to_string(++number) + "].");
      }
    }
  }
  /// True when it stands inside of a value that DCMTK kept as bytes.
  [[nodiscard]] bool is_inside(const std::string& path, const std::set<std::string>& kept) const {
    return std::any_of(kept.begin(), kept.end(), [&](const std::string& outer) {
      return path.starts_with(outer + "[");
    });
  }
};

TEST(SecondReader, AgreesWithTheFirstOnTheCorpus) {
  unsigned compared = 0;
  for (const support::CorpusFile& file : support::corpus_files()) {
    SCOPED_TRACE(file.name);
    const ScanFacts facts = support::scan(file.dataset(), file.syntax);
    if (facts.problem) continue;
    MemorySource source(file.dataset());
    const auto dataset = read_dataset(source, file.syntax, facts.large);
    ASSERT_TRUE(dataset.ok());
    const auto written = write_dataset(*dataset);
    ASSERT_TRUE(written.ok());
    const auto reading =
        read_record_with_dcmtk(written->pieces, written->own, facts.large, file.syntax);
    ASSERT_TRUE(reading.ok()) << reading.error().text();
    Listing first;
    first.add(dataset->root(), "");
    std::set<std::string> seen;
    std::set<std::string> kept;  // as bytes, by DCMTK
    for (const SeenElement& element : reading->elements) {
      EXPECT_TRUE(seen.insert(element.path).second) << element.path;
      const auto at = first.all.find(element.path);
      ASSERT_NE(at, first.all.end()) << element.path;
      if (first.unsure.contains(element.path) && !element.is_sequence) {
        kept.insert(element.path);
        continue;
      }
      // An empty value of unknown VR: nothing tells us what it could have held.
      const bool empty = at->second.is_unknown && at->second.length == 0;
      EXPECT_TRUE(empty || at->second.is_sequence == element.is_sequence) << element.path;
      if (element.is_sequence || element.length == kUndefined) continue;
      // DCMTK makes odd lengths even.
      EXPECT_EQ(at->second.length + at->second.length % 2, element.length) << element.path;
      ++compared;
    }
    for (const auto& [path, what] : first.all) {
      EXPECT_TRUE(seen.contains(path) || first.is_inside(path, kept)) << path;
    }
  }
  EXPECT_GT(compared, 20'000U);
}

TEST(SecondReader, ServesSeveralThreads) {
  const Bytes bytes = sequence(kRequest, item(element(kName, "PN", "A^B ")));
  std::vector<std::thread> threads;
  std::atomic<unsigned> good = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) good += read(bytes).ok() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 800U);
}

}  // namespace
}  // namespace veilroute::dicom

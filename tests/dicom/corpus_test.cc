// The readers on real objects: bit for bit back, the same facts in any pieces, and no quarrel
// between scanner and reader, also when bytes are damaged.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "core/dicom/element_header.h"
#include "core/dicom/inflate.h"
#include "tests/support/corpus.h"
#include "tests/support/mutate.h"

// The fuzz target's entry, so that every run of the tests fuzzes a little.
#define LLVMFuzzerTestOneInput scanner_fuzz_one_input
#include "tests/fuzz/scanner_fuzz.cc"

namespace veilroute::dicom {
namespace {

using support::CorpusFile;

const std::vector<CorpusFile>& files() {
  static const std::vector<CorpusFile> all = support::corpus_files();
  return all;
}

/// What real objects are held for.
const std::map<std::string, std::string> kProblems = {
    {"mr/MR_truncated.dcm", "dataset.truncated"},
    {"mr/emri_small_jpeg_2k_lossless_too_short.dcm", "dataset.truncated"},
    {"rt/rtplan_truncated.dcm", "dataset.truncated"},
    {"study-dicomdir/DICOMDIR-nooffset", "dataset.length-lies"},
};

Result<Dataset> read(const CorpusFile& file, const ScanFacts& facts) {
  MemorySource source(file.dataset());
  return read_dataset(source, file.syntax, facts.large);
}

TEST(Corpus, HasAFewFilesWithoutAHeadThatCanBeRead) {
  std::vector<std::string> unreadable;
  const auto all = support::corpus_files(&unreadable);
  EXPECT_EQ(all.size(), 282U);
  EXPECT_EQ(unreadable, (std::vector<std::string>{"malformed/meta_missing_tsyntax.dcm",
                                                  "malformed/no_meta.dcm",
                                                  "rt/ExplVR_BigEndNoMeta.dcm"}));
}

TEST(Corpus, IsReadExceptForWhatIsReallyBroken) {
  for (const CorpusFile& file : files()) {
    SCOPED_TRACE(file.name);
    const ScanFacts facts = support::scan(file.dataset(), file.syntax);
    const auto expected = kProblems.find(file.name);
    EXPECT_EQ(facts.problem ? facts.problem->slug : "",
              expected == kProblems.end() ? "" : expected->second);
    const auto dataset = read(file, facts);
    EXPECT_EQ(dataset.ok() ? "" : dataset.error().slug,
              facts.problem ? facts.problem->slug : "");
  }
}

/// Larger files are mostly pixels, which teach nothing one byte at a time.
constexpr std::size_t kMostByteByByte = 200'000;

TEST(Corpus, GivesTheSameFactsInAnyPieces) {
  const std::vector<Tag> capture = {tags::Modality, tags::PatientName, {0x0018, 0x0015}};
  for (const CorpusFile& file : files()) {
    SCOPED_TRACE(file.name);
    const ScanFacts whole = support::scan(file.dataset(), file.syntax, SIZE_MAX, capture);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
      if (piece == 1 && file.dataset().size() > kMostByteByByte) continue;
      const ScanFacts facts = support::scan(file.dataset(), file.syntax, piece, capture);
      EXPECT_EQ(facts.problem, whole.problem);
      EXPECT_EQ(facts.large, whole.large);
      EXPECT_EQ(facts.length_bytes, whole.length_bytes);
      ASSERT_EQ(facts.captured.size(), whole.captured.size());
      for (std::size_t i = 0; i < facts.captured.size(); ++i) {
        EXPECT_EQ(facts.captured[i].tag, whole.captured[i].tag);
        EXPECT_TRUE(facts.captured[i].raw == whole.captured[i].raw);
      }
    }
  }
}

/// Copies elements but no group lengths, by a walk that knows no tree; sequences of undefined
/// length are followed to their delimiter, others are copied whole (in the corpus, group lengths
/// stand in none of those).
class Stripper {
 public:
  explicit Stripper(ByteView bytes) : bytes_(bytes) {}
  Bytes strip(const Encoding& encoding) {
    while (at_ < bytes_.size()) element(encoding);
    return std::move(kept_);
  }
  unsigned count = 0;

 private:
  void copy(std::size_t size) {
    const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(at_);
    kept_.insert(kept_.end(), from, from + static_cast<std::ptrdiff_t>(size));
    at_ += size;
  }
  Content element(const Encoding& encoding) {
    const ElementHeader header = read_header(bytes_.data() + at_, encoding);
    const std::uint32_t size = header_size_bytes(bytes_.data() + at_, encoding);
    if (header.tag.is_group_length()) {
      ++count;
      at_ += size + header.length;
    } else if (header.undefined_length()) {
      copy(size);
      items(header.nested_implicit ? kInsideUn : encoding);
    } else {
      copy(size + header.length);
    }
    return header.content;
  }
  void items(const Encoding& encoding) {
    while (true) {
      const ElementHeader item = read_item_header(bytes_.data() + at_, encoding);
      copy(item.undefined_length() ? kItemHeaderBytes : kItemHeaderBytes + item.length);
      if (item.content == Content::sequence_end) return;
      if (!item.undefined_length()) continue;
      while (element(encoding) != Content::item_end) {
      }
    }
  }
  ByteView bytes_;
  std::size_t at_ = 0;
  Bytes kept_;
};

bool has_group_length(const Item& item) {
  for (const Element& element : item.elements) {
    if (element.tag.is_group_length()) return true;
    for (const Item& inner : element.items) {
      if (has_group_length(inner)) return true;
    }
  }
  return false;
}

Bytes plain_of(ByteView bytes, const TransferSyntax& syntax) {
  if (!syntax.deflated) return {bytes.begin(), bytes.end()};
  MemorySource source(bytes);
  return inflate_all(source, InflateLimits{}).value();
}

TEST(Corpus, ComesBackBitForBit) {
  unsigned same = 0;
  unsigned group_lengths = 0;
  for (const CorpusFile& file : files()) {
    const ScanFacts facts = support::scan(file.dataset(), file.syntax);
    if (facts.problem) continue;
    SCOPED_TRACE(file.name);
    const auto dataset = read(file, facts);
    ASSERT_TRUE(dataset.ok());
    const auto written = write_dataset(*dataset);
    ASSERT_TRUE(written.ok());
    const Bytes out = support::materialise(*written, file.dataset());
    EXPECT_EQ(written->length_bytes(), out.size());
    const Bytes plain_in = plain_of(file.dataset(), file.syntax);
    const Bytes plain_out = plain_of(out, file.syntax);
    if (!has_group_length(dataset->root())) {
      EXPECT_TRUE(plain_in == plain_out);
      ++same;
      continue;
    }
    ++group_lengths;
    Stripper stripper(plain_in);
    EXPECT_TRUE(stripper.strip({file.syntax.implicit_vr, file.syntax.big_endian}) == plain_out);
    EXPECT_GT(stripper.count, 0U);
  }
  EXPECT_EQ(same + group_lengths + kProblems.size(), files().size());
  EXPECT_GT(same, 240U);
}

TEST(Corpus, WrittenCopiesReadTheSame) {
  for (const CorpusFile& file : files()) {
    const ScanFacts facts = support::scan(file.dataset(), file.syntax);
    if (facts.problem) continue;
    SCOPED_TRACE(file.name);
    const auto dataset = read(file, facts);
    const Bytes once = support::materialise(*write_dataset(*dataset), file.dataset());
    const ScanFacts again = support::scan(once, file.syntax);
    ASSERT_FALSE(again.problem.has_value());
    MemorySource source(once);
    const auto reread = read_dataset(source, file.syntax, again.large);
    ASSERT_TRUE(reread.ok());
    EXPECT_EQ(support::materialise(*write_dataset(*reread), once), once);
  }
}

/// The data sets of small files, and the heads of others: where damage does most.
std::vector<std::pair<std::uint8_t, Bytes>> seeds() {
  const auto layout_of = [](const TransferSyntax& syntax) -> std::uint8_t {
    if (syntax.encapsulated) return 4;
    if (syntax.deflated) return 3;
    if (syntax.big_endian) return 2;
    return syntax.implicit_vr ? 0 : 1;
  };
  constexpr std::size_t kMost = 6000;
  std::vector<std::pair<std::uint8_t, Bytes>> all;
  for (const CorpusFile& file : files()) {
    const ByteView bytes = file.dataset();
    const ScanFacts facts = support::scan(bytes, file.syntax);
    std::size_t size = bytes.size();
    if (!facts.large.empty()) {
      size = std::min(size, static_cast<std::size_t>(facts.large.front().begin) + 64);
    }
    size = std::min(size, kMost);
    all.emplace_back(layout_of(file.syntax), Bytes(bytes.begin(), bytes.begin() +
                                                   static_cast<std::ptrdiff_t>(size)));
  }
  return all;
}

TEST(DamagedData, NeverReadsWhereTheScannerSeesAProblem) {
  std::mt19937 random(20260301);
  constexpr int kRounds = 12;
  unsigned runs = 0;
  for (const auto& [layout, bytes] : seeds()) {
    for (int round = 0; round < kRounds; ++round) {
      Bytes input = round == 0 ? bytes : test::mutated(bytes, random);
      input.insert(input.begin(), layout);
      ASSERT_EQ(scanner_fuzz_one_input(input.data(), input.size()), 0);
      ++runs;
    }
  }
  EXPECT_GT(runs, 3000U);
}

TEST(DamagedData, OfAnyKindIsSurvived) {
  std::mt19937 random(7);
  for (int round = 0; round < 5000; ++round) {
    Bytes input(1 + random() % 200);
    for (auto& byte : input) {
      // Half of the bytes from what headers are made of, so that some are understood.
      constexpr std::string_view kUsual("\0\0\0\0\x08\x10\xFE\xFF\xE0\x0D\xDDSQUNOBLO\x04\x02", 24);
      byte = random() % 2 == 0 ? static_cast<std::uint8_t>(random())
                               : static_cast<std::uint8_t>(kUsual[random() % kUsual.size()]);
    }
    ASSERT_EQ(scanner_fuzz_one_input(input.data(), input.size()), 0);
  }
}

}  // namespace
}  // namespace veilroute::dicom

#include "core/dicom/dataset.h"

#include <gtest/gtest.h>

#include "tests/dicom/encoded.h"
#include "tests/support/corpus.h"

namespace veilroute::dicom {
namespace {

using namespace testing;
using support::materialise;
using support::scan;

constexpr Tag kName{0x0010, 0x0010}, kId{0x0010, 0x0020}, kRequest{0x0040, 0x0275},
    kPixels{0x7FE0, 0x0010}, kPrivate{0x0029, 0x1001}, kRows{0x0028, 0x0010};

TransferSyntax syntax_of(std::string_view uid) {
  return find_transfer_syntax(Uid{std::string(uid)}).value();
}

Result<Dataset> read(const Bytes& bytes, std::string_view uid = kExplicitLittleEndian,
                     const ReadLimits& limits = {}) {
  const TransferSyntax syntax = syntax_of(uid);
  MemorySource source(bytes);
  return read_dataset(source, syntax, scan(bytes, syntax).large, limits);
}

Bytes written(const Dataset& dataset, const Bytes& source) {
  return materialise(write_dataset(dataset).value(), source);
}

/// Counts what is read, to show that large values are not.
class CountingSource final : public ByteSource {
 public:
  explicit CountingSource(ByteView from) : inner_(from) {}
  [[nodiscard]] std::uint64_t size_bytes() const override { return inner_.size_bytes(); }
  Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    ++calls;
    bytes += out.size();
    return inner_.read_at(offset, out);
  }
  unsigned calls = 0;
  std::uint64_t bytes = 0;

 private:
  MemorySource inner_;
};

/// Fails when it is read beyond some place, as a broken disk does.
class FailingSource final : public ByteSource {
 public:
  explicit FailingSource(std::uint64_t size) : size_(size) {}
  [[nodiscard]] std::uint64_t size_bytes() const override { return size_; }
  Result<void> read_at(std::uint64_t, std::span<std::uint8_t>) override {
    return make_error(ErrorKind::corrupt, "spool.bad-seal", "a chunk does not open");
  }

 private:
  std::uint64_t size_;
};

TEST(ReadDataset, PassesOnWhatTheSourceSays) {
  FailingSource source(1000);
  const auto dataset = read_dataset(source, syntax_of(kExplicitLittleEndian), {});
  ASSERT_FALSE(dataset.ok());
  EXPECT_EQ(dataset.error().kind, ErrorKind::corrupt);
  EXPECT_EQ(dataset.error().slug, "spool.bad-seal");
}

TEST(ReadDataset, RefusesRangesThatAreNotWhereLargeValuesAre) {
  const Bytes bytes = element(kId, "LO", "42") + element(kPixels, "OW", "abcdefgh");
  const TransferSyntax syntax = syntax_of(kExplicitLittleEndian);
  const std::uint64_t at = bytes.size() - 8;
  const std::vector<std::vector<LargeValue>> wrong = {
      {{at, at + 6, kPixels, 0}},        // too short
      {{at, at + 8, kId, 0}},            // another tag
      {{at - 2, at + 8, kPixels, 0}},    // begins in a header
      {{at + 2, at + 8, kPixels, 0}},    // begins in the value
      {{2, 4, kId, 0}, {at, at + 8, kPixels, 0}},
      {{at, at + 8, kPixels, 0}, {at + 8, at + 9, kPixels, 0}},  // beyond the end
  };
  for (const auto& large : wrong) {
    MemorySource source(bytes);
    const auto dataset = read_dataset(source, syntax, large);
    ASSERT_FALSE(dataset.ok());
    EXPECT_EQ(dataset.error().slug, "dataset.ranges-disagree");
    EXPECT_EQ(dataset.error().kind, ErrorKind::corrupt);
  }
  MemorySource source(bytes);
  EXPECT_TRUE(read_dataset(source, syntax, {{at, at + 8, kPixels, 0}}).ok());
}

TEST(ReadDataset, RefusesARangeBeyondTheEnd) {
  const Bytes bytes = explicit_head(kPixels, "OW", 100) + raw("short");
  MemorySource source(bytes);
  const auto dataset =
      read_dataset(source, syntax_of(kExplicitLittleEndian), {{12, 112, kPixels, 0}});
  ASSERT_FALSE(dataset.ok());
  EXPECT_EQ(dataset.error().slug, "dataset.truncated");
}

TEST(ReadDataset, KeepsToItsLimits) {
  const Bytes two = element(kName, "PN", "AB") + element(kId, "LO", "42");
  ReadLimits limits;
  limits.most_elements = 1;
  EXPECT_EQ(read(two, kExplicitLittleEndian, limits).error().slug, "dataset.too-many-elements");
  limits = {};
  limits.most_own_bytes = 10;
  EXPECT_EQ(read(two, kExplicitLittleEndian, limits).error().slug, "dataset.too-big");
  limits = {};
  limits.deepest = 1;
  const Bytes nested = sequence(kRequest, item(sequence(kRequest, item(two))));
  EXPECT_EQ(read(nested, kExplicitLittleEndian, limits).error().slug, "dataset.too-deep");
}

TEST(ReadDataset, SaysWhereNeverWhat) {
  const Bytes bytes = sequence(kRequest, item({}) + item(element(kId, "LO", "SECRET") +
                                                         element(kName, "PN", "SECRET")));
  const auto dataset = read(bytes);
  ASSERT_FALSE(dataset.ok());
  EXPECT_EQ(dataset.error().slug, "dataset.out-of-order");
  EXPECT_NE(dataset.error().detail.find("(0040,0275)[2].(0010,0010)"), std::string::npos);
  EXPECT_EQ(dataset.error().detail.find("SECRET"), std::string::npos);
}

TEST(ReadDataset, NeverReadsLargeValues) {
  const std::string pixels(1'000'000, 'p');
  const Bytes bytes = element(kId, "LO", "42") + element(kPixels, "OW", pixels) +
                      element({0xFFFC, 0xFFFC}, "OB", "pad ");
  const TransferSyntax syntax = syntax_of(kExplicitLittleEndian);
  CountingSource source(bytes);
  const auto dataset = read_dataset(source, syntax, scan(bytes, syntax).large);
  ASSERT_TRUE(dataset.ok());
  EXPECT_EQ(source.calls, 2U);
  EXPECT_EQ(source.bytes, bytes.size() - pixels.size());
  EXPECT_EQ(written(*dataset, bytes), bytes);
}

TEST(ReadDataset, ReadsValuesAcrossWindows) {
  Bytes bytes;
  for (unsigned i = 0; i < 300; ++i) {
    const std::string text(1000 + i, static_cast<char>('a' + i % 26));
    bytes = bytes + element({0x0011, static_cast<std::uint16_t>(0x1000 + i)}, "UT", text);
  }
  CountingSource source(bytes);
  const auto dataset = read_dataset(source, syntax_of(kExplicitLittleEndian), {});
  ASSERT_TRUE(dataset.ok());
  EXPECT_EQ(dataset->elements().size(), 300U);
  EXPECT_LE(source.calls, 8U);
  EXPECT_EQ(written(*dataset, bytes), bytes);
}

struct UnCase {
  const char* what;
  Bytes bytes;
  const char* syntax;
  bool parsed;
  bool nested_implicit;
};

TEST(ReadDataset, LooksIntoValuesOfUnknownVr) {
  const Bytes inside = item(implicit(kName, "A^B "));
  const Bytes inside_explicit = item(element(kName, "PN", "A^B "));
  const auto un = [](const Bytes& value) {
    return explicit_head(kPrivate, "UN", static_cast<std::uint32_t>(value.size())) + value;
  };
  const auto private_implicit = [](const Bytes& value) {
    return head(kPrivate, static_cast<std::uint32_t>(value.size())) + value;
  };
  const Bytes twice = item(head(kPrivate, static_cast<std::uint32_t>(inside.size())) + inside);
  const UnCase cases[] = {
      {"UN of defined length holds implicit items", un(inside), "1.2.840.10008.1.2.1", true, true},
      {"some writers keep explicit VR there", un(inside_explicit), "1.2.840.10008.1.2.1", true,
       false},
      {"UN of undefined length",
       explicit_head(kPrivate, "UN", kUndefined) + inside + sequence_end(),
       "1.2.840.10008.1.2.1", true, true},
      {"items of undefined length", un(open_item(implicit(kName, "A^B "))),
       "1.2.840.10008.1.2.1", true, true},
      {"UN within UN", un(twice), "1.2.840.10008.1.2.1", true, true},
      {"private in implicit VR", private_implicit(inside), "1.2.840.10008.1.2", true, true},
      {"bytes that begin like an item", un(head(tags::Item, 100) + raw("rest")),
       "1.2.840.10008.1.2.1", false, false},
      {"items with a rest", un(inside + raw("rest")), "1.2.840.10008.1.2.1", false, false},
      {"items with a duplicate", un(item(implicit(kName, "AB") + implicit(kName, "AB"))),
       "1.2.840.10008.1.2.1", false, false},
      {"plain bytes", un(raw("just some bytes!")), "1.2.840.10008.1.2.1", false, false},
      {"little endian items in a big endian data set",
       explicit_head(kPrivate, "UN", static_cast<std::uint32_t>(inside.size()), true) + inside,
       "1.2.840.10008.1.2.2", true, true},
  };
  for (const UnCase& row : cases) {
    SCOPED_TRACE(row.what);
    const auto dataset = read(row.bytes, row.syntax);
    ASSERT_TRUE(dataset.ok()) << dataset.error().text();
    const Element* element = dataset->find(kPrivate);
    ASSERT_NE(element, nullptr);
    EXPECT_EQ(element->holds == Holds::sequence, row.parsed);
    EXPECT_EQ(element->nested_implicit, row.nested_implicit);
    EXPECT_EQ(element->vr, vr::UN);
    EXPECT_EQ(written(*dataset, row.bytes), row.bytes);
  }
}

TEST(ReadDataset, IsNotLedIntoEndlessTries) {
  // UN within UN, 60 deep, wrong at the very bottom, many times over.
  Bytes content = raw("not an item, and not implicit VR");
  for (int i = 0; i < 60; ++i) {
    content = item(head(kPrivate, static_cast<std::uint32_t>(content.size())) + content);
  }
  Bytes bytes;
  for (unsigned i = 0; i < 200; ++i) {
    const Tag tag{0x0031, static_cast<std::uint16_t>(0x1000 + i)};
    bytes = bytes + explicit_head(tag, "UN", static_cast<std::uint32_t>(content.size())) + content;
  }
  const auto dataset = read(bytes);
  ASSERT_TRUE(dataset.ok());
  EXPECT_EQ(written(*dataset, bytes), bytes);
}

TEST(WriteDataset, KeepsMixedStylesOfLengthWhenSomethingChanges) {
  const Bytes bytes =
      open_sequence(kRequest, item(element(kName, "PN", "AB") + element(kId, "LO", "42")) +
                                  open_item(sequence(kRequest, item(element(kId, "LO", "43")))));
  auto dataset = read(bytes);
  ASSERT_TRUE(dataset.ok());
  EXPECT_EQ(written(*dataset, bytes), bytes);
  Element* request = Dataset::find(dataset->root(), kRequest);
  EXPECT_TRUE(Dataset::remove(request->items[0], kName));
  Element* inner = Dataset::find(request->items[1], kRequest);
  dataset->put_text(inner->items[0], kId, vr::LO, "a longer id");
  const Bytes expected = open_sequence(
      kRequest, item(element(kId, "LO", "42")) +
                    open_item(sequence(kRequest, item(element(kId, "LO", "a longer id ")))));
  EXPECT_EQ(written(*dataset, bytes), expected);
}

TEST(WriteDataset, DropsGroupLengthsAtEveryDepth) {
  const Bytes group = element({0x0010, 0x0000}, "UL", "abcd");
  const Bytes bytes = group + element(kName, "PN", "AB") +
                      sequence(kRequest, item(group + element(kId, "LO", "42")));
  const auto dataset = read(bytes);
  ASSERT_TRUE(dataset.ok());
  EXPECT_EQ(written(*dataset, bytes),
            element(kName, "PN", "AB") + sequence(kRequest, item(element(kId, "LO", "42"))));
}

TEST(WriteDataset, CountsRangesInTheLengthsAroundThem) {
  const std::string large(70'000, 'v');
  const Bytes bytes = sequence(kRequest, item(element({0x0042, 0x0011}, "OB", large) +
                                              element({0x0042, 0x0012}, "LO", "text")));
  auto dataset = read(bytes);
  ASSERT_TRUE(dataset.ok());
  const auto plain = write_dataset(*dataset);
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->pieces.size(), 3U);
  EXPECT_EQ(plain->length_bytes(), bytes.size());
  EXPECT_LT(plain->own.size(), 100U);
  Element* request = Dataset::find(dataset->root(), kRequest);
  Dataset::remove(request->items[0], {0x0042, 0x0012});
  EXPECT_EQ(written(*dataset, bytes),
            sequence(kRequest, item(element({0x0042, 0x0011}, "OB", large))));
}

TEST(WriteDataset, WritesNumbersAndLengthsBigEndian) {
  Dataset dataset(syntax_of(kExplicitBigEndian));
  dataset.put_u16(dataset.root(), kRows, vr::US, 0x0102);
  dataset.put_text(kId, vr::LO, "42");
  EXPECT_EQ(written(dataset, {}),
            element(kId, "LO", "42", true) + element(kRows, "US", "\x01\x02", true));
}

TEST(WriteDataset, RefusesWhatItsLengthFieldCannotSay) {
  Dataset dataset(syntax_of(kExplicitLittleEndian));
  dataset.put_text(kId, vr::LO, std::string(70'000, 'x'));
  const auto outcome = write_dataset(dataset);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().slug, "dataset.value-too-long");
  Dataset nameless(syntax_of(kExplicitLittleEndian));
  nameless.put_text(kId, Vr::none, "42");
  EXPECT_EQ(write_dataset(nameless).error().kind, ErrorKind::internal);
}

TEST(WriteDataset, DeflatesAgain) {
  Dataset dataset(syntax_of(kDeflated));
  dataset.put_text(kId, vr::LO, "42");
  dataset.put_bytes(dataset.root(), kPixels, vr::OW, Bytes(1000));
  const auto first = write_dataset(dataset);
  ASSERT_TRUE(first.ok());
  ASSERT_EQ(first->pieces.size(), 1U);
  EXPECT_EQ(first->own.size() % 2, 0U);
  EXPECT_EQ(first->own, write_dataset(dataset)->own);
  const auto again = read(first->own, kDeflated);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->text(kId).reveal(), "42");
  EXPECT_EQ(again->find(kPixels)->value.size(), 1000U);
}

TEST(Dataset, PutsInOrderReplacesAndPads) {
  Dataset dataset(syntax_of(kExplicitLittleEndian));
  dataset.put_text(kId, vr::LO, "odd");
  dataset.put_text(kName, vr::PN, "AB");
  dataset.put_text({0x0008, 0x0018}, vr::UI, "1.2.3");
  dataset.put_text(kId, vr::LO, "42");
  ASSERT_EQ(dataset.elements().size(), 3U);
  EXPECT_EQ(as_text(dataset.find({0x0008, 0x0018})->value), std::string_view("1.2.3\0", 6));
  EXPECT_EQ(dataset.text({0x0008, 0x0018}).reveal(), "1.2.3");
  EXPECT_EQ(dataset.text(kId).reveal(), "42");
  EXPECT_EQ(dataset.text(kRequest).reveal(), "");
  Element& sequence = dataset.put_sequence(dataset.root(), kRequest);
  sequence.items.emplace_back();
  EXPECT_TRUE(dataset.put_sequence(dataset.root(), kRequest).items.empty());
  EXPECT_TRUE(Dataset::remove(dataset.root(), kId));
  EXPECT_FALSE(Dataset::remove(dataset.root(), kId));
}

TEST(Dataset, ViewsStayGoodWhileMoreIsKeptAndWhenItMoves) {
  Dataset dataset(syntax_of(kExplicitLittleEndian));
  std::vector<ByteView> views;
  for (int i = 0; i < 5000; ++i) {
    const std::string text = "value " + std::to_string(i);
    views.push_back(dataset.keep(as_bytes(text)));
  }
  const Dataset moved = std::move(dataset);
  for (int i = 0; i < 5000; ++i) {
    EXPECT_EQ(as_text(views[static_cast<std::size_t>(i)]), "value " + std::to_string(i));
  }
}

TEST(FileHead, IsWrittenWithNothingOfTheSource) {
  const Bytes bytes = write_file_head(Uid{"1.2.3"}, Uid{"1.2.3.4"}, Uid{"1.2.840.10008.1.2.1"});
  EXPECT_EQ(Bytes(bytes.begin(), bytes.begin() + 128), Bytes(128));
  const Bytes whole = bytes + element(kId, "LO", "42");
  MemorySource source(whole);
  const auto read_back = read_file_head(source);
  ASSERT_TRUE(read_back.ok());
  EXPECT_EQ(read_back->sop_class.value, "1.2.3");
  EXPECT_EQ(read_back->sop_instance.value, "1.2.3.4");
  EXPECT_EQ(read_back->transfer_syntax.value, "1.2.840.10008.1.2.1");
  EXPECT_EQ(read_back->dataset_offset, bytes.size());
}

TEST(FileHead, IsToleratedWhenThePlainSyntaxShows) {
  const Bytes uids = element({0x0008, 0x0016}, "UI", "1.2.") + element({0x0008, 0x0018}, "UI", "1.3.");
  const Bytes implicit_uids = implicit({0x0008, 0x0016}, "1.2 ") + implicit({0x0008, 0x0018}, "1.3 ");
  const auto read_head = [](const Bytes& bytes) {
    MemorySource source(bytes);
    return read_file_head(source);
  };
  EXPECT_EQ(read_head(uids)->transfer_syntax.value, kExplicitLittleEndian);
  EXPECT_EQ(read_head(implicit_uids)->transfer_syntax.value, kImplicitLittleEndian);
  EXPECT_EQ(read_head(implicit_uids)->sop_instance.value, "1.3");
  EXPECT_EQ(read_head(Bytes(128) + raw("DICM") + uids)->dataset_offset, 132U);
  for (const Bytes& bad : {Bytes{}, raw("hello"), Bytes(500), raw("%PDF-1.4 and so on"),
                           element(kId, "LO", "42", true)}) {
    const auto outcome = read_head(bad);
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().slug, "file.not-dicom");
  }
  const auto lost = read_head(Bytes(128) + raw("DICM") + element(kId, "LO", "42"));
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().slug, "file.no-transfer-syntax");
}

}  // namespace
}  // namespace veilroute::dicom

#include "core/dicom/scanner.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "core/dicom/dataset.h"
#include "tests/dicom/encoded.h"
#include "tests/support/corpus.h"

namespace veilroute::dicom {
namespace {

using namespace testing;
using support::scan;

TransferSyntax syntax_of(std::string_view uid) {
  return find_transfer_syntax(Uid{std::string(uid)}).value();
}
const TransferSyntax& explicit_le() {
  static const TransferSyntax syntax = syntax_of(kExplicitLittleEndian);
  return syntax;
}
const TransferSyntax& implicit_le() {
  static const TransferSyntax syntax = syntax_of(kImplicitLittleEndian);
  return syntax;
}

constexpr Tag kName{0x0010, 0x0010}, kId{0x0010, 0x0020}, kRequest{0x0040, 0x0275},
    kPixels{0x7FE0, 0x0010}, kPrivate{0x0029, 0x1001}, kIcon{0x0088, 0x0200};

/// Sequences inside one another, of undefined length.
Bytes nested(unsigned depth) {
  Bytes front;
  Bytes back;
  for (unsigned i = 0; i < depth; ++i) {
    front = front + explicit_head(kRequest, "SQ", kUndefined) + head(tags::Item, kUndefined);
    back = back + head(tags::ItemDelimitation, 0) + sequence_end();
  }
  return front + back;
}

Bytes fragments(const Bytes& items) {
  return explicit_head(kPixels, "OB", kUndefined) + items;
}

struct ScanCase {
  const char* what;
  Bytes bytes;
  const char* slug;  // empty: no problem
  const char* path = "";
  bool implicit = false;
};

std::vector<ScanCase> scan_cases() {
  const Bytes name = element(kName, "PN", "A^B ");
  const Bytes id = element(kId, "LO", "42");
  return {
      {"nothing at all", {}, ""},
      {"two elements in order", name + id, ""},
      {"an odd length, which devices send", element(kName, "PN", "ABC") + id, ""},
      {"the same tag twice", name + name, "dataset.duplicate-tag", "(0010,0010)"},
      {"tags out of order", id + name, "dataset.out-of-order", "(0010,0010)"},
      {"the same tag twice in an item", open_sequence(kRequest, item(name + name)),
       "dataset.duplicate-tag", "(0040,0275)[1].(0010,0010)"},
      {"out of order in the second item", sequence(kRequest, item(name) + item(id + name)),
       "dataset.out-of-order", "(0040,0275)[2].(0010,0010)"},
      {"the same tag in two items", sequence(kRequest, item(name) + item(name)), ""},
      {"a header cut short", name + Bytes{0x10, 0x00, 0x20}, "dataset.truncated"},
      {"a value cut short", name + explicit_head(kId, "LO", 10) + raw("42"), "dataset.truncated",
       "(0010,0020)"},
      {"an open sequence", explicit_head(kRequest, "SQ", kUndefined) + item(name),
       "dataset.truncated", "(0040,0275)[1]"},
      {"letters that are no VR", explicit_head(kName, "ZZ", 0), "dataset.unknown-vr",
       "(0010,0010)"},
      {"two blanks for a VR", explicit_head(kName, "  ", 0), "dataset.unknown-vr", "(0010,0010)"},
      {"question marks for a VR", explicit_head(kName, "??", 0), "dataset.unknown-vr",
       "(0010,0010)"},
      {"lower case letters", explicit_head(kName, "pn", 0), "dataset.unknown-vr", "(0010,0010)"},
      {"implicit VR where explicit was announced", implicit(kName, "A^B "), "dataset.unknown-vr",
       "(0010,0010)"},
      {"explicit VR where implicit was announced", name + id, "dataset.truncated", "(0010,0010)",
       true},
      {"a VR that the dictionary does not have there", element(kName, "LO", "A^"), ""},
      {"a value longer than its item", sequence(kRequest, item(explicit_head(kName, "PN", 100))),
       "dataset.length-lies", "(0040,0275)[1].(0010,0010)"},
      {"an item longer than its sequence", sequence(kRequest, head(tags::Item, 99) + name),
       "dataset.length-lies", "(0040,0275)[1]"},
      {"a rest in an item", sequence(kRequest, item(name + Bytes{0, 0})), "dataset.length-lies"},
      {"a rest in a sequence", sequence(kRequest, item(name) + Bytes{0, 0, 0, 0}),
       "dataset.length-lies"},
      {"a long header across an item's end",
       sequence(kRequest, item(Bytes{0x10, 0, 0x10, 0, 'U', 'T', 0, 0})) + Bytes(4),
       "dataset.length-lies"},
      {"a sequence that reaches out of its item",
       sequence(kRequest, item(explicit_head(kRequest, "SQ", 50))) + Bytes(50),
       "dataset.length-lies"},
      {"an undefined item that outlives its defined sequence",
       sequence(kRequest, head(tags::Item, kUndefined) + name) +
           head(tags::ItemDelimitation, 0),
       "dataset.length-lies"},
      {"an element where an item should be", open_sequence(kRequest, name),
       "dataset.length-lies"},
      {"text of undefined length", explicit_head(kId, "UT", kUndefined) + sequence_end(),
       "dataset.length-lies", "(0010,0020)"},
      {"a delimiter with a length",
       explicit_head(kRequest, "SQ", kUndefined) + head(tags::SequenceDelimitation, 2),
       "dataset.length-lies"},
      {"nesting at the limit", nested(kDeepestNesting), ""},
      {"nesting beyond the limit", nested(kDeepestNesting + 1), "dataset.too-deep"},
      {"nesting far beyond it", nested(3000), "dataset.too-deep"},
      {"an item at top level", head(tags::Item, 0), "dataset.stray-delimiter"},
      {"an item delimiter at top level", name + head(tags::ItemDelimitation, 0),
       "dataset.stray-delimiter"},
      {"a sequence delimiter at top level", name + sequence_end(), "dataset.stray-delimiter"},
      {"an item delimiter in an item of defined length",
       sequence(kRequest, item(name + head(tags::ItemDelimitation, 0))),
       "dataset.stray-delimiter"},
      {"a sequence delimiter in a sequence of defined length",
       sequence(kRequest, item(name) + sequence_end()), "dataset.stray-delimiter"},
      {"an item delimiter between items",
       open_sequence(kRequest, item(name) + head(tags::ItemDelimitation, 0)),
       "dataset.stray-delimiter"},
      {"an unknown tag of the delimiters' group", head({0xFFFE, 0x1234}, 0),
       "dataset.stray-delimiter"},
      {"a command element", element({0x0000, 0x0100}, "US", "ab") + name,
       "dataset.command-group"},
      {"a file meta element", element({0x0002, 0x0010}, "UI", "1.") + name,
       "dataset.command-group"},
      {"zeros after the end", name + Bytes(16), "dataset.command-group"},
      {"trailing padding", name + element({0xFFFC, 0xFFFC}, "OB", std::string_view("\0\0", 2)),
       ""},
      {"group lengths", element({0x0010, 0x0000}, "UL", "abcd") + name, ""},
      {"two fragments", fragments(item({}) + item(raw("abcd")) + sequence_end()), ""},
      {"no fragment, not even the offset table", fragments(sequence_end()),
       "dataset.bad-fragments"},
      {"a fragment of undefined length", fragments(head(tags::Item, kUndefined)),
       "dataset.bad-fragments"},
      {"an element among fragments", fragments(item({}) + name), "dataset.bad-fragments"},
      {"fragments that do not end", fragments(item({}) + item(raw("abcd"))),
       "dataset.truncated"},
      {"bytes of undefined length that are not Pixel Data",
       explicit_head(kPrivate, "OB", kUndefined) + item({}) + sequence_end(),
       "dataset.bad-fragments"},
      {"an icon with fragments",
       open_sequence(kIcon, item(fragments(item({}) + item(raw("ab")) + sequence_end()))), ""},
      {"UN of undefined length holds implicit VR",
       explicit_head(kPrivate, "UN", kUndefined) + item(implicit(kName, "A^B ")) + sequence_end(),
       ""},
      {"UN of undefined length with explicit VR inside",
       explicit_head(kPrivate, "UN", kUndefined) + item(name) + sequence_end(),
       "dataset.length-lies"},
      {"an unknown sequence in implicit VR",
       head(kPrivate, kUndefined) + open_item(implicit(kName, "A^B ")) + sequence_end(), "", "",
       true},
      {"a known text of undefined length in implicit VR", head(kName, kUndefined),
       "dataset.length-lies", "(0010,0010)", true},
  };
}

TEST(Scanner, TellsHostileDataSetsByTheirSlug) {
  for (const ScanCase& row : scan_cases()) {
    SCOPED_TRACE(row.what);
    const ScanFacts facts = scan(row.bytes, row.implicit ? implicit_le() : explicit_le());
    EXPECT_EQ(facts.problem ? facts.problem->slug : "", row.slug);
    EXPECT_EQ(facts.length_bytes, row.bytes.size());
    if (facts.problem && *row.path != '\0') {
      EXPECT_EQ(facts.problem->path, row.path);
    }
  }
}

TEST(Scanner, GivesTheSameFactsForAnyPieces) {
  for (const ScanCase& row : scan_cases()) {
    SCOPED_TRACE(row.what);
    const TransferSyntax& syntax = row.implicit ? implicit_le() : explicit_le();
    const ScanFacts whole = scan(row.bytes, syntax);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{11}}) {
      const ScanFacts facts = scan(row.bytes, syntax, piece);
      EXPECT_EQ(facts.problem, whole.problem);
      EXPECT_EQ(facts.large, whole.large);
      EXPECT_EQ(facts.length_bytes, whole.length_bytes);
    }
  }
}

TEST(Scanner, AndReadDatasetAgreeOnEveryHostileDataSet) {
  for (const ScanCase& row : scan_cases()) {
    SCOPED_TRACE(row.what);
    const TransferSyntax& syntax = row.implicit ? implicit_le() : explicit_le();
    const ScanFacts facts = scan(row.bytes, syntax);
    MemorySource source(row.bytes);
    const auto dataset = read_dataset(source, syntax, facts.large);
    EXPECT_EQ(dataset.ok() ? "" : dataset.error().slug, row.slug);
  }
}

TEST(Scanner, KeepsIdentityAndWhatWasAskedForAndNothingElse) {
  const Bytes bytes = element({0x0008, 0x0016}, "UI", std::string_view("1.2\0", 4)) +
                      element({0x0008, 0x0018}, "UI", "1.3 ") +
                      element({0x0008, 0x0060}, "CS", "DX") +
                      element({0x0008, 0x0070}, "LO", "MAKER ") + element(kId, "LO", "  42  ") +
                      element({0x0020, 0x000D}, "UI", "") +
                      sequence(kRequest, item(element(kId, "LO", "inside")));
  const ScanFacts facts = scan(bytes, explicit_le(), 5, {Tag{0x0008, 0x0060}});
  ASSERT_FALSE(facts.problem.has_value());
  ASSERT_EQ(facts.captured.size(), 5U);
  EXPECT_EQ(facts.value(tags::SOPClassUID), "1.2");
  EXPECT_EQ(facts.value(tags::SOPInstanceUID), "1.3");
  EXPECT_EQ(facts.value(tags::Modality), "DX");
  EXPECT_EQ(facts.value(kId), "  42");
  EXPECT_EQ(facts.value(tags::StudyInstanceUID), "");
  EXPECT_EQ(facts.value({0x0008, 0x0070}), "");
}

TEST(Scanner, CapturesAtMostAThousandAndTwentyFourBytes) {
  const std::string text(3000, 'x');
  const Bytes bytes = element(kId, "LO", text);
  EXPECT_EQ(scan(bytes, explicit_le(), 100).value(kId).size(), 1024U);
  EXPECT_EQ(scan(bytes, explicit_le()).value(kId).size(), 1024U);
}

TEST(Scanner, SaysWhereLargeValuesAre) {
  const std::string large(kLargeValueBytes, 'v');
  const std::string nearly(kLargeValueBytes - 2, 'v');
  const Bytes icon = fragments(item({}) + item(raw("ab")) + sequence_end());
  const Bytes bytes = element({0x0028, 0x3006}, "OW", large) +
                      sequence(kIcon, item(icon)) +
                      sequence({0x0088, 0x0201}, item(element({0x0042, 0x0011}, "OB", large))) +
                      element({0x5400, 0x1010}, "OW", nearly) +
                      element(kPixels, "OW", "abcd");
  const ScanFacts facts = scan(bytes, explicit_le(), 4096);
  ASSERT_FALSE(facts.problem.has_value());
  ASSERT_EQ(facts.large.size(), 4U);
  const auto begins = [&](std::size_t i) { return facts.large[i].begin; };
  EXPECT_EQ(facts.large[0], (LargeValue{12, 12 + large.size(), {0x0028, 0x3006}, 0}));
  EXPECT_EQ(facts.large[1].fragments, 2U);
  EXPECT_EQ(facts.large[1].end - begins(1), 8U + 8U + 2U + 8U);
  EXPECT_EQ(facts.large[2].tag, (Tag{0x0042, 0x0011}));
  EXPECT_EQ(facts.large[3].tag, kPixels);
  EXPECT_EQ(facts.large[3].end, bytes.size());
  EXPECT_EQ(facts.large[3].end - begins(3), 4U);
}

TEST(Scanner, CountsWhatItCannotRead) {
  Scanner scanner(std::nullopt, {});
  scanner.feed(Bytes(1000));
  const ScanFacts facts = scanner.finish();
  ASSERT_TRUE(facts.problem.has_value());
  EXPECT_EQ(facts.problem->slug, "transfer-syntax.unknown");
  EXPECT_EQ(facts.length_bytes, 1000U);
}

TEST(Scanner, StopsWhenThereAreTooManyRanges) {
  Bytes items;
  const Bytes one = item(fragments(item({}) + sequence_end()));
  for (int i = 0; i < 65'537; ++i) items.insert(items.end(), one.begin(), one.end());
  const ScanFacts facts = scan(open_sequence(kIcon, items), explicit_le());
  ASSERT_TRUE(facts.problem.has_value());
  EXPECT_EQ(facts.problem->slug, "dataset.too-many-ranges");
}

TEST(Scanner, ReadsBigEndian) {
  const Bytes bytes = element(kId, "LO", "42", true) +
                      explicit_head(kRequest, "SQ", kUndefined, true) +
                      head(tags::Item, kUndefined, true) + element(kName, "PN", "A^", true) +
                      head(tags::ItemDelimitation, 0, true) +
                      head(tags::SequenceDelimitation, 0, true);
  const ScanFacts facts = scan(bytes, syntax_of(kExplicitBigEndian), 1);
  EXPECT_FALSE(facts.problem.has_value());
  EXPECT_EQ(facts.value(kId), "42");
}

/// Raw deflate without the padding that makes lengths even.
Bytes deflated(const Bytes& plain) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  Bytes packed(deflateBound(&stream, static_cast<uLong>(plain.size())));
  stream.next_in = const_cast<Bytef*>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

TEST(Scanner, InflatesOnTheSide) {
  const Bytes packed = deflated(element(kName, "PN", "A^B ") + element(kId, "LO", "42") +
                                element(kPixels, "OW", std::string(100'000, '\0')));
  for (const std::size_t piece : {std::size_t{1}, std::size_t{4096}}) {
    const ScanFacts facts = scan(packed, syntax_of(kDeflated), piece);
    EXPECT_FALSE(facts.problem.has_value());
    EXPECT_EQ(facts.value(kId), "42");
    EXPECT_TRUE(facts.large.empty());
    EXPECT_EQ(facts.length_bytes, packed.size());
  }
}

TEST(Scanner, RefusesDeflatedDataThatIsBrokenOrABomb) {
  const TransferSyntax syntax = syntax_of(kDeflated);
  const auto slug = [&](const Bytes& bytes) {
    const ScanFacts facts = scan(bytes, syntax, 1000);
    return facts.problem ? facts.problem->slug : "";
  };
  const Bytes packed = deflated(element(kId, "LO", "42"));
  EXPECT_EQ(slug(Bytes(64, 0xFF)), "dataset.inflate-failed");
  EXPECT_EQ(slug(Bytes(packed.begin(), packed.end() - 3)), "dataset.truncated");
  EXPECT_EQ(slug({}), "dataset.truncated");
  EXPECT_EQ(slug(packed), "");
  EXPECT_EQ(slug(packed + Bytes(1)), "");
  EXPECT_EQ(slug(packed + Bytes(2)), "dataset.inflate-failed");
  EXPECT_EQ(slug(packed + raw("x")), "dataset.inflate-failed");
  EXPECT_EQ(slug(packed + raw("hidden")), "dataset.inflate-failed");
  EXPECT_EQ(slug(packed + raw("hidden and much longer")), "dataset.inflate-failed");
  const Bytes bomb = deflated(element(kPixels, "OW", std::string(40'000'000, '\0')));
  EXPECT_EQ(slug(bomb), "dataset.inflates-too-far");
}

TEST(Scanner, AndReadDatasetTakeNoFragmentsInDeflatedData) {
  const Bytes whole =
      element(kId, "LO", "42") + fragments(item({}) + item(raw("abcd")) + sequence_end());
  const Bytes icon = element(kId, "LO", "42") + open_sequence(kIcon, item(whole));
  for (const Bytes& plain : {whole, icon}) {
    const Bytes packed = deflated(plain);
    const ScanFacts facts = scan(packed, syntax_of(kDeflated));
    EXPECT_EQ(facts.problem ? facts.problem->slug : "", "dataset.bad-fragments");
    MemorySource source(packed);
    const auto dataset = read_dataset(source, syntax_of(kDeflated), {});
    EXPECT_EQ(dataset.ok() ? "" : dataset.error().slug, "dataset.bad-fragments");
  }
}

TEST(Scanner, AcceptsTheCheckSumThatSomeDevicesLeaveAfterDeflatedData) {
  const Bytes plain = element(kId, "LO", "42");
  const Bytes packed = deflated(plain);
  const auto crc = static_cast<std::uint32_t>(
      crc32(0, plain.data(), static_cast<unsigned>(plain.size())));
  Bytes trailer;
  put(trailer, crc, 4);
  put(trailer, static_cast<std::uint32_t>(plain.size()), 4);
  EXPECT_FALSE(scan(packed + trailer, syntax_of(kDeflated), 1).problem.has_value());
  EXPECT_FALSE(scan(packed + trailer + Bytes(1), syntax_of(kDeflated), 1).problem.has_value());
  trailer[0] ^= 1U;
  EXPECT_TRUE(scan(packed + trailer, syntax_of(kDeflated), 1).problem.has_value());
}

}  // namespace
}  // namespace veilroute::dicom

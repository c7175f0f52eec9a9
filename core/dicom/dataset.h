// Dataset: a data set as a tree of attributes, bit-exact where nothing was changed.
// Large values stay where they are and are known as ranges (scanner.h).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/phi.h"
#include "core/dicom/dictionary.h"
#include "core/dicom/sample_mask.h"
#include "core/dicom/scanner.h"
#include "core/dicom/transfer_syntax.h"

namespace veilroute::dicom {

struct Item;

/// A part of what will be written: bytes of our own, or a range of the source's data set.
struct Piece {
  bool own = true;
  std::uint64_t offset = 0;  ///< into the own block, or into the source's data set
  std::uint64_t length = 0;
  SampleMask mask = {};  ///< of a range of native Pixel Data, whole samples
  bool operator==(const Piece&) const = default;
};

/// What goes out in place of a large value: bytes of our own between extents of it, in its order.
struct PiecedValue {
  Bytes own;
  std::vector<Piece> pieces;
  [[nodiscard]] std::uint64_t length_bytes() const;
};

enum class Holds : std::uint8_t {
  value,     ///< bytes in memory, in the data set's byte order, padded
  range,     ///< a large value of the source, verbatim or in pieces
  sequence,  ///< items
};

/// One attribute (PS3.5 7.1).
struct Element {
  Tag tag;
  Vr vr = Vr::none;  ///< as stated; for implicit VR as implicit_vr() says
  Holds holds = Holds::value;
  bool undefined_length = false;  ///< as encoded: sequences and encapsulated Pixel Data
  /// A sequence found inside UN (PS3.5 6.2.2) or in an implicit private value: its content is
  /// implicit little endian whatever the data set is; it is written back as it was stated.
  bool nested_implicit = false;
  ByteView value;    ///< Holds::value; lives as long as the Dataset
  LargeValue range;  ///< Holds::range
  SampleMask mask;   ///< Holds::range: native Pixel Data
  /// Holds::range: what is written in its place; null: the range as it is.
  std::shared_ptr<const PiecedValue> pieced;
  std::vector<Item> items;  ///< Holds::sequence
};

struct Item {
  bool undefined_length = false;
  std::vector<Element> elements;  ///< ascending by tag
};

/// What a written data set consists of: an own block, and how it interleaves with the source.
struct WrittenDataset {
  Bytes own;
  std::vector<Piece> pieces;
  [[nodiscard]] std::uint64_t length_bytes() const;
};

/// A whole data set. Move only; one thread.
class Dataset {
 public:
  explicit Dataset(TransferSyntax syntax) : syntax_(std::move(syntax)) {}
  // A deque may allocate when it is moved. NOLINTNEXTLINE(performance-noexcept-move-constructor)
  Dataset(Dataset&&) = default;
  Dataset& operator=(Dataset&&) = default;

  [[nodiscard]] const TransferSyntax& syntax() const { return syntax_; }
  [[nodiscard]] std::vector<Element>& elements() { return root_.elements; }
  [[nodiscard]] const std::vector<Element>& elements() const { return root_.elements; }
  [[nodiscard]] Item& root() { return root_; }
  [[nodiscard]] const Item& root() const { return root_; }

  /// Copies bytes into storage that lives as long as the data set.
  ByteView keep(ByteView bytes);
  ByteView keep(Bytes&& bytes);

  /// Top level. Text is raw (padding trimmed, character set as sent).
  [[nodiscard]] const Element* find(Tag tag) const;
  [[nodiscard]] Phi<std::string> text(Tag tag) const;
  /// Puts or replaces, keeping the order of tags; pads odd lengths by the VR's rule.
  void put_text(Item& where, Tag tag, Vr vr, std::string_view text);
  void put_text(Tag tag, Vr vr, std::string_view text) { put_text(root_, tag, vr, text); }
  void put_bytes(Item& where, Tag tag, Vr vr, ByteView bytes);
  /// A 16-bit number in the data set's byte order; not for items inside `nested_implicit`.
  void put_u16(Item& where, Tag tag, Vr vr, std::uint16_t number);
  /// An empty sequence of defined length, replacing what was there.
  Element& put_sequence(Item& where, Tag tag);
  static bool remove(Item& where, Tag tag);
  static Element* find(Item& where, Tag tag);
  static const Element* find(const Item& where, Tag tag);

 private:
  TransferSyntax syntax_;
  Item root_;
  std::deque<Bytes> kept_;
};

struct ReadLimits {
  unsigned deepest = kDeepestNesting;
  std::uint64_t most_elements = 500'000;
  std::uint64_t most_own_bytes = 256ULL << 20U;
};

/// Reads a data set, strictly: a duplicate or unordered tag, an unknown VR, a length that lies,
/// group 0000 or 0002 elements, or anything after the last element is `invalid` with the scanner's
/// slugs. `large` are the ranges the scanner found: they are stepped over, never read. Sequences of
/// unknown VR (UN, or private in implicit VR) are parsed when they are well-formed, else kept as
/// values. Deflated data sets are inflated within limits first; everything is then in memory.
/// Beyond the limits: "dataset.too-many-elements", "dataset.too-big". Ranges that are not where
/// large values are: `corrupt`, "dataset.ranges-disagree". (Explicit VR's reserved bytes are not
/// kept.)
Result<Dataset> read_dataset(ByteSource& source, const TransferSyntax& syntax,
                             const std::vector<LargeValue>& large, const ReadLimits& limits = {});

/// Writes it back in its own syntax: what was not touched comes out bit for bit, except that group
/// lengths are gone (they would lie). Items and sequences that were changed keep their style
/// of length. Deflated data sets are deflated again and are one own piece.
Result<WrittenDataset> write_dataset(const Dataset& dataset);

/// A DICOM file (PS3.10): where its data set begins, and what its file meta information says.
struct FileHead {
  Uid sop_class;
  Uid sop_instance;
  Uid transfer_syntax;
  std::uint64_t dataset_offset = 0;
};
/// Files without preamble or meta information are `invalid` unless the data set can be told to be
/// plain implicit or explicit little endian; then the UIDs come from the data set.
Result<FileHead> read_file_head(ByteSource& file);
/// A zeroed preamble, "DICM", and file meta information of our own (PS3.15 E.1.1: nothing copied).
Bytes write_file_head(const Uid& sop_class, const Uid& sop_instance, const Uid& transfer_syntax);
/// Our implementation class UID and version name (PS3.7 D.3.3.2); no site in them.
inline constexpr std::string_view kImplementationClassUid =
    "2.25.329264827431530424276514322371960420112";
inline constexpr std::string_view kImplementationVersionName = "VEILROUTE_1";

}  // namespace veilroute::dicom

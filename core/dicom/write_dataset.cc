// Writing a data set back (dataset.h): untouched values come out bit for bit, lengths are made
// anew, and large values are referred to where they are.
#include <algorithm>

#include "core/dicom/dataset.h"
#include "core/dicom/element_header.h"
#include "core/dicom/inflate.h"

namespace veilroute::dicom {
namespace {

constexpr std::uint64_t kMostShortLength = 0xFFFF;
constexpr std::uint64_t kMostLength = 0xFFFFFFFE;

class DatasetWriter {
 public:
  Result<void> write_item(const Item& item, const Encoding& encoding, unsigned depth);
  WrittenDataset finish() &&;

 private:
  Result<void> write_element(const Element& element, const Encoding& encoding, unsigned depth);
  Result<void> write_sequence(const Element& element, const Encoding& encoding, unsigned depth);
  Result<void> write_content(const Element& element, const Encoding& encoding, unsigned depth);
  Result<std::size_t> write_header(const Element& element, std::uint64_t length,
                                   const Encoding& encoding);
  Result<void> patch_length(std::size_t at, std::uint64_t length, bool big_endian, Tag tag);
  Result<void> write_pieces(const PiecedValue& value, Tag tag);
  void write_source(const Piece& piece);
  void close_own();
  [[nodiscard]] std::uint64_t total() const { return out_.own.size() + range_bytes_; }
  void u16(std::uint16_t value, bool big_endian);
  void u32(std::uint32_t value, bool big_endian);
  void tag(Tag value, bool big_endian) {
    u16(value.group, big_endian);
    u16(value.element, big_endian);
  }

  WrittenDataset out_;
  std::uint64_t own_done_ = 0;  // own bytes that pieces already cover
  std::uint64_t range_bytes_ = 0;
};

void put_u32(std::uint8_t* at, std::uint32_t value, bool big_endian) {
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned shift = big_endian ? 24U - 8U * i : 8U * i;
    at[i] = static_cast<std::uint8_t>((value >> shift) & 0xFFU);
  }
}

Error too_long(Tag tag) {
  return make_error(ErrorKind::invalid, "dataset.value-too-long",
                    to_text(tag) + " is longer than its length field can say");
}

void DatasetWriter::u16(std::uint16_t value, bool big_endian) {
  const auto low = static_cast<std::uint8_t>(value & 0xFFU);
  const auto high = static_cast<std::uint8_t>(value >> 8U);
  out_.own.push_back(big_endian ? high : low);
  out_.own.push_back(big_endian ? low : high);
}

void DatasetWriter::u32(std::uint32_t value, bool big_endian) {
  const std::size_t at = out_.own.size();
  out_.own.resize(at + 4);
  put_u32(out_.own.data() + at, value, big_endian);
}

Result<void> DatasetWriter::write_item(const Item& item, const Encoding& encoding, unsigned depth) {
  for (const Element& element : item.elements) {
    if (element.tag.is_group_length()) continue;  // would lie as soon as anything changes
    VR_TRY(write_element(element, encoding, depth));
  }
  return {};
}

Result<void> DatasetWriter::write_element(const Element& element, const Encoding& encoding,
                                          unsigned depth) {
  switch (element.holds) {
    case Holds::sequence:
      return write_sequence(element, encoding, depth);
    case Holds::range: {
      const std::uint64_t length =
          element.pieced ? element.pieced->length_bytes() : element.range.end - element.range.begin;
      VR_TRY(write_header(element, length, encoding));
      if (!element.pieced) {
        write_source({false, element.range.begin, length, element.mask});
        return {};
      }
      return write_pieces(*element.pieced, element.tag);
    }
    case Holds::value:
      break;
  }
  VR_TRY(write_header(element, element.value.size(), encoding));
  out_.own.insert(out_.own.end(), element.value.begin(), element.value.end());
  return {};
}

Result<void> DatasetWriter::write_sequence(const Element& element, const Encoding& encoding,
                                           unsigned depth) {
  if (depth == kDeepestNesting) {
    return make_error(ErrorKind::invalid, "dataset.too-deep",
                      to_text(element.tag) + " is nested too deeply to be written");
  }
  VR_TRY(const std::size_t length_at, write_header(element, 0, encoding));
  const std::uint64_t begin = total();
  const Encoding inside = element.nested_implicit ? kInsideUn : encoding;
  VR_TRY(write_content(element, inside, depth + 1));
  if (element.undefined_length) {
    tag(tags::SequenceDelimitation, inside.big_endian);
    u32(0, inside.big_endian);
    return {};
  }
  return patch_length(length_at, total() - begin, encoding.big_endian, element.tag);
}

Result<void> DatasetWriter::write_content(const Element& element, const Encoding& encoding,
                                          unsigned depth) {
  for (const Item& item : element.items) {
    tag(tags::Item, encoding.big_endian);
    const std::size_t length_at = out_.own.size();
    u32(item.undefined_length ? kUndefinedLength : 0, encoding.big_endian);
    const std::uint64_t begin = total();
    VR_TRY(write_item(item, encoding, depth));
    if (item.undefined_length) {
      tag(tags::ItemDelimitation, encoding.big_endian);
      u32(0, encoding.big_endian);
    } else {
      VR_TRY(patch_length(length_at, total() - begin, encoding.big_endian, element.tag));
    }
  }
  return {};
}

/// Gives back where a 32-bit length stands, for sequences, whose length comes later.
Result<std::size_t> DatasetWriter::write_header(const Element& element, std::uint64_t length,
                                                const Encoding& encoding) {
  const bool big = encoding.big_endian;
  const bool wide = encoding.implicit_vr || has_long_length(element.vr);
  // Of undefined length, fragments may be more than 4 GiB together.
  const bool stated = !element.undefined_length;
  if (stated && length > (wide ? kMostLength : kMostShortLength)) return too_long(element.tag);
  tag(element.tag, big);
  if (!encoding.implicit_vr) {
    if (!is_known(element.vr)) {
      return make_error(ErrorKind::internal, "dataset.unknown-vr",
                        to_text(element.tag) + " has no VR to write");
    }
    if (!wide && (element.undefined_length || element.holds == Holds::sequence)) {
      return make_error(ErrorKind::internal, "dataset.unknown-vr",
                        to_text(element.tag) + " has a VR that cannot hold what it holds");
    }
    const auto letters = static_cast<std::uint16_t>(element.vr);
    u16(letters, true);
    if (!wide) {
      u16(static_cast<std::uint16_t>(length), big);
      return out_.own.size();
    }
    u16(0, big);
  }
  const std::size_t at = out_.own.size();
  u32(element.undefined_length ? kUndefinedLength : static_cast<std::uint32_t>(length), big);
  return at;
}

Result<void> DatasetWriter::patch_length(std::size_t at, std::uint64_t length, bool big_endian,
                                         Tag tag) {
  if (length > kMostLength) return too_long(tag);
  put_u32(out_.own.data() + at, static_cast<std::uint32_t>(length), big_endian);
  return {};
}

Result<void> DatasetWriter::write_pieces(const PiecedValue& value, Tag tag) {
  for (const Piece& piece : value.pieces) {
    if (!piece.own) {
      write_source(piece);
      continue;
    }
    if (piece.offset > value.own.size() || piece.length > value.own.size() - piece.offset) {
      return make_error(ErrorKind::internal, "dataset.ranges-disagree",
                        to_text(tag) + " refers to bytes of its own that it does not have");
    }
    const auto begin = value.own.begin() + static_cast<std::ptrdiff_t>(piece.offset);
    out_.own.insert(out_.own.end(), begin, begin + static_cast<std::ptrdiff_t>(piece.length));
  }
  return {};
}

void DatasetWriter::write_source(const Piece& piece) {
  if (piece.length == 0) return;
  close_own();
  out_.pieces.push_back(piece);
  range_bytes_ += piece.length;
}

void DatasetWriter::close_own() {
  const std::uint64_t length = out_.own.size() - own_done_;
  if (length == 0) return;
  out_.pieces.push_back({true, own_done_, length});
  own_done_ = out_.own.size();
}

WrittenDataset DatasetWriter::finish() && {
  close_own();
  return std::move(out_);
}

}  // namespace

Result<WrittenDataset> write_dataset(const Dataset& dataset) {
  const TransferSyntax& syntax = dataset.syntax();
  DatasetWriter writer;
  VR_TRY(writer.write_item(dataset.root(), {syntax.implicit_vr, syntax.big_endian}, 0));
  WrittenDataset written = std::move(writer).finish();
  if (!syntax.deflated) return written;
  const bool refers = std::any_of(written.pieces.begin(), written.pieces.end(),
                                  [](const Piece& piece) { return !piece.own; });
  if (refers) {
    return make_error(ErrorKind::internal, "dataset.ranges-disagree",
                      "a deflated data set cannot refer to ranges of its source");
  }
  WrittenDataset deflated;
  VR_TRY(deflated.own, deflate_all(written.own));
  deflated.pieces.push_back({true, 0, deflated.own.size()});
  return deflated;
}

}  // namespace veilroute::dicom

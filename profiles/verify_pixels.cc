#include "profiles/verify_pixels.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "core/dicom/picture_reader.h"

namespace veilroute::profiles {
namespace {

constexpr std::size_t kReadBytes = 64U << 10U;

Problem pixel_finding(std::string rule) {
  return {dicom::to_text(dicom::tags::PixelData), std::move(rule), std::string(kBrokenPromise)};
}

Result<dicom::ScanFacts> scan_copy(const dicom::OutboxRecord& record, ByteView own,
                                   ByteSource& source) {
  VR_TRY(const dicom::TransferSyntax syntax, dicom::find_transfer_syntax(record.transfer_syntax));
  MemorySource own_source(own);
  dicom::RecordSource copy(record, own_source, source);
  dicom::Scanner scanner(syntax, {});
  Bytes block;
  for (std::uint64_t at = 0; at < copy.size_bytes(); at += block.size()) {
    block.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(kReadBytes, copy.size_bytes() - at)));
    VR_TRY(copy.read_at(at, block));
    scanner.feed(block);
  }
  return scanner.finish();
}

dicom::PictureShape shape_seen_in(const std::vector<Seen>& attributes) {
  dicom::PictureShape shape;
  for (const Seen& seen : attributes) {
    if (seen.depth == 0) {
      shape.note(seen.tag, seen.value, std::endian::native == std::endian::big);
    }
  }
  return shape;
}

/// Of the copy's top level; in this machine's byte order, as the second reader gives it.
unsigned number_seen(const std::vector<Seen>& attributes, dicom::Tag tag) {
  for (const Seen& seen : attributes) {
    std::uint16_t number = 0;
    if (seen.depth != 0 || seen.tag != tag || seen.value.size() != sizeof number) continue;
    std::memcpy(&number, seen.value.data(), sizeof number);
    return number;
  }
  return ~0U;
}

bool is_as_declared(const dicom::SampleMask& mask, const dicom::OutboxRecord& record,
                    const std::vector<Seen>& attributes) {
  const auto syntax = dicom::find_transfer_syntax(record.transfer_syntax);
  return syntax.ok() && syntax->big_endian == mask.big_endian &&
         number_seen(attributes, {0x0028, 0x0100}) == 8U * mask.sample_bytes &&
         number_seen(attributes, {0x0028, 0x0101}) == mask.bits_stored &&
         number_seen(attributes, {0x0028, 0x0102}) == mask.high_bit &&
         number_seen(attributes, {0x0028, 0x0103}) == (mask.is_signed ? 1U : 0U);
}

/// Findings are about the copy; what is wrong with the disk is an error.
bool is_about_the_picture(const Error& error) { return error.slug == "picture.unreadable"; }

}  // namespace

std::vector<Problem> check_masks(const dicom::OutboxRecord& record,
                                 const std::vector<dicom::LargeValue>& source_large,
                                 const std::vector<Seen>& attributes) {
  for (const dicom::Piece& piece : record.pieces) {
    if (piece.mask.is_none()) continue;
    const bool native = std::any_of(
        source_large.begin(), source_large.end(), [&piece](const dicom::LargeValue& large) {
          return !piece.own && piece.offset == large.begin && large.fragments == 0 &&
                 large.tag == dicom::tags::PixelData;
        });
    const bool whole = piece.length % piece.mask.sample_bytes == 0;
    if (native && whole && is_as_declared(piece.mask, record, attributes)) continue;
    return {pixel_finding("verify.pieces")};
  }
  return {};
}

const dicom::LargeValue* range_in_parts(const dicom::OutboxRecord& record,
                                        const std::vector<dicom::LargeValue>& source_large) {
  for (const dicom::LargeValue& large : source_large) {
    if (large.fragments == 0) continue;
    for (const dicom::Piece& piece : record.pieces) {
      const bool inside = !piece.own && piece.offset >= large.begin && piece.offset < large.end;
      if (inside && piece.length != large.end - large.begin) return &large;
    }
  }
  return nullptr;
}

Result<StrippedCopy> StrippedCopy::read(const dicom::OutboxRecord& record, ByteView own,
                                        const dicom::LargeValue& pixels, ByteSource& source) {
  StrippedCopy copy(record, own, pixels, source);
  VR_TRY(const dicom::ScanFacts facts, scan_copy(record, own, source));
  const auto written =
      std::find_if(facts.large.begin(), facts.large.end(),
                   [&pixels](const dicom::LargeValue& large) { return large.tag == pixels.tag; });
  if (facts.problem || written == facts.large.end() || written->fragments == 0) {
    return make_error(ErrorKind::invalid, "verify.unreadable",
                      "the copy with its pixels in pieces does not read as a data set");
  }
  copy.written_ = *written;
  copy.put_together();
  return copy;
}

/// Own pieces that reach into the pixels are cut at their ends.
void StrippedCopy::put_together() {
  whole_ = *record_;
  whole_.pieces.clear();
  range_ = *pixels_;
  range_.end = range_.begin + (written_.end - written_.begin);
  range_.codestream = written_.codestream;
  const dicom::Piece stand_in{false, range_.begin, range_.end - range_.begin};
  bool stands = false;
  std::uint64_t at = 0;
  for (const dicom::Piece& piece : record_->pieces) {
    const std::uint64_t end = at + piece.length;
    if (at < written_.begin) {
      whole_.pieces.push_back(
          {piece.own, piece.offset, std::min(end, written_.begin) - at, piece.mask});
    }
    if (end > written_.begin && !stands) {
      whole_.pieces.push_back(stand_in);
      stands = true;
    }
    if (end > written_.end) {
      const std::uint64_t from = std::max(at, written_.end);
      whole_.pieces.push_back({piece.own, piece.offset + (from - at), end - from, piece.mask});
    }
    at = end;
  }
}

Result<std::vector<Problem>> StrippedCopy::check(const std::vector<Seen>& attributes) const {
  std::vector<Problem> problems;
  const dicom::PictureShape shape = shape_seen_in(attributes);
  const Uid& syntax = record_->transfer_syntax;
  MemorySource own_source(own_);
  dicom::RecordSource copy(*record_, own_source, *source_);
  const auto before = dicom::read_picture(*source_, pixels_->begin, pixels_->end, syntax, shape);
  const auto after = dicom::read_picture(copy, written_.begin, written_.end, syntax, shape);
  for (const auto* reading : {&before, &after}) {
    if (!reading->ok() && !is_about_the_picture(reading->error())) return reading->error();
  }
  if (!before.ok() || !after.ok() || before->digest != after->digest ||
      before->frames != after->frames) {
    problems.push_back(pixel_finding("verify.picture-changed"));
  } else if (!after->offset_table_is_true) {
    problems.push_back(pixel_finding("verify.offset-table"));
  }
  return problems;
}

}  // namespace veilroute::profiles

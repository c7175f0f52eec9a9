// The head of a DICOM file (PS3.10 7.1): read tolerantly, written anew.
#include <algorithm>
#include <array>

#include "core/dicom/dataset.h"
#include "core/dicom/element_header.h"
#include "core/dicom/padding.h"
#include "core/dicom/uid.h"

namespace veilroute::dicom {
namespace {

constexpr std::uint64_t kPreambleBytes = 128;
constexpr std::uint16_t kMetaGroup = 0x0002;
constexpr std::uint32_t kLongestMetaValue = 1U << 20U;
constexpr std::size_t kPieceBytes = 64U << 10U;
constexpr Encoding kMetaEncoding{false, false};

constexpr Tag kMetaGroupLength{0x0002, 0x0000}, kVersion{0x0002, 0x0001},
    kMediaClass{0x0002, 0x0002}, kMediaInstance{0x0002, 0x0003}, kTransferSyntax{0x0002, 0x0010},
    kImplementationClass{0x0002, 0x0012}, kImplementationVersion{0x0002, 0x0013};

Error not_dicom() {
  return make_error(ErrorKind::invalid, "file.not-dicom", "this is not a DICOM file");
}

/// Reads up to out.size() bytes; fewer at the end.
Result<std::size_t> read_some(ByteSource& file, std::uint64_t at, std::span<std::uint8_t> out) {
  const std::uint64_t size = file.size_bytes();
  const std::uint64_t left = at < size ? size - at : 0;
  const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(left, out.size()));
  if (some > 0) VR_TRY(file.read_at(at, out.first(some)));
  return some;
}

/// The file meta information, by its tags rather than by its group length, which may lie.
Result<void> read_meta(ByteSource& file, FileHead& head) {
  std::array<std::uint8_t, kLongestHeaderBytes> bytes{};
  while (true) {
    bytes.fill(0);
    VR_TRY(const std::size_t got, read_some(file, head.dataset_offset, bytes));
    if (got < kItemHeaderBytes || read_u16(bytes.data(), false) != kMetaGroup) return {};
    const Tag tag{kMetaGroup, read_u16(bytes.data() + 2, false)};
    const Vr stated = vr_of(static_cast<char>(bytes[4]), static_cast<char>(bytes[5]));
    if (!is_known(stated)) return not_dicom();
    const std::uint32_t size = header_size_bytes(bytes.data(), kMetaEncoding);
    const std::uint32_t length = size == kLongestHeaderBytes
                                     ? read_u32(bytes.data() + 8, false)
                                     : read_u16(bytes.data() + 6, false);
    if (got < size || length > kLongestMetaValue) return not_dicom();
    Bytes value(length);
    VR_TRY(file.read_at(head.dataset_offset + size, value));
    const std::string_view text = trimmed(value);
    if (tag == kMediaClass) head.sop_class.value = text;
    if (tag == kMediaInstance) head.sop_instance.value = text;
    if (tag == kTransferSyntax) head.transfer_syntax.value = text;
    head.dataset_offset += size + length;
  }
}

/// Plain little endian shows itself by its first element: group 0008, or 0004 of a directory,
/// and either two letters of a VR or a length that fits.
Result<Uid> guess_syntax(ByteSource& file, std::uint64_t offset) {
  std::array<std::uint8_t, kItemHeaderBytes> bytes{};
  VR_TRY(const std::size_t got, read_some(file, offset, bytes));
  const std::uint16_t group = read_u16(bytes.data(), false);
  if (got == bytes.size() && (group == 0x0008 || group == 0x0004)) {
    const Vr stated = vr_of(static_cast<char>(bytes[4]), static_cast<char>(bytes[5]));
    if (is_known(stated)) return Uid{std::string(kExplicitLittleEndian)};
    const std::uint32_t length = read_u32(bytes.data() + 4, false);
    const std::uint64_t left = file.size_bytes() - offset - got;
    if (length <= left) return Uid{std::string(kImplicitLittleEndian)};
  }
  return make_error(ErrorKind::invalid, "file.no-transfer-syntax",
                    "the file does not say how its data set is encoded");
}

Result<void> take_uids_from_dataset(ByteSource& file, FileHead& head) {
  const auto syntax = find_transfer_syntax(head.transfer_syntax);
  if (!syntax.ok()) return {};  // nothing can be read; what the file says must do
  Scanner scanner(syntax.value(), {});
  Bytes piece(kPieceBytes);
  for (std::uint64_t at = head.dataset_offset; at < file.size_bytes();) {
    VR_TRY(const std::size_t got, read_some(file, at, piece));
    scanner.feed(ByteView(piece).first(got));
    at += got;
  }
  const ScanFacts facts = scanner.finish();
  if (head.sop_class.value.empty()) head.sop_class.value = facts.value(tags::SOPClassUID);
  if (head.sop_instance.value.empty()) head.sop_instance.value = facts.value(tags::SOPInstanceUID);
  return {};
}

void put_meta(Bytes& out, Tag tag, Vr vr, ByteView value) {
  const auto u16 = [&out](std::size_t number) {
    out.push_back(static_cast<std::uint8_t>(number & 0xFFU));
    out.push_back(static_cast<std::uint8_t>((number >> 8U) & 0xFFU));
  };
  const std::size_t padded = value.size() + value.size() % 2;
  u16(tag.group);
  u16(tag.element);
  out.push_back(static_cast<std::uint8_t>(static_cast<std::uint16_t>(vr) >> 8U));
  out.push_back(static_cast<std::uint8_t>(static_cast<std::uint16_t>(vr) & 0xFFU));
  if (has_long_length(vr)) {
    u16(0);
    u16(padded & 0xFFFFU);
    u16(padded >> 16U);
  } else {
    u16(padded);
  }
  out.insert(out.end(), value.begin(), value.end());
  if (padded != value.size()) out.push_back(padding_of(vr));
}

}  // namespace

Result<FileHead> read_file_head(ByteSource& file) {
  std::array<std::uint8_t, kPreambleBytes + 4> start{};
  VR_TRY(const std::size_t got, read_some(file, 0, start));
  FileHead head;
  const ByteView prefix = ByteView(start).subspan(kPreambleBytes);
  if (got == start.size() && as_text(prefix) == "DICM") head.dataset_offset = start.size();
  VR_TRY(read_meta(file, head));
  const bool no_meta = head.dataset_offset == 0;
  if (head.transfer_syntax.value.empty()) {
    auto guessed = guess_syntax(file, head.dataset_offset);
    if (!guessed.ok()) return no_meta ? not_dicom() : guessed.error();
    head.transfer_syntax = std::move(guessed).value();
  }
  if (head.sop_class.value.empty() || head.sop_instance.value.empty()) {
    VR_TRY(take_uids_from_dataset(file, head));
  }
  return head;
}

Bytes write_file_head(const Uid& sop_class, const Uid& sop_instance, const Uid& transfer_syntax) {
  Bytes meta;
  constexpr std::array<std::uint8_t, 2> version = {0, 1};
  put_meta(meta, kVersion, vr::OB, version);
  put_meta(meta, kMediaClass, vr::UI, as_bytes(sop_class.value));
  put_meta(meta, kMediaInstance, vr::UI, as_bytes(sop_instance.value));
  put_meta(meta, kTransferSyntax, vr::UI, as_bytes(transfer_syntax.value));
  put_meta(meta, kImplementationClass, vr::UI, as_bytes(kImplementationClassUid));
  put_meta(meta, kImplementationVersion, vr::SH, as_bytes(kImplementationVersionName));
  Bytes head(kPreambleBytes, 0);
  for (const char c : std::string_view("DICM")) head.push_back(static_cast<std::uint8_t>(c));
  Bytes length(4);
  for (unsigned i = 0; i < 4; ++i) {
    length[i] = static_cast<std::uint8_t>((meta.size() >> (8U * i)) & 0xFFU);
  }
  put_meta(head, kMetaGroupLength, vr::UL, length);
  head.insert(head.end(), meta.begin(), meta.end());
  return head;
}

}  // namespace veilroute::dicom

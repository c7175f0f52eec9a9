// In two steps: where the fragments lie and what must go, then the pieces of what stays.
#include "core/dicom/strip_fragments.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "core/dicom/codestream.h"
#include "core/dicom/element_header.h"

namespace veilroute::dicom {
namespace {

constexpr std::uint64_t kFragmentWindowBytes = 64U << 10U;
constexpr std::size_t kMostFragments = 1U << 20U;
constexpr std::uint64_t kMostItemBytes = 0xFFFFFFFE;

struct Fragment {
  std::uint64_t begin = 0;   ///< of its item header, in the source
  std::uint32_t length = 0;  ///< of its content
  bool begins_frame = false;
};

/// What the first step finds out.
struct FragmentLayout {
  std::vector<Fragment> fragments;  ///< without the offset table, and those behind the last frame
  std::vector<CodestreamEdit> edits;
  bool has_offset_table = false;
};

Error not_fragments() {
  return make_error(ErrorKind::corrupt, "dataset.ranges-disagree",
                    "a range stated for fragments does not hold any");
}

class LayoutReader {
 public:
  LayoutReader(ByteSource& source, const LargeValue& pixels, const TransferSyntax& syntax,
               const PictureShape& shape)
      : source_(source),
        pixels_(pixels),
        big_endian_(syntax.big_endian),
        shape_(shape),
        walk_(syntax.uid, shape, &edits_),
        at_(pixels.begin) {}
  /// Empty: the fragments cannot be edited.
  Result<std::optional<FragmentLayout>> read();

 private:
  /// False at the end of the sequence.
  Result<bool> read_item();
  Result<void> feed(std::uint64_t length);
  [[nodiscard]] bool is_editable(Codestream found) const;

  ByteSource& source_;
  const LargeValue& pixels_;
  bool big_endian_;
  const PictureShape& shape_;
  CodestreamEdits edits_;
  CodestreamWalk walk_;
  std::uint64_t at_;
  std::uint64_t items_ = 0;
  bool too_many_ = false;
  Bytes window_;
  FragmentLayout layout_;
};

Result<std::optional<FragmentLayout>> LayoutReader::read() {
  for (bool more = true; more && !too_many_;) {
    VR_TRY(more, read_item());
  }
  if (too_many_ || !is_editable(walk_.finish())) return std::optional<FragmentLayout>();
  layout_.edits = std::move(edits_).take();
  return std::optional<FragmentLayout>(std::move(layout_));
}

Result<bool> LayoutReader::read_item() {
  std::array<std::uint8_t, kItemHeaderBytes> bytes{};
  if (pixels_.end - at_ < bytes.size()) return not_fragments();
  VR_TRY(source_.read_at(at_, bytes));
  const ElementHeader header = read_item_header(bytes.data(), {false, big_endian_});
  const std::uint64_t begin = at_;
  at_ += bytes.size();
  if (header.content == Content::sequence_end && items_ > 0) return false;
  const bool item = header.problem.empty() && header.content == Content::item &&
                    !header.undefined_length() && header.length <= pixels_.end - at_;
  if (!item) return not_fragments();
  if (items_++ == 0) {
    walk_.begin_offset_table(header.length);
    layout_.has_offset_table = header.length > 0;
    VR_TRY(feed(header.length));
    return true;
  }
  const std::uint64_t frames_before = walk_.frames();
  walk_.begin_fragment();
  VR_TRY(feed(header.length));
  if (walk_.is_behind_last_frame()) return true;
  too_many_ = layout_.fragments.size() == kMostFragments;
  if (!too_many_) {
    layout_.fragments.push_back({begin, header.length, walk_.frames() != frames_before});
  }
  return true;
}

Result<void> LayoutReader::feed(std::uint64_t length) {
  const std::uint64_t end = at_ + length;
  while (at_ < end) {
    window_.resize(static_cast<std::size_t>(std::min(kFragmentWindowBytes, end - at_)));
    VR_TRY(source_.read_at(at_, window_));
    walk_.feed(window_);
    at_ += window_.size();
  }
  return {};
}

/// Where frames are missing, what stands behind the end of one may be another.
bool LayoutReader::is_editable(Codestream found) const {
  return found != Codestream::unread && edits_.possible() && walk_.frames() == shape_.frames;
}

/// Bytes of our own and extents of the source, put together as they come.
class Pieces {
 public:
  void own(ByteView bytes) {
    if (bytes.empty()) return;
    if (pieces_.empty() || !pieces_.back().own) pieces_.push_back({true, own_.size(), 0});
    pieces_.back().length += bytes.size();
    own_.insert(own_.end(), bytes.begin(), bytes.end());
  }
  void source(std::uint64_t begin, std::uint64_t length) {
    if (length == 0) return;
    const bool goes_on = !pieces_.empty() && !pieces_.back().own &&
                         pieces_.back().offset + pieces_.back().length == begin;
    if (!goes_on) pieces_.push_back({false, begin, 0});
    pieces_.back().length += length;
  }
  std::uint8_t* own_at(std::size_t offset) { return own_.data() + offset; }
  std::shared_ptr<const PiecedValue> finish() && {
    return std::make_shared<const PiecedValue>(PiecedValue{std::move(own_), std::move(pieces_)});
  }

 private:
  Bytes own_;
  std::vector<Piece> pieces_;
};

class FragmentWriter {
 public:
  FragmentWriter(const FragmentLayout& layout, const TransferSyntax& syntax,
                 const PictureShape& shape)
      : layout_(layout), big_endian_(syntax.big_endian), shape_(shape) {}
  /// Null when a frame would be too long for one fragment, or lies too far for an offset table.
  std::shared_ptr<const PiecedValue> write() &&;

 private:
  /// Fragments of one frame, or what stands between two; and the edits within.
  struct Group {
    std::size_t begin = 0, end = 0;  ///< fragments
    std::uint64_t content = 0;       ///< where it begins, over all fragments
    std::uint64_t length = 0;        ///< of its content
    std::size_t edits_begin = 0, edits_end = 0;
  };
  Group next_group();
  void write_unchanged(const Group& group);
  bool write_edited(const Group& group);
  void write_content(std::uint64_t begin, std::uint64_t end);
  bool fill_offset_table();
  void header(Tag tag, std::uint32_t length);
  void put(std::uint8_t* at, std::uint32_t value, unsigned bytes) const;

  const FragmentLayout& layout_;
  bool big_endian_;
  const PictureShape& shape_;
  Pieces pieces_;
  std::size_t fragment_ = 0;  // the first that is not written
  std::size_t edit_ = 0;
  std::uint64_t content_ = 0;          // where that fragment's content begins
  std::size_t part_ = 0;               // the fragment that content is taken from
  std::uint64_t part_content_ = 0;     // where its content begins
  std::uint64_t written_ = 0;          // bytes behind the offset table
  std::vector<std::uint64_t> starts_;  // of frames, there
};

std::shared_ptr<const PiecedValue> FragmentWriter::write() && {
  const std::uint64_t table_bytes = layout_.has_offset_table ? 4 * shape_.frames : 0;
  header(tags::Item, static_cast<std::uint32_t>(table_bytes));
  pieces_.own(Bytes(static_cast<std::size_t>(table_bytes), 0));
  while (fragment_ < layout_.fragments.size()) {
    const Group group = next_group();
    if (layout_.fragments[group.begin].begins_frame) starts_.push_back(written_);
    if (group.edits_begin == group.edits_end) {
      write_unchanged(group);
    } else if (!write_edited(group)) {
      return nullptr;
    }
  }
  header(tags::SequenceDelimitation, 0);
  if (layout_.has_offset_table && !fill_offset_table()) return nullptr;
  return std::move(pieces_).finish();
}

FragmentWriter::Group FragmentWriter::next_group() {
  Group group;
  group.begin = fragment_;
  group.content = content_;
  do {
    group.length += layout_.fragments[fragment_++].length;
  } while (fragment_ < layout_.fragments.size() && !layout_.fragments[fragment_].begins_frame);
  content_ += group.length;
  group.end = fragment_;
  group.edits_begin = edit_;
  while (edit_ < layout_.edits.size() && layout_.edits[edit_].begin < content_) ++edit_;
  group.edits_end = edit_;
  return group;
}

void FragmentWriter::write_unchanged(const Group& group) {
  for (std::size_t i = group.begin; i < group.end; ++i) {
    const Fragment& fragment = layout_.fragments[i];
    const std::uint64_t length = std::uint64_t{fragment.length} + kItemHeaderBytes;
    pieces_.source(fragment.begin, length);
    written_ += length;
  }
}

bool FragmentWriter::write_edited(const Group& group) {
  std::uint64_t length = group.length;
  for (std::size_t i = group.edits_begin; i < group.edits_end; ++i) {
    const CodestreamEdit& edit = layout_.edits[i];
    length = length - (edit.end - edit.begin) + edit.count;
  }
  const std::uint64_t padded = length + length % 2;
  if (padded > kMostItemBytes) return false;
  header(tags::Item, static_cast<std::uint32_t>(padded));
  const std::uint64_t end = group.content + group.length;
  std::uint64_t at = group.content;
  for (std::size_t i = group.edits_begin; i < group.edits_end; ++i) {
    const CodestreamEdit& edit = layout_.edits[i];
    if (edit.begin < at || edit.end < edit.begin || edit.end > end) return false;
    write_content(at, edit.begin);
    pieces_.own(edit.inserted());
    at = edit.end;
  }
  write_content(at, end);
  pieces_.own(Bytes(padded - length, 0));
  written_ += padded + kItemHeaderBytes;
  return true;
}

/// What of [begin, end) lies in which fragment: called in ascending order.
void FragmentWriter::write_content(std::uint64_t begin, std::uint64_t end) {
  while (begin < end) {
    const Fragment& fragment = layout_.fragments[part_];
    const std::uint64_t part_end = part_content_ + fragment.length;
    if (begin < part_end) {
      const std::uint64_t some = std::min(end, part_end) - begin;
      pieces_.source(fragment.begin + kItemHeaderBytes + (begin - part_content_), some);
      begin += some;
      continue;
    }
    part_content_ = part_end;
    ++part_;
  }
}

/// False where it cannot say where each frame begins.
bool FragmentWriter::fill_offset_table() {
  if (starts_.size() != shape_.frames) return false;
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    if (starts_[i] > std::numeric_limits<std::uint32_t>::max()) return false;
    put(pieces_.own_at(kItemHeaderBytes + 4 * i), static_cast<std::uint32_t>(starts_[i]), 4);
  }
  return true;
}

void FragmentWriter::header(Tag tag, std::uint32_t length) {
  std::array<std::uint8_t, kItemHeaderBytes> bytes{};
  put(bytes.data(), tag.group, 2);
  put(bytes.data() + 2, tag.element, 2);
  put(bytes.data() + 4, length, 4);
  pieces_.own(bytes);
}

void FragmentWriter::put(std::uint8_t* at, std::uint32_t value, unsigned bytes) const {
  for (unsigned i = 0; i < bytes; ++i) {
    const unsigned shift = 8U * (big_endian_ ? bytes - 1 - i : i);
    at[i] = static_cast<std::uint8_t>((value >> shift) & 0xFFU);
  }
}

}  // namespace

Result<std::shared_ptr<const PiecedValue>> strip_fragments(ByteSource& source,
                                                           const LargeValue& pixels,
                                                           const TransferSyntax& syntax,
                                                           const PictureShape& shape) {
  LayoutReader reader(source, pixels, syntax, shape);
  VR_TRY(const std::optional<FragmentLayout> layout, reader.read());
  if (!layout) return std::shared_ptr<const PiecedValue>();
  return FragmentWriter(*layout, syntax, shape).write();
}

}  // namespace veilroute::dicom

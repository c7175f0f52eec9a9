// Reading a data set into a tree, strictly (dataset.h). Bytes come through a window; small values
// stay where the window's block put them, large ones stay in the source.
#include <algorithm>

#include "core/dicom/dataset.h"
#include "core/dicom/element_header.h"
#include "core/dicom/inflate.h"

namespace veilroute::dicom {
namespace {

constexpr std::uint64_t kWindowBytes = 64U << 10U;
/// Trying to read values of unknown VR as sequences may cost this much in all; beyond it they stay
/// values. Without it, nested UN could be made to be read again and again.
constexpr std::uint64_t kMostTriedBytes = 64ULL << 20U;
constexpr std::size_t kUsualElements = 96;

/// Where elements are being read: what bounds them, and how they are laid out.
struct Place {
  bool top_level = false;
  bool defined = false;
  std::uint64_t bound = kNoBound;
  Encoding encoding;
  unsigned depth = 0;  ///< open sequences
};

/// What is shared between a read and the tries inside it.
struct Budget {
  const ReadLimits& limits;
  std::uint64_t elements = 0;
  std::uint64_t tried_bytes = 0;
};

class Reader {
 public:
  /// Over a source: blocks are kept by `out`.
  Reader(ByteSource& source, Dataset& out, const std::vector<LargeValue>& large, Budget& budget)
      : source_(&source), out_(&out), large_(large), budget_(budget), size_(source.size_bytes()) {}
  /// Over bytes that live as long as the data set.
  Reader(ByteView bytes, const std::vector<LargeValue>& large, Budget& budget)
      : large_(large), budget_(budget), window_(bytes), end_(bytes.size()), size_(bytes.size()) {}

  bool read_top(Item& root, const Encoding& encoding);
  /// The whole of the bytes as the items of a sequence.
  bool read_whole_sequence(Element& element, const Encoding& encoding, unsigned depth);
  Error error() && { return std::move(error_); }

 private:
  bool read_elements(Item& item, const Place& place);
  bool read_element(Item& item, const Place& place, bool& ended);
  bool check(const ElementHeader& header, const Item& item, const Place& place);
  bool read_content(Element& element, const ElementHeader& header, const Place& place);
  bool read_items(Element& element, const Place& place);
  bool read_fragments(Element& element, const Place& place);
  bool skip_fragments(const Place& place);
  bool read_value(Element& element, const ElementHeader& header, const Place& place);
  bool take_range(Element& element, std::uint64_t length);
  void try_sequence(Element& element, const Place& place);
  bool need(std::uint64_t count) { return count <= end_ - at_ || refill(count); }
  bool refill(std::uint64_t count);
  void move_to(std::uint64_t at);
  [[nodiscard]] const std::uint8_t* here() const { return window_.data() + (at_ - begin_); }
  [[nodiscard]] bool is_range_here() const {
    return next_large_ < large_.size() && large_[next_large_].begin == at_;
  }
  bool fail(std::string_view slug, Tag tag);
  bool fail(Error error);

  struct Step {
    Tag tag;
    std::uint32_t item;
  };
  ByteSource* source_ = nullptr;
  Dataset* out_ = nullptr;
  const std::vector<LargeValue>& large_;
  Budget& budget_;
  ByteView window_;
  std::uint64_t begin_ = 0;  // of the window
  std::uint64_t end_ = 0;    // of the window
  std::uint64_t at_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t own_bytes_ = 0;
  std::size_t next_large_ = 0;
  std::vector<Step> path_;
  Error error_;
};

bool Reader::read_top(Item& root, const Encoding& encoding) {
  Place top;
  top.top_level = true;
  top.encoding = encoding;
  root.elements.reserve(kUsualElements);
  if (!read_elements(root, top)) return false;
  if (next_large_ == large_.size()) return true;
  return fail(make_error(ErrorKind::corrupt, "dataset.ranges-disagree",
                         "a range stated for a large value is not one"));
}

bool Reader::read_elements(Item& item, const Place& place) {
  bool ended = false;
  while (!ended) {
    if (place.bound != kNoBound) {
      const std::uint64_t rest = place.bound - at_;
      if (rest == 0 && place.defined) return true;
      if (rest < kItemHeaderBytes) return fail("dataset.length-lies", {});
    } else if (place.top_level && at_ == size_) {
      return true;
    }
    if (!read_element(item, place, ended)) return false;
  }
  return true;
}

bool Reader::read_element(Item& item, const Place& place, bool& ended) {
  if (!need(kItemHeaderBytes)) return false;
  const std::uint32_t size = header_size_bytes(here(), place.encoding);
  if (!need(size)) return false;
  const ElementHeader header = read_header(here(), place.encoding);
  if (place.bound - at_ < size) return fail("dataset.length-lies", header.tag);
  if (!header.problem.empty()) return fail(header.problem, header.tag);
  at_ += size;
  if (header.content == Content::item_end && !place.top_level && !place.defined) {
    ended = true;
    return true;
  }
  if (!check(header, item, place)) return false;
  Element& element = item.elements.emplace_back();
  element.tag = header.tag;
  element.vr = header.vr;
  element.undefined_length = header.undefined_length();
  return read_content(element, header, place);
}

bool Reader::check(const ElementHeader& header, const Item& item, const Place& place) {
  if (header.tag.group == tags::Item.group) return fail("dataset.stray-delimiter", header.tag);
  if (!item.elements.empty() && header.tag <= item.elements.back().tag) {
    const bool same = header.tag == item.elements.back().tag;
    return fail(same ? "dataset.duplicate-tag" : "dataset.out-of-order", header.tag);
  }
  if (!header.undefined_length() && header.length > place.bound - at_) {
    return fail("dataset.length-lies", header.tag);
  }
  if (++budget_.elements > budget_.limits.most_elements) {
    return fail("dataset.too-many-elements", header.tag);
  }
  return true;
}

bool Reader::read_content(Element& element, const ElementHeader& header, const Place& place) {
  if (header.content == Content::fragments) return read_fragments(element, place);
  if (header.content != Content::sequence) return read_value(element, header, place);
  if (place.depth == budget_.limits.deepest) return fail("dataset.too-deep", header.tag);
  element.holds = Holds::sequence;
  element.nested_implicit = header.nested_implicit;
  Place inside;
  inside.defined = !header.undefined_length();
  inside.bound = inside.defined ? at_ + header.length : place.bound;
  inside.encoding = header.nested_implicit ? kInsideUn : place.encoding;
  inside.depth = place.depth + 1;
  path_.push_back({header.tag, 0});
  const bool read = read_items(element, inside);
  path_.pop_back();
  return read;
}

bool Reader::read_items(Element& element, const Place& place) {
  while (true) {
    if (place.bound != kNoBound) {
      const std::uint64_t rest = place.bound - at_;
      if (rest == 0 && place.defined) return true;
      if (rest < kItemHeaderBytes) return fail("dataset.length-lies", {});
    }
    if (!need(kItemHeaderBytes)) return false;
    const ElementHeader header = read_item_header(here(), place.encoding);
    if (!header.problem.empty()) return fail(header.problem, header.tag);
    at_ += kItemHeaderBytes;
    if (header.content == Content::sequence_end && !place.defined) return true;
    if (header.content != Content::item) return fail("dataset.stray-delimiter", header.tag);
    if (!header.undefined_length() && header.length > place.bound - at_) {
      return fail("dataset.length-lies", header.tag);
    }
    if (++budget_.elements > budget_.limits.most_elements) {
      return fail("dataset.too-many-elements", header.tag);
    }
    Place inside = place;
    inside.defined = !header.undefined_length();
    inside.bound = inside.defined ? at_ + header.length : place.bound;
    ++path_.back().item;
    Item& item = element.items.emplace_back();
    item.undefined_length = header.undefined_length();
    if (!read_elements(item, inside)) return false;
  }
}

bool Reader::read_fragments(Element& element, const Place& place) {
  if (is_range_here()) {
    const LargeValue& range = large_[next_large_];
    return take_range(element, range.end - range.begin);
  }
  // Nobody has looked beside these pictures, nor counted them: what is deflated holds none (PS3.5
  // A.5), and a small value of unknown VR stays one.
  if (source_ == nullptr) return fail("dataset.bad-fragments", element.tag);
  if (!skip_fragments(place)) return false;
  return fail(make_error(ErrorKind::corrupt, "dataset.ranges-disagree",
                         "fragments stand where no range is stated"));
}

bool Reader::skip_fragments(const Place& place) {
  for (std::uint64_t count = 0;; ++count) {
    if (place.bound - at_ < kItemHeaderBytes) return fail("dataset.length-lies", {});
    if (!need(kItemHeaderBytes)) return false;
    const ElementHeader header = read_item_header(here(), place.encoding);
    at_ += kItemHeaderBytes;
    const bool end = header.content == Content::sequence_end && count > 0;
    const bool item = header.content == Content::item && !header.undefined_length();
    if (!header.problem.empty() || (!end && !item)) {
      return fail("dataset.bad-fragments", header.tag);
    }
    if (end) return true;
    if (header.length > place.bound - at_) return fail("dataset.length-lies", header.tag);
    if (!need(header.length)) return false;
    at_ += header.length;
  }
}

bool Reader::read_value(Element& element, const ElementHeader& header, const Place& place) {
  if (is_range_here()) return take_range(element, header.length);
  if (!need(header.length)) return false;
  element.value = ByteView(here(), header.length);
  at_ += header.length;
  if (element.vr == vr::UN && header.length >= kItemHeaderBytes) try_sequence(element, place);
  return true;
}

bool Reader::take_range(Element& element, std::uint64_t length) {
  const LargeValue& range = large_[next_large_];
  if (range.end > size_) return fail("dataset.truncated", element.tag);
  if (range.tag != element.tag || range.end - range.begin != length) {
    return fail(make_error(ErrorKind::corrupt, "dataset.ranges-disagree",
                           "a range stated for a large value is not one"));
  }
  element.holds = Holds::range;
  element.range = range;
  ++next_large_;
  move_to(range.end);
  return true;
}

/// UN may hide a sequence whose writer knew more than its reader (PS3.5 6.2.2): its content is
/// implicit little endian, though some writers keep the data set's own layout.
void Reader::try_sequence(Element& element, const Place& place) {
  const bool little = read_u32(element.value.data(), false) == 0xE000FFFEU;
  const bool big = read_u32(element.value.data(), true) == tags::Item.packed();
  if ((!little && !big) || place.depth >= budget_.limits.deepest) return;
  static const std::vector<LargeValue> kNone;
  const auto attempt = [&](const Encoding& encoding) {
    budget_.tried_bytes += element.value.size();
    if (budget_.tried_bytes > kMostTriedBytes) return false;
    Element read;
    Reader reader(element.value, kNone, budget_);
    if (!reader.read_whole_sequence(read, encoding, place.depth + 1)) return false;
    element.items = std::move(read.items);
    element.holds = Holds::sequence;
    element.value = {};
    element.nested_implicit = encoding == kInsideUn;
    return true;
  };
  if (little && attempt(kInsideUn)) return;
  if (place.encoding != kInsideUn && place.encoding.big_endian == big) attempt(place.encoding);
}

bool Reader::read_whole_sequence(Element& element, const Encoding& encoding, unsigned depth) {
  Place inside;
  inside.defined = true;
  inside.bound = size_;
  inside.encoding = encoding;
  inside.depth = depth;
  path_.push_back({element.tag, 0});
  return read_items(element, inside);
}

/// Makes the window begin here and hold `count` bytes. It never reaches into a large value.
bool Reader::refill(std::uint64_t count) {
  if (count > size_ - at_) return fail("dataset.truncated", {});
  if (source_ == nullptr) return fail("dataset.truncated", {});
  std::uint64_t most = size_ - at_;
  if (next_large_ < large_.size() && large_[next_large_].begin >= at_) {
    most = std::min(most, large_[next_large_].begin - at_);
  }
  if (count > most) {
    return fail(make_error(ErrorKind::corrupt, "dataset.ranges-disagree",
                           "a range stated for a large value is not one"));
  }
  const std::uint64_t length = std::min(most, std::max(count, kWindowBytes));
  own_bytes_ += length;
  if (own_bytes_ > budget_.limits.most_own_bytes) return fail("dataset.too-big", {});
  Bytes block(static_cast<std::size_t>(length));
  if (auto outcome = source_->read_at(at_, block); !outcome.ok()) {
    return fail(std::move(outcome).error());
  }
  window_ = out_->keep(std::move(block));
  begin_ = at_;
  end_ = at_ + length;
  return true;
}

/// Outside the window there is nothing to look at until the next refill.
void Reader::move_to(std::uint64_t at) {
  at_ = at;
  if (at >= begin_ && at <= end_) return;
  window_ = {};
  begin_ = at;
  end_ = at;
}

bool Reader::fail(std::string_view slug, Tag tag) {
  std::string where;
  for (const Step& step : path_) {
    where += to_text(step.tag);
    if (step.item > 0) where += "[" + std::to_string(step.item) + "]";
    where += '.';
  }
  if (tag != Tag{}) {
    where += to_text(tag);
  } else if (!where.empty()) {
    where.pop_back();
  }
  std::string detail = "the data set cannot be read at byte " + std::to_string(at_);
  if (!where.empty()) detail += ", " + where;
  error_ = make_error(ErrorKind::invalid, std::string(slug), std::move(detail));
  return false;
}

bool Reader::fail(Error error) {
  error_ = std::move(error);
  return false;
}

}  // namespace

Result<Dataset> read_dataset(ByteSource& source, const TransferSyntax& syntax,
                             const std::vector<LargeValue>& large, const ReadLimits& limits) {
  Dataset dataset(syntax);
  Budget budget{limits};
  const Encoding encoding{syntax.implicit_vr, syntax.big_endian};
  if (!syntax.deflated) {
    Reader reader(source, dataset, large, budget);
    if (!reader.read_top(dataset.root(), encoding)) return std::move(reader).error();
    return dataset;
  }
  InflateLimits inflate_limits;
  inflate_limits.most_bytes = std::min(inflate_limits.most_bytes, limits.most_own_bytes);
  VR_TRY(Bytes plain, inflate_all(source, inflate_limits));
  Reader reader(dataset.keep(std::move(plain)), large, budget);
  if (!reader.read_top(dataset.root(), encoding)) return std::move(reader).error();
  return dataset;
}

}  // namespace veilroute::dicom

// The scanner is a walk with a stack of its own: bytes come in any pieces, nothing recurses, and
// what is not understood ends the walk while the bytes go on being counted (decisions 4).
#include "core/dicom/scanner.h"

#include <algorithm>
#include <array>

#include "core/dicom/dataset.h"
#include "core/dicom/element_header.h"
#include "core/dicom/inflate.h"
#include "core/dicom/padding.h"

namespace veilroute::dicom {
namespace {

constexpr std::size_t kLongestCapture = 1024;
/// Each range costs 40 bytes; 65,536 of 64 KiB are 4 GiB of values.
constexpr std::size_t kMostLargeValues = 65'536;

constexpr std::array kIdentityTags = {tags::SOPClassUID,      tags::SOPInstanceUID,
                                      tags::PatientID,        tags::IssuerOfPatientID,
                                      tags::StudyInstanceUID, tags::SeriesInstanceUID};

enum class Inside : std::uint8_t { elements, items, fragments };

/// One open container. `bound` is where it, or what is around it, must end.
struct Level {
  Inside inside = Inside::elements;
  bool defined = false;
  std::uint64_t bound = kNoBound;
  Encoding encoding;
  Tag tag;                  ///< items, fragments: of the sequence or Pixel Data
  Tag last;                 ///< elements: of the latest element
  bool any = false;
  std::uint32_t count = 0;  ///< items or fragments so far
  std::uint64_t begin = 0;  ///< fragments: where they begin
};

class Walk {
 public:
  Walk(const TransferSyntax& syntax, std::vector<Tag> capture)
      : syntax_(syntax), capture_(std::move(capture)) {
    const Encoding encoding{syntax.implicit_vr, syntax.big_endian};
    Level top;
    top.encoding = encoding;
    levels_.push_back(top);
  }
  void feed(ByteView in);
  void finish();
  void fail(std::string_view slug);
  ScanFacts& facts() { return facts_; }

 private:
  std::size_t take_header(ByteView in);
  std::size_t take_value(ByteView in);
  void on_header(const std::uint8_t* bytes);
  void on_element(const ElementHeader& header);
  void on_item(const ElementHeader& header);
  void on_fragment(const ElementHeader& header);
  void open_value(const ElementHeader& header);
  void open(Inside inside, const ElementHeader& header, const Encoding& encoding);
  void close_fragments();
  void value_done();
  void close_finished();
  void add_large(const LargeValue& value);
  bool fits(std::uint32_t length) const;
  std::string path() const;

  TransferSyntax syntax_;
  std::vector<Tag> capture_;
  std::vector<Level> levels_;
  unsigned sequences_ = 0;             // open ones
  std::uint64_t at_ = 0;               // bytes walked over
  std::uint64_t header_at_ = 0;
  Tag current_;                        // of the header being looked at; for paths
  bool current_known_ = false;
  std::uint64_t left_ = 0;             // of the value being skipped
  std::array<std::uint8_t, kLongestHeaderBytes> head_{};
  std::uint32_t held_ = 0;             // bytes of an unfinished header
  bool large_ = false;
  std::optional<CodestreamWalk> codestream_;  // while fragments are open
  LargeValue pending_;
  PictureShape shape_;
  std::string* captured_ = nullptr;
  std::string capture_text_;
  ScanFacts facts_;
};

void Walk::feed(ByteView in) {
  while (!in.empty()) {
    if (facts_.problem) return;
    in = in.subspan(left_ > 0 ? take_value(in) : take_header(in));
  }
}

std::size_t Walk::take_header(ByteView in) {
  const Level& level = levels_.back();
  const bool elements = level.inside == Inside::elements;
  const auto size_of = [&](const std::uint8_t* bytes) {
    return elements ? header_size_bytes(bytes, level.encoding) : kItemHeaderBytes;
  };
  if (held_ == 0) header_at_ = at_;
  if (held_ == 0 && in.size() >= kLongestHeaderBytes) {
    const std::uint32_t size = size_of(in.data());
    at_ += size;
    on_header(in.data());
    return size;
  }
  const std::uint32_t wanted = held_ < kItemHeaderBytes ? kItemHeaderBytes : size_of(head_.data());
  const std::size_t taken = std::min<std::size_t>(wanted - held_, in.size());
  std::copy_n(in.begin(), taken, head_.begin() + held_);
  held_ += static_cast<std::uint32_t>(taken);
  at_ += taken;
  if (held_ >= kItemHeaderBytes && held_ == size_of(head_.data())) {
    held_ = 0;
    on_header(head_.data());
  }
  return taken;
}

void Walk::on_header(const std::uint8_t* bytes) {
  const Level& level = levels_.back();
  const bool elements = level.inside == Inside::elements;
  const ElementHeader header = elements ? read_header(bytes, level.encoding)
                                        : read_item_header(bytes, level.encoding);
  current_ = header.tag;
  current_known_ = elements;
  if (at_ > level.bound) {
    fail("dataset.length-lies");
  } else if (elements) {
    on_element(header);
  } else if (level.inside == Inside::items) {
    on_item(header);
  } else {
    on_fragment(header);
  }
  if (!facts_.problem && left_ == 0) close_finished();
}

void Walk::on_element(const ElementHeader& header) {
  Level& level = levels_.back();
  if (!header.problem.empty()) return fail(header.problem);
  if (header.content == Content::item_end && levels_.size() > 1 && !level.defined) {
    levels_.pop_back();
    return;
  }
  if (header.tag.group == tags::Item.group) return fail("dataset.stray-delimiter");
  if (level.any && header.tag <= level.last) {
    return fail(header.tag == level.last ? "dataset.duplicate-tag" : "dataset.out-of-order");
  }
  level.any = true;
  level.last = header.tag;
  if (!header.undefined_length() && !fits(header.length)) return fail("dataset.length-lies");
  switch (header.content) {
    case Content::sequence:
      if (sequences_ == kDeepestNesting) return fail("dataset.too-deep");
      ++sequences_;
      return open(Inside::items, header, header.nested_implicit ? kInsideUn : level.encoding);
    case Content::fragments:
      // PS3.5 A.5: what is deflated is native. No range would lead to these, and no reader of the
      // rest could step over them.
      if (syntax_.deflated) return fail("dataset.bad-fragments");
      codestream_.emplace(syntax_.uid, shape_);
      return open(Inside::fragments, header, level.encoding);
    default:
      return open_value(header);
  }
}

void Walk::open_value(const ElementHeader& header) {
  const bool top_level = levels_.size() == 1;
  left_ = header.length;
  large_ = is_large(header.tag, header.length, top_level);
  // Pixel Data that are not in fragments although the syntax says so: nobody knows what they are.
  const bool no_fragments = top_level && syntax_.encapsulated && is_pixel_data(header.tag);
  if (large_) {
    pending_ = {at_, at_ + header.length, header.tag, 0,
                no_fragments ? Codestream::unread : Codestream::clean};
  }
  const bool wanted = PictureShape::is_asked(header.tag) ||
                      std::binary_search(capture_.begin(), capture_.end(), header.tag);
  if (top_level && wanted) {
    capture_text_.clear();
    captured_ = &capture_text_;
  }
  if (left_ == 0) value_done();
}

void Walk::open(Inside inside, const ElementHeader& header, const Encoding& encoding) {
  Level level;
  level.inside = inside;
  level.defined = !header.undefined_length();
  level.bound = level.defined ? at_ + header.length : levels_.back().bound;
  level.encoding = encoding;
  level.tag = header.tag;
  level.begin = at_;
  levels_.push_back(level);
}

void Walk::on_item(const ElementHeader& header) {
  Level& level = levels_.back();
  if (!header.problem.empty()) return fail(header.problem);
  if (header.content == Content::sequence_end && !level.defined) {
    levels_.pop_back();
    --sequences_;
    return;
  }
  if (header.content != Content::item) return fail("dataset.stray-delimiter");
  ++level.count;
  if (!header.undefined_length() && !fits(header.length)) return fail("dataset.length-lies");
  open(Inside::elements, header, level.encoding);
}

void Walk::on_fragment(const ElementHeader& header) {
  Level& level = levels_.back();
  if (!header.problem.empty()) return fail("dataset.bad-fragments");
  if (header.content == Content::sequence_end && level.count > 0) return close_fragments();
  if (header.content != Content::item || header.undefined_length()) {
    return fail("dataset.bad-fragments");
  }
  if (!fits(header.length)) return fail("dataset.length-lies");
  if (++level.count == 1) {
    codestream_->begin_offset_table(header.length);
  } else {
    codestream_->begin_fragment();
  }
  left_ = header.length;
}

void Walk::close_fragments() {
  const Level level = levels_.back();
  levels_.pop_back();
  add_large({level.begin, at_, level.tag, level.count, codestream_->finish()});
  codestream_.reset();
}

std::size_t Walk::take_value(ByteView in) {
  const std::size_t taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
  if (captured_ != nullptr) {
    const std::size_t room = kLongestCapture - captured_->size();
    captured_->append(as_text(in.first(std::min(taken, room))));
  }
  const Level& level = levels_.back();
  if (level.inside == Inside::fragments) codestream_->feed(in.first(taken));
  at_ += taken;
  left_ -= taken;
  if (left_ == 0) {
    value_done();
    if (!facts_.problem) close_finished();
  }
  return taken;
}

void Walk::value_done() {
  if (captured_ != nullptr) {
    shape_.note(current_, as_bytes(capture_text_), levels_.front().encoding.big_endian);
    if (std::binary_search(capture_.begin(), capture_.end(), current_)) {
      facts_.captured.push_back({current_, Phi<std::string>(std::string(trimmed(capture_text_)))});
    }
    captured_ = nullptr;
  }
  if (large_) add_large(pending_);
  large_ = false;
}

void Walk::add_large(const LargeValue& value) {
  if (facts_.large.size() == kMostLargeValues) return fail("dataset.too-many-ranges");
  facts_.large.push_back(value);
}

/// Leaves what is complete. A rest too short for a header shows a wrong length.
void Walk::close_finished() {
  while (levels_.size() > 1) {
    const Level& level = levels_.back();
    if (level.bound == kNoBound) return;
    const std::uint64_t rest = level.bound - at_;
    if (rest >= kItemHeaderBytes) return;
    if (rest != 0 || !level.defined) {
      header_at_ = at_;
      current_known_ = false;
      return fail("dataset.length-lies");
    }
    if (level.inside == Inside::items) --sequences_;
    levels_.pop_back();
  }
}

bool Walk::fits(std::uint32_t length) const {
  const std::uint64_t bound = levels_.back().bound;
  return bound == kNoBound || length <= bound - at_;
}

void Walk::finish() {
  if (facts_.problem) return;
  const bool whole = held_ == 0 && left_ == 0 && levels_.size() == 1;
  if (!whole) {
    current_known_ = left_ > 0 && levels_.back().inside == Inside::elements;
    fail("dataset.truncated");
  }
}

void Walk::fail(std::string_view slug) {
  if (facts_.problem) return;
  facts_.problem = ScanProblem{std::string(slug), header_at_, path()};
  left_ = 0;
}

std::string Walk::path() const {
  std::string text;
  for (const Level& level : levels_) {
    if (level.inside == Inside::elements) continue;
    if (!text.empty()) text += '.';
    text += to_text(level.tag);
    if (level.count > 0) text += "[" + std::to_string(level.count) + "]";
  }
  if (!current_known_) return text;
  return text.empty() ? to_text(current_) : text + "." + to_text(current_);
}

}  // namespace

struct Scanner::State {
  State(const TransferSyntax& syntax, std::vector<Tag> capture)
      : walk(syntax, std::move(capture)) {}
  Walk walk;
  bool known_syntax = true;
  std::optional<Inflater> inflater;
  std::uint64_t received_bytes = 0;

  void inflate(ByteView bytes) {
    const auto outcome = inflater->feed(bytes, [this](ByteView plain) { walk.feed(plain); });
    if (!outcome.ok()) walk.fail(outcome.error().slug);
  }
};

Scanner::Scanner(const std::optional<TransferSyntax>& syntax, std::vector<Tag> capture) {
  capture.insert(capture.end(), kIdentityTags.begin(), kIdentityTags.end());
  std::sort(capture.begin(), capture.end());
  capture.erase(std::unique(capture.begin(), capture.end()), capture.end());
  state_ = std::make_unique<State>(syntax.value_or(TransferSyntax{}), std::move(capture));
  state_->known_syntax = syntax.has_value();
  if (syntax && syntax->deflated) state_->inflater.emplace(InflateLimits{});
}
Scanner::~Scanner() = default;
Scanner::Scanner(Scanner&&) noexcept = default;

void Scanner::feed(ByteView bytes) {
  state_->received_bytes += bytes.size();
  if (state_->walk.facts().problem) return;
  if (state_->inflater) {
    state_->inflate(bytes);
  } else {
    state_->walk.feed(bytes);
  }
}

ScanFacts Scanner::finish() {
  if (state_->inflater && !state_->walk.facts().problem) {
    const auto outcome = state_->inflater->finish();
    if (!outcome.ok()) state_->walk.fail(outcome.error().slug);
  }
  state_->walk.finish();
  ScanFacts facts = std::move(state_->walk.facts());
  facts.length_bytes = state_->received_bytes;
  if (!state_->known_syntax) facts.problem = ScanProblem{"transfer-syntax.unknown", 0, ""};
  // Ranges are over the bytes as received; a deflated data set has none that mean anything.
  if (state_->inflater || !state_->known_syntax) facts.large.clear();
  return facts;
}

std::string_view ScanFacts::value(Tag tag) const {
  const auto at = std::lower_bound(
      captured.begin(), captured.end(), tag,
      [](const CapturedValue& candidate, Tag wanted) { return candidate.tag < wanted; });
  return at != captured.end() && at->tag == tag ? std::string_view(at->raw.reveal())
                                                : std::string_view{};
}

}  // namespace veilroute::dicom

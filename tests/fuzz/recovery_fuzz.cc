// Any change to the bytes of a segment, as seen by the recovery scan. Properties: it ends, its
// stretches follow one another to the end of the file, it never reads outside it, it never keeps
// more than the limits of the format, it says `whole` only of what was sealed as such, and it finds
// every record that nothing touched, whatever became of its neighbours.
//
// The input is a list of changes to a good segment, eight bytes each {what 1, place 4, how much 3}:
// bytes that are random from the start never get past the first seal.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "core/base/crypto.h"
#include "core/store/segment_format.h"
#include "core/store/segment_scan.h"

namespace {

using namespace veilroute;

constexpr std::array<std::size_t, 4> kSizes = {100, 0, 70'000, 3000};
constexpr std::size_t kChangeBytes = 8;
constexpr std::size_t kLongestFile = 1U << 20U;

void must(bool holds) {
  if (!holds) std::abort();
}

void put(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

store::ObjectHead head_of(std::uint64_t id) {
  store::ObjectHead head;
  head.id = ObjectId{id};
  head.sop_instance = Uid{"2.25.1"};
  return head;
}

/// One segment, the same for every input of this run.
struct Segment {
  SegmentId id{5};
  Secret key = crypto::random_key();
  Secret spool_key = crypto::random_key();
  Bytes bytes;
  std::vector<std::size_t> starts;

  Segment() {
    for (std::size_t i = 0; i < kSizes.size(); ++i) add_record(i, kSizes[i]);
  }

  void add_record(std::uint64_t number, std::size_t size) {
    starts.push_back(bytes.size());
    const Secret object_key = crypto::random_key();
    const store::RecordKeys keys(object_key);
    const store::ObjectHead head = head_of(number + 1);
    store::Frame frame;
    frame.segment = id;
    frame.number = number;
    frame.wrapped_key = crypto::wrap_key(key, object_key).value();
    frame.head_bytes = store::sealed_head_bytes(head);
    Bytes record = store::encode(frame);
    put(record, keys.seal_head(frame, head).value());
    const Bytes data(size, 0x5A);
    store::ChunkSealer chunks(keys.chunks(frame, head.id));
    must(chunks.add(data, record).ok() && chunks.finish(record).ok());
    store::ObjectFacts facts;
    facts.length_bytes = size;
    facts.digest = crypto::sha256(data);
    const Bytes trailer = keys.seal_trailer(frame, head.id, facts).value();
    put(record, Encoder().u32(static_cast<std::uint32_t>(trailer.size())).out());
    put(record, trailer);
    store::Mark mark{id, number, size, frame.head_bytes, 0, record.size() + store::kMarkBytes};
    mark.trailer_bytes = static_cast<std::uint32_t>(trailer.size());
    put(record, keys.seal_mark(frame, mark));
    put(bytes, record);
  }
};

/// One change of the list.
void apply(Bytes& bytes, ByteView change) {
  if (bytes.empty()) return;
  Decoder in(change);
  const std::uint8_t what = in.u8();
  const std::uint32_t word = in.u32();
  const std::size_t place = word % bytes.size();
  const std::size_t some = 1 + (std::size_t{change[5]} << 8U | change[6]);
  const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(place);
  const auto end = at + static_cast<std::ptrdiff_t>(std::min(some, bytes.size() - place));
  switch (what % 6) {
    case 0:
      *at = change[7];
      break;
    case 1:
      *at ^= static_cast<std::uint8_t>(1U << (change[7] % 8));
      break;
    case 2:
      bytes.erase(at, end);
      break;
    case 3:
      std::fill(at, end, std::uint8_t{0});
      break;
    case 4:
      bytes.resize(place);
      break;
    default: {
      // A piece of the segment again at its end: records that stand twice.
      if (bytes.size() + some > kLongestFile) break;
      const Bytes copy(at, end);
      put(bytes, copy);
    }
  }
}

/// What a file would say of a read outside it, the scan must never ask for.
class StrictSource final : public ByteSource {
 public:
  explicit StrictSource(ByteView bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t size_bytes() const override { return bytes_.size(); }
  Result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
    must(offset <= bytes_.size() && out.size() <= bytes_.size() - offset);
    must(out.size() <= store::kLongestTrailer);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return {};
  }

 private:
  ByteView bytes_;
};

/// Where the whole records begin.
std::set<std::uint64_t> scan(const Segment& segment, const Bytes& bytes,
                             const std::vector<std::uint64_t>& recorded) {
  std::set<std::uint64_t> whole;
  StrictSource source(bytes);
  store::SegmentScan records(source, segment.id, {segment.key, segment.spool_key}, recorded);
  std::uint64_t at = 0;
  while (true) {
    const auto found = records.next();
    must(found.ok());
    if (!*found) break;
    const store::Stretch& stretch = **found;
    must(stretch.begin == at && stretch.end > at && stretch.end <= bytes.size());
    at = stretch.end;
    const bool has_object = stretch.kind == store::Stretch::Kind::whole ||
                            stretch.kind == store::Stretch::Kind::damaged;
    must(has_object == stretch.object.has_value());
    must(stretch.kind != store::Stretch::Kind::torn || stretch.end == bytes.size());
    if (stretch.kind != store::Stretch::Kind::whole) continue;
    const std::uint64_t id = stretch.object->head.id.value;
    must(id >= 1 && id <= kSizes.size() && stretch.object->facts.length_bytes == kSizes[id - 1]);
    whole.insert(stretch.begin);
  }
  must(at == bytes.size());
  return whole;
}

/// Of changes that move nothing: what they spared is there.
void must_find_untouched(const Segment& segment, const Bytes& bytes,
                         const std::set<std::uint64_t>& whole) {
  if (bytes.size() != segment.bytes.size()) return;
  for (std::size_t i = 0; i < segment.starts.size(); ++i) {
    const std::size_t begin = segment.starts[i];
    const std::size_t end = i + 1 < segment.starts.size() ? segment.starts[i + 1] : bytes.size();
    if (std::equal(bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                   bytes.begin() + static_cast<std::ptrdiff_t>(end),
                   segment.bytes.begin() + static_cast<std::ptrdiff_t>(begin))) {
      must(whole.contains(begin));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Segment segment;
  Bytes bytes = segment.bytes;
  ByteView changes(data, size);
  while (changes.size() >= kChangeBytes) {
    apply(bytes, changes.first(kChangeBytes));
    changes = changes.subspan(kChangeBytes);
  }
  must_find_untouched(segment, bytes, scan(segment, bytes, {}));
  scan(segment, bytes, {segment.starts.begin(), segment.starts.end()});
  // And as bytes from nowhere.
  const Bytes raw(data, data + size);
  scan(segment, raw, {});
  return 0;
}

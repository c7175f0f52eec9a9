// Finding, putting and removing attributes of a data set.
#include "core/dicom/dataset.h"

#include <algorithm>

#include "core/dicom/padding.h"

namespace veilroute::dicom {
namespace {

/// Small values share blocks of this size, so that an attribute costs no allocation of its own.
constexpr std::size_t kBlockBytes = 4096;

template <typename Elements>
auto place_of(Elements& elements, Tag tag) {
  return std::lower_bound(elements.begin(), elements.end(), tag,
                          [](const Element& element, Tag wanted) { return element.tag < wanted; });
}

/// An empty element of this tag, replacing what was there.
Element& fresh(Item& where, Tag tag, Vr vr) {
  auto at = place_of(where.elements, tag);
  if (at == where.elements.end() || at->tag != tag) {
    at = where.elements.insert(at, Element{});
  } else {
    *at = Element{};
  }
  at->tag = tag;
  at->vr = vr;
  return *at;
}

std::uint64_t sum_of(const std::vector<Piece>& pieces) {
  std::uint64_t sum = 0;
  for (const Piece& piece : pieces) sum += piece.length;
  return sum;
}

}  // namespace

ByteView Dataset::keep(ByteView bytes) {
  if (bytes.empty()) return {};
  if (kept_.empty() || kept_.back().capacity() - kept_.back().size() < bytes.size()) {
    kept_.emplace_back();
    kept_.back().reserve(std::max(bytes.size(), kBlockBytes));
  }
  // Within the capacity nothing moves, so that earlier views stay good.
  Bytes& block = kept_.back();
  const std::size_t begin = block.size();
  block.resize(begin + bytes.size());
  std::copy(bytes.begin(), bytes.end(), block.begin() + static_cast<std::ptrdiff_t>(begin));
  return ByteView(block).subspan(begin);
}

ByteView Dataset::keep(Bytes&& bytes) {
  kept_.push_back(std::move(bytes));
  return kept_.back();
}

const Element* Dataset::find(Tag tag) const { return find(root_, tag); }

Element* Dataset::find(Item& where, Tag tag) {
  const auto at = place_of(where.elements, tag);
  return at != where.elements.end() && at->tag == tag ? &*at : nullptr;
}

const Element* Dataset::find(const Item& where, Tag tag) {
  const auto at = place_of(where.elements, tag);
  return at != where.elements.end() && at->tag == tag ? &*at : nullptr;
}

Phi<std::string> Dataset::text(Tag tag) const {
  const Element* element = find(tag);
  if (element == nullptr || element->holds != Holds::value) return {};
  return Phi<std::string>(std::string(trimmed(element->value)));
}

void Dataset::put_text(Item& where, Tag tag, Vr vr, std::string_view text) {
  put_bytes(where, tag, vr, as_bytes(text));
}

void Dataset::put_bytes(Item& where, Tag tag, Vr vr, ByteView bytes) {
  ByteView kept;
  if (bytes.size() % 2 == 0) {
    kept = keep(bytes);
  } else {
    Bytes padded(bytes.begin(), bytes.end());
    padded.push_back(padding_of(vr));
    kept = keep(ByteView(padded));
  }
  fresh(where, tag, vr).value = kept;
}

void Dataset::put_u16(Item& where, Tag tag, Vr vr, std::uint16_t number) {
  const auto low = static_cast<std::uint8_t>(number & 0xFFU);
  const auto high = static_cast<std::uint8_t>(number >> 8U);
  const bool big = syntax_.big_endian;
  put_bytes(where, tag, vr, Bytes{big ? high : low, big ? low : high});
}

Element& Dataset::put_sequence(Item& where, Tag tag) {
  Element& element = fresh(where, tag, vr::SQ);
  element.holds = Holds::sequence;
  return element;
}

bool Dataset::remove(Item& where, Tag tag) {
  const auto at = place_of(where.elements, tag);
  if (at == where.elements.end() || at->tag != tag) return false;
  where.elements.erase(at);
  return true;
}

std::uint64_t PiecedValue::length_bytes() const { return sum_of(pieces); }

std::uint64_t WrittenDataset::length_bytes() const { return sum_of(pieces); }

}  // namespace veilroute::dicom

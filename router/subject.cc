#include "router/subject.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <span>
#include <type_traits>

#include "core/dicom/dictionary.h"
#include "core/dicom/padding.h"

namespace veilroute::router {
namespace {

/// A note of reception ends here (dicom::CapturedValue); what fills it may have been cut.
constexpr std::size_t kLongestNote = 1024;
/// Values looked at per attribute: a condition over a table of millions is a mistake.
constexpr std::size_t kMostValues = 10'000;

using Path = std::span<const dicom::Tag>;
using Values = std::vector<std::string>;

bool is_one_text(dicom::Vr vr) {
  using namespace dicom::vr;
  return vr == LT || vr == ST || vr == UT || vr == UR;
}

void add_text(std::string_view text, dicom::Vr vr, Values& out) {
  if (dicom::trimmed_both(text).empty()) return;
  if (is_one_text(vr)) {
    out.emplace_back(dicom::trimmed_both(text));
    return;
  }
  while (out.size() < kMostValues) {
    const std::size_t end = text.find('\\');
    out.emplace_back(dicom::trimmed_both(text.substr(0, end)));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

template <typename T>
T number_at(ByteView bytes, bool big_endian) {
  std::array<std::uint8_t, sizeof(T)> raw{};
  std::copy_n(bytes.begin(), sizeof(T), raw.begin());
  if (big_endian != (std::endian::native == std::endian::big)) std::reverse(raw.begin(), raw.end());
  return std::bit_cast<T>(raw);
}

template <typename T>
void add_numbers(ByteView bytes, bool big_endian, Values& out) {
  for (; bytes.size() >= sizeof(T) && out.size() < kMostValues; bytes = bytes.subspan(sizeof(T))) {
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(),
                                   number_at<T>(bytes, big_endian));
    out.emplace_back(text.data(), end.ptr);
  }
}

void add_tags(ByteView bytes, bool big_endian, Values& out) {
  for (; bytes.size() >= 4 && out.size() < kMostValues; bytes = bytes.subspan(4)) {
    out.push_back(dicom::to_text(dicom::Tag{number_at<std::uint16_t>(bytes, big_endian),
                                            number_at<std::uint16_t>(bytes.subspan(2), big_endian)}));
  }
}

void add_value(const dicom::Element& element, bool big_endian, Values& out) {
  using namespace dicom::vr;
  const dicom::Vr vr = element.vr;
  if (dicom::is_text(vr)) return add_text(as_text(element.value), vr, out);
  if (vr == AT) return add_tags(element.value, big_endian, out);
  if (vr == US) return add_numbers<std::uint16_t>(element.value, big_endian, out);
  if (vr == SS) return add_numbers<std::int16_t>(element.value, big_endian, out);
  if (vr == UL) return add_numbers<std::uint32_t>(element.value, big_endian, out);
  if (vr == SL) return add_numbers<std::int32_t>(element.value, big_endian, out);
  if (vr == UV) return add_numbers<std::uint64_t>(element.value, big_endian, out);
  if (vr == SV) return add_numbers<std::int64_t>(element.value, big_endian, out);
  if (vr == FL) return add_numbers<float>(element.value, big_endian, out);
  if (vr == FD) return add_numbers<double>(element.value, big_endian, out);
  // UN and the O* family: what it means is not known, that it is there is.
  if (!element.value.empty()) out.emplace_back();
}

void add_values(const dicom::Item& item, Path path, bool big_endian, Values& out) {
  const dicom::Element* element = dicom::Dataset::find(item, path.front());
  if (element == nullptr) return;
  if (element->holds == dicom::Holds::sequence) {
    for (const dicom::Item& inner : element->items) {
      if (out.size() >= kMostValues) return;
      // The depth is that of the operator's own path, which the configuration limits.
      if (path.size() == 1) out.emplace_back();
      else add_values(inner, path.subspan(1), big_endian && !element->nested_implicit, out);
    }
    return;
  }
  if (path.size() != 1) return;
  if (element->holds == dicom::Holds::range) out.emplace_back();
  else add_value(*element, big_endian, out);
}

/// The note of reception, where there is one that can be trusted to be the whole value.
const dicom::CapturedValue* usable_note(const store::ObjectFacts& facts, dicom::Tag tag) {
  if (!dicom::is_text(dicom::implicit_vr(tag))) return nullptr;
  for (const dicom::CapturedValue& note : facts.match_facts) {
    if (note.tag == tag) return note.raw.reveal().size() < kLongestNote ? &note : nullptr;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> ObjectSubject::values(const std::vector<dicom::Tag>& path) const {
  Values out;
  if (path.empty()) return out;
  if (path.size() == 1) {
    if (const auto* note = usable_note(object_.facts, path.front())) {
      add_text(note->raw.reveal(), dicom::implicit_vr(path.front()), out);
      return out;
    }
  }
  if (const dicom::Dataset* dataset = header()) {
    add_values(dataset->root(), path, dataset->syntax().big_endian, out);
  }
  return out;
}

std::string ObjectSubject::about(std::string_view word) const {
  if (word == "source") return object_.head.source.value;
  if (word == "listener") return object_.head.listener.value;
  if (word == "called_ae") return object_.head.called_ae.value;
  if (word == "calling_ae") return object_.head.calling_ae.value;
  return {};
}

const dicom::Dataset* ObjectSubject::header() const {
  if (failure_) return nullptr;
  if (!header_) {
    Result<dicom::Dataset> read = read_(object_);
    if (!read.ok()) {
      failure_ = std::move(read).error();
      return nullptr;
    }
    header_ = std::move(read).value();
  }
  return &*header_;
}

}  // namespace veilroute::router

// Canaries: a marker of its own in every place where an identity could hide, so that a test which
// finds one in the output knows what leaked.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "core/dicom/element_header.h"
#include "core/dicom/phantom_parts.h"

namespace veilroute::dicom {
namespace {

constexpr unsigned kIndexModulus = 10'000;

std::string hexadecimal(Tag tag, char between) {
  const std::string text = to_text(tag);  // "(0010,0020)"
  return text.substr(1, 4) + between + text.substr(6, 4);
}

/// Days from 1911 on, one for each index: no other date of a phantom is among them.
std::string canary_date(unsigned index) {
  using std::chrono::days;
  const std::chrono::sys_days first(std::chrono::year{1911} / 1 / 1);
  const std::chrono::year_month_day day(first + days(index % kIndexModulus));
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text.data();
}

std::string digits(const char* format, unsigned number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, number);
  return text.data();
}

std::string canary_uid(Tag tag) {
  return std::string(kCanaryUidRoot) + std::to_string(tag.group) + "." +
         std::to_string(tag.element);
}

}  // namespace

std::string canary_value(Tag tag, Vr vr, unsigned index) {
  const std::string marker = "CANARY-" + hexadecimal(tag, '-');
  const unsigned small = index % kIndexModulus;
  if (vr == vr::UI) return canary_uid(tag);
  if (vr == vr::CS) return "CANARY_" + hexadecimal(tag, '_');
  if (vr == vr::DA) return canary_date(index);
  if (vr == vr::TM) return digits("030201.77%04u", small);
  if (vr == vr::DT) return canary_date(index) + digits("030201.88%04u", small);
  if (vr == vr::AS) return digits("%03uY", 100 + index % 800);
  if (vr == vr::IS) return digits("7711%05u", small);
  if (vr == vr::DS) return digits("7722.%05u", small);
  if (vr == vr::PN) return marker + "^NAME";
  if (vr == vr::UR) return "http://" + marker + ".example/";
  return is_text(vr) || vr == vr::OB || vr == vr::OW || vr == vr::UN ? marker : std::string();
}

namespace phantom {
namespace {

constexpr Tag kAnatomicRegion{0x0008, 0x2218}, kAnatomicModifier{0x0008, 0x2220},
    kEquivalentCode{0x0008, 0x0121}, kRequest{0x0040, 0x0275}, kCodeMeaning{0x0008, 0x0104};

void remember(Draft& draft, const std::string& value) {
  constexpr std::size_t kShortest = 6;
  if (value.size() < kShortest) return;
  if (std::find(draft.markers.begin(), draft.markers.end(), value) != draft.markers.end()) return;
  draft.markers.push_back(value);
}

/// Numbers in binary hold no text, but they are there and their bits are their own.
void put_number(Draft& draft, Item& where, Tag tag, Vr vr) {
  std::size_t width = 2;
  if (vr == vr::UL || vr == vr::SL || vr == vr::FL || vr == vr::AT || vr == vr::OF ||
      vr == vr::OL) {
    width = 4;
  }
  if (vr == vr::FD || vr == vr::OD || vr == vr::OV || vr == vr::SV || vr == vr::UV) width = 8;
  Bytes bytes(width, 0x31);
  bytes[0] = static_cast<std::uint8_t>(tag.element & 0xFFU);
  draft.data.put_bytes(where, tag, vr, bytes);
}

void put_canary(Draft& draft, Item& where, Tag tag, unsigned index) {
  const Vr vr = implicit_vr(tag);
  if (vr == vr::SQ) {
    const std::string marker = canary_value(tag, vr::LO, index);
    Item& item = draft.data.put_sequence(where, tag).items.emplace_back();
    draft.text(item, kCodeMeaning, marker);
    return remember(draft, marker);
  }
  std::string value = canary_value(tag, vr, index);
  if (value.empty()) return put_number(draft, where, tag, vr);
  if (tag == tags::SOPInstanceUID) {
    value += "." + std::to_string(draft.options.number) + "." +
             std::to_string(draft.options.instance);
    draft.sop_instance = value;
  }
  const bool own_number = tag == tags::PatientID || tag == tags::StudyInstanceUID;
  if (own_number) value += (vr == vr::UI ? "." : "-") + std::to_string(draft.options.number);
  draft.data.put_text(where, tag, vr, value);
  remember(draft, value);
}

/// Four sequences that Table E.1-1 does not name: only a walk to the bottom finds what is there.
Item& deepest_item(Draft& draft) {
  Item* at = &draft.data.root();
  for (const Tag tag : {kAnatomicRegion, kAnatomicModifier, kEquivalentCode, kEquivalentCode}) {
    Element* sequence = Dataset::find(*at, tag);
    if (sequence == nullptr || sequence->items.empty()) {
      sequence = &draft.data.put_sequence(*at, tag);
      sequence->items.emplace_back();
      draft.text(sequence->items.back(), {0x0008, 0x0100}, "85562004");
      draft.text(sequence->items.back(), {0x0008, 0x0102}, "SCT");
      draft.text(sequence->items.back(), kCodeMeaning, "Hand");
    }
    at = &sequence->items.front();
  }
  return *at;
}

void put_marker(Draft& draft, Item& where, Tag tag, Vr vr) {
  const std::string marker = "CANARY-" + hexadecimal(tag, '-');
  draft.data.put_text(where, tag, vr, marker);
  remember(draft, marker);
}

/// Private attributes, of known and unknown VR, one of them a sequence within UN; a public
/// attribute nobody knows; and padding that pads with something.
void add_odd_places(Draft& draft) {
  Item& root = draft.data.root();
  put_marker(draft, root, {0x0029, 0x0010}, vr::LO);
  put_marker(draft, root, {0x0029, 0x1001}, vr::LO);
  put_marker(draft, root, {0x0029, 0x1002}, vr::UN);
  put_marker(draft, root, {0x0029, 0x1003}, vr::OB);
  put_marker(draft, root, {0x0010, 0x5553}, vr::UN);
  Item inside;
  put_marker(draft, inside, {0x0029, 0x0011}, vr::LO);
  put_marker(draft, inside, {0x0029, 0x1105}, vr::UN);
  Element& sequence = draft.data.put_sequence(root, {0x0029, 0x1004});
  sequence.vr = vr::UN;
  sequence.nested_implicit = true;
  sequence.items.push_back(std::move(inside));
  put_marker(draft, root, {0xFFFC, 0xFFFC}, vr::OB);
}

}  // namespace

void add_canaries(Draft& draft) {
  unsigned index = 0;
  Item deep;
  for (const Tag tag : draft.options.canary_tags) {
    ++index;
    if (is_foreign_group(tag) || is_pixel_data(tag) || tag.group == tags::Item.group) continue;
    put_canary(draft, draft.data.root(), tag, index);
    if (implicit_vr(tag) != vr::SQ) put_canary(draft, deep, tag, index);
  }
  Item& bottom = deepest_item(draft);
  for (Element& element : deep.elements) {
    if (Dataset::find(bottom, element.tag) != nullptr) continue;
    draft.data.put_bytes(bottom, element.tag, element.vr, element.value);
  }
  // A sequence the table does name, which goes with all that is in it.
  Element* request = Dataset::find(draft.data.root(), kRequest);
  if (request == nullptr) request = &draft.data.put_sequence(draft.data.root(), kRequest);
  request->items.push_back(std::move(deep));
  add_odd_places(draft);
}

Bytes canary_head(Draft& draft) {
  const TransferSyntax& syntax = draft.data.syntax();
  Bytes head = write_file_head(Uid{draft.sop_class}, Uid{draft.sop_instance}, syntax.uid);
  const std::string preamble = "CANARY-PREAMBLE";
  std::copy(preamble.begin(), preamble.end(), head.begin());
  remember(draft, preamble);
  // Without its group length (PS3.10 lets no reader rely on it alone) the group may grow.
  constexpr std::ptrdiff_t kBegin = 132;
  constexpr std::ptrdiff_t kGroupLengthBytes = 12;
  head.erase(head.begin() + kBegin, head.begin() + kBegin + kGroupLengthBytes);
  Dataset more(TransferSyntax{});
  for (const Tag tag : {Tag{0x0002, 0x0016}, Tag{0x0002, 0x0017}, Tag{0x0002, 0x0018}}) {
    const std::string marker = "CANARY-" + hexadecimal(tag, '-');
    more.put_text(tag, vr::AE, marker);
    remember(draft, marker);
  }
  const Tag creator{0x0002, 0x0100};
  more.put_text(creator, vr::UI, canary_uid(creator));
  remember(draft, canary_uid(creator));
  put_marker(draft, more.root(), {0x0002, 0x0102}, vr::OB);
  if (auto written = write_dataset(more); written.ok()) {
    head.insert(head.end(), written->own.begin(), written->own.end());
  }
  // With the group length at its place again, for readers that want it.
  const auto length = static_cast<std::uint32_t>(head.size() - std::size_t{kBegin});
  Bytes group = {0x02, 0x00, 0x00, 0x00, 'U', 'L', 0x04, 0x00};
  for (unsigned i = 0; i < 4; ++i) {
    group.push_back(static_cast<std::uint8_t>((length >> (8U * i)) & 0xFFU));
  }
  head.insert(head.begin() + kBegin, group.begin(), group.end());
  return head;
}

}  // namespace phantom
}  // namespace veilroute::dicom

#include "tests/profiles/planter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tests/profiles/objects.h"

namespace veilroute::profiles::proof {
namespace {

using dicom::Dataset;
using dicom::Element;
using dicom::Item;
using dicom::Tag;
using dicom::Vr;
namespace vr = dicom::vr;

constexpr Tag kAnatomicRegion{0x0008, 0x2218}, kAnatomicModifier{0x0008, 0x2220},
    kEquivalentCode{0x0008, 0x0121};
constexpr unsigned kDeepest = 8;

/// Items within items of sequences that Table E.1-1 does not name: only a walk to the bottom finds
/// what stands there.
Item& item_at(Dataset& object, unsigned depth) {
  Item* at = &object.root();
  for (unsigned i = 0; i < depth; ++i) {
    const Tag tag = i == 0 ? kAnatomicRegion : i == 1 ? kAnatomicModifier : kEquivalentCode;
    Item& item = object.put_sequence(*at, tag).items.emplace_back();
    object.put_text(item, {0x0008, 0x0100}, vr::SH, "85562004");
    object.put_text(item, {0x0008, 0x0102}, vr::SH, "SCT");
    object.put_text(item, {0x0008, 0x0104}, vr::LO, "Hand");
    at = &item;
  }
  return *at;
}

bool holds_several(Vr which) {
  return dicom::is_text(which) && which != vr::LT && which != vr::ST && which != vr::UT &&
         which != vr::UR;
}

std::string harmless(Vr which) {
  if (which == vr::UI) return "1.2.840.10008.1.2";
  if (which == vr::DS || which == vr::IS) return "1";
  if (which == vr::DA) return "19000101";
  if (which == vr::DT) return "19000101000000";
  if (which == vr::TM) return "000000";
  if (which == vr::AS) return "050Y";
  return "AXIAL";
}

/// A VR under which some reader would take the value for something else.
Vr other_than(Vr registered) {
  if (registered == vr::LO) return vr::ST;
  if (dicom::is_text(registered) || registered == vr::UI) return vr::LO;
  return vr::SH;
}

/// What is planted in an attribute of a registered VR at a place; empty: nothing.
struct Dressed {
  Vr stated = Vr::none;
  std::string value;
};
Dressed dressed(const Fact& fact, Vr registered, Place place) {
  std::string form = form_of(fact, registered);
  switch (place) {
    case Place::other_vr: {
      const Vr stated = other_than(registered);
      return {stated, form_of(fact, stated)};
    }
    case Place::as_unknown:
      return {vr::UN, form.empty() ? std::string(fact.text) : form};
    case Place::second_value:
      if (form.empty() || !holds_several(registered)) return {};
      return {registered, harmless(registered) + "\\" + form};
    case Place::behind_nul:
      if (form.empty() || !dicom::is_text(registered)) return {};
      return {registered, harmless(registered) + std::string(1, '\0') + form};
    case Place::padded:
      if (form.empty() || !dicom::is_text(registered)) return {};
      return {registered, "   " + form + std::string("  \0\0\0", 5)};
    case Place::top:
    case Place::item:
    case Place::deep:
      break;
  }
  return {registered, std::move(form)};
}

void fill_item(Dataset& object, Item& item, const Fact& fact) {
  object.put_text(item, {0x0008, 0x0104}, vr::LO, fact.text);
  object.put_text(item, {0x0010, 0x0010}, vr::PN, fact.text);
  object.put_text(item, {0x0040, 0xA160}, vr::UT, fact.text);
}

}  // namespace

std::string_view to_string(Place place) {
  static constexpr std::array<std::string_view, 8> kWords{
      "top", "second value", "behind NUL", "padded", "other VR", "as UN", "item", "deep"};
  return kWords[static_cast<std::size_t>(place)];
}

bool is_frame(Tag tag) {
  const bool pixels = tag.group == 0x7FE0 ||
                      (tag.group == 0x0028 && (tag.element <= 0x0103 || tag.element == 0x0301));
  const bool identity = tag == dicom::tags::SOPClassUID || tag == dicom::tags::SOPInstanceUID ||
                        tag == dicom::tags::StudyInstanceUID ||
                        tag == dicom::tags::SeriesInstanceUID || tag == dicom::tags::Modality ||
                        tag == dicom::tags::SpecificCharacterSet || tag == Tag{0x0008, 0x0008};
  const bool holds_back = tag == Tag{0x0040, 0xA730} || tag == Tag{0x0042, 0x0011};
  const bool own_home = std::any_of(facts().begin(), facts().end(),
                                    [tag](const Fact& fact) { return fact.home == tag; });
  const bool planes = (tag.group & 0xFF00U) == 0x6000U || (tag.group & 0xFF00U) == 0x5000U;
  const bool foreign = tag.group <= 0x0004 || tag.group == 0xFFFE || tag.is_group_length();
  return pixels || identity || holds_back || own_home || planes || foreign;
}

Planted plant(const Fact& fact, Place place, std::string_view transfer_syntax) {
  Planted planted{person(transfer_syntax)};
  Dataset& object = planted.object;
  const unsigned depth = place == Place::item ? 1 : place == Place::deep ? kDeepest : 0;
  Item& where = item_at(object, depth);
  for (const auto& entry : dicom::all_entries()) {
    if (is_frame(entry.tag) || Dataset::find(where, entry.tag) != nullptr) continue;
    if (entry.vr == vr::SQ && place != Place::other_vr && place != Place::as_unknown) {
      fill_item(object, object.put_sequence(where, entry.tag).items.emplace_back(), fact);
      ++planted.count;
      continue;
    }
    const Dressed value = dressed(fact, entry.vr, place);
    if (value.value.empty()) continue;
    object.put_text(where, entry.tag, value.stated, value.value);
    ++planted.count;
  }
  return planted;
}

const std::vector<OddPlace>& odd_places() {
  static const auto kText = [](Tag tag, Vr which) {
    return [=](Dataset& object, const std::string& text) { object.put_text(tag, which, text); };
  };
  static const std::vector<OddPlace> kOdd{
      {"private creator", kText({0x0029, 0x0010}, vr::LO)},
      {"private with creator",
       [](Dataset& object, const std::string& text) {
         object.put_text({0x0029, 0x0010}, vr::LO, "ACME 1.0");
         object.put_text({0x0029, 0x1001}, vr::LO, text);
         object.put_text({0x0029, 0x1002}, vr::UN, text);
         object.put_text({0x0029, 0x1003}, vr::OB, text);
       }},
      {"private of a safe block",
       [](Dataset& object, const std::string& text) {
         object.put_text({0x7053, 0x0010}, vr::LO, "Philips PET Private Group");
         object.put_text({0x7053, 0x1000}, vr::DS, text);
         object.put_text({0x7053, 0x1009}, vr::LO, text);
       }},
      {"private without creator", kText({0x0029, 0x1001}, vr::LO)},
      {"private below the creators", kText({0x0029, 0x0001}, vr::LO)},
      {"private sequence",
       [](Dataset& object, const std::string& text) {
         object.put_text({0x0029, 0x0010}, vr::LO, "ACME 1.0");
         Item& item = object.put_sequence(object.root(), {0x0029, 0x1004}).items.emplace_back();
         object.put_text(item, {0x0010, 0x0010}, vr::PN, text);
       }},
      {"sequence as UN",
       [](Dataset& object, const std::string& text) {
         Element& sequence = object.put_sequence(object.root(), {0x0008, 0x2218});
         sequence.vr = vr::UN;
         sequence.nested_implicit = true;
         object.put_text(sequence.items.emplace_back(), {0x0010, 0x0010}, vr::PN, text);
       }},
      {"unknown public", kText({0x0010, 0x5553}, vr::LO)},
      {"unknown public as UN", kText({0x0010, 0x5555}, vr::UN)},
      {"local code",
       [](Dataset& object, const std::string& text) {
         Item& item = object.put_sequence(object.root(), {0x0008, 0x2218}).items.emplace_back();
         object.put_text(item, {0x0008, 0x0100}, vr::SH, text.substr(0, 16));
         object.put_text(item, {0x0008, 0x0102}, vr::SH, "99LOCAL");
         object.put_text(item, {0x0008, 0x0104}, vr::LO, text);
       }},
      {"published code",
       [](Dataset& object, const std::string& text) {
         Item& item = object.put_sequence(object.root(), {0x0008, 0x2218}).items.emplace_back();
         object.put_text(item, {0x0008, 0x0100}, vr::SH, "85562004");
         object.put_text(item, {0x0008, 0x0102}, vr::SH, "SCT");
         object.put_text(item, {0x0008, 0x0104}, vr::LO, text);
       }},
      {"content item",
       [](Dataset& object, const std::string& text) {
         Item& item = object.put_sequence(object.root(), {0x0040, 0xA730}).items.emplace_back();
         object.put_text(item, {0x0040, 0xA040}, vr::CS, "TEXT");
         object.put_text(item, {0x0040, 0xA160}, vr::UT, text);
         object.put_text(item, {0x0040, 0xA123}, vr::PN, text);
       }},
      {"trailing padding", kText({0xFFFC, 0xFFFC}, vr::OB)},
      {"overlay bits", kText({0x6000, 0x3000}, vr::OB)},
      {"overlay label", kText({0x6002, 0x1500}, vr::LO)},
      {"overlay description", kText({0x601E, 0x0022}, vr::LO)},
      {"curve data", kText({0x5000, 0x3000}, vr::OB)},
      {"curve description", kText({0x501E, 0x0022}, vr::LO)},
      {"icon",
       [](Dataset& object, const std::string& text) {
         Item& item = object.put_sequence(object.root(), {0x0088, 0x0200}).items.emplace_back();
         object.put_text(item, dicom::tags::PixelData, vr::OB, text);
       }},
      {"pixel data of an item",
       [](Dataset& object, const std::string& text) {
         Item& item = object.put_sequence(object.root(), {0x0008, 0x2218}).items.emplace_back();
         object.put_text(item, dicom::tags::PixelData, vr::OB, text);
       }},
      {"surplus pixel bytes",
       [](Dataset& object, const std::string& text) {
         Bytes pixels(16, 3);
         pixels.insert(pixels.end(), text.begin(), text.end());
         object.put_bytes(object.root(), dicom::tags::PixelData, vr::OW,
                          object.keep(std::move(pixels)));
       }},
      {"look-up table", kText({0x0028, 0x3006}, vr::OW)},
      {"directory group", kText({0x0004, 0x1141}, vr::CS)},
      {"signature",
       [](Dataset& object, const std::string& text) {
         Item& item = object.put_sequence(object.root(), {0xFFFA, 0xFFFA}).items.emplace_back();
         object.put_text(item, {0x0400, 0x0115}, vr::OB, text);
       }},
      {"ICC profile", kText({0x0028, 0x2000}, vr::OB)},
  };
  return kOdd;
}

void walk(const Item& item, const std::string& prefix,
          const std::function<void(const std::string&, const Element&)>& each) {
  for (const Element& element : item.elements) {
    const std::string path = prefix + dicom::to_text(element.tag);
    each(path, element);
    for (std::size_t i = 0; i < element.items.size(); ++i) {
      walk(element.items[i], path + "[" + std::to_string(i + 1) + "].", each);
    }
  }
}

std::vector<std::string> paths_holding(const Dataset& copy,
                                       const std::vector<std::string>& needles) {
  std::vector<std::string> paths;
  walk(copy.root(), "", [&](const std::string& path, const Element& element) {
    if (element.holds == dicom::Holds::value && holds_any(element.value, needles)) {
      paths.push_back(path);
    }
  });
  return paths;
}

bool holds_any(ByteView bytes, const std::vector<std::string>& needles) {
  const std::string_view text = as_text(bytes);
  return std::any_of(needles.begin(), needles.end(),
                     [text](const std::string& each) { return text.find(each) != text.npos; });
}

}  // namespace veilroute::profiles::proof

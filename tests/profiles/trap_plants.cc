#include "tests/profiles/trap_plants.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/dicom/encoded.h"
#include "tests/profiles/allowances.h"
#include "tests/profiles/objects.h"
#include "tests/profiles/planter.h"

namespace veilroute::profiles::proof {
namespace {

using dicom::Dataset;
using dicom::Element;
using dicom::Item;
using dicom::Tag;
using dicom::testing::element;
using dicom::testing::explicit_head;
using dicom::testing::item;
using dicom::testing::raw;
using dicom::testing::operator+;
using namespace std::string_literals;
namespace vr = dicom::vr;

constexpr std::string_view kWho = "Quillfeather";

std::string layout_of(const std::string& word) {
  if (word == "explicit") return std::string(dicom::kExplicitLittleEndian);
  if (word == "implicit") return std::string(dicom::kImplicitLittleEndian);
  if (word == "big") return std::string(dicom::kExplicitBigEndian);
  if (word == "deflated") return std::string(dicom::kDeflated);
  return word;
}

Bytes written(const Dataset& object) {
  const auto out = dicom::write_dataset(object);
  EXPECT_TRUE(out.ok());
  return out.ok() ? out->own : Bytes{};
}

/// The item at the end of a path of sequences: each gets one, or has it already.
Item& item_at_path(Dataset& object, const std::vector<std::string>& tags) {
  Item* at = &object.root();
  for (std::size_t i = 0; i + 1 < tags.size(); ++i) {
    const Tag tag = dicom::parse_tag(tags[i]).value_or(Tag{});
    Element* sequence = Dataset::find(*at, tag);
    if (sequence == nullptr || sequence->holds != dicom::Holds::sequence) {
      sequence = &object.put_sequence(*at, tag);
    }
    if (sequence->items.empty()) sequence->items.emplace_back();
    at = &sequence->items.front();
  }
  return *at;
}

void put(Dataset& object, const std::string& step) {
  const std::size_t first = step.find(' ');
  ASSERT_TRUE(step.starts_with("(") && step.size() > first + 4) << step;
  const std::vector<std::string> tags = split(step.substr(0, first), '.');
  const dicom::Vr which = dicom::vr_of(step[first + 1], step[first + 2]);
  const auto tag = dicom::parse_tag(tags.back());
  ASSERT_TRUE(tag.has_value() && dicom::is_known(which)) << step;
  object.put_text(item_at_path(object, tags), *tag, which, unescaped(step.substr(first + 4)));
}

void odd(Dataset& object, const std::string& step) {
  const std::size_t equals = step.find(" = ");
  for (const OddPlace& place : odd_places()) {
    if (step.substr(0, equals) == place.name) return place.plant(object, step.substr(equals + 3));
  }
  ADD_FAILURE() << "no odd place is called " << step;
}

/// A segment of a JPEG: marker, length, content.
std::string segment(unsigned char marker, const std::string& content) {
  const std::size_t length = content.size() + 2;
  return "\xFF"s + static_cast<char>(marker) + static_cast<char>(length >> 8U) +
         static_cast<char>(length & 0xFFU) + content;
}

/// As much of a JPEG as its markers are; `extra` behind its beginning.
std::string jpeg(const std::string& extra) {
  return "\xFF\xD8"s + extra + segment(0xDB, "\0quantisers"s) +
         segment(0xC0,
                 "\x8"
                 "frame"s) +
         segment(0xC4, "huffman") + segment(0xDA, "\1\1\0\0\x3F\0"s) + "coded\xFF\0data"s +
         "\xFF\xD9"s;
}

Bytes encapsulated(const std::vector<std::string>& fragments) {
  Dataset object = person(dicom::kExplicitLittleEndian);
  Dataset::remove(object.root(), dicom::tags::PixelData);
  Bytes bytes = written(object) +
                explicit_head(dicom::tags::PixelData, "OB", dicom::testing::kUndefined) + item({});
  for (std::string fragment : fragments) {
    if (fragment.size() % 2 != 0) fragment += '\0';
    bytes = bytes + item(raw(fragment));
  }
  return bytes + dicom::testing::sequence_end();
}

Trap of_bytes(Bytes bytes, std::string_view syntax = dicom::kExplicitLittleEndian) {
  return {std::move(bytes), dicom::find_transfer_syntax({std::string(syntax)}).value()};
}

Bytes person_bytes() { return written(person(dicom::kExplicitLittleEndian)); }

/// Bytes that no writer of ours makes, by name.
const std::map<std::string, std::function<Trap()>>& raw_traps() {
  constexpr const char* kJpeg = "1.2.840.10008.1.2.4.50";
  static const std::string who(kWho);
  static const std::map<std::string, std::function<Trap()>> kTraps{
      {"group length",
       [] {
         return of_bytes(element({0x0008, 0x0000}, "UL", "\x51\x01\0\0"s) + person_bytes());
       }},
      {"behind the end", [] { return of_bytes(person_bytes() + raw(who)); }},
      {"meta group",
       [] {
         return of_bytes(element({0x0002, 0x0016}, "AE", who) + person_bytes());
       }},
      {"duplicate name",
       [] {
         const Bytes name = element({0x7FE1, 0x0010}, "LO", who);
         return of_bytes(person_bytes() + name + name);
       }},
      {"name out of order",
       [] {
         return of_bytes(person_bytes() + element({0x0010, 0x0010}, "PN", who));
       }},
      {"lying length",
       [] {
         return of_bytes(person_bytes() + explicit_head({0x7FE1, 0x0010}, "LO", 200) + raw(who));
       }},
      {"fragment behind the last frame",
       [] {
         return of_bytes(encapsulated({jpeg(""), who}), kJpeg);
       }},
      {"JPEG comment", [] { return of_bytes(encapsulated({jpeg(segment(0xFE, who))}), kJpeg); }},
      {"JPEG EXIF",
       [] { return of_bytes(encapsulated({jpeg(segment(0xE1, "Exif\0\0MM\0*"s + who))}), kJpeg); }},
      {"JPEG behind its end", [] { return of_bytes(encapsulated({jpeg("") + who}), kJpeg); }},
      {"JPEG 2000 in a box",
       [] {
         const std::string box = "\0\0\0\x0CjP  \r\n\x87\n\0\0\0\x14xml "s + who;
         return of_bytes(encapsulated({box + "\xFF\x4F\xFF\xD9"s}), "1.2.840.10008.1.2.4.90");
       }},
      {"MPEG",
       [] { return of_bytes(encapsulated({"\0\0\1\xB2"s + who}), "1.2.840.10008.1.2.4.100"); }},
  };
  return kTraps;
}

}  // namespace

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\\x" && i + 3 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    } else if (text.substr(i, 2) == "\\\\") {
      out += '\\';
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

Trap plant_trap(const std::string& doing) {
  std::vector<std::string> steps;
  for (std::size_t at = 0; at != std::string::npos + 3;) {
    const std::size_t end = doing.find(" ; ", at);
    steps.push_back(doing.substr(at, end - at));
    if (end == std::string::npos) break;
    at = end + 3;
  }
  if (steps.front().starts_with("raw ")) {
    const auto found = raw_traps().find(steps.front().substr(4));
    EXPECT_NE(found, raw_traps().end()) << doing;
    return found == raw_traps().end() ? of_bytes({}) : found->second();
  }
  std::string layout(dicom::kExplicitLittleEndian);
  for (const std::string& step : steps) {
    if (step.starts_with("layout ")) layout = layout_of(step.substr(7));
  }
  Dataset object = person(layout);
  Trap trap = of_bytes({}, layout);
  for (const std::string& step : steps) {
    if (step.starts_with("layout ")) continue;
    if (step == "untrusted") {
      trap.trusted = false;
    } else if (step.starts_with("class ")) {
      object.put_text(dicom::tags::SOPClassUID, vr::UI, step.substr(6));
    } else if (step.starts_with("without ")) {
      Dataset::remove(object.root(), dicom::parse_tag(step.substr(8)).value_or(Tag{}));
    } else if (step.starts_with("odd ")) {
      odd(object, step.substr(4));
    } else {
      put(object, step);
    }
  }
  trap.bytes = written(object);
  return trap;
}

}  // namespace veilroute::profiles::proof
